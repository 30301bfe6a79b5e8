"""The columns of `SELECT *`, and what the engine does with them."""

import time

import pyoxigraph as ox
import pytest

from app.engine.columns import star, with_columns
from app.engine.query import Kind, Query
from app.engine.snapshot import Snapshot
from app.errors import Rejected
from app.rdf.formats import TSV


class Sheet:
    """A sink that keeps all."""

    def __init__(self) -> None:
        self.content, self.capped = b"", None

    def begin(self, kind: Kind, media: str, *, capped: int | None = None, **_: object) -> None:
        self.capped = capped

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)


def head(text: str) -> str:
    sheet = Sheet()
    snapshot = Snapshot(ox.Store(), "http://example.org/", {})
    snapshot.evaluate(Query(text, {Kind.BINDINGS: TSV}), sheet)
    return sheet.content.decode().partition("\n")[0]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * { ?s ?p ?o }", "?s\t?p\t?o"),
        ("select*{ ?z ?a ?m OPTIONAL { ?b ?z ?c } }", "?z\t?a\t?m\t?b\t?c"),
        ("SELECT DISTINCT * { ?b ?a ?c } ORDER BY ?c", "?b\t?a\t?c"),
        ("# ?c *\nBASE <http://a/?c*> SELECT # * ?c\n * { ?b ?a ?c }", "?b\t?a\t?c"),
        ("PREFIX select: <http://a/> SELECT * { ?b select:a ?a }", "?b\t?a"),
        ("SELECT * { ?b ?p '?a *' BIND(?b AS ?a) }", "?b\t?p\t?a"),
        ("SELECT * { { SELECT ?b { ?z ?b ?a } } ?c ?a ?b }", "?b\t?a\t?c"),
        ("SELECT * { { SELECT * { ?z ?b ?a } } }", "?z\t?b\t?a"),
        ("SELECT * { ?b ?a ?z MINUS { ?c ?d ?z } FILTER EXISTS { ?e ?f ?b } }", "?b\t?a\t?z"),
        ("SELECT * { ?b ?p ?o } VALUES (?y ?x) { (1 2) }", "?b\t?p\t?o\t?y\t?x"),
        ("SELECT * { $b ?a 1 }", "?b\t?a"),
        ("SELECT * {}", ""),
        # Who names columns gets those.
        ("SELECT ?p ?o ?b { ?b ?p ?o }", "?p\t?o\t?b"),
        ("SELECT (COUNT(*) AS ?n) { ?b ?p ?o }", "?n"),
        ("SELECT (2 * 3 AS ?n) ?b { ?b ?p ?o }", "?n\t?b"),
    ],
)
def test_columns_stand_in_the_order_of_the_query(text: str, columns: str) -> None:
    assert head(text) == columns


def test_a_fault_beside_a_star_keeps_its_place() -> None:
    with pytest.raises(Rejected) as refused:
        head("SELECT * { ?subject ?p }")
    assert refused.value.members["column"] == 24
    with pytest.raises(Rejected) as refused:
        head("SELECT * { ?a ?b ?c } GROUP BY ?a")
    assert refused.value.kind == "query-malformed"


def test_an_escaped_name_comes_last_and_is_not_lost() -> None:
    text = "SELECT * { ?\\u0061 ?c ?b }"
    assert star(text) == 7
    assert with_columns(text, 7, ["a", "b", "c"]).startswith("SELECT  ?c ?b ?a  {")


def test_many_columns_take_a_time_that_grows_with_their_number_alone() -> None:
    names = [f"v{number}" for number in range(50_000)]
    text = f"SELECT * {{ ?{' ?'.join(names)} }}"
    start = time.process_time()
    assert with_columns(text, 7, [f"w{name}" for name in names]).count("?w") == len(names)
    assert time.process_time() - start < 5


def test_a_query_that_is_no_select_has_no_star() -> None:
    for text in ("ASK { ?s ?p ?o }", "CONSTRUCT { ?s ?p 2 } { ?s ?p ?o }", "DESCRIBE *", ""):
        assert star(text) is None
