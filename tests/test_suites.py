"""What tests need of others: fetched as it is to be, required where it must not be missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import suites
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / ".github/workflows"
SCRIPT = (ROOT / "ci/suites").read_text("utf-8")
# A path in `.suites`, its repository, and the hash of its content.
FILES = re.findall(r"^file (\S+) (\S+) ([0-9a-f]{40})$", SCRIPT, re.M)


def workflow(name: str) -> tuple[dict[str, object], dict[str, object]]:
    """Return when a workflow runs, and its one job, or the one of its jobs that runs the suite."""
    content = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    jobs = content["jobs"]
    # YAML takes the word “on” for true.
    return content[True], jobs.get("python") or next(iter(jobs.values()))


def runs(job: dict[str, object]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["check.yml", "campaign.yml"])
def test_a_workflow_that_runs_the_suite_fetches_what_it_needs_and_requires_it(name: str) -> None:
    _, job = workflow(name)
    assert job["env"] == {"DIALOGUE_SUITES": ".suites", "DIALOGUE_REQUIRE_SUITES": "1"}
    assert runs(job)[0] == "make suites servers"
    assert "continue-on-error" not in str(job)


def test_the_campaign_runs_every_week_and_the_benchmarks_by_hand() -> None:
    when, job = workflow("campaign.yml")
    assert runs(job)[-1] == "make campaign"
    assert [*when] == ["schedule", "workflow_dispatch"]
    (entry,) = when["schedule"]  # type: ignore[misc]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", entry["cron"])
    when, job = workflow("bench.yml")
    assert [*when] == ["workflow_dispatch"]
    (step,) = (step for step in job["steps"] if "run" in step)  # type: ignore[attr-defined]
    assert step["run"].startswith("make bench | ")
    # Only so does a pipe fail with what it begins with.
    assert step["shell"] == "bash"


def collect(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Collect the tests of one file, with the suites in a folder."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    others = {k: v for k, v in os.environ.items() if k != "DIALOGUE_REQUIRE_SUITES"}
    return subprocess.run(
        [*command, "--collect-only", "tests/test_versions.py"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**others, "DIALOGUE_SUITES": str(folder), **environment},
    )  # fmt: skip


def test_a_run_that_requires_the_suites_fails_without_them(tmp_path: Path) -> None:
    refused = collect(tmp_path, DIALOGUE_REQUIRE_SUITES="1")
    assert refused.returncode == 4
    lacking = "; ".join(suites.FETCHED)
    assert f"DIALOGUE_REQUIRE_SUITES is set, and {tmp_path} lacks: {lacking}" in refused.stderr
    # Where they are not required the tests of them are skipped, each by its name.
    assert collect(tmp_path).returncode == 0


def test_a_run_that_requires_the_suites_begins_where_all_are(tmp_path: Path) -> None:
    for path in suites.FETCHED.values():
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
    assert collect(tmp_path, DIALOGUE_REQUIRE_SUITES="1").returncode == 0
    (tmp_path / "schemas/JUnit.xsd").rmdir()
    refused = collect(tmp_path, DIALOGUE_REQUIRE_SUITES="1")
    assert (refused.returncode, "lacks: the schema of JUnit\n" in refused.stderr) == (4, True)


def git(folder: Path, *arguments: str, **environment: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        check=True, capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
    ).stdout  # fmt: skip


def committed(repository: Path, day: str) -> None:
    """Commit all that is in the folder of a repository, on a day."""
    if not (repository / ".git").is_dir():
        git(repository, "init", "--quiet")
        for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            git(repository, "config", setting, "true")
    git(repository, "add", ".")
    moment = f"{day}T12:00:00Z"
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    git(repository, "commit", "--quiet", "-m", day, **dates)


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """Repositories in the place of the public ones: each file, and after it a newer one."""
    if reason := suites.missing() or suites.shapes_missing() or suites.schemas_missing():
        pytest.skip(reason)
    folder = tmp_path / "public"
    here = suites.folder()
    for path, name in (
        ("w3c-rdf-tests/sparql/sparql12/version", "w3c/rdf-tests/sparql/sparql12/version"),
        ("w3c-shacl/tests/core/path", "w3c/data-shapes/data-shapes-test-suite/tests/core/path"),
    ):
        shutil.copytree(here / path, folder / name)
    for path, name, _ in FILES:
        copy = folder / name / "then" / Path(path).name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(here / path, copy)
    names = {"w3c/rdf-tests": "2026-08-07", "w3c/data-shapes": "2024-01-17"}
    for name in {*names, *(name for _, name, _ in FILES)}:
        committed(folder / name, names.get(name, "2024-01-01"))
        for file in (folder / name).rglob("*.*"):
            if ".git" not in file.parts and file.is_file():
                file.write_text("newer", encoding="utf-8")
        committed(folder / name, "2026-08-09")
    return folder


def fetch(copy: Path, public: Path) -> subprocess.CompletedProcess[str]:
    (copy / "ci").mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "ci/suites", copy / "ci/suites")
    rule = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{public.as_uri()}/.insteadOf"}
    rule["GIT_CONFIG_VALUE_0"] = "https://github.com/"
    return subprocess.run(
        [str(copy / "ci/suites")],
        capture_output=True, text=True, timeout=120, env={**os.environ, **rule},
    )  # fmt: skip


def test_everything_is_fetched_as_it_was_then(tmp_path: Path, public: Path) -> None:
    copy = tmp_path / "copy"
    assert (fetch(copy, public).returncode, len(FILES)) == (0, 5)
    there, here = copy / ".suites", suites.folder()
    for path in (
        "w3c-rdf-tests/sparql/sparql12/version/manifest.ttl",
        "w3c-shacl/tests/core/path/manifest.ttl",
        *(path for path, _, _ in FILES),
    ):
        assert (there / path).read_bytes() == (here / path).read_bytes(), path
    # What is there already is not asked for again.
    assert fetch(copy, tmp_path / "nowhere").returncode == 0


def test_what_cannot_be_fetched_is_told_by_its_name(tmp_path: Path, public: Path) -> None:
    shutil.rmtree(public / "windyroad")
    git(public / "w3c/rdf-tests", "update-ref", "-d", "HEAD")
    copy = tmp_path / "copy"
    done = fetch(copy, public)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if line.endswith(" cannot be had here.")]
    assert told == ["w3c/rdf-tests cannot be had here.", "schemas/JUnit.xsd cannot be had here."]
    assert (copy / ".suites/schemas/sarif-schema-2.1.0.json").is_file()
    assert not (copy / ".suites/schemas/JUnit.xsd").exists()
