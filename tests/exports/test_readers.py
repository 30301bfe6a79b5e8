"""Tables read by the programs of others, each compared whole with what the dataset says."""

import asyncio
import csv as standard
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tabular import Facts, Rows, recovered, tabulated, whole
from website import RECORD

from app.exports import csvw, parquet, sqlite, xlsx
from app.exports.readme import Preface
from app.exports.tables import Cell, DataTable, Row
from app.record.record import read_record
from app.release.build import build
from app.release.bundle import bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of odd values as CSV, a database, a workbook and Parquet."""
    place = tmp_path_factory.mktemp("tables")
    write_all(tabulated(place), place)
    return place


def write_all(made: tuple[DataTable, ...], place: Path) -> None:
    sqlite.write(made, place / "dialogue.sqlite")
    xlsx.write(made, place / "dialogue.xlsx", Preface("Odd"))
    for table in made:
        parquet.write(table, place / "parquet" / f"{table.name}.parquet")


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    made = tabulated(tmp_path_factory.mktemp("again"))
    facts = whole(folder, made)
    assert sum(map(len, facts.values())) == 112
    return facts


def by_csv(folder: Path) -> Callable[[str], Rows]:
    def read(name: str) -> Iterator[dict[str, str]]:
        path = folder / "tables" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            yield from standard.DictReader(file, strict=True)

    return read


def by_csvw(folder: Path) -> Callable[[str], Rows]:
    from csvw import TableGroup

    group = TableGroup.from_file(folder / "tables" / "tables.json")
    tables = {table.url.string.removesuffix(".csv"): table for table in group.tables}

    def read(name: str) -> Iterator[dict[str, object]]:
        table = tables[name]
        titles = {c.header: str(c.titles) for c in table.tableSchema.columns}
        for row in table:
            yield {titles[key]: _text(value) for key, value in row.items()}

    return read


def _text(value: object) -> object:
    # A URI has become an object of its own.
    return value.unsplit() if hasattr(value, "unsplit") else value


def by_pandas(folder: Path) -> Callable[[str], Rows]:
    import pandas

    def read(name: str) -> Rows:
        frame = pandas.read_csv(folder / "tables" / f"{name}.csv", dtype=str, keep_default_na=False)
        rows: Rows = frame.to_dict("records")
        return rows

    return read


def by_frictionless(folder: Path) -> Callable[[str], Rows]:
    from frictionless import Resource, Schema, system

    def read(name: str) -> Rows:
        with system.use_context(trusted=True):
            path = folder / "tables" / f"{name}.csv"
            header = next(standard.reader(path.open(encoding="utf-8", newline="")))
            fields = [{"name": column, "type": "string"} for column in header]
            schema = Schema.from_descriptor({"fields": fields})
            return [row.to_dict() for row in Resource(str(path), schema=schema).read_rows()]

    return read


def by_duckdb_csv(folder: Path) -> Callable[[str], Rows]:
    return _duckdb(folder, "read_csv('{}/tables/{}.csv', header=true, all_varchar=true)")


def by_duckdb_parquet(folder: Path) -> Callable[[str], Rows]:
    return _duckdb(folder, "read_parquet('{}/parquet/{}.parquet')")


def _duckdb(folder: Path, source: str) -> Callable[[str], Rows]:
    import duckdb

    def read(name: str) -> Rows:
        with duckdb.connect() as connection:
            result = connection.execute(f"SELECT * FROM {source.format(folder, name)}")
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    return read


def by_pyarrow(folder: Path) -> Callable[[str], Rows]:
    import pyarrow.parquet

    def read(name: str) -> Rows:
        rows: Rows = pyarrow.parquet.read_table(folder / "parquet" / f"{name}.parquet").to_pylist()
        return rows

    return read


def by_openpyxl(folder: Path) -> Callable[[str], Rows]:
    import openpyxl

    book = openpyxl.load_workbook(folder / "dialogue.xlsx", read_only=True)

    def read(name: str) -> Iterator[dict[str, object]]:
        rows = book[name].iter_rows(values_only=True)
        names = [str(cell) for cell in next(rows)]
        for row in rows:
            cells = [*row, *[None] * (len(names) - len(row))]
            yield dict(zip(names, cells, strict=True))

    return read


def by_sqlite(folder: Path) -> Callable[[str], Rows]:
    database = sqlite3.connect(folder / "dialogue.sqlite")
    database.row_factory = sqlite3.Row
    truths = {
        (table, column)
        for table, column in database.execute(
            'SELECT "table", "column" FROM dictionary WHERE type = \'boolean\''
        )
    }

    def read(name: str) -> Iterator[dict[str, object]]:
        for row in database.execute(f"SELECT * FROM {sqlite.name(name)}"):
            yield {
                key: bool(row[key]) if (name, key) in truths and row[key] is not None else row[key]
                for key in row.keys()  # noqa: SIM118
            }

    return read


def by_datasette(folder: Path) -> Callable[[str], Rows]:
    from datasette.app import Datasette

    served = Datasette([str(folder / "dialogue.sqlite")], settings={"max_returned_rows": 5000})
    truths = by_sqlite(folder)

    async def fetch(name: str) -> Rows:
        address = f"/dialogue.json?sql=select+*+from+%22{name}%22&_shape=array"
        answer = await served.client.get(address)
        assert answer.status_code == 200, answer.text
        rows: Rows = answer.json()
        return rows

    def read(name: str) -> Rows:
        rows = asyncio.run(fetch(name))
        typed = list(truths(name))
        return [
            {
                key: bool(value) if isinstance(known[key], bool) else value
                for key, value in row.items()
            }
            for row, known in zip(rows, typed, strict=True)
        ]

    return read


READERS = (
    by_csv,
    by_csvw,
    by_pandas,
    by_frictionless,
    by_duckdb_csv,
    by_duckdb_parquet,
    by_pyarrow,
    by_openpyxl,
    by_sqlite,
    by_datasette,
)
IDS = [reader.__name__.removeprefix("by_") for reader in READERS]


def normal(facts: Facts) -> Facts:
    """Return facts with numbers written in one way: a reader of text has them as they are."""
    return {name: {(s, p, _number(o), t) for s, p, o, t in told} for name, told in facts.items()}


def _number(text: str) -> str:
    return repr(float(text)) if text in {"12.5", "12"} else text


@pytest.mark.parametrize("reader", READERS, ids=IDS)
def test_what_a_reader_finds_is_what_the_dataset_says(
    folder: Path, expected: Facts, reader: Callable[[Path], Callable[[str], Rows]]
) -> None:
    found = normal(recovered(folder, reader(folder)))
    wanted = normal(expected)
    if reader is by_openpyxl:
        # A line of a workbook's text ends in a line feed.
        wanted = {
            name: {(s, p, o.replace("\r\n", "\n"), t) for s, p, o, t in told}
            for name, told in wanted.items()
        }
    assert found == wanted


@pytest.mark.parametrize("reader", READERS, ids=IDS)
def test_a_wrong_cell_is_seen_by_a_reader(
    tmp_path: Path, expected: Facts, reader: Callable[[Path], Callable[[str], Rows]]
) -> None:
    made = tabulated(tmp_path)
    path = tmp_path / "tables" / "Site.csv"
    text = path.read_bytes()
    assert text.count(b",-3,") == 1
    path.write_bytes(text.replace(b",-3,", b",-4,"))
    write_all(made, tmp_path)
    wrong = recovered(tmp_path, reader(tmp_path))
    assert normal(wrong) != normal(expected)
    two = ("http://example.org/two", "http://example.org/height")
    assert wrong["Site"] ^ expected["Site"] >= {(*two, "-3", ""), (*two, "-4", "")}


def test_keys_hold_and_a_broken_one_is_seen(folder: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder / "dialogue.sqlite")) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        led = database.execute('PRAGMA foreign_key_list("Site--near")').fetchall()
        assert sorted((row[2], row[3], row[4]) for row in led) == [
            ("Site", "subject", "iri"),
            ("Site", "value", "iri"),
        ]
    made = list(tabulated(tmp_path))
    at = next(n for n, table in enumerate(made) if table.name == "Site--near")

    def astray() -> Iterator[Row]:
        for row in tuple(made[at].rows()):
            cells: list[Cell] = [*row]
            cells[1] = "http://example.org/nowhere"
            yield cells
            return

    astray_rows = list(astray())
    made[at] = replace(made[at], rows=lambda: iter(astray_rows))
    sqlite.write(made, tmp_path / "dialogue.sqlite")
    with closing(sqlite3.connect(tmp_path / "dialogue.sqlite")) as database:
        (broken,) = database.execute("PRAGMA foreign_key_check").fetchall()
    assert broken[0] == "Site--near"


def is_valid(metadata: Path) -> bool:
    """Return what csvw's validator says, as strict as it is: an empty cell is no key."""
    from csvw import CSVW

    try:
        return bool(CSVW(str(metadata), validate=True, strict=True).is_valid)
    except ValueError:
        return False


