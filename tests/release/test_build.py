"""A release: complete, repeatable, and the same graph in every file."""

import doctest
import hashlib
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
from app.record.record import read_record
from app.release import build
from app.release.history.version import History
from app.versions import ReleaseEntry

DAY = date(2026, 1, 2)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_release_has_every_file_and_its_checksum(tmp_path: Path) -> None:
    out = tmp_path / "out"
    chosen = ["trig", "turtle", "csv"]
    release = build.build(read_record(lay(tmp_path / "in")), out, as_of=DAY, formats=chosen)
    found = files(out)
    assert set(found) == {
        "CHANGES.md",
        "SHA256SUMS",
        "changes.json",
        "columns.json",
        "dialogue.nq",
        "dialogue.trig",
        "dialogue.ttl",
        "dictionary.csv",
        "dictionary.json",
        "feed.atom",
        "ontology.ttl",
        "release.json",
        "rules/10-hosted.rq",
        "shapes.ttl",
        "tables/Conference.csv",
        "tables/dlg_Evidence.csv",
        "tables/evidence.csv",
        "tables/tables.json",
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


def test_what_was_there_returns_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "out", as_of=DAY)
    before, rename = files(tmp_path / "out"), Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if (self / "release.json").is_file() and Path(target).name == "out":
            monkeypatch.undo()
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.build(record, tmp_path / "out", as_of=date(2026, 1, 3))
    assert files(tmp_path / "out") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]


def test_a_link_leads_to_the_release_that_is_replaced(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "real", as_of=DAY)
    (tmp_path / "out").symlink_to("real")
    build.build(record, tmp_path / "out", as_of=date(2026, 1, 3))
    assert (tmp_path / "out").is_symlink()
    assert manifest.read(tmp_path / "real").date == "2026-01-03"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out", "real"]


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


def versions_of(out: Path) -> set[tuple[str, str, str]]:
    """Return what a release says of versions: in words that are no IRIs of standards."""
    named = {"version", "hasVersion", "previousVersion", "hasCurrentVersion", "status", "issued"}
    return {
        (str(s).removeprefix(BASE), str(p).rpartition("#")[2].rpartition("/")[2], str(o))
        for s, p, o in rdflib.Graph().parse(out / "void.ttl")
        if str(p).rpartition("#")[2].rpartition("/")[2] in named
    }


def test_the_description_says_which_version_this_is_and_which_were_before(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    build.build(record, tmp_path / "out", as_of=DAY, version="2")
    part = f"{BASE}dataset#version-"
    completed = "http://purl.org/adms/status/Completed"
    assert versions_of(tmp_path / "out") == {
        ("dataset", "version", "2"),
        ("dataset", "hasVersion", f"{part}2"),
        ("dataset", "hasCurrentVersion", f"{part}2"),
        ("dataset", "status", completed),
        ("dataset#version-2", "version", "2"),
        ("dataset#version-2", "issued", "2026-01-02"),
    }
    earlier = [ReleaseEntry("1", "2026-01-01", "a" * 64, 1), ReleaseEntry("0", "2025", "b" * 64, 1)]
    known = History(earlier, tmp_path / "nowhere")
    build.build(record, tmp_path / "next", as_of=DAY, version="3+dirty", history=known)
    assert versions_of(tmp_path / "next") == {
        ("dataset", "version", "3+dirty"),
        ("dataset", "hasVersion", f"{part}3+dirty"),
        ("dataset", "hasVersion", f"{part}1"),
        ("dataset", "hasVersion", f"{part}0"),
        ("dataset", "hasCurrentVersion", f"{part}3+dirty"),
        ("dataset", "previousVersion", f"{part}1"),
        ("dataset", "status", completed.replace("Completed", "UnderDevelopment")),
        ("dataset#version-3+dirty", "version", "3+dirty"),
        ("dataset#version-3+dirty", "issued", "2026-01-02"),
        ("dataset#version-1", "version", "1"),
        ("dataset#version-1", "issued", "2026-01-01"),
        ("dataset#version-0", "version", "0"),
        ("dataset#version-0", "issued", "2025"),
    }
    # Of a release that does not lie here nothing can be told.
    assert not {"CHANGES.md", "feed.atom"} & set(files(tmp_path / "next"))


def test_a_second_release_of_a_day_is_told_from_the_first(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    first = build.build(record, tmp_path / "1", as_of=DAY, version="1", formats=[])
    known = History([ReleaseEntry("1", "2026-01-02", first.digest, 1)])
    second = build.build(record, tmp_path / "2", as_of=DAY, version="2", formats=[], history=known)
    assert (first.of_day, second.of_day) == (1, 2)
    assert manifest.read(tmp_path / "2") == second


def test_a_version_never_changes(tmp_path: Path) -> None:
    record = read_record(lay(tmp_path / "in"))
    released = build.build(record, tmp_path / "out", as_of=DAY, version="1")
    known = History([ReleaseEntry("1", "2026-01-02", released.digest, 1)])
    assert (
        build.build(record, tmp_path / "again", version="1", as_of=DAY, history=known) == released
    )
    other = History([ReleaseEntry("1", "2026-01-02", "b" * 64, 1)])
    with pytest.raises(
        Fault, match=r"1 is released already, and is bbbbbbbbbbbb in releases\.json"
    ):
        build.build(record, tmp_path / "no", version="1", as_of=DAY, history=other)
    assert not (tmp_path / "no").exists()


def test_a_damaged_release_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{}")
    with pytest.raises(Fault, match=r"release\.json is missing or damaged"):
        manifest.read(tmp_path)


def test_the_examples_of_what_is_common_to_both_halves_hold() -> None:
    assert doctest.testmod(manifest) == (0, 1)
