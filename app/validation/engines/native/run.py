"""Shapes as they are run: each constraint over all focus nodes of its shape at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import pyoxigraph as ox

from app.rdf.sparql.paths import Path, PredicatePath, follow
from app.rdf.terms import Term
from app.validation.engines.base import Parameters, Ran, Result, ShapeProblem
from app.validation.engines.native.comparison import Order
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.patterns import Patterns
from app.validation.engines.native.store import DataStore

# Shapes that ask about each other in many ways would else have reasons without end.
_REASONS = 20
_STEPS_INWARDS = 3


class Pairs:
    """Focus nodes, each with its value nodes; without `values`, each is its own value node.

    Two sequences take half the time and memory of one with pairs.
    """

    def __init__(self, nodes: Sequence[Term], values: Sequence[Sequence[Term]] | None) -> None:
        self.nodes, self._values = nodes, values

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[tuple[Term, Sequence[Term]]]:
        if self._values is None:
            return zip(self.nodes, zip(self.nodes), strict=True)
        return zip(self.nodes, self._values, strict=True)

    def values(self) -> Collection[Term]:
        """Return the value nodes, each once, in their order."""
        if self._values is None:
            return dict.fromkeys(self.nodes)
        return dict.fromkeys(value for values in self._values for value in values)

    def without(self, failing: Collection[Term]) -> "Pairs":
        """Return the pairs of the other focus nodes."""
        if self._values is None:
            return Pairs([node for node in self.nodes if node not in failing], None)
        rest = [pair for pair in self if pair[0] not in failing]
        return Pairs([node for node, _ in rest], [values for _, values in rest])


class Failure(NamedTuple):
    """A focus node that breaks a constraint, with what only this fault knows."""

    focus: Term
    value: Term | None
    path: Path | None = None
    bindings: Mapping[str, Term] | None = None
    messages: tuple[ox.Literal, ...] = ()
    reasons: tuple[Term, ...] = ()
    """The values to look into for the reason."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Constraint(ABC):
    """A constraint of a shape; its fields are those of `Result`."""

    component: ox.NamedNode
    parameters: Parameters = ()
    node: Term | None = None
    messages: tuple[ox.Literal, ...] = ()

    @abstractmethod
    def faults(self, pairs: Pairs, run: "Run") -> Iterable[Failure]:
        """Yield what breaks the constraint."""

    def inner(self, fault: Failure, run: "Run") -> tuple[Result, ...]:
        """Return the results inside other shapes that are the reason of a fault."""
        return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Property(Constraint):
    """`sh:property`: each value node is a focus node of a property shape, as often as it comes."""

    shape: "Shape"

    def faults(self, pairs: Pairs, run: "Run") -> Iterable[Failure]:
        """Yield the focus nodes that have a value node at fault, with it."""
        bad = run.failing(self.shape, pairs.values())
        return [
            Failure(focus, value) for focus, values in pairs for value in values if value in bad
        ]


@dataclass(frozen=True, eq=False)
class Shape:
    """A shape: `path` of a property shape, None of a node shape."""

    node: Term
    path: Path | None
    constraints: tuple[Constraint, ...]
    severity: ox.NamedNode
    messages: tuple[ox.Literal, ...]
    deactivated: bool = False


