"""The built package in an environment of its own, outside the repository and without a network.

The packages beside it are links to those that are installed here: what a lock names for this
machine and nothing else, so that what the package needs and does not declare is seen.
"""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUN, ALL = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
_PIN = re.compile(r"^([a-z0-9][\w.-]*)==([^\s;]+)(?: ; ([^\\\n]+?))? \\$", re.M)


@dataclass(frozen=True)
class Pin:
    """A package in a lock: its name, its version and where it applies."""

    name: str
    version: str
    marker: Marker | None

    def applies(self, environment: dict[str, str] | None = None) -> bool:
        """Return whether it is installed: on this machine, or where the environment says."""
        return self.marker is None or self.marker.evaluate(environment)


def pins(lock: Path) -> list[Pin]:
    """Return the packages of a lock."""
    return [
        Pin(name, version, Marker(marker) if marker else None)
        for name, version, marker in _PIN.findall(lock.read_text("utf-8"))
    ]


def build(folder: Path, *targets: str) -> dict[str, Path]:
    """Build the package into `folder` and return the file of each target (`wheel`, `sdist`)."""
    for target in targets:
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    endings = {"wheel": "*.whl", "sdist": "*.tar.gz"}
    return {target: next(folder.glob(endings[target])) for target in targets}


@dataclass(frozen=True)
class Environment:
    """An environment of Python and the folder in which its user stands."""

    folder: Path
    home: Path

    def run(self, *command: str | Path, cwd: Path | None = None) -> tuple[int, str, str]:
        """Run a program of the environment; return its exit code, its output and its errors."""
        done = subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=cwd or self.home, capture_output=True, text=True, timeout=600, env=self.variables,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables of a user who has this environment active, and nothing of ours."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", "TZ": "UTC"}

    def install(self, requirement: str) -> tuple[int, str]:
        """Install by pip, which may ask nobody; return its exit code and its errors."""
        command = [
            sys.executable, "-m", "pip", "--isolated", "--python", str(self.folder / "bin/python"),
            "install", "--quiet", "--disable-pip-version-check", "--no-index", requirement,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stderr


def environment(folder: Path, names: Iterable[str]) -> Environment:
    """Make an environment that has these packages of ours, and nothing else."""
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv/lib").glob("python*/site-packages")
    for name in names:
        link(packages, distribution(name))
    home = folder / "home"
    home.mkdir()
    return Environment(folder / "venv", home)


def link(packages: Path, installed: Distribution) -> None:
    """Link what a distribution has brought into the folder of packages of an environment."""
    tops = {Path(file).parts[0] for file in installed.files or ()} - {"..", "__pycache__"}
    for top in sorted(tops):
        source, target = Path(str(installed.locate_file(top))), packages / top
        if target.is_symlink():
            # Two that share a name: each brings its part.
            first = target.readlink()
            target.unlink()
            target.mkdir()
            for part in first.iterdir():
                (target / part.name).symlink_to(part)
        if target.is_dir():
            for part in source.iterdir():
                if not (target / part.name).exists():
                    (target / part.name).symlink_to(part)
        else:
            target.symlink_to(source)


def needed(names: Iterable[str]) -> set[str]:
    """Return the packages that these need here, themselves too, as what is installed says."""
    done: set[str] = set()
    todo = [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        for text in distribution(name).requires or ():
            one = Requirement(text)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                todo.append(canonicalize_name(one.name))
    return done
