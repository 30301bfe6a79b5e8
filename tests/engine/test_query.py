"""What a query says by its words, and what is said of a query that cannot be read."""

import doctest
import json
import time
from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import analysis
from app.engine.analysis import analyse, beginning, glance
from app.engine.columns import star
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


PROLOGUE = "PREFIX o: <http://a/o#>\n# why\nBASE <http://a/>\n"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s o:addresses ?o }",
        "SELECT ?s { ?s o:branded ?known }",
        "SELECT * { ?s o:services 'the service of now'@en }",
        "ASK { ?s a o:Thing }",
        "DESCRIBE o:renowned",
        PROLOGUE + "select distinct ?s { ?s o:p ?o }",
    ],
)
def test_a_word_within_a_word_tells_nothing(text: str) -> None:
    assert not glance(text).volatile
    assert not glance(text).federated
    assert replace(glance(text), undeclared=()) == replace(analyse(text), undeclared=())


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("SELECT * {}", ("SELECT", 6)),
        (PROLOGUE + "ask{}", ("ASK", len(PROLOGUE) + 3)),
        ("PREFIX select: <a:> DESCRIBE <a:a>", ("DESCRIBE", 28)),
        ("# SELECT\rASK {}", ("ASK", 12)),
        ("CONSTRUCT WHERE {}", None),
        ("SELECT:a", None),
        ("SELECT-a:b {}", None),
        ("INSERT DATA {}", None),
        ("PREFIX a:<a b> SELECT * {}", None),
        ("\u017felect * {}", None),
        ("AS\u212a {}", None),
        ("", None),
    ],
)
def test_the_beginning_of_a_query_is_told_at_once_or_not_at_all(
    text: str, begins: tuple[str, int] | None
) -> None:
    assert beginning(text) == begins


