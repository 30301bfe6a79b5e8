"""The files of a release: which there are, how they are packed, and evidence in RDF 1.2."""

import gzip
import hashlib
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small import lay

from app.namespaces import BASE
from app.record.record import read_record
from app.release import build
from app.release.bundle import bundle
from app.release.formats.packing import pack

E = "http://e.org/"
ID = f"{BASE}id/"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF-level1"


def bundled(folder: Path, text: str) -> tuple[set[str], list[str]]:
    """Return the files of a release of a text of Turtle, and what was noted."""
    (folder / "a.ttl").write_text(text, encoding="utf-8")
    notes: list[str] = []
    bundle([folder / "a.ttl"], E, folder / "out", formats=None, note=notes.append, prove=True)
    return {path.name for path in (folder / "out").iterdir()}, notes


RDF = {"dialogue.nq", "dialogue.trig", "dialogue.ttl", "dialogue.nt"}
NO_RECORD = "rdf12 is left out: this is no record"


def packed(*names: str) -> set[str]:
    return {*names, *(f"{name}.gz" for name in names), "SHA256SUMS", "release.json"}


def test_rdf_of_others_has_every_format_that_is_of_no_record(tmp_path: Path) -> None:
    files, notes = bundled(tmp_path, "<e:a> <http://e.org/p> 1 .")
    others = "dialogue.rdf", "dialogue.jsonld", "context.jsonld"
    assert {name for name in files if "dialogue" in name or "json" in name} >= packed(
        *RDF, *others
    ) - {"SHA256SUMS"}
    assert NO_RECORD in notes


@pytest.mark.parametrize("prefix", ["xml", "xmlns", "XMLa", "e"])
def test_prefixes_that_xml_keeps_for_itself_are_not_declared_in_it(
    tmp_path: Path, prefix: str
) -> None:
    files, _ = bundled(tmp_path, f"@prefix {prefix}: <http://e.org/> . <e:a> {prefix}:p 1 .")
    assert "dialogue.rdf" in files
    document = (tmp_path / "out/dialogue.rdf").read_bytes()
    (described,) = ElementTree.fromstring(document)
    assert [element.tag for element in described] == ["{http://e.org/}p"]
    assert (f"xmlns:{prefix}=".encode() in document) is (prefix == "e")
    turtle = (tmp_path / "out/dialogue.ttl").read_text(encoding="utf-8")
    assert f"@prefix {prefix}: <http://e.org/>" in turtle


@pytest.mark.parametrize(
    ("text", "missing", "line"),
    [
        (
            "<e:a> <http://e.org/7> 1 .",
            "dialogue.rdf",
            "rdfxml is left out: http://e.org/7 ends in no name of XML",
        ),
        (
            '<e:a> <e:p> "\\u0007" .',
            "dialogue.rdf",
            "rdfxml is left out: a value of e:p holds U+0007, which XML cannot write",
        ),
        (
            "<e:a> <e:p> <<( <e:b> <e:p> <e:c> )>> .",
            "dialogue.rdf",
            "rdfxml is left out: it holds terms of RDF 1.2",
        ),
        (
            "<e:a> <e:p> <<( <e:b> <e:p> <e:c> )>> .",
            "dialogue.jsonld",
            "jsonld is left out: it holds terms of RDF 1.2",
        ),
        (
            '<e:a> <e:p> "a"@ar--rtl .',
            "dialogue.jsonld",
            "jsonld is left out: it holds terms of RDF 1.2",
        ),
    ],
)
def test_a_format_that_cannot_say_a_term_is_left_out_with_one_line(
    tmp_path: Path, text: str, missing: str, line: str
) -> None:
    files, notes = bundled(tmp_path, text)
    assert missing not in files
    assert files > RDF
    assert notes.count(line) == 1


def test_a_file_is_packed_without_a_name_and_a_time(tmp_path: Path) -> None:
    file = tmp_path / "dialogue.nq"
    file.write_bytes(b"a line\n" * 9999)
    content = pack(file).read_bytes()
    # Its flags name no field, its time is none, and it was packed as small as can be.
    assert content[:9] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02"
    assert gzip.decompress(content) == file.read_bytes()
    (tmp_path / "elsewhere.nq").write_bytes(file.read_bytes())
    assert pack(tmp_path / "elsewhere.nq").read_bytes() == content


def test_every_file_is_listed_packed_too(released: Path) -> None:
    lines = (released / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    for name in ("dialogue.nq", "dialogue.rdf", "context.jsonld", "ontology.ttl"):
        content = (released / f"{name}.gz").read_bytes()
        assert sums[f"{name}.gz"] == hashlib.sha256(content).hexdigest()
        assert gzip.decompress(content) == (released / name).read_bytes()
        assert sums[name] == hashlib.sha256((released / name).read_bytes()).hexdigest()
    assert not [name for name in sums if name.endswith((".gz.gz", ".json.gz", ".rq.gz"))]


def test_who_says_a_fact_reifies_it_and_what_is_not_held_is_not_asserted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build.build(read_record(lay(tmp_path / "in")), out, as_of=date(2026, 1, 2), formats=["rdf12"])
    text = (out / "dialogue-rdf12.ttl").read_text(encoding="utf-8")
    blocks = {block.splitlines()[0]: block for block in text.split("\n\n") if block}
    conference = blocks[f"<{ID}conference/one>"]
    assert (
        re.sub("derivation/[0-9a-f]{16}", "derivation/1", conference)
        == f"""\
<{ID}conference/one>
    a dlg:Conference ~ <{ID}evidence/page.001> ;
    dlg:begins "2015-05-19"^^xsd:date ~ <{BASE}graph/derivation/1> ;
    dlg:date "2015-05-19"^^<{EDTF}> ~ <{ID}evidence/page.001> ;
    dlg:ends "2015-05-19"^^xsd:date ~ <{BASE}graph/derivation/1> ;
    dlg:place <{ID}place/lisbon> ~ <{ID}evidence/page.001> ;
    dlg:precision dlg:day ~ <{BASE}graph/derivation/1> ;
."""
    )
    assert (
        blocks[f"<{ID}evidence/page.002>"]
        == f"""\
<{ID}evidence/page.002>
    a dlg:Evidence ;
    dlg:quote "in 2016"@en ;
    dlg:source <{ID}source/page> ;
    dlg:stance dlg:rejected ;
    rdf:reifies <<( <{ID}conference/one> dlg:date "2016"^^<{EDTF}> )>> ;
."""
    )
    whole = (out / "dialogue-rdf12.trig").read_text(encoding="utf-8")
    assert conference in whole
    # Evidence has no graph any more, the vocabulary has.
    graphs = re.findall("^<(.*)> {$", whole, re.MULTILINE)
    names = "dataset", "ontology", "rule/dates", "rule/hosted", "shapes"
    assert graphs == [f"{BASE}graph/{name}" for name in names]