class Run:
    """One validation of a graph: what constraints share while it lasts.

    `shared` are the nodes of the shapes that are asked about from several places: what a node came
    to is remembered for them.
    """

    def __init__(
        self,
        graph: Graph,
        store: DataStore,
        shared: Collection[Term],
    ) -> None:
        self.graph, self.store = graph, store
        self.order, self.patterns = Order(), Patterns()
        self.ran = Ran()
        self.notes: dict[str, None] = {}
        self.texts: dict[str, frozenset[str]] = {}
        self.problems: list[ShapeProblem] = []
        self._depth = 0
        self._verdicts: dict[Term, dict[Term, bool]] = {node: {} for node in shared}
        self._steps: dict[Path, Callable[[Term], Sequence[Term]]] = {}
        self._reached: set[Constraint] = set()

    def follow(self, path: Path) -> Callable[[Term], Sequence[Term]]:
        """Return the function from a focus node to its value nodes along a path."""
        if (step := self._steps.get(path)) is None:
            step = self._steps[path] = follow(path, self.graph)
        return step

    def results(self, shape: Shape, nodes: Mapping[Term, int]) -> Iterator[Result]:
        """Yield the results of focus nodes, each as often as `nodes` says."""
        pairs = self._pairs(shape, nodes)
        if not pairs:
            return
        for constraint in shape.constraints:
            self._count(constraint, pairs)
            if isinstance(constraint, Property):
                yield from self.results(constraint.shape, _value_nodes(shape, pairs, nodes))
                continue
            for fault in constraint.faults(pairs, self):
                result = self._result(shape, constraint, fault)
                for _ in range(nodes[fault.focus]):
                    yield result

    def failing(self, shape: Shape, nodes: Iterable[Term]) -> set[Term]:
        """Return the focus nodes that do not conform to a shape.

        Source: SHACL, section 3.4.1 (a node conforms if there is no result, of any severity).
        """
        verdicts = self._verdicts.get(shape.node)
        if verdicts is None:
            return self._failing(shape, nodes)
        nodes = list(nodes)
        fresh = [node for node in nodes if node not in verdicts]
        if fresh:
            bad = self._failing(shape, fresh)
            verdicts.update((node, node in bad) for node in fresh)
        return {node for node in nodes if verdicts[node]}

    def _failing(self, shape: Shape, nodes: Iterable[Term]) -> set[Term]:
        failing: set[Term] = set()
        pairs = self._pairs(shape, nodes)
        for constraint in shape.constraints:
            if not pairs:
                break
            self._count(constraint, pairs)
            before = len(failing)
            failing.update(fault.focus for fault in constraint.faults(pairs, self))
            if len(failing) > before:
                pairs = pairs.without(failing)
        return failing

    def inside(self, shape: Shape, value: Term) -> list[Result]:
        """Return why a value does not conform to a shape that a constraint asks about.

        Of many reasons some are enough; so are those of a few steps inwards.
        """
        if self._depth >= _STEPS_INWARDS:
            return []
        self._depth += 1
        try:
            results = islice(self.results(shape, {value: 1}), _REASONS)
            return [replace(result, within=shape.node) for result in results]
        finally:
            self._depth -= 1

    def _pairs(self, shape: Shape, nodes: Iterable[Term]) -> Pairs:
        if shape.deactivated or not shape.constraints:
            return Pairs((), None)
        nodes = list(nodes)
        if shape.path is None:
            return Pairs(nodes, None)
        if isinstance(shape.path, PredicatePath):
            # By far the most frequent path; a call for each node would take twice the time.
            get = self.graph.by_subject(shape.path.iri).get
            return Pairs(nodes, [get(node, ()) for node in nodes])
        step = self.follow(shape.path)
        return Pairs(nodes, [step(node) for node in nodes])

    def _count(self, constraint: Constraint, pairs: Pairs) -> None:
        self.ran.checks += len(pairs)
        if constraint not in self._reached:
            self._reached.add(constraint)
            self.ran.constraints += 1

    def _result(self, shape: Shape, constraint: Constraint, fault: Failure) -> Result:
        return Result(
            fault.focus,
            fault.path or shape.path,
            fault.value,
            shape.node,
            constraint.component,
            constraint.node,
            shape.severity,
            constraint.parameters,
            fault.messages or constraint.messages or shape.messages,
            fault.bindings,
            constraint.inner(fault, self),
        )


def _value_nodes(shape: Shape, pairs: Pairs, nodes: Mapping[Term, int]) -> Mapping[Term, int]:
    """Return the value nodes, each with how often it is one, of all focus nodes together."""
    if shape.path is None:
        return nodes
    times: dict[Term, int] = {}
    for focus, values in pairs:
        for value in values:
            times[value] = times.get(value, 0) + nodes[focus]
    return times
