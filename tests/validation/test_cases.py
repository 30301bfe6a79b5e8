"""Each shape is broken by a case, and no case breaks another shape than its own."""

from pathlib import Path

import pytest
from overlay import BASE, CASES, TODAY, base, cases, checked, expected, foci, is_sound, name

from app.namespaces import DSH
from app.validation.check import check


def test_the_small_record_breaks_no_shape() -> None:
    assert check(base(), as_of=TODAY) == []


@pytest.mark.parametrize("case", cases(), ids=name)
def test_a_case_breaks_the_shape_of_its_folder_at_the_nodes_at_fault_and_nothing_else(
    case: Path,
) -> None:
    findings = checked(case)
    assert {finding.shape.full for finding in findings} <= {DSH[case.parent.name].value}
    assert foci(findings) == expected()[name(case)]


def test_the_table_of_nodes_at_fault_lists_the_cases_and_no_others() -> None:
    assert sorted(expected()) == sorted(map(name, cases()))


def test_every_folder_has_a_case_that_breaks_and_those_that_do_not_say_so() -> None:
    sound = {case for case in cases() if not expected()[name(case)]}
    assert {case for case in cases() if is_sound(case)} == sound
    broken = {case.parent for case in cases() if case not in sound}
    assert broken == {f for f in CASES.iterdir() if f.is_dir() and f != BASE}
