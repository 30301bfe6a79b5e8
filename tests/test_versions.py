"""The versions of a record, and the list of its releases: read back whole, damage told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app import versions
from app.errors import Fault
from app.versions import ReleaseEntry, ReleaseFile

FIRST = ReleaseEntry("2026-01-01", "2026-01-01", "a" * 64, 10, "c1", "0.1.0")
SECOND = ReleaseEntry(
    "2026-01-02",
    "2026-01-02",
    "b" * 64,
    12,
    "c2",
    "0.1.0",
    "2026-01-01",
    "from-2026-01-01.patch.gz",
    (ReleaseFile("dialogue.nq", 1234, "b" * 64),),
)
DATASET = "https://w3id.org/dialogue/dataset"


@pytest.mark.parametrize("text", ["2026-11-30", "2026-11-30.2+dirty", "1.0.0-rc.1", "a", "v_1"])
def test_what_can_be_a_version(text: str) -> None:
    assert versions.is_version(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a..b", "a/b", ".a", "a.", "a b", "é", "a" * 65])
def test_what_cannot(text: str) -> None:
    assert not versions.is_version(text)


def test_the_list_reads_back_whole(tmp_path: Path) -> None:
    versions.write_list(tmp_path, DATASET, [SECOND, FIRST])
    assert versions.read_list(tmp_path) == [SECOND, FIRST]
    assert [path.name for path in tmp_path.iterdir()] == ["releases.json"]
    assert json.loads((tmp_path / "releases.json").read_text()) == {
        "dataset": DATASET,
        "releases": [
            {
                "version": "2026-01-02",
                "date": "2026-01-02",
                "digest": "b" * 64,
                "quads": 12,
                "commit": "c2",
                "program": "0.1.0",
                "previous": "2026-01-01",
                "patch": "from-2026-01-01.patch.gz",
                "files": [{"name": "dialogue.nq", "bytes": 1234, "sha256": "b" * 64}],
            },
            {
                "version": "2026-01-01",
                "date": "2026-01-01",
                "digest": "a" * 64,
                "quads": 10,
                "commit": "c1",
                "program": "0.1.0",
                "previous": "",
                "patch": "",
                "files": [],
            },
        ],
    }


def test_a_list_from_a_later_program_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    versions.write_list(tmp_path, DATASET, [FIRST])
    file = tmp_path / "releases.json"
    listed = json.loads(file.read_text())
    listed["releases"][0]["mood"] = "good"
    file.write_text(json.dumps(listed))
    assert versions.read_list(tmp_path) == [FIRST]


def test_no_list_is_no_release(tmp_path: Path) -> None:
    assert versions.read_list(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"releases": [', "not a list of releases"),
        ("[]", "not a list of releases"),
        ('{"releases": [{"version": "1"}]}', "not a list of releases"),
        ('{"releases": [1]}', "not a list of releases"),
        ('{"releases": [ENTRY]}', "not a list of releases"),
        ('{"releases": [SAME, SAME]}', "it tells of one version twice"),
    ],
)
def test_a_damaged_list_is_told(tmp_path: Path, text: str, why: str) -> None:
    same = '{"version": "1", "date": "2026-01-01", "digest": "DIGEST", "quads": 1}'
    text = text.replace("SAME", same).replace("ENTRY", same.replace('"1"', '"../1"'))
    (tmp_path / "releases.json").write_text(text.replace("DIGEST", "a" * 64))
    with pytest.raises(Fault) as fault:
        versions.read_list(tmp_path)
    assert str(fault.value) == f"{tmp_path}/releases.json: damaged: {why}"


def test_the_newest_comes_first_and_the_last_of_a_day() -> None:
    same_day = ReleaseEntry("2026-01-02.2", "2026-01-02", "c" * 64, 12)
    assert versions.added(same_day, [SECOND, FIRST]) == [same_day, SECOND, FIRST]
    older = ReleaseEntry("0", "2025-01-01", "d" * 64, 1)
    assert versions.added(older, [SECOND, FIRST]) == [SECOND, FIRST, older]
    again = ReleaseEntry("2026-01-02", "2026-01-02", "e" * 64, 13)
    assert versions.added(again, [SECOND, FIRST]) == [again, FIRST]


def test_what_is_built_again_keeps_its_place_among_those_of_its_day() -> None:
    same_day = ReleaseEntry("2026-01-02.2", "2026-01-02", "c" * 64, 12)
    again = replace(SECOND, program="9.9.9")
    assert versions.added(again, [same_day, SECOND, FIRST]) == [same_day, again, FIRST]
    # Of another day, it goes where that day is.
    later = replace(SECOND, date="2026-01-03")
    assert versions.added(later, [same_day, SECOND, FIRST]) == [later, same_day, FIRST]


def test_which_release_was_before() -> None:
    listed = [SECOND, FIRST]
    assert versions.before("2026-01-03", "2026-01-03", listed) == SECOND
    assert versions.before("2026-01-02.2", "2026-01-02", listed) == SECOND
    # One that is built again was not before itself; one of an older day has only older ones.
    assert versions.before("2026-01-02", "2026-01-02", listed) == FIRST
    assert versions.before("2026-01-01.2", "2026-01-01", listed) == FIRST
    assert versions.before("2026-01-01", "2026-01-01", listed) is None
    assert versions.before("2026-01-03", "2026-01-03", []) is None


def test_which_release_of_its_day_one_is() -> None:
    listed = [SECOND, FIRST]
    assert versions.number_of_day("2026-01-03", "2026-01-03", listed) == 1
    assert versions.number_of_day("2026-01-02", "2026-01-02", listed) == 1
    assert versions.number_of_day("2026-01-02.2", "2026-01-02", listed) == 2
    # A record that counts otherwise has several of a day too.
    assert versions.number_of_day("2.1", "2026-01-02", listed) == 2
    assert versions.number_of_day("2026-01-02.4", "2026-01-02", []) == 4
    assert versions.number_of_day("2026-01-02.4+dirty", "2026-01-02", []) == 4
    assert versions.number_of_day("2026-01-02.4", "2026-01-03", []) == 1


def test_none_follows_a_release_of_changed_files() -> None:
    dirty = ReleaseEntry("2026-01-02+dirty", "2026-01-02", "c" * 64, 12)
    listed = [dirty, SECOND, dirty, FIRST]
    assert versions.earlier("2026-01-03", "2026-01-03", listed) == [SECOND, FIRST]
    assert versions.earlier("2026-01-02", "2026-01-02", listed) == [FIRST]
    assert versions.before("2026-01-03", "2026-01-03", [dirty]) is None
    # It may itself come after one that was committed.
    assert versions.before(dirty.version, dirty.date, listed) == SECOND
