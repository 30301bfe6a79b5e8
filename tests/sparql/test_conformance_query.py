"""The W3C's tests of queries and of results, over HTTP: SPARQL 1.1 and 1.2."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sparql_failures as failures
from conformance import text_of
from conformance_sparql import NAME, SUITES, text
from shop import Shop, lay, serve
from sparql_judge import objection, quads
from sparql_suite import SparqlCase, cases
from suites import missing

if reason := missing():
    pytest.skip(reason, allow_module_level=True)

CASES = {label: cases(version, folders) for label, ((version, folders), _) in SUITES.items()}
ALL = [(label, case) for label, of_suite in CASES.items() for case in of_suite]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = quads([case for _, case in ALL])
    # A prefix that nobody declares must not be known, since some tests are of that.
    release = lay(tmp_path_factory.mktemp("suite"), data, prefixes={})
    with serve(release) as found:
        yield found


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as found:
        yield found


@pytest.mark.parametrize(
    ("label", "case"), ALL, ids=[f"{label.split(',')[0]}-{case.name}" for label, case in ALL]
)
def test_the_endpoint_answers_as_the_suite_demands(
    shop: Shop, client: httpx.Client, label: str, case: SparqlCase
) -> None:
    failing = SUITES[label][1]
    wrong = objection(case, client, shop.url)
    if case.name in failing:
        assert wrong, f"{case.name} passes: take it off the list"
    else:
        assert not wrong, wrong


def test_no_test_is_forgotten_and_every_failure_is_one_of_them() -> None:
    assert [len(of_suite) for of_suite in CASES.values()] == [328, 10, 246]
    for label, of_suite in CASES.items():
        names = [case.name for case in of_suite]
        assert len(set(names)) == len(names)
        assert SUITES[label][1].keys() <= set(names)


def test_the_lists_of_failures_only_shrink() -> None:
    assert len(failures.QUERY) <= 7
    assert len(failures.RESULTS) <= 1
    assert len(failures.SPARQL_12) <= 5


def test_an_answer_that_is_wrong_is_seen(shop: Shop, client: httpx.Client) -> None:
    """The same tests with the data, or the result, of another one."""
    by_name = {case.name: case for _, case in ALL}
    for name, other in (
        ("bind/bind01", "bind/bind03"),
        ("csv-tsv-res/csv01", "csv-tsv-res/csv02"),
        ("csv-tsv-res/tsv01", "csv-tsv-res/tsv02"),
        ("json-res/jsonres01", "json-res/jsonres02"),
        ("construct/constructwhere01", "construct/constructwhere02"),
    ):
        case, result = by_name[name], by_name[other].result
        assert objection(case, client, shop.url) is None
        assert objection(replace(case, result=result), client, shop.url)
    good = by_name["syntax-query/test_1"]
    turned = replace(good, kind="NegativeSyntaxTest11")
    assert objection(good, client, shop.url) is None
    assert objection(turned, client, shop.url)


def test_rows_in_another_order_are_seen_where_the_query_orders_them(
    shop: Shop, client: httpx.Client, tmp_path: Path
) -> None:
    by_name = {case.name: case for _, case in ALL}
    case = by_name["csv-tsv-res/tsv01"]
    assert case.result is not None
    names, *rows = case.result.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.tsv"
    for lines, query, wrong in (
        (rows, case.query, False),
        (rows[::-1], case.query, True),
        (rows[::-1], tmp_path / "unordered.rq", False),
    ):
        turned.write_text("\n".join([names, *lines, ""]), encoding="utf-8")
        unordered = case.query.read_text(encoding="utf-8").partition("ORDER BY")[0]
        (tmp_path / "unordered.rq").write_text(unordered, encoding="utf-8")
        tried = replace(case, query=query, result=turned)
        assert bool(objection(tried, client, shop.url)) == wrong


def test_the_page_has_what_the_tests_say() -> None:
    assert text_of(NAME) == text()
