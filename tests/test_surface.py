"""The program as Python sees it: what `import app` gives, and what it loads."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("rdflib", "pyshacl", "fastapi", "starlette", "jinja2", "click", "pyoxigraph")


def loaded(code: str) -> set[str]:
    """Return the modules that a fresh process has after running `code`."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_program_loads_nothing_of_it() -> None:
    modules = loaded("import app")
    assert {name for name in modules if name.startswith("app.")} == set()
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", app.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(app, name)
    assert value is not None
    if name != "__version__":
        assert value.__doc__


def test_a_name_that_is_not_public_is_told() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'chekc'"):
        _ = app.chekc  # type: ignore[attr-defined]
    assert set(app.__all__) <= set(dir(app))


def test_a_worker_loads_nothing_of_validation_and_no_second_rdf_library() -> None:
    modules = loaded("import app.engine.zygote, app.engine.worker")
    assert not [name for name in modules if name.startswith(("app.validation", "app.pages"))]
    assert modules.isdisjoint({"rdflib", "pyshacl", "fastapi", "starlette", "jinja2", "click"})


def test_the_server_loads_nothing_of_the_other_half() -> None:
    modules = loaded("import app.server.application")
    other = ("app.validation", "app.record", "app.release", "rdflib", "pyshacl")
    assert [name for name in sorted(modules) if name.startswith(other)] == []


def test_the_command_line_loads_no_command_before_it_is_called() -> None:
    modules = loaded("import app.cli")
    assert [name for name in sorted(modules) if name.startswith("app.cli")] == [
        "app.cli",
        "app.cli.command",
        "app.cli.main",
    ]
    assert modules.isdisjoint({*HEAVY} - {"click"})


def test_the_examples_of_the_documentation_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(app)
    assert result.attempted > 8
    assert result.failed == 0


def test_a_check_against_shapes_loads_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n")
    (tmp_path / "shapes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:S> sh:targetNode <urn:a> ; sh:nodeKind sh:IRI .\n"
    )
    code = (
        "from pathlib import Path\n"
        "import app.cli.check, app.cli.configuration, app.cli.baseline\n"
        "from app.validation.check import examine\n"
        "from app.validation.reports.render import render\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "render(examine([folder / 'data.ttl'], [folder / 'shapes.ttl']), 'text')\n"
    )
    heavy = {"rdflib", "pyshacl", "jinja2", "pydantic", "pydantic_settings", "edtf", "fastapi"}
    modules = loaded(code)
    assert modules.isdisjoint(heavy)
    # What only a record needs is not loaded either.
    assert modules.isdisjoint({"app.rdf.writer", "app.release.build", "app.validation.validator"})
