"""Tables as a workbook: first a sheet to read, then the columns, then a sheet for each table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from app.errors import Fault
from app.exports import readme
from app.exports.readme import Preface
from app.exports.tables import Column, DataTable, Type, value_of
from app.rdf.formats import without_illegal_xml

NEEDS = "xlsxwriter"
OPENING, EXPLANATION = "Read me", "Columns"
"""The names of the sheets that explain the others."""
LONGEST_CELL, LONGEST_SHEET, MOST_COLUMNS = 32_767, 1_048_576, 16_384
# Fixed, so that the same rows give the same bytes.
_CREATED = date(2000, 1, 1)
# Spreadsheets do not agree on the days before, since some have a 29 February 1900.
_FIRST_DAY = date(1900, 3, 1)
# The last is none of theirs, but divides an address.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\#]")
# So short that every program follows it.
_ADDRESS = re.compile(r"https?://[!-~]{1,1000}")
_RESERVED = frozenset({"history"})
_NUMBERS = frozenset({Type.INTEGER, Type.DECIMAL, Type.DOUBLE})
# More digits than a spreadsheet's numbers have.
_EXACT = 15
_NARROWEST, _WIDEST, _FROZEN = 10, 60, 40
"""How wide a column is in characters, and one of names that stays in sight."""
_BUTTON = 4
_MEASURED = 100
_STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16},
    "heading": {"bold": True, "bg_color": "#DCE6F1", "bottom": 1},
    "leading": {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "underline": 1},
    "name": {"bold": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "link": {"underline": 1, "font_color": "#0563C1", "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
}


def write(
    tables: Sequence[DataTable],
    to: Path | IO[bytes],
    preface: Preface,
    longest: int = LONGEST_SHEET - 1,
) -> None:
    """Write tables as a workbook, in their order, behind what explains them.

    A text is a text, whatever it begins with; its lines end in a line feed. A cell that is too
    long for a workbook is cut and ends in “…”; of a table that is longer than `longest` rows, only
    these are here: the first sheet says so.
    Raises Fault where XlsxWriter is not installed, OSError where nothing can be written.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise Fault("xlsx: XlsxWriter is missing: pip install dialogue-graph[tables]") from None

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(to, options)
    book.set_properties({"created": created(preface), "title": preface.title})
    styles = {name: book.add_format(style) for name, style in _STYLES.items()}
    (first, opening), (second, explained), *others = sheets(tables, preface, longest)
    names = [name for name, _ in others]
    _open(book.add_worksheet(first), [*opening], names, styles)
    _explain(book.add_worksheet(second), explained, styles)
    leads = dict(zip((table.name for table in tables), names, strict=True))
    for table, (name, cells) in zip(tables, others, strict=True):
        _fill(book.add_worksheet(name), table, cells, leads, styles)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


def created(preface: Preface) -> datetime:
    """Return when a workbook says that it was made, which is no matter of the clock."""
    day = date.fromisoformat(preface.day) if preface.day else _CREATED
    return datetime.combine(day, time())


def sheets(
    tables: Sequence[DataTable], preface: Preface, longest: int = LONGEST_SHEET - 1
) -> Iterator[tuple[str, Iterable[list[object]]]]:
    """Yield the name of each sheet and its rows: texts, numbers, truth values, days and None.

    What stands in a workbook is all of this, and nothing else.
    """
    names = sheet_names([OPENING, EXPLANATION, *(table.name for table in tables)])
    yield names[0], _texts(readme.opening(preface, tables, names[2:], longest))
    yield names[1], _texts(readme.columns(tables, names[2:]))
    for table, name in zip(tables, names[2:], strict=True):
        head: list[object] = [column.name for column in arranged(table)]
        yield name, chain([head], rows(table, longest))


def sheet_names(names: Iterable[str]) -> list[str]:
    """Return names that sheets may have: 31 characters, each different whatever its case.

    >>> sheet_names(["a/b", "A_B", "History"])
    ['a_b', 'A_B~2', 'History~2']
    """
    taken: set[str] = {*_RESERVED}
    chosen: list[str] = []
    for name in names:
        plain = _FORBIDDEN.sub("_", name).strip("'")[:31] or "Sheet"
        unique, number = plain, 2
        while unique.lower() in taken:
            mark = f"~{number}"
            unique, number = plain[: 31 - len(mark)] + mark, number + 1
        taken.add(unique.lower())
        chosen.append(unique)
    return chosen


def arranged(table: DataTable) -> list[Column]:
    """Return the columns of a table in the order of its sheet: what names its things is first."""
    return [table.columns[at] for at in _order(table)]


def rows(table: DataTable, longest: int = LONGEST_SHEET - 1) -> Iterator[list[object]]:
    """Yield the rows of a table as a sheet has them, the cells in the order of `arranged`.

    A number with more digits than a spreadsheet's numbers have is a text, and so is a day that not
    every spreadsheet counts alike.
    """
    cells = [(at, table.columns[at].type) for at in _order(table)]
    for row in islice(table.rows(), longest):
        yield [_cell(row[at], type) for at, type in cells]


