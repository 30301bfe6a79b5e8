"""`dialogue.toml`: what a folder's checks are made with, so that nobody has to type it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.errors import Fault

NAME = "dialogue.toml"


@dataclass(frozen=True)
class Configuration:
    """What the file may say; paths are relative to its folder, and may be patterns.

    `contexts` has files of JSON-LD contexts by their IRI, `beside` files that are joined to the
    data (in the file: `with`).
    """

    paths: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict)
    severity: str | None = None
    language: str | None = None
    baseline: str | None = None

    def without_data(self) -> "Configuration":
        """Return how to check alone, without what is checked and against what."""
        return replace(self, paths=(), shapes=(), beside=(), graphs=(), contexts={})


_KEYS = {{"beside": "with"}.get(one.name, one.name): one for one in fields(Configuration)}
_SEVERITIES = "violation", "warning", "info"
_LISTS = frozenset({"paths", "shapes", "with", "graphs"})


def nearest(folder: Path) -> Path | None:
    """Return the nearest configuration at or above a folder, never above a repository's root."""
    for above in (folder.resolve(), *folder.resolve().parents):
        if (above / NAME).is_file():
            return above / NAME
        if (above / ".git").exists():
            return None
    return None


def read(file: Path) -> Configuration:
    """Return what a configuration says. Raises Fault that names the place or the key at fault."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{file}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{file}: {error}") from None
    read_values: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _KEYS:
            raise Fault(f"{file}: {key}: unknown; the keys are {', '.join(_KEYS)}")
        read_values[_KEYS[key].name] = _value(file, key, value)
    return Configuration(**read_values)


def found_from(folder: Path) -> tuple[Configuration, Path]:
    """Return the configuration that counts in a folder, and where it lies: its paths start there.

    Without one, that is an empty one in the folder itself. Raises Fault as `read` does.
    """
    file = nearest(folder)
    if file is None:
        return Configuration(), folder
    # As one would type it from here, so that places read as they do for files that are named.
    home = Path(os.path.relpath(file.parent, folder.resolve()))
    return read(folder / home / NAME), folder / home


def _value(file: Path, key: str, value: object) -> object:
    """Return the value of a key as the configuration has it. Raises Fault for another type."""
    if key in _LISTS:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise Fault(f'{file}: {key}: a list of texts is expected, such as ["one.ttl"]')
    if key == "contexts":
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return value
        raise Fault(f"{file}: {key}: a table of files by IRI is expected")
    if not isinstance(value, str):
        raise Fault(f"{file}: {key}: a text in quotation marks is expected")
    if key == "severity" and value not in _SEVERITIES:
        raise Fault(f"{file}: {key}: {value}: choose one of {', '.join(_SEVERITIES)}")
    return value


def expand(patterns: tuple[str, ...], folder: Path) -> list[Path]:
    """Return the files that patterns mean below a folder.

    Raises Fault for one without a file, and for one that is none.
    """
    paths: list[Path] = []
    for pattern in patterns:
        if pattern == "-":
            paths.append(Path(pattern))
        elif any(mark in pattern for mark in "*?[") and not (folder / pattern).exists():
            matches = _matches(pattern, folder)
            if not matches:
                raise Fault(f"{pattern}: no file is called like this")
            paths += matches
        else:
            paths.append(folder / pattern if str(folder) != "." else Path(pattern))
    return paths


def _matches(pattern: str, folder: Path) -> list[Path]:
    # Some versions of Python take it for a single star, others raise.
    if any("**" in part and part != "**" for part in Path(pattern).parts):
        raise Fault(f"{pattern}: ** stands for folders, and alone between strokes: write **/*.ttl")
    if Path(pattern).is_absolute():
        anchor = Path(Path(pattern).anchor)
        return sorted(anchor.glob(str(Path(pattern).relative_to(anchor))))
    return sorted(folder.glob(pattern))
