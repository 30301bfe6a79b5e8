"""What a release says of itself: where the workshop and the shop meet."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.errors import Fault

DATASET = "dialogue.nq"
MANIFEST = "release.json"
COLUMNS = "columns.json"
"""What is a column of each class: worked out at build, read by whoever serves."""
TABLES = "tables"
VOID = "void.ttl"
CATALOGUE = "dcat.ttl"
"""What data portals read of a release: written last, since it has the sizes of the others."""
CONTEXT = "context.jsonld"
SUMS = "SHA256SUMS"
"""Lists every file of a release with its SHA-256; written last, so that it says: all is here."""
MEMORY, DISK = "memory", "disk"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class Release:
    """The manifest of a release.

    `release` is the version of the record, `version` that of the program that built it; what is no
    record, and releases from before there were such, have no `release`. `date` is its day (ISO
    8601), of which it is release number `of_day`, counted from 1. `commit` is the revision that it
    was built from (empty where git knows none), `digest` the SHA-256 of its N-Quads, `base` begins
    its IRIs, `dataset` is the IRI of the dataset; `prefixes` may be used in queries without
    declaring them. `store` is no part of it: where it is answered from, in memory or on disk.
    """

    version: str
    digest: str
    base: str
    dataset: str
    date: str = ""
    commit: str = ""
    quads: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)
    release: str = ""
    of_day: int = 1
    store: str = MEMORY

    @property
    def edition(self) -> str:
        """What determines answers to the byte.

        The digest alone does not: two stores give the rows of a query without ORDER BY in another
        order, and with LIMIT other rows.
        """
        return self.digest if self.store == MEMORY else f"{self.digest} {self.store}"

    def to_json(self) -> dict[str, object]:
        """Return the members of the manifest."""
        return {name: value for name, value in asdict(self).items() if name != "store"}


def holds(folder: Path) -> bool:
    """Return whether a folder holds a release, or one of which a part is missing."""
    present = [name for name in (MANIFEST, DATASET, SUMS) if (folder / name).is_file()]
    return len(present) > 1


def read(folder: Path) -> Release:
    """Return what a release says of itself. Raises Fault if the folder holds none."""
    try:
        members = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = Release.__dataclass_fields__.keys() & members.keys() - {"store"}
        return Release(**{name: members[name] for name in names})
    except (OSError, ValueError, TypeError, AttributeError):
        raise Fault(f"{folder}: not a release: {MANIFEST} is missing or damaged") from None


def sums(folder: Path) -> Mapping[str, str] | None:
    """Return the SHA-256 of each file that a release lists, in hexadecimal; None without a list.

    Raises Fault for a list that cannot be read.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise Fault(f"{folder}: {SUMS} cannot be read") from None
    matches = [_LINE.fullmatch(line) for line in lines]
    if not lines or None in matches:
        raise Fault(f"{folder}: {SUMS} is damaged")
    return {match[2]: match[1] for match in matches if match}


def require_whole(folder: Path) -> Release:
    """Return what a release says of itself if all of it is there, as its SHA256SUMS lists it.

    Reads every file. Raises Fault that names the first file that is missing or damaged.
    """
    listed = sums(folder)
    if listed is None:
        raise Fault(f"{folder}: not whole: {SUMS}, which is written last, is missing")
    for name in (DATASET, MANIFEST):
        if name not in listed:
            raise Fault(f"{folder}: not whole: {SUMS} does not list {name}")
    for name, digest in listed.items():
        try:
            actual = digest_of(folder / name)
        except OSError as error:
            raise Fault(f"{folder}: not whole: {name}: {error.strerror}") from None
        if actual != digest:
            raise Fault(f"{folder}: damaged: {name} is not what {SUMS} says")
    return read(folder)


def kind_of(thing: str, things: str | None) -> str:
    """Return the kind of a thing: what stands in its IRI between `things` and a slash, or nothing.

    >>> kind_of("http://e.org/id/state/PRT", "http://e.org/id/"), kind_of("http://e.org/a/b", None)
    ('state', '')
    """
    if not things or not thing.startswith(things):
        return ""
    kind, slash, _ = thing.removeprefix(things).partition("/")
    return kind if slash else ""


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A release to serve; `kept` is its name in the cache, if it lies there.

    `store` is its disk store, if there is one.
    """

    release: Path
    kept: str | None = None
    store: Path | None = None
