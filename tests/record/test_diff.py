"""The difference between two states of a record: whole, and the same in every form."""

import subprocess
from pathlib import Path

import pytest
from small import CONFERENCE, lay

from app.errors import Fault
from app.record import diff
from app.record.record import read_record
from app.release import build

TEXT = """\
conf:one  (<https://w3id.org/dialogue/id/evidence/page.001>)
-     dlg:date "2015-05-19"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1>
+     dlg:date "2015-05-20"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1>
1 removed, 1 added
"""
PATCH = """\
TX .
D <https://w3id.org/dialogue/id/conference/one> <https://w3id.org/dialogue/ontology#date> \
"2015-05-19"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1> \
<https://w3id.org/dialogue/id/evidence/page.001> .
A <https://w3id.org/dialogue/id/conference/one> <https://w3id.org/dialogue/ontology#date> \
"2015-05-20"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1> \
<https://w3id.org/dialogue/id/evidence/page.001> .
TC .
"""


def changed(root: Path) -> Path:
    (lay(root) / "data/conferences/one.trig").write_text(
        CONFERENCE.replace('"2015-05-19"', '"2015-05-20"'), encoding="utf-8"
    )
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_changed_date_is_one_fact_removed_and_one_added(tmp_path: Path) -> None:
    old = diff.read(str(lay(tmp_path / "old")), tmp_path)
    new = diff.read(str(changed(tmp_path / "new")), tmp_path)
    difference = diff.between(old, new)
    prefixes = {**new.prefixes, "conf": "https://w3id.org/dialogue/id/conference/"}
    assert diff.text(difference, prefixes) == TEXT
    assert diff.patch(difference) == PATCH


def test_the_same_facts_in_another_order_are_no_difference(tmp_path: Path) -> None:
    old = diff.read(str(lay(tmp_path / "old")), tmp_path)
    file = lay(tmp_path / "new") / "data/dataset.ttl"
    file.write_text(
        file.read_text().replace("sh:declare [\n        sh:namespace", "sh:declare [ sh:namespace")
    )
    difference = diff.between(old, diff.read(str(tmp_path / "new"), tmp_path))
    assert not difference
    assert diff.text(difference, {}) == "0 removed, 0 added\n"


def test_a_revision_is_compared_with_what_lies_here(tmp_path: Path) -> None:
    root = lay(tmp_path)
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "--message", "A record")
    changed(root)
    difference = diff.between(diff.read("HEAD", root), diff.read(str(root), root))
    assert diff.patch(difference) == PATCH


def test_a_release_is_compared_with_what_follows_too(tmp_path: Path) -> None:
    build.build(read_record(lay(tmp_path / "old")), tmp_path / "release")
    old = diff.read(str(tmp_path / "release"), tmp_path)
    assert not diff.between(old, diff.read(str(tmp_path / "old"), tmp_path))
    difference = diff.between(old, diff.read(str(changed(tmp_path / "new")), tmp_path))
    # The date in its evidence and held; first and last day, in the graph of the rule and held, and
    # each alone in a graph of its own, of which four things are said: kind, rule, premise, stance.
    assert (len(difference.removed), len(difference.added)) == (16, 16)


def test_what_is_no_state_is_a_fault(tmp_path: Path) -> None:
    for name in ("nothing", "--output=x"):
        with pytest.raises(Fault, match=f"{name}: neither "):
            diff.read(name, tmp_path)
