"""Which blank node of one reading of a text is which of another.

Two readers of the same text name its blank nodes each in their own way, and give statements in
different orders. What a blank node is, its neighbours say: classes of nodes are refined by the
classes of their neighbours until nothing splits any more (colour refinement). Where several nodes
are left in a class, the first of one side is taken for the first of the other, and what follows
from that is refined again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import BlankNode, Quad

_Side = dict[BlankNode, int]


def match(one: Iterable[Quad], other: Iterable[Quad]) -> dict[BlankNode, BlankNode]:
    """Return, for the blank nodes of `one`, those of `other` that stand for the same.

    Repeated quads count once. Exact where a node can be told from every other by colour
    refinement; between nodes that cannot, the order in which they come decides. A node that has
    no counterpart is left out. The time grows with the statements about blank nodes, by a
    logarithm more than linearly.
    """
    ours, theirs = list(one), list(other)
    names = _aligned(ours, theirs)
    return _Partition(ours, theirs).pairs() if names is None else names


def _aligned(one: Sequence[Quad], other: Sequence[Quad]) -> dict[BlankNode, BlankNode] | None:
    """Return which is which where two readings have the same order; nothing where they have not."""
    names: dict[BlankNode, BlankNode] = {}
    back: dict[BlankNode, BlankNode] = {}
    if len(one) != len(other):
        return None
    for ours, theirs in zip(one, other, strict=True):
        if ours == theirs:
            continue
        for term, twin in zip(ours, theirs, strict=True):
            if isinstance(term, BlankNode) and isinstance(twin, BlankNode):
                if names.setdefault(term, twin) != twin or back.setdefault(twin, term) != term:
                    return None
            elif term != twin:
                return None
    return names


def renamed(quad: Quad, names: Mapping[BlankNode, BlankNode]) -> Quad:
    """Return a statement with the names that `names` has for its blank nodes."""
    if not names:
        return quad
    subject, predicate, value, graph = quad
    if isinstance(subject, BlankNode):
        subject = names.get(subject, subject)
    if isinstance(value, BlankNode):
        value = names.get(value, value)
    if isinstance(graph, BlankNode):
        graph = names.get(graph, graph)
    return Quad(subject, predicate, value, graph)


class _Partition:
    """The blank nodes of both sides, in classes of those that look alike so far.

    Nodes are numbers: those of one side first. `_class` is the class of each, `_members` what a
    class has of one side and of the other, in the order of the statements.
    """

    def __init__(self, one: Iterable[Quad], other: Iterable[Quad]) -> None:
        self._labels: dict[object, int] = {}
        self._ground: list[set[int]] = []
        self._edges: list[set[tuple[int, int]]] = []
        self._near: list[set[int]] = []
        self._nodes: list[BlankNode] = []
        self._take(one)
        self._half = len(self._nodes)
        self._take(other)
        self._class: list[int] = []
        self._signature: list[tuple[tuple[int, int], ...]] = [()] * len(self._nodes)
        self._members: list[tuple[dict[int, None], dict[int, None]]] = []
        self._begin()
        self._refine(set(range(len(self._nodes))))

    def pairs(self) -> dict[BlankNode, BlankNode]:
        """Return the nodes of one side with those of the other."""
        result: dict[BlankNode, BlankNode] = {}
        for node in range(self._half):
            ours, theirs = self._members[self._class[node]]
            if not theirs:
                continue
            twin = next(iter(theirs))
            if len(ours) > 1 or len(theirs) > 1:
                self._single_out(node, twin)
            result[self._nodes[node]] = self._nodes[twin]
        return result

    def _take(self, quads: Iterable[Quad]) -> None:
        side: _Side = {}
        for subject, predicate, value, graph in quads:
            first, second = isinstance(subject, BlankNode), isinstance(value, BlankNode)
            if isinstance(graph, BlankNode) or (first and second):
                self._take_several((subject, value, graph), predicate, side)
            elif first:
                label = self._label((0, predicate, value, graph))
                self._ground[self._node(subject, side)].add(label)
            elif second:
                label = self._label((1, predicate, subject, graph))
                self._ground[self._node(value, side)].add(label)

    def _take_several(self, terms: tuple[Any, Any, Any], predicate: object, side: _Side) -> None:
        """Take in a statement that may have several blank nodes, or one at several places."""
        blank = [isinstance(term, BlankNode) for term in terms]
        fixed = tuple(
            None if is_blank else term for is_blank, term in zip(blank, terms, strict=True)
        )
        nodes = [
            self._node(term, side) for is_blank, term in zip(blank, terms, strict=True) if is_blank
        ]
        roles = [role for role in range(3) if blank[role]]
        for node in dict.fromkeys(nodes):
            own = tuple(role for role, other in zip(roles, nodes, strict=True) if other == node)
            label = self._label((own, predicate, fixed))
            if len(own) == len(nodes):
                self._ground[node].add(label)
            for role, other in zip(roles, nodes, strict=True):
                if other != node:
                    self._edges[node].add((self._label((label, role)), other))
                    self._near[other].add(node)

    def _node(self, term: BlankNode, side: _Side) -> int:
        node = side.get(term)
        if node is None:
            node = side[term] = len(self._nodes)
            self._nodes.append(term)
            self._ground.append(set())
            self._edges.append(set())
            self._near.append(set())
        return node

    def _label(self, key: object) -> int:
        return self._labels.setdefault(key, len(self._labels))

    def _begin(self) -> None:
        """The first classes: by what is said without another blank node."""
        classes: dict[object, int] = {}
        for node, ground in enumerate(self._ground):
            number = classes.setdefault(frozenset(ground), len(classes))
            if number == len(self._members):
                self._members.append(({}, {}))
            self._class.append(number)
            self._members[number][node >= self._half][node] = None

    def _refine(self, dirty: set[int]) -> None:
        """Split classes until the nodes in `dirty`, and all that depend on them, are settled."""
        while dirty:
            touched: dict[int, dict[tuple[tuple[int, int], ...], list[int]]] = {}
            for node in sorted(dirty):
                classes = self._class
                ours, theirs = self._members[classes[node]]
                if len(ours) <= 1 and len(theirs) <= 1:
                    # Two that have found each other are told apart from all others already.
                    continue
                signature = tuple(sorted((label, classes[n]) for label, n in self._edges[node]))
                if signature != self._signature[node]:
                    self._signature[node] = signature
                    groups = touched.setdefault(classes[node], defaultdict(list))
                    groups[signature].append(node)
            dirty = set()
            for number, groups in touched.items():
                for node in self._split(number, list(groups.values())):
                    dirty |= self._near[node]

    def _split(self, number: int, groups: list[list[int]]) -> Iterator[int]:
        """Give each group a class of its own; what stays keeps the old one. Yields the moved."""
        ours, theirs = self._members[number]
        if len(ours) + len(theirs) == sum(map(len, groups)):
            groups.remove(max(groups, key=len))
        for group in groups:
            new = len(self._members)
            self._members.append(({}, {}))
            for node in group:
                self._move(node, new)
                yield node

    def _move(self, node: int, number: int) -> None:
        half = node >= self._half
        del self._members[self._class[node]][half][node]
        self._members[number][half][node] = None
        self._class[node] = number

    def _single_out(self, node: int, twin: int) -> None:
        """Let two nodes be a class of their own, and refine what follows from that."""
        new = len(self._members)
        self._members.append(({}, {}))
        self._move(node, new)
        self._move(twin, new)
        self._refine(self._near[node] | self._near[twin])
