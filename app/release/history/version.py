"""Which version a release of a record has.

It is the record's own: what `dcat:version` of its dataset says, else the day of the commit. The
version of the program stands apart. What was released before is known from the list that lies with
the releases, never from git, of which a clone may have the last commit only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path

import pyoxigraph as ox

from app import __version__, manifest, versions
from app.errors import Fault
from app.manifest import DATASET
from app.namespaces import DCAT
from app.record.record import Record
from app.release.revision import CHANGED
from app.versions import DIRTY, LIST, ReleaseEntry


@dataclass(frozen=True)
class History:
    """What was released before: the entries of the list, the newest first.

    `folder` is where the releases lie, as far as they do, each in a folder of its version; `paths`
    names those that lie elsewhere.
    """

    entries: Sequence[ReleaseEntry] = ()
    folder: Path | None = None
    paths: dict[str, Path] = field(default_factory=dict)

    def path(self, entry: ReleaseEntry) -> Path | None:
        """Return the folder of a release that lies here, whole; None for one that does not.

        Raises Fault for another release than the list tells of.
        """
        path = self.paths.get(entry.version) or (self.folder and self.folder / entry.version)
        if path is None or not manifest.holds(path):
            return None
        if manifest.require_whole(path).digest != entry.digest:
            raise Fault(f"{path}: another release than {LIST} tells of: its {DATASET} differs")
        return path


def history(folder: Path) -> History:
    """Return what was released before, as `folder` has it: releases with their list, or one.

    Raises Fault where it has neither, and for a list that is damaged.
    """
    if (folder / LIST).is_file():
        return History(versions.read_list(folder), folder)
    if manifest.holds(folder):
        version = versions.version_of(folder, manifest.read(folder), named=True)
        if version is not None:
            entry = versions.described(folder, version)
            return History([entry], None, {version: folder})
    raise Fault(f"{folder}: neither a release nor a folder with {LIST}")


def written(record: Record) -> str | None:
    """Return the version that a record's dataset says it has (`dcat:version`), None for none.

    Raises Fault for one that cannot be a version, and for two.
    """
    values = {
        quad.object.value
        for document in record.data
        for quad in document.quads
        if quad.subject == record.dataset
        and quad.predicate == DCAT.version
        and isinstance(quad.object, ox.Literal)
    }
    if len(values) > 1:
        raise Fault(f"{record.root}: the dataset has several versions: {', '.join(sorted(values))}")
    for value in values:
        _require(value)
    return next(iter(values), None)


def decide(
    record: Record,
    commit: tuple[str, date | None],
    entries: Sequence[ReleaseEntry] = (),
    *,
    named: str | None = None,
    as_of: date | None = None,
) -> str:
    """Return the version of a release of a record at a commit, given what was released before.

    `named` is what somebody calls it, `as_of` the day that somebody names. A day on which another
    release was made gets `.2`, `.3` …; the same commit, by the same program, keeps its version.
    Files that were changed since the commit add `+dirty`. Raises Fault for a version that another
    release has, and where nothing names one.
    """
    revision, day = commit
    clean, dirty = revision.removesuffix(CHANGED), revision.endswith(CHANGED)
    own = written(record)
    if named is not None and own is not None and named != own:
        raise Fault(f"{record.root}: the dataset has dcat:version “{own}”, not “{named}”")
    if chosen := named or own:
        version = _require(chosen) + (DIRTY if dirty and named is None else "")
        if not _is_free(version, revision, entries):
            raise Fault(
                f"{version} is released already, from another state of the record or by another "
                "program: a version never changes"
            )
        return version
    if (first := as_of or day) is None:
        raise Fault(
            f"{record.root}: git knows no commit and the dataset has no dcat:version, so that "
            "nothing tells the version: name it with --release"
        )
    names = (name + (DIRTY if dirty else "") for name in _numbered(first.isoformat()))
    return next(name for name in names if _is_free(name, clean if not dirty else "", entries))


def _numbered(day: str) -> Iterator[str]:
    yield day
    yield from (f"{day}.{number}" for number in count(2))


def _is_free(version: str, revision: str, entries: Sequence[ReleaseEntry]) -> bool:
    """Return whether no other release has a version: the same commit is the same release."""
    taken = next((entry for entry in entries if entry.version == version), None)
    if taken is None:
        return True
    return bool(revision) and (taken.commit, taken.program) == (revision, __version__)


def _require(version: str) -> str:
    if not versions.is_version(version):
        raise Fault(
            f"“{version}” cannot be a version: letters, digits, “.”, “-”, “+” and “_”, 64 at most"
        )
    return version
