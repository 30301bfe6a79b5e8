"""A graph with terms of RDF 1.2: served, asked, and described in every format that can say it."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from shop import Shop, command, web

DATA = """\
@prefix conf: <https://w3id.org/dialogue/id/conference/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
conf:a a dlg:Conference ;
    rdfs:label "A"@en--ltr ;
    dlg:place conf:p ~ conf:claim {| dlg:quote "in P" |} ;
    dlg:says <<( conf:a dlg:place "ي"@ar--rtl )>> .
conf:b a dlg:Conference ; rdfs:label "B" ; dlg:says "nothing new" .
"""
TERM = (
    "<<( <https://w3id.org/dialogue/id/conference/a> <https://w3id.org/dialogue/ontology#place> "
    '"ي"@ar--rtl )>>'
)
DOCUMENTS = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "rdf": ox.RdfFormat.RDF_XML,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("rdf12")
    (folder / "a.ttl").write_text(DATA, encoding="utf-8")
    with command("a.ttl", cwd=folder) as running:
        yield running


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?o { ?s dlg:says <<( ?a dlg:place ?o )>> }", ['"ي"@ar--rtl']),
        ("SELECT ?o { ?s ?p ?o FILTER(isTRIPLE(?o)) FILTER(?p = dlg:says) }", [TERM]),
        ("SELECT ?d { conf:a rdfs:label ?l BIND(LANGDIR(?l) AS ?d) }", ['"ltr"']),
        ("SELECT ?q { << conf:a dlg:place ?o ~ ?r >> dlg:quote ?q }", ['"in P"']),
        ("SELECT (OBJECT(?t) AS ?x) { ?s dlg:says ?t FILTER(isTRIPLE(?t)) }", ['"ي"@ar--rtl']),
    ],
    ids=["pattern", "test", "direction", "reified", "part"],
)
def test_queries_of_sparql_12_answer(shop: Shop, query: str, expected: list[str]) -> None:
    answer = shop.ask(query, accept="text/tab-separated-values")
    assert answer.status_code == 200
    assert answer.content.decode().splitlines()[1:] == expected


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_a_document_says_it_where_its_format_can(shop: Shop, suffix: str) -> None:
    answer = web.get(f"{shop.url}doc/conference/a.{suffix}")
    assert answer.status_code == 200
    objects = {str(quad).split(" ", 2)[2] for quad in ox.parse(answer.content, DOCUMENTS[suffix])}
    assert {TERM, '"A"@en--ltr'} <= objects


def test_a_format_that_cannot_says_which_can(shop: Shop) -> None:
    answer = web.get(f"{shop.url}doc/conference/a.jsonld")
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"{shop.url}problems/not-expressible"
    assert problem["detail"] == (
        "This holds terms of RDF 1.2, which JSON-LD has no way to write; ask for another format."
    )
    assert problem["offered"] == [
        "text/turtle",
        "application/trig",
        "application/n-triples",
        "application/n-quads",
        "application/rdf+xml",
    ]
    # What holds none of it is written as ever.
    neighbour = web.get(f"{shop.url}doc/conference/b.jsonld")
    assert neighbour.status_code == 200
    assert "nothing new" in neighbour.text


def test_pages_show_it(shop: Shop) -> None:
    page = web.get(f"{shop.url}doc/conference/a", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "ي" in page.text
    facts = web.get(f"{shop.url}doc/conference/a.json").json()["facts"]
    values = {fact["property"]["iri"].rpartition("#")[2]: fact["value"] for fact in facts}
    assert values["says"] == {
        "triple": [
            {"iri": "https://w3id.org/dialogue/id/conference/a", "name": "A"},
            {"iri": "https://w3id.org/dialogue/ontology#place", "name": "place"},
            {"text": "ي", "language": "ar", "direction": "rtl"},
        ]
    }
    assert values["label"] == {"text": "A", "language": "en", "direction": "ltr"}
    for path in ("", "browse/conference", "search?q=A", "doc/conference/claim"):
        for accept in ("text/html", "application/json"):
            assert web.get(f"{shop.url}{path}", headers={"Accept": accept}).status_code == 200
