"""Our results equal pySHACL's on drawn shapes and data, but for the faults that are listed."""

import os

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, note, settings
from pyparsing import ParseException

from . import drawn, referee

DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "200"))
_SETTINGS = settings(
    max_examples=DRAWS,
    derandomize="DIALOGUE_DRAWS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@_SETTINGS
@given(drawn.pairs())
def test_each_result_of_core_is_the_referee_s(pair: drawn.Pair) -> None:
    ours = referee.our_rows(pair.shapes, pair.data)
    note(f"{drawn.turtle(pair.shapes)}\n# data\n{drawn.turtle(pair.data)}")
    excuse = referee.excuse(pair.shapes, pair.data)
    try:
        theirs = referee.their_rows(pair.shapes, pair.data)
    except Exception:
        # pySHACL stops where it compares blank nodes, for example.
        if excuse is None:
            raise
        return
    if excuse is None:
        assert ours == theirs
    elif ours != theirs:
        note(excuse)


@_SETTINGS
@given(drawn.queried())
def test_what_queries_find_is_what_the_referee_s_find(pair: drawn.Pair) -> None:
    note(f"{drawn.turtle(pair.shapes)}\n# data\n{drawn.turtle(pair.data)}")
    ours = referee.our_rows(pair.shapes, pair.data)
    if referee.excuse(pair.shapes, pair.data) is None:
        # SHACL, 5.3.2: each solution is a result; pySHACL drops those that are equal.
        assert set(ours) == set(referee.their_rows(pair.shapes, pair.data))


@pytest.mark.parametrize("fault", referee.FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_of_the_referee_is_one_still(fault: referee.Failure) -> None:
    shapes, data = referee.EXAMPLES[fault]
    assert fault(shapes, data)
    ours = referee.our_rows(shapes, data)
    assert sum(ours.values()) == 1
    try:
        assert referee.their_rows(shapes, data) != ours
    except (referee.ReportableRuntimeError, ParseException):
        assert fault in (
            referee.passes_pairs_without_order,
            referee.writes_nested_paths_without_brackets,
        )


def test_the_referee_is_asked_about_nodes_that_no_target_selects() -> None:
    turtle = b"""
        @prefix e: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        e:s a sh:NodeShape ; sh:targetClass e:C ; sh:nodeKind sh:Literal .
        e:a a e:C . e:b a e:D .
    """
    triples = [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    ours = referee.our_rows(triples, triples)
    assert [row[0] for row in ours] == ["<http://example.org/a>"]
    assert referee.their_rows(triples, triples) == ours
