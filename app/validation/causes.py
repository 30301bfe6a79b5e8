"""From a result to what is written wrongly: the triple of the value at fault, and the way to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from app.namespaces import SH
from app.rdf.sparql.paths import Path, PredicatePath, Steps, Triple, Walk, follow
from app.rdf.terms import Term
from app.validation.engines.base import Result

_MISSING = frozenset(
    SH[f"{kind}ConstraintComponent"] for kind in ("MinCount", "QualifiedMinCount", "HasValue")
)
_OTHER_PROPERTY = frozenset({SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals})

_MOST_STEPS = 10
"""As many steps before a value are shown: of the way into a long list, the end is enough."""


class Written(Steps, Protocol):
    """A graph that can be walked and knows its predicates."""

    @property
    def predicates(self) -> Iterable[ox.NamedNode]:
        """The predicates of the graph."""


class Spot(NamedTuple):
    """A term of a triple that is at fault: its object or, after an inverse step, its subject."""

    triple: Triple
    is_subject: bool = False


@dataclass(frozen=True)
class Cause:
    """What is to be mended.

    `spots` are the values at fault, `way` what is passed between the focus node and them, and what
    they are compared with. Where no triple is at fault, since one is missing or the node itself is
    the matter, `node` is it.
    """

    spots: tuple[Spot, ...]
    way: tuple[Spot, ...]
    node: Term

    @property
    def triples(self) -> Iterator[Triple]:
        """Every triple of the cause."""
        yield from (spot.triple for spot in self.spots)
        yield from (spot.triple for spot in self.way)


def cause(result: Result, graph: Written) -> Cause:
    """Return what a result blames, by the graph that was validated."""
    focus, path, value = result.focus, result.path, result.value
    if value is None:
        if path is None or result.component in _MISSING:
            return Cause((), (), focus)
        values = follow(path, graph)(focus)
        if not values and isinstance(path, PredicatePath):
            # What a rule concluded may be left out of the graph, and is located all the same.
            spots = (Spot((focus, path.iri, term)) for term in _bound(result))
            return Cause(tuple(spots), (), focus)
        return _of_many(focus, path, _at_issue(result, values), graph)
    if path is not None:
        return _along(result, path, value, graph)
    if value != focus:
        triples = tuple(between(focus, value, graph))
        return Cause(tuple(Spot(triple) for triple in triples), (), value if not triples else focus)
    return Cause((), (), focus)


def _at_issue(result: Result, values: Sequence[Term]) -> Sequence[Term]:
    """Return those of the values that the result is about, where it tells."""
    bindings = result.bindings or {}
    if result.component == SH.UniqueLangConstraintComponent and "lang" in bindings:
        language = bindings["lang"].value  # type: ignore[union-attr]
        return [v for v in values if isinstance(v, ox.Literal) and v.language == language]
    bound = _bound(result)
    return [v for v in values if v in bound] or values


def _bound(result: Result) -> list[Term]:
    """Return what a query found besides the focus node, its path and its value."""
    bindings = result.bindings or {}
    return [term for name, term in bindings.items() if name not in ("this", "path", "value")]


def _of_many(focus: Term, path: Path, values: Sequence[Term], graph: Written) -> Cause:
    spots: list[Spot] = []
    trail: list[Spot] = []
    for value in values:
        triples = _walk(path, focus, graph).way(value, _MOST_STEPS)  # type: ignore[arg-type]
        if triples:
            *passed, last = _walked(triples, focus, value)
            spots.append(last)
            trail += passed
    return Cause(tuple(dict.fromkeys(spots)), tuple(dict.fromkeys(trail)), focus)


def _along(result: Result, path: Path, value: Term, graph: Written) -> Cause:
    focus = result.focus
    triples = _walk(path, focus, graph).way(value, _MOST_STEPS)  # type: ignore[arg-type]
    if triples:
        *passed, last = _walked(triples, focus, value)
        compared = map(Spot, _other_values(result, graph))
        return Cause((last,), (*passed, *compared), focus)
    if triples == ():
        return Cause((), (), value)
    # The value is not one of the path: one of the other property, or of whatever a query bound.
    others = [triple for triple in _other_values(result, graph) if triple[2] == value]
    found = others or list(between(focus, value, graph))
    if not found and isinstance(path, PredicatePath):
        # What a rule concluded may be left out of the graph, and is located all the same.
        found = [(focus, path.iri, value)]
    return Cause(tuple(Spot(triple) for triple in found), (), focus if found else value)


def _other_values(result: Result, graph: Written) -> list[Triple]:
    """Return the values of the property that a constraint compares with."""
    other = (result.bindings or {}).get("other")
    return [
        (result.focus, predicate, value)
        for parameter, predicate in result.parameters
        if parameter in _OTHER_PROPERTY and isinstance(predicate, ox.NamedNode)
        for value in graph.objects(result.focus, predicate)
        if other in (None, value) and (parameter != SH.disjoint or value == result.value)
    ]


@lru_cache(maxsize=1)
def _walk(path: Path, focus: Term, graph: Steps) -> Walk:
    """Return the walk from a focus node: its results follow one another, and share it.

    Without that, the time would grow with the square of the length of a list.
    """
    return Walk(path, focus, graph)


def _walked(triples: Sequence[Triple], start: Term, end: Term) -> Iterator[Spot]:
    """Yield the terms that the steps of a way reach, the last of which is its end."""
    subject, _, value = triples[0]
    at = start if start in (subject, value) else _first(triples)
    for number, triple in enumerate(triples, 1):
        subject, _, value = triple
        backwards = subject != at or (number == len(triples) and value != end)
        yield Spot(triple, is_subject=backwards)
        at = subject if backwards else value


def _first(triples: Sequence[Triple]) -> Term:
    """Return where steps begin that are the last of a longer way."""
    subject, _, value = triples[0]
    return value if len(triples) > 1 and subject in triples[1][::2] else subject


def between(subject: Term, value: Term, graph: Written) -> Iterator[Triple]:
    """Yield the triples that link a subject with an object."""
    for predicate in graph.predicates:
        if value in graph.objects(subject, predicate):
            yield subject, predicate, value
