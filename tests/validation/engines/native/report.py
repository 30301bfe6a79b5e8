"""Validation reports as graphs, to be compared: ours, and those that the W3C expects."""

from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from app.rdf.sparql import paths
from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.engines.rdflib_terms import to_rdflib

_UNARY = {
    paths.InversePath: SH.inversePath,
    paths.ZeroOrMorePath: SH.zeroOrMorePath,
    paths.OneOrMorePath: SH.oneOrMorePath,
    paths.ZeroOrOnePath: SH.zeroOrOnePath,
}


def _pinned(term: Term) -> Node:
    """Return a term for rdflib; a blank node of data or shapes becomes an IRI: it is no other."""
    if isinstance(term, ox.BlankNode):
        return URIRef(f"urn:blank:{term.value}")
    return to_rdflib(term)


def of_results(results: Iterable[Result], messages: set[Literal]) -> Graph:
    """Return the report of results, with those of their messages that are expected."""
    graph, report, empty = Graph(), BNode(), True
    graph.add((report, RDF.type, SH.ValidationReport))
    for result in results:
        empty, node = False, BNode()
        graph.add((report, SH.result, node))
        graph.add((node, RDF.type, SH.ValidationResult))
        for predicate, value in {
            SH.focusNode: result.focus,
            SH.value: result.value,
            SH.sourceShape: result.shape,
            SH.sourceConstraintComponent: result.component,
            SH.sourceConstraint: result.constraint,
            SH.resultSeverity: result.severity,
        }.items():
            if value is not None:
                graph.add((node, predicate, _pinned(value)))
        if result.path is not None:
            graph.add((node, SH.resultPath, _path(graph, result.path)))
        for message in result.messages:
            if to_rdflib(message) in messages:
                graph.add((node, SH.resultMessage, to_rdflib(message)))
    graph.add((report, SH.conforms, Literal(empty)))
    return graph


def _path(graph: Graph, path: paths.Path) -> Node:
    if isinstance(path, paths.PredicatePath):
        return to_rdflib(path.iri)
    node = BNode()
    if isinstance(path, paths.SequencePath):
        Collection(graph, node, [_path(graph, part) for part in path.parts])
    elif isinstance(path, paths.AlternativePath):
        members = BNode()
        Collection(graph, members, [_path(graph, part) for part in path.parts])
        graph.add((node, SH.alternativePath, members))
    else:
        graph.add((node, _UNARY[type(path)], _path(graph, path.path)))
    return node


def expected(triples: list[ox.Triple], node: Term) -> Graph:
    """Return the report that a node of a manifest is, its result paths as far as they go."""
    graph = Graph()
    own: dict[Term, Node] = {node: BNode()}
    waiting = [node]
    links = {str(SH.result), str(SH.resultPath)}
    while waiting:
        subject = waiting.pop()
        for triple in triples:
            if triple.subject != subject:
                continue
            value = triple.object
            inside = triple.predicate.value in links or str(RDF) in triple.predicate.value
            inside = inside or triple.predicate.value.endswith("Path")
            if inside and isinstance(value, ox.BlankNode) and value not in own:
                own[value] = BNode()
                waiting.append(value)
            graph.add((own[subject], to_rdflib(triple.predicate), own.get(value) or _pinned(value)))
    return graph
