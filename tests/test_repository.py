"""The repository: its locks, its words, its package."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def modules() -> dict[str, Path]:
    """Return the modules of the program by their paths below `app`."""
    folder = ROOT / "app"
    return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.py"))}


def test_the_locks_carry_versions_and_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^([a-z0-9][\w.-]*)==\S+(?: ; [^\n]+)? \\$", text, re.M)
        every = re.findall(r"^([a-z0-9][^\s=]*)[=<> ]", text, re.M)
        assert pinned == every
        assert text.count("--hash=sha256:") >= len(pinned) > 10


def test_every_dependency_is_named_with_its_reason() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    declared = re.findall(r'^    "([a-z0-9-]+)",$', project, re.M)
    assert declared
    missing = [name for name in declared if f"`{name}`" not in contributing]
    assert missing == []


@pytest.mark.parametrize("module", sorted(modules()))
def test_public_functions_say_what_they_return(module: str) -> None:
    tree = ast.parse(modules()[module].read_text("utf-8"))
    undocumented = [
        node.name
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert undocumented == []
    assert ast.get_docstring(tree)


def test_no_file_names_a_path_of_a_machine() -> None:
    machine = re.compile(r"/(home|root|Users|work)/[a-z]")
    named = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ttl", ".trig", ".rq", ".html", ".css"}
        and path != Path(__file__)
        and machine.search(path.read_text("utf-8"))
    ]
    assert named == []


def test_make_names_only_what_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = re.findall(r"(?<![\w/])tests/[\w/.-]+", makefile)
    assert "tests/benchmark_endpoint.py" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_kept_texts_of_sources_are_in_no_package() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'exclude = ["data/sources/*.txt"]' in project
    texts = sorted((ROOT / "data/sources").glob("*.txt"))
    assert texts, "the seed's text is kept beside its source"
    for text in texts:
        assert text.with_suffix(".trig").is_file()


def test_a_package_holds_the_program_and_the_record_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"app", "dialogue_graph"}
    assert [n for n in names if n.endswith(".txt") and not n.endswith("entry_points.txt")] == []
    for part in ("data/dataset.ttl", "ontology/ontology.ttl", "shapes/shapes.ttl"):
        assert f"app/bundled/{part}" in names
    assert any(name.startswith("app/bundled/ontology/rules/") for name in names)
