"""What a query says by its words, and what is said of a query that cannot be read."""

import doctest
import json
import time

import pyoxigraph as ox
import pytest

from app.engine import analysis
from app.engine.analysis import analyse
from app.engine.query import Kind, Query
from app.engine.syntax_errors import syntax_error
from app.rdf.terms import Term


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * {}", Kind.BINDINGS),
        ("select*{}", Kind.BINDINGS),
        ("# ASK {}\nSELECT * {}", Kind.BINDINGS),
        ("PREFIX ask: <a:> SELECT * { ?s ask:p 'CONSTRUCT' }", Kind.BINDINGS),
        ("BASE <http://a/select> ASK {}", Kind.BOOLEAN),
        ("ASK { { SELECT * {} } }", Kind.BOOLEAN),
        ("CONSTRUCT WHERE {}", Kind.GRAPH),
        ("DESCRIBE <a:a>", Kind.GRAPH),
        ("", None),
        ("{}", None),
        ("'SELECT'", None),
    ],
)
def test_the_kind_is_the_first_word_after_the_prologue(text: str, kind: Kind | None) -> None:
    assert analyse(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT * { FILTER(rand() > 0.5) }",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (StrUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        "SELECT (BNODE('a') AS ?x) {}",
        "CONSTRUCT { _:a <a:p> ?o } { ?s <a:p> ?o }",
        "CONSTRUCT { ?s <a:p> [] } { ?s <a:p> ?o }",
        "CONSTRUCT { ?s <a:p> [ <a:q> ?o ] } { ?s <a:p> ?o }",
        "CONSTRUCT { ?s <a:p> (1 2) } { ?s <a:p> ?o }",
    ],
)
def test_a_query_whose_answer_changes_by_itself_is_volatile(text: str) -> None:
    assert analyse(text).volatile


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?now ?rand { ?now ?rand 'NOW() RAND()' }",
        "SELECT * { ?s <http://a/NOW> ?o } # RAND()",
        "PREFIX now: <a:> SELECT * { now:uuid ?p ?o }",
        "SELECT * { _:a ?p [ ?q (1 2) ] }",
        "CONSTRUCT { ?s <a:p> ?o } { _:a <a:p> [ <a:q> ?o ] }",
        "CONSTRUCT { ?s <a:p> '_:a [' } WHERE { ?s <a:p> ?o }",
    ],
)
def test_the_same_words_elsewhere_make_no_query_volatile(text: str) -> None:
    assert not analyse(text).volatile


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://a/> {}' }",
        'SELECT * { ?s ?p """a " SERVICE""" }',
        "SELECT * { ?s ?p '''a ' SERVICE''' }",
        "SELECT * { ?s ?p 'a\\' SERVICE' }",
        "SELECT ?service { ?service a <http://a/service> } # SERVICE",
        "PREFIX service: <a:> SELECT * { service:service ?p ?o }",
        "SELECT * { ?s ?p 'service'@service }",
    ],
)
def test_the_word_service_is_free_where_it_is_no_keyword(text: str) -> None:
    assert not analyse(text).federated


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p ?o.SERVICE<a:a>{} }",
        "ASK { ?s ?p true.SERVICE <a:a> {} }",
        "ASK{{}SERVICE?x{}}",
    ],
)
def test_the_keyword_is_seen_without_spaces_round_it(text: str) -> None:
    assert analyse(text).federated


@pytest.mark.parametrize(
    "text", ["a-", "a.", "a:.", "_:a.", "<", "<a", "'", '"""a', "\\u0041", "@a-", "?a", "%", "{[("]
)
def test_the_time_to_look_at_a_text_grows_with_its_length_alone(text: str) -> None:
    start = time.process_time()
    analyse(text * 50_000)
    assert time.process_time() - start < 2


TERMS: list[Term] = [
    ox.NamedNode("http://example.org/zoé"),
    ox.BlankNode("b1"),
    ox.Literal("plain"),
    ox.Literal('a "quote"\n\\ and \u0007'),
    ox.Literal("Ana", language="pt"),
    ox.Literal("2015-05-19", datatype=ox.NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")),
    ox.Literal("01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
]


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_a_query_is_the_same_on_the_other_side(term: Term) -> None:
    asked = Query(
        "SELECT ?x { ?x ?y ?z }\n# é",
        {Kind.BINDINGS: "text/csv", Kind.GRAPH: "text/turtle"},
        ("http://a/",),
        ("http://b/", "http://c/"),
        {"x": term},
        frozenset({Kind.GRAPH}),
    )
    assert Query.from_json(json.loads(json.dumps(asked.to_json()))) == asked


def refusal(text: str) -> dict[str, object]:
    with pytest.raises(SyntaxError) as error:
        ox.Store().query(text, prefixes={"ex": "http://example.org/"})
    refused = syntax_error(error.value.msg, text, frozenset({"ex"}))
    assert (refused.status, refused.kind) == (400, "query-malformed")
    return {"detail": str(refused), **refused.members}


@pytest.mark.parametrize(
    ("text", "line", "column", "expected", "detail"),
    [
        (
            "",
            1,
            1,
            ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"],
            "Line 1, column 1: expected SELECT, ASK, CONSTRUCT, DESCRIBE.",
        ),
        (
            "SELECT *\n{ ?s foo:p ?o }",
            2,
            6,
            ["PREFIX foo:"],
            "Line 2, column 6: the prefix “foo:” is not declared.",
        ),
        (
            "PREFIX foo: <a:>\nSELECT * { ?é foo:p bar:o }",
            2,
            21,
            ["PREFIX bar:"],
            "Line 2, column 21: the prefix “bar:” is not declared.",
        ),
        (
            "ASK }",
            1,
            6,
            [],
            "Line 1, column 6: the query cannot be read as SPARQL 1.1 up to here.",
        ),
        (
            "SELECT (1 AS ?a) (2 AS ?a) {}",
            1,
            30,
            [],
            "Line 1, column 30: Duplicated variable name in SELECT.",
        ),
    ],
)
def test_a_syntax_error_names_its_place_and_what_was_expected(
    text: str, line: int, column: int, expected: list[str], detail: str
) -> None:
    assert refusal(text) == {
        "line": line,
        "column": column,
        "expected": expected,
        "detail": detail,
    }


@pytest.mark.parametrize(
    "text", ["SELECT * {", "SELECT * { ?s ex:p ", "ASK { ?s ?p 'a }", "SELECT", "ASK {} x"]
)
def test_what_was_expected_is_said_in_words_and_not_in_the_parser_s_classes(text: str) -> None:
    found = refusal(text)
    words = found["expected"]
    assert isinstance(words, list)
    assert words
    assert str(found["detail"]).startswith("Line 1, column ")
    for word in words:
        assert word in str(found["detail"])
        assert ".." not in word
        assert "u{" not in word


def test_a_message_that_the_parser_has_never_used_is_not_passed_on() -> None:
    refused = syntax_error("/usr/lib/secret.rs: no", "ASK {}", frozenset())
    assert str(refused) == "The query is not well-formed SPARQL 1.1."
    assert refused.members == {}


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(analysis).failed == 0
