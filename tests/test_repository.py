"""The house itself: its halves, its names, its words."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMON = {"names", "settings", "errors", "dates", "release"}
WORKSHOP = {
    "answer", "build", "check", "derive", "diff", "draft", "evidence", "exchange", "files",
    "finding", "iris", "layout", "literals", "locate", "premises", "report", "shacl", "shapes",
    "terms", "tokens", "trig", "validation", "vocabulary", "void", "writer",
}  # fmt: skip
ENGINE = {
    "engine", "jail", "loader", "pool", "query", "snapshot", "worker", "zygote",
}  # fmt: skip
SHOP = {
    "capability", "conneg", "coverage", "describe", "description", "dump", "editor", "facts",
    "glossary", "graph", "listing", "main", "operations", "pages", "problems", "protocol",
    "reply", "resources", "server", "shelf", "sparql", "summary", "view", "words",
}  # fmt: skip


def imports(module: Path) -> set[str]:
    """Return the names of the modules of `app` that a module imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "app":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("app.")}
    return found - {"__version__"}


def tracked() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def modules() -> dict[str, Path]:
    return {p.stem: p for p in sorted((ROOT / "app").glob("*.py")) if p.stem != "__init__"}


def test_every_module_belongs_to_one_half() -> None:
    known = COMMON | WORKSHOP | SHOP | ENGINE | {"cli"}
    assert set(modules()) - known == set()


def test_workshop_and_shop_never_import_each_other() -> None:
    crossings = [
        (name, other)
        for name, path in modules().items()
        for other in imports(path)
        if (name in WORKSHOP and other in SHOP) or (name in SHOP and other in WORKSHOP)
    ]
    assert crossings == []


def test_what_everyone_imports_and_the_engine_stand_beneath_both() -> None:
    modules_ = modules()
    for name in COMMON & set(modules_):
        assert imports(modules_[name]) <= COMMON, name
    for name in ENGINE & set(modules_):
        assert imports(modules_[name]) <= COMMON | ENGINE, name


def test_only_the_command_line_knows_both_halves() -> None:
    knows_both = {
        name
        for name, path in modules().items()
        if imports(path) & WORKSHOP and imports(path) & SHOP
    }
    assert knows_both <= {"cli"}


def test_rdflib_never_meets_the_text_of_a_stranger() -> None:
    holders = {
        name
        for name, path in modules().items()
        if re.search(r"^\s*(import|from) rdflib", path.read_text("utf-8"), re.M)
    }
    assert holders.isdisjoint(SHOP | ENGINE)


def test_the_locks_carry_versions_and_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^([a-z0-9][\w.-]*)==\S+ \\$", text, re.M)
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
        assert f"app/record/{part}" in names
    assert any(name.startswith("app/record/ontology/rules/") for name in names)
