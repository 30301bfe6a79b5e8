"""What the engine is asked in other words, and that nothing else of a query is changed."""

import doctest
import re
from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from app.engine import rewriting
from app.engine.query import Kind, Query
from app.engine.rewriting import rewrite
from app.engine.snapshot import Snapshot
from app.errors import Rejected
from app.rdf.formats import TSV

VALUES = '{ VALUES (?k ?x) { (1 "a"@en) (1 "b"@en) (1 "a"@en) (2 "c"@fr) } }'


class Sheet:
    """A sink that keeps all."""

    def __init__(self) -> None:
        self.content = b""

    def begin(self, kind: Kind, media: str, **_: object) -> None:
        self.kind = kind

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)


def rows(text: str, graphs: Iterable[str] = ()) -> list[str]:
    sheet, store = Sheet(), ox.Store()
    node = ox.NamedNode("http://example.org/s")
    store.extend(ox.Quad(node, node, node, ox.NamedNode(graph)) for graph in graphs)
    snapshot = Snapshot(store, "http://example.org/", {})
    snapshot.evaluate(Query(text, {Kind.BINDINGS: TSV}), sheet)
    return sheet.content.decode().splitlines()[1:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"SELECT (GROUP_CONCAT(?x) AS ?y) {VALUES} GROUP BY ?k ORDER BY ?k", ['"a b a"', '"c"']),
        (
            f"SELECT (group_concat (DISTINCT ?x; separator='(') AS ?y) {VALUES} GROUP BY ?k "
            "ORDER BY ?k",
            ['"a(b"', '"c"'],
        ),
        (f"SELECT (LANG(GROUP_CONCAT(?x)) AS ?y) {VALUES}", ['""']),
        (f"SELECT * {{ {{ SELECT (GROUP_CONCAT(?x) AS ?y) {VALUES} GROUP BY ?k }} }} ORDER BY ?y",
         ['"a b a"', '"c"']),
        (f"SELECT ?k {VALUES} GROUP BY ?k HAVING (GROUP_CONCAT(?x) = 'c')", ["2"]),
        (f"SELECT ?k {VALUES} GROUP BY ?k ORDER BY DESC(GROUP_CONCAT(?x))", ["2", "1"]),
        (f"SELECT (GROUP_CONCAT(STR(CONCAT(?x, '!')); SEPARATOR=')') AS ?y) {VALUES} GROUP BY ?k "
         "ORDER BY ?k", ['"a!)b!)a!"', '"c!"']),
        # What has no value keeps having none.
        ("SELECT (GROUP_CONCAT(1/0) AS ?y) {}", [""]),
        ("SELECT (GROUP_CONCAT(?x) AS ?y) { VALUES ?x {} }", ['""']),
    ],
)  # fmt: skip
def test_its_value_has_no_language(text: str, expected: list[str]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'GROUP_CONCAT(?x)' }",
        "SELECT ?GROUP_CONCAT (1 AS ?x) { # GROUP_CONCAT(?x)\n }",
        "PREFIX group_concat: <http://a/GROUP_CONCAT(> ASK { group_concat:a ?p (1) }",
        "SELECT (SAMPLE(?x) AS ?y) {}",
        # What matches something, or has a graph of its own, is not looked for in every graph.
        "SELECT * { GRAPH ?g { VALUES ?x { 1 } ?s ?p ?x } }",
        "SELECT * { GRAPH ?g { ?s ?p ?x VALUES ?x { 1 } } }",
        "SELECT * { GRAPH ?g { VALUES ?x { 1 } OPTIONAL { ?s ?p ?x } } }",
        "SELECT * { GRAPH ?g { { ?s ?p ?x } UNION { VALUES ?x { 1 } } } }",
        "SELECT * { GRAPH ?g { SELECT ?x { VALUES ?x { 1 } } } }",
        "SELECT * { GRAPH ?g { } VALUES ?x { 1 } }",
        "SELECT * { GRAPH <http://a/> { VALUES ?x { 1 } } }",
        "SELECT * { ?s ?p 'GRAPH ?g { VALUES ?x { 1 } }' }",
    ],
)
def test_what_is_no_aggregate_stays_as_it_is(text: str) -> None:
    assert rewrite(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?g ?x { GRAPH ?g { VALUES ?x { 1 2 } } }", {"A\t1", "A\t2", "B\t1", "B\t2"}),
        (
            "SELECT ?g ?t { GRAPH ?g { VALUES (?g ?t) { (UNDEF '{') (A '}') (<no> '') } } }",
            {'A\t"{"', 'B\t"{"', 'A\t"}"'},
        ),
        ("SELECT ?g { ?s ?p ?o . GRAPH ?g { VALUES ?x { 1 } . VALUES ?y { 2 } } }", set()),
        ("SELECT ?g FROM NAMED A { graph ?g { values ?x { 1 } } }", {"A"}),
        # A graph that is named and not there is an empty one.
        (
            "SELECT ?g FROM NAMED <no> { GRAPH ?g { VALUES ?x { 1 } } }",
            {"<http://example.org/no>"},
        ),
        ("SELECT ?g { VALUES ?y { 1 } GRAPH ?g { VALUES () { () } } }", {"A", "B"}),
        ("SELECT ?g { GRAPH ?h { GRAPH ?g { VALUES ?x { 1 } } } }", {"A", "B"}),
        ("ASK { GRAPH ?g { VALUES ?x { 1 } } }", None),
    ],
)
def test_values_in_a_graph_are_those_of_each(text: str, expected: set[str] | None) -> None:
    names = {"A": "<http://example.org/a>", "B": "<http://example.org/b>"}
    for name, iri in names.items():
        text = re.sub(rf"\b{name}\b", iri, text)
    if expected is None:
        assert rewrite(text).count("GRAPH ?g") == 2
        return
    answered = {
        re.sub("|".join(names.values()), lambda iri: iri[0][-2].upper(), row)
        for row in rows(text, [iri[1:-1] for iri in names.values()])
    }
    assert answered == expected


def test_a_fault_is_told_at_its_place_in_the_query_as_it_was_written() -> None:
    duplicate = "SELECT ({}(?x) AS ?y) (2 AS ?y) {{}}"
    with pytest.raises(Rejected) as refused:
        rows(duplicate.format("GROUP_CONCAT"))
    with pytest.raises(Rejected) as same:
        rows(duplicate.format("SAMPLE"))
    column = same.value.members["column"]
    assert isinstance(column, int)
    assert refused.value.members["column"] == column + len("GROUP_CONCAT") - len("SAMPLE")
    # One that is open to the end is no query, and is not mended into one.
    with pytest.raises(Rejected) as refused:
        rows("SELECT (GROUP_CONCAT(?x AS ?y) {}")
    assert refused.value.kind == "query-malformed"


def test_the_examples_are_right() -> None:
    assert doctest.testmod(rewriting).failed == 0
