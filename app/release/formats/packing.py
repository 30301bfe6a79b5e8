"""Every file of RDF, packed beside itself, so that nobody packs it when it is asked for."""

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BufferedIOBase
from pathlib import Path

from app.manifest import CATALOGUE
from app.rdf.formats import GZIP_SUFFIX, is_rdf_file
from app.release.material import Advance, Material, Writer

_LEVEL = 9
_BLOCK = 1 << 20
# Who compresses needs no interpreter meanwhile.
_AT_ONCE = 2


def pack(path: Path) -> Path:
    """Write a file compressed by gzip beside it, and return that: the same bytes at any time.

    The header has neither a name nor a time (RFC 1952, 2.3.1).
    """
    packed = path.with_name(path.name + GZIP_SUFFIX)
    with (
        path.open("rb") as plain,
        packed.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file,
    ):
        shutil.copyfileobj(plain, file, _BLOCK)
    return packed


def _files(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    # The catalogue is written after this: it tells of the packed files.
    return [path for path in paths if is_rdf_file(path.name) and path.name != CATALOGUE]


def _write(material: Material, advance: Advance) -> None:
    paths = _files(material.folder)
    # The largest first, so that none is waited for alone in the end.
    paths.sort(key=lambda path: -path.stat().st_size)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, _ in enumerate(pool.map(pack, paths)):
            advance((number + 1) / len(paths))


def _differences(material: Material) -> Iterator[str]:
    for path in _files(material.folder):
        packed = path.with_name(path.name + GZIP_SUFFIX)
        name = packed.relative_to(material.folder)
        try:
            with path.open("rb") as plain, gzip.open(packed, "rb") as file:
                if _digest(plain) != _digest(file):
                    yield f"{name}: holds something else than {path.name}"
        except (OSError, EOFError):
            yield f"{name}: cannot be read"


def _digest(file: BufferedIOBase) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


WRITER = Writer("gzip", (), _write, of_files=True, differences=_differences)
