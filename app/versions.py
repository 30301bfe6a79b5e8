"""The versions of a record, and the list of its releases that lies beside them.

A folder of releases has one folder for each, named by its version, and `releases.json`, which
tells of all that there ever were: those that lie elsewhere too.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app import manifest
from app.errors import Fault
from app.manifest import SUMS, Release

LIST = "releases.json"
CHANGES, CHANGES_DATA, FEED = "CHANGES.md", "changes.json", "feed.atom"
DIRTY = "+dirty"
"""Ends the version of a record whose files were changed since the commit that names it.

Nobody else can have that state: no release is said to come after it.
"""
# What can stand in an address, name a folder and never lead out of one.
_VERSION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ReleaseFile:
    """A file of a release: its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ReleaseEntry:
    """What the list says of one release.

    `version` is the record's, `program` that of the program that built it, `date` its day (ISO
    8601), `digest` the SHA-256 of its N-Quads, `commit` the revision that it was built from.
    `previous` is the version before it and `patch` the file that leads from there to here, empty
    where there is none.
    """

    version: str
    date: str
    digest: str
    quads: int
    commit: str = ""
    program: str = ""
    previous: str = ""
    patch: str = ""
    files: tuple[ReleaseFile, ...] = ()


def is_version(text: str) -> bool:
    """Return whether a text can be a version.

    >>> is_version("2026-11-30.2+dirty"), is_version("../2026"), is_version("a..b")
    (True, False, False)
    """
    return _VERSION.fullmatch(text) is not None and ".." not in text


def patch_name(previous: str) -> str:
    """Return the name of the file that leads from the release before to the one it lies in."""
    return f"from-{previous}.patch.gz"


def read_list(folder: Path) -> list[ReleaseEntry]:
    """Return the releases that the list in a folder tells of, the newest first; none without one.

    Raises Fault for a list that is damaged.
    """
    path = folder / LIST
    try:
        members = json.loads(path.read_text(encoding="utf-8"))
        entries = [_entry(one) for one in members["releases"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise Fault(f"{path}: damaged: not a list of releases") from None
    names = [entry.version for entry in entries]
    if len({*names}) < len(names):
        raise Fault(f"{path}: damaged: it tells of one version twice")
    return entries


def _entry(members: dict[str, object]) -> ReleaseEntry:
    known = ReleaseEntry.__dataclass_fields__.keys() & members.keys()
    chosen = {name: members[name] for name in known}
    files = chosen.pop("files", [])
    entry = ReleaseEntry(**chosen, files=tuple(ReleaseFile(**one) for one in files))  # type: ignore[arg-type,attr-defined]
    if not is_version(entry.version) or not _DIGEST.fullmatch(entry.digest):
        raise ValueError(entry.version)
    if not isinstance(entry.quads, int) or not isinstance(entry.date, str):
        raise TypeError(entry.version)
    return entry


def write_list(folder: Path, dataset: str, entries: Sequence[ReleaseEntry]) -> None:
    """Write the list of releases of a dataset into a folder: whole, or not at all."""
    beside = folder / f".{LIST}.{os.getpid()}"
    beside.write_text(document(dataset, entries), encoding="utf-8")
    beside.replace(folder / LIST)


def document(dataset: str, entries: Sequence[ReleaseEntry]) -> str:
    """Return the list of releases as text, the newest first."""
    listed = {"dataset": dataset, "releases": [asdict(entry) for entry in entries]}
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def added(entry: ReleaseEntry, entries: Sequence[ReleaseEntry]) -> list[ReleaseEntry]:
    """Return a list with one more release, or with a release in the place of its older entry.

    The newest is the one of the latest day; of several of one day, the one that came last. One
    that is built again came when it first did.
    """
    others = [entry if other.version == entry.version else other for other in entries]
    newer = [] if entry in others else [entry]
    return sorted(newer + others, key=lambda one: one.date, reverse=True)


def earlier(version: str, date: str, entries: Sequence[ReleaseEntry]) -> list[ReleaseEntry]:
    """Return the releases before one of this version and day, the newest first.

    Those of changed files are none, if a list has such.
    """
    names = [entry.version for entry in entries]
    if version in names:
        older = entries[names.index(version) + 1 :]
    else:
        older = [entry for entry in entries if entry.date <= date]
    return [entry for entry in older if not entry.version.endswith(DIRTY)]


def number_of_day(version: str, date: str, entries: Sequence[ReleaseEntry]) -> int:
    """Return which release of its day one is, counted from 1.

    Where those before it are not known, its version tells it.

    >>> number_of_day("2026-11-30.2", "2026-11-30", []), number_of_day("1.2", "2026-11-30", [])
    (2, 1)
    """
    listed = sum(entry.date == date for entry in earlier(version, date, entries))
    named = re.fullmatch(rf"{re.escape(date)}\.([0-9]+)({re.escape(DIRTY)})?", version)
    return max(listed + 1, int(named[1]) if named else 1)


def before(version: str, date: str, entries: Sequence[ReleaseEntry]) -> ReleaseEntry | None:
    """Return the release before one of this version and day, None for the first."""
    return next(iter(earlier(version, date, entries)), None)


def described(folder: Path, version: str = "", previous: str = "") -> ReleaseEntry:
    """Return what is to be listed of the release in a folder.

    `version` names one that does not say its own. Raises Fault where the folder holds no release.
    """
    release = manifest.read(folder)
    files = []
    for name, digest in (manifest.sums(folder) or {}).items():
        try:
            files.append(ReleaseFile(name, (folder / name).stat().st_size, digest))
        except OSError:
            raise Fault(f"{folder}: not whole: {SUMS} lists {name}, which is missing") from None
    patch = patch_name(previous) if previous else ""
    return ReleaseEntry(
        version=release.release or version,
        date=release.date,
        digest=release.digest,
        quads=release.quads,
        commit=release.commit,
        program=release.version,
        previous=previous,
        patch=patch if patch in {file.name for file in files} else "",
        files=tuple(sorted(files, key=lambda file: file.name)),
    )


def version_of(folder: Path, release: Release, *, named: bool) -> str | None:
    """Return the version of the release in a folder, None where it has none.

    Releases from before there were versions of the record are called by their folders, if those
    are `named` for that.
    """
    version = release.release or (folder.name if named else "")
    return version if is_version(version) else None
