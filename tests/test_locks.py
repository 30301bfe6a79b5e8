"""The locks serve every Python that is promised: what each needs there is pinned, and fits it."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import installed
import pytest
import yaml
from installed import ALL, RUN, Pin
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}
BUILDS = ("dialogue-graph", "pip", "setuptools", "wheel")
"""What is there before anything is installed, or is not to be pinned by the lock of what runs."""


def environment(python: str, system: str = "linux") -> dict[str, str]:
    """Return what markers ask of a machine with a Python."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        **SYSTEMS[system],
    }


def lacking(pins: dict[str, Pin], roots: list[str], where: dict[str, str]) -> list[str]:
    """Return what the packages need in an environment and the lock does not have there."""
    missing, done = set(), set()
    todo = [("dialogue-graph", requirement) for requirement in map(Requirement, roots)]
    while todo:
        asker, one = todo.pop()
        name = canonicalize_name(one.name)
        if one.marker and not one.marker.evaluate({"extra": "", **where}):
            continue
        pin = pins.get(name)
        if pin is None or not pin.applies(where):
            if name not in BUILDS:
                missing.add(f"{asker} needs {name}")
            continue
        if not one.specifier.contains(pin.version, prereleases=True):
            missing.add(f"{asker} needs {one}, not {pin.version}")
        for extra in {"", *one.extras}:
            if (name, extra) not in done:
                done.add((name, extra))
                todo += [(name, each) for each in _requirements(name, extra, where)]
    return sorted(missing)


def _requirements(name: str, extra: str, where: dict[str, str]) -> list[Requirement]:
    try:
        written = distribution(name).requires or []
    except PackageNotFoundError:
        # Of another Python or system than this one: what it needs is not to be seen here.
        return []
    every = [Requirement(text) for text in written]
    return [
        one for one in every if one.marker is None or one.marker.evaluate({"extra": extra, **where})
    ]


def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, object] = tomllib.load(file)["project"]
    return table


def roots(lock: Path) -> list[str]:
    """Return what the project asks a lock to have."""
    table = project()
    dependencies, extras = table["dependencies"], table["optional-dependencies"]
    assert isinstance(dependencies, list) and isinstance(extras, dict)
    return dependencies if lock == RUN else [*dependencies, *extras["dev"], *extras["tables"]]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", [RUN, ALL], ids=lambda lock: lock.name)
def test_what_is_needed_on_a_python_is_pinned_there(lock: Path, python: str, system: str) -> None:
    pins = {pin.name: pin for pin in installed.pins(lock)}
    assert lacking(pins, roots(lock), environment(python, system)) == []


def test_what_a_lock_lacks_on_one_python_alone_is_seen() -> None:
    pins = {pin.name: pin for pin in installed.pins(RUN)}
    zstd = pins.pop("backports-zstd")
    older, newer = environment("3.13"), environment("3.14")
    assert lacking(pins, roots(RUN), older) == ["dialogue-graph needs backports-zstd"]
    assert lacking(pins, roots(RUN), newer) == []
    assert zstd.applies(older) and not zstd.applies(newer)
    pins["starlette"] = Pin("starlette", "0.1", None)
    (line,) = lacking(pins, roots(RUN), newer)
    assert line.startswith("fastapi needs starlette") and line.endswith(", not 0.1")


@pytest.mark.parametrize("lock", [RUN, ALL], ids=lambda lock: lock.name)
def test_every_package_that_is_pinned_takes_every_python(lock: Path) -> None:
    refusing = {
        f"{pin.name} wants {wanted}"
        for pin in installed.pins(lock)
        if pin.applies()
        for wanted in [SpecifierSet(distribution(pin.name).metadata.get("Requires-Python") or "")]
        for python in PYTHONS
        if pin.applies(environment(python)) and not wanted.contains(f"{python}.9")
    }
    assert refusing == set()


def test_what_runs_is_pinned_to_the_same_in_both_locks() -> None:
    run = {pin.name: (pin.version, str(pin.marker)) for pin in installed.pins(RUN)}
    every = {pin.name: (pin.version, str(pin.marker)) for pin in installed.pins(ALL)}
    assert {name: every.get(name) for name in run} == run


def test_each_python_is_promised_tried_and_written_for() -> None:
    classifiers = project()["classifiers"]
    assert isinstance(classifiers, list)
    told = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", one) for one in classifiers]
    assert [one[1] for one in told if one] == [*PYTHONS]
    assert project()["requires-python"] == f">={PYTHONS[0]}"
    with (ROOT / "pyproject.toml").open("rb") as file:
        ruff = tomllib.load(file)["tool"]["ruff"]["target-version"]
    assert ruff == f"py{PYTHONS[0].replace('.', '')}"
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))
    assert workflow["jobs"]["python"]["strategy"]["matrix"]["python"] == [*PYTHONS]


@pytest.mark.skipif(
    "DIALOGUE_DRAWS" not in os.environ, reason="asks for every package: make campaign does it"
)
@pytest.mark.parametrize("python", PYTHONS)
def test_there_is_a_wheel_of_every_package_for_each_python(tmp_path: Path, python: str) -> None:
    # Pip takes markers for those of the Python that runs it, so only what applies is named to it.
    text = ALL.read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.M)
    applying = {pin.name for pin in installed.pins(ALL) if pin.applies(environment(python))}
    chosen = [block for block in blocks if block.partition("==")[0] in applying]
    assert len(chosen) == len(applying) > 100
    lock = tmp_path / "lock.txt"
    lock.write_text("".join(re.sub(r" ; [^\\\n]+ \\", r" \\", block, count=1) for block in chosen))
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:",
        "--python-version", python, "--target", str(tmp_path / "target"),
        "--require-hashes", "-r", str(lock),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
