"""rdflib asks the endpoint as a store, and reads documents by their addresses."""

from collections import Counter

import pyoxigraph as ox
import pytest
import rdflib
import truth
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.term import URIRef
from shop import Shop, web
from truth import EX

METHODS = ["GET", "POST", "POST_FORM"]
FORMATS = ["xml", "json", "csv", "tsv"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("name", sorted(truth.ROWS))
def test_rows_of_a_store(endpoint: str, name: str, form: str, method: str) -> None:
    store = SPARQLStore(endpoint, method=method, returnFormat=form)
    found = rdflib.Graph(store).query(truth.ROWS[name])
    assert [str(variable) for variable in found.vars or ()] == truth.names(truth.ROWS[name])
    rows = Counter(truth.row(row.asdict()) for row in found)  # type: ignore[union-attr]
    assert rows == truth.rows(truth.ROWS[name])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", sorted(truth.GRAPHS))
def test_a_graph_of_a_store(endpoint: str, name: str, method: str) -> None:
    store = SPARQLStore(endpoint, method=method)
    found = rdflib.Graph(store).query(truth.GRAPHS[name])
    assert truth.triples(found.graph or ()) == truth.graph(truth.GRAPHS[name])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("query", "truly"), truth.ASKS.items(), ids=["yes", "no"])
def test_yes_or_no_of_a_store(endpoint: str, query: str, truly: bool, method: str) -> None:
    assert rdflib.Graph(SPARQLStore(endpoint, method=method)).query(query).askAnswer is truly


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("method", METHODS)
def test_a_store_is_a_graph(endpoint: str, method: str, form: str) -> None:
    graph = rdflib.Graph(SPARQLStore(endpoint, method=method, returnFormat=form))
    expected = truth.dataset().default_graph
    assert truth.triples(graph) == truth.triples(expected)
    assert len(graph) == len(expected)
    assert truth.triples(graph.triples((EX.ana, EX.says, None))) == truth.triples(
        expected.triples((EX.ana, EX.says, None))
    )
    assert (EX.ana, EX.knows, EX["zoé"]) in graph
    assert (EX.ana, EX.knows, EX.ana) not in graph


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["g1", "g2", "absent"])
def test_a_store_with_an_identifier_is_that_graph(endpoint: str, method: str, name: str) -> None:
    store = SPARQLStore(endpoint, method=method, returnFormat="json")
    graph = rdflib.Graph(store, identifier=EX[name])
    expected = truth.dataset().graph(EX[name])
    assert truth.triples(graph) == truth.triples(expected)
    assert len(graph) == len(expected)
    assert (len(graph) == 0) == (name == "absent")


def test_the_graphs_of_a_store_are_those_of_the_data(endpoint: str) -> None:
    store = SPARQLStore(endpoint, returnFormat="json")
    assert {*store.contexts()} == {EX.g1, EX.g2}
    assert {*store.contexts((EX["zoé"], None, None))} == {EX.g2}


@pytest.mark.parametrize("way", ["GET", "POST"])
def test_service_of_rdflib_s_own_queries_asks_us(endpoint: str, way: str) -> None:
    query = "SELECT ?name ?other { ?who <http://example.org/is> ?other SERVICE <%s> { ?who <http://example.org/name> ?name } }"  # noqa: E501  # fmt: skip
    mine = rdflib.Graph().add((EX["zoé"], URIRef("http://example.org/is"), EX.mine))
    found = [(str(row[0]), row[1]) for row in mine.query(query % endpoint)]  # type: ignore[index]
    assert found == [("Zoé", EX.mine)]


# What rdflib asks for differs by the format that it is told: for "nt", it is text/plain.
DOCUMENTS = ["turtle", "nt", "xml", "json-ld", "n3", "trig", None]


# These keep the passages apart, which are graphs.
OF_QUADS = {"json-ld", "trig"}


def described(shop: Shop, path: str, form: str | None) -> rdflib.Dataset:
    """Return a document as rdflib fetches and reads it."""
    read = rdflib.Dataset()
    (read if form in OF_QUADS else read.default_graph).parse(shop.url + path, format=form)
    return read


def own(shop: Shop, path: str, form: str | None) -> rdflib.Dataset:
    """Return the same document as Oxigraph reads its N-Triples or N-Quads."""
    media = "application/n-quads" if form in OF_QUADS else "application/n-triples"
    content = web.get(shop.url + path, headers={"Accept": media}, follow_redirects=True).content
    read = rdflib.Dataset()
    quads = ox.parse(content, format=ox.RdfFormat.from_media_type(media))
    read.parse(data="".join(f"{quad} .\n" for quad in quads), format="nquads")
    return read


def same(one: rdflib.Dataset, other: rdflib.Dataset) -> bool:
    names = [{graph.identifier for graph in each.graphs()} for each in (one, other)]
    return names[0] == names[1] and all(
        isomorphic(one.graph(name), other.graph(name)) for name in names[0]
    )


@pytest.mark.parametrize("form", DOCUMENTS, ids=str)
@pytest.mark.parametrize("path", ["doc/state/PRT", "id/state/PRT"])
def test_a_document_is_read_by_its_address(documents: Shop, path: str, form: str | None) -> None:
    found = described(documents, path, form)
    assert same(found, own(documents, "doc/state/PRT", form))
    assert len(found.default_graph) >= 5
    assert not same(found, own(documents, "doc/conference/cimo-16", form))


@pytest.mark.parametrize(
    ("suffix", "form"),
    [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld"), ("trig", "trig")],
)
def test_a_document_has_an_address_for_each_format(documents: Shop, suffix: str, form: str) -> None:
    expected = own(documents, "doc/state/PRT", form)
    assert same(described(documents, f"doc/state/PRT.{suffix}", form), expected)
    # Without being told, rdflib goes by what the server says.
    if form not in OF_QUADS:
        assert same(described(documents, f"doc/state/PRT.{suffix}", None), expected)


@pytest.mark.parametrize("form", ["turtle", "nt", "xml", "json-ld", None], ids=str)
def test_a_graph_is_read_by_its_address(shop: Shop, form: str | None) -> None:
    for name in ("g1", "g2"):
        read = rdflib.Graph().parse(f"{shop.url}graphs?graph={EX[name]}", format=form)
        assert truth.triples(read) == truth.triples(truth.dataset().graph(EX[name]))
