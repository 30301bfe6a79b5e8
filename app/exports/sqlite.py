"""Tables as one SQLite database: the same tables with keys and indexes, views, and a search.

The same rows give the same content on every machine; the bytes are those of the SQLite that writes.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from app.exports.tables import DataTable, Row, Type, value_of

_AFFINITY = {
    Type.INTEGER: "INTEGER",
    Type.DECIMAL: "REAL",
    Type.DOUBLE: "REAL",
    Type.BOOLEAN: "INTEGER",
}
MOST_COLUMNS = 2000
"""How many columns a table may have, wherever SQLite is built as it is published."""
RESERVED = frozenset(
    {
        "dictionary", "memberships_of_classes", "rejected", "search", "search_config",
        "search_content", "search_data", "search_docsize", "search_idx", "things",
    }
)  # fmt: skip
"""What the database has beside the tables that it is given, the parts of its index among them."""
_PAGE, _BATCH = 4096, 5000
# An expression may be a thousand operators deep.
_JOINED = 100
_WORDS = frozenset({Type.STRING})


def write(tables: Sequence[DataTable], path: Path) -> None:
    """Write tables into a new database.

    Beside them are `things` (each thing with its name and its narrowest table), `dictionary` (each
    column with its meaning), `search` (FTS5 over all texts of a thing) and, where there is a table
    with a column `held`, `rejected` (the rows that are not). Raises OSError or sqlite3.Error where
    nothing can be written.
    """
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size = {_PAGE}")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -32000")
        database.execute("BEGIN")
        for table in tables:
            database.execute(_create(table))
            _fill(database, table)
            for statement in _indexes(table):
                database.execute(statement)
        _dictionary(database, tables)
        _things(database, tables)
        _search(database, tables)
        _views(database, tables)
        database.execute("COMMIT")
        database.execute("VACUUM")


def name(text: str) -> str:
    """Return a name as SQL has it.

    >>> name('prefLabel@en')
    '"prefLabel@en"'
    """
    return '"' + text.replace('"', '""') + '"'


def _create(table: DataTable) -> str:
    lines = [
        f"{name(column.name)} {_AFFINITY.get(column.type, 'TEXT')}"
        + (" NOT NULL" if column.name in table.key else "")
        for column in table.columns
    ]
    if table.key:
        lines.append(f"PRIMARY KEY ({', '.join(map(name, table.key))})")
    lines += [
        f"FOREIGN KEY ({name(one.column)}) REFERENCES {name(one.table)} ({name(one.key)})"
        for one in table.references
    ]
    return f"CREATE TABLE {name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def _fill(database: sqlite3.Connection, table: DataTable) -> None:
    types = [column.type for column in table.columns]
    texts = all(type not in _AFFINITY for type in types)

    def values(rows: Iterable[Row]) -> Iterator[Sequence[str | int | float | bool | None]]:
        for row in rows:
            yield (
                row
                if texts
                else [value_of(cell, type) for cell, type in zip(row, types, strict=True)]
            )

    marks = ", ".join("?" for _ in types)
    statement = f"INSERT INTO {name(table.name)} VALUES ({marks})"  # noqa: S608
    rows = values(table.rows())
    while batch := list(islice(rows, _BATCH)):
        database.executemany(statement, batch)


def _indexes(table: DataTable) -> Iterator[str]:
    led = {reference.column for reference in table.references}
    if not table.key:
        led |= {"subject"} & {column.name for column in table.columns}
    # What a key begins with is found by it.
    for column in sorted(led - {*table.key[:1]}):
        index = name(f"{table.name} by {column}")
        yield f"CREATE INDEX {index} ON {name(table.name)} ({name(column)})"


def _dictionary(database: sqlite3.Connection, tables: Iterable[DataTable]) -> None:
    database.execute(
        'CREATE TABLE dictionary ("table" TEXT NOT NULL, "column" TEXT NOT NULL, type TEXT,'
        ' title TEXT, meaning TEXT, property TEXT, PRIMARY KEY ("table", "column"))'
    )
    database.executemany(
        "INSERT INTO dictionary VALUES (?, ?, ?, ?, ?, ?)",
        (
            (table.name, column.name, column.type.value, column.title, column.note, column.property)
            for table in tables
            for column in table.columns
        ),
    )


def _of_things(tables: Iterable[DataTable]) -> list[DataTable]:
    """Return the tables of things, those that say most of theirs first."""
    return sorted((t for t in tables if t.key == ("iri",)), key=lambda t: (t.size, t.name))


def _things(database: sqlite3.Connection, tables: Iterable[DataTable]) -> None:
    database.execute(
        'CREATE TABLE things (iri TEXT PRIMARY KEY NOT NULL, label TEXT, "table" TEXT)'
    )
    for table in _of_things(tables):
        database.execute(
            f"INSERT OR IGNORE INTO things SELECT iri, label, ? FROM {name(table.name)}"  # noqa: S608
            " ORDER BY iri",
            (table.name,),
        )


def _search(database: sqlite3.Connection, tables: Iterable[DataTable]) -> None:
    database.execute("CREATE VIRTUAL TABLE search USING fts5(iri UNINDEXED, label, text)")
    for table in _of_things(tables):
        texts = [
            f"coalesce({name(column.name)}, '')"
            for column in table.columns
            if column.type in _WORDS and column.name != "label"
        ]
        groups = (_joined(texts[at : at + _JOINED]) for at in range(0, len(texts), _JOINED))
        whole = _joined(f"({group})" for group in groups) or "''"
        database.execute(
            "INSERT INTO search (iri, label, text)"  # noqa: S608
            f" SELECT t.iri, t.label, trim({whole}) FROM {name(table.name)} AS t"
            ' JOIN things ON things.iri = t.iri AND things."table" = ? ORDER BY t.iri',
            (table.name,),
        )
    database.execute("INSERT INTO search (search) VALUES ('optimize')")


def _joined(texts: Iterable[str]) -> str:
    return " || ' ' || ".join(texts)


def _views(database: sqlite3.Connection, tables: Iterable[DataTable]) -> None:
    for table in tables:
        if any(column.name == "held" for column in table.columns) and not table.key:
            database.execute(
                f"CREATE VIEW rejected AS SELECT * FROM {name(table.name)} WHERE held = 0"  # noqa: S608
            )
    of_things = [
        f"SELECT iri, label, '{table.name}' AS \"class\" FROM {name(table.name)}"  # noqa: S608
        for table in _of_things(tables)
    ]
    # SQLite joins no more than 500 selections.
    if 0 < len(of_things) < 500:
        database.execute(f"CREATE VIEW memberships_of_classes AS {' UNION ALL '.join(of_things)}")
