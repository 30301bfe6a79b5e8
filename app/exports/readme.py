"""What a workbook says of itself before its tables: what they are, how to read them, its columns.

As rows of cells, so that whoever writes them and whoever proves them have the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.exports.cells import JOINT
from app.exports.tables import DataTable, Type

TABLE_HEAD = ("Sheet", "What a row is", "Rows", "The same as CSV")
COLUMN_HEAD = ("Sheet", "Column", "Type", "Title", "Meaning", "Property")
BESIDE = "--"
"""Between the name of a table and the property whose values have a row each in another."""


@dataclass(frozen=True)
class Preface:
    """What a workbook is of: its title, the day of what it holds (ISO 8601), and more.

    `facts` are texts with their names (version, licence …), `notes` likewise how it is to be read,
    beside what holds of every workbook.
    """

    title: str
    day: str = ""
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[tuple[str, str]] = ()


def whose(table: DataTable) -> str:
    """Return the name of the table of the things whose values a table has a row for each of.

    That of things themselves is beside none, and neither is that of the evidence: empty.
    """
    leads = (one.table for one in table.references)
    return next((name for name in leads if table.name.startswith(name + BESIDE)), "")


def opening(
    preface: Preface, tables: Sequence[DataTable], names: Sequence[str], longest: int
) -> list[list[object]]:
    """Return the rows of the first sheet; `names` are those of the sheets of the tables.

    It ends with TABLE_HEAD and a row for each table, which begins with the name of its sheet. A
    table has at most `longest` rows here, and where that cuts it, its row says so.
    """
    notes = [*_notes(tables, names), *preface.notes, _whole(tables, names, longest)]
    cells: list[list[object]] = [[preface.title]]
    cells += ([name, text] for name, text in preface.facts)
    cells += [[], ["How to read it"]]
    cells += ([name, text] for name, text in notes)
    files = [_file(table) for table in tables]
    cells += [[], [*(TABLE_HEAD if any(files) else TABLE_HEAD[:-1])]]
    for table, name, file in zip(tables, names, files, strict=True):
        cells.append([name, _row_of(table, longest), min(table.size, longest), file])
    return cells


def columns(tables: Sequence[DataTable], names: Sequence[str]) -> Iterator[list[object]]:
    """Yield the rows of the second sheet: COLUMN_HEAD, and what each column of each table is."""
    yield [*COLUMN_HEAD]
    for table, name in zip(tables, names, strict=True):
        for column in table.columns:
            cells = name, column.name, column.type.value, column.title, column.note, column.property
            yield [cell or None for cell in cells]


def _notes(tables: Sequence[DataTable], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield how to read these tables: what none of them has is not explained."""
    beside = next((n for t, n in zip(tables, names, strict=True) if whose(t)), None)
    types = {column.type for table in tables for column in table.columns}
    yield (
        "Sheets",
        "The name of a sheet below leads to it, and the heading of its first column leads back."
        " Names of things come first; iri is the permanent name, by which sheets can be joined.",
    )
    yield "Empty cells", "Nothing is recorded, which does not say that there is nothing."
    several = f"“{JOINT}” stands between several values in one cell, which is for reading."
    if beside:
        several += (
            f" Count and filter them where each has a row: a sheet with “{BESIDE}” in its name,"
            f" such as {beside}, to which the underlined heading of such a column leads."
        )
    yield "Several values", several
    if Type.EDTF in types:
        yield (
            "Dates as written",
            "A date is as fine as its source tells it: a day, a month, a year or an interval"
            " (EDTF: 2015-05-19, 2015-05, 2015, 2015-05-19/2015-05-20). Such a column is a text.",
        )
    if Type.DATE in types:
        yield (
            "Dates to sort by",
            "Columns of the type date are real dates, to sort and filter by; begins and ends, and"
            " those whose names end so, are the first and the last day that a date as written can"
            " mean. Days before 1 March 1900, which spreadsheets count differently, are texts.",
        )


def _whole(tables: Sequence[DataTable], names: Sequence[str], longest: int) -> tuple[str, str]:
    cut = [n for t, n in zip(tables, names, strict=True) if t.size > longest]
    if not cut:
        return "What is left out", "No row of these tables."
    return (
        "What is left out",
        f"Only the first {longest:,} rows are here of: {', '.join(cut)}."
        " Whole they are in the files that the list names.",
    )


def _row_of(table: DataTable, longest: int) -> str:
    parts = [f"{table.title}." if whose(table) or not table.note else f"{table.title}:", table.note]
    if table.size > longest:
        parts.append(f"Only the first {longest:,} of {table.size:,} rows are here.")
    return " ".join(filter(None, parts))


def _file(table: DataTable) -> str | None:
    return None if table.file is None else f"{table.file.parent.name}/{table.file.name}"
