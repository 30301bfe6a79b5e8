"""Which version a release has: the dataset's own, else the day of its commit."""

from datetime import date
from pathlib import Path

import pytest
import small
from succession import lay, release, three

from app import __version__, versions
from app.errors import Fault
from app.record.record import Record, read_record
from app.release.history.version import decide, history, written
from app.versions import ReleaseEntry

DAY = date(2026, 11, 30)
COMMIT = ("c" * 40, DAY)
CHANGED = ("c" * 40 + "+changes", DAY)
UNKNOWN = ("", None)


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return read_record(small.lay(tmp_path))


def entry(version: str, commit: str = "d" * 40, program: str = __version__) -> ReleaseEntry:
    return ReleaseEntry(version, "2026-11-30", "a" * 64, 1, commit, program)


def versioned(root: Path, *values: str) -> Record:
    file = small.lay(root) / "data/dataset.ttl"
    said = "".join(f'    <http://www.w3.org/ns/dcat#version> "{one}" ;\n' for one in values)
    file.write_text(
        file.read_text().replace("    a void:Dataset ;\n", f"    a void:Dataset ;\n{said}")
    )
    return read_record(root)


def test_it_is_the_day_of_the_commit(record: Record) -> None:
    assert decide(record, COMMIT) == "2026-11-30"
    assert decide(record, COMMIT, as_of=date(2026, 12, 1)) == "2026-12-01"
    assert decide(record, UNKNOWN, as_of=date(2026, 12, 1)) == "2026-12-01"


def test_another_release_of_a_day_has_a_number(record: Record) -> None:
    assert decide(record, COMMIT, [entry("2026-11-29")]) == "2026-11-30"
    assert decide(record, COMMIT, [entry("2026-11-30")]) == "2026-11-30.2"
    taken = [entry("2026-11-30.2"), entry("2026-11-30")]
    assert decide(record, COMMIT, taken) == "2026-11-30.3"


def test_the_same_commit_is_the_same_release(record: Record) -> None:
    assert decide(record, COMMIT, [entry("2026-11-30", COMMIT[0])]) == "2026-11-30"
    # But not by another program, which may write it otherwise.
    by_another = [entry("2026-11-30", COMMIT[0], "0.0.9")]
    assert decide(record, COMMIT, by_another) == "2026-11-30.2"


def test_a_changed_tree_is_told(record: Record) -> None:
    assert decide(record, CHANGED) == "2026-11-30+dirty"
    assert decide(record, CHANGED, [entry("2026-11-30")]) == "2026-11-30+dirty"
    # Nobody knows whether two of them are the same.
    taken = [entry("2026-11-30+dirty", CHANGED[0])]
    assert decide(record, CHANGED, taken) == "2026-11-30.2+dirty"


def test_the_dataset_may_say_it(tmp_path: Path) -> None:
    record = versioned(tmp_path, "2.1")
    assert written(record) == "2.1"
    assert decide(record, COMMIT) == decide(record, UNKNOWN) == "2.1"
    assert decide(record, CHANGED) == "2.1+dirty"
    assert decide(record, COMMIT, named="2.1") == "2.1"
    with pytest.raises(Fault, match=r"the dataset has dcat:version “2\.1”, not “2\.2”"):
        decide(record, COMMIT, named="2.2")
    with pytest.raises(Fault, match=r"2\.1 is released already, from another state"):
        decide(record, COMMIT, [entry("2.1")])
    assert decide(record, COMMIT, [entry("2.1", COMMIT[0])]) == "2.1"


def test_two_versions_or_none_that_can_be_one_are_faults(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"the dataset has several versions: 1, 2"):
        written(versioned(tmp_path / "two", "1", "2"))
    with pytest.raises(Fault, match="“a/b” cannot be a version"):
        written(versioned(tmp_path / "odd", "a/b"))


def test_somebody_may_name_it(record: Record) -> None:
    assert decide(record, UNKNOWN, named="first") == decide(record, CHANGED, named="first")
    with pytest.raises(Fault, match=r"“\.\./up” cannot be a version"):
        decide(record, COMMIT, named="../up")
    with pytest.raises(Fault, match="first is released already"):
        decide(record, COMMIT, [entry("first")], named="first")


def test_where_nothing_tells_it_somebody_is_asked(record: Record) -> None:
    with pytest.raises(Fault) as fault:
        decide(record, UNKNOWN)
    assert str(fault.value) == (
        f"{record.root}: git knows no commit and the dataset has no dcat:version, so that nothing "
        "tells the version: name it with --release"
    )


def test_what_was_released_is_known_from_the_list_or_from_one_release(tmp_path: Path) -> None:
    folder = three(tmp_path)
    known = history(folder)
    assert [one.version for one in known.entries] == ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert known.path(known.entries[1]) == folder / "2026-01-02"
    alone = history(folder / "2026-01-02")
    assert [one.version for one in alone.entries] == ["2026-01-02"]
    assert alone.path(alone.entries[0]) == folder / "2026-01-02"
    with pytest.raises(Fault, match=r"neither a release nor a folder with releases\.json"):
        history(tmp_path / "record")


def test_a_release_that_lies_elsewhere_has_no_path_and_another_one_is_a_fault(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "releases"
    release(lay(tmp_path / "record"), folder, "2026-01-01")
    (one,) = versions.read_list(folder)
    (folder / "2026-01-01").rename(tmp_path / "away")
    assert history(folder).path(one) is None
    other = small.lay(tmp_path / "other")
    release(other, tmp_path / "others", "2026-01-01")
    (tmp_path / "others/2026-01-01").rename(folder / "2026-01-01")
    with pytest.raises(Fault, match=r"another release than releases\.json tells of"):
        history(folder).path(one)
