"""The format of an answer by its name, and rows that are capped."""

import doctest
import json
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import httpx
import pyoxigraph as ox
import pytest
from shop import DATA, Shop, lay, serve, web

from app.rdf import formats

ROWS = "SELECT ?o { ex:ana ex:name ?o }"
GRAPH = "CONSTRUCT WHERE { ex:ana ex:name ?o }"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv; charset=utf-8; header=present", "text/tab-separated-values; charset=utf-8"
NOT_ACCEPTABLE = "No acceptable format"
TURTLE, TEXT = "text/turtle; charset=utf-8", "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("formats"), DATA)) as found:
        yield found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server that gives three rows."""
    release = lay(tmp_path_factory.mktemp("capped"), DATA)
    with serve(release, DIALOGUE_MAX_ROWS="3") as found:
        yield found


def get(shop: Shop, accept: str = "*/*", **params: str) -> httpx.Response:
    return web.get(f"{shop.url}sparql", params=params, headers={"Accept": accept})


def told(answer: httpx.Response, accept: str) -> str:
    """Return what a refusal says: on the page with the query to who likes pages best."""
    kind = "text/html; charset=utf-8" if accept == "text/html" else "application/problem+json"
    assert answer.headers["content-type"] == kind
    return answer.text


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/turtle", XML, "image/png"])
@pytest.mark.parametrize("parameter", ["format", "output"])
@pytest.mark.parametrize(
    ("name", "rows", "graph"),
    [
        ("json", JSON, "application/ld+json"),
        ("csv", CSV, "application/n-triples"),
        ("tsv", TSV, TURTLE),
        ("xml", XML, "application/rdf+xml"),
        ("turtle", None, TURTLE),
        ("trig", None, "application/trig"),
        ("ntriples", None, "application/n-triples"),
        ("nquads", None, "application/n-quads"),
        ("rdfxml", None, "application/rdf+xml"),
        ("jsonld", None, "application/ld+json"),
        ("text/csv", CSV, None),
        ("application/sparql-results+json", JSON, None),
        ("application/sparql-results json", JSON, None),
        ("application/rdf+xml", None, "application/rdf+xml"),
        ("JSON", JSON, "application/ld+json"),
        ("ttl", None, TURTLE),
        ("n3", None, TURTLE),
        ("nt", None, "application/n-triples"),
        ("n-triples", None, "application/n-triples"),
        ("nq", None, "application/n-quads"),
        ("n-quads", None, "application/n-quads"),
        ("rdf", None, "application/rdf+xml"),
        ("rdf+xml", None, "application/rdf+xml"),
        ("rdf xml", None, "application/rdf+xml"),
        ("json-ld", None, "application/ld+json"),
        ("text", TEXT, TEXT),
        ("text/plain", TEXT, TEXT),
        ("text/n3", None, TURTLE),
        ("application/x-turtle", None, TURTLE),
        ("application/json", "application/json", "application/json"),
        ("application/xml", "application/xml", "application/xml"),
        ("text/xml", "text/xml; charset=utf-8", "text/xml; charset=utf-8"),
    ],
)
def test_a_format_that_is_named_counts_for_more_than_accept(
    shop: Shop, accept: str, parameter: str, name: str, rows: str | None, graph: str | None
) -> None:
    for query, media in ((ROWS, rows), (GRAPH, graph)):
        answer = get(shop, accept, query=query, **{parameter: name})
        if media is None:
            assert answer.status_code == 406
            assert NOT_ACCEPTABLE in told(answer, accept)
        else:
            assert (answer.status_code, answer.headers["content-type"]) == (200, media)
            assert answer.headers["content-disposition"].startswith("attachment; filename=")


def test_without_a_name_accept_decides(shop: Shop) -> None:
    answer = get(shop, XML, query=ROWS)
    assert answer.headers["content-type"] == XML
    assert "content-disposition" not in answer.headers


def test_a_form_names_a_format_too(shop: Shop) -> None:
    answer = web.post(f"{shop.url}sparql", data={"query": ROWS, "format": "csv"})
    assert answer.content == b"o\r\nAna\r\n"


def test_format_counts_for_more_than_output(shop: Shop) -> None:
    answer = get(shop, query=ROWS, format="csv", output="xml")
    assert answer.headers["content-type"] == CSV


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/csv"])
@pytest.mark.parametrize("name", ["pdf", "", "CSV ", "image/png"])
def test_an_unknown_name_is_refused_with_a_list(shop: Shop, accept: str, name: str) -> None:
    answer = get(shop, accept, query=ROWS, format=name)
    names = "json, csv, tsv, xml, turtle, trig, ntriples, nquads, rdfxml, jsonld, html"
    assert answer.status_code == 400
    assert f"“format” is one of {names}." in told(answer, accept)


def test_a_name_that_is_given_twice_is_refused(shop: Shop) -> None:
    answer = web.get(f"{shop.url}sparql?query=ASK+%7B%7D&format=csv&format=json")
    assert answer.json()["detail"] == "“format” is given more than once."


def test_the_page_has_a_name_as_well(shop: Shop) -> None:
    answer = get(shop, "application/json", query=ROWS, format="html")
    assert answer.headers["content-type"].startswith("text/html")
    assert "<textarea" in answer.text


def test_the_description_comes_in_the_format_that_is_named(shop: Shop) -> None:
    answer = get(shop, "text/html", format="ntriples")
    assert answer.headers["content-type"] == "application/n-triples"
    assert "sparql-service-description#Service>" in answer.text


def test_a_carriage_return_and_a_comma_arrive_over_http(shop: Shop) -> None:
    query = 'SELECT ("a\\r\\nb" AS ?x) (<http://a/x,y> AS ?y) {}'
    root = ElementTree.fromstring(get(shop, query=query, format="xml").content)
    assert [e.text for e in root.iter() if e.tag.endswith(("literal", "uri"))] == [
        "a\r\nb",
        "http://a/x,y",
    ]
    assert get(shop, query=query, format="csv").content == b'x,y\r\n"a\r\nb","http://a/x,y"\r\n'
    construct = 'CONSTRUCT { ex:a ex:b "a\\r\\nb" } {}'
    root = ElementTree.fromstring(get(shop, query=construct, format="rdfxml").content)
    assert root[0][0].text == "a\r\nb"


def test_rows_are_given_in_the_order_of_the_query(shop: Shop) -> None:
    answer = get(shop, query="SELECT * { ?z ex:name ?n . ?z ?b ?n }")
    assert answer.json()["head"]["vars"] == ["z", "n", "b"]


def values(count: int) -> str:
    return f"SELECT ?n {{ VALUES ?n {{ {' '.join(map(str, range(count)))} }} }}"


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize("count", [0, 2, 3, 4, 9])
def test_rows_that_are_capped_say_so_and_others_do_not(small: Shop, name: str, count: int) -> None:
    answer = get(small, query=values(count), format=name)
    assert answer.status_code == 200
    header = answer.headers.get("dialogue-rows-capped")
    assert header == ("3" if count > 3 else None)
    if name == "json":
        document = json.loads(answer.content)
        rows = [row["n"]["value"] for row in document["results"]["bindings"]]
        assert document.get("truncated") == ({"rows": 3} if count > 3 else None)
    elif name == "xml":
        rows = [e.text for e in ElementTree.fromstring(answer.content).iter()
                if e.tag.endswith("literal")]  # fmt: skip
        assert (b"<!-- Cut after 3 rows" in answer.content) == (count > 3)
    else:
        rows = answer.text.split()[1:]
    assert rows == [str(number) for number in range(min(count, 3))]


def test_where_nothing_is_capped_everything_comes(shop: Shop, small: Shop) -> None:
    answer = get(shop, query=values(9))
    assert len(answer.json()["results"]["bindings"]) == 9
    assert "dialogue-rows-capped" not in answer.headers
    # What is capped is another answer, so it has another tag.
    assert answer.headers["etag"] != get(small, query=values(9)).headers["etag"]


def triples(count: int) -> str:
    return f"CONSTRUCT {{ ex:a ex:number ?n }} {{ {values(count)} }}"


COMMENTS = {
    "turtle": "# Cut after 3 triples; there are more.\n",
    "trig": "# Cut after 3 triples; there are more.\n",
    "ntriples": "# Cut after 3 triples; there are more.\n",
    "nquads": "# Cut after 3 triples; there are more.\n",
    "rdfxml": "<!-- Cut after 3 triples; there are more. -->\n",
    # It has no place for one.
    "jsonld": "",
}


@pytest.mark.parametrize("name", COMMENTS)
@pytest.mark.parametrize("count", [0, 3, 4, 9])
def test_graphs_that_are_capped_say_so_and_others_do_not(
    small: Shop, shop: Shop, name: str, count: int
) -> None:
    answer = get(small, query=triples(count), format=name)
    assert answer.status_code == 200
    capped = count > 3
    assert answer.headers.get("dialogue-rows-capped") == ("3" if capped else None)
    form = ox.RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0])
    assert form is not None
    numbers = {quad.object.value for quad in ox.parse(answer.content, format=form)}
    assert numbers == {str(number) for number in range(min(count, 3))}
    assert ("Cut after" in answer.text) == (capped and name != "jsonld")
    assert not capped or COMMENTS[name] in answer.text
    if not capped:
        assert answer.content == get(shop, query=triples(count), format=name).content


def test_a_description_is_capped_and_what_has_an_address_of_its_own_is_not(small: Shop) -> None:
    described = get(small, query="DESCRIBE ?s { ?s ?p ?o }", format="ntriples")
    assert described.headers["dialogue-rows-capped"] == "3"
    assert len(described.text.splitlines()) == 1 + 3
    graph = web.get(f"{small.url}graphs?default&format=ntriples")
    assert len(graph.text.splitlines()) > 3
    assert "dialogue-rows-capped" not in graph.headers
    assert get(small, query="ASK {}").json() == {"head": {}, "boolean": True}
    # The server's own questions are not the client's.
    description = get(small, format="ntriples").text
    assert "<http://example.org/g2>" in description


@pytest.mark.parametrize(("of", "called"), [(values, "rows"), (triples, "triples")])
def test_the_page_says_that_something_was_left_out(
    small: Shop, shop: Shop, of: Callable[[int], str], called: str
) -> None:
    sentence = f"These are the first 3 {called}; this server gives no more of an answer."
    for server, count, shown in ((small, 9, True), (small, 3, False), (shop, 9, False)):
        page = get(server, query=of(count), format="html").text
        assert (sentence in page) == shown
        assert "Ask for another format to have all of it." not in page


def test_a_general_type_for_rows_is_not_taken_for_one_of_a_graph(shop: Shop) -> None:
    """What was answered before as JSON is not what somebody gets who likes JSON-LD better."""
    for first, then, media in (
        ("application/json", "application/ld+json, application/json;q=0.9", "application/ld+json"),
        ("text/plain", "text/turtle, text/plain;q=0.9", TURTLE),
        ("application/xml", "application/rdf+xml, application/xml;q=0.9", "application/rdf+xml"),
    ):
        for _ in range(2):
            assert get(shop, first, query=GRAPH).headers["content-type"].startswith(first)
            assert get(shop, then, query=GRAPH).headers["content-type"] == media
            # Rows have no name of their own in it, so the general one serves.
            rows = get(shop, then, query=ROWS).headers["content-type"]
            assert rows.partition(";")[0] == first


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("CONSTRUCT { ex:a ex:b <<( ex:a ex:b ex:c )>> } {}", "application/json"),
        ("CONSTRUCT WHERE { ex:odd ex:holds ?o }", "application/xml"),
        ("CONSTRUCT WHERE { ex:odd ex:7 ?o }", "text/xml"),
        ("SELECT * { ex:odd ex:holds ?o }", "text/xml"),
    ],
)
def test_what_a_format_cannot_say_it_cannot_by_another_name(
    shop: Shop, query: str, accept: str
) -> None:
    answer = get(shop, accept, query=query)
    kind = answer.json()["type"].rpartition("/")[2]
    assert (answer.status_code, kind) == (406, "not-expressible")
    assert get(shop, "text/plain", query=query).status_code == 200


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(formats).failed == 0
