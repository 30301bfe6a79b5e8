"""What others build on stays: nothing that `tests/surface` lists has gone unnoticed."""

from pathlib import Path

import pytest
import surface


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("surface")


def gone(name: str, now: set[str]) -> list[str]:
    """Return what a list has and is not there any more."""
    return [line for line in surface.kept(name) if line not in now]


@pytest.mark.parametrize("name", surface.LISTS)
def test_what_was_promised_is_there(name: str, folder: Path) -> None:
    assert gone(name, {*surface.LISTS[name](folder)}) == [], (
        "a break: see docs/compatibility.md; python tests/surface.py writes the lists anew"
    )


def test_what_is_gone_is_named_and_what_came_is_not() -> None:
    lines = surface.kept("commands")
    assert "dialogue build --out" in lines and "dialogue check --format" in lines
    now = {*lines, "dialogue fly"} - {"dialogue build --out", "dialogue check --format"}
    assert gone("commands", now) == ["dialogue build --out", "dialogue check --format"]


def test_the_columns_are_those_that_the_files_have() -> None:
    lines = surface.kept("columns")
    for column in ("date", "begins", "ends", "precision", "precision_label", "prefLabel@pt"):
        assert f"table Membership {column}" in lines and f"list membership {column}" in lines
    assert gone("columns", {*lines} - {"table Event theme@fr"}) == ["table Event theme@fr"]


def test_each_list_is_in_order_and_says_nothing_twice() -> None:
    assert {path.stem for path in surface.KEPT.iterdir()} == {*surface.LISTS}
    for name in surface.LISTS:
        lines = surface.kept(name)
        assert lines == sorted({*lines}), name
        assert lines, name
