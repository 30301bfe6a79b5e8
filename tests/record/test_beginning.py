"""A record of one's own: what `init` writes is whole, and `new` leaves only blanks to fill in."""

from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from app.errors import Fault
from app.namespaces import DLG, RDF
from app.rdf import writer
from app.rdf.language_codes import code_of
from app.rdf.parser import Syntax, read
from app.record import beginning, inference, scaffold
from app.record.record import BLANK, Record, program_root, read_record
from app.validation.check import Severity, check

BASE = "https://example.org/small/"
DAY = date(2026, 11, 24)
FOLLOWS = {"dsh:City-territory"}
"""Rules that a blank breaks at another line: a city that lies in FILL-IN lies in no territory."""
NAMES = {
    "conference": "example-2",
    "membership": "example.example-centre",
    "participation": "example-1.example-centre",
    "presidency": "example.2021",
    "state": "XAC",
    "tenure": "example-minister.another-one",
    # What stands in the file of another thing.
    "evidence": "example-page.050",
    "policy": "example-city-declaration-2020.visas",
    "post": "example-liaison",
    "side": "example.north",
}
FILES = {
    "evidence": "conferences/example-1",
    "policy": "documents/example-city-declaration-2020",
    "post": "bodies/example-ministry",
    "series": "frameworks/example",
    "side": "frameworks/example",
}


@pytest.fixture(scope="module")
def program() -> Record:
    return read_record(program_root())


