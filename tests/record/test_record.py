"""Reading the record and any other RDF: what is understood, and what is said of what is not."""

import os
from pathlib import Path

import pytest
from small import lay

from app.errors import Fault, ParseFault
from app.record.record import (
    find,
    is_record,
    read_all,
    read_file,
    read_record,
    vocabulary_folders,
)


def test_a_record_knows_its_base_its_prefixes_and_its_rules(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path))
    assert record.base == "https://w3id.org/dialogue/"
    assert record.dataset.value == "https://w3id.org/dialogue/dataset"
    assert record.prefixes == {"dlg": "https://w3id.org/dialogue/ontology#"}
    assert [(rule.name, rule.path.name) for rule in record.rules] == [("hosted", "10-hosted.rq")]
    assert [len(part) for part in (record.ontology, record.data, record.shapes)] == [1, 2, 1]


def test_a_rule_that_no_iri_can_name_is_a_fault(tmp_path: Path) -> None:
    rules = lay(tmp_path) / "ontology/rules"
    (rules / "11-été_2.a.rq").write_text("CONSTRUCT {} WHERE {}")
    assert [rule.name for rule in read_record(tmp_path).rules] == ["hosted", "été_2.a"]
    for name in ("12-two words.rq", "13-a#b.rq"):
        (rules / name).write_text("CONSTRUCT {} WHERE {}")
    with pytest.raises(Fault) as fault:
        read_record(tmp_path)
    why = "a rule is named in IRIs: write letters, digits, - _ and . alone"
    assert str(fault.value) == f"{rules}/12-two words.rq: {why}\n{rules}/13-a#b.rq: {why}"


def test_kept_texts_are_found_by_the_name_of_their_source(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "data/sources").mkdir()
    (tmp_path / "data/sources/page.txt").write_text("words", encoding="utf-8")
    assert read_record(tmp_path).texts == {"page": "words"}


def test_rdf_xml_and_json_ld_are_read_too(tmp_path: Path) -> None:
    json = tmp_path / "a.jsonld"
    json.write_text('{"@id": "http://example.org/a", "http://example.org/b": "c"}')
    document = read_file(json)
    (statement,) = document.statements
    assert str(document.place(statement.object)) == f"{json}:1:57"
    assert str(statement.quad) == '<http://example.org/a> <http://example.org/b> "c"'
    xml = tmp_path / "a.rdf"
    xml.write_text(
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
        '<r:Description r:about="http://example.org/a"><e:b>c</e:b></r:Description></r:RDF>'
    )
    assert read_file(xml).statements[0].quad == statement.quad


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.ttl", None, "gone.ttl: no such file or folder"),
        ("empty.ttl", b" \n", "empty.ttl: the file is empty"),
        ("notes.docx", b"x", "notes.docx: unknown kind of file; RDF files end in one of "),
        (
            "latin.ttl",
            '<a:b> <a:c>\n "é" .'.encode("latin-1"),
            "latin.ttl:2:3: not UTF-8 (byte 0xE9); save it as UTF-8",
        ),
        (
            "binary.ttl",
            b"\x89PNG\0\0",
            "binary.ttl:1:1: not UTF-8 (byte 0x89); looks like a binary file",
        ),
        ("broken.jsonld", b'{"a": ', "broken.jsonld:1:"),
        (
            "bomb.rdf",
            b"<!DOCTYPE x ["
            + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
            + b'<!ENTITY a0 "aaaaaaaaaa">]>'
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:x="&a8;"/>',
            "bomb.rdf:1:",
        ),
    ],
)
def test_what_cannot_be_read_gets_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Fault) as fault:
        read_file(file)
    assert str(fault.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(fault.value)


def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    file = tmp_path / "locked.ttl"
    file.write_text("<a:b> <a:c> <a:d> .")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("whoever runs this may read everything")
    with pytest.raises(Fault, match=r"locked\.ttl: no permission to read it"):
        read_file(file)


def test_a_folder_without_data_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(Fault, match="a folder without data: no RDF file in it"):
        find([tmp_path])


def test_a_path_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<a:b> <a:c> <a:d> .")
    gone = [tmp_path / "gone", tmp_path / "gone.ttl"]
    with pytest.raises(Fault) as fault:
        find([tmp_path, *gone])
    assert str(fault.value).splitlines() == [f"{one}: no such file or folder" for one in gone]
    assert find([tmp_path]) == [tmp_path / "a.ttl"]


def test_a_folder_of_a_record_may_hold_rules_or_templates_alone(tmp_path: Path) -> None:
    lay(tmp_path)
    for file in ("ontology/events.ttl", "shapes/events.ttl"):
        (tmp_path / file).unlink()
    (tmp_path / "ontology/templates/treaties").mkdir(parents=True)
    (tmp_path / "ontology/templates/treaties/treaty.trig.j2").write_text("")
    record = read_record(tmp_path)
    assert ([rule.name for rule in record.rules], record.ontology, record.shapes) == (
        ["hosted"],
        (),
        (),
    )
    assert vocabulary_folders(tmp_path) == (tmp_path,)


def test_every_unreadable_file_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<a:b> <a:c> .")
    (tmp_path / "b.ttl").write_text("nonsense")
    (tmp_path / "c.ttl").write_text("<a:b> <a:c> <a:d> .")
    with pytest.raises(Fault) as fault:
        read_all([tmp_path])
    assert [line.split(":")[0].rpartition("/")[2] for line in str(fault.value).splitlines()] == [
        "a.ttl",
        "b.ttl",
    ]


def test_a_syntax_error_has_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<http://e.org/a>\n  <http://e.org/b> .")
    with pytest.raises(ParseFault) as malformed:
        read_file(file)
    assert (malformed.value.line, malformed.value.column) == (2, 20)


def test_a_folder_that_is_no_record_is_told_why(tmp_path: Path) -> None:
    assert not is_record(tmp_path)
    with pytest.raises(Fault, match=r"not a record: data/dataset\.ttl"):
        read_record(tmp_path)
    with pytest.raises(Fault, match="no such folder"):
        read_record(tmp_path / "gone")


def test_a_record_without_a_base_is_told_so(tmp_path: Path) -> None:
    dataset = lay(tmp_path) / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace("void:uriSpace", "void:feature"))
    with pytest.raises(Fault, match=r"dataset\.ttl: names no void:uriSpace"):
        read_record(tmp_path)