def name_of(column: str) -> str:
    """Return the column that has the names of what a column has the IRIs of.

    >>> name_of("iri"), name_of("place")
    ('label', 'place_label')
    """
    return "label" if column == "iri" else f"{column}_label"


def _order(table: DataTable) -> list[int]:
    names = [column.name for column in table.columns]
    first = next((n for n, name in enumerate(names) if name == name_of(names[0])), 0)
    return [first, *(n for n in range(len(names)) if n != first)]


def _cell(cell: str | None, type: Type) -> object:
    if cell is None:
        return None
    if type is Type.BOOLEAN or (type in _NUMBERS and len(cell) <= _EXACT):
        return value_of(cell, type)
    if type is Type.DATE and (day := date.fromisoformat(cell)) >= _FIRST_DAY:
        return day
    return _fitting(cell)


def _fitting(text: str) -> str:
    # Most are as they must be, which is found sooner than mended.
    if len(text) <= LONGEST_CELL and text.isprintable():
        return text
    # What reads XML makes one line feed of each end of a line.
    plain = without_illegal_xml(text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain if len(plain) <= LONGEST_CELL else plain[: LONGEST_CELL - 1] + "…"


def _texts(cells: Iterable[list[object]]) -> Iterator[list[object]]:
    for row in cells:
        yield [_fitting(cell) if isinstance(cell, str) else cell for cell in row]


def _open(
    sheet: Any, cells: Sequence[list[object]], names: Sequence[str], styles: dict[str, Any]
) -> None:
    """Write the first sheet; its last rows are those of the sheets with these names."""
    sheet.hide_gridlines(2)
    for number, width in enumerate((34, 100, 10, 40)):
        sheet.set_column(number, number, width)
    listed = len(cells) - len(names)
    for at, row in enumerate(cells):
        for number, cell in enumerate(row):
            if at >= listed and number == 0:
                sheet.write_url(at, 0, _address(str(cell)), styles["link"], str(cell))
            elif isinstance(cell, str) and number and _ADDRESS.fullmatch(cell):
                sheet.write_url(at, number, cell, styles["link"], cell)
            elif isinstance(cell, str):
                sheet.write_string(at, number, cell, _style(at, number, len(row), listed, styles))
            elif cell is not None:
                sheet.write(at, number, cell, styles["text"])


def _style(at: int, number: int, width: int, listed: int, styles: dict[str, Any]) -> Any:
    if at == 0:
        return styles["title"]
    if at == listed - 1 or width == 1:
        return styles["heading"]
    return styles["text" if number or at >= listed else "name"]


def _explain(sheet: Any, cells: Iterable[list[object]], styles: dict[str, Any]) -> None:
    """Write the second sheet."""
    sheet.freeze_panes(1, 2)
    for number, width in enumerate((34, 30, 12, 36, _WIDEST, _WIDEST)):
        sheet.set_column(number, number, width)
    last = 0
    for at, row in enumerate(cells):
        for number, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(at, number, cell, None if at else styles["heading"])
        last = at
    sheet.autofilter(0, 0, last, len(readme.COLUMN_HEAD) - 1)


def _fill(
    sheet: Any,
    table: DataTable,
    cells: Iterable[list[object]],
    leads: dict[str, str],
    styles: dict[str, Any],
) -> None:
    """Write the sheet of a table; `leads` are the names of sheets by those of their tables."""
    columns, lines = arranged(table), iter(cells)
    head, *beginning = islice(lines, _MEASURED + 1)
    sheet.freeze_panes(1, 1)
    if not readme.whose(table):
        sheet.set_tab_color("#1F4E79")
    for number, width in enumerate(_widths(columns, beginning)):
        sheet.set_column(number, number, width)
    for number, name in enumerate(map(str, head)):
        beside = leads.get(f"{table.name}{readme.BESIDE}{name.partition('@')[0]}")
        if number == 0:
            sheet.write_url(0, 0, _address(OPENING), styles["leading"], name, "What this is")
        elif beside:
            tip = f"A row for each value: {beside}"
            sheet.write_url(0, number, _address(beside), styles["leading"], name, tip)
        else:
            sheet.write_string(0, number, name, styles["heading"])
    last = 0
    for at, row in enumerate(chain(beginning, lines), 1):
        for number, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(at, number, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(at, number, cell, styles["day"])
            elif cell is not None:
                sheet.write(at, number, cell)
        last = at
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _widths(columns: Sequence[Column], beginning: Sequence[Sequence[object]]) -> Iterator[int]:
    """Yield how wide each column is, by its heading and its first cells, within bounds.

    Beside their names, IRIs are for programs: there the heading tells it alone.
    """
    names = {column.name for column in columns}
    for number, column in enumerate(columns):
        width = len(column.name) + _BUTTON
        if name_of(column.name) not in names:
            lines = (str(row[number] or "").partition("\n")[0] for row in beginning)
            width = max(width, *map(len, lines), 0)
        widest = _WIDEST if number or column.type is Type.IRI else _FROZEN
        yield min(max(width, _NARROWEST), widest)


def _address(sheet: str) -> str:
    quoted = sheet.replace("'", "''")
    return f"internal:'{quoted}'!A1"
