"""What was found before is passed over; what is new is not."""

import json
from pathlib import Path

import pytest

from .test_check import DATA, RUN, SHAPES, check, folder  # noqa: F401


@pytest.fixture
def known(folder: Path) -> Path:  # noqa: F811
    """The same folder with a report of what is found in it."""
    (folder / "known.json").write_text(check(folder, "data.ttl", "--format", "json")[1])
    return folder


def test_what_is_known_passes_wherever_it_has_moved(known: Path) -> None:
    (known / "data.ttl").write_text("# Moved by a line.\n" + DATA)
    assert check(known, "data.ttl", "--baseline", "known.json") == (
        0,
        f"Nothing found: {RUN}",
        "2 known findings passed over (known.json)\n",
    )


def test_what_is_new_fails_and_is_shown_alone(known: Path) -> None:
    (known / "data.ttl").write_text(
        DATA + "\n<https://example.org/flies> a <http://www.w3.org/ns/dcat#Dataset> .\n"
    )
    code, out, _ = check(known, "data.ttl", "--baseline", "known.json")
    assert (code, out.count("violation:")) == (1, 1)
    assert out.startswith("data.ttl:12:1: violation: A dataset has a title.\n")


def test_an_empty_file_knows_nothing_so_that_a_check_may_write_its_own_baseline(
    known: Path,
) -> None:
    (known / "dialogue.toml").write_text('baseline = "new.json"\n')
    (known / "new.json").write_text("")
    code, out, _ = check(known, "data.ttl", "--format", "json")
    assert (code, out) == (1, (known / "known.json").read_text())


def test_a_known_fault_of_the_shapes_is_a_note_and_a_new_one_is_a_fault(known: Path) -> None:
    faulty = SHAPES.replace("sh:minCount 1", "sh:minCount 1 ; sh:shape ex:Dataset")
    (known / "shapes.ttl").write_text(faulty, encoding="utf-8")
    code, out, _ = check(known, "data.ttl", "--format", "json")
    (fault,) = json.loads(out)["faults"]
    assert (code, fault["places"][0]["path"]) == (2, "shapes.ttl")
    assert check(known, "data.ttl", "--baseline", "known.json")[0] == 2
    (known / "faulty.json").write_text(out)
    code, out, _ = check(known, "data.ttl", "--baseline", "faulty.json")
    assert code == 0
    assert "note: 1 known fault in the shapes passed over: they are not run whole.\n" in out
