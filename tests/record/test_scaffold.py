"""A new file to fill in: right from the start, and not right before it is filled in."""

from datetime import date
from pathlib import Path

import pytest

from app.errors import Fault
from app.rdf import writer
from app.rdf.parser import read
from app.record import scaffold
from app.record.record import Record, read_record
from app.validation.check import Severity, run

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record(ROOT)


def test_every_kind_has_its_folder(record: Record) -> None:
    kinds = scaffold.kinds(record.folders)
    assert {"conference", "document", "question", "source"} <= set(kinds)
    # What hangs on a framework, a conference or a person may stand in its file as well.
    apart = {"memberships", "participations", "presidencies", "tenures"}
    assert {f for f in kinds.values() if not (ROOT / "data" / f).is_dir()} == apart


@pytest.mark.parametrize("kind", ["conference", "document", "question", "source"])
def test_a_draft_is_canonical_text(record: Record, kind: str) -> None:
    text = scaffold.draft(record, kind, "cimo-18", "page", DAY)
    document = read(text)
    assert writer.write(document.quads, document.prefixes, document.syntax) == text


def test_a_numbered_conference_has_its_series_and_its_number(record: Record) -> None:
    text = scaffold.draft(record, "conference", "cimo-18", "page", DAY)
    assert "    dlg:inSeries series:cimo ;\n" in text
    assert "    dlg:ordinal 18 ;\n" in text
    assert "ev:page.001 {\n    conf:cimo-18\n" in text


def test_a_year_is_no_number(record: Record) -> None:
    text = scaffold.draft(record, "conference", "cimo-2027", "page", DAY)
    assert "dlg:inSeries series:cimo ;" in text
    assert "dlg:ordinal" not in text


def test_a_draft_breaks_rules_until_it_is_filled_in(record: Record, tmp_path: Path) -> None:
    for folder in ("ontology", "shapes", "data"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "data").unlink()
    (tmp_path / "data/conferences").mkdir(parents=True)
    (tmp_path / "data/dataset.ttl").write_bytes((ROOT / "data/dataset.ttl").read_bytes())
    file = tmp_path / "data/conferences/cimo-18.trig"
    file.write_text(scaffold.draft(record, "conference", "cimo-18", scaffold.BLANK, DAY))
    found = {f.shape.short for f in run([file], as_of=DAY) if f.severity >= Severity.VIOLATION}
    assert {"dsh:Dated-date", "dsh:Evidence-source", "dsh:Thing-described"} <= found


def test_a_drafted_question_has_blanks_and_no_other_fault(record: Record, tmp_path: Path) -> None:
    for folder in ("ontology", "shapes"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "data/questions").mkdir(parents=True)
    (tmp_path / "data/dataset.ttl").write_bytes((ROOT / "data/dataset.ttl").read_bytes())
    file = tmp_path / "data/questions/new-one.trig"
    file.write_text(scaffold.draft(record, "question", "new-one", scaffold.BLANK, DAY))
    found = {f.shape.short for f in run([file], as_of=DAY)}
    assert found == {"dsh:File-finished"}


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("treaty", "rome", "treaty: there is no template for it; choose one of body, conference, "),
        ("conference", "CIMO 18", "CIMO 18: a name has lower-case letters, digits and hyphens"),
        ("conference", "../../x", "../../x: a name has "),
    ],
)
def test_what_cannot_be_drafted_is_told(record: Record, kind: str, name: str, message: str) -> None:
    with pytest.raises(Fault) as fault:
        scaffold.draft(record, kind, name, "page", DAY)
    assert str(fault.value).startswith(message)
