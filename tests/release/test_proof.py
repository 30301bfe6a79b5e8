"""The proof of a release: a file that holds anything else is named, with a quad; others are not."""

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.manifest import DATASET
from app.release import distributions
from app.release.bundle import bundle
from app.release.formats.proof import Unproven
from app.release.material import Advance, Distribution, Material, Writer

E = "http://e.org/"
TEXT = """\
@prefix e: <http://e.org/> .
e:a e:p e:b ; e:name "A"@en .
e:b e:part [ e:name "inner" ] .
e:g { e:a e:p e:c }
"""
FORMATS = "trig", "turtle", "ntriples", "rdfxml", "context", "jsonld", "gzip"


def material(folder: Path) -> Material:
    return Material(folder, (), {}, E)


def differences(folder: Path) -> list[str]:
    """Return what the proof of each format says of a release."""
    return [line for one in distributions.WRITERS if one.name in FORMATS
            for line in one.differences(material(folder))]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.trig").write_text(TEXT, encoding="utf-8")
    bundle([tmp_path / "a.trig"], E, tmp_path / "release", formats=FORMATS)
    return tmp_path / "release"


def test_a_release_that_is_whole_has_no_differences(folder: Path) -> None:
    assert differences(folder) == []


NAMED = '<http://e.org/a> <http://e.org/name> "A"@en .'
OTHER = '<http://e.org/a> <http://e.org/name> "Å"@en .'


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("name", "change", "line"),
    [
        ("dialogue.trig", replaced('"A"', '"Å"'), f"has what {DATASET} has not: {OTHER}"),
        ("dialogue.ttl", replaced('"A"', '"Å"'), f"has what {DATASET} has not: {OTHER}"),
        ("dialogue.nt", replaced('"A"', '"Å"'), f"has what {DATASET} has not: {OTHER}"),
        ("dialogue.rdf", replaced(">A<", ">Å<"), f"has what {DATASET} has not: {OTHER}"),
        ("dialogue.jsonld", replaced('"A"', '"Å"'), f"has what {DATASET} has not: {OTHER}"),
        ("dialogue.nt", replaced(f"{NAMED}\n", ""), f"lacks {NAMED}"),
        ("dialogue.jsonld", replaced('{"en":["A"]}', "{}"), f"lacks {NAMED}"),
        (
            "dialogue.jsonld",
            replaced('"@graph":[{"id":"e:a","p":["e:c"]}]', '"@graph":[]'),
            "lacks <http://e.org/a> <http://e.org/p> <http://e.org/c> <http://e.org/g> .",
        ),
        (
            "dialogue.ttl",
            replaced('"inner"', '"other"'),
            'lacks _:c14n0 <http://e.org/name> "inner" .',
        ),
    ],
)
def test_a_file_that_holds_something_else_is_named_with_a_quad(
    folder: Path, name: str, change: Callable[[str], str], line: str
) -> None:
    file = folder / name
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    packed = f"{name}.gz: holds something else than {name}"
    assert differences(folder) == [f"{name}: {line}", packed]


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "dialogue.trig").write_text("<", encoding="utf-8")
    (folder / "dialogue.nt").unlink()
    (folder / "dialogue.nq.gz").write_bytes(b"no gzip")
    (folder / "dialogue.ttl.gz").write_bytes((folder / "dialogue.ttl.gz").read_bytes()[:-9])
    found = differences(folder)
    assert [line.partition(":")[0] for line in found] == [
        "dialogue.trig", "dialogue.nt", "dialogue.nq.gz", "dialogue.trig.gz", "dialogue.ttl.gz"
    ]  # fmt: skip
    assert found[0].startswith("dialogue.trig: cannot be read: ")


def test_other_labels_of_blank_nodes_are_no_difference(folder: Path) -> None:
    file = folder / "dialogue.nt"
    file.write_text(file.read_text(encoding="utf-8").replace("_:b0", "_:other"), encoding="utf-8")
    (folder / "dialogue.nt.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert differences(folder) == []


def lie(material: Material, advance: Advance) -> None:
    (material.folder / "lie.txt").write_text("lie", encoding="utf-8")


LIAR = Writer(
    "lie", (Distribution("lie.txt", "text/plain", "A lie"),), lie,
    differences=lambda material: [f"lie.txt: {(material.folder / 'lie.txt').read_text()}"],
)  # fmt: skip


def test_what_is_not_proved_replaces_no_release(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributions, "WRITERS", (*distributions.WRITERS, LIAR))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Unproven) as raised:
        bundle([tmp_path / "a.trig"], E, folder, formats=["turtle", "lie"], prove=True)
    assert raised.value.differences == ("lie.txt: lie",)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    # Who does not ask for the proof gets the release.
    bundle([tmp_path / "a.trig"], E, folder, formats=["turtle", "lie"])
    assert (folder / "lie.txt").read_text() == "lie"


def test_a_record_is_proved_with_its_evidence(released: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    shutil.copytree(released, folder)
    writer = next(one for one in distributions.WRITERS if one.name == "rdf12")
    assert [*writer.differences(material(folder))] == []
    for name in ("dialogue-rdf12.trig", "dialogue-rdf12.ttl"):
        file = folder / name
        # Who says so is told no longer.
        text, times = re.subn(r" ~ <?[^ >]+>? ;", " ;", file.read_text(encoding="utf-8"), count=1)
        assert times == 1
        file.write_text(text, encoding="utf-8")
    found = [*writer.differences(material(folder))]
    assert [line.partition(": lacks ")[0] for line in found] == [
        "dialogue-rdf12.trig",
        "dialogue-rdf12.ttl",
    ]
    assert all("/id/evidence/" in line or "/graph/derivation/" in line for line in found)
