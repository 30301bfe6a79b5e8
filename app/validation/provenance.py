"""From a derived triple to the written statements that it rests on."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import pyoxigraph as ox
from rdflib import BNode, Graph, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.evaluate import evalPart
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import FrozenBindings, QueryContext
from rdflib.term import Identifier, URIRef

from app.namespaces import DLG, EDTF, RDF
from app.rdf import edtf
from app.record.record import Rule
from app.validation.engines.rdflib_terms import graph, to_ox, to_rdflib
from app.validation.locations import Index, Occurrence, Triple, Triples

_MOST = 10
"""As many ways to conclude a triple are followed; who mends it needs the first."""
_DAYS = {DLG.begins: "first", DLG.ends: "last"}
_PARTS = "p", "p1", "p2", "part"


class Premises:
    """The rules of a record and what they concluded, to be asked for the reasons.

    `held` are the triples that the rules started from; `derived` what each of them added, in
    their order, the computed dates first; `written` where statements stand. Nothing is prepared
    before the first question: a record without a fault pays nothing.
    """

    def __init__(
        self,
        written: Index,
        held: Sequence[ox.Triple],
        derived: Sequence[Sequence[ox.Triple]],
        rules: Sequence[Rule],
    ) -> None:
        self._written, self._held, self._derived, self._rules = written, held, derived, rules
        self._prepared: dict[int, tuple[CompValue, Graph, Triples]] = {}
        self._known: dict[Triple, tuple[Occurrence, ...]] = {}

    def of(self, triple: Triple) -> tuple[Occurrence, ...]:
        """Return the written statements from which a triple was concluded.

        Those about its own subject come first, those of types last, else in the order of their
        places. A written triple is its own premise; nothing for one that no rule concluded.
        """

        def order(entry: Occurrence) -> tuple[object, ...]:
            subject, predicate, _ = entry.triple
            return predicate == RDF.type, subject != triple[0], entry.object

        return tuple(sorted(dict.fromkeys(self._follow(triple, frozenset())), key=order))

    def derived(self, subject: object, predicate: ox.NamedNode) -> list[Triple]:
        """Return the derived triples with a subject and a predicate."""
        return [triple for triple in self._origin if triple[:2] == (subject, predicate)]

    def along(self, start: object, path: object, end: object) -> tuple[Triple, ...]:
        """Return the triples, written or derived, of a way along an rdflib path."""
        return self._triples.along(start, path, end)  # type: ignore[arg-type]

    @cached_property
    def _origin(self) -> dict[Triple, int]:
        origin: dict[Triple, int] = {}
        for number, triples in enumerate(self._derived):
            for triple in triples:
                origin.setdefault(tuple(triple), number)
        return origin

    @cached_property
    def _triples(self) -> Triples:
        return Triples([*self._held, *(t for triples in self._derived for t in triples)])

    def _follow(self, triple: Triple, above: frozenset[Triple]) -> tuple[Occurrence, ...]:
        if triple in self._known:
            return self._known[triple]
        if written := self._written.triple(triple):
            return tuple(written)
        number = self._origin.get(triple)
        if number is None or triple in above:
            return ()
        reasons = self._dates(triple) if number == 0 else self._reasons(triple, number)
        found = tuple(
            dict.fromkeys(
                entry
                for reason in dict.fromkeys(reasons)
                for entry in self._follow(reason, above | {triple})
            )
        )
        self._known[triple] = found
        return found

    def _dates(self, triple: Triple) -> Iterator[Triple]:
        subject, predicate, _ = triple
        texts: dict[str, Triple] = {}
        for entry in self._written.of(subject, DLG.date):
            value = entry.statement.quad.object
            if isinstance(value, ox.Literal) and value.datatype == EDTF:
                texts[value.value] = (subject, DLG.date, value)
        side = _DAYS[predicate]
        narrowest = getattr(edtf.narrowest(texts), side)
        for text, premise in texts.items():
            if getattr(edtf.read(text), side) == narrowest:
                yield premise

    def _reasons(self, triple: Triple, number: int) -> Iterator[Triple]:
        if number not in self._prepared:
            self._prepared[number] = self._prepare(number)
        query, before, walked = self._prepared[number]
        patterns = list(_patterns(query.p))
        for bound in _unified(query.template or patterns, triple):
            context = QueryContext(before, initBindings=bound)
            for solution in islice(evalPart(context, query.p), _MOST):
                yield from _instantiated(patterns, solution, walked)

    def _prepare(self, number: int) -> tuple[CompValue, Graph, Triples]:
        """Return the query of a rule and what it read, of the properties that it names.

        A rule that asks for what is not there must not see its own conclusions, nor later ones.
        """
        query = prepareQuery(self._rules[number - 1].text).algebra
        named = set(_properties(query))
        read = [
            triple
            for triples in (self._held, *self._derived[:number])
            for triple in triples
            if None in named or triple.predicate.value in named
        ]
        return query, graph(read), Triples(read)


def _instantiated(
    patterns: Iterable[tuple[Identifier, object, Identifier]],
    solution: FrozenBindings,
    walked: Triples,
) -> Iterator[Triple]:
    for subject, predicate, value in patterns:
        start, end = _value(solution, subject), _value(solution, value)
        if start is None or end is None:
            continue
        if isinstance(predicate, Path):
            yield from walked.along(to_ox(start), predicate, to_ox(end))
        elif (found := _value(solution, predicate)) is not None:
            yield to_ox(start), ox.NamedNode(str(found)), to_ox(end)


def _value(solution: FrozenBindings, term: object) -> Identifier | None:
    if not isinstance(term, Variable | BNode):
        return term  # type: ignore[return-value]
    try:
        return solution[term]
    except KeyError:
        # What a subquery or an aggregate keeps to itself is not told.
        return None


def _unified(
    template: Iterable[tuple[object, object, object]], triple: Triple
) -> Iterator[dict[str, Identifier]]:
    """Yield the bindings under which a triple of a template is `triple`."""
    wanted = [to_rdflib(term) for term in triple]
    for pattern in template:
        bound: dict[str, Identifier] = {}
        for term, value in zip(pattern, wanted, strict=True):
            if isinstance(term, Variable):
                if bound.setdefault(term, value) != value:
                    break
            elif term != value:
                break
        else:
            yield bound


def _patterns(part: object) -> Iterator[tuple[Identifier, object, Identifier]]:
    """Yield the triple patterns that a solution instantiates: not those that must not be there."""
    if not isinstance(part, CompValue):
        return
    if part.name == "BGP":
        yield from part.triples
        return
    for name in _PARTS:
        if name in part and not (part.name == "Minus" and name == "p2"):
            yield from _patterns(part[name])


def _properties(part: object) -> Iterator[str | None]:
    """Yield the properties in the patterns of a query and its filters; None where any will do.

    Other IRIs may be among them. rdflib leaves the pattern of an EXISTS as it was parsed: a list
    of terms, three by three.
    """
    if isinstance(part, CompValue) and part.name in ("BGP", "TriplesBlock"):
        for triple in part.triples:
            for predicate in triple[1::3]:
                yield from _in_path(predicate)
    elif isinstance(part, CompValue):
        for value in part.values():
            yield from _properties(value)
    elif isinstance(part, list | tuple | set):
        for item in part:
            yield from _properties(item)
    elif isinstance(part, URIRef | Path):
        yield from _in_path(part)


def _in_path(path: object) -> Iterator[str | None]:
    if isinstance(path, URIRef):
        yield str(path)
    elif isinstance(path, SequencePath | AlternativePath):
        for part in path.args:
            yield from _in_path(part)
    elif isinstance(path, InvPath):
        yield from _in_path(path.arg)
    elif isinstance(path, MulPath):
        yield from _in_path(path.path)
    elif isinstance(path, CompValue):
        yield from _properties(path)
    else:
        yield None
