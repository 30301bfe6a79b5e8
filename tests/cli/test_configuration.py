"""`dialogue.toml`: what it may say, where it counts, and what is said of a mistake in it."""

from pathlib import Path

import pytest
from small import lay

from app.cli.configuration import Configuration, found_from, nearest
from app.errors import Fault

from .test_check import folder  # noqa: F401
from .test_main import dialogue

KEYS = "paths, shapes, with, graphs, contexts, severity, language, baseline"


def test_a_check_needs_no_options_at_or_below_it(folder: Path) -> None:  # noqa: F811
    (folder / "dialogue.toml").write_text('paths = ["d*.ttl"]\nshapes = ["shapes.ttl"]\n')
    (folder / "below").mkdir()
    here = dialogue("check", cwd=folder)
    assert (here[0], here[1].split(":")[0]) == (1, "data.ttl")
    below = dialogue("check", cwd=folder / "below")
    assert (below[0], below[1].split(":")[0]) == (1, "../data.ttl")
    # A path that is named replaces those of the file; the shapes stay.
    assert dialogue("check", "../sound.ttl", cwd=folder / "below")[0] == 0
    explained = dialogue("check", "--explain", "ex:Dataset-title", cwd=folder / "below")
    assert (explained[0], "../shapes.ttl:11:1" in explained[1]) == (0, True)


def test_the_command_line_wins(folder: Path) -> None:  # noqa: F811
    (folder / "dialogue.toml").write_text('shapes = ["shapes.ttl"]\nseverity = "warning"\n')
    text = (folder / "sound.ttl").read_text().replace('"2026-02-20"', '"2026-02-30"')
    (folder / "sound.ttl").write_text(text)
    assert dialogue("check", "sound.ttl", cwd=folder)[0] == 1
    assert dialogue("check", "sound.ttl", "--severity", "violation", cwd=folder)[0] == 0


def test_a_record_that_is_named_is_checked_whatever_other_data_it_names(
    folder: Path,  # noqa: F811
) -> None:
    lay(folder / "mine")
    text = "".join(
        f'{key} = ["{value}"]\n'
        for key, value in {
            "paths": "data.ttl",
            "shapes": "shapes.ttl",
            "with": "sound.ttl",
            "graphs": "https://example.org/g",
        }.items()
    )
    contexts = '[contexts]\n"https://example.org/c" = "gone.jsonld"\n'
    (folder / "dialogue.toml").write_text(f'{text}severity = "info"\n{contexts}')
    code, out, err = dialogue("check", "--record", "mine", cwd=folder)
    assert (code, out.startswith("mine/data/conferences/one.trig:"), err) == (1, True, "")
    assert "shape: ex:" not in out
    explained = dialogue("check", "--explain", "dsh:Conference", "--record", "mine", cwd=folder)
    assert (explained[0], explained[1].splitlines()[0]) == (0, "dsh:Conference")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('with = ["../data.ttl"]', "with"),
        ('graphs = ["https://example.org/g"]', "graphs"),
        ('[contexts]\n"https://example.org/c" = "../data.ttl"', "contexts"),
    ],
)
def test_what_a_record_cannot_be_checked_with_is_named(
    folder: Path,  # noqa: F811
    text: str,
    key: str,
) -> None:
    mine = lay(folder / "mine")
    (mine / "dialogue.toml").write_text(text)
    message = "for RDF that is checked against shapes; a record is checked whole"
    for arguments in (("check",), ("check", "data"), ("check", ".", "--shapes", "shapes")):
        assert dialogue(*arguments, cwd=mine) == (
            2,
            "",
            f"dialogue: dialogue.toml: {key}: {message}\n",
        )
    # Of files it is what it always was.
    assert dialogue("check", "../sound.ttl", "--shapes", "../shapes.ttl", cwd=mine)[0] == (
        2 if key == "graphs" else 0
    )


def test_it_is_not_sought_above_the_root_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "dialogue.toml").write_text("")
    (tmp_path / "clone/below").mkdir(parents=True)
    assert nearest(tmp_path / "clone/below") == tmp_path / "dialogue.toml"
    (tmp_path / "clone/.git").mkdir()
    assert nearest(tmp_path / "clone/below") is None
    assert found_from(tmp_path / "clone") == (Configuration(), tmp_path / "clone")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('severty = "info"', f"severty: unknown; the keys are {KEYS}"),
        ('severity = "fatal"', "severity: fatal: choose one of violation, warning, info"),
        ('paths = "a.ttl"', 'paths: a list of texts is expected, such as ["one.ttl"]'),
        ("language = 1", "language: a text in quotation marks is expected"),
        (
            "contexts = []",
            "contexts: a table of files by IRI is expected",
        ),
        ("severity =", "Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dialogue.toml").write_text(text)
    with pytest.raises(Fault) as raised:
        found_from(tmp_path)
    assert str(raised.value) == f"{tmp_path}/dialogue.toml: {message}"
