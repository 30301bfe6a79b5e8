"""A table: its columns with their types, its keys, and its rows, which are read as often as needed.

A cell is text as RDF has it, or None where there is nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import isfinite
from pathlib import Path

Cell = str | None
Row = Sequence[Cell]


class Type(StrEnum):
    """What the cells of a column are."""

    STRING = "string"
    IRI = "iri"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"
    EDTF = "edtf"


_VALID = {
    # Readers of CSV take no sign before a whole number but a minus.
    Type.INTEGER: re.compile(r"-?[0-9]{1,18}"),
    Type.DECIMAL: re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    Type.DOUBLE: re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
    Type.BOOLEAN: re.compile(r"true|false|0|1"),
    Type.DATE: re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"),
}


def fits(text: str, type: Type) -> bool:
    """Return whether every program reads this text as a value of the type.

    >>> fits("12", Type.INTEGER), fits("twelve", Type.INTEGER), fits("twelve", Type.STRING)
    (True, False, True)
    >>> fits("1e30", Type.DOUBLE), fits("1e999", Type.DOUBLE)
    (True, False)
    """
    pattern = _VALID.get(type)
    if pattern is None:
        return True
    if not pattern.fullmatch(text):
        return False
    match type:
        case Type.DATE:
            return _is_day(text)
        case Type.DECIMAL | Type.DOUBLE:
            return isfinite(float(text))
        case _:
            return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Column:
    """A column: its name, unique in its table, its type, a title and an explanation for people.

    `property` is the IRI of what it tells of, empty where it is no property. Where `is_value`, a
    cell is a value of it as it is; else it is worked out from values, or joins several of them.
    `language` is that of all its texts, `datatype` the IRI of that of all its literals; empty where
    there are several, or none.
    """

    name: str
    type: Type
    title: str
    note: str = ""
    property: str = ""
    is_value: bool = False
    language: str = ""
    datatype: str = ""

    def named(self, name: str) -> "Column":
        """Return the same column by another name."""
        return replace(self, name=name)


@dataclass(frozen=True)
class Reference:
    """A column whose cells are keys of another table: of every row, where it is `whole`."""

    column: str
    table: str
    key: str
    whole: bool = True


@dataclass(frozen=True)
class DataTable:
    """A table: `key` are the columns that tell its rows apart, none where nothing does.

    `rows` begins anew each time; their cells are in the order of the columns. `size` is how many.
    `file` has the same rows as CSV, if there is one.
    """

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    rows: Callable[[], Iterator[Row]]
    size: int
    file: Path | None = None


def value_of(cell: Cell, type: Type) -> str | int | float | bool | None:
    """Return a cell as Python has its value: a number, a truth, else its text.

    What has a type fits it, or the column would have another.
    """
    if cell is None:
        return None
    match type:
        case Type.INTEGER:
            return int(cell)
        case Type.DECIMAL | Type.DOUBLE:
            return float(cell)
        case Type.BOOLEAN:
            return cell in ("true", "1")
        case _:
            return cell
