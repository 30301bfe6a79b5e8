"""The graphs of the dataset, read by the Graph Store HTTP Protocol."""

from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest
from shop import DATA, MANY, Shop, lay, serve, web

G1, G2 = "http://example.org/g1", "http://example.org/g2"
OWN = """\
<http://example.org/a> <http://example.org/in> "public" <http://dialogue.test/graphs/a%2Fb> .
<http://example.org/a> <http://example.org/in> "canonical" <https://w3id.org/dialogue/graphs/c> .
<http://example.org/a> <http://example.org/in> "accent" <https://w3id.org/dialogue/graphs/é> .
"""
BORN = "<http://example.org/ana> <http://example.org/born> "


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("graphs"), DATA + MANY + OWN)) as found:
        yield found


def get(shop: Shop, address: str, accept: str = "application/n-triples") -> httpx.Response:
    return web.get(f"{shop.url}{address}", headers={"Accept": accept})


def test_a_graph_is_read_by_its_name_and_no_other_comes_with_it(shop: Shop) -> None:
    for name, year in ((G1, "1950"), (G2, "1951")):
        answer = get(shop, f"graphs?graph={name}")
        assert (answer.status_code, answer.text) == (200, f'{BORN}"{year}" .\n')
        assert answer.headers["content-type"] == "application/n-triples"


def test_the_default_graph_is_the_default_graph_alone(shop: Shop) -> None:
    answer = get(shop, "graphs?default")
    quads = ox.parse((DATA + MANY).encode(), format=ox.RdfFormat.N_QUADS)
    expected = {q.triple for q in quads if isinstance(q.graph_name, ox.DefaultGraph)}
    read = {quad.triple for quad in ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)}
    assert read == expected
    assert get(shop, "graphs?default=").content == answer.content


@pytest.mark.parametrize(
    ("address", "value"),
    [("graphs/a%2Fb", "public"), ("graphs/c", "canonical"), ("graphs/%C3%A9", "accent")],
)
def test_a_graph_has_an_address_of_its_own(shop: Shop, address: str, value: str) -> None:
    """An IRI is compared by its characters, and a percent sign is one; é is sent as its UTF-8."""
    answer = get(shop, address)
    assert (answer.status_code, answer.text.split('"')[1:2]) == (200, [value])


@pytest.mark.parametrize(
    "address",
    [
        "graphs?graph=http://example.org/none",
        "graphs/none",
        "graphs/a/b",
        "graphs/a%252Fb",
        "graphs/%FF",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_graph_that_is_not_there_is_told(shop: Shop, address: str, method: str) -> None:
    answer = web.request(method, f"{shop.url}{address}")
    assert answer.status_code == 404
    if method == "GET":
        assert answer.json()["type"] == "http://dialogue.test/problems/graph-unknown"


@pytest.mark.parametrize("address", [f"graphs?graph={G1}", "graphs?default", "graphs/c", "graphs"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_is_written(shop: Shop, address: str, method: str) -> None:
    before = get(shop, f"graphs?graph={G1}").content
    answer = web.request(method, f"{shop.url}{address}", content=b"<a:a> <a:b> <a:c> .")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["type"] == "http://dialogue.test/problems/method-not-allowed"
    assert get(shop, f"graphs?graph={G1}").content == before


def test_options_lists_what_can_be_done(shop: Shop) -> None:
    answer = web.options(f"{shop.url}graphs")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("graphs", "Name one graph"),
        ("graphs/", "Name one graph"),
        (f"graphs?default&graph={G1}", "Name one graph"),
        (f"graphs/c?graph={G1}", "Name one graph"),
        ("graphs?graph=relative", "an absolute IRI"),
        ("graphs?graph=", "an absolute IRI"),
        ("graphs?graph=a:b>{}}%23", "an absolute IRI"),
        (f"graphs?graph={G1}&graph={G2}", "more than once"),
        ("graphs?default&format=pdf", "“format” is one of json, csv"),
    ],
)
def test_a_request_that_names_no_graph_is_told_how(shop: Shop, address: str, words: str) -> None:
    answer = get(shop, address)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("*/*", "text/turtle; charset=utf-8"),
        ("text/html, */*;q=0.1", "text/turtle; charset=utf-8"),
    ],
)
def test_a_graph_comes_in_every_format(shop: Shop, accept: str, media: str) -> None:
    answer = get(shop, f"graphs?graph={G1}", accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    form = ox.RdfFormat.from_media_type(media.partition(";")[0])
    (quad,) = ox.parse(answer.content, format=form)
    assert quad.object == ox.Literal("1950")


def test_a_format_that_is_named_counts_for_more_than_accept(shop: Shop) -> None:
    answer = get(shop, f"graphs?graph={G1}&format=rdfxml", "text/turtle")
    assert answer.headers["content-type"] == "application/rdf+xml"
    assert answer.headers["content-disposition"] == 'attachment; filename="answer.rdf"'
    refused = get(shop, f"graphs?graph={G1}&format=html")
    assert refused.status_code == 406


def test_no_format_that_is_offered_fits(shop: Shop) -> None:
    answer = get(shop, f"graphs?graph={G1}", "image/png")
    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["offered"]


def test_head_is_get_without_the_body(shop: Shop) -> None:
    whole = get(shop, f"graphs?graph={G1}", "text/turtle")
    head = web.head(f"{shop.url}graphs?graph={G1}", headers={"Accept": "text/turtle"})
    assert (head.status_code, head.content) == (200, b"")
    names = ("content-type", "content-length", "etag", "vary", "cache-control")
    assert [head.headers[n] for n in names] == [whole.headers[n] for n in names]


def test_who_holds_a_graph_already_gets_none(shop: Shop) -> None:
    url = f"{shop.url}graphs?graph={G1}"
    tag = web.get(url).headers["etag"]
    again = web.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = web.get(f"{shop.url}graphs?graph={G2}", headers={"If-None-Match": tag})
    assert other.status_code == 200
    absent = web.get(f"{shop.url}graphs?graph=a:b", headers={"If-None-Match": "*"})
    assert absent.status_code == 404


def test_openapi_and_the_service_description_tell_of_the_graphs(shop: Shop) -> None:
    paths = web.get(f"{shop.url}openapi.json").json()["paths"]
    assert {"/graphs", "/graphs/{name}"} <= paths.keys()
    assert [p["name"] for p in paths["/graphs"]["get"]["parameters"]] == [
        "graph",
        "default",
        "format",
    ]
    answered = paths["/sparql"]["get"]["responses"]["200"]
    assert [*answered["headers"]] == ["Dialogue-Rows-Capped"]
    description = get(shop, "sparql", "application/n-triples").text
    about = "<http://www.w3.org/2000/01/rdf-schema#seeAlso> <http://dialogue.test/graphs> ."
    assert f"<http://dialogue.test/sparql> {about}" in description
