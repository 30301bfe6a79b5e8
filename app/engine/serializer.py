"""The answer to a query as bytes: in frames, with the prefixes that shorten something in it."""

import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, Protocol, cast

import pyoxigraph as ox

from app.engine.query import Kind
from app.errors import Rejected, not_expressible
from app.rdf.formats import GRAPHS, N_QUADS, N_TRIPLES, RESULTS

_FRAME = 64 * 1024
# So many triples are looked at to learn which prefixes are worth declaring.
_LOOK_AHEAD = 1000


class Sink(Protocol):
    """Where an answer goes: first what it is, then its bytes."""

    def begin(self, kind: Kind, media: str, *, volatile: bool, unchanged: bool) -> None:
        """Say what follows: nothing if it is `unchanged`."""

    def write(self, data: bytes) -> int:
        """Take the next bytes, as they are, and return how many."""


def serialise(
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    media: str,
    sink: Sink,
    prefixes: dict[str, str],
) -> None:
    """Write an answer into `sink`. Raises Rejected for what its format cannot say."""
    writer = _Writer(sink, xml=media.endswith("xml"))
    into = cast(IO[bytes], writer)
    if not isinstance(answer, ox.QueryTriples):
        answer.serialize(into, format=RESULTS[media])
    elif media in (N_TRIPLES, N_QUADS):
        answer.serialize(into, format=GRAPHS[media])
    else:
        first = list(islice(answer, _LOOK_AHEAD))
        used = _used(prefixes, first)
        ox.serialize(chain(first, answer), into, format=GRAPHS[media], prefixes=used)
    writer.finish()


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
    """Gathers the serialiser's small pieces into frames, and stops what XML cannot say."""

    _ILL_FORMED = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix: ")

    def __init__(self, sink: Sink, *, xml: bool) -> None:
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
            self._sink.write(bytes(memoryview(self._held)[:count]))
            del self._held[:count]
