"""The SPARQL endpoint over HTTP: what a client sends, and all of what it gets back."""

import http.client
import json
import re
import xml.etree.ElementTree as Tree
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from shop import DATA, PREFIXES, Shop, lay, serve, web

from app.namespaces import SD

ANA = "SELECT ?name { ex:ana ex:name ?name }"
JSON = b'{"head":{"vars":["name"]},"results":{"bindings":[{"name":{"type":"literal","value":"Ana",'
JSON += b'"xml:lang":"pt"}}]}}'
XML = b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
XML += b'<variable name="name"/></head><results><result><binding name="name"><literal '
XML += b'xml:lang="pt">Ana</literal></binding></result></results></sparql>'
LITERAL = "{http://www.w3.org/2005/sparql-results#}literal"
DIRECT = {"Content-Type": "application/sparql-query"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("sparql"), DATA)) as found:
        yield found


@pytest.fixture(scope="module")
def url(shop: Shop) -> str:
    return f"{shop.url}sparql"


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, kind and detail of a problem document, which must be one in every way."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "etag" not in answer.headers
    said = answer.json()
    assert list(said)[:4] == ["type", "title", "status", "detail"]
    assert said["status"] == answer.status_code
    kind = said["type"].removeprefix("http://dialogue.test/problems/")
    assert re.fullmatch("[a-z0-9-]+", kind)
    return answer.status_code, kind, said["detail"]


@pytest.mark.parametrize("way", ["get", "form", "direct", "query", "query form", "mixed"])
def test_a_query_is_answered_by_every_way_of_the_protocol(url: str, way: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = {
        "get": lambda: web.get(url, params={"query": ANA}),
        "form": lambda: web.post(url, data={"query": ANA}),
        "direct": lambda: web.post(url, content=ANA, headers=DIRECT),
        "query": lambda: web.request("QUERY", url, content=ANA, headers=DIRECT),
        "query form": lambda: web.request(
            "QUERY", url, content=str(httpx.QueryParams(query=ANA)), headers=form
        ),
        "mixed": lambda: web.post(url, params={"unknown": "1"}, content=ANA, headers=DIRECT),
    }
    answer = asked[way]()
    assert (answer.status_code, answer.content) == (200, JSON)
    assert answer.headers["content-type"] == "application/sparql-results+json"
    assert answer.headers["content-length"] == str(len(JSON))
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("accept", "media", "content"),
    [
        ("*/*", "application/sparql-results+json", JSON),
        ("application/sparql-results+json", "application/sparql-results+json", JSON),
        ("application/json", "application/json", JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", XML),
        ("application/xml;q=0.9, image/png", "application/xml", XML),
        ("text/csv", "text/csv; charset=utf-8; header=present", b"name\r\nAna\r\n"),
        (
            "text/tab-separated-values",
            "text/tab-separated-values; charset=utf-8",
            b'?name\n"Ana"@pt\n',
        ),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.4", "text/csv; charset=utf-8; "
         "header=present", b"name\r\nAna\r\n"),
    ],
)  # fmt: skip
def test_rows_come_in_the_format_that_is_liked_best(
    shop: Shop, accept: str, media: str, content: bytes
) -> None:
    answer = shop.ask(ANA, accept)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accept", "content"),
    [
        ("application/sparql-results+json", b'{"head":{},"boolean":true}'),
        (
            "application/sparql-results+xml",
            b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
            b"</head><boolean>true</boolean></sparql>",
        ),
        ("text/csv", b"true"),
        ("text/tab-separated-values", b"true"),
    ],
)
def test_yes_or_no_comes_in_every_format(shop: Shop, accept: str, content: bytes) -> None:
    answer = shop.ask("ASK {}", accept)
    assert (answer.status_code, answer.content) == (200, content)


