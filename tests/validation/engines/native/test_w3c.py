"""The W3C's suite of SHACL 1.0: each report is the expected one."""

import pytest
import suites as w3c
from rdflib.compare import graph_diff, isomorphic, to_isomorphic
from rdflib.namespace import SH

from app.validation.engines.native import compile_shapes, evaluate

from . import report

CASES = w3c.shacl_cases()


def test_the_suite_is_whole() -> None:
    if reason := w3c.shacl_missing():
        pytest.skip(reason)
    kinds = [case.name.split("/")[0] for case in CASES]
    assert (kinds.count("core"), kinds.count("sparql")) == (98, 22)


@pytest.mark.skipif(not CASES, reason=w3c.shacl_missing() or "no cases")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_is_the_expected_one(case: w3c.ShaclCase) -> None:
    files = {p: w3c.shacl_triples(p) for p in {case.manifest, case.data, case.shapes}}
    plan = compile_shapes(files[case.shapes])
    evaluation = evaluate(plan, files[case.data])
    results = list(evaluation)
    problems = [p for p in (*plan.problems, *evaluation.problems) if p.blocking]
    result = w3c.shacl_result(files[case.manifest])
    if result.value == "http://www.w3.org/ns/shacl-test#Failure":
        assert problems and not results
        return
    assert problems == []
    wanted = report.expected(files[case.manifest], result)
    ours = report.of_results(results, set(wanted.objects(None, SH.resultMessage)))
    if not isomorphic(ours, wanted):
        _, more, less = graph_diff(to_isomorphic(ours), to_isomorphic(wanted))
        pytest.fail(f"ours alone:\n{more.serialize()}\nexpected alone:\n{less.serialize()}")
