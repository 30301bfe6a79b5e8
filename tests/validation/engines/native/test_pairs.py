"""Shapes and data of others: the same number of results as pySHACL's, or a reason why not."""

import os
from pathlib import Path

import pyoxigraph as ox
import pytest
import suites as w3c

from app.validation.engines.native import compile_shapes, evaluate

FOLDER = Path(os.environ.get("DIALOGUE_PAIRS", w3c.folder() / "pairs"))
_LIST = FOLDER / "pairs.txt"
PAIRS = [line.split() for line in _LIST.read_text().splitlines()] if _LIST.is_file() else []
OTHERWISE = {
    # Four identifiers are asked for a datatype that no literal has.
    "cpsv300.ttl": (10, "no literal has the datatype rdfs:Literal"),
    # One shape refers to itself and is not run.
    "cube-standalone-constraint-constraint.ttl": (2, "refers to itself"),
}


@pytest.mark.skipif(not PAIRS, reason=f"{w3c.PAIRS_ABSENT}: set DIALOGUE_PAIRS")
@pytest.mark.parametrize(("data", "shapes", "count"), PAIRS)
def test_shapes_of_others_find_what_they_did(data: str, shapes: str, count: str) -> None:
    plan = compile_shapes(ox.parse(path=FOLDER / shapes, base_iri="http://example.org/"))
    evaluation = evaluate(plan, ox.parse(path=FOLDER / data, base_iri="http://example.org/"))
    number = len(list(evaluation))
    assert evaluation.problems == ()
    expected, reason = OTHERWISE.get(shapes, (int(count), ""))
    assert number == expected
    assert any(reason in problem.sentence for problem in plan.problems) or not reason
