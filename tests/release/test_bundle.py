"""A release of any RDF: the same bytes from the same files, in every syntax, RDF 1.2 too."""

import gzip
import hashlib
from pathlib import Path

import generated
import pyoxigraph as ox
import pytest

from app import manifest
from app.errors import Fault
from app.release.bundle import bundle

BASE = "https://example.org/"
PREFIX = "@prefix e: <http://e.org/> .\n"


def quads(tmp_path: Path, *files: Path) -> str:
    """Return the N-Quads of a release of files."""
    bundle(files, BASE, tmp_path / "release")
    return (tmp_path / "release" / "dialogue.nq").read_text(encoding="utf-8")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_any_rdf_becomes_a_release_as_it_is(tmp_path: Path) -> None:
    text = f"{PREFIX}e:g {{ e:b e:p e:c . e:a e:p e:c , e:c . }}"
    release = bundle([write(tmp_path / "a.trig", text)], BASE, tmp_path / "out")
    lines = (
        "<http://e.org/a> <http://e.org/p> <http://e.org/c> <http://e.org/g> .\n"
        "<http://e.org/b> <http://e.org/p> <http://e.org/c> <http://e.org/g> .\n"
    )
    assert (tmp_path / "out/dialogue.nq").read_text() == lines
    assert release.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert (release.quads, release.base, release.dataset) == (2, BASE, f"{BASE}dataset")
    assert release.prefixes == {"e": "http://e.org/"}
    assert manifest.require_whole(tmp_path / "out") == release
    # Nothing else is made before somebody asks for it.
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "SHA256SUMS",
        "dialogue.nq",
        "release.json",
    ]


TRIPLE = "<http://e.org/a> <http://e.org/b> <http://e.org/c>"
SYNTAXES = {
    "a.ttl": f"{PREFIX}e:a e:b e:c .",
    "a.trig": f"{PREFIX}e:a e:b e:c .",
    "a.nt": f"{TRIPLE} .",
    "a.nq": f"{TRIPLE} .",
    "a.rdf": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
        '<rdf:Description rdf:about="http://e.org/a"><e:b rdf:resource="http://e.org/c"/>'
        "</rdf:Description></rdf:RDF>"
    ),
    "a.jsonld": '{"@id": "http://e.org/a", "http://e.org/b": {"@id": "http://e.org/c"}}',
}


@pytest.mark.parametrize("name", SYNTAXES)
def test_every_syntax_is_read_compressed_or_not(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, SYNTAXES[name])
    assert quads(tmp_path, file) == f"{TRIPLE} .\n"
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(SYNTAXES[name].encode()))
    assert quads(tmp_path, packed) == f"{TRIPLE} .\n"


NEWER = {
    "triple.ttl": (f"{PREFIX}e:s e:r <<( e:a e:b e:c )>> .", f"<<( {TRIPLE} )>>"),
    "reified.ttl": (f"{PREFIX}<< e:a e:b e:c ~ e:r >> e:q e:x .", f"<<( {TRIPLE} )>>"),
    "annotated.ttl": (f"{PREFIX}e:a e:b e:c ~ e:r {{| e:q e:x |}} .", f"<<( {TRIPLE} )>>"),
    "direction.ttl": (f'{PREFIX}e:a e:b "c"@en--rtl .', '"c"@en--rtl'),
    "version.ttl": (f'VERSION "1.2"\n{PREFIX}e:s e:r <<( e:a e:b e:c )>> .', f"<<( {TRIPLE} )>>"),
    "triple.trig": (f"{PREFIX}e:g {{ e:s e:r <<( e:a e:b e:c )>> }}", f"<<( {TRIPLE} )>>"),
    "triple.nt": (f"<x:s> <x:r> <<( {TRIPLE} )>> .", f"<<( {TRIPLE} )>>"),
    "direction.nt": ('<x:s> <x:r> "c"@en--ltr .', '"c"@en--ltr'),
    "triple.nq": (f"<x:s> <x:r> <<( {TRIPLE} )>> <x:g> .", f"<<( {TRIPLE} )>>"),
}


@pytest.mark.parametrize("name", NEWER)
def test_rdf_12_is_read(tmp_path: Path, name: str) -> None:
    text, expected = NEWER[name]
    content = quads(tmp_path, write(tmp_path / name, text))
    assert expected in content
    # The engine reads back what was written.
    parsed = ox.parse(content, ox.RdfFormat.N_QUADS)
    assert sorted(f"{quad} .\n" for quad in parsed) == content.splitlines(keepends=True)


