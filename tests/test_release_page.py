"""`docs/release.md` does what it says, in its order; its workflow can be run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from succession import lay, release, three

from app import __version__
from app.versions import LIST

from .cli.test_build_releases import record  # noqa: F401
from .test_documentation import commands, printed, run
from .test_readme import clone  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/release.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.S)
SCRIPT = ROOT / "ci/releases"
COMMIT = "c" * 40
# GitHub's command as far as the script uses it, with a folder for the repository's releases.
GH = """#!/usr/bin/env bash
set -euo pipefail
store=$GH_STORE
case "$1 $2" in
    "release list")
        shift 2
        test "$*" = "--exclude-drafts --limit 1000 --json tagName --jq .[].tagName"
        if [ -n "${GH_FAULT:-}" ]; then echo "$GH_FAULT" >&2; exit 1; fi
        for tag in "$store"/*/; do if [ -d "$tag" ]; then basename "$tag"; fi; done ;;
    "release download")
        shift 2
        tag=$(cat "$store/latest")
        case $1 in --*) ;; *) tag=$1; shift ;; esac
        test "$1 $3" = "--pattern --dir"
        cp "$store/$tag/"$2 "$4/" ;;
    "release create")
        tag=$3; shift 3
        test ! -e "$store/$tag"
        mkdir -p "$store/$tag"
        while [ "${1:0:2}" != "--" ]; do cp "$1" "$store/$tag/"; shift; done
        test "$1 $3 $5" = "--title --notes-file --target"
        if [ "$4" = - ]; then cat; else cat "$4"; fi > "$store/$tag/notes"
        if [ "$(LC_ALL=C.UTF-8 wc -m < "$store/$tag/notes")" -gt 125000 ]; then
            echo "HTTP 422: Validation Failed: body is too long (maximum is 125000 characters)" >&2
            rm -r "${store:?}/$tag"
            exit 1
        fi
        echo "$6" > "$store/$tag/target"
        echo "$tag" > "$store/latest" ;;
    *) exit 64 ;;
esac
"""


def test_the_page_is_what_happens_in_its_order(
    clone: Path,  # noqa: F811
    record: Path,  # noqa: F811
) -> None:
    path = f"{clone}/.venv/bin:{os.environ['PATH']}"
    ran = 0
    folder = record
    for block in BLOCKS:
        told = run(f"$ export PROGRAM={ROOT}\n{block}", folder, path)
        assert told == printed(block), commands(block)
        ran += len(commands(block))
    assert ran > 10


def steps() -> dict[str, str]:
    """Return what the steps of the workflow run, by their names."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    return {step["name"]: step["run"] for step in job["steps"] if "run" in step}


def test_the_workflow_checks_builds_proves_and_attaches_in_this_order() -> None:
    assert list(steps().values()) == [
        "make setup",
        ".venv/bin/dialogue format --check",
        ".venv/bin/dialogue check --format github",
        "bash ci/releases fetch releases",
        '.venv/bin/dialogue build --check --into releases ${VERSION:+--release "$VERSION"}',
        "bash ci/releases prove releases",
        "bash ci/releases attach releases",
    ]


def test_the_workflow_keeps_the_schema_and_asks_for_no_more_than_it_needs() -> None:
    file = ROOT / ".github/workflows/release.yml"
    program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    done = subprocess.run(
        [*program, "vendor.github-workflows", file], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "write"}
    # YAML takes the word “on” for true.
    assert list(workflow[True]) == ["workflow_dispatch"]
    # What somebody types is never made a part of a command.
    assert [run for run in steps().values() if "${{" in run] == []


def script(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", str(SCRIPT), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_release_is_proven_without_anything_of_ours(tmp_path: Path) -> None:
    folder = three(tmp_path)
    assert script("prove", folder) == (
        0,
        "2026-01-03 is whole.\nThe patch leads from 2026-01-02 to 2026-01-03.\n",
    )
    alone = tmp_path / "alone"
    release(lay(tmp_path / "another"), alone, "2026-01-01")
    assert script("prove", alone) == (0, "2026-01-01 is whole.\n")


def test_a_damaged_release_and_a_patch_from_elsewhere_are_seen(tmp_path: Path) -> None:
    folder = three(tmp_path)
    before = folder / "2026-01-02/dialogue.nq"
    before.write_text(before.read_text() + "<urn:a> <urn:b> <urn:c> .\n")
    code, out = script("prove", folder)
    assert code == 1
    assert out.endswith("does not lead from 2026-01-02 to 2026-01-03.\n")
    (folder / "2026-01-03/shapes.ttl").write_text("")
    code, out = script("prove", folder)
    assert code == 1
    assert out.startswith("shapes.ttl: FAILED\n")


@pytest.fixture
def gh(tmp_path: Path) -> dict[str, str]:
    """An environment in which GitHub's command is a folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    (tmp_path / "store").mkdir()
    path = f"{folder}:{os.environ['PATH']}"
    return {"PATH": path, "GH_STORE": str(tmp_path / "store"), "GITHUB_SHA": COMMIT}


def test_each_release_is_fetched_by_the_next(tmp_path: Path, gh: dict[str, str]) -> None:
    store = tmp_path / "store"
    first = tmp_path / "first"
    assert script("fetch", first, **gh) == (0, "No release yet: this will be the first.\n")
    assert list(first.iterdir()) == []
    made = lay(tmp_path / "record")
    release(made, first, "2026-01-01")
    assert script("attach", first, **gh) == (0, "Attached: record-2026-01-01.\n")
    second = tmp_path / "second"
    assert script("fetch", second, **gh) == (0, "The release before is 2026-01-01.\n")
    assert sorted(p.name for p in second.iterdir()) == ["2026-01-01", LIST]
    release(made, second, "2026-01-02")
    assert script("prove", second, **gh)[0] == 0
    assert script("attach", second, **gh) == (0, "Attached: record-2026-01-02.\n")
    attached = store / "record-2026-01-02"
    assert sorted(p.name for p in attached.iterdir()) == [
        "CHANGES.md",
        "SHA256SUMS",
        "dialogue-2026-01-02.tar.gz",
        "feed.atom",
        "from-2026-01-01.patch.gz",
        "notes",
        "releases.json",
        "target",
    ]
    assert (attached / "target").read_text() == f"{COMMIT}\n"
    assert (attached / "notes").read_bytes() == (second / "2026-01-02/CHANGES.md").read_bytes()
    shutil.unpack_archive(attached / "dialogue-2026-01-02.tar.gz", tmp_path / "unpacked")
    assert (tmp_path / "unpacked/2026-01-02/SHA256SUMS").is_file()
    # The same one is not attached twice.
    assert script("attach", second, **gh)[0] != 0


def test_who_cannot_ask_for_the_release_before_builds_none(
    tmp_path: Path, gh: dict[str, str]
) -> None:
    folder = tmp_path / "releases"
    fault = "HTTP 401: Bad credentials (https://api.github.com/graphql)"
    assert script("fetch", folder, GH_FAULT=fault, **gh) == (1, f"{fault}\n")
    # A release that is there, and cannot be had, is no reason to begin anew either.
    (tmp_path / "store/record-2026-01-01").mkdir()
    (tmp_path / "store/latest").write_text("record-2026-01-01\n")
    code, out = script("fetch", folder, **gh)
    assert code != 0
    assert "No release yet" not in out


def test_releases_of_the_program_are_none_of_the_record(tmp_path: Path, gh: dict[str, str]) -> None:
    (tmp_path / "store/v0.1.0").mkdir()
    first = (0, "No release yet: this will be the first.\n")
    assert script("fetch", tmp_path / "releases", **gh) == first


def test_of_long_changes_the_notes_are_the_beginning(tmp_path: Path, gh: dict[str, str]) -> None:
    folder = tmp_path / "releases"
    changes = release(lay(tmp_path / "record"), folder, "2026-01-01") / "CHANGES.md"
    attached = tmp_path / "store/record-2026-01-01"
    line = f"- {'é' * 97}\n"
    for lines in (1200, 1201):
        changes.write_text(line * lines, encoding="utf-8")
        assert script("attach", folder, **gh) == (0, "Attached: record-2026-01-01.\n")
        assert (attached / "CHANGES.md").read_bytes() == changes.read_bytes()
        rest = "" if lines == 1200 else "\n… The rest is in the attached CHANGES.md.\n"
        assert (attached / "notes").read_text(encoding="utf-8") == line * 1200 + rest
        shutil.rmtree(attached)
    changes.unlink()
    assert script("attach", folder, **gh)[0] == 0
    assert (attached / "notes").read_bytes() == b""


def test_by_hand_the_tag_is_of_the_commit_that_the_release_names(
    tmp_path: Path, gh: dict[str, str]
) -> None:
    folder = tmp_path / "releases"
    file = release(lay(tmp_path / "record"), folder, "2026-01-01") / "release.json"
    text = file.read_text()
    assert '"commit": ""' in text
    file.write_text(text.replace('"commit": ""', f'"commit": "{"d" * 40}+changes"'))
    assert script("attach", folder, **{**gh, "GITHUB_SHA": ""})[0] == 0
    target = tmp_path / "store/record-2026-01-01/target"
    assert target.read_text() == f"{'d' * 40}\n"


def test_what_is_no_action_is_told(tmp_path: Path) -> None:
    assert script("publish", tmp_path) == (2, "fetch, prove or attach\n")


def test_the_two_versions_are_told_apart_where_people_look() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "These are the versions of the program" in changelog.partition("## ")[0]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == __version__
    assert "version of the program" in citation["message"]
    for name in ("release.md", "compatibility.md"):
        assert f"docs/{name}" in (ROOT / "README.md").read_text("utf-8")
