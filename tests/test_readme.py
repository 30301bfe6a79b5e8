"""What the README and the workflow tell people to run does what they say."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import suites
import yaml

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.S)
COMMANDS = [line[2:] for block in BLOCKS for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is committed or about to be, with an environment of its own.

    The packages in it are those that are installed here; the program is the copy's. What its
    commands install can so never change the environment that runs the tests.
    """
    copy = tmp_path_factory.mktemp("clone") / "dialogue"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    venv.create(copy / ".venv", symlinks=True)
    (packages,) = (copy / ".venv" / "lib").glob("python*/site-packages")
    (packages / "clone.pth").write_text(f"{copy}\n{sysconfig.get_path('purelib')}\n")
    command = copy / ".venv" / "bin" / "dialogue"
    command.write_text(f"#!{copy}/.venv/bin/python\nfrom app.cli import main\n\nmain()\n")
    command.chmod(0o755)
    (copy / ".venv" / "stamp").touch()
    # A release has its version from the day of the commit.
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "A copy"]):
        subprocess.run(["git", "-C", str(copy), *identity, *arguments], check=True)
    return copy


def run(command: str, folder: Path, timeout: int = 120) -> tuple[int, str]:
    """Run a line of shell as a person would; return its exit code and what it prints."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={
            **os.environ,
            # The steps run the suite, which runs the steps: inside, it is only collected.
            "PYTEST_ADDOPTS": "--collect-only -q -n 0",
            "COLUMNS": "100",
            # A copy has the suites where its original does.
            "DIALOGUE_SUITES": str(suites.folder()),
        },
    )
    said = done.stderr.replace(
        "Building a release of the record; it is kept for the next time.\n", ""
    )
    return done.returncode, done.stdout + said


def expected(command: str) -> str:
    """Return what the README shows below a command, in its block."""
    for block in BLOCKS:
        after = block.partition(f"$ {command}\n")[2]
        if after:
            return after
    return ""


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve by `make serve`, on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["make", "serve", f"PORT={port}"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(40)


def test_the_readme_opens_with_three_sentences_and_two_commands() -> None:
    opening = README.partition("## ")[0]
    paragraph = opening.split("\n\n")[1]
    assert len(paragraph.splitlines()) == 3
    assert all(line.endswith(".") for line in paragraph.splitlines())
    assert COMMANDS[:2] == ["make serve", "make test"]


def test_every_command_is_run_by_a_test() -> None:
    # What follows `pip install` is run by tests/test_use_a_release.py.
    used = README.partition("\n## Use a release\n")[2].partition("\n## ")[0]
    tested = {"make serve", "make test", *re.findall(r"^\$ (.*)$", used, re.M)}
    assert {c for c in COMMANDS if not c.startswith(("cat ", ".venv/", "curl ", "sed "))} == tested


def test_make_test_runs_the_suite(clone: Path) -> None:
    code, said = run("make test", clone)
    assert code == 0, said
    assert "tests/test_readme.py" in said


def test_the_query_answers_as_shown(clone: Path) -> None:
    shown = [c for c in COMMANDS if c.startswith(("cat ", ".venv/bin/dialogue query"))]
    assert len(shown) == 4
    for command in shown:
        assert run(command, clone) == (0, expected(command))


def test_make_serve_serves_what_curl_shows(clone: Path) -> None:
    (command,) = [c for c in COMMANDS if c.startswith("curl ")]
    assert "http://127.0.0.1:8000/" in command
    with served(clone) as port:
        code, said = run(command.replace(":8000/", f":{port}/"), clone)
        assert code == 0
        assert said == expected(command)


def uncounted(said: str) -> str:
    """What a check says, but for how much it looked at: that grows with every conference."""
    return re.sub(r"[\d,]+ (shapes|focus nodes|constraints)\b", r"N \1", said)


def test_how_much_was_looked_at_is_all_that_is_left_out() -> None:
    said = "2 violations, 0 warnings: 166 shapes, 10,167 focus nodes and 548 constraints were run."
    assert uncounted(said) == (
        "2 violations, 0 warnings: N shapes, N focus nodes and N constraints were run."
    )


def test_a_broken_fact_is_found_as_shown(clone: Path) -> None:
    breaking, checking = [c for c in COMMANDS if c.startswith(("sed ", ".venv/bin/dialogue check"))]
    assert run(breaking, clone) == (0, "")
    try:
        code, said = run(checking, clone)
        assert code == 1
        assert uncounted(said) == uncounted(expected(checking))
    finally:
        shutil.copy2(ROOT / "data/conferences/cimo-16.trig", clone / "data/conferences")


def test_a_fact_without_its_quote_is_refused(clone: Path) -> None:
    file = clone / "data/conferences/cimo-16.trig"
    text = file.read_text(encoding="utf-8")
    head, _, rest = text.partition("\nev:sgmai-5plus5.070\n")
    file.write_text(
        head + "\nev:sgmai-5plus5.070\n" + re.sub(r" +dlg:quote .*\n", "", rest, count=1)
    )
    try:
        code, said = run(".venv/bin/dialogue check data/conferences/cimo-16.trig", clone)
    finally:
        file.write_text(text, encoding="utf-8")
    assert code == 1
    assert "dsh:Evidence-grounds" in said
    assert "focus: ev:sgmai-5plus5.070" in said


def steps() -> list[str]:
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))
    return [
        step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    ]


def test_the_workflow_ends_with_the_whole_suite() -> None:
    # Which another test runs, see test_make_test_runs_the_suite; what it needs of others is fetched
    # before it, which tests/test_suites.py tries without a network.
    assert steps()[-2:] == ["make suites servers", "make test"]


@pytest.mark.parametrize("step", steps()[:-2])
def test_every_other_step_of_the_workflow_passes(clone: Path, step: str) -> None:
    code, said = run(step, clone, timeout=300)
    assert code == 0, said


def test_the_gate_calls_make_test() -> None:
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text("utf-8")
