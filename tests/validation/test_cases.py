"""Each shape is broken by a case, and no case breaks another shape than its own."""

from datetime import date
from pathlib import Path

import pytest
from overlay import BASE, CASES, base, cases, laid_over

from app.namespaces import DSH
from app.validation.check import check

TODAY = date(2026, 11, 24)


def test_the_small_record_breaks_no_shape() -> None:
    assert check(base(), as_of=TODAY) == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_case_breaks_the_shape_that_its_folder_names_and_no_other(case: Path) -> None:
    found = check(laid_over(case), as_of=TODAY)
    assert {finding.shape.full for finding in found} == {DSH[case.parent.name].value}


def test_every_folder_of_cases_has_some() -> None:
    empty = [f.name for f in CASES.iterdir() if f.is_dir() and f != BASE and not any(f.iterdir())]
    assert empty == []
