"""A release: complete, repeatable, and the same graph in every file."""

import hashlib
import os
import subprocess
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from small import lay

from app import manifest
from app.errors import Fault
from app.namespaces import BASE
from app.record import inference
from app.record.record import read_all, read_record
from app.release import build, cache

DAY = date(2026, 1, 2)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_release_has_every_file_and_its_checksum(tmp_path: Path) -> None:
    out = tmp_path / "out"
    release = build.build(read_record(lay(tmp_path / "in")), out, as_of=DAY)
    found = files(out)
    assert set(found) == {
        "SHA256SUMS",
        "dialogue.nq",
        "dialogue.trig",
        "dialogue.ttl",
        "ontology.ttl",
        "release.json",
        "rules/10-hosted.rq",
        "shapes.ttl",
        "void.ttl",
    }
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"].decode().splitlines())
    del found["SHA256SUMS"]
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    assert release.digest == sums["dialogue.nq"]
    assert manifest.read(out) == release


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    build.build(read_record(lay(tmp_path / "in")), first, as_of=DAY)
    build.build(read_record(lay(tmp_path / "elsewhere")), second, as_of=DAY)
    assert files(first) == files(second)


def test_every_file_reads_back_as_the_same_graph(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    out = tmp_path / "out"
    release = build.build(record, out, as_of=DAY)

    def quads(name: str, form: ox.RdfFormat) -> ox.Dataset:
        found = ox.Dataset(ox.parse(path=str(out / name), format=form))
        found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return found

    nquads = quads("dialogue.nq", ox.RdfFormat.N_QUADS)
    assert len(nquads) == release.quads
    assert nquads == quads("dialogue.trig", ox.RdfFormat.TRIG)
    default = ox.Dataset(q for q in nquads if q.graph_name == inference.DEFAULT)
    default.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert default == quads("dialogue.ttl", ox.RdfFormat.TURTLE)


def test_an_independent_reader_finds_as_many_triples(tmp_path: Path) -> None:
    out = tmp_path / "out"
    release = build.build(read_record(lay(tmp_path / "in")), out, as_of=DAY)
    dataset = rdflib.Dataset()
    dataset.parse(out / "dialogue.nq", format="nquads")
    assert len(list(dataset.quads())) == release.quads


def test_the_description_counts_what_is_held(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build.build(read_record(lay(tmp_path / "in")), out, as_of=DAY)
    void = rdflib.Graph().parse(out / "void.ttl")
    dataset = rdflib.URIRef(f"{BASE}dataset")
    counted = {
        str(p).rpartition("#")[2]: int(o)
        for p, o in void.predicate_objects(dataset)
        if getattr(o, "datatype", None) == rdflib.XSD.integer
    }
    held = inference.dataset(read_record(tmp_path / "in"))
    assert counted["triples"] == sum(q.graph_name == inference.DEFAULT for q in held)
    # conf:one, place:lisbon and two pieces of evidence are described.
    assert counted["entities"] == 4
    assert (dataset, rdflib.DCTERMS.modified, rdflib.Literal(DAY)) in void


def test_a_folder_with_other_things_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    with pytest.raises(Fault, match="holds something else than a release"):
        build.build(read_record(lay(tmp_path / "in")), tmp_path / "out", as_of=DAY)
    assert files(tmp_path / "out") == {"thesis.txt": b"years of work"}


def test_a_release_replaces_the_release_before_it(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "out", as_of=DAY)
    build.build(record, tmp_path / "out", as_of=date(2026, 1, 3))
    assert manifest.read(tmp_path / "out").date == "2026-01-03"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]


def test_the_day_of_a_release_is_the_day_of_its_commit(tmp_path: Path) -> None:
    root = lay(tmp_path)

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        command = ["git", "-C", str(root), *identity, *arguments]
        when = {"GIT_COMMITTER_DATE": "2020-02-03T12:00:00Z", "PATH": "/usr/bin:/bin"}
        subprocess.run(command, check=True, capture_output=True, env=when)

    assert build.commit(root) == ("", None)
    git("init")
    git("add", ".")
    git("commit", "--message", "A record")
    revision, day = build.commit(root)
    assert (len(revision), day) == (40, date(2020, 2, 3))
    (root / "data/dataset.ttl").write_text("changed", encoding="utf-8")
    assert build.commit(root) == (f"{revision}+changes", date(2020, 2, 3))


def test_any_rdf_becomes_a_release_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.trig"
    file.write_text("<http://e.org/g> { <http://e.org/a> <http://e.org/b> <http://e.org/c> . }")
    release = build.bundle(read_all([file]), BASE, tmp_path / "out")
    assert release.quads == 1
    assert (tmp_path / "out/dialogue.nq").read_text() == (
        "<http://e.org/a> <http://e.org/b> <http://e.org/c> <http://e.org/g> .\n"
    )


def test_a_damaged_release_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{}")
    with pytest.raises(Fault, match=r"release\.json is missing or damaged"):
        manifest.read(tmp_path)


def test_a_release_is_kept_until_something_of_it_changes(tmp_path: Path) -> None:
    root = lay(tmp_path)
    first = cache.kept(root)
    assert first
    assert first.parent == root / "build/served"
    assert cache.kept(root) == first
    file = root / "data/conferences/one.trig"
    file.write_text(file.read_text().replace("May 19", "May 20"))
    assert cache.kept(root) not in (first, None)


def test_only_the_newest_releases_are_kept(tmp_path: Path) -> None:
    for number in range(8):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        os.utime(folder, (number, number))
    (tmp_path / "9.half").mkdir()
    cache.forget(tmp_path / "7")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["3", "4", "5", "6", "7", "9.half"]
