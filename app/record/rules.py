"""Rules as they are read, and run: what each concludes, and from which triples.

A rule is run once, as the SELECT of its own pattern: each solution is one way to conclude what
the template says, and the triples that the pattern matched there are that way's reasons.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.rdf.sparql import paths
from app.rdf.terms import Term

Slot = Term | ox.Variable
Way = tuple[ox.Triple, ...]
Reasons = dict[ox.Triple, tuple[Way, ...]]
"""What was concluded, each with the ways that lead to it; a way is the triples that it takes."""

_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class TriplePattern:
    """A triple pattern that a solution makes a triple of, or the way along a path.

    It counts only where all variables of `branches` are bound: those of the OPTIONAL groups and
    the sides of a UNION that it stands in.
    """

    subject: Slot
    predicate: paths.Path | ox.Variable
    object: Slot
    branches: tuple[ox.Variable, ...] = ()


@dataclass(frozen=True)
class ParsedRule:
    """A rule in parts: what it concludes, the patterns that give it, and its query.

    `select` is the rule's pattern as a SELECT query of all its variables.
    """

    template: tuple[tuple[Slot, Slot, Slot], ...]
    patterns: tuple[TriplePattern, ...]
    select: str


class StoredTriples:
    """The default graph of a store, to walk paths along; in an order that is always the same."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def objects(self, subject: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the objects of a subject and a predicate."""
        if not isinstance(subject, ox.NamedNode | ox.BlankNode):
            return ()
        quads = self._store.quads_for_pattern(subject, predicate, None, _DEFAULT)
        return sorted((quad.object for quad in quads), key=str)

    def subjects(self, value: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the subjects of an object and a predicate."""
        quads = self._store.quads_for_pattern(None, predicate, value, _DEFAULT)
        return sorted((quad.subject for quad in quads), key=str)


def conclude(rule: ParsedRule, store: ox.Store) -> Reasons:
    """Return what a rule concludes from the default graph of a store and is not there yet.

    Terms are as the store hands them out: it shortens some literals (`016` of xsd:integer).
    """
    solutions = store.query(rule.select)
    if not isinstance(solutions, ox.QuerySolutions):
        raise AssertionError("a SELECT query has solutions")
    graph = StoredTriples(store)
    reasons: dict[ox.Triple, dict[Way, None]] = {}
    for solution in solutions:
        conclusions = [t for t in _conclusions(rule, solution) if ox.Quad(*t) not in store]
        if conclusions:
            way = tuple(dict.fromkeys(_matched(rule.patterns, solution, graph)))
            for triple in conclusions:
                reasons.setdefault(triple, {})[way] = None
    return {triple: tuple(sorted(ways, key=str)) for triple, ways in reasons.items()}


def _conclusions(rule: ParsedRule, solution: ox.QuerySolution) -> Iterator[ox.Triple]:
    for pattern in rule.template:
        subject, predicate, value = (_value(slot, solution) for slot in pattern)
        # What is no triple is left out: SPARQL 1.1, section 16.2.
        if (
            isinstance(subject, ox.NamedNode | ox.BlankNode)
            and isinstance(predicate, ox.NamedNode)
            and value is not None
        ):
            yield ox.Triple(subject, predicate, value)


def _matched(
    patterns: Iterable[TriplePattern], solution: ox.QuerySolution, graph: paths.Steps
) -> Iterator[ox.Triple]:
    for pattern in patterns:
        if any(_value(branch, solution) is None for branch in pattern.branches):
            continue
        start, end = _value(pattern.subject, solution), _value(pattern.object, solution)
        path = pattern.predicate
        if isinstance(path, ox.Variable):
            predicate = _value(path, solution)
            if not isinstance(predicate, ox.NamedNode):
                continue
            path = paths.PredicatePath(predicate)
        if start is not None and end is not None:
            for triple in paths.way(path, start, end, graph) or ():
                yield ox.Triple(*triple)  # type: ignore[arg-type]


def _value(slot: Slot, solution: ox.QuerySolution) -> Term | None:
    return solution[slot] if isinstance(slot, ox.Variable) else slot
