"""Templates of a program that runs: those that it was started with."""

from pathlib import Path

import pytest

from app import templating


def test_a_template_that_is_changed_or_removed_changes_nothing_of_a_program_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.html").write_text('{% include "b.html" %} {{ name }}', encoding="utf-8")
    (tmp_path / "b.html").write_text("old", encoding="utf-8")
    monkeypatch.setattr(templating, "_FOLDER", tmp_path)
    templating._texts.cache_clear()
    try:
        templates = templating.environment()
        # What no page needed so far is as old as the rest.
        (tmp_path / "b.html").write_text("new {{ unknown }}", encoding="utf-8")
        assert templates.get_template("a.html").render(name="<") == "old &lt;"
        (tmp_path / "a.html").unlink()
        assert templates.get_template("a.html").render(name="a") == "old a"
        # Another release that comes to be served meanwhile has the same.
        again = templating.environment()
        assert again.get_template("a.html").render(name="a") == "old a"
        assert not again.auto_reload
    finally:
        templating._texts.cache_clear()
