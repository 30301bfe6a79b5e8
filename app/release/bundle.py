"""A release of any RDF: its quads as they are, sorted, without rules or shapes.

The engine's own parser reads; the reader that knows every place is asked only where that one
stops, so that a fault has its line and column.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from pathlib import Path

import pyoxigraph as ox

from app import __version__
from app.errors import Fault
from app.manifest import DATASET, Release
from app.rdf.garbage import uncollected
from app.rdf.source import Source, read_source
from app.release import distributions
from app.release.folder import add, staged
from app.release.material import Material

Advance = Callable[[float], None]
_BATCH = 50_000
# What is written with prefixes and abbreviations is shorter than its N-Quads.
_GROWTH = {ox.RdfFormat.N_TRIPLES: 1, ox.RdfFormat.N_QUADS: 1}
_USUAL_GROWTH = 3
_READING = 0.2


def bundle(
    files: Sequence[Path],
    base: str,
    out: Path,
    advance: Advance = lambda share: None,
    *,
    as_of: date | None = None,
    formats: Iterable[str] | None = (),
    note: Callable[[str], None] = lambda text: None,
    prove: bool = False,
) -> Release:
    """Write a release of RDF files into `out` and return it; `base` is that of the server.

    Its digest is the SHA-256 of the sorted lines. Blank nodes are named in the order in which
    they come up, so that the same files give the same bytes. `advance` is told the share done.
    `as_of`, `formats`, `note` and `prove` are as they are for `build`, but that no format beside
    N-Quads is written where none is named.
    Raises one Fault that lists every unreadable file, OSError where nothing can be written.
    """
    writers = distributions.chosen(formats)
    content, prefixes = _content(files, _share(advance, 0, _READING if writers else 1))
    release = Release(
        version=__version__,
        date=(as_of or date.today()).isoformat(),
        digest=hashlib.sha256(content).hexdigest(),
        base=base,
        dataset=f"{base}dataset",
        quads=content.count(b"\n"),
        prefixes=dict(sorted(prefixes.items())),
    )
    with staged(release, out) as folder:
        add({DATASET: content}, folder)
        # The formats are written from the file, and memory is not for both.
        del content
        material = Material(
            folder, (), release.prefixes, base, count=release.quads, day=release.date
        )
        able = distributions.able(writers, material.read, note, of_record=False)
        able = distributions.fitting(able, material, note)
        distributions.write(able, material, _share(advance, _READING, 1), prove=prove)
    return release


def _share(advance: Advance, begin: float, end: float) -> Advance:
    return lambda share: advance(begin + (end - begin) * share)


def _content(files: Sequence[Path], advance: Advance) -> tuple[bytes, dict[str, str]]:
    """Return the sorted lines of files and their prefixes. Raises Fault."""
    lines: list[bytes] = []
    prefixes: dict[str, str] = {}
    faults: list[str] = []
    blank = _BlankNodes()
    with uncollected():
        for number, file in enumerate(files):
            try:
                source = read_source(file)
                blank.begin()
                written = 0
                expected = len(source.text) * _GROWTH.get(source.format, _USUAL_GROWTH)
                for batch in _read(source, blank, prefixes):
                    lines += batch
                    written += sum(map(len, batch))
                    advance((number + min(written / expected, 0.99)) / len(files))
            except Fault as fault:
                faults.append(str(fault))
        if faults:
            raise Fault("\n".join(faults))
        lines.sort()
        lines = [line for line, _ in groupby(lines)]
    return b"".join(lines), prefixes


def _read(source: Source, blank: "_BlankNodes", prefixes: dict[str, str]) -> Iterator[list[bytes]]:
    """Yield the lines of a source in batches; add its prefixes to `prefixes`, the first wins."""
    reading = source.read()
    quads = iter(reading)
    while batch := ox.serialize(islice(quads, _BATCH), format=ox.RdfFormat.N_QUADS):
        lines = batch.splitlines(keepends=True)
        yield [line if b"_:" not in line else blank.renamed(line) for line in lines]
    for prefix, space in reading.prefixes.items():
        prefixes.setdefault(prefix, space)


class _BlankNodes:
    """Names for blank nodes in the order in which they come up; each file has its own nodes."""

    # What a line of N-Quads is made of, as far as it could hide what looks like a blank node.
    _TOKEN = re.compile(rb'<<\(|<[^>]*>|"(?:[^"\\]|\\.)*"|(_:[^\s<>"]+)')

    def __init__(self) -> None:
        self._count = 0
        self._names: dict[bytes, bytes] = {}

    def begin(self) -> None:
        """Begin another file."""
        self._names = {}

    def renamed(self, line: bytes) -> bytes:
        """Return a line with its blank nodes named."""
        return self._TOKEN.sub(self._rename, line)

    def _rename(self, token: re.Match[bytes]) -> bytes:
        node = token[1]
        if node is None:
            return token[0]
        if node not in self._names:
            self._names[node] = b"_:b%d" % self._count
            self._count += 1
        return self._names[node]
