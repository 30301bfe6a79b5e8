"""Names for what is anonymous: an IRI from its content (RDF 1.1 Concepts, section 3.5).

Numbered labels hold for one file only: a fact that is added renumbers all that come after it, and
two releases cannot be compared. A name that is made of what is said of a node changes when that
changes, and with it those of the nodes that hold it; no other does. Two nodes of which the same is
said get one name, since nothing tells them apart.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

import pyoxigraph as ox

from app.namespaces import GENID

_DIGITS = 32
_MARK = ox.NamedNode("urn:node")
_Names = dict[ox.BlankNode, ox.NamedNode]


def skolemize(quads: Sequence[ox.Quad], base: str) -> list[ox.Quad]:
    """Return quads in which every blank node has an IRI below `base` instead, made of its content.

    The content are the statements about the node, in whichever graph, with the names of the
    anonymous nodes among their values; of a node that names a graph, also what the graph holds.
    Nodes that lead to themselves are named by the canonical form of all that hangs together with
    them (RDFC-1.0), whose cost is not bounded: not for what strangers send.
    """
    anonymous = [quad for quad in quads if any(_blanks(quad))]
    named = {quad: quad for quad in quads}
    for component in _components(anonymous):
        named |= _name(component, base)
    return list(dict.fromkeys(named[quad] for quad in quads))


def _name(component: Sequence[ox.Quad], base: str) -> dict[ox.Quad, ox.Quad]:
    """Return each quad of what hangs together by blank nodes, with its names."""
    try:
        names = _by_content(component, base)
    except CycleError:
        names = _by_place(component, base)
    return {quad: _renamed(quad, names) for quad in component}


def _by_content(component: Iterable[ox.Quad], base: str) -> _Names:
    """Return a name for each blank node by what is said of it. Raises CycleError."""
    contents: dict[ox.BlankNode, set[tuple[object, ...]]] = {}
    for quad in component:
        for node in _blanks(quad):
            contents.setdefault(node, set())
        if isinstance(quad.subject, ox.BlankNode):
            contents[quad.subject].add((quad.predicate, quad.object))
        if isinstance(quad.graph_name, ox.BlankNode):
            contents[quad.graph_name].add(tuple(quad.triple))
    needed = {
        node: {blank for terms in content for term in terms for blank in _blanks(term)}
        for node, content in contents.items()
    }
    names: _Names = {}
    for node in TopologicalSorter(needed).static_order():
        lines = {" ".join(str(_named(t, names)) for t in terms) for terms in contents[node]}
        names[node] = _genid(base, "\n".join(sorted(lines)))
    return names


def _by_place(component: Sequence[ox.Quad], base: str) -> _Names:
    """Return a name for each blank node by its place in the whole, which it marks.

    One node at a time, since of several that nothing tells apart any may be the first, and which
    of the others is which may depend on that.
    """
    names: _Names = {}
    left = {node for quad in component for node in _blanks(quad)}
    while left:
        forms = {n: _canonical(component, {**names, n: _MARK}) for n in sorted(left, key=str)}
        first = min(forms, key=lambda node: forms[node])
        names[first] = _genid(base, forms[first])
        left.discard(first)
    return names


def _canonical(component: Iterable[ox.Quad], names: _Names) -> str:
    whole = ox.Dataset(_renamed(quad, names) for quad in component)
    whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, whole)))


def _components(quads: Sequence[ox.Quad]) -> Iterator[list[ox.Quad]]:
    """Yield the quads in parts of which no two share a blank node."""
    parents: dict[ox.BlankNode, ox.BlankNode] = {}

    def root(node: ox.BlankNode) -> ox.BlankNode:
        while (parent := parents.setdefault(node, node)) != node:
            parents[node] = node = parents[parent]
        return node

    for quad in quads:
        first, *others = _blanks(quad)
        for other in others:
            parents[root(other)] = root(first)
    parts: dict[ox.BlankNode, list[ox.Quad]] = {}
    for quad in quads:
        parts.setdefault(root(next(_blanks(quad))), []).append(quad)
    yield from parts.values()


def _blanks(term: object) -> Iterator[ox.BlankNode]:
    """Yield the blank nodes of a term, a triple or a quad."""
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Quad | ox.Triple):
        for part in term:
            yield from _blanks(part)


def _renamed(quad: ox.Quad, names: _Names) -> ox.Quad:
    return ox.Quad(*(_named(term, names) for term in quad))  # type: ignore[arg-type]


def _named(term: object, names: _Names) -> object:
    if isinstance(term, ox.BlankNode):
        return names.get(term, term)
    if isinstance(term, ox.Triple):
        return ox.Triple(*(_named(part, names) for part in term))  # type: ignore[arg-type]
    return term


def _genid(base: str, content: str) -> ox.NamedNode:
    digest = hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]
    return ox.NamedNode(f"{base}{GENID}{digest}")
