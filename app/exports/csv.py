"""Tables as CSV (RFC 4180): UTF-8 without a mark, a row of names first, lines end in CR LF."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path

from app.exports.tables import Column, Row

_FULL = 1 << 16


class CsvSink:
    """A file of CSV that rows are put into, and that is open only while a block of it is written.

    Hundreds of them are filled at once, which is more than a process may have open.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._path, self._text, self.rows = path, StringIO(newline=""), 0
        self._put = csv.writer(self._text, lineterminator="\r\n").writerow
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        self._put([column.name for column in columns])

    def put(self, row: Row) -> None:
        """Add a row."""
        self._put(row)
        self.rows += 1
        if self._text.tell() > _FULL:
            self.flush()

    def flush(self) -> None:
        """Write what is not yet in the file. Raises OSError where that fails."""
        with self._path.open("ab") as file:
            file.write(self._text.getvalue().encode("utf-8", "replace"))
        self._text.seek(0)
        self._text.truncate()


def read(path: Path, columns: int) -> Callable[[], Iterator[Row]]:
    """Return what reads the rows of a file again: an empty cell is None.

    Raises OSError where the file has gone when it is read.
    """

    def rows() -> Iterator[Row]:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            next(lines, None)
            for line in lines:
                yield [cell or None for cell in line] if line else [None] * columns

    return rows


def blocks(columns: Sequence[Column], rows: Iterable[Row], size: int = _FULL) -> Iterator[bytes]:
    """Yield a table as CSV in blocks of at least `size` bytes, but for the last."""
    text = StringIO(newline="")
    put = csv.writer(text, lineterminator="\r\n").writerow
    put([column.name for column in columns])
    for row in rows:
        put(row)
        if text.tell() >= size:
            yield text.getvalue().encode("utf-8", "replace")
            text.seek(0)
            text.truncate()
    if rest := text.getvalue():
        yield rest.encode("utf-8", "replace")


def lines(rows: Iterable[Row]) -> bytes:
    """Return rows as CSV, without the names of the columns."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


csv.field_size_limit(1 << 30)
