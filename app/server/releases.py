"""A folder of releases: which is the newest, and what has changed in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app import manifest
from app.errors import Fault
from app.manifest import MANIFEST, SUMS

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, order=True)
class ReleaseFolder:
    """A folder with a release in it, in the order of the releases.

    `date` is the release's day, `written` when it was whole (its SHA256SUMS, in ns).
    """

    date: str
    written: int
    path: Path


def holds_releases(folder: Path) -> bool:
    """Return whether a folder has releases in it, whole or not."""
    return folder.is_dir() and any((path / MANIFEST).is_file() for path in folder.iterdir())


def releases(folder: Path) -> list[ReleaseFolder]:
    """Return the releases in a folder that claim to be whole, the newest first.

    Newest is the one of the latest day; of several of one day, the one that was written last.
    """
    found = []
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []
    for path in paths:
        try:
            written = (path / SUMS).stat().st_mtime_ns
        except OSError:
            continue
        try:
            date = manifest.read(path).date
        except Fault:
            # What is damaged is looked at, so that it is told of.
            date = datetime.fromtimestamp(written / 1e9, UTC).date().isoformat()
        found.append(ReleaseFolder(date, written, path))
    return sorted(found, reverse=True)


def stamp(folder: Path) -> Stamp:
    """Return the files of a folder with their sizes and times: equal, if nothing has changed."""
    files = []
    for path in sorted(folder.rglob("*")):
        try:
            stat = path.stat()
        except OSError:
            continue
        files.append((str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns))
    return tuple(files)
