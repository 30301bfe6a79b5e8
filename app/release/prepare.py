"""What is served, made ready: the release of a record or of any RDF, and its disk store.

`python -m app.release.prepare` does it in a process of its own, which may be killed, run out of
memory or crash in a parser without taking the server along. Its only argument is an object of
JSON; lines of JSON come out: `{"note": …}` for people, `{"doing": …, "share": …}` while it works,
and at the end `{"done": …}` or `{"fault": …}`.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from app import manifest, sandbox
from app.errors import Fault
from app.manifest import DATASET, VOID, Prepared
from app.record.layout import is_record, parts_of
from app.release.cache import Cache, files_name, record_name, state_of, store_name
from app.release.folder import move
from app.release.revision import commit

Note = Callable[[str], None]
Advance = Callable[[str, float], None]
BUILDING = "Building a release of the record; it is kept for the next time."
SERVED = "trig", "turtle", "context", "csv"
"""The formats of a release that is made to be served: the others take longer than a start may."""
LAST_RESORT = Path("/dev/shm")  # noqa: S108


def prepare(
    sources: Sequence[Path],
    base: str,
    cache: Cache,
    scratch: Path,
    *,
    note: Note = lambda text: None,
    advance: Advance = lambda doing, share: None,
) -> Prepared:
    """Return the release to serve: the one that is named, a kept one, or one that is made now.

    `sources` are one release, one record, or RDF. What cannot be kept goes to `scratch`, a folder
    that is the caller's to remove. Raises Fault for anything else, and for a release that is
    damaged.
    """
    if len(sources) == 1 and manifest.holds(sources[0]):
        return _release(sources[0], cache)
    if len(sources) == 1 and is_record(sources[0]):
        source: _Source = _Record(sources[0], note, advance)
    else:
        source = _Files(sources, base, advance)
    try:
        before = source.state()
        name = source.name()
        release = cache.find(name) or cache.keep(
            name, _unchanged(source, before), lambda made: move(made, scratch / "release")
        )
    except OSError:
        # What is wrong with a file is told by whoever reads it.
        release = None
    if release is None:
        return _found(_make_somewhere(source.make, scratch), None, cache)
    return _found(release, name if cache.has(release.resolve()) else None, cache)


class _Source(Protocol):
    """What a release is made of: its name in the cache, its state, and how to make it."""

    def name(self) -> str: ...

    def state(self) -> object: ...

    def make(self, folder: Path) -> None: ...


class _Record:
    def __init__(self, root: Path, note: Note, advance: Advance) -> None:
        self._root, self._note, self._advance = root, note, advance

    def name(self) -> str:
        return record_name(parts_of(self._root), commit(self._root))

    def state(self) -> object:
        return state_of(path for folder in parts_of(self._root) for path in folder.rglob("*"))

    def make(self, folder: Path) -> None:
        from app.record.record import read_record
        from app.release.build import build

        self._note(BUILDING)
        self._advance("Building the release", 0)
        build(read_record(self._root), folder, formats=SERVED)


class _Files:
    def __init__(self, sources: Sequence[Path], base: str, advance: Advance) -> None:
        from app.record.record import find

        self._files, self._base, self._advance = find([*sources]), base, advance

    def name(self) -> str:
        return files_name(self._files, self._base)

    def state(self) -> object:
        return state_of(self._files)

    def make(self, folder: Path) -> None:
        from app.release.bundle import bundle

        files = self._files
        doing = f"Reading {files[0].name if len(files) == 1 else f'{len(files)} files'}"
        bundle(files, self._base, folder, lambda share: self._advance(doing, share))


def _unchanged(source: _Source, before: object) -> Callable[[Path], None]:
    """Return what makes a release and refuses (OSError) one whose sources changed meanwhile."""

    def make(folder: Path) -> None:
        source.make(folder)
        if source.state() != before:
            raise OSError("the sources have changed")

    return make


def make_store(release: Path, cache: Cache) -> Path | None:
    """Return the disk store of a release, made if it is not kept; None where it cannot be."""
    name = _store_name(_digest(release))
    if found := cache.find(name):
        return found

    def make(folder: Path) -> None:
        import pyoxigraph as ox

        store = ox.Store(str(folder))
        store.bulk_load(path=str(release / DATASET), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
        del store

    return cache.keep(name, make)


def _release(folder: Path, cache: Cache) -> Prepared:
    if manifest.sums(folder) is not None:
        manifest.require_whole(folder)
    return _found(folder, None, cache)


def _found(release: Path, name: str | None, cache: Cache) -> Prepared:
    # The manifest of somebody else's release may say anything: only ours is believed.
    digest = _digest(release) if name is None else manifest.read(release).digest
    return Prepared(release, name, cache.find(_store_name(digest)))


def _store_name(digest: str) -> str:
    import pyoxigraph as ox

    return store_name(digest, ox.__version__)


def _digest(release: Path) -> str:
    try:
        return manifest.digest_of(release / DATASET)
    except OSError as error:
        raise Fault(f"{release}: {DATASET} cannot be read: {error.strerror}") from None


def _make_somewhere(make: Callable[[Path], None], scratch: Path) -> Path:
    """Make a release in `scratch`; where the disk is full, in memory, if the system lets us."""
    try:
        make(scratch / "release")
    except OSError as error:
        if not LAST_RESORT.is_dir():
            raise Fault(f"{scratch}: {error.strerror}") from None
        # Removed by whoever removes what this points at.
        inside = LAST_RESORT / scratch.name
        try:
            make(inside)
        except OSError:
            raise Fault(f"{scratch}: {error.strerror}") from None
        return inside
    return scratch / "release"


def describe(release: Path, cache: Cache, scratch: Path) -> None:
    """Write what a release of any RDF says of itself beside its dataset (VoID).

    A release that has its description, or is not ours to write into, stays as it is. Raises Fault
    where nothing can be written.
    """
    import pyoxigraph as ox

    from app.rdf import writer
    from app.rdf.parser import Syntax
    from app.rdf.prefixes import well_known
    from app.release import void

    is_kept = cache.has(release)
    if (release / VOID).is_file() or not (is_kept or release.is_relative_to(scratch)):
        return
    dataset = ox.parse(path=str(release / DATASET), format=ox.RdfFormat.N_QUADS)
    triples = void.of_any(manifest.read(release), dataset)
    names = well_known("dcat", "dcterms", "foaf", "owl", "rdfs", "void", "void-ext", "xsd")
    text = writer.write([ox.Quad(*triple) for triple in triples], names, Syntax.TURTLE)
    try:
        if is_kept:
            cache.add(release, VOID, text.encode())
        else:
            (release / VOID).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Fault(f"{release}: {error.strerror}") from None


def main() -> None:
    """Do what the argument asks for, and say how it went."""
    asked = json.loads(sys.argv[1])
    sandbox.die_with_parent()
    if os.getppid() != asked["parent"]:
        return  # The parent ended before the kernel knew that we go with it.
    sandbox.close_network()
    # What a prefix or an entity multiplies must not take the machine along.
    sandbox.limit_to_machine()
    cache = Cache(Path(asked["cache"]) if asked["cache"] else None, asked["size"])
    try:
        if "describe" in asked:
            os.nice(19)
            describe(Path(asked["describe"]), cache, Path(asked["scratch"]))
            _say({"done": {}})
            return
        if "store_of" in asked:
            os.nice(asked["nice"])
            made = make_store(Path(asked["store_of"]), cache)
            _say({"done": {"store": str(made) if made else None}})
            return
        if asked["forget"]:
            cache.forget(asked["forget"])
        found = prepare(
            [Path(source) for source in asked["sources"]],
            asked["base"],
            cache,
            Path(asked["scratch"]),
            note=lambda text: _say({"note": text}),
            advance=lambda doing, share: _say({"doing": doing, "share": round(share, 3)}),
        )
    except Fault as fault:
        _say({"fault": str(fault)})
    except MemoryError:
        _say({"fault": "there is not enough memory to read this"})
    else:
        store = str(found.store) if found.store else None
        _say({"done": {"release": str(found.release), "kept": found.kept, "store": store}})


def _say(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
