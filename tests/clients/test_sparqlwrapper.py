"""SPARQLWrapper asks in every way and every format that it has."""

from collections import Counter
from io import BytesIO

import pytest
import rdflib
import truth
from SPARQLWrapper import (
    CSV,
    JSON,
    JSONLD,
    N3,
    RDFXML,
    TSV,
    TURTLE,
    XML,
    SPARQLExceptions,
    SPARQLWrapper,
)

WAYS = [
    ("GET", "urlencoded"),
    ("POST", "urlencoded"),
    ("POST", "postdirectly"),
]


def asked(endpoint: str, query: str, form: str, way: tuple[str, str] = WAYS[0]):  # type: ignore[no-untyped-def]
    client = SPARQLWrapper(endpoint)
    client.setReturnFormat(form)
    client.setMethod(way[0])
    client.setRequestMethod(way[1])
    client.setQuery(query)
    return client


ids = pytest.mark.parametrize("way", WAYS, ids=["get", "form", "direct"])


@ids
@pytest.mark.parametrize("name", sorted(truth.ROWS))
def test_rows_as_json(endpoint: str, name: str, way: tuple[str, str]) -> None:
    query = truth.ROWS[name]
    found = asked(endpoint, query, JSON, way).queryAndConvert()
    assert found["head"]["vars"] == truth.names(query)
    assert truth.of_json(found) == truth.rows(query)


@ids
@pytest.mark.parametrize("name", sorted(truth.ROWS))
def test_rows_as_xml(endpoint: str, name: str, way: tuple[str, str]) -> None:
    query = truth.ROWS[name]
    found = asked(endpoint, query, XML, way).query()
    assert found.info()["content-type"].startswith("application/sparql-results+xml")
    read = rdflib.query.Result.parse(found.response, format="xml")
    assert Counter(truth.row(row.asdict()) for row in read) == truth.rows(query)  # type: ignore[union-attr]


@ids
@pytest.mark.parametrize("form", [CSV, TSV])
@pytest.mark.parametrize("name", sorted(truth.ROWS))
def test_rows_as_a_table(endpoint: str, name: str, form: str, way: tuple[str, str]) -> None:
    query = truth.ROWS[name]
    content = asked(endpoint, query, form, way).queryAndConvert()
    read = rdflib.query.Result.parse(BytesIO(content), format=form)
    assert [str(name) for name in read.vars or ()] == truth.names(query)
    assert len(list(read)) == sum(truth.rows(query).values())


@ids
@pytest.mark.parametrize("form", [JSON, XML])
@pytest.mark.parametrize(("query", "truly"), truth.ASKS.items(), ids=["yes", "no"])
def test_yes_or_no(endpoint: str, query: str, truly: bool, form: str, way: tuple[str, str]) -> None:
    found = asked(endpoint, query, form, way).queryAndConvert()
    if form == JSON:
        assert found["boolean"] is truly
    else:
        (element,) = found.getElementsByTagName("boolean")
        assert element.firstChild.data == str(truly).lower()


@ids
@pytest.mark.parametrize(
    ("form", "parser"),
    [
        (TURTLE, "turtle"),
        (N3, "turtle"),
        (XML, None),
        (RDFXML, None),
        (JSONLD, None),
    ],
)
@pytest.mark.parametrize("name", sorted(truth.GRAPHS))
def test_a_graph(
    endpoint: str, name: str, form: str, parser: str | None, way: tuple[str, str]
) -> None:
    query = truth.GRAPHS[name]
    found = asked(endpoint, query, form, way).queryAndConvert()
    if parser is not None:
        found = rdflib.Graph().parse(data=found, format=parser)
    assert truth.triples(found) == truth.graph(query)


def test_the_graphs_of_a_dataset_are_chosen(endpoint: str) -> None:
    client = asked(endpoint, truth.PREFIX + "SELECT ?o { ?s ex:born ?o }", JSON)
    for graph, expected in (("g1", ["1950"]), ("g2", ["1951"]), ("absent", [])):
        client.clearParameter("default-graph-uri")
        client.addParameter("default-graph-uri", f"http://example.org/{graph}")
        rows = client.queryAndConvert()["results"]["bindings"]
        assert [row["o"]["value"] for row in rows] == expected


def test_what_is_refused_is_an_error_that_tells_why(endpoint: str) -> None:
    with pytest.raises(SPARQLExceptions.QueryBadFormed, match="line"):
        asked(endpoint, "SELECT * { ?s ?p }", JSON).query()
    with pytest.raises(SPARQLExceptions.EndPointNotFound):
        asked(f"{endpoint}/absent", "ASK {}", JSON).query()
