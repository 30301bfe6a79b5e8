"""Tables as Parquet, a file each (https://parquet.apache.org/docs/file-format/)."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from app.errors import Fault
from app.exports.tables import Cell, DataTable, Type, value_of

# A block is larger than the longest row.
_BATCH, _BLOCK = 20_000, 1 << 25
NEEDS, EXTRA = "pyarrow", "tables"


def write(table: DataTable, path: Path) -> None:
    """Write one table. Raises Fault where pyarrow is not installed, OSError where nothing can be.

    Explanations of table and columns are in the metadata of the file.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Fault(f"parquet: {NEEDS} is missing: pip install dialogue-graph[{EXTRA}]") from None
    types: dict[Type, Any] = {
        Type.INTEGER: pyarrow.int64(),
        Type.DECIMAL: pyarrow.float64(),
        Type.DOUBLE: pyarrow.float64(),
        Type.BOOLEAN: pyarrow.bool_(),
        Type.DATE: pyarrow.date32(),
    }
    schema = pyarrow.schema(
        [
            pyarrow.field(
                column.name,
                types.get(column.type, pyarrow.string()),
                nullable=column.name not in table.key,
                metadata={"title": column.title, "note": column.note, "property": column.property},
            )
            for column in table.columns
        ],
        metadata={"title": table.title, "note": table.note},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _of_file(table.file, schema) if table.file else _of_rows(table, schema):
            writer.write_batch(batch)


def _of_file(path: Path, schema: Any) -> Iterator[Any]:
    """Yield the rows of a file of CSV, which is read many times faster than cell by cell."""
    import pyarrow.csv

    options = pyarrow.csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        true_values=["true", "1"],
        false_values=["false", "0"],
    )
    reading = pyarrow.csv.ReadOptions(block_size=_BLOCK)
    parsing = pyarrow.csv.ParseOptions(newlines_in_values=True)
    with pyarrow.csv.open_csv(path, reading, parsing, options) as batches:
        for batch in batches:
            yield pyarrow.record_batch(batch.columns, schema=schema)


def _of_rows(table: DataTable, schema: Any) -> Iterator[Any]:
    import pyarrow

    rows = table.rows()
    while batch := list(islice(rows, _BATCH)):
        columns = [
            pyarrow.array([_value(row[number], column.type) for row in batch], field.type)
            for number, (column, field) in enumerate(zip(table.columns, schema, strict=True))
        ]
        yield pyarrow.record_batch(columns, schema=schema)


def _value(cell: Cell, type: Type) -> str | int | float | bool | date | None:
    if type is Type.DATE and cell is not None:
        return date.fromisoformat(cell)
    return value_of(cell, type)
