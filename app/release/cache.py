"""The release of a record that is kept between two starts."""

import hashlib
import os
import shutil
from pathlib import Path

from app import __version__
from app.record.record import FOLDERS
from app.release.build import commit


def kept(root: Path) -> Path | None:
    """Return the folder in which the release of a record is kept between two starts.

    It lies below the record, in `build/`, and is named by everything that the release is made of:
    the files, the commit and the program. None where nothing may be written there.
    """
    digest = hashlib.sha256(f"{__version__} {commit(root)}".encode())
    for path in sorted(p for f in FOLDERS for p in (root / f).rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(root)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    for module in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(module.read_bytes())
    folder = root / "build" / "served"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / digest.hexdigest()[:16] if os.access(folder, os.W_OK) else None


def forget(folder: Path) -> None:
    """Remove the releases that are kept beside `folder`, but for the few that are newest.

    Those may be served still.
    """
    # What has a dot in its name is being written by somebody.
    others = [path for path in folder.parent.iterdir() if path != folder and not path.suffix]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-4]:
        shutil.rmtree(path, ignore_errors=True)
