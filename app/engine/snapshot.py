"""A released graph in memory, and the evaluation of a query on it.

What runs here may crash, fill or occupy its process; see `app.engine.worker` for what is done
about it.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from app import errors
from app.engine.analysis import QueryAnalysis, glance
from app.engine.columns import star, with_columns
from app.engine.query import Kind, Query
from app.engine.rewriting import rewrite
from app.engine.serializer import Capped, Sink, cap, serialise, unwritable
from app.engine.syntax_errors import syntax_error
from app.errors import Rejected
from app.rdf.formats import GRAPHS, RESULTS

EngineAnswer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
T = TypeVar("T")
_UNKNOWN = re.compile(r"The custom function <([^<>\"{}|^`\\\s]*)> is not supported")
# Each costs the parsing of the query once more.
_FUNCTIONS = 100


class Snapshot:
    """A store that is read only, with what its release says: base and prefixes for queries.

    It is in memory, or on disk at `path`, from where `open` opens it. `sealed` tells whether the
    kernel keeps queries in (`sandbox.close`); where it does not, a query that so much as
    mentions SERVICE is refused.
    """

    def __init__(
        self,
        store: ox.Store | None,
        base: str,
        prefixes: dict[str, str],
        *,
        path: Path | None = None,
        quads: int = 0,
    ) -> None:
        self.base, self.prefixes = base, prefixes
        self._path = path
        self.store = ox.Store() if store is None else store
        self.quads = quads if store is None else len(store)
        self.sealed = False

    def open(self) -> None:
        """Open the store if it lies on disk. Raises OSError where it cannot be opened.

        Every file of it is opened at once: a process that is sealed can open none.
        """
        if self._path is not None:
            self.store = ox.Store.read_only(str(self._path))

    def evaluate(self, query: Query, sink: Sink) -> None:
        """Answer a query into `sink`. Raises Rejected for one that cannot be answered.

        Updates and SERVICE are refused before anything runs. A graph that the dataset does not
        hold is an empty one: nothing is fetched. What was written before a failure is no answer.
        """
        analysis = glance(query.text)
        self._refuse(analysis, query)
        media = self._media(analysis.kind, query)
        if analysis.kind in query.unchanged and media and not analysis.volatile:
            sink.begin(analysis.kind, media, volatile=False, unchanged=True)
            return
        try:
            answer = self._run(query)
            kind = _kind(answer)
            media = self._media(kind, query)
            content: EngineAnswer | Capped = answer
            capped = None
            if query.max_rows and not isinstance(answer, ox.QueryBoolean):
                content = cap(answer, query.max_rows)
                capped = content.capped
            sink.begin(kind, media, volatile=analysis.volatile, unchanged=False, capped=capped)
            serialise(content, media, sink, self.prefixes)
        except SyntaxError as error:
            known = frozenset(self.prefixes)
            raise syntax_error(error.msg, query.text, known) from None
        except MemoryError:
            raise errors.query_memory() from None
        except (RuntimeError, ValueError, OSError) as error:
            raise _failure(error, on_disk=self._path is not None) from None

    def _refuse(self, analysis: QueryAnalysis, query: Query) -> None:
        if analysis.update:
            detail = f"{analysis.update} would change the data; this endpoint answers queries only."
            raise errors.updates_disabled(detail)
        if analysis.federated or (not self.sealed and re.search("service", query.text, re.I)):
            raise errors.federation_disabled()
        for graph in (*query.default_graphs, *query.named_graphs):
            if _node(graph) is None:
                raise errors.parameters_wrong(f"“{graph}” names no graph: it is no absolute IRI.")

    def _media(self, kind: Kind | None, query: Query) -> str:
        if kind is None:
            return ""
        if kind not in query.media:
            offered = [*GRAPHS] if kind is Kind.GRAPH else [*RESULTS]
            raise errors.not_acceptable(offered, _CALLED[kind])
        return query.media[kind]

    def _run(self, query: Query) -> EngineAnswer:
        default = [ox.NamedNode(graph) for graph in query.default_graphs]
        named = [ox.NamedNode(graph) for graph in query.named_graphs]
        asked = bool(default or named)
        functions: dict[ox.NamedNode, Callable[..., None]] = {}
        # To hand over a prefix costs something even where the query does not use it.
        prefixes = {n: start for n, start in self.prefixes.items() if f"{n}:" in query.text}

        def run(store: ox.Store, text: str) -> EngineAnswer:
            return store.query(
                text,
                base_iri=self.base,
                prefixes=prefixes,
                # Where the protocol names any graph, those it names are the whole dataset.
                default_graph=default if asked else None,  # type: ignore[arg-type]
                named_graphs=named if asked else None,  # type: ignore[arg-type]
                substitutions=query.variables() or None,
                custom_functions=functions or None,  # type: ignore[arg-type]
            )

        text = query.text
        if place := star(text):
            # Asked of nothing, the engine tells the columns at once.
            none = _defining(functions, lambda: run(ox.Store(), text))
            if isinstance(none, ox.QuerySolutions):
                text = with_columns(text, place, [variable.value for variable in none.variables])
        if (rewritten := rewrite(text)) != text:
            # What is wrong is told at its place in the query as it was written.
            _defining(functions, lambda: run(ox.Store(), text))
            text = rewritten
        return _defining(functions, lambda: run(self.store, text))


def _defining(functions: dict[ox.NamedNode, Callable[..., None]], run: Callable[[], T]) -> T:
    """Return what `run` does, once each function that the engine does not know is defined.

    To call one is an error of evaluation, not of the query (SPARQL 1.1, section 17.6): it has no
    value, and the row stays.
    """
    while True:
        try:
            return run()
        except RuntimeError as error:
            unknown = _UNKNOWN.match(str(error))
            if not unknown or len(functions) == _FUNCTIONS:
                raise
            functions[ox.NamedNode(unknown[1])] = _no_value


def _no_value(*_: object) -> None:
    return None


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


def _failure(error: Exception, *, on_disk: bool) -> Rejected:
    # The engine's own words may repeat what another machine said: only those that cannot pass on.
    if unsupported := _UNKNOWN.match(str(error)):
        return errors.query_failed(unsupported[0] + ".")
    if "does not support" in str(error):
        return unwritable("a triple term, which this format has no way to write")
    if on_disk and isinstance(error, OSError):
        # The query is right: it met a part of the store that cannot be read.
        return errors.not_ready("A part of the data cannot be read.")
    return errors.query_failed()
