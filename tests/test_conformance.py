"""The page of conformance is generated a section at a time."""

from pathlib import Path

from conformance import section, text_of


def test_a_section_replaces_itself_alone(tmp_path: Path) -> None:
    page = tmp_path / "conformance.md"
    section("One", "first", page)
    section("Two", "second \\1", page)
    before = page.read_text(encoding="utf-8")
    section("One", "third", page)
    assert page.read_text(encoding="utf-8") == before.replace("first", "third")
    assert text_of("One", page) == "third"
    assert text_of("Two", page) == "second \\1"
    section("One", "first", page)
    assert page.read_text(encoding="utf-8") == before


def test_a_section_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    assert text_of("One", tmp_path / "none.md") is None
    section("Two", "second", tmp_path / "some.md")
    assert text_of("One", tmp_path / "some.md") is None
