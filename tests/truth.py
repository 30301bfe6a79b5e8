"""Data that is hard to read, and what rdflib says of it: what every client's answer has to be."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import rdflib
from rdflib.term import BNode, Identifier, Literal, Node, URIRef

EX = rdflib.Namespace("http://example.org/")
XSD = "http://www.w3.org/2001/XMLSchema#"
ANA = "<http://example.org/ana>"
QUADS = f"""\
{ANA} <http://example.org/name> "Ana"@pt .
{ANA} <http://example.org/name> "آنا"@ar .
{ANA} <http://example.org/says> "a, \\"b\\"\\nc\\td\\\\ 100% + 1 & <b>😀</b> 'é'" .
{ANA} <http://example.org/says> " spaces " .
{ANA} <http://example.org/says> "7" .
{ANA} <http://example.org/knows> <http://example.org/zoé> .
{ANA} <http://example.org/page> <http://example.org/a,b%2Fc?d=e&f#g> .
{ANA} <http://example.org/born> "1950-05-01"^^<{XSD}date> .
{ANA} <http://example.org/height> "1.75"^^<{XSD}decimal> .
{ANA} <http://example.org/children> "3"^^<{XSD}integer> .
{ANA} <http://example.org/happy> "true"^^<{XSD}boolean> .
<http://example.org/zoé> <http://example.org/name> "Zoé" .
<http://example.org/zoé> <http://example.org/knows> {ANA} .
<http://example.org/lone> <http://example.org/name> "Lone" .
{ANA} <http://example.org/born> "1950" <http://example.org/g1> .
{ANA} <http://example.org/born> "1951" <http://example.org/g2> .
<http://example.org/zoé> <http://example.org/name> "Zoe" <http://example.org/g2> .
"""
PREFIX = "PREFIX ex: <http://example.org/>\n"
# Every term, a variable that is unbound in some rows, the graphs, nothing at all, numbers.
ROWS: Mapping[str, str] = {
    "everything": PREFIX + "SELECT ?s ?p ?o WHERE { ?s ?p ?o }",
    "unbound": PREFIX + "SELECT ?s ?name ?o { ?s ex:name ?name OPTIONAL { ?s ex:knows ?o } }",
    "graphs": PREFIX + "SELECT ?g ?s ?o { GRAPH ?g { ?s ex:born ?o } }",
    "nothing": PREFIX + "SELECT ?s ?o { ?s ex:absent ?o }",
    "counted": PREFIX + "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    "signs": PREFIX + 'SELECT ?o { ?s ?p ?o FILTER(CONTAINS(STR(?o), "100% + 1 & <b>")) }',
}
GRAPHS: Mapping[str, str] = {
    "construct": PREFIX + "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "of a graph": PREFIX + "CONSTRUCT { ?s ex:in ?g } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "none": PREFIX + "CONSTRUCT { ?s ex:absent ?o } WHERE { ?s ex:absent ?o }",
}
ASKS: Mapping[str, bool] = {
    PREFIX + "ASK { ex:ana ex:knows ?other }": True,
    PREFIX + "ASK { ex:ana ex:absent ?other }": False,
}
Row = frozenset[tuple[str, str]]


@cache
def dataset() -> rdflib.Dataset:
    """Return the data as rdflib reads it."""
    found = rdflib.Dataset()
    found.parse(data=QUADS, format="nquads")
    return found


def row(terms: Mapping[str, Identifier | None]) -> Row:
    """Return a row as what it binds: names, and terms as N-Triples writes them."""
    return frozenset((name, term.n3()) for name, term in terms.items() if term is not None)


def rows(query: str) -> Counter[Row]:
    """Return the rows of a query, how often each comes, as rdflib finds them."""
    return Counter(row(dict(found.asdict())) for found in dataset().query(query))  # type: ignore[union-attr]


def names(query: str) -> list[str]:
    """Return the columns of a query."""
    return [str(name) for name in dataset().query(query).vars or ()]


def triples(graph: Iterable[tuple[Node, ...]]) -> set[tuple[str, ...]]:
    """Return triples, each of their terms as N-Triples writes it; there is no blank node here."""
    found = [triple[:3] for triple in graph]
    assert not any(isinstance(term, BNode) for triple in found for term in triple)
    return {tuple(term.n3() for term in triple) for triple in found}  # type: ignore[attr-defined]


def graph(query: str) -> set[tuple[str, ...]]:
    """Return the triples of a query, as rdflib finds them."""
    return triples(dataset().query(query).graph or ())


def term(value: Mapping[str, str]) -> Identifier:
    """Return a term of SPARQL's results in JSON (SPARQL 1.1 Query Results JSON Format, 3.2.2)."""
    if value["type"] == "uri":
        return URIRef(value["value"])
    language, datatype = value.get("xml:lang"), value.get("datatype")
    return Literal(value["value"], lang=language, datatype=datatype and URIRef(datatype))


def of_json(document: Mapping[str, object]) -> Counter[Row]:
    """Return the rows of a document in SPARQL's JSON."""
    bindings = document["results"]["bindings"]  # type: ignore[index]
    return Counter(row({name: term(v) for name, v in found.items()}) for found in bindings)
