"""A released graph in memory, and the evaluation of a query on it.

What runs here may crash, fill or occupy its process; see `app.engine.worker` for what is done
about it.
"""

import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import IO, Protocol, cast

import pyoxigraph as ox

from app.engine.query import Kind, Query, QueryAnalysis, outline, syntax_error
from app.errors import Rejected

_FRAME = 64 * 1024
# So many triples are looked at to learn which prefixes are worth declaring.
_LOOK_AHEAD = 1000

RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}


class Sink(Protocol):
    """Where an answer goes: first what it is, then its bytes."""

    def begin(self, kind: Kind, media: str, *, volatile: bool, unchanged: bool) -> None:
        """Say what follows: nothing if it is `unchanged`."""

    def write(self, data: bytes) -> int:
        """Take the next bytes, as they are, and return how many."""


class Snapshot:
    """A store that is read only, with what its release says: base and prefixes for queries.

    `sealed` tells whether the kernel keeps queries in (`jail.close`); where it does not, a query
    that so much as mentions SERVICE is refused.
    """

    def __init__(self, store: ox.Store, base: str, prefixes: dict[str, str]) -> None:
        self.store, self.base, self.prefixes = store, base, prefixes
        self.sealed = False

    def evaluate(self, query: Query, sink: Sink) -> None:
        """Answer a query into `sink`. Raises Rejected for one that cannot be answered.

        Updates, SERVICE and graphs that the dataset does not hold are refused before anything
        runs. What was written before a failure is no answer.
        """
        said = outline(query.text)
        self._refuse(said, query)
        media = self._media(said.kind, query)
        if said.kind in query.unchanged and media and not said.volatile:
            sink.begin(said.kind, media, volatile=False, unchanged=True)
            return
        try:
            found = self._run(query)
            kind = _kind(found)
            media = self._media(kind, query)
            sink.begin(kind, media, volatile=said.volatile, unchanged=False)
            self._write(found, media, sink)
        except SyntaxError as error:
            known = frozenset(self.prefixes)
            raise syntax_error(error.msg, query.text, known) from None
        except MemoryError:
            raise Rejected(507, "query-memory", TOO_MUCH_MEMORY) from None
        except (RuntimeError, ValueError, OSError) as error:
            raise _failure(error) from None

    def _refuse(self, said: QueryAnalysis, query: Query) -> None:
        if said.update:
            detail = f"{said.update} would change the data; this endpoint answers queries only."
            raise Rejected(403, "updates-disabled", detail)
        if said.federated or (not self.sealed and re.search("service", query.text, re.I)):
            raise Rejected(403, "federation-disabled", NO_FEDERATION)
        for graph in (*query.default_graphs, *query.named_graphs):
            self._refuse_graph(_node(graph), graph)
        if said.graphs:
            self._refuse_own_graphs(said)

    def _refuse_own_graphs(self, said: QueryAnalysis) -> None:
        # Escapes, prefixes and bases are resolved by the one who will resolve them for the query.
        values = said.prologue + "SELECT ?g { VALUES ?g { " + " ".join(said.graphs) + " } }"
        try:
            rows = ox.Store().query(values, base_iri=self.base, prefixes=self.prefixes)
        except SyntaxError:
            return  # The query itself has the same fault, and shows where.
        for row in rows:  # type: ignore[union-attr]
            self._refuse_graph(row["g"], row["g"].value)

    def _refuse_graph(self, graph: ox.NamedNode | None, name: str) -> None:
        if graph is None or not self.store.contains_named_graph(graph):
            detail = f"The dataset has no graph <{name}>; nothing is fetched from elsewhere."
            raise Rejected(400, "graph-unknown", detail, members={"graph": name})

    def _media(self, kind: Kind | None, query: Query) -> str:
        if kind is None:
            return ""
        if kind not in query.media:
            offered = [*GRAPHS] if kind is Kind.GRAPH else [*RESULTS]
            detail = f"The answer is {_SAID[kind]}; it can be had as {', '.join(offered)}."
            raise Rejected(406, "not-acceptable", detail, members={"offered": offered})
        return query.media[kind]

    def _run(self, query: Query) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        default = [ox.NamedNode(graph) for graph in query.default_graphs]
        named = [ox.NamedNode(graph) for graph in query.named_graphs]
        asked = bool(default or named)
        return self.store.query(
            query.text,
            base_iri=self.base,
            prefixes=self.prefixes,
            # Where the protocol names any graph, those it names are the whole dataset.
            default_graph=default if asked else None,  # type: ignore[arg-type]
            named_graphs=named if asked else None,  # type: ignore[arg-type]
            substitutions=query.variables() or None,
        )

    def _write(
        self,
        found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
        media: str,
        sink: Sink,
    ) -> None:
        writer = _Writer(sink, xml=media.endswith("xml"))
        into = cast(IO[bytes], writer)
        if not isinstance(found, ox.QueryTriples):
            found.serialize(into, format=RESULTS[media])
        elif media in ("application/n-triples", "application/n-quads"):
            found.serialize(into, format=GRAPHS[media])
        else:
            first = list(islice(found, _LOOK_AHEAD))
            prefixes = _used(self.prefixes, first)
            ox.serialize(chain(first, found), into, format=GRAPHS[media], prefixes=prefixes)
        writer.finish()


NO_FEDERATION = (
    "SERVICE is off: a query is answered from this dataset alone, and nothing leaves this machine."
)
TOO_MUCH_MEMORY = (
    "The query needed more memory than one query may take. Ask for less at a time: a narrower "
    "pattern, a LIMIT, or no ORDER BY, DISTINCT or GROUP BY over everything."
)
_SAID = {Kind.BINDINGS: "a table", Kind.BOOLEAN: "true or false", Kind.GRAPH: "a graph"}


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


def _node(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def _kind(found: object) -> Kind:
    if isinstance(found, ox.QuerySolutions):
        return Kind.BINDINGS
    return Kind.BOOLEAN if isinstance(found, ox.QueryBoolean) else Kind.GRAPH


def _failure(error: Exception) -> Rejected:
    # The engine's own words may repeat what another machine said: only those that cannot pass on.
    said = re.match(r"The custom function <[^<>\"{}|^`\\\s]*> is not supported", str(error))
    if said:
        return Rejected(400, "query-failed", said[0] + ".")
    if "does not support" in str(error):
        return _unwritable("a triple term, which this format has no way to write")
    return Rejected(400, "query-failed", "The query could not be evaluated.")


def _unwritable(what: str) -> Rejected:
    detail = f"The answer holds {what}. Ask for another format."
    return Rejected(406, "not-expressible", detail)


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
                raise _unwritable(
                    "a property whose IRI has no XML name"
                    if wrong[0].startswith(b"<")
                    else "a character that XML has no way to write"
                )
        if count > 0:
            self._sink.write(bytes(memoryview(self._held)[:count]))
            del self._held[:count]