def test_blank_nodes_have_the_same_names_every_time_and_no_two_files_share_one(
    tmp_path: Path,
) -> None:
    one = write(tmp_path / "1.ttl", f"{PREFIX}e:a e:p [ e:q 'x' ], _:lab . _:lab e:q '_:no' .")
    two = write(tmp_path / "2.ttl", f"{PREFIX}e:b e:p _:lab .")
    first = quads(tmp_path, one, two)
    assert quads(tmp_path, one, two) == first
    assert first == (
        "<http://e.org/a> <http://e.org/p> _:b0 .\n"
        "<http://e.org/a> <http://e.org/p> _:b1 .\n"
        "<http://e.org/b> <http://e.org/p> _:b2 .\n"
        '_:b0 <http://e.org/q> "x" .\n'
        '_:b1 <http://e.org/q> "_:no" .\n'
    )


def test_blank_nodes_within_triple_terms_and_as_graphs_are_renamed_too(tmp_path: Path) -> None:
    text = f"{PREFIX}_:g {{ e:s e:r <<( _:a e:b _:c )>> . _:c e:b e:c . }}"
    assert quads(tmp_path, write(tmp_path / "a.trig", text)) == (
        "<http://e.org/s> <http://e.org/r> <<( _:b0 <http://e.org/b> _:b1 )>> _:b2 .\n"
        "_:b1 <http://e.org/b> <http://e.org/c> _:b2 .\n"
    )


def test_what_only_looks_like_a_blank_node_stays(tmp_path: Path) -> None:
    text = f"""{PREFIX}<http://e.org/_:x> e:p "_:y" , "\\"_:z" , "a"^^<http://e.org/_:w> , _:n ."""
    assert quads(tmp_path, write(tmp_path / "a.ttl", text)) == (
        '<http://e.org/_:x> <http://e.org/p> "\\"_:z" .\n'
        '<http://e.org/_:x> <http://e.org/p> "_:y" .\n'
        '<http://e.org/_:x> <http://e.org/p> "a"^^<http://e.org/_:w> .\n'
        "<http://e.org/_:x> <http://e.org/p> _:b0 .\n"
    )


def test_of_two_meanings_of_a_prefix_the_first_one_counts(tmp_path: Path) -> None:
    one = write(
        tmp_path / "1.ttl", "@prefix e: <http://one/> . @prefix f: <http://f/> . e:a e:b 1 ."
    )
    two = write(
        tmp_path / "2.ttl", "@prefix e: <http://two/> . @prefix g: <http://g/> . e:a e:b 1 ."
    )
    release = bundle([one, two], BASE, tmp_path / "out")
    assert release.prefixes == {"e": "http://one/", "f": "http://f/", "g": "http://g/"}


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.ttl", f"{PREFIX}e:a e:b e:c .\ne:d e:e\n  e:f e:g .", "a.ttl:4:7: "),
        ("a.nt", f"{TRIPLE} .\n{TRIPLE}\n{TRIPLE} .", "a.nt:3:1: "),
        # What is new in RDF 1.2 is no fault, and what is wrong behind it is found.
        ("a.ttl", f"{PREFIX}e:s e:r <<( e:a e:b e:c )>> .\ne:a e:b .", "a.ttl:3:9: "),
        ("a.jsonld", '{"@id": "http://e.org/a",\n "http://e.org/b": }', "a.jsonld:2:"),
    ],
    ids=["turtle", "ntriples", "turtle-12", "jsonld"],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, name: str, text: str, place: str) -> None:
    file = write(tmp_path / name, text)
    with pytest.raises(Fault) as fault:
        bundle([file], BASE, tmp_path / "out")
    assert str(fault.value).startswith(f"{tmp_path}/{place}")
    assert not (tmp_path / "out").exists()


def test_every_unreadable_file_is_told(tmp_path: Path) -> None:
    good = write(tmp_path / "good.ttl", f"{PREFIX}e:a e:b e:c .")
    bad = write(tmp_path / "bad.ttl", "e:a e:b e:c .")
    with pytest.raises(Fault) as fault:
        bundle([bad, good, tmp_path / "gone.nt"], BASE, tmp_path / "out")
    first, second = str(fault.value).splitlines()
    assert first.startswith(f"{bad}:1:1: ")
    assert second == f"{tmp_path}/gone.nt: no such file or folder"


def test_the_share_that_was_read_grows_to_all_of_it(tmp_path: Path) -> None:
    file = generated.write(tmp_path / "a.nt", 120_000)
    shares: list[float] = []
    release = bundle([file, file], BASE, tmp_path / "out", shares.append)
    assert release.quads == 120_000
    assert shares == sorted(shares)
    assert len(shares) == 6
    assert 0 < shares[0] < 0.5 < shares[3] < shares[5] <= 1
