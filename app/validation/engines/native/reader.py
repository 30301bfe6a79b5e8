"""One shape of a shapes graph, read with what SHACL asks of its properties.

Source: SHACL, appendix C (syntax rules), and the section of each constraint.
"""

from collections.abc import Iterator
from typing import Protocol

import pyoxigraph as ox

from app.namespaces import XSD
from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.run import Shape
from app.validation.engines.native.vocabulary import short
from app.validation.paths import IllFormed, Path, members

TRUE = ox.Literal("true", datatype=XSD.boolean)
FALSE = ox.Literal("false", datatype=XSD.boolean)
_BOOLEANS = frozenset({"true", "false", "1", "0"})


class Compiler(Protocol):
    """What reads other shapes, and is told what is the matter."""

    graph: Graph

    def shape(self, node: Term) -> Shape | None:
        """Return the shape that a node is, None if it refers to itself."""

    def report(
        self,
        kind: ProblemKind,
        node: Term,
        term: Term | None,
        sentence: str,
        *,
        blocking: bool = True,
    ) -> None:
        """Add a problem of the shape that is being read."""


class ShapeReader:
    """The properties of a shape. What is ill-formed is reported, and then left out."""

    def __init__(self, compiler: Compiler, node: Term, path: Path | None) -> None:
        self.compiler, self.graph = compiler, compiler.graph
        self.node, self.path = node, path

    def values(self, predicate: ox.NamedNode) -> tuple[Term, ...]:
        """Return the values of a property of the shape."""
        return tuple(self.graph.objects(self.node, predicate))

    def ill_formed(self, term: Term | None, sentence: str, node: Term | None = None) -> None:
        """Report a break of a rule of SHACL."""
        at = self.node if node is None else node
        self.compiler.report(ProblemKind.ILL_FORMED, at, term, sentence)

    def refused(self, term: Term, sentence: str) -> None:
        """Report something that is in order and that is not run."""
        self.compiler.report(ProblemKind.REFUSED, self.node, term, sentence)

    def idle(self, term: Term, sentence: str) -> None:
        """Remark on something that does nothing."""
        self.compiler.report(ProblemKind.IDLE, self.node, term, sentence, blocking=False)

    def odd(self, term: Term, sentence: str) -> None:
        """Remark on something that is run as it is written, and can hardly be meant so."""
        self.compiler.report(ProblemKind.ILL_FORMED, self.node, term, sentence, blocking=False)

    def single(self, predicate: ox.NamedNode) -> Term | None:
        """Return the value of a property that has one at most."""
        values = self.values(predicate)
        if len(values) > 1:
            self.ill_formed(
                predicate, f"a shape has one value of {short(predicate)} at most, not {len(values)}"
            )
        return values[0] if len(values) == 1 else None

    def integer(self, predicate: ox.NamedNode) -> int | None:
        """Return the value of a property that is an integer."""
        value = self.single(predicate)
        if value is None:
            return None
        if isinstance(value, ox.Literal) and value.datatype == XSD.integer:
            try:
                return int(value.value)
            except ValueError:
                pass
        self.ill_formed(predicate, f"{short(predicate)} is an integer such as 1, not {value}")
        return None

    def flag(self, predicate: ox.NamedNode) -> bool:
        """Return whether a property is true: by the term `true` alone.

        The W3C's tests want `"1"^^xsd:boolean` to be well-formed and to do nothing.
        """
        value = self.single(predicate)
        if value is not None and not (
            isinstance(value, ox.Literal)
            and value.datatype == XSD.boolean
            and value.value in _BOOLEANS
        ):
            self.ill_formed(predicate, f"{short(predicate)} is true or false, not {value}")
        return value == TRUE

    def text(self, predicate: ox.NamedNode) -> str | None:
        """Return the value of a property that is a text without a language."""
        value = self.single(predicate)
        if value is None:
            return None
        if isinstance(value, ox.Literal) and value.datatype == XSD.string:
            return value.value
        self.ill_formed(predicate, f"{short(predicate)} is a text in quotes, not {value}")
        return None

    def literal(self, predicate: ox.NamedNode) -> ox.Literal | None:
        """Return the value of a property that is a literal."""
        value = self.single(predicate)
        if value is None or isinstance(value, ox.Literal):
            return value
        self.ill_formed(predicate, f"{short(predicate)} is a literal, not {value}")
        return None

    def iris(self, predicate: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """Yield the values of a property that are IRIs; all have to be."""
        for value in self.values(predicate):
            if isinstance(value, ox.NamedNode):
                yield value
            else:
                self.ill_formed(predicate, f"{short(predicate)} is an IRI, not {value}")

    def iri(self, predicate: ox.NamedNode) -> ox.NamedNode | None:
        """Return the value of a property that is one IRI."""
        if self.single(predicate) is None:
            return None
        return next(self.iris(predicate), None)

    def members(self, predicate: ox.NamedNode, start: Term) -> list[Term] | None:
        """Return the members of a list that is a value of a property."""
        try:
            return members(self.graph, start)
        except IllFormed as error:
            self.ill_formed(predicate, f"the value of {short(predicate)} is no list: {error}")
            return None

    def list(self, predicate: ox.NamedNode) -> tuple[Term, list[Term]] | None:
        """Return the node and the members of the one list that a property has."""
        start = self.single(predicate)
        if start is None:
            return None
        found = self.members(predicate, start)
        return None if found is None else (start, found)

    def shape(self, predicate: ox.NamedNode, node: Term) -> Shape | None:
        """Return the shape that a value of a property is."""
        if isinstance(node, ox.NamedNode | ox.BlankNode):
            return self.compiler.shape(node)
        self.ill_formed(predicate, f"{short(predicate)} names a shape, not {node}")
        return None

    def of_property(self, predicate: ox.NamedNode) -> bool:
        """Return whether the shape has a property for property shapes only, and is one."""
        if not self.values(predicate):
            return False
        if self.path is None:
            self.ill_formed(
                predicate, f"{short(predicate)} is for property shapes: this one has no sh:path"
            )
        return self.path is not None
