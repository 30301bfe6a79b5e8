"""What lies in a folder of releases, and what is known of all of them."""

import json
from pathlib import Path

from succession import lay, release, three

from app import versions
from app.manifest import Release
from app.release.folder import write
from app.server.shelf import Shelf

BASE = "https://w3id.org/dialogue/"


def old(folder: Path, name: str, date: str) -> Path:
    """Write a release from before there were versions of the record."""
    manifest = Release("0.1.0", "0" * 64, BASE, f"{BASE}dataset", date, "", 0)
    write({"dialogue.nq": b""}, manifest, folder / name)
    return folder / name


def test_releases_are_known_by_their_versions_the_newest_first(tmp_path: Path) -> None:
    folder = three(tmp_path)
    shelf = Shelf(folder)
    days = ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert list(shelf.releases().items()) == [(day, folder / day) for day in days]
    assert shelf.entries() == versions.read_list(folder)


def test_one_that_is_not_listed_is_known_all_the_same(tmp_path: Path) -> None:
    folder = three(tmp_path)
    listed = versions.read_list(folder)
    versions.write_list(folder, f"{BASE}dataset", [listed[0], listed[2]])
    shelf = Shelf(folder)
    assert list(shelf.releases()) == ["2026-01-03", "2026-01-02", "2026-01-01"]
    described = versions.described(folder / "2026-01-02")
    assert shelf.entries() == [listed[0], described, listed[2]]


def test_releases_from_before_versions_are_called_by_their_folders(tmp_path: Path) -> None:
    old(tmp_path, "a", "2026-01-01")
    old(tmp_path, "b", "2026-01-02")
    old(tmp_path, "no version", "2026-01-03")
    shelf = Shelf(tmp_path)
    assert list(shelf.releases()) == ["b", "a"]
    assert [entry.version for entry in shelf.entries()] == ["b", "a"]
    # Alone, nobody says that its folder is called by its version.
    assert Shelf(single=tmp_path / "b").releases() == {}


def test_a_single_release_is_all_that_there_is(tmp_path: Path) -> None:
    folder = three(tmp_path)
    shelf = Shelf(single=folder / "2026-01-02")
    assert shelf.releases() == {"2026-01-02": folder / "2026-01-02"}
    assert shelf.entries() == [versions.described(folder / "2026-01-02")]
    assert (Shelf().releases(), Shelf().entries()) == ({}, [])


def test_what_comes_is_seen_after_a_while(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    shelf = Shelf(folder, seconds=0)
    assert list(shelf.releases()) == ["2026-01-01"]
    patient = Shelf(folder, seconds=3600)
    assert list(patient.releases()) == ["2026-01-01"]
    release(record, folder, "2026-01-02")
    assert list(shelf.releases()) == ["2026-01-02", "2026-01-01"]
    assert list(patient.releases()) == ["2026-01-01"]


def test_one_that_is_not_whole_is_not_here(tmp_path: Path) -> None:
    folder = three(tmp_path)
    (folder / "2026-01-02/shapes.ttl").unlink()
    (folder / "2026-01-01/release.json").write_text(json.dumps({}))
    shelf = Shelf(folder)
    assert list(shelf.releases()) == ["2026-01-03"]
    assert [entry.version for entry in shelf.entries()] == [
        "2026-01-03",
        "2026-01-02",
        "2026-01-01",
    ]
