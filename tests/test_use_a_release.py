"""`docs/use-a-release.md` and the README's section: every block is run by an installed package."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import icalendar
import installed
import openpyxl
import pytest
from installed import ALL, Environment

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/use-a-release.md").read_text("utf-8")
_BLOCK = re.compile(r"```(console|python|r)\n(.*?)```(?:\n\nprints\n\n```text\n(.*?)```)?", re.S)
SECTION = (ROOT / "README.md").read_text("utf-8").partition("\n## Use a release\n")[2]
SECTION = SECTION.partition("\n## ")[0]
BLOCKS = _BLOCK.findall(PAGE)
INSTALL = re.compile(r"^pip install '(dialogue-graph\[tables\])'((?: [a-z]+)*)$")


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Somebody who has installed what the page says, as far as it is here."""
    packages = [pin.name for pin in installed.pins(ALL) if pin.applies()]
    environment = installed.environment(tmp_path_factory.mktemp("user"), packages)
    wheel = installed.build(tmp_path_factory.mktemp("dist"), "wheel")["wheel"]
    assert environment.install(f"{wheel}[tables]") == (0, "")
    _, build = commands(BLOCKS[0][1])
    code, output, error = shell(environment, build)
    assert code == 0, error
    assert output.startswith("release: ")
    return environment


def commands(text: str) -> list[str]:
    """Return the commands of a block."""
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def shell(user: Environment, command: str) -> tuple[int, str, str]:
    """Run a line of shell where the user stands."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=user.home, capture_output=True, text=True, timeout=600, env=user.variables,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_what_the_page_installs_is_ours_and_what_the_suite_has() -> None:
    install = INSTALL.match(commands(BLOCKS[0][1])[0])
    assert install is not None
    assert {*install[2].split()} <= {pin.name for pin in installed.pins(ALL)}


@pytest.mark.parametrize("block", BLOCKS[1:], ids=lambda block: block[1][:30])
def test_what_is_shown_is_what_comes(user: Environment, block: tuple[str, str, str]) -> None:
    language, text, shown = block
    if language == "console":
        (command,) = commands(text)
        name = command.partition(" ")[0]
        shown = text.partition("\n")[2]
    else:
        name = {"python": "python", "r": "Rscript"}[language]
        suffix = {"python": "py", "r": "R"}[language]
        (user.home / f"block.{suffix}").write_text(text, encoding="utf-8")
        command = f"{name} block.{suffix}"
    if name != "python" and shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    code, output, error = shell(user, command)
    assert (code, output.rstrip("\n")) == (0, shown.rstrip("\n")), error


def test_every_block_says_what_it_prints() -> None:
    assert len(BLOCKS) == 7
    assert [block[1] for block in BLOCKS[1:] if block[0] != "console" and not block[2]] == []
    assert {block[0] for block in BLOCKS} == {"console", "python", "r"}


def test_the_readme_shows_the_beginning_of_the_page() -> None:
    install, build = commands(_BLOCK.findall(SECTION)[0][1])
    assert INSTALL.match(install)
    assert build == commands(BLOCKS[0][1])[1]
    assert _BLOCK.findall(SECTION)[1] == BLOCKS[1]
    assert "docs/use-a-release.md" in SECTION


def test_the_fields_that_qgis_is_told_of_are_coordinates(user: Environment) -> None:
    assert "X field `long`, Y field `lat`" in PAGE
    text = (user.home / "release/tables/tables.json").read_text("utf-8")
    (table,) = [one for one in json.loads(text)["tables"] if one["url"].endswith("Place.csv")]
    types = {one["titles"]: one["datatype"] for one in table["tableSchema"]["columns"]}
    assert (types["long"], types["lat"]) == ("decimal", "decimal")


def test_the_workbook_has_a_sheet_for_each_table_after_two_that_explain(
    user: Environment,
) -> None:
    book = openpyxl.load_workbook(user.home / "release/dialogue.xlsx", read_only=True)
    first, second, *tables = book.sheetnames
    assert (first, second) == ("Read me", "Columns")
    files = [path.stem[:31] for path in (user.home / "release/tables").glob("*.csv")]
    assert sorted(name.partition("~")[0] for name in tables) == sorted(files)
    rows = {row[0]: row[1:3] for row in book[first].iter_rows(values_only=True) if row[0]}
    assert rows["What is left out"][0] == "No row of these tables."
    assert rows["Conference"][0] == "Conference: A meeting that is one edition of a series."
    columns = [row[:2] for row in book[second].iter_rows(values_only=True)]
    assert ("Conference", "begins") in columns
    # What the page says of the sheets.
    assert "`Conference--participant`" in PAGE and "Conference--participant" in tables
    assert tables.index("Conference") < tables.index("Conference--participant")
    assert tables.index("evidence") < tables.index("Concept")


def test_the_calendar_is_one(user: Environment) -> None:
    text = next(block[1] for block in BLOCKS if "icalendar" in block[1])
    (user.home / "meetings.py").write_text(text, encoding="utf-8")
    assert shell(user, "python meetings.py")[0] == 0
    calendar = icalendar.Calendar.from_ical((user.home / "conferences.ics").read_bytes())
    (event,) = [one for one in calendar.walk("VEVENT") if str(one["uid"]).endswith("/cimo-16")]
    assert event["dtstart"].to_ical() == b"20150519"
    assert event["dtend"].to_ical() == b"20150520"
    assert str(event["location"]) == "Lisbon"