def test_the_metadata_and_the_tables_are_valid_csv_on_the_web(folder: Path) -> None:
    assert is_valid(folder / "tables" / "tables.json")


def test_the_tables_of_a_release_are_valid_and_tell_which_release_it_is(tmp_path: Path) -> None:
    day = date(2026, 11, 25)
    build(read_record(RECORD), tmp_path, as_of=day, formats=["csv"], version="2026-11-25.2")
    described = tmp_path / "tables" / "tables.json"
    assert is_valid(described)
    members = json.loads(described.read_text(encoding="utf-8"))
    assert {key: members[key] for key in ("dc:license", "dcat:version", "dc:issued")} == {
        "dc:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "dcat:version": "2026-11-25.2",
        "dc:issued": {"@value": "2026-11-25", "@type": "xsd:date"},
    }
    # Of RDF of others nothing is known but the day.
    (tmp_path / "t.ttl").write_text("<http://e.org/a> a <http://e.org/T> .", encoding="utf-8")
    bundle([tmp_path / "t.ttl"], "http://e.org/", tmp_path / "out", as_of=day, formats=["csv"])
    members = json.loads((tmp_path / "out/tables/tables.json").read_text(encoding="utf-8"))
    assert {key for key in members if ":" in key} == {"dc:title", "dc:issued"}


