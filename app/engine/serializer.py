"""The answer to a query as bytes: in frames, with the prefixes that shorten something in it."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Protocol, cast

import pyoxigraph as ox

from app.engine import results
from app.engine.query import Kind
from app.errors import Rejected, not_expressible
from app.rdf.formats import CSV, GRAPHS, RESULTS
from app.rdf.prefixes import declarable

_FRAME = 64 * 1024
# So many triples are looked at to learn which prefixes are worth declaring.
_LOOK_AHEAD = 1000
# So many rows of our own writing make a piece.
_BATCH = 100
_WITH_COMMENTS = frozenset(
    {
        ox.RdfFormat.N_QUADS,
        ox.RdfFormat.N_TRIPLES,
        ox.RdfFormat.TRIG,
        ox.RdfFormat.TURTLE,
    }
)


class ByteSink(Protocol):
    """Where the bytes of an answer go."""

    def write(self, data: bytes) -> int:
        """Take the next bytes, as they are, and return how many."""


class Sink(ByteSink, Protocol):
    """Where an answer goes: first what it is, then its bytes."""

    def begin(
        self, kind: Kind, media: str, *, volatile: bool, unchanged: bool, capped: int | None = None
    ) -> None:
        """Say what follows: nothing if it is `unchanged`, only the first `capped` if not None."""


@dataclass(frozen=True)
class CappedRows:
    """The first rows of an answer; `capped` is how many they are where there were more."""

    names: list[str]
    rows: list[ox.QuerySolution]
    capped: int | None


@dataclass(frozen=True)
class CappedGraph:
    """The first triples of an answer; `capped` is how many they are where there were more."""

    triples: list[ox.Triple]
    capped: int | None


Capped = CappedRows | CappedGraph


def cap(answer: ox.QuerySolutions | ox.QueryTriples, most: int) -> Capped:
    """Return the first `most` rows or triples of an answer, all of them in memory.

    Only then is it known whether there are more, which is said before the first.
    """
    if isinstance(answer, ox.QueryTriples):
        triples = list(islice(answer, most + 1))
        return CappedGraph(triples[:most], most if len(triples) > most else None)
    rows = list(islice(answer, most + 1))
    names = [variable.value for variable in answer.variables]
    return CappedRows(names, rows[:most], most if len(rows) > most else None)


def serialise(
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Capped,
    media: str,
    sink: ByteSink,
    prefixes: dict[str, str],
) -> None:
    """Write an answer into `sink`. Raises Rejected for what its format cannot say."""
    writer = _Writer(sink, xml=media.endswith("xml"))
    into = cast(IO[bytes], writer)
    if isinstance(answer, CappedRows):
        _write_rows(results.write(answer.names, _rows(answer.rows), media, answer.capped), writer)
    elif isinstance(answer, ox.QuerySolutions) and media == CSV:
        # The library writes an IRI that has a comma without quotes.
        names = [variable.value for variable in answer.variables]
        _write_rows(results.write(names, _rows(answer), media, None), writer)
    elif isinstance(answer, CappedGraph):
        _write_capped(answer, GRAPHS[media], into, prefixes)
    elif not isinstance(answer, ox.QueryTriples):
        answer.serialize(into, format=RESULTS[media])
    elif GRAPHS[media] in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS):
        answer.serialize(into, format=GRAPHS[media])
    else:
        _write_graph(answer, GRAPHS[media], into, prefixes)
    writer.finish()


def _write_capped(
    answer: CappedGraph, form: ox.RdfFormat, into: IO[bytes], prefixes: dict[str, str]
) -> None:
    """Write a graph with a comment that tells of its cut; JSON-LD has no place for one."""
    comment = "" if answer.capped is None else f"Cut after {answer.capped} triples; there are more."
    if comment and form in _WITH_COMMENTS:
        into.write(f"# {comment}\n".encode())
    _write_graph(iter(answer.triples), form, into, prefixes)
    if comment and form == ox.RdfFormat.RDF_XML:
        # The library writes what stands before it in one piece with the declaration.
        into.write(f"<!-- {comment} -->\n".encode())


def _write_graph(
    triples: Iterator[ox.Triple], form: ox.RdfFormat, into: IO[bytes], prefixes: dict[str, str]
) -> None:
    first = list(islice(triples, _LOOK_AHEAD))
    used = declarable(_used(prefixes, first), form)
    ox.serialize(chain(first, triples), into, format=form, prefixes=used)


def _rows(answer: Iterable[ox.QuerySolution]) -> Iterable[results.Row]:
    # A row is a sequence in the order of the variables, which its stub does not say.
    return cast(Iterable[results.Row], answer)


def _write_rows(pieces: Iterator[str], writer: "_Writer") -> None:
    while batch := list(islice(pieces, _BATCH)):
        writer.write("".join(batch).encode())


def _used(prefixes: dict[str, str], triples: list[ox.Triple]) -> dict[str, str]:
    """Return those prefixes that shorten something in `triples`."""
    starts = {iri[: _split(iri)] for triple in triples for iri in _iris(triple)}
    return {name: start for name, start in prefixes.items() if start in starts}


def _split(iri: str) -> int:
    return max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":")) + 1


def _iris(term: object) -> Iterator[str]:
    if isinstance(term, ox.Triple):
        for part in (term.subject, term.predicate, term.object):
            yield from _iris(part)
    elif isinstance(term, ox.NamedNode):
        yield term.value
    elif isinstance(term, ox.Literal):
        yield term.datatype.value


def unwritable(what: str) -> Rejected:
    """Return the refusal of an answer that holds something that its format cannot write."""
    return not_expressible(f"The answer holds {what}. Ask for another format.")


class _Writer(io.RawIOBase):
    """Gathers the serialiser's small pieces into frames, and keeps XML right.

    What XML cannot say is stopped; a carriage return is written as a reference, since a parser
    reads a bare one as a line feed (XML 1.0, section 2.11).
    """

    _ILL_FORMED = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix: ")

    def __init__(self, sink: ByteSink, *, xml: bool) -> None:
        self._sink, self._xml, self._held = sink, xml, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        if len(self._held) >= _FRAME:
            # What XML cannot say may lie across two pieces, so the last bytes wait.
            self._pass(len(self._held) - 16)
        return len(data)

    def finish(self) -> None:
        """Pass on what is left."""
        self._pass(len(self._held))

    def _pass(self, count: int) -> None:
        if self._xml:
            wrong = self._ILL_FORMED.search(self._held)
            if wrong:
                raise unwritable(
                    "a property whose IRI has no XML name"
                    if wrong[0].startswith(b"<")
                    else "a character that XML has no way to write"
                )
        if count > 0:
            passed = bytes(memoryview(self._held)[:count])
            self._sink.write(passed.replace(b"\r", b"&#13;") if self._xml else passed)
            del self._held[:count]
