"""What browsers and libraries send as Accept, and what they get by it."""

import httpx
import pytest
from shop import Shop, web

ROWS = "SELECT ?name { ?s ex:name ?name } ORDER BY ?name"
GRAPH = "CONSTRUCT WHERE { ?s ex:knows ?o }"
HTML, TURTLE = "text/html; charset=utf-8", "text/turtle; charset=utf-8"
RESULTS, JSON = "application/sparql-results+json", "application/json"
TEXT = "text/plain; charset=utf-8"
# Firefox, Chrome and Safari; then browsers of text, which take any text; then what old browsers
# sent, who named XML first.
BROWSERS = {
    "firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "lynx": "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
    "w3m": "text/html, text/*;q=0.5, image/*, application/*",
    "old webkit": "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,"
    "image/png,*/*;q=0.5",
}
# What asks, and what it gets for rows, for a graph and for the description of a thing.
PROGRAMS = {
    "nothing": ("", RESULTS, TURTLE, HTML),
    "curl": ("*/*", RESULTS, TURTLE, HTML),
    "axios": ("application/json, text/plain, */*", JSON, JSON, JSON),
    "jquery": ("application/json, text/javascript, */*; q=0.01", JSON, JSON, JSON),
    "jena rows": (
        "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
        "text/tab-separated-values;q=0.7, text/csv;q=0.5, application/json;q=0.2, "
        "application/xml;q=0.2, */*;q=0.1",
        RESULTS, JSON, JSON,
    ),
    "jena graph": (
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,"
        "application/rdf+xml;q=0.7,*/*;q=0.3",
        RESULTS, TURTLE, TURTLE,
    ),
    "rdflib": (
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, "
        "application/n-quads, application/trix, application/trig",
        None, TURTLE, TURTLE,
    ),
    "rdflib nt": ("text/plain, */*;q=0.1", TEXT, TEXT, TEXT),
    "rdflib xml": ("application/rdf+xml, */*;q=0.1", RESULTS, "application/rdf+xml",
                   "application/rdf+xml"),
    "rdflib json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", JSON,
                       "application/ld+json", "application/ld+json"),
    "sparqlwrapper n3": (
        "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3",
        None, TURTLE, TURTLE,
    ),
    "rdf 1.2": ("application/sparql-results+json;version=1.2, text/turtle;version=1.2", RESULTS,
                TURTLE, TURTLE),
    "json-ld with a profile": (
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', None,
        "application/ld+json", "application/ld+json",
    ),
    "java": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML, HTML, HTML),
    "image": ("image/png", None, None, None),
}  # fmt: skip


def get(url: str, accept: str, **params: str) -> httpx.Response:
    headers = {"Accept": accept}
    return web.get(url, params=params, headers=headers)


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_gets_pages(shop: Shop, documents: Shop, name: str) -> None:
    accept = BROWSERS[name]
    for answer in (
        get(f"{shop.url}sparql", accept, query=ROWS),
        get(f"{shop.url}sparql", accept, query=GRAPH),
        web.get(f"{shop.url}sparql", headers={"Accept": accept}),
        web.get(f"{documents.url}doc/state/PRT", headers={"Accept": accept}),
        web.get(f"{documents.url}ontology", headers={"Accept": accept}),
        web.get(f"{documents.url}browse", headers={"Accept": accept}),
        web.get(documents.url, headers={"Accept": accept}),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (200, HTML)
    # The same browser follows a link to a file.
    answer = get(f"{shop.url}sparql", accept, query=ROWS, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    answer = web.get(f"{documents.url}doc/state/PRT.nt", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/n-triples"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gets_what_it_reads(shop: Shop, documents: Shop, name: str) -> None:
    accept, *expected = PROGRAMS[name]
    found = [
        get(f"{shop.url}sparql", accept, query=ROWS),
        get(f"{shop.url}sparql", accept, query=GRAPH),
        web.get(f"{documents.url}doc/state/PRT", headers={"Accept": accept}),
    ]
    for answer, media in zip(found, expected, strict=True):
        assert answer.status_code == (406 if media is None else 200)
        assert media is None or answer.headers["content-type"] == media


@pytest.mark.parametrize(
    ("accept", "same"),
    [
        ("application/x-turtle", "text/turtle"),
        ("text/n3", "text/turtle"),
        ("text/plain", "application/n-triples"),
        ("application/xml", "application/rdf+xml"),
        ("text/xml", "application/rdf+xml"),
        ("text/x-nquads", "application/n-quads"),
        ("application/x-trig", "application/trig"),
    ],
)
@pytest.mark.parametrize("path", ["doc/state/PRT", ".well-known/void", "graphs?default", "shapes"])
def test_another_name_is_the_same_format(
    documents: Shop, path: str, accept: str, same: str
) -> None:
    found, expected = (
        web.get(documents.url + path, headers={"Accept": media}) for media in (accept, same)
    )
    assert found.status_code == 200
    assert found.content == expected.content
    general = accept in ("text/plain", "application/xml", "text/xml")
    media = found.headers["content-type"].partition(";")[0]
    assert media == (accept if general else same)
    # What has another type is another answer to a cache.
    assert (found.headers["etag"] != expected.headers["etag"]) == general
