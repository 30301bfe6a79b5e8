"""What a focus node has: how many values, which of other properties, and none that it may not have.

Source: SHACL, sections 4.2, 4.5 and 4.8.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from app.rdf.sparql.paths import PredicatePath
from app.validation.engines.native.run import Constraint, Failure, Pairs, Run


@dataclass(frozen=True, kw_only=True, eq=False)
class MinCount(Constraint):
    """`sh:minCount`."""

    count: int

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the focus nodes with too few values."""
        for focus, values in pairs:
            if len(values) < self.count:
                yield Failure(focus, None)


@dataclass(frozen=True, kw_only=True, eq=False)
class MaxCount(Constraint):
    """`sh:maxCount`."""

    count: int

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the focus nodes with too many values."""
        for focus, values in pairs:
            if len(values) > self.count:
                yield Failure(focus, None)


@dataclass(frozen=True, kw_only=True, eq=False)
class Equals(Constraint):
    """`sh:equals`."""

    predicate: ox.NamedNode

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that the other property lacks, then its values that are none here."""
        others_of = run.graph.by_subject(self.predicate)
        for focus, values in pairs:
            others = others_of.get(focus, ())
            mine, theirs = set(values), set(others)
            for value in values:
                if value not in theirs:
                    yield Failure(focus, value)
            for value in others:
                if value not in mine:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Disjoint(Constraint):
    """`sh:disjoint`."""

    predicate: ox.NamedNode

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that the other property has too."""
        others_of = run.graph.by_subject(self.predicate)
        for focus, values in pairs:
            theirs = set(others_of.get(focus, ()))
            for value in values:
                if value in theirs:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class LessThan(Constraint):
    """`sh:lessThan` and `sh:lessThanOrEquals`; `signs` are the outcomes that are right."""

    predicate: ox.NamedNode
    signs: frozenset[int]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield a value for each value of the other property that it is not less than."""
        others_of = run.graph.by_subject(self.predicate)
        order, signs = run.order, self.signs
        order.learn(
            (value, other)
            for focus, values in pairs
            for other in others_of.get(focus, ())
            for value in values
        )
        for focus, values in pairs:
            others = others_of.get(focus, ())
            for value in values:
                for other in others:
                    if order.compare(value, other) not in signs:
                        yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Closed(Constraint):
    """`sh:closed` with `sh:ignoredProperties`."""

    allowed: frozenset[ox.NamedNode]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the objects of properties that the shape does not allow, with these as path."""
        focus_nodes: dict[object, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]] = {}
        for focus, values in pairs:
            for value in values:
                focus_nodes.setdefault(value, []).append(focus)
        nodes = pairs.values()
        for predicate in run.graph.predicates:
            if predicate in self.allowed:
                continue
            described = run.graph.by_subject(predicate)
            # The smaller of both is gone through, so that few nodes cost little.
            few = len(nodes) <= len(described)
            at_fault = (
                [n for n in nodes if n in described]
                if few
                else [n for n in described if n in focus_nodes]
            )
            for value in at_fault:
                for focus in focus_nodes[value]:
                    for other in described[value]:
                        yield Failure(focus, other, PredicatePath(predicate))
