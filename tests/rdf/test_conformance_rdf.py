"""The reader against every W3C test of the four syntaxes: the results, and the refusals.

pyoxigraph reads the same files as a second witness. Where the two parted, the suite would decide;
on this one they never do.
"""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from suites import Case, missing, rdf_cases

from app.errors import ParseFault
from app.rdf.parser import Syntax, read

FORMATS = {
    Syntax.TURTLE: ox.RdfFormat.TURTLE,
    Syntax.TRIG: ox.RdfFormat.TRIG,
    Syntax.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    Syntax.N_QUADS: ox.RdfFormat.N_QUADS,
}
SUITES = ("rdf-turtle", "rdf-trig", "rdf-n-triples", "rdf-n-quads")
CASES = [case for name in SUITES for case in rdf_cases(name)]
ABSENT = missing() or "the suite has no such tests"


def params(*endings: str) -> list[object]:
    """Return the cases of these kinds; none at all is one case that is skipped and says why."""
    chosen = [pytest.param(c, id=c.name) for c in CASES if c.kind.endswith(endings)]
    return chosen or [pytest.param(None, id="suite", marks=pytest.mark.skip(reason=ABSENT))]


def text_of(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def canonical(quads: object) -> ox.Dataset:
    """Return the quads with blank nodes that are named after what they are."""
    dataset = ox.Dataset(quads)  # type: ignore[arg-type]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("case", params("PositiveSyntax", "Eval"))
def test_what_is_right_is_read_as_the_suite_and_a_second_reader_say(case: Case) -> None:
    syntax = Syntax.of(case.action)
    ours = canonical(read(text_of(case.action), case.name, syntax, case.base).quads)
    theirs = ox.parse(path=case.action, format=FORMATS[syntax], base_iri=case.base)
    assert ours == canonical(theirs)
    if case.result is not None:
        expected = read(text_of(case.result), case.name, Syntax.of(case.result))
        assert ours == canonical(expected.quads)
        assert ours == canonical(ox.parse(path=case.result, format=FORMATS[Syntax.of(case.result)]))


@pytest.mark.parametrize("case", params("NegativeSyntax", "NegativeEval"))
def test_what_is_wrong_is_refused_at_a_place_in_the_text(case: Case) -> None:
    text = text_of(case.action)
    with pytest.raises(ParseFault) as refusal:
        read(text, case.name, Syntax.of(case.action), case.base)
    error = refusal.value
    lines = (text + "\n").splitlines()
    assert str(error) == f"{case.name}:{error.line}:{error.column}: {error.message}"
    assert 1 <= error.line <= len(lines) + 1
    assert 1 <= error.column <= len([*lines, ""][error.line - 1]) + 1
    assert error.message


def test_no_test_of_the_manifests_is_left_out(suites: Path) -> None:
    kinds = Counter((case.name.split("/")[0], case.kind) for case in CASES)
    run = ("PositiveSyntax", "NegativeSyntax", "Eval")
    assert all(kind.endswith(run) for _, kind in kinds)
    assert {name for name, _ in kinds} == set(SUITES)
    assert sum(kinds.values()) == len(params("PositiveSyntax", "Eval")) + len(
        params("NegativeSyntax", "NegativeEval")
    )
