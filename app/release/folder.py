"""The folder of a release: written whole, or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.errors import Fault
from app.manifest import DATASET, MANIFEST, SUMS, Release, digest_of


def write(contents: Mapping[str, bytes], release: Release, out: Path) -> None:
    """Write the files of a release, its manifest and the list of them all, which comes last.

    The manifest's digest must be that of the dataset among `contents`.
    They replace the release that is there. Raises Fault if `out` holds anything else, OSError
    where nothing can be written.
    """
    with staged(release, out) as folder:
        add(contents, folder)


def add(contents: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder, by their names in it. Raises OSError where that fails."""
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@contextmanager
def staged(release: Release, out: Path) -> Iterator[Path]:
    """Yield a folder for the files of a release; in the end it is `out`, with manifest and sums.

    The manifest's digest must be that of the dataset. The release that is there is replaced;
    where the block raises, it stays. Raises Fault as `replaceable` does, OSError where nothing
    can be written.
    """
    place = replaceable(out)
    # Written beside and moved, so that a release that is being served is never half a one.
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    try:
        beside.chmod(0o755)
        yield beside
        manifest = (json.dumps(release.to_json(), indent=2) + "\n").encode()
        add({MANIFEST: manifest}, beside)
        (beside / SUMS).write_text("".join(_sums(release, beside)), encoding="utf-8")
        _exchange(place, beside)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def move(made: Path, out: Path) -> Path:
    """Move a release that is whole to `out`, and return that; the release that is there goes.

    Raises Fault as `replaceable` does, OSError where nothing can be written.
    """
    place = replaceable(out)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{place.name}.", dir=place.parent) as name:
        beside = Path(name) / place.name
        shutil.move(made, beside)
        _exchange(place, beside)
    return out


def replaceable(out: Path) -> Path:
    """Return the folder that a release is to be in, links followed, if one may be put there.

    Raises Fault if it holds anything else than a release, and for the one that the process is in:
    moved away, it would leave whoever stands there in a folder that is no more.
    """
    place = out.resolve()
    if not place.exists():
        return place
    if not place.is_dir() or (any(place.iterdir()) and not (place / SUMS).is_file()):
        raise Fault(f"{out}: holds something else than a release; name another folder with --out")
    if Path.cwd().is_relative_to(place):
        raise Fault(f"{out}: you stand in this folder, which would be replaced: leave it first")
    return place


def _exchange(place: Path, beside: Path) -> None:
    """Put what lies beside in its place; what was there goes when the new is there, or returns."""
    former = beside.with_name(f"{beside.name}.former")
    try:
        if place.exists():
            place.rename(former)
        beside.rename(place)
    finally:
        if former.exists():
            if place.exists():
                shutil.rmtree(former, ignore_errors=True)
            else:
                former.rename(place)


def _sums(release: Release, folder: Path) -> Iterator[str]:
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    for name, path in sorted(paths.items()):
        if path.is_file():
            # That of the dataset is known, and it is by far the largest.
            digest = release.digest if name == DATASET else digest_of(path)
            yield f"{digest}  {name}\n"
