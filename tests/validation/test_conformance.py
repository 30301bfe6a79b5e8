"""The W3C's suite of SHACL through the command, and the page that says how it went."""

import subprocess
import sys
from pathlib import Path

import conformance_shacl as conformance
import pytest
import suites
from conformance import text_of

CASES = suites.shacl_cases()
REASON = suites.shacl_missing() or "no cases"
WHOLE = [case for number, case in enumerate(CASES) if number % 25 == 0]


@pytest.fixture(scope="module")
def differences() -> dict[str, str]:
    """How each test differs from what is expected."""
    if not CASES:
        pytest.skip(REASON)
    return conformance.shacl()


def test_what_differs_is_known_with_its_reason(differences: dict[str, str]) -> None:
    assert len(differences) == 120
    assert {n: t for n, t in differences.items() if t and n not in conformance.REASONS} == {}
    assert set(conformance.REASONS) == {name for name, text in differences.items() if text}


def test_the_page_says_what_was_found(differences: dict[str, str]) -> None:
    assert text_of(conformance.SECTION) == conformance.text(differences)


@pytest.mark.skipif(not CASES, reason=REASON)
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_a_process_of_its_own_gives_the_same(case: suites.ShaclCase, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "app.cli", *conformance.arguments(case)]
    done = subprocess.run(program, cwd=suites.ROOT, capture_output=True, text=True, timeout=60)
    assert conformance.difference(case, done.returncode, done.stdout) == ""
    if done.returncode == 1:
        # Another report than the expected one is told from it.
        other = done.stdout.replace("sh:resultSeverity sh:", "sh:resultSeverity sh:No", 1)
        assert conformance.difference(case, 1, other) != ""
