"""SHACL property paths: read from shapes, walked over a graph, written as SPARQL.

A path becomes a small machine of numbered states whose steps follow one predicate, forwards or
backwards; to walk is to search the pairs of node and state breadth first. So a walk takes no more
time than the part of the graph that it can reach, and the first way found is a shortest one.

Source: SHACL (W3C Recommendation of 2017-07-20), section 2.3.1; SPARQL 1.1 (W3C Recommendation of
2013-03-21), section 9.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import pyoxigraph as ox

from app.namespaces import RDF, SH
from app.rdf.terms import Term

Triple = tuple[Term, ox.NamedNode, Term]

LONGEST_LIST = 1_000_000
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class PredicatePath:
    """The step from a subject to its objects."""

    iri: ox.NamedNode


@dataclass(frozen=True, slots=True)
class InversePath:
    """A path walked from its end to its start."""

    path: "Path"


@dataclass(frozen=True, slots=True)
class SequencePath:
    """Paths walked one after the other."""

    parts: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class AlternativePath:
    """Any one of several paths."""

    parts: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class ZeroOrMorePath:
    """A path walked any number of times, also never."""

    path: "Path"


@dataclass(frozen=True, slots=True)
class OneOrMorePath:
    """A path walked once or more."""

    path: "Path"


@dataclass(frozen=True, slots=True)
class ZeroOrOnePath:
    """A path walked once or never."""

    path: "Path"


Path = (
    PredicatePath
    | InversePath
    | SequencePath
    | AlternativePath
    | ZeroOrMorePath
    | OneOrMorePath
    | ZeroOrOnePath
)

Repeated = ZeroOrMorePath | OneOrMorePath | ZeroOrOnePath
_UNARY: dict[ox.NamedNode, Callable[[Path], Path]] = {
    SH.inversePath: InversePath,
    SH.zeroOrMorePath: ZeroOrMorePath,
    SH.oneOrMorePath: OneOrMorePath,
    SH.zeroOrOnePath: ZeroOrOnePath,
}
_MARKS = {ZeroOrMorePath: "*", OneOrMorePath: "+", ZeroOrOnePath: "?"}


class Steps(Protocol):
    """A graph that can be walked."""

    def objects(self, subject: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the objects of a subject and a predicate."""

    def subjects(self, value: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the subjects of an object and a predicate."""


class IllFormed(ValueError):
    """A node is no property path, or no list; `node` is the part at fault."""

    def __init__(self, node: Term, sentence: str) -> None:
        super().__init__(sentence)
        self.node = node


def members(graph: Steps, start: Term) -> list[Term]:
    """Return the members of an RDF list in their order.

    Raises IllFormed if it is none: a node with no or several first members or rests, a list that
    comes back to itself, or one of more than a million members.
    Source: SHACL, section 1.4 (SHACL list).
    """
    found: list[Term] = []
    seen: set[Term] = set()
    node = start
    while node != RDF.nil:
        first, rest = graph.objects(node, RDF.first), graph.objects(node, RDF.rest)
        if len(first) != 1 or len(rest) != 1:
            raise IllFormed(
                node, "the list is broken: each node needs one rdf:first and one rdf:rest"
            )
        if node in seen:
            raise IllFormed(start, "the list comes back to itself: end it with rdf:nil")
        if len(found) == LONGEST_LIST:
            raise IllFormed(start, f"the list has more than {LONGEST_LIST:,} members")
        seen.add(node)
        found.append(first[0])
        node = rest[0]
    if start == RDF.nil and (graph.objects(start, RDF.first) or graph.objects(start, RDF.rest)):
        raise IllFormed(start, "rdf:nil is the empty list: it has no rdf:first and no rdf:rest")
    return found


def read(graph: Steps, node: Term) -> Path:
    """Return the property path that a node of a shapes graph is.

    Raises IllFormed if it is none. A node that is a list and something else besides is the list,
    as the W3C's tests want it (`is_ambiguous` tells).
    """
    return _read(graph, node, ())


def _read(graph: Steps, node: Term, above: tuple[Term, ...]) -> Path:
    if isinstance(node, ox.NamedNode):
        return PredicatePath(node)
    if not isinstance(node, ox.BlankNode):
        raise IllFormed(node, f"{node} is no property path: write an IRI")
    if node in above:
        raise IllFormed(node, "the property path contains itself")
    if len(above) >= _DEEPEST:
        raise IllFormed(node, f"the property path is nested more than {_DEEPEST} deep")
    inside = (*above, node)
    if graph.objects(node, RDF.first):
        return SequencePath(_parts(graph, node, inside, "a sequence"))
    kinds = [(p, v) for p in (SH.alternativePath, *_UNARY) for v in graph.objects(node, p)]
    if len(kinds) != 1:
        raise IllFormed(
            node,
            "the node is several property paths at once: keep one of them"
            if kinds
            else "the node is no property path: write an IRI, a list, or one of "
            "sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, sh:oneOrMorePath, "
            "sh:zeroOrOnePath",
        )
    predicate, value = kinds[0]
    if predicate == SH.alternativePath:
        return AlternativePath(_parts(graph, value, inside, "sh:alternativePath"))
    return _UNARY[predicate](_read(graph, value, inside))


def _parts(graph: Steps, start: Term, above: tuple[Term, ...], what: str) -> tuple[Path, ...]:
    parts = tuple(_read(graph, member, above) for member in members(graph, start))
    if len(parts) < 2:
        raise IllFormed(start, f"{what} is a list of two or more property paths")
    return parts


def is_ambiguous(graph: Steps, node: Term) -> bool:
    """Return whether a node is a list and, against the text of SHACL, another path besides."""
    return bool(graph.objects(node, RDF.first)) and any(
        graph.objects(node, predicate) for predicate in (SH.alternativePath, *_UNARY)
    )


def text(path: Path, name: Callable[[ox.NamedNode], str] = str) -> str:
    """Return a path as SPARQL writes it, its IRIs by `name`: in full, unless told otherwise.

    >>> text(InversePath(PredicatePath(ox.NamedNode("urn:p"))))
    '^<urn:p>'
    """
    if isinstance(path, PredicatePath):
        return name(path.iri)
    if isinstance(path, SequencePath):
        return "/".join(_grouped(part, name) for part in path.parts)
    if isinstance(path, AlternativePath):
        return "|".join(_grouped(part, name) for part in path.parts)
    inner = _grouped(path.path, name)
    return f"^{inner}" if isinstance(path, InversePath) else inner + _MARKS[type(path)]


def _grouped(path: Path, name: Callable[[ox.NamedNode], str]) -> str:
    written = text(path, name)
    return written if isinstance(path, PredicatePath) else f"({written})"


def predicates(path: Path) -> Iterator[ox.NamedNode]:
    """Yield the predicates that a path is made of."""
    if isinstance(path, PredicatePath):
        yield path.iri
    elif isinstance(path, SequencePath | AlternativePath):
        for part in path.parts:
            yield from predicates(part)
    else:
        yield from predicates(path.path)


def follow(path: Path, graph: Steps) -> Callable[[Term], Sequence[Term]]:
    """Return the function from a focus node to its value nodes: distinct, in a fixed order."""
    if isinstance(path, PredicatePath):
        iri, objects = path.iri, graph.objects
        return lambda node: objects(node, iri)
    if isinstance(path, InversePath) and isinstance(path.path, PredicatePath):
        back, subjects = path.path.iri, graph.subjects
        return lambda node: subjects(node, back)
    machine = _machine(path)
    return lambda node: [end for end, _ in machine.walk(node, graph)]


def way(path: Path, start: Term, end: Term, graph: Steps) -> tuple[Triple, ...] | None:
    """Return the triples of a shortest way from `start` to `end`; None where there is no way.

    The way is empty where a path that may be walked never (`sh:zeroOrMorePath`) is.
    """
    return Walk(path, start, graph).way(end)


class Walk:
    """A walk along a path from one node, as far as it has been asked for."""

    def __init__(self, path: Path, start: Term, graph: Steps) -> None:
        self._rest = _machine(path).walk(start, graph)
        self._trails: dict[Term, _Trail] = {}

    def way(self, end: Term, most: int | None = None) -> tuple[Triple, ...] | None:
        """Return the triples of a shortest way to `end`, the last `most`; None if there is none."""
        while end not in self._trails:
            reached = next(self._rest, None)
            if reached is None:
                return None
            self._trails[reached[0]] = reached[1]
        trail = self._trails[end]
        triples: list[Triple] = []
        while trail is not None and (most is None or len(triples) < most):
            triple, trail = trail
            triples.append(triple)
        return tuple(reversed(triples))


_Trail = tuple[Triple, "_Trail"] | None
_Step = tuple[ox.NamedNode, bool, int]


class _Machine:
    """The states of a path: `steps` leave a state along a predicate, forwards or backwards."""

    def __init__(self, path: Path) -> None:
        self._silent: list[list[int]] = []
        self._steps: list[list[_Step]] = []
        self._start, self._end = self._state(), self._state()
        self._build(path, self._start, self._end, True)
        self._after = [self._closure(state) for state in range(len(self._silent))]

    def _state(self) -> int:
        self._silent.append([])
        self._steps.append([])
        return len(self._silent) - 1

    def _build(self, path: Path, start: int, end: int, forwards: bool) -> None:
        if isinstance(path, PredicatePath):
            self._steps[start].append((path.iri, forwards, end))
        elif isinstance(path, InversePath):
            self._build(path.path, start, end, not forwards)
        elif isinstance(path, SequencePath):
            parts = path.parts if forwards else tuple(reversed(path.parts))
            for number, part in enumerate(parts, 1):
                after = end if number == len(parts) else self._state()
                self._build(part, start, after, forwards)
                start = after
        elif isinstance(path, AlternativePath):
            for part in path.parts:
                self._build(part, start, end, forwards)
        else:
            # States of their own: a loop must not leak into what stands before or after.
            enter, leave = self._state(), self._state()
            self._silent[start].append(enter)
            self._build(path.path, enter, leave, forwards)
            self._silent[leave].append(end)
            if not isinstance(path, ZeroOrOnePath):
                self._silent[leave].append(enter)
            if not isinstance(path, OneOrMorePath):
                self._silent[start].append(end)

    def _closure(self, state: int) -> tuple[bool, tuple[_Step, ...]]:
        """Return whether a state is an end, and the steps from all that is silently reached."""
        reached = dict.fromkeys([state])
        queue = [state]
        while queue:
            for following in self._silent[queue.pop()]:
                if following not in reached:
                    reached[following] = None
                    queue.append(following)
        steps = dict.fromkeys(step for one in sorted(reached) for step in self._steps[one])
        return self._end in reached, tuple(steps)

    def walk(self, start: Term, graph: Steps) -> Iterator[tuple[Term, "_Trail"]]:
        """Yield each node that is reached, once, the nearest first, with the trail to it."""
        seen = {(start, self._start)}
        ends: set[Term] = set()
        queue: deque[tuple[Term, int, _Trail]] = deque([(start, self._start, None)])
        while queue:
            node, state, trail = queue.popleft()
            is_end, steps = self._after[state]
            if is_end and node not in ends:
                ends.add(node)
                yield node, trail
            for predicate, forwards, following in steps:
                neighbours = (graph.objects if forwards else graph.subjects)(node, predicate)
                for other in neighbours:
                    if (other, following) not in seen:
                        seen.add((other, following))
                        triple = (node, predicate, other) if forwards else (other, predicate, node)
                        queue.append((other, following, (triple, trail)))


@lru_cache(maxsize=256)
def _machine(path: Path) -> _Machine:
    return _Machine(path)
