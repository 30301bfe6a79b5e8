"""`docs/validate-your-rdf.md`: its files are written and its commands run, in their order."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from app.cli.configuration import Configuration

from .test_readme import clone  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/validate-your-rdf.md").read_text(encoding="utf-8")
CI = {".github/workflows/rdf.yml": "github-workflows", ".gitlab-ci.yml": "gitlab-ci"}


class Block(NamedTuple):
    """A fenced block: its language, the file that the words above it name, and its text."""

    language: str
    file: str
    text: str


def blocks() -> Iterator[Block]:
    for found in re.finditer(r"([^\n]*)\n\n```(\w+)\n(.*?)```", PAGE, re.S):
        names = re.findall(r"`([\w./-]+\.\w+)`", found[1])
        # What begins with a word to run names files only by the way.
        yield Block(found[2], names[-1] if names and found[2] != "console" else "", found[3])


BLOCKS = [*blocks()]
CONSOLE = [block.text for block in BLOCKS if block.language == "console"]


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def printed(block: str) -> str:
    return "".join(line for line in block.splitlines(keepends=True) if not line.startswith("$ "))


def run(block: str, folder: Path, path: str) -> str:
    """Run the commands of a block in one shell and return what they print."""
    done = subprocess.run(
        ["bash", "-c", "\n".join(commands(block))],
        cwd=folder, text=True, timeout=300, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        # Below a make, make would tell of the folders that it enters.
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
            "PATH": path,
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
        },
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one's own that the page speaks of."""
    return tmp_path_factory.mktemp("mine")


def test_every_command_prints_what_is_shown(clone: Path, mine: Path) -> None:  # noqa: F811
    path = f"{clone}/.venv/bin:{os.environ['PATH']}"
    assert commands(CONSOLE[0]) == ["make setup", 'export PATH="$PWD/.venv/bin:$PATH"']
    # The copy is set up already.
    assert run(CONSOLE[0], clone, os.environ["PATH"]) == "make: Nothing to be done for 'setup'.\n"
    for block in BLOCKS:
        if block.language == "console":
            if block.text != CONSOLE[0]:
                assert run(block.text, mine, path) == printed(block.text), commands(block.text)
        else:
            assert block.file, f"no file is named above {block.text}"
            (mine / block.file).parent.mkdir(parents=True, exist_ok=True)
            (mine / block.file).write_text(block.text, encoding="utf-8")


def test_the_page_shows_a_finding_and_a_pass() -> None:
    assert len(CONSOLE) > 10
    assert "catalog.ttl:7:16: violation: " in printed(CONSOLE[1])
    assert "exit 0" in printed(CONSOLE[2])


def test_the_jobs_of_the_page_keep_their_schemas_and_name_what_there_is(tmp_path: Path) -> None:
    shown = {block.file: block.text for block in BLOCKS if block.language == "yaml"}
    assert set(shown) == {*CI, ".pre-commit-config.yaml"}
    for file, schema in CI.items():
        (tmp_path / "shown.yml").write_text(shown[file])
        program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
        done = subprocess.run(
            [*program, tmp_path / "shown.yml"], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout
    step = yaml.safe_load(shown[".github/workflows/rdf.yml"])["jobs"]["shapes"]["steps"][-1]
    assert set(step["with"]) == set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    gitlab = yaml.safe_load(shown[".gitlab-ci.yml"])
    job = yaml.safe_load((ROOT / gitlab["include"][0]["file"]).read_text())["dialogue-check"]
    assert set(gitlab["dialogue-check"]["variables"]) <= set(job["variables"])
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (used,) = yaml.safe_load(shown[".pre-commit-config.yaml"])["repos"]
    assert [hook["id"] for hook in used["hooks"]] == [hook["id"] for hook in hooks]


def test_every_key_of_the_configuration_is_shown() -> None:
    (shown,) = [block.text for block in BLOCKS if block.file == "dialogue.toml"]
    keys = re.findall(r"^\[?(\w+)\b", shown, re.M)
    names = [one.name for one in fields(Configuration)]
    assert sorted(keys) == sorted("with" if name == "beside" else name for name in names)


def test_every_option_of_pyshacl_has_its_row() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyshacl", "--help"], capture_output=True, text=True, timeout=60
    )
    options = set(re.findall(r"^  (-\w+|--[\w-]+)", done.stdout, re.M))
    assert len(options) > 15
    table = PAGE[PAGE.index("For those who know pySHACL") :]
    ours = {"-h", "-V", "-d", "--server", "-sf", "-ef"}
    assert {option for option in options - ours if f"`{option}" not in table} == set()
