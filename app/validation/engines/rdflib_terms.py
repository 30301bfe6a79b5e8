"""Terms and triples handed over between pyoxigraph and rdflib, as they are written."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyoxigraph as ox
import rdflib
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import XSD
from rdflib.term import Identifier

from app.errors import Fault
from app.rdf.terms import Term


def graph(triples: Iterable[ox.Triple]) -> Graph:
    """Return triples as an rdflib graph, terms as they are written."""
    return fill(Graph(bind_namespaces="none"), triples)


def fill(made: Graph, triples: Iterable[ox.Triple]) -> Graph:
    """Return an rdflib graph after adding triples to it, terms as they are written."""
    known: dict[Term, Identifier] = {}
    with _as_written():
        for triple in triples:
            subject, predicate, value = (known.get(t) or _learn(known, t) for t in triple)
            made.add((subject, predicate, value))
    return made


@contextmanager
def _as_written() -> Iterator[None]:
    before, logger = rdflib.NORMALIZE_LITERALS, logging.getLogger("rdflib.term")
    disabled, logger.disabled = logger.disabled, True
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, logger.disabled = before, disabled


def _learn(known: dict[Term, Identifier], term: Term) -> Identifier:
    return known.setdefault(term, to_rdflib(term))


def to_rdflib(term: Term) -> Identifier:
    """Return the same term for rdflib."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Triple):
        raise Fault(f"a statement about a statement (RDF 1.2) cannot be validated: {term}")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    # rdflib tells a plain literal from one of xsd:string; RDF 1.1 does not.
    return rdflib.Literal(term.value, datatype=None if datatype == XSD.string else datatype)


def to_ox(term: object) -> Term:
    """Return the same term for pyoxigraph."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        if term.datatype is None:
            return ox.Literal(str(term))
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
    raise TypeError(f"no RDF term: {term!r}")
