"""The revision that a folder is at, as git knows it."""

import subprocess
from datetime import date
from pathlib import Path

CHANGED = "+changes"
"""Ends the name of a commit whose folders have been changed since."""


def commit(folder: Path) -> tuple[str, date | None]:
    """Return the commit that a folder is at and its day; nothing where git knows none.

    A commit whose folders have been changed since carries `+changes`.
    """
    try:
        revision, day = _git(folder, "log", "-1", "--format=%H %cs").split()
        changed = _git(folder, "status", "--porcelain", "--", "ontology", "data", "shapes")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return "", None
    return revision + (CHANGED if changed else ""), date.fromisoformat(day)


def commit_at(revision: str, folder: Path) -> tuple[str, date | None]:
    """Return the commit that a revision names in the repository of a folder, and its day.

    Nothing where git knows none.
    """
    try:
        found = _git(folder, "log", "-1", "--format=%H %cs", "--end-of-options", revision).split()
        return found[0], date.fromisoformat(found[1])
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
        return "", None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()