@pytest.fixture(scope="module")
def folder(program: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    begun = beginning.beginning(BASE, "hu, pl", "A “small” record", 'The "editors"')
    beginning.write(folder, begun, program, DAY)
    return folder


@pytest.fixture(scope="module")
def record(folder: Path) -> Record:
    return read_record(folder)


def classes(quads: list[ox.Quad], start: str) -> set[object]:
    return {q.object for q in quads if q.predicate == RDF.type and str(q.subject).startswith(start)}


def test_a_new_record_keeps_every_rule(record: Record) -> None:
    findings = check(record, as_of=DAY)
    assert [str(f) for f in findings if f.severity >= Severity.VIOLATION] == []
    # What is left to find out concerns the examples alone.
    assert {f.shape.short for f in findings} == {
        "dsh:Commitment-committedParty",
        "dsh:Declaration-version",
        # The words of an example are nobody's.
        "dsh:Quote-names",
        "dsh:State-isFocusOf",
        "dsh:Topic-matched",
    }


def test_a_new_record_is_what_it_was_begun_with(record: Record) -> None:
    assert record.base == BASE
    assert record.dataset.value == f"{BASE}dataset"
    assert scaffold.languages(record) == ["hu", "pl"]
    assert record.prefixes["conf"] == f"{BASE}id/conference/"
    assert record.prefixes["dlg"] == str(DLG)
    texts = {
        q.object.value for d in record.data for q in d.quads if isinstance(q.object, ox.Literal)
    }
    assert {"A “small” record", 'The "editors"'} <= texts


def test_a_new_record_has_an_example_of_each_kind_of_the_program(
    record: Record, program: Record
) -> None:
    folders = {path.parent.name for path in (program.root / "data").rglob("*.trig")}
    assert {path.parent.name for path in (record.root / "data").rglob("*.trig")} == folders
    whole = inference.dataset(record)
    assert classes(whole, f"<{BASE}id/") > {
        DLG.Conference, DLG.Declaration, DLG.Presidency, DLG.Framework, DLG.State, DLG.City,
        DLG.Organisation, DLG.Person, DLG.Topic, DLG.Source, DLG.Evidence, DLG.Membership,
        DLG.Ministry, DLG.Founding, DLG.Participation, DLG.Series, DLG.Publisher, DLG.Commitment,
    }  # fmt: skip


def test_a_new_record_takes_ontology_rules_and_shapes_from_the_program(
    record: Record, program: Record
) -> None:
    assert [d.path for d in record.ontology] == [d.path for d in program.ontology]
    assert [d.path for d in record.shapes] == [d.path for d in program.shapes]
    assert [rule.path for rule in record.rules] == [rule.path for rule in program.rules]


def test_the_folder_adds_to_the_program_and_a_definition_of_its_own_replaces_it(
    folder: Path, program: Record, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    (own / "data").mkdir(parents=True)
    (own / "data/dataset.ttl").write_text((folder / "data/dataset.ttl").read_text())
    (own / "ontology/rules").mkdir(parents=True)
    term = f"<{BASE}ontology#Wave> a <http://www.w3.org/2002/07/owl#Class> .\n"
    (own / "ontology/waves.ttl").write_text(term)
    (own / "ontology/rules/50-wave.rq").write_text("CONSTRUCT { ?s a ?o } WHERE { ?s a ?o }")
    added = read_record(own)
    assert [Path(d.path).name for d in added.ontology if Path(d.path).is_relative_to(own)] == [
        "waves.ttl"
    ]
    assert len(added.ontology) == len(program.ontology) + 1
    assert [rule.name for rule in added.rules] == [*(r.name for r in program.rules), "wave"]
    whole = "<https://w3id.org/dialogue/ontology> a <http://www.w3.org/2002/07/owl#Ontology> .\n"
    (own / "ontology/waves.ttl").write_text(term + whole)
    replaced = read_record(own)
    assert len(replaced.ontology) == 1
    assert [rule.name for rule in replaced.rules] == ["wave"]
    assert len(replaced.shapes) == len(program.shapes)


def test_every_kind_with_files_has_a_template(program: Record) -> None:
    folders = {path.parent.name for path in (program.root / "data").rglob("*.trig")}
    parts = {"memberships", "participations", "presidencies", "tenures"}
    assert set(scaffold.kinds(program.folders).values()) == folders | parts


@pytest.mark.parametrize("kind", sorted(scaffold.kinds(read_record(program_root()).folders)))
def test_a_new_file_is_canonical_and_only_its_blanks_are_at_fault(
    folder: Path, record: Record, kind: str
) -> None:
    name = NAMES.get(kind, "another-one")
    text = scaffold.draft(record, kind, name, "example-page", DAY)
    assert BLANK in text
    file = folder / "data" / scaffold.kinds(record.folders)[kind] / f"{name}.trig"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    try:
        grown = read_record(folder)
        document = next(d for d in grown.data if d.path == str(file))
        assert writer.write(document.quads, document.prefixes, document.syntax) == text
        faults = [f for f in check(grown, as_of=DAY) if f.severity >= Severity.VIOLATION]
    finally:
        file.unlink()
    assert {place.path for fault in faults for place in fault.places[:1]} == {str(file)}
    elsewhere = [f for f in faults if not any(BLANK in line for line in lines_of(text, f.places))]
    assert [f for f in elsewhere if f.shape.short not in FOLLOWS] == []
    assert "dsh:File-finished" in {f.shape.short for f in faults}


@pytest.mark.parametrize("root", [program_root(), program_root() / "examples" / "visegrad"])
def test_every_kind_of_a_record_can_be_begun(root: Path) -> None:
    record = read_record(root)
    start = f"{record.base}id/"
    present = {
        quad.subject.value.removeprefix(start).partition("/")[0]
        for document in record.data
        for quad in document.quads
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(start)
    }
    templates = {*scaffold.kinds(record.folders), *scaffold.parts(record.folders)}
    assert present - templates == set()
    assert set(scaffold.kinds(record.folders)) & set(scaffold.parts(record.folders)) == set()


@pytest.mark.parametrize("kind", sorted(FILES))
def test_what_stands_in_another_file_is_added_there_and_only_its_blanks_are_at_fault(
    folder: Path, record: Record, kind: str
) -> None:
    name = NAMES.get(kind, "another-one")
    text = scaffold.draft(record, kind, name, "example-page", DAY)
    file = folder / "data" / f"{FILES[kind]}.trig"
    before = file.read_text()
    try:
        # As `dialogue format` writes what was added to the end of a file.
        document = read(before + text, str(file), Syntax.TRIG)
        added = writer.write(document.quads, document.prefixes, Syntax.TRIG)
        file.write_text(added)
        faults = [
            f for f in check(read_record(folder), as_of=DAY) if f.severity >= Severity.VIOLATION
        ]
    finally:
        file.write_text(before)
    assert {place.path for fault in faults for place in fault.places[:1]} == {str(file)}
    elsewhere = [f for f in faults if not any(BLANK in line for line in lines_of(added, f.places))]
    assert [str(f) for f in elsewhere if f.shape.short not in FOLLOWS] == []
    assert "dsh:File-finished" in {f.shape.short for f in faults}


def test_it_is_said_in_which_file_it_stands(folder: Path, record: Record) -> None:
    data = folder / "data"
    assert {
        (kind, name): scaffold.place_of(record, kind, name)
        for kind, name in (
            ("evidence", "example-page.050"),
            ("policy", "example-city-declaration-2020.visas"),
            ("policy", "another.visas"),
            ("series", "example"),
        )
    } == {
        ("evidence", "example-page.050"): "the file of the thing that it speaks of",
        ("policy", "example-city-declaration-2020.visas"): str(
            data / "documents/example-city-declaration-2020.trig"
        ),
        ("policy", "another.visas"): f"a file of {data / 'documents'}",
        ("series", "example"): str(data / "frameworks/example.trig"),
    }
    with pytest.raises(Fault) as fault:
        scaffold.draft(record, "policy", "visas", "example-page", DAY)
    assert str(fault.value) == (
        "visas: a name has a document, a dot and a word: forum-declaration.statistics; "
        f"it stands in a file of {data / 'documents'}"
    )


def lines_of(text: str, places: object) -> list[str]:
    lines = text.split("\n")
    return [lines[place.line - 1] for place in places]  # type: ignore[attr-defined]


def test_evidence_is_numbered_after_what_the_source_has(record: Record) -> None:
    assert "ev:example-page.010 {" in scaffold.draft(record, "topic", "two", "example-page", DAY)
    assert "ev:new-page.001 {" in scaffold.draft(record, "topic", "two", "new-page", DAY)


@pytest.mark.parametrize(
    ("base", "languages", "title", "licence", "message"),
    [
        ("small", "en", "T", "https://l.example", "--base small: must be an http or https address"),
        ("https://e.org/x", "en", "T", "https://l.example", "--base https://e.org/x: must be an"),
        ("https://e.org/a b/", "en", "T", "https://l.example", "--base https://e.org/a b/: must"),
        ("https://w3id.org/dialogue/", "en", "T", "https://l.example", "--base https://w3id.org/d"),
        (BASE, "", "T", "https://l.example", "--languages: name one at least"),
        (BASE, "en,fr,en", "T", "https://l.example", "--languages en,fr,en: en stands in it twice"),
        (BASE, "en, en", "T", "https://l.example", "--languages en, en: en stands in it twice"),
        (BASE, "en,xx", "T", "https://l.example", "xx: no tag of a language that is known here"),
        (BASE, "EN", "T", "https://l.example", "EN: no tag of a language that is known here"),
        (BASE, "en", " ", "https://l.example", "' ': a title and a publisher are one line of text"),
        (BASE, "en", "a\nb", "https://l.example", "'a\\nb': a title and a publisher are one line"),
        (BASE, "en", "T", "free", "--licence free: must be the address of a licence"),
    ],
)
def test_what_no_record_can_begin_with_is_told(
    base: str, languages: str, title: str, licence: str, message: str
) -> None:
    with pytest.raises(Fault) as fault:
        beginning.beginning(base, languages, title, "P", licence)
    assert str(fault.value).startswith(message)


def test_a_tag_of_three_letters_is_its_own_entry() -> None:
    assert [code_of(tag) for tag in ("cs", "sr-Latn", "tzm", "pt-BR")] == [
        "CES", "SRP", "TZM", "POR",
    ]  # fmt: skip
