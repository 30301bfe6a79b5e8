"""`docs/formats.md` and what `docs/use-a-release.md` names, against a record just begun."""

import re
from datetime import date
from pathlib import Path

import pytest

from app.exports.extracts import EXTRACTS
from app.record import beginning
from app.record.record import program_root, read_record
from app.release import build
from app.release.distributions import WRITERS

ROOT = Path(__file__).resolve().parent.parent
FORMATS = (ROOT / "docs/formats.md").read_text("utf-8").partition("\n## ")[0]
USE = (ROOT / "docs/use-a-release.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split("|")]
    for line in FORMATS.splitlines()
    if line.startswith("| `")
]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the release of a new record, in every format that is installed here."""
    folder = tmp_path_factory.mktemp("new")
    day = date(2026, 11, 24)
    begun = beginning.beginning("https://example.org/new/", "fr", "Nouveau", "Nous")
    beginning.write(folder / "record", begun, read_record(program_root()), day)
    build.build(read_record(folder / "record"), folder / "release", as_of=day, version="1.0")
    return folder / "release"


def test_every_file_of_the_table_is_in_a_release_whatever_its_record_has(release: Path) -> None:
    named = [row[1].strip("`") for row in ROWS]
    assert len(named) > 10
    assert [name for name in named if not (release / name).is_file()] == []


def test_every_format_and_every_address_of_the_table_is_there_and_none_is_left_out() -> None:
    formats = {writer.name for writer in WRITERS}
    assert {row[0].strip("`") for row in ROWS} <= formats
    addresses = {suffix for row in ROWS for suffix in re.findall(r"\{kind\}\.([\w.-]+)", row[3])}
    assert addresses == {extract.suffix for extract in EXTRACTS}


def test_what_the_page_names_in_a_release_is_there(release: Path) -> None:
    named = {
        f"{folder}{name}"
        for folder, name in re.findall(
            r"`(?:release/)?(tables/|)([\w.-]+\.(?:csv|json|sqlite|xlsx|ics|geojson|bib))`", USE
        )
    }
    assert {"calendar.ics", "sources.csl.json", "places.geojson", "dialogue.xlsx"} <= named
    missing = {
        name
        for name in named
        if not (release / name).is_file() and not (release / "tables" / name).is_file()
    }
    assert missing == set()


def test_a_name_is_english_where_there_is_one(release: Path) -> None:
    """This record has names in French alone: the page does not promise English ones."""
    header, row = (release / "tables/Conference.csv").read_text("utf-8").splitlines()[:2]
    assert header.startswith("iri,label,")
    assert row.split(",")[1] == "First Conference of the Example Dialogue"
    assert "in English if there is an English name" in USE
