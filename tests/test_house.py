"""The house: who may import whom, and how large a room may be.

Each rule is a function of a tree, so that a tree with a planted breach can show that it is seen.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GROUND = {"errors", "namespaces", "settings", "manifest", "sandbox", "templating", "versions"}
MAY_USE = {
    "rdf": set(),
    "engine": {"rdf"},
    "web": {"rdf"},
    "record": {"rdf"},
    "exports": {"rdf"},
    "validation": {"record", "rdf"},
    "release": {"record", "exports", "rdf"},
    "catalog": {"engine", "rdf"},
    "sparql": {"engine", "web", "rdf"},
    "pages": {"catalog", "sparql", "exports", "engine", "web", "rdf"},
    "server": {"pages", "sparql", "catalog", "exports", "engine", "web", "rdf"},
    "cli": {"server", "release", "validation", "record", "exports", "engine", "rdf"},
}
NAMELESS = {"said", "told", "held", "kept", "given"}
LINES, FILES = 400, 25
REFEREES = ("app/validation/engines/",)


def modules(root: Path) -> list[Path]:
    """Return the modules of the program below `root`."""
    return sorted((root / "app").rglob("*.py"))


def room(root: Path, module: Path) -> str:
    """Return the package below `app` that a module stands in, or its own name at the top."""
    parts = module.relative_to(root / "app").with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports(module: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever it does so, for types too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def strangers(root: Path) -> list[str]:
    """Return the imports that cross a wall: from where to where."""
    crossings = set()
    for module in modules(root):
        own = room(root, module)
        if not own:
            continue  # The public surface names its homes for types alone (test_surface.py).
        for name in imports(module):
            if not name.startswith("app.") or name == "app.__version__":
                continue
            other = name.split(".")[1]
            allowed = GROUND if own in GROUND else GROUND | MAY_USE.get(own, set()) | {own}
            if other not in allowed:
                crossings.add(f"{module.relative_to(root).as_posix()} -> {other}")
    return sorted(crossings)


def referees(root: Path) -> list[str]:
    """Return the modules that name rdflib or pyshacl and may not."""
    named = []
    for module in modules(root):
        path = module.relative_to(root).as_posix()
        if path.startswith(REFEREES) and "/native/" not in path:
            continue
        if any(name.split(".")[0] in ("rdflib", "pyshacl") for name in imports(module)):
            named.append(path)
    return named


def too_large(root: Path) -> list[str]:
    """Return the modules of too many lines and the folders of too many files."""
    large = [
        f"{module.relative_to(root).as_posix()}: {lines} lines"
        for module in modules(root)
        if (lines := len(module.read_text(encoding="utf-8").splitlines())) > LINES
    ]
    folders = {module.parent for module in modules(root)}
    for folder in sorted(folders):
        count = len(list(folder.glob("*.py")))
        if count > FILES:
            large.append(f"{folder.relative_to(root).as_posix()}: {count} files")
    return large


def circle(root: Path) -> list[str]:
    """Return a circle of modules that import each other, if there is one."""
    names = {
        ".".join(m.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): m
        for m in modules(root)
    }
    # The public surface loads nothing of what it names before somebody asks for it.
    uses = {
        name: {other for i in imports(module) if (other := _module(i, names)) and other != name}
        for name, module in names.items()
        if name != "app"
    } | {"app": set()}
    done: set[str] = set()

    def walk(name: str, above: list[str]) -> list[str]:
        if name in above:
            return [*above[above.index(name) :], name]
        if name in done:
            return []
        for other in sorted(uses[name]):
            if found := walk(other, [*above, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(names) if (found := walk(name, []))), [])


def _module(name: str, names: dict[str, Path]) -> str | None:
    return (
        name if name in names else parent if (parent := name.rpartition(".")[0]) in names else None
    )


def media_types(root: Path) -> list[str]:
    """Return the places outside the table of formats at which a media type is written."""
    return [
        f"{module.relative_to(root).as_posix()}:{line}: {text}"
        for module in modules(root)
        if module != root / "app" / "rdf" / "formats.py"
        for line, text in texts(module)
        if re.match(r"(text|application|image)/[a-z*]", text)
    ]


def prefix_tables(root: Path) -> list[str]:
    """Return the places outside the table of prefixes at which a prefix gets its meaning."""
    tables = []
    for module in modules(root):
        if module == root / "app" / "rdf" / "prefixes.py":
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and any(
                isinstance(value, ast.Constant) and re.match(r"https?://.*[/#]$", str(value.value))
                for value in node.values
            ):
                tables.append(f"{module.relative_to(root).as_posix()}:{node.lineno}")
    return tables


def bare_problems(root: Path) -> list[str]:
    """Return the places at which a problem is made by another than its constructor."""
    return [
        f"{module.relative_to(root).as_posix()}:{node.lineno}"
        for module in modules(root)
        if module.relative_to(root).as_posix() not in ("app/errors.py", "app/web/problems.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Rejected")
    ]


def texts(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that are no documentation, each with its line."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            text = node.value
            if isinstance(text, bytes):
                text = text.decode("utf-8", "replace")
            if isinstance(text, str):
                yield node.lineno, text


def namesakes(root: Path) -> dict[str, list[str]]:
    """Return the public classes of one name that stand in several modules."""
    homes: dict[str, list[str]] = {}
    for module in modules(root):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                path = module.relative_to(root).as_posix()
                homes.setdefault(node.name, []).append(path)
    return {name: paths for name, paths in homes.items() if len(paths) > 1}


def long_lived(root: Path) -> list[str]:
    """Return the variables that have no name of their own and live longer than three lines."""
    found = []
    for module in modules(root):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines: dict[str, set[int]] = {}
            for node in ast.walk(function):
                name = getattr(node, "id", None) or getattr(node, "arg", None)
                if isinstance(node, ast.Name | ast.arg) and name in NAMELESS:
                    lines.setdefault(str(name), set()).add(node.lineno)
            found += [
                f"{module.relative_to(root).as_posix()}: {name} in {function.name}"
                for name, at in lines.items()
                if max(at) - min(at) > 3
            ]
    return found


def flat(root: Path) -> list[str]:
    """Return the modules that stand in no package, though they are not the ground."""
    return [p.name for p in (root / "app").glob("*.py") if p.stem not in GROUND | {"__init__"}]


def test_nobody_imports_across_a_wall() -> None:
    assert strangers(ROOT) == []


def test_the_referees_of_validation_are_named_only_where_they_judge() -> None:
    assert referees(ROOT) == []


def test_no_module_and_no_folder_is_too_large() -> None:
    assert too_large(ROOT) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(ROOT) == []


def test_only_the_ground_stands_outside_the_packages() -> None:
    assert flat(ROOT) == []


def test_one_class_name_is_one_class() -> None:
    assert namesakes(ROOT) == {}


def test_what_lives_longer_than_three_lines_has_a_name_of_its_own() -> None:
    assert long_lived(ROOT) == []


def test_no_file_names_what_it_was_designed_by() -> None:
    designs = re.compile(
        r"\b(house(-moves)?|interface|model|speed|endpoint|reliability|performance|export"
        r"|validation(-facts)?|pages-facts|ontology-notes|seed-facts)\.md\b"
    )
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    citing = [
        name
        for name in filter(None, names.split("\0"))
        if Path(name).suffix in {".py", ".md", ".rq", ".ttl", ".html", ".toml"}
        and (ROOT / name).is_file()
        and Path(name) != Path("tests/test_house.py")
        and designs.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert citing == []


def test_media_types_are_written_in_one_table() -> None:
    assert media_types(ROOT) == []


def test_prefixes_get_their_meaning_in_one_table() -> None:
    assert prefix_tables(ROOT) == []


def test_every_problem_is_made_by_its_constructor() -> None:
    assert bare_problems(ROOT) == []


def test_the_map_lists_every_package_and_what_it_may_use() -> None:
    text = (ROOT / "app" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)/` \| (?:[^|]+) \|([^|]*)\|$", text, re.M)
    listed = {name: set(re.findall(r"`(\w+)`", uses)) for name, uses in rows}
    packages = {p.parent.name for p in (ROOT / "app").glob("*/__init__.py")}
    assert set(listed) == packages
    # What is still to come is no part of the map.
    assert listed == {name: MAY_USE[name] & packages for name in packages}
    ground = {p.stem for p in (ROOT / "app").glob("*.py")} - {"__init__"}
    assert all(f"`{name}`" in text for name in ground)
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", text)
    assert named
    assert [n for n in named if not any((f / n).is_file() for f in (ROOT, ROOT / "app"))] == []


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / "app" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("place", "line", "crossing"),
    [
        ("engine/pool.py", "from app.web import cache", "app/engine/pool.py -> web"),
        ("web/cache.py", "import app.engine.pool", "app/web/cache.py -> engine"),
        (
            "catalog/graph.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.pages import home",
            "app/catalog/graph.py -> pages",
        ),
        (
            "record/diff.py",
            "def f():\n    from app.validation.check import check",
            "app/record/diff.py -> validation",
        ),
        ("errors.py", "from app.rdf.terms import Term", "app/errors.py -> rdf"),
        ("attic.py", "from app.rdf.terms import Term", "app/attic.py -> rdf"),
    ],
)
def test_a_planted_import_across_a_wall_is_seen(
    tmp_path: Path, place: str, line: str, crossing: str
) -> None:
    innocent = {"pages/home.py": "from app.catalog import graph\nfrom app import errors\n"}
    assert strangers(plant(tmp_path, innocent)) == []
    assert strangers(plant(tmp_path, {place: line})) == [crossing]


def test_a_planted_referee_is_seen(tmp_path: Path) -> None:
    innocent = {"validation/engines/pyshacl.py": "import rdflib\nimport pyshacl\n"}
    assert referees(plant(tmp_path, innocent)) == []
    planted = {
        "pages/home.py": "from rdflib import Graph\n",
        "validation/engines/native/core.py": "def f():\n    import pyshacl.validate\n",
    }
    assert referees(plant(tmp_path, planted)) == [f"app/{name}" for name in planted]


def test_a_planted_module_that_is_too_long_is_seen(tmp_path: Path) -> None:
    assert too_large(plant(tmp_path, {"rdf/iris.py": "\n" * 400})) == []
    assert too_large(plant(tmp_path, {"rdf/iris.py": "\n" * 401})) == ["app/rdf/iris.py: 401 lines"]


def test_a_planted_folder_that_is_too_full_is_seen(tmp_path: Path) -> None:
    assert too_large(plant(tmp_path, {f"rdf/m{n}.py": "" for n in range(25)})) == []
    assert too_large(plant(tmp_path, {"rdf/m25.py": ""})) == ["app/rdf: 26 files"]


def test_a_planted_circle_is_seen(tmp_path: Path) -> None:
    straight = {
        "rdf/a.py": "from app.rdf import b\n",
        "rdf/b.py": "from app.rdf.c import d\n",
        "rdf/c.py": "d = 1\n",
    }
    assert circle(plant(tmp_path, straight)) == []
    turned = {"rdf/c.py": "def d():\n    from app.rdf.a import x\n"}
    assert circle(plant(tmp_path, turned)) == ["app.rdf.a", "app.rdf.b", "app.rdf.c", "app.rdf.a"]


def test_a_planted_module_outside_the_packages_is_seen(tmp_path: Path) -> None:
    assert flat(plant(tmp_path, {"errors.py": "", "rdf/iris.py": ""})) == []
    assert flat(plant(tmp_path, {"attic.py": ""})) == ["attic.py"]


def test_a_planted_namesake_is_seen(tmp_path: Path) -> None:
    innocent = {"web/a.py": "class Reply:\n    pass\n", "web/b.py": "class _Reply:\n    pass\n"}
    assert namesakes(plant(tmp_path, innocent)) == {}
    planted = namesakes(plant(tmp_path, {"rdf/a.py": "class Reply:\n    pass\n"}))
    assert planted == {"Reply": ["app/rdf/a.py", "app/web/a.py"]}


def test_a_planted_variable_without_a_name_is_seen(tmp_path: Path) -> None:
    short = "def f():\n    said = 1\n    a = 2\n    b = 3\n    return said\n"
    assert long_lived(plant(tmp_path, {"web/a.py": short})) == []
    planted = {"web/b.py": short.replace("    b = 3\n", "    b = 3\n    c = 4\n")}
    assert long_lived(plant(tmp_path, planted)) == ["app/web/b.py: said in f"]


def test_a_planted_media_type_is_seen(tmp_path: Path) -> None:
    innocent = {"rdf/formats.py": 'A = "text/turtle"\n', "web/a.py": '"""As text/turtle."""\n'}
    assert media_types(plant(tmp_path, innocent)) == []
    planted = {
        "web/b.py": "A = 1\nB = 'text/turtle; charset=utf-8'\n",
        "web/c.py": "C = b'image/png'\n",
    }
    assert media_types(plant(tmp_path, planted)) == [
        "app/web/b.py:2: text/turtle; charset=utf-8",
        "app/web/c.py:1: image/png",
    ]


def test_a_planted_table_of_prefixes_is_seen(tmp_path: Path) -> None:
    innocent = {
        "rdf/prefixes.py": 'A = {"a": "http://a.example/"}\n',
        "web/a.py": 'A = {"a": "http://a.example/page"}\n',
    }
    assert prefix_tables(plant(tmp_path, innocent)) == []
    assert prefix_tables(plant(tmp_path, {"web/b.py": 'A = {"a": "http://a.example/#"}\n'})) == [
        "app/web/b.py:1"
    ]


def test_a_planted_problem_is_seen(tmp_path: Path) -> None:
    innocent = {"errors.py": "def f(): return Rejected(1)\n", "web/a.py": "errors.busy('x')\n"}
    assert bare_problems(plant(tmp_path, innocent)) == []
    planted = {"web/b.py": "from app import errors\nraise errors.Rejected(404, 'not-fuond', '')\n"}
    assert bare_problems(plant(tmp_path, planted)) == ["app/web/b.py:2"]
