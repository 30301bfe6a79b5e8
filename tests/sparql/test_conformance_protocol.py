"""The W3C's tests of the SPARQL 1.1 Protocol, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, Namespace
from shop import Shop, lay, serve, web
from sparql_suite import protocol_tests, root
from suites import missing

FOLDER = root() / "sparql11" / "protocol"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

# Nothing is written through the endpoint, so these are not offered.
UPDATES = {
    "update_base_uri",
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_full",
    "update_dataset_named_graphs",
    "update_post_direct",
    "update_post_form",
}
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml"},
}


class Exchange(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: set[str]
    boolean: bool | None
    format: str | None


def manifest() -> rdflib.Graph:
    return rdflib.Graph().parse(FOLDER / "manifest.ttl")


def entries(graph: rdflib.Graph) -> dict[str, rdflib.term.Node]:
    (head,) = graph.objects(None, MF.entries)
    return {str(entry).rpartition("#")[2]: entry for entry in Collection(graph, head)}


def exchanges(graph: rdflib.Graph, entry: rdflib.term.Node) -> Iterator[Exchange]:
    connection = graph.value(entry, MF.action)
    for request in Collection(graph, graph.value(connection, HT.requests)):
        headers = {
            str(graph.value(header, HT.fieldName)): str(graph.value(header, HT.fieldValue))
            for header in Collection(graph, graph.value(request, HT.headers) or RDF.nil)
        }
        body = graph.value(request, HT.body)
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        response = graph.value(request, HT.resp)
        boolean = graph.value(response, MF.expectedBoolean)
        expected = graph.value(response, MF.expectedFormat)
        yield Exchange(
            str(graph.value(request, HT.methodName)),
            str(graph.value(request, HT.absolutePath)),
            headers,
            str(graph.value(body, CNT.chars) or "").encode(encoding),
            {str(s)[-3:-2] for s in graph.objects(response, MF.expectedStatus)},
            None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
            None if expected is None else str(expected),
        )


def quads(graph: rdflib.Graph) -> str:
    """Return the data of every test, in the graphs that the tests name."""
    # The suite names data0.rdf and has no file for it: any graph will do, if only it exists.
    files = {"http://kasei.us/2009/09/sparql/data/data0.rdf": FOLDER / "data1.nt"}
    for data in graph.objects(None, UT.graphData):
        name = str(graph.value(data, RDFS.label))
        files[name] = FOLDER / Path(str(graph.value(data, UT.graph))).name
    found = [
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(name))
        for name, path in files.items()
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES)
    ]
    return (ox.serialize(found, format=ox.RdfFormat.N_QUADS) or b"").decode()


if (FOLDER / "manifest.ttl").is_file():
    MANIFEST = manifest()
    ENTRIES = entries(MANIFEST)
else:
    pytest.skip(missing() or f"no suite in {FOLDER}", allow_module_level=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("protocol"), quads(MANIFEST))) as found:
        yield found


def test_no_test_of_the_suite_is_forgotten() -> None:
    assert len(ENTRIES) == 34
    assert ENTRIES.keys() > UPDATES
    assert sorted(ENTRIES.keys() - UPDATES) == protocol_tests()


@pytest.mark.parametrize("name", sorted(ENTRIES.keys() - UPDATES))
def test_the_endpoint_follows_the_protocol(shop: Shop, name: str) -> None:
    asked = list(exchanges(MANIFEST, ENTRIES[name]))
    assert asked
    for exchange in asked:
        path = exchange.path.replace("/sparql/", "sparql", 1)
        answer = web.request(
            exchange.method, shop.url + path, content=exchange.body, headers=exchange.headers
        )
        assert str(answer.status_code)[0] in exchange.statuses, answer.text
        if exchange.format:
            media = answer.headers["content-type"].partition(";")[0]
            assert media in FORMATS[exchange.format]
        if exchange.boolean is not None:
            assert answer.json() == {"head": {}, "boolean": exchange.boolean}


@pytest.mark.parametrize("name", sorted(UPDATES))
def test_an_update_is_refused_whole(shop: Shop, name: str) -> None:
    first = next(exchanges(MANIFEST, ENTRIES[name]))
    path = first.path.replace("/sparql/", "sparql", 1)
    answer = web.request(first.method, shop.url + path, content=first.body, headers=first.headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "http://dialogue.test/problems/updates-disabled"
