"""Which tables the workbook of a release has, in which order, and what it says of the release."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from tabular import PREFIXES, lay
from website import RECORD

from app.exports import xlsx
from app.record.record import read_record
from app.release.build import build
from app.release.formats import workbook
from app.release.material import Material

TWO = """\
@prefix : <http://example.org/> .
@prefix a: <http://another.example/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

a:card a a:Card ; rdfs:label "A card", "Another name" .
:north a :Area ; rdfs:label "North" .
:fort a :Fort ; rdfs:label "Fort", "Keep" ; :in :north .
:tower a :Fort ; rdfs:label "Tower" ; :in :north .
:castle a :Fort ; rdfs:label "Castle" ; :in :north .
:wall a :Wall ; rdfs:label "Wall" .
:page.1 { :fort :in :north . }
:page.1 dlg:stance dlg:accepted ; dlg:quote "in the north"@en .
"""


def names(folder: Path, text: str) -> list[str]:
    material = Material(lay(folder, text), (), PREFIXES, "http://example.org/")
    return [table.name for table in workbook.tables(material)]


def test_what_is_led_to_and_much_is_said_of_comes_first_and_other_vocabularies_last(
    tmp_path: Path,
) -> None:
    assert names(tmp_path / "two", TWO) == [
        "Fort", "Fort--label_2", "Area", "Wall", "evidence", "Card", "Card--label_2",
    ]  # fmt: skip
    # What as much leads to and more is said of comes before what is as large.
    more = TWO + ":fort :of :wall . :tower :of :wall . :castle :of :wall . :wall :height 3 ."
    assert names(tmp_path / "more", more)[:4] == ["Fort", "Fort--label_2", "Wall", "Area"]


def test_values_have_the_name_of_their_thing_first(tmp_path: Path) -> None:
    material = Material(lay(tmp_path, TWO), (), PREFIXES, "http://example.org/")
    (side,) = (one for one in workbook.tables(material) if one.name == "Fort--label_2")
    (plain,) = (one for one in material.tables if one.name == "Fort--label_2")
    assert [column.name for column in xlsx.arranged(side)] == ["subject_label", "subject", "value"]
    assert [row[1:] for row in xlsx.rows(side)] == [[*row] for row in plain.rows()]
    assert {(row[0], str(row[1]).rpartition("/")[2]) for row in xlsx.rows(side)} == {
        ("Castle", "castle"), ("Fort", "fort"), ("Tower", "tower"),
    }  # fmt: skip


def test_a_dataset_without_classes_has_no_tables(tmp_path: Path) -> None:
    assert names(tmp_path, "@prefix : <http://example.org/> . :a :b :c .") == []


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """The workbook of the small record, proved."""
    folder = tmp_path_factory.mktemp("workbook") / "release"
    build(read_record(RECORD), folder, as_of=date(2026, 11, 30), formats=["xlsx"], prove=True)
    return openpyxl.load_workbook(folder / "dialogue.xlsx")


def test_the_first_sheet_says_which_release_this_is(book: Workbook) -> None:
    rows = [*book["Read me"].iter_rows(max_col=2, values_only=True)]
    assert rows[0] == ("A record to test pages with", None)
    assert rows[1:5] == [
        ("Version", "2026-11-30"),
        ("Licence", "https://creativecommons.org/licenses/by/4.0/"),
        ("Released", "2026-11-30"),
        ("Address", "https://w3id.org/dialogue/dataset"),
    ]
    notes = dict(rows[5:])
    assert notes["What is left out"] == "No row of these tables."
    assert "quote" in str(notes["Evidence"])
    assert notes["Conference"] == (
        "conference: Meeting of the members of a framework, at the level of ministers."
    )
    assert book.properties.title == "A record to test pages with"
    assert book.properties.created == datetime(2026, 11, 30)


def test_all_tables_of_the_release_are_there_with_rows_and_quotes(book: Workbook) -> None:
    listed = [row[0] for row in book["Read me"].iter_rows(values_only=True) if row[0]]
    assert listed[-len(book.sheetnames) + 2 :] == book.sheetnames[2:]
    assert {"Conference", "Conference--sameAs", "evidence"} < {*book.sheetnames}
    after = book.sheetnames.index("Conference")
    beside = [name for name in book.sheetnames if name.startswith("Conference--")]
    assert book.sheetnames[after + 1 : after + 1 + len(beside)] == beside
    head, *rows = book["evidence"].iter_rows(values_only=True)
    assert any(row[head.index("quote")] for row in rows)


def test_what_is_no_record_says_its_day_alone(tmp_path: Path) -> None:
    folder = lay(tmp_path, TWO)
    preface = workbook.preface(Material(folder, (), {}, "http://e.org/", day="2026-11-30"))
    assert (preface.title, [*preface.facts]) == ("Tables", [("Released", "2026-11-30")])
