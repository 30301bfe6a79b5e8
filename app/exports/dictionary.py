"""The data dictionary: what each column of each table means."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.exports import csv
from app.exports.tables import Column, DataTable, Row, Type

FILE_CSV, FILE_JSON = "dictionary.csv", "dictionary.json"
Words = Mapping[str, str]
"""Texts by language."""
_COLUMNS = (
    Column("table", Type.STRING, "Table"),
    Column("column", Type.STRING, "Column"),
    Column("type", Type.STRING, "Type"),
    Column("title", Type.STRING, "Title"),
    Column("meaning", Type.STRING, "Meaning"),
    Column("property", Type.IRI, "Property"),
    Column("key", Type.BOOLEAN, "Part of the key"),
    Column("references", Type.STRING, "Table that its values are in"),
)


def as_csv(tables: Sequence[DataTable]) -> bytes:
    """Return the dictionary as CSV: a row for each column."""
    return b"".join(csv.blocks(_COLUMNS, _rows(tables)))


def as_json(tables: Iterable[DataTable], labels: Mapping[str, Words] = {}) -> bytes:
    """Return the dictionary as JSON; `labels` are what properties are called, by language."""
    members = [
        {
            "table": table.name,
            "title": table.title,
            "meaning": table.note,
            "rows": table.size,
            "key": list(table.key),
            "columns": [
                {
                    "column": column.name,
                    "type": column.type.value,
                    "title": column.title,
                    "meaning": column.note,
                    **_of_property(column.property, labels),
                    **_references(table, column),
                }
                for column in table.columns
            ],
        }
        for table in tables
    ]
    return (json.dumps({"tables": members}, ensure_ascii=False, indent=1) + "\n").encode()


def _of_property(property: str, labels: Mapping[str, Words]) -> dict[str, object]:
    if not property:
        return {}
    return {"property": property, "labels": dict(sorted(labels.get(property, {}).items()))}


def _references(table: DataTable, column: Column) -> dict[str, object]:
    led = [one.table for one in table.references if one.column == column.name]
    return {"references": led[0]} if led else {}


def _rows(tables: Iterable[DataTable]) -> Iterator[Row]:
    for table in tables:
        for column in table.columns:
            led = [one.table for one in table.references if one.column == column.name]
            yield (
                table.name,
                column.name,
                column.type.value,
                column.title,
                column.note or None,
                column.property or None,
                "true" if column.name in table.key else "false",
                led[0] if led else None,
            )
