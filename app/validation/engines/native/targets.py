"""The targets of shapes: which nodes of the data they are about.

Source: SHACL, section 2.1.3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import RDF, RDFS, SH
from app.rdf.terms import Term
from app.validation.engines.native.binding import Binder
from app.validation.engines.native.declarations import target_query
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.query import ParsedQuery
from app.validation.engines.native.reader import ShapeReader
from app.validation.engines.native.run import Run

TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)
"""The properties that declare targets."""


@dataclass(frozen=True)
class Target:
    """A target: `kind` is its property, `term` the value; of a class that is a shape, itself.

    `query` selects the nodes of `sh:target`, with the variables of `bound`.
    """

    kind: ox.NamedNode
    term: Term
    query: ParsedQuery | None = None
    bound: Mapping[str, Term] | None = None

    def nodes(self, run: Run) -> Iterable[Term]:
        """Return the nodes that the target selects; raises QueryFailed."""
        if self.query is not None:
            text, functions = Binder(self.query).bind(self.bound or {})
            solutions = run.store.select(text, functions)
            return [node for solution in solutions if (node := solution.get("this")) is not None]
        if self.kind == SH.targetNode:
            return (self.term,)
        if self.kind == SH.targetClass or not isinstance(self.term, ox.NamedNode):
            return run.graph.instances(self.term)
        if self.kind == SH.targetSubjectsOf:
            return run.graph.by_subject(self.term)
        return run.graph.by_object(self.term)


def targets(reader: ShapeReader) -> Iterator[Target]:
    """Yield the targets of a shape; what is ill-formed is reported."""
    graph = reader.graph
    for value in reader.values(SH.targetNode):
        if isinstance(value, ox.NamedNode | ox.Literal):
            yield Target(SH.targetNode, value)
        else:
            reader.ill_formed(
                SH.targetNode,
                "sh:targetNode is an IRI or a literal: a blank node of the shapes is no node of "
                "the data",
            )
    for kind in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf):
        for iri in reader.iris(kind):
            yield Target(kind, iri)
    if is_class(graph, reader.node):
        if isinstance(reader.node, ox.NamedNode):
            yield Target(SH.targetClass, reader.node)
        else:
            reader.ill_formed(None, "a shape that is also a class has to be an IRI")
    for value in reader.values(SH.target):
        if (selection := target_query(reader, value)) is not None:
            yield Target(SH.target, value, *selection)


def is_class(graph: Graph, node: Term) -> bool:
    """Return whether a node is a SHACL instance of rdfs:Class in a shapes graph."""
    return not graph.subclasses(RDFS.Class).isdisjoint(graph.objects(node, RDF.type))