@pytest.mark.parametrize(
    ("accept", "media", "form"),
    [
        ("*/*", "text/turtle; charset=utf-8", "turtle"),
        ("text/turtle", "text/turtle; charset=utf-8", "turtle"),
        ("application/n-triples", "application/n-triples", "nt"),
        ("application/rdf+xml", "application/rdf+xml", "xml"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("application/trig", "application/trig", "trig"),
        ("application/n-quads", "application/n-quads", "nquads"),
    ],
)
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ex:knows ?o }", "DESCRIBE ex:ana"])
def test_a_graph_comes_in_every_format(
    shop: Shop, accept: str, media: str, form: str, query: str
) -> None:
    answer = shop.ask(query, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    read = rdflib.Dataset()
    read.parse(data=answer.content, format=form)
    ex = rdflib.Namespace(PREFIXES["ex"])
    expected = {(ex.ana, ex.knows, ex["zoé"])}
    if query.startswith("DESCRIBE"):
        expected |= {(ex.ana, ex.name, rdflib.Literal("Ana", lang="pt"))}
    assert {(s, p, o) for s, p, o, _ in read.quads()} == expected


def test_a_graph_declares_the_prefixes_that_it_uses_and_no_others(shop: Shop) -> None:
    answer = shop.ask("CONSTRUCT WHERE { ?s ex:knows ?o }", "text/turtle")
    assert answer.text == "@prefix ex: <http://example.org/> .\nex:ana ex:knows ex:zoé .\n"
    answer = shop.ask("CONSTRUCT { <a:a> <a:b> <a:c> } {}", "text/turtle")
    assert answer.text == "<a:a> <a:b> <a:c> .\n"


def test_a_table_is_offered_as_a_file(shop: Shop) -> None:
    found = shop.ask(ANA, "text/csv").headers["content-disposition"]
    assert found == 'attachment; filename="answer.csv"'
    found = shop.ask(ANA, "text/tab-separated-values").headers["content-disposition"]
    assert found == 'attachment; filename="answer.tsv"'


@pytest.mark.parametrize(
    ("query", "accept", "offered"),
    [
        (ANA, "text/turtle", "a table"),
        ("ASK {}", "text/turtle", "true or false"),
        ("DESCRIBE ex:ana", "text/csv", "a graph"),
    ],
)
def test_a_format_that_does_not_fit_the_query_is_refused(
    shop: Shop, query: str, accept: str, offered: str
) -> None:
    answer = shop.ask(query, accept)
    status, kind, detail = problem(answer)
    assert (status, kind) == (406, "not-acceptable")
    formats = answer.json()["offered"]
    assert detail == f"The answer is {offered}; it can be had as {', '.join(formats)}."
    assert shop.ask(query, formats[0]).status_code == 200


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "*/*;q=0", "nonsense"])
def test_a_format_that_nobody_offers_is_refused_with_a_list(shop: Shop, accept: str) -> None:
    answer = shop.ask(ANA, accept)
    status, kind, _ = problem(answer)
    assert (status, kind) == (406, "not-acceptable")
    offered = answer.json()["offered"]
    assert len(offered) == len(set(offered)) == 14
    assert answer.headers["vary"] == "Accept"


ODD = "ASK { <http://example.org/a%2Fb> ex:name 'a%2Fb' }"


@pytest.mark.parametrize("way", ["get", "form", "direct", "graph"])
def test_a_percent_is_decoded_exactly_once(url: str, way: str) -> None:
    # A letter beyond ASCII has two bytes, each with its own percent sign.
    letter = "ASK { ?s ex:knows ex:zoé }"
    plus = "ASK { FILTER('1+1 %2B' = CONCAT('1', '\\u002B', '1 %', '2B')) }"
    for query in (ODD, plus, letter):
        if way == "get":
            answer = web.get(url, params={"query": query})
        elif way == "form":
            answer = web.post(url, data={"query": query})
        elif way == "direct":
            answer = web.post(url, content=query, headers=DIRECT)
        else:
            # In the address beside a direct body, only its own parameters are decoded.
            answer = web.post(url, params={"x": "%"}, content=query, headers=DIRECT)
        assert answer.json() == {"head": {}, "boolean": True}


