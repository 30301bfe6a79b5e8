"""`dialogue.toml`: what a folder's checks are made with, so that nobody has to type it."""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Fault

NAME = "dialogue.toml"


class Configuration(BaseModel):
    """What the file may say; paths are relative to its folder, and may be patterns.

    `contexts` has files of JSON-LD contexts by their IRI, `with` files that are joined to the data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    paths: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    beside: tuple[str, ...] = Field(default=(), alias="with")
    graphs: tuple[str, ...] = ()
    contexts: dict[str, str] = {}
    severity: Literal["violation", "warning", "info"] | None = None
    language: str | None = None
    baseline: str | None = None


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
        values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return Configuration(**values)
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{file}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{file}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise Fault(f"{file}: {key}: {_demand(first['type'])}") from None


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


def _demand(kind: str) -> str:
    """Return what a key must be, by the kind of the error."""
    if kind == "extra_forbidden":
        known = ", ".join(f.alias or name for name, f in Configuration.model_fields.items())
        return f"there is no such key; the keys are {known}"
    demands = {
        "literal_error": "is violation, warning or info",
        "tuple_type": 'is a list of texts, as in ["a.ttl", "b/*.ttl"]',
        "dict_type": 'is a table, as in { "https://example.org/context" = "context.jsonld" }',
    }
    return demands.get(kind, "is a text in quotation marks")


def expand(patterns: tuple[str, ...], folder: Path) -> list[Path]:
    """Return the files that patterns mean below a folder. Raises Fault for one without a file."""
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
    if Path(pattern).is_absolute():
        anchor = Path(Path(pattern).anchor)
        return sorted(anchor.glob(str(Path(pattern).relative_to(anchor))))
    return sorted(folder.glob(pattern))
