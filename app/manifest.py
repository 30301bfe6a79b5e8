"""What a release says of itself: where the workshop and the shop meet."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import Fault

DATASET = "dialogue.nq"
MANIFEST = "release.json"


@dataclass(frozen=True)
class Release:
    """The manifest of a release.

    `date` is its day (ISO 8601), `commit` the revision that it was built from (empty where git
    knows none), `digest` the SHA-256 of its N-Quads, `base` begins its IRIs, `dataset` is the IRI
    of the dataset; `prefixes` may be used in queries without declaring them.
    """

    version: str
    digest: str
    base: str
    dataset: str
    date: str = ""
    commit: str = ""
    quads: int = 0
    prefixes: dict[str, str] = field(default_factory=dict)


def holds(folder: Path) -> bool:
    """Return whether a folder holds a release."""
    return (folder / MANIFEST).is_file() and (folder / DATASET).is_file()


def read(folder: Path) -> Release:
    """Return what a release says of itself. Raises Fault if the folder holds none."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Release(
            **{name: said[name] for name in Release.__dataclass_fields__ if name in said}
        )
    except (OSError, ValueError, TypeError, AttributeError):
        raise Fault(f"{folder}: not a release: {MANIFEST} is missing or damaged") from None