def test_head_is_get_without_the_body(url: str) -> None:
    params = {"query": ANA}
    got, head = web.get(url, params=params), web.head(url, params=params)
    assert (head.status_code, head.content) == (200, b"")
    # The time of the answer, and whether it was kept, are of the moment.
    passing = {"date", "server-timing", "x-request-id"}
    lasting = [{k: v for k, v in a.headers.items() if k not in passing} for a in (got, head)]
    assert lasting[0] == lasting[1]
    assert web.head(url, params={"query": "ASK {"}).status_code == 400
    assert web.head(url).status_code == 200


def test_head_does_not_wait_for_the_end_of_an_answer(url: str) -> None:
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r }"
    answer = web.head(url, params={"query": endless}, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("path", ["sparql", "sparql?query=nonsense"])
def test_options_lists_what_can_be_done(shop: Shop, path: str) -> None:
    asked = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "QUERY"}
    answer = web.options(shop.url + path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["accept-query"] == (
        '"application/sparql-query", "application/x-www-form-urlencoded"'
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_refused_and_told_which_are_not(url: str, method: str) -> None:
    answer = web.request(method, url, params={"query": "ASK {}"})
    status, kind, _ = problem(answer)
    assert (status, kind) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"


def test_who_has_the_answer_already_gets_none(url: str) -> None:
    params = {"query": ANA}
    first = web.get(url, params=params)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for held in (tag, f"W/{tag}", f'"other", {tag}', f'"a,b",{tag}', "*"):
        for method in ("GET", "HEAD"):
            again = web.request(method, url, params=params, headers={"If-None-Match": held})
            assert (again.status_code, again.content) == (304, b"")
            for name in ("etag", "vary", "cache-control", "access-control-allow-origin"):
                assert again.headers[name] == first.headers[name]
    for held in ('"other"', tag.strip('"'), ""):
        again = web.get(url, params=params, headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (200, JSON)
    posted = web.post(url, data=params, headers={"If-None-Match": tag})
    assert (posted.status_code, posted.headers["etag"]) == (200, tag)


def test_everything_that_changes_an_answer_changes_its_tag(url: str) -> None:
    g1, g2 = "http://example.org/g1", "http://example.org/g2"
    asked: list[tuple[dict[str, str | list[str]], str]] = [
        ({"query": ANA}, "*/*"),
        ({"query": ANA}, "text/csv"),
        ({"query": ANA}, "application/json"),
        ({"query": ANA + "#"}, "*/*"),
        ({"query": ANA, "default-graph-uri": g1}, "*/*"),
        ({"query": ANA, "named-graph-uri": g1}, "*/*"),
        ({"query": ANA, "default-graph-uri": [g1, g2]}, "*/*"),
    ]
    tags = [web.get(url, params=p, headers={"Accept": a}).headers["etag"] for p, a in asked]
    assert len(set(tags)) == len(asked)
    turned = {"query": ANA, "default-graph-uri": [g2, g1]}
    assert web.get(url, params=turned).headers["etag"] == tags[-1]
    assert web.get(url, params={"query": f" {ANA}\n"}).headers["etag"] == tags[0]


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\x0b", "\x0c", "\x1f", "\x85"])
def test_space_that_sparql_does_not_know_is_refused_whatever_was_answered_before(
    shop: Shop, space: str
) -> None:
    assert shop.ask(ANA).status_code == 200
    for query in (f"{space}{ANA}", f"{ANA}{space}"):
        assert shop.ask(query).status_code == 400
    assert shop.ask(f"\t\r\n {ANA} \n\r\t").content == JSON


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (RAND() AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "CONSTRUCT { [] ex:of ?s } { ?s ex:knows ?o }",
    ],
)
def test_an_answer_that_changes_by_itself_is_kept_by_nobody(url: str, query: str) -> None:
    answer = web.get(url, params={"query": query}, headers={"If-None-Match": "*"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert "etag" not in answer.headers


def test_the_protocol_s_dataset_replaces_that_of_the_query(url: str) -> None:
    g1, g2 = "http://example.org/g1", "http://example.org/g2"

    def born(query: str, **graphs: str | list[str]) -> list[str]:
        params = {"query": query, **{k.replace("_", "-"): v for k, v in graphs.items()}}
        answer = web.get(url, params=params, headers={"Accept": "text/csv"})
        assert answer.status_code == 200
        return answer.text.split()[1:]

    default = "SELECT ?x { ?s ex:born ?x } ORDER BY ?x"
    named = "SELECT ?x { GRAPH ?g { ?s ex:born ?x } } ORDER BY ?x"
    assert born(default) == []
    assert born(named) == ["1950", "1951"]
    assert born(default, default_graph_uri=g1) == ["1950"]
    assert born(default, default_graph_uri=[g1, g2]) == ["1950", "1951"]
    assert born(named, default_graph_uri=g1) == []
    assert born(named, named_graph_uri=g2) == ["1951"]
    assert born(default, named_graph_uri=g2) == []
    with_from = default.replace("{", f"FROM <{g1}> {{", 1)
    assert born(with_from) == ["1950"]
    assert born(with_from, default_graph_uri=g2) == ["1951"]
    assert born(with_from, named_graph_uri=g2) == []


@pytest.mark.parametrize(
    ("given", "status", "kind", "detail"),
    [
        (
            {"params": {"query": ["ASK {}", "ASK {}"]}},
            400,
            "parameter-repeated",
            "“query” is given more than once.",
        ),
        (
            {"method": "POST", "params": {"query": "ASK {}"}, "content": "ASK {}",
             "headers": DIRECT},
            400,
            "parameter-repeated",
            "“query” is given more than once.",
        ),
        (
            {"method": "POST", "data": {"other": "ASK {}"}},
            400,
            "query-missing",
            "The body has no parameter “query”. A query that is the whole body has the type "
            "application/sparql-query.",
        ),
        (
            {"params": {"query": "ASK {}", "using-graph-uri": "http://example.org/g1"}},
            400,
            "parameters",
            "“using-graph-uri” belongs to updates, which are off.",
        ),
        (
            {"method": "POST", "content": b"\xff\xfeASK {}", "headers": DIRECT},
            400,
            "charset-unsupported",
            "Byte 1 of a text is not UTF-8.",
        ),
        (
            {"method": "POST", "content": b"query=ASK%7B%7D%23%E9",
             "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            400,
            "charset-unsupported",
            "Byte 7 of a text is not UTF-8.",
        ),
        (
            {"method": "POST", "content": b"ASK {}",
             "headers": {"Content-Type": "application/sparql-query; charset=ISO-8859-1"}},
            415,
            "charset-unsupported",
            "Write the query in UTF-8.",
        ),
        (
            {"method": "POST", "content": b"ASK {}",
             "headers": {**DIRECT, "Content-Encoding": "gzip"}},
            415,
            "coding-unsupported",
            "Send the body without a content coding.",
        ),
        (
            {"method": "POST", "content": b"ASK {}", "headers": {"Content-Type": "text/plain"}},
            415,
            "media-type-unsupported",
            "Send a query as application/sparql-query, or as the parameter “query” of "
            "application/x-www-form-urlencoded.",
        ),
        (
            {"method": "POST", "content": b"ASK {}"},
            415,
            "media-type-unsupported",
            "Send a query as application/sparql-query, or as the parameter “query” of "
            "application/x-www-form-urlencoded.",
        ),
        (
            {"params": {"query": "ASK { ?s foo:p ?o }"}},
            400,
            "query-malformed",
            "Line 1, column 10: the prefix “foo:” is not declared.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_request_is_told_what_is_wrong(
    url: str, given: dict[str, object], status: int, kind: str, detail: str
) -> None:
    answer = web.request(**{"method": "GET", "url": url, **given})  # type: ignore[arg-type]
    assert problem(answer) == (status, kind, detail)


def test_an_unknown_function_has_no_value_and_the_row_stays(shop: Shop) -> None:
    known = "SELECT ?n (ex:f(?n) AS ?x) (STRLEN(?n) AS ?y) { ex:ana ex:name ?n }"
    assert shop.ask(known, "text/csv").text == "n,x,y\r\nAna,,3\r\n"
    assert shop.ask("ASK { FILTER(ex:f(1)) }").json()["boolean"] is False
    assert shop.ask("ASK { FILTER(COALESCE(ex:f(1), ex:g(1), true)) }").json()["boolean"] is True
    many = " + ".join(f"ex:f{i}(1)" for i in range(101))
    refused = shop.ask(f"ASK {{ FILTER({many}) }}")
    assert problem(refused)[:2] == (400, "query-failed")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii"])
def test_utf_8_may_be_named(url: str, charset: str) -> None:
    media = f"application/sparql-query; charset={charset}"
    answer = web.post(url, content="ASK {}", headers={"Content-Type": media})
    assert answer.status_code == 200


def test_a_text_that_begins_with_a_byte_order_mark_is_read(url: str) -> None:
    answer = web.post(url, content="\ufeffASK {}".encode(), headers=DIRECT)
    assert answer.status_code == 200


def test_an_address_that_is_too_long_is_told_of_post(shop: Shop, url: str) -> None:
    query = "ASK {} #"
    fits = query + "x" * (24 * 1024 - len("query=ASK+%7B%7D+%23"))
    assert web.get(url, params={"query": fits}).status_code == 200
    answer = web.get(url, params={"query": fits + "x"})
    assert problem(answer) == (
        414,
        "address-too-long",
        "An address may have 24576 bytes; send a longer query by POST.",
    )
    assert shop.ask(fits + "x").status_code == 200


def test_a_body_that_is_too_large_is_refused(url: str) -> None:
    most = "ASK {} #" + "%" * (256_000 - 8)
    detail = "A query may have 256000 bytes."
    chunks = (b"ASK {} #", *(b"x" * 64_000 for _ in range(5)))
    assert web.post(url, content=most, headers=DIRECT).status_code == 200
    assert web.post(url, data={"query": most}).status_code == 200
    for answer in (
        web.post(url, content=most + "x", headers=DIRECT),
        web.post(url, content=iter(chunks), headers=DIRECT),
        web.post(url, content=most * 10, headers=DIRECT),
        web.post(url, data={"query": most + "x"}),
    ):
        assert problem(answer) == (413, "body-too-large", detail)
    larger = web.post(url, data={"query": most * 4})
    assert problem(larger)[:2] == (413, "body-too-large")


@pytest.mark.parametrize(
    ("query", "accept", "detail"),
    [
        (
            "SELECT * { ex:odd ex:holds ?o }",
            "application/sparql-results+xml",
            "The answer holds a character that XML has no way to write. Ask for another format.",
        ),
        (
            "CONSTRUCT WHERE { ex:odd ex:holds ?o }",
            "application/rdf+xml",
            "The answer holds a character that XML has no way to write. Ask for another format.",
        ),
        (
            "SELECT ('\\uFFFE' AS ?x) {}",
            "application/xml",
            "The answer holds a character that XML has no way to write. Ask for another format.",
        ),
        (
            "CONSTRUCT WHERE { ex:odd ex:7 ?o }",
            "application/rdf+xml",
            "The answer holds a property whose IRI has no XML name. Ask for another format.",
        ),
        (
            "CONSTRUCT { ex:a ex:b <<( ex:a ex:b ex:c )>> } {}",
            "application/ld+json",
            "The answer holds a triple term, which this format has no way to write. "
            "Ask for another format.",
        ),
    ],
)
def test_what_a_format_cannot_say_is_refused_and_never_written_wrongly(
    shop: Shop, query: str, accept: str, detail: str
) -> None:
    assert problem(shop.ask(query, accept)) == (406, "not-expressible", detail)
    assert shop.ask(query).status_code == 200


def test_every_character_is_well_formed_xml_or_refused(shop: Shop) -> None:
    for code in [*range(0x20), 0x7F, 0x85, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF]:
        answer = shop.ask(f"SELECT ('\\U{code:08X}' AS ?x) {{}}", "application/xml")
        if answer.status_code == 200:
            (literal,) = Tree.fromstring(answer.content).iter(LITERAL)
            assert code in (0xA, 0xD) or literal.text == chr(code)
        else:
            assert problem(answer)[:2] == (406, "not-expressible")


def test_a_relative_iri_means_one_of_the_record(shop: Shop) -> None:
    answer = shop.ask("SELECT (<id/conference/one> AS ?x) {}", "text/csv")
    assert answer.text == "x\r\nhttps://w3id.org/dialogue/id/conference/one\r\n"


@pytest.mark.parametrize("path", ["sparql", "sparql?unknown=1"])
def test_without_a_query_the_service_is_described(shop: Shop, path: str) -> None:
    answer = web.get(shop.url + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    service = ox.NamedNode("http://dialogue.test/sparql")
    dataset = ox.NamedNode("https://w3id.org/dialogue/dataset")
    store = ox.Store()
    store.load(answer.content, ox.RdfFormat.TURTLE)

    def said(subject: ox.NamedNode, property: ox.NamedNode) -> set[str]:
        found = store.quads_for_pattern(subject, property, None)
        return {q.object.value.rpartition("/")[2] for q in found}  # type: ignore[union-attr]

    assert said(service, SD.endpoint) == {"sparql"}
    assert said(service, SD.supportedLanguage) == {
        "sparql-service-description#SPARQL11Query",
        "sparql-service-description#SPARQL12Query",
    }
    assert said(service, SD.resultFormat) == {
        "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
        "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads",
    }  # fmt: skip
    assert said(service, SD.feature) == set()
    assert said(service, SD.defaultDataset) == {"dataset"}
    graphs = [q.object for q in store.quads_for_pattern(dataset, SD.namedGraph, None)]
    names = [q.object for g in graphs for q in store.quads_for_pattern(g, SD.name, None)]  # type: ignore[arg-type]
    assert {name.value for name in names} == {  # type: ignore[union-attr]
        "http://example.org/g1",
        "http://example.org/g2",
    }
    again = web.get(shop.url + path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "accept", ["application/rdf+xml", "application/ld+json", "application/n-triples"]
)
def test_the_description_comes_in_every_format(url: str, accept: str) -> None:
    answer = web.get(url, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, accept)
    form = ox.RdfFormat.from_media_type(accept)
    assert form is not None
    assert len(list(ox.parse(answer.content, format=form))) == 40
    assert problem(web.get(url, headers={"Accept": "text/csv"}))[1] == "not-acceptable"


def test_who_speaks_http_1_0_gets_a_short_answer_whole(shop: Shop) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
    connection.request("GET", f"/sparql?{httpx.QueryParams(query=ANA)}")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, JSON)
    assert answer.headers["content-length"] == str(len(JSON))


def test_two_servers_of_one_release_give_the_same_bytes(shop: Shop, tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA)) as other:
        for query in (ANA, "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT * { ?s ?p ?o }"):
            answers = [one.ask(query) for one in (shop, other)]
            assert answers[0].content == answers[1].content
            assert answers[0].headers["etag"] == answers[1].headers["etag"]


def test_a_body_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA), DIALOGUE_QUERY_SECONDS="0.3") as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
        connection.putrequest("POST", "/sparql")
        connection.putheader("Content-Type", "application/sparql-query")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"ASK {}")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["content-type"]) == (408, "application/problem+json")
        assert json.loads(answer.read()) == {
            "type": "http://dialogue.test/problems/request-timeout",
            "title": "The request takes too long",
            "status": 408,
            "detail": "The request took too long to arrive.",
        }
        connection.close()