def test_a_key_that_leads_from_an_empty_cell_or_nowhere_or_is_there_twice_is_not_valid(
    tmp_path: Path,
) -> None:
    made = tabulated(tmp_path)
    metadata = tmp_path / "tables" / "tables.json"
    led = {(one.column, one.whole) for table in made for one in table.references}
    assert {("owner", True), ("subject", True), ("closest", False)} <= led
    wrong = [
        replace(t, references=tuple(replace(r, whole=True) for r in t.references)) for t in made
    ]
    metadata.write_bytes(csvw.metadata(wrong, "Odd"))
    assert not is_valid(metadata)
    metadata.write_bytes(csvw.metadata(made, "Odd"))
    assert is_valid(metadata)
    side = tmp_path / "tables" / "Site--near.csv"
    text = side.read_bytes()
    for changed in (text.replace(b"org/three", b"org/four"), text + text.splitlines(True)[-1]):
        side.write_bytes(changed)
        assert not is_valid(metadata)


def test_the_keys_of_the_metadata_hold_for_another_reader(folder: Path, tmp_path: Path) -> None:
    """Frictionless is given the keys that `tables.json` has, since it reads no CSVW itself."""
    from frictionless import Package, system

    metadata = json.loads((folder / "tables" / "tables.json").read_text(encoding="utf-8"))
    resources = []
    for table in metadata["tables"]:
        schema = table["tableSchema"]
        titles = {column["name"]: column["titles"] for column in schema["columns"]}
        described: dict[str, object] = {
            "fields": [{"name": title, "type": "string"} for title in titles.values()],
            "foreignKeys": [
                {
                    "fields": [titles[key["columnReference"]]],
                    "reference": {
                        "resource": key["reference"]["resource"].removesuffix(".csv").lower(),
                        "fields": [key["reference"]["columnReference"]],
                    },
                }
                for key in schema.get("foreignKeys", [])
            ],
        }
        if "primaryKey" in schema:
            described["primaryKey"] = [titles[key] for key in schema["primaryKey"]]
        resources.append(
            {
                "name": table["url"].removesuffix(".csv").lower(),
                "path": table["url"],
                "schema": described,
            }
        )
    assert sum(len(one["schema"]["foreignKeys"]) for one in resources) == 29  # type: ignore[index]

    def errors(place: Path) -> list[list[str]]:
        placed = [{**one, "path": str(place / str(one["path"]))} for one in resources]
        with system.use_context(trusted=True):
            package = Package.from_descriptor({"name": "odd", "resources": placed})
            found: list[list[str]] = package.validate().flatten(["title", "message"])
            return found

    assert errors(folder / "tables") == []
    for path in (folder / "tables").glob("*.csv"):
        text = path.read_bytes()
        if path.name == "Site--near.csv":
            text = text.replace(b"example.org/three", b"example.org/four")
        (tmp_path / path.name).write_bytes(text)
    assert [title for title, _ in errors(tmp_path)] == ["ForeignKey Error"]
