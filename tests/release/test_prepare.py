"""What is made ready: kept where it can be, made elsewhere where it cannot, refused where wrong."""

import os
import shutil
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from small import lay

from app.errors import Fault
from app.namespaces import RDF, RDFS, VOID
from app.record.record import read_record
from app.release import build
from app.release.cache import Cache
from app.release.prepare import BUILDING, LAST_RESORT, describe, make_store, prepare

BASE = "https://example.org/"


def test_what_changes_while_it_is_read_is_not_kept_under_its_old_name(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    file.write_text("<x:a> <x:b> <x:c> .\n")
    cache = Cache(tmp_path / "cache", 10**6)

    def change(doing: str, share: float) -> None:
        assert doing == "Reading a.nt"
        file.write_text("<x:a> <x:b> <x:d> .\n")

    found = prepare([file], BASE, cache, tmp_path / "scratch", advance=change)
    assert (found.release, found.kept) == (tmp_path / "scratch/release", None)
    assert list((tmp_path / "cache").iterdir()) == []
    # At rest it is kept.
    found = prepare([file], BASE, cache, tmp_path / "scratch")
    assert found.kept
    assert (found.release / "dialogue.nq").read_text() == "<x:a> <x:b> <x:d> .\n"


@pytest.mark.skipif(not LAST_RESORT.is_dir(), reason="this system has no folder in memory")
def test_where_no_disk_has_room_memory_has(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    file.write_text("<x:a> <x:b> <x:c> .\n")
    scratch = file / f"dialogue-{os.getpid()}-{time.time_ns()}"
    found = prepare([file], BASE, Cache(None, 0), scratch)
    try:
        assert found.release == LAST_RESORT / scratch.name
        assert (found.release / "dialogue.nq").read_text() == "<x:a> <x:b> <x:c> .\n"
    finally:
        shutil.rmtree(found.release)


def test_a_record_is_built_once_and_said_so(tmp_path: Path) -> None:
    root = tmp_path / "record"
    lay(root)
    cache, notes = Cache(tmp_path / "cache", 10**8), list[str]()
    first = prepare([root], BASE, cache, tmp_path / "scratch", note=notes.append)
    assert prepare([root], BASE, cache, tmp_path / "scratch", note=notes.append) == first
    assert notes == [BUILDING]
    assert not (tmp_path / "scratch").exists()


def test_what_is_too_large_to_be_kept_is_made_once(tmp_path: Path) -> None:
    root, scratch = lay(tmp_path / "record"), tmp_path / "scratch"
    notes: list[str] = []
    for _ in range(2):
        found = prepare([root], BASE, Cache(tmp_path / "cache", 100), scratch, note=notes.append)
        assert (found.release, found.kept) == (scratch / "release", None)
        assert (found.release / "dialogue.nq").is_file()
        assert [path.name for path in scratch.iterdir()] == ["release"]
    assert notes == [BUILDING] * 2
    assert list((tmp_path / "cache").iterdir()) == []
    # What has room is kept.
    assert prepare([root], BASE, Cache(tmp_path / "cache", 10**8), scratch).kept


def test_properties_in_no_vocabulary_are_described_without_one(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    executable = "<http://www.w3.org/ns/shacl#SPARQLExecutable>"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    file.write_text(
        "<x:a> <urn:ex:p> <x:c> .\n<x:a> <http://e.org/p> 'text' .\n".replace("'", '"')
        + f"<urn:ex:q> {kind} {executable} .\n<http://e.org/q/1> {kind} {executable} .\n"
    )
    cache = Cache(tmp_path / "cache", 10**6)
    release = prepare([file], BASE, cache, tmp_path / "scratch").release
    describe(release, cache, tmp_path / "scratch")
    told = [*ox.parse(path=str(release / "void.ttl"), format=ox.RdfFormat.TURTLE)]
    spaces = {q.object.value for q in told if q.predicate == VOID.vocabulary}
    assert spaces == {"http://e.org/", str(RDF)}
    members = {(q.subject.value, q.object.value) for q in told if q.predicate == RDFS.member}
    assert members == {("http://e.org/q/", "http://e.org/q/1")}


def test_a_release_is_served_where_it_lies_if_it_is_whole(tmp_path: Path) -> None:
    build.build(read_record(lay(tmp_path / "record")), tmp_path / "out")
    cache = Cache(tmp_path / "cache", 10**8)
    found = prepare([tmp_path / "out"], BASE, cache, tmp_path / "scratch")
    assert (found.release, found.kept, found.store) == (tmp_path / "out", None, None)
    (tmp_path / "out/void.ttl").write_text("")
    with pytest.raises(Fault, match=r"damaged: void\.ttl is not what SHA256SUMS says"):
        prepare([tmp_path / "out"], BASE, cache, tmp_path / "scratch")
    (tmp_path / "out/dialogue.nq").unlink()
    with pytest.raises(Fault, match=r"not whole: dialogue\.nq: No such file"):
        prepare([tmp_path / "out"], BASE, cache, tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_the_store_of_a_release_holds_what_it_holds_and_is_found_by_its_content(
    tmp_path: Path,
) -> None:
    build.build(read_record(lay(tmp_path / "record")), tmp_path / "out")
    cache = Cache(tmp_path / "cache", 10**8)
    store = make_store(tmp_path / "out", cache)
    assert store
    assert make_store(tmp_path / "out", cache) == store
    assert prepare([tmp_path / "out"], BASE, cache, tmp_path / "scratch").store == store
    content = (tmp_path / "out/dialogue.nq").read_text()
    without = {line for line in content.splitlines() if "_:" not in line}
    stored = {f"{quad} ." for quad in ox.Store.read_only(str(store))}
    assert without <= stored
    assert len(stored) == content.count("\n")
    assert make_store(tmp_path / "out", Cache(None, 0)) is None
