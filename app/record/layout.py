"""How a record lies in its folders: known without reading any of it."""

import os
from pathlib import Path

FOLDERS = "ontology", "data", "shapes"


def is_record(folder: Path) -> bool:
    """Return whether a folder is laid out as a record."""
    return folder.is_dir() and (folder / "data" / "dataset.ttl").is_file()


def record_at(folder: Path) -> Path | None:
    """Return the folder of the record in which a folder lies, as seen from there; None if none."""
    if is_record(folder):
        return folder
    here = folder.resolve()
    above = next((one for one in here.parents if is_record(one)), None)
    return above and folder / os.path.relpath(above, here)


def program_root() -> Path:
    """Return the folder with the ontology and the shapes of the program, and its bundled record."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if is_record(checkout) else checkout / "app" / "bundled"


def parts_of(root: Path) -> list[Path]:
    """Return the folders that a release of a record is made of: its own, and the vocabularies of
    the program, which it may take."""
    shared = [program_root() / part for part in FOLDERS if part != "data"]
    return list(dict.fromkeys([*(root / part for part in FOLDERS), *shared]))
