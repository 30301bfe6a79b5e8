"""Blank nodes without a label, and from where in a text they can be found.

A node that is written [ ] or ( ) stands in the statement about another node, and what is said of
it stands there too: so it is found by the node with a name that it hangs on.
"""

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Quad

from app.rdf.parser import Node

_MADE_UP = re.compile(r"[0-9a-f]{16,32}")
_LABEL = "urn:label:"


class Anonymous:
    """The statements with blank nodes of a text that pyoxigraph read.

    It calls nodes with a label in `text` by that, and makes names up for the others; without
    `text` it was told to rename all, and none counts as having a label.
    """

    def __init__(self, quads: Iterable[Quad], text: str | None) -> None:
        self._text = text
        self._about: dict[Node, list[Quad]] = {}
        self._parents: dict[BlankNode, list[Node]] = {}
        self._labelled: dict[BlankNode, bool] = {}
        for quad in quads:
            subject, _, value, _ = quad
            if isinstance(subject, NamedNode | BlankNode):
                if isinstance(value, BlankNode):
                    self._parents.setdefault(value, []).append(subject)
                    self._about.setdefault(subject, []).append(quad)
                elif isinstance(subject, BlankNode):
                    self._about.setdefault(subject, []).append(quad)

    @property
    def knows_labels(self) -> bool:
        """Whether nodes with a label are told from those without."""
        return self._text is not None

    def __contains__(self, node: object) -> bool:
        """Whether a term is a blank node without a label."""
        if not isinstance(node, BlankNode):
            return False
        if self._text is None:
            return True
        labelled = self._labelled.get(node)
        if labelled is None:
            labelled = not _MADE_UP.fullmatch(node.value) or str(node) in self._text
            self._labelled[node] = labelled
        return not labelled

    def anchors(self, nodes: Iterable[Node]) -> set[Node] | None:
        """Return the nodes with a name that `nodes` are or hang on; nothing where one is lacking.

        That is where a node is the subject of a statement of its own, as in “[ ] a x:Person .”.
        """
        result: set[Node] = set()
        seen: set[Node] = set()
        queue = list(nodes)
        while queue:
            node = queue.pop()
            if node in seen:
                continue
            seen.add(node)
            if node not in self or not isinstance(node, BlankNode):
                result.add(node)
                continue
            parents = self._parents.get(node)
            if not parents:
                return None
            queue += parents
        return result

    def hanging_on(self, anchors: Iterable[Node]) -> Iterator[Quad]:
        """Yield the statements of the nodes without a label that hang on `anchors`."""
        seen: set[BlankNode] = set()
        queue = list(anchors)
        while queue:
            node = queue.pop()
            for quad in self._about.get(node, ()):
                value = quad.object
                below = isinstance(value, BlankNode) and value in self
                if below or node in self:
                    yield quad
                if below and isinstance(value, BlankNode) and value not in seen:
                    seen.add(value)
                    queue.append(value)


def with_labels(quads: Iterable[Quad], names: dict[BlankNode, str]) -> Iterator[Quad]:
    """Yield statements with an IRI in the place of each blank node that has a label in `names`."""

    def iri(term: object) -> object:
        label = names.get(term) if isinstance(term, BlankNode) else None
        return term if label is None else NamedNode(_LABEL + label.encode().hex())

    for quad in quads:
        subject, predicate, value, graph = quad
        yield Quad(iri(subject), predicate, iri(value), iri(graph))  # type: ignore[arg-type]
