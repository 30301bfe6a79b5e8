"""The data as SPARQL sees them: a store, made when the first query asks.

Oxigraph's store keeps the value of a literal, not its text: `"007"^^xsd:integer` comes back as
`"7"`. So it remembers which literals it changed, and gives them back as they are written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import pyoxigraph as ox

from app.namespaces import XSD
from app.rdf.terms import Term
from app.validation.engines.native.binding import Functions
from app.validation.engines.native.graph import Graph

SHAPES_GRAPH = ox.NamedNode("urn:dialogue:shapes")
"""The name of the shapes graph in queries."""

_MENTIONS = ox.NamedNode("urn:dialogue:mentions")
_NODE = "urn:dialogue:node:"
Solution = dict[str, Term]


class QueryFailed(Exception):
    """A query could not be read or run; the message is Oxigraph's."""


class DataStore:
    """A store of the triples that queries ask about, with the shapes graph if they ask for it.

    `predicates` are those of all queries, None where all triples are wanted; `hides` says that no
    query can see a triple of ours among those of the data.
    """

    def __init__(
        self,
        graph: Graph,
        predicates: frozenset[ox.NamedNode] | None,
        shapes: Graph | None,
        *,
        hides: bool,
    ) -> None:
        self._graph, self._predicates, self._shapes = graph, predicates, shapes
        self._hides = hides
        self._store: ox.Store | None = None
        self._written: Mapping[Term, Sequence[ox.Literal]] = {}
        self._changed: frozenset[ox.NamedNode] = frozenset()
        self._mentioned: set[Term] = set()

    def __len__(self) -> int:
        """Return the number of triples that queries are run over."""
        return len(self._opened())

    def rewrites(self, predicates: frozenset[ox.NamedNode] | None) -> bool:
        """Return whether a literal of predicates, or of any, has another form in the data."""
        self._opened()
        if predicates is None:
            return bool(self._changed)
        return not predicates.isdisjoint(self._changed)

    def written(self, term: Term) -> Sequence[Term]:
        """Return the terms of the data that a term of a solution may stand for."""
        return self._written.get(term) or (term,)

    def mention(self, node: Term) -> None:
        """Let a path of no step find a node, although the data may not have it.

        Source: SPARQL 1.1, section 9.1 (a path of length zero connects a term with itself).
        """
        if not self._hides or node in self._mentioned:
            return
        self._mentioned.add(node)
        store = self._opened()
        at = chain(
            store.quads_for_pattern(None, None, node),
            store.quads_for_pattern(node, None, None)
            if isinstance(node, ox.NamedNode | ox.BlankNode)
            else (),
        )
        if next(at, None) is None:
            subject = ox.NamedNode(f"{_NODE}{len(self._mentioned)}")
            store.add(ox.Quad(subject, _MENTIONS, node))

    def select(
        self, text: str, functions: Functions, joined: dict[ox.Variable, Term] | None = None
    ) -> Iterator[Solution]:
        """Yield the solutions of a query, those alone that have values; raises QueryFailed."""
        answer = self._query(text, functions, joined)
        if not isinstance(answer, ox.QuerySolutions):
            raise QueryFailed("it is no SELECT query")
        names = [variable.value for variable in answer.variables]
        try:
            for solution in answer:
                yield {name: term for name in names if (term := solution[name]) is not None}
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryFailed(str(error)) from error

    def ask(self, text: str, functions: Functions) -> bool:
        """Return the answer of a query; raises QueryFailed."""
        answer = self._query(text, functions)
        if not isinstance(answer, ox.QueryBoolean):
            raise QueryFailed("it is no ASK query")
        return bool(answer)

    def _query(
        self, text: str, functions: Functions, joined: dict[ox.Variable, Term] | None = None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return self._opened().query(text, custom_functions=functions, substitutions=joined)
        except (SyntaxError, OSError, RuntimeError, ValueError) as error:
            raise QueryFailed(str(error)) from error

    def _opened(self) -> ox.Store:
        if self._store is None:
            graph, predicates = self._graph, self._predicates
            wanted = graph.predicates if predicates is None else sorted(predicates, key=str)
            wanted = list(wanted)
            self._written = _rewritten(_typed(graph, wanted))
            changed = {v for form, known in self._written.items() for v in known if v != form}
            self._changed = frozenset(p for p in wanted if changed and _has(graph, p, changed))
            store = ox.Store()
            store.bulk_extend(graph.quads(wanted))
            if (shapes := self._shapes) is not None:
                store.bulk_extend(shapes.quads(shapes.predicates, SHAPES_GRAPH))
            self._store = store
        return self._store


def _typed(graph: Graph, predicates: Iterable[ox.NamedNode]) -> list[ox.Literal]:
    """Return the literals of predicates that have a text and a value."""
    values = dict.fromkeys(
        value
        for predicate in predicates
        for objects in graph.by_subject(predicate).values()
        for value in objects
        if type(value) is ox.Literal
    )
    return [v for v in values if v.language is None and v.datatype != XSD.string]


def _has(graph: Graph, predicate: ox.NamedNode, literals: set[ox.Literal]) -> bool:
    return any(not literals.isdisjoint(o) for o in graph.by_subject(predicate).values())


def _rewritten(literals: Sequence[ox.Literal]) -> dict[Term, list[ox.Literal]]:
    """Return the forms that a store gives back for other literals, each with these literals."""
    probe = ox.Store()
    probe.bulk_extend(
        ox.Quad(ox.NamedNode(f"{_NODE}{number}"), _MENTIONS, literal)
        for number, literal in enumerate(literals)
    )
    forms = {quad.object for quad in probe}
    if len(forms) == len(literals) and all(literal in forms for literal in literals):
        return {}
    originals: dict[Term, list[ox.Literal]] = {}
    for quad in probe:
        literal = literals[int(quad.subject.value[len(_NODE) :])]
        originals.setdefault(quad.object, []).append(literal)
    return {form: known for form, known in originals.items() if known != [form]}
