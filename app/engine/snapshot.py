"""A released graph in memory, and the evaluation of a query on it.

What runs here may crash, fill or occupy its process; see `app.engine.worker` for what is done
about it.
"""

import re

import pyoxigraph as ox

from app import errors
from app.engine.analysis import QueryAnalysis, analyse
from app.engine.query import Kind, Query
from app.engine.serializer import Sink, serialise, unwritable
from app.engine.syntax_errors import syntax_error
from app.errors import Rejected
from app.rdf.formats import GRAPHS, RESULTS


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
        analysis = analyse(query.text)
        self._refuse(analysis, query)
        media = self._media(analysis.kind, query)
        if analysis.kind in query.unchanged and media and not analysis.volatile:
            sink.begin(analysis.kind, media, volatile=False, unchanged=True)
            return
        try:
            answer = self._run(query)
            kind = _kind(answer)
            media = self._media(kind, query)
            sink.begin(kind, media, volatile=analysis.volatile, unchanged=False)
            serialise(answer, media, sink, self.prefixes)
        except SyntaxError as error:
            known = frozenset(self.prefixes)
            raise syntax_error(error.msg, query.text, known) from None
        except MemoryError:
            raise errors.query_memory() from None
        except (RuntimeError, ValueError, OSError) as error:
            raise _failure(error) from None

    def _refuse(self, analysis: QueryAnalysis, query: Query) -> None:
        if analysis.update:
            detail = f"{analysis.update} would change the data; this endpoint answers queries only."
            raise errors.updates_disabled(detail)
        if analysis.federated or (not self.sealed and re.search("service", query.text, re.I)):
            raise errors.federation_disabled()
        for graph in (*query.default_graphs, *query.named_graphs):
            self._refuse_graph(_node(graph), graph)
        if analysis.graphs:
            self._refuse_own_graphs(analysis)

    def _refuse_own_graphs(self, analysis: QueryAnalysis) -> None:
        # Escapes, prefixes and bases are resolved by the one who will resolve them for the query.
        values = analysis.prologue + "SELECT ?g { VALUES ?g { " + " ".join(analysis.graphs) + " } }"
        try:
            rows = ox.Store().query(values, base_iri=self.base, prefixes=self.prefixes)
        except SyntaxError:
            return  # The query itself has the same fault, and shows where.
        for row in rows:  # type: ignore[union-attr]
            self._refuse_graph(row["g"], row["g"].value)

    def _refuse_graph(self, graph: ox.NamedNode | None, name: str) -> None:
        if graph is None or not self.store.contains_named_graph(graph):
            raise errors.graph_unknown(name)

    def _media(self, kind: Kind | None, query: Query) -> str:
        if kind is None:
            return ""
        if kind not in query.media:
            offered = [*GRAPHS] if kind is Kind.GRAPH else [*RESULTS]
            raise errors.not_acceptable(offered, _CALLED[kind])
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


_CALLED = {Kind.BINDINGS: "a table", Kind.BOOLEAN: "true or false", Kind.GRAPH: "a graph"}


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
    unsupported = re.match(r"The custom function <[^<>\"{}|^`\\\s]*> is not supported", str(error))
    if unsupported:
        return errors.query_failed(unsupported[0] + ".")
    if "does not support" in str(error):
        return unwritable("a triple term, which this format has no way to write")
    return errors.query_failed()
