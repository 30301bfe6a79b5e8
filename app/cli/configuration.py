"""`dialogue.toml`: what a folder's checks are made with, so that nobody has to type it."""

import tomllib
from pathlib import Path
from typing import Any

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
    severity: str | None = None
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
        known = ", ".join(f.alias or name for name, f in Configuration.model_fields.items())
        raise Fault(f"{file}: {key}: {first['msg']}; the keys are {known}") from None


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
