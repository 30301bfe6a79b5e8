"""The format of an answer by its name, and rows that are capped."""

import json
from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
from shop import DATA, Shop, lay, serve, web

ROWS = "SELECT ?o { ex:ana ex:name ?o }"
GRAPH = "CONSTRUCT WHERE { ex:ana ex:name ?o }"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv; charset=utf-8; header=present", "text/tab-separated-values; charset=utf-8"
TURTLE = "text/turtle; charset=utf-8"


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
    ],
)
def test_a_format_that_is_named_counts_for_more_than_accept(
    shop: Shop, accept: str, parameter: str, name: str, rows: str | None, graph: str | None
) -> None:
    for query, media in ((ROWS, rows), (GRAPH, graph)):
        answer = get(shop, accept, query=query, **{parameter: name})
        if media is None:
            assert answer.status_code == 406
            assert answer.json()["type"] == "http://dialogue.test/problems/not-acceptable"
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
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "“format” is one of json, csv, tsv, xml, turtle, trig, ntriples, nquads, rdfxml, jsonld, "
        "html.",
    )


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


def test_what_is_no_row_is_not_capped(small: Shop) -> None:
    assert get(small, query="ASK {}").json() == {"head": {}, "boolean": True}
    graph = get(small, query="CONSTRUCT WHERE { ?s ?p ?o }", format="ntriples")
    assert len(graph.text.splitlines()) > 3
    assert "dialogue-rows-capped" not in graph.headers
    # The server's own questions are not the client's.
    description = get(small, format="ntriples").text
    assert "<http://example.org/g2>" in description


def test_the_page_says_that_rows_were_left_out(small: Shop, shop: Shop) -> None:
    sentence = "These are the first 3 rows; this server gives no more of an answer."
    for server, count, shown in ((small, 9, True), (small, 3, False), (shop, 9, False)):
        page = get(server, query=values(count), format="html").text
        assert (sentence in page) == shown
        assert "Ask for another format to have all of it." not in page
