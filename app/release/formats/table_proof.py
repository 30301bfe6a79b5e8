"""The proof of tables: read back from the disk, they hold what the dataset says of their things."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile

from app.errors import Fault
from app.exports import sqlite, xlsx
from app.exports.cells import tag, text
from app.exports.tables import DataTable, Row, value_of
from app.manifest import DATASET, TABLES
from app.release.columns.subjects import subjects
from app.release.formats import workbook
from app.release.material import Material

_Facts = dict[str, set[bytes]]


def csv_differences(material: Material) -> Iterator[str]:
    """Yield a line for the first table of CSV that tells another fact than the dataset.

    A fact is a thing, a property, a value as it is written and its language; each must be in the
    tables of all classes of the thing, and nothing else may be there.
    """
    try:
        left = _told(material.tables)
    except (OSError, ValueError) as error:
        yield f"{TABLES}: cannot be read: {error}"
        return
    index = material.survey.index
    for subject in subjects(material.folder / DATASET):
        names = [index.table_names[kind] for kind in index.rows_in(index.kinds(subject.name))]
        if not names:
            continue
        # Values of several sorts may be written alike.
        facts: dict[bytes, str] = {}
        for predicate, values in subject.held.items():
            for value in values:
                digest = _digest(subject.name, predicate.value, text(value), tag(value))
                facts.setdefault(digest, f"{subject.term} {predicate} {value} .")
        for digest, fact in facts.items():
            for name in names:
                if digest not in left[name]:
                    yield f"{TABLES}/{name}.csv: lacks {fact}"
                    return
                left[name].discard(digest)
    for name, others in left.items():
        if others:
            yield f"{TABLES}/{name}.csv: has what {DATASET} has not: {_first(material, others)}"
            return


def _told(tables: Iterable[DataTable]) -> _Facts:
    """Return a digest of each fact that the tables of each class tell."""
    facts: _Facts = {}
    for table in tables:
        facts.setdefault(table.name.partition("--")[0], set()).update(
            _digest(*fact) for fact in _facts(table)
        )
    return facts


def _facts(table: DataTable) -> Iterator[tuple[str, str, str, str]]:
    names = [column.name for column in table.columns]
    # In a table of a class, that is a property of its things; beside values, their language.
    is_beside = table.key != ("iri",)
    tagged = names.index("language") if is_beside and "language" in names else None
    values = [(at, column) for at, column in enumerate(table.columns) if column.is_value]
    for row in table.rows():
        if len(row) != len(names):
            raise ValueError(f"a row of {table.name} has {len(row)} cells")
        for at, column in values:
            # A row beside is of one value, which may be a text of no characters.
            if (cell := row[at]) is not None or is_beside:
                language = row[tagged] if tagged is not None else column.language
                yield row[0] or "", column.property, cell or "", language or ""


def _first(material: Material, others: set[bytes]) -> str:
    for table in material.tables:
        for fact in _facts(table):
            if _digest(*fact) in others:
                return " ".join(fact)
    raise AssertionError("the tables have changed while they were read")


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()


def sqlite_differences(material: Material, name: str) -> Iterator[str]:
    """Yield a line for the first table of the database that has other rows than its CSV."""
    path = material.folder / name
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for table in material.tables:
                rows = database.execute(f"SELECT * FROM {sqlite.name(table.name)}")  # noqa: S608
                if line := _differs(table, rows):
                    yield f"{name}: {line}"
                    return
            if broken := database.execute("PRAGMA foreign_key_check").fetchone():
                yield f"{name}: a row of {broken[0]} leads nowhere"
    except sqlite3.Error as error:
        yield f"{name}: cannot be read: {error}"


def parquet_differences(material: Material, folder: str) -> Iterator[str]:
    """Yield a line for the first file of Parquet that has other rows than its CSV."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise Fault("parquet: pyarrow is missing: pip install dialogue-graph[tables]") from None
    for table in material.tables:
        path = material.folder / folder / f"{table.name}.parquet"
        try:
            file = pyarrow.parquet.ParquetFile(path)
            line = _differs(table, _rows_of(file.iter_batches()))
        except (OSError, ValueError) as error:
            line = f"cannot be read: {error}"
        if line:
            yield f"{folder}/{path.name}: {line}"
            return


def xlsx_differences(material: Material, name: str, longest: int) -> Iterator[str]:
    """Yield a line for the first sheet of the workbook that has other cells than it must have.

    A table has the rows of its CSV, at most so many as `longest` tells; the sheets before the
    tables say what the dataset and its columns say, and so do the properties of the file.
    """
    # Where nothing is proved, it costs a start nothing.
    import openpyxl

    preface = workbook.preface(material)
    wanted = dict(xlsx.sheets(workbook.tables(material), preface, longest))
    try:
        with closing(openpyxl.load_workbook(material.folder / name, read_only=True)) as book:
            if book.sheetnames != [*wanted]:
                yield f"{name}: has other sheets"
                return
            about = book.properties
            if (about.title, about.created) != (preface.title, xlsx.created(preface)):
                yield f"{name}: has another title or day"
                return
            for sheet, rows in wanted.items():
                cells = (map(_day_of, row) for row in book[sheet].iter_rows(values_only=True))
                pairs = zip_longest(rows, map(list, cells), fillvalue=list[object]())
                for number, (row, other) in enumerate(pairs):
                    # Cells that are empty may be left out at the end of a row, or stand there.
                    if _filled(row) != _filled(other):
                        yield f"{name}: {sheet} has another row {number}"
                        return
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        yield f"{name}: cannot be read: {error}"


def _day_of(cell: object) -> object:
    """Return the day that a cell is read as, where it is read as its midnight."""
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell


def _filled(row: list[object]) -> list[object]:
    """Return a row without what is empty at its end."""
    last = next((at for at in range(len(row), 0, -1) if row[at - 1] is not None), 0)
    return row[:last]


def _rows_of(batches: Iterable[Any]) -> Iterator[Sequence[object]]:
    for batch in batches:
        rows: list[Mapping[str, object]] = batch.to_pylist()
        yield from ([*row.values()] for row in rows)


def _differs(table: DataTable, found: Iterable[Sequence[object]]) -> str:
    """Return what is the first row that differs; nothing where none does."""
    types = [column.type for column in table.columns]
    for number, (row, other) in enumerate(zip_longest(table.rows(), found), 1):
        if row is None or other is None:
            return f"{table.name} has {'more than' if row is None else 'only'} {number - 1} rows"
        wanted = [value_of(cell, type) for cell, type in zip(row, types, strict=True)]
        if wanted != [one.isoformat() if isinstance(one, date) else one for one in other]:
            return f"{table.name} has another row {number}: {_short(row)}"
    return ""


def _short(row: Row) -> str:
    return " ".join(cell for cell in row[:2] if cell)