SOUP = st.lists(
    st.sampled_from(
        [
            *"{}()*.,;:?<>#'\"\\@_-^ \n\ré·",
            "'", '"""', "<http://a/SERVICE>", "a:b", "SELECT", "select", "ASK", "CONSTRUCT",
            "DESCRIBE", "PREFIX ", "PREFIX a: <a:b>", "BASE <a:>", "SERVICE", "service:", "NOW()",
            "known", "rand", "UUID", "BNODE", "DISTINCT", "REDUCED", " * ", "INSERT", "# x\n",
            "WITH", "ser\u0131ce", "éserv\u0131ce", "'x'@en1service", "1SERVICE<a:a>{}",
            "\u017felect", "dis\u017finct", "\u0345", "?now",
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


def plain_star(text: str) -> int | None:
    """Return what `star` returns, by reading every word."""
    form = ""
    for place, group, written in analysis.tokens(text):
        word = written.upper() if group == "word" else ""
        if form:
            if written == "*" and form == "SELECT":
                return place
            if word not in ("DISTINCT", "REDUCED"):
                return None
        elif word in analysis.QUERY_FORMS:
            form = word
    return None


@given(st.sampled_from(["", "SELECT ", PROLOGUE + "ASK", "select distinct"]), SOUP)
def test_a_glance_tells_what_reading_every_word_tells(start: str, soup: str) -> None:
    text = start + soup
    assert replace(glance(text), undeclared=()) == replace(analyse(text), undeclared=())
    assert star(text) == plain_star(text)


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


CALLED = "may not stand in an IRI, and the one that begins with"
ESCAPES = r"""these are \t \b \n \r \f \\ \" \' \uXXXX \UXXXXXXXX"""
WRITE = "is a surrogate and no character; write the character itself"


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ('SELECT (<http://a/"x> AS ?x) {}', 1, 19, f"“\"” {CALLED} <http://a/ has no end"),
        ("SELECT * { ?s <http://a b> ?o }", 1, 24, f"a space {CALLED} <http://a has no end"),
        ("SELECT *\n{ ?s <urn:a\n?p ?o }", 2, 12, f"a line break {CALLED} <urn:a has no end"),
        ("PREFIX a: <http://a\tb/> ASK {}", 1, 20, f"a tab {CALLED} <http://a has no end"),
        ("ASK { ?s ?p <http://é/{x}> }", 1, 23, f"“{{” {CALLED} <http://é/ has no end"),
        ("ASK { FILTER(?s <http://a b>) }", 1, 26, f"a space {CALLED} <http://a has no end"),
        ("ASK { <<<http://a b> ?p ?o>> ?q ?r }", 1, 18, f"a space {CALLED} <http://a has no end"),
        ("ASK { ?s ?p <http://a/", 1, 13, "the IRI that begins with <http://a/ does not end"),
        ("ASK { ?s ?p <http://a/%zz> }", 1, 13, "<http://a/%zz> is no IRI (RFC 3987)"),
        ("ASK { ?s ?p http://a/b }", 1, 13, "an IRI stands between < and >"),
        (
            r"ASK { ?s ?p <http://a/\q> }", 1, 23,
            r"in an IRI (<http://a/) “\” begins \uXXXX or \UXXXXXXXX and nothing else",
        ),
        (
            r'SELECT (STRLEN("\uD83D\uDE00") AS ?n) {}', 1, 17,
            rf"“\uD83D” {WRITE}, or \U0001F600",
        ),
        (r'ASK { ?s ?p "a\uDE00\uD83D" }', 1, 15, rf"“\uDE00” {WRITE}"),
        (r"ASK { ?s ?p <http://a/\U0000D83D> }", 1, 23, rf"“\U0000D83D” {WRITE}"),
        (
            r"ASK { ?s ?p '\U00110000' }", 1, 14,
            r"“\U00110000” is no character: the last one is \U0010FFFF",
        ),
        (r'ASK { ?s ?p "a\qb" }', 1, 15, rf"“\q” is no escape of a string; {ESCAPES}"),
        (r'ASK { ?s ?p """a\u12""" }', 1, 17, rf"“\u” is no escape of a string; {ESCAPES}"),
        (
            'ASK { ?s ?p "a\nb" }', 1, 13,
            'the string that begins with " does not end on its line; one of several lines stands '
            'between """',
        ),
        ('ASK { ?s ?p """a" }', 1, 13, 'the string that begins with """ does not end'),
    ],
)  # fmt: skip
def test_an_iri_and_a_string_that_are_none_are_named(
    text: str, line: int, column: int, what: str
) -> None:
    refused = refusal(text)
    assert (refused["line"], refused["column"]) == (line, column)
    assert refused["detail"] == f"Line {line}, column {column}: {what}."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        # What is before a fault of an IRI or a string is told first.
        ("ASK { ?s foo:p <http://a b> }", "column 10: the prefix “foo:” is not declared."),
        (r'ASK { ?s foo:p "\uD83D" }', "column 10: the prefix “foo:” is not declared."),
        # Less than, which needs no space after it.
        ("ASK { FILTER(?o <foo:b && ?o >3) }", "column 18: the prefix “foo:” is not declared."),
        ("ASK { FILTER(1 <?o && STR(?o) <?p && true <?q) ; }", "Line 1"),
        ("ASK { << ?s ?p ?o >> ?q }", "Line 1"),
        ("ASK { ?s ?p <<( ?a ?b ?c )>> ?d }", "Line 1"),
        # In a comment, and escaped as it is to be.
        ('# "a \\uD83D <http://a b>\nASK { ?s }', "Line 2"),
        (
            r"""ASK { ?s ?p "\t\b\n\r\f\\\"\'\u00E9\U0001F600", <http://a/\u00E9> ?o }""",
            "Line 1",
        ),
        (r"""ASK { ?s ?p '', "", '''it's''', 'it\'s' ?o }""", "Line 1"),
    ],
)
def test_what_is_right_is_not_blamed_for_another_fault(text: str, what: str) -> None:
    detail = str(refusal(text)["detail"])
    assert what in detail
    assert not any(word in detail for word in ("stand in", "no IRI", "surrogate", "no escape"))
    assert "does not end" not in detail


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
