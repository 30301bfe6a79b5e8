"""What is kept between two starts, in the user's cache folder: releases and disk stores.

It only saves time: where nothing can be kept, or what was kept is damaged, it is made again.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import platformdirs

from app import __version__
from app.manifest import digest_of

_STAMP, _CONTENT = "stamp.json", "content"
_PROGRAM = Path(__file__).parents[1]
_BUILDING = frozenset({".py", ".rq", ".html"})
"""How files of the program end by which a release is made: modules, queries, templates."""


class Cache:
    """Folders by their names, `size` bytes of them at most; the ones not used for longest go first.

    `folder` is where they lie: by default where the system has a user's caches.
    """

    def __init__(self, folder: Path | None, size: int) -> None:
        self._folder = folder or platformdirs.user_cache_path("dialogue")
        self._size = size

    def find(self, name: str) -> Path | None:
        """Return the folder of this name if it is as it was when it was kept; a damaged one goes.

        By size and time of each file: what lies there is read by those who check it further. One
        that a server uses stays, found or not.
        """
        entry = self._folder / name
        try:
            # Nobody adds a file meanwhile.
            with _locked(entry, fcntl.LOCK_SH):
                stamp = json.loads((entry / _STAMP).read_text(encoding="utf-8"))
                whole = stamp == _files(entry / _CONTENT)
        except (OSError, ValueError):
            whole = False
        if not whole:
            _remove(entry)
            return None
        with contextlib.suppress(OSError):
            os.utime(entry / _STAMP)
        return entry / _CONTENT

    def forget(self, name: str) -> None:
        """Remove the folder of this name; one that a server uses stays, and is not found again."""
        entry = self._folder / name
        if not _remove(entry):
            with contextlib.suppress(OSError):
                (entry / _STAMP).unlink()

    def keep(
        self,
        name: str,
        make: Callable[[Path], object],
        instead: Callable[[Path], Path] | None = None,
    ) -> Path | None:
        """Return a folder that `make` has filled, kept under this name.

        What is made and cannot be kept, since it is larger than all that may be or one that is
        damaged is still used, is given to `instead`, which returns where it has put it; without
        that, and where nothing can be kept, return None. What `make` raises but for OSError is
        raised here.
        """
        if not self._size:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".", dir=self._folder))
        except OSError:
            return None
        try:
            with _locked(beside, fcntl.LOCK_SH | fcntl.LOCK_NB):
                made, entry = beside / _CONTENT, self._folder / name
                make(made)
                files, content = _files(made), None
                if sum(size for size, _ in files.values()) <= self._size:
                    (beside / _STAMP).write_text(json.dumps(files), encoding="utf-8")
                    # Another process may have been first; what it made is the same. Where it is
                    # damaged, looking for it has removed it.
                    content = self._put(beside, name) or self._put(beside, name)
            if content is None:
                return instead(made) if instead else None
        except OSError:
            return None
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        self._trim(entry)
        return content

    def _put(self, beside: Path, name: str) -> Path | None:
        with contextlib.suppress(OSError):
            beside.rename(self._folder / name)
        return self.find(name)

    def has(self, content: Path) -> bool:
        """Return whether a folder is one that is kept here."""
        return content == (self._folder / content.parent.name / _CONTENT).resolve()

    def add(self, content: Path, name: str, data: bytes) -> None:
        """Write one more file into a folder that is kept here. Raises OSError where it cannot be.

        Where that ends half-way, the folder no longer is as it was kept, and is made anew.
        """
        beside = content.parent / f".{name}.{os.getpid()}"
        beside.write_bytes(data)
        # Nobody looks meanwhile: between the two, file and stamp do not agree.
        with _locked(content.parent, fcntl.LOCK_EX):
            beside.replace(content / name)
            beside.write_text(json.dumps(_files(content)), encoding="utf-8")
            beside.replace(content.parent / _STAMP)

    def _trim(self, newest: Path) -> None:
        """Remove what was not used for longest until the rest is small enough.

        What a server uses stays, and so does what somebody is making.
        """
        used = {}
        for entry in self._folder.iterdir():
            if entry.name.startswith("."):
                _remove(entry)
            elif entry.is_dir():
                with contextlib.suppress(OSError):
                    files = _files(entry).values()
                    time = max((time for _, time in files), default=0)
                    used[entry] = time, sum(size for size, _ in files)
        total = sum(size for _, size in used.values())
        for entry, (_, size) in sorted(used.items(), key=lambda item: item[1]):
            if total <= self._size:
                break
            if entry != newest and _remove(entry):
                total -= size


def record_name(folders: Iterable[Path], commit: tuple[str, object]) -> str:
    """Return the name under which the release of a record is kept: all that it is made of.

    These are the files in `folders`, the record's own and those of the program that it may take,
    the commit and the program.
    """
    digest = hashlib.sha256(f"{__version__} {commit}".encode())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{folder.name}/{path.relative_to(folder)} {path.stat().st_size}\n"
            digest.update(name.encode())
            digest.update(path.read_bytes())
    _add_program(digest, _PROGRAM)
    return f"record-{digest.hexdigest()[:32]}"


def files_name(files: Iterable[Path], base: str) -> str:
    """Return the name under which the release of RDF files is kept: their contents and places.

    A relative IRI means another thing in another place. Raises OSError for a file that cannot be
    read.
    """
    digest = hashlib.sha256(f"{__version__} {base}".encode())
    for path in files:
        digest.update(f"{path.resolve()} {digest_of(path)}\n".encode())
    _add_program(digest, _PROGRAM / "rdf", _PROGRAM / "release")
    return f"rdf-{digest.hexdigest()[:32]}"


def state_of(files: Iterable[Path]) -> object:
    """Return what tells whether files have changed since: their sizes and times.

    Raises OSError for a file that is missing.
    """
    found = [(path, path.stat()) for path in sorted(files)]
    return [(path, stat.st_ino, stat.st_size, stat.st_mtime_ns) for path, stat in found]


def store_name(dataset: str, engine: str) -> str:
    """Return the name of the disk store of a dataset: by its SHA-256 and the engine's version."""
    return f"store-{dataset[:32]}-{engine}"


def _add_program(digest: "hashlib._Hash", *folders: Path) -> None:
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in _BUILDING):
            digest.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())


def _files(folder: Path) -> dict[str, list[int]]:
    """Return the size and the time (ns) of each file below a folder. Raises OSError without one."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return {
        path.relative_to(folder).as_posix(): [(stat := path.stat()).st_size, stat.st_mtime_ns]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextlib.contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    """Hold a lock on a folder during a block. Raises OSError where it cannot be had.

    It is waited for, if `kind` has not LOCK_NB.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _remove(entry: Path) -> bool:
    """Remove a folder that nobody uses; return whether it is gone."""
    # A server has a lock on the content that it uses, and who makes one on the whole.
    used = entry / _CONTENT
    try:
        if entry.name[0] == "." or not used.is_dir():
            used = entry
        with _locked(used, fcntl.LOCK_EX | fcntl.LOCK_NB):
            # By a name under which nobody looks for it, nor finds half of it.
            gone = (
                entry if entry.name[0] == "." else entry.with_name(f".{entry.name}.{os.getpid()}")
            )
            entry.rename(gone)
            shutil.rmtree(gone)
    except OSError:
        return False
    return True
