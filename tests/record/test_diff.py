"""The difference between two states of a record: whole, and the same in every form."""

import subprocess
from pathlib import Path
from tarfile import TarFile

import pytest
from small import CONFERENCE, RULE, lay

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


def test_a_difference_is_a_page_that_needs_nothing_else_and_in_which_nothing_acts(
    tmp_path: Path,
) -> None:
    old = diff.read(str(lay(tmp_path / "old")), tmp_path)
    file = lay(tmp_path / "new") / "data/conferences/one.trig"
    file.write_text(CONFERENCE.replace('"2015-05-19"', '"<script>alert(1)</script>"'))
    difference = diff.between(old, diff.read(str(tmp_path / "new"), tmp_path))
    page = diff.page(difference, {**old.prefixes, "": ""}, ("<b>old</b>", "new"))
    body = page[page.index("<body>") :]
    assert body == (
        "<body>\n<main>\n<h1>From &lt;b&gt;old&lt;/b&gt; to new</h1>\n"
        "<p>1 removed, 1 added.</p>\n<section>\n"
        "<h2>&lt;https://w3id.org/dialogue/id/conference/one&gt; "
        "<span>in &lt;https://w3id.org/dialogue/id/evidence/page.001&gt;</span></h2>\n<ul>\n"
        "<li><del>dlg:date &#34;2015-05-19&#34;^^&lt;http://id.loc.gov/datatypes/edtf/"
        "EDTF-level1&gt;</del></li>\n"
        "<li><ins>dlg:date &#34;&lt;script&gt;alert(1)&lt;/script&gt;&#34;^^&lt;"
        "http://id.loc.gov/datatypes/edtf/EDTF-level1&gt;</ins></li>\n"
        "</ul>\n</section>\n</main>\n</body>\n</html>"
    )
    head = page[: page.index("<body>")]
    assert "<title>From &lt;b&gt;old&lt;/b&gt; to new</title>" in head
    assert not {"<script", "<link", "src=", "url(", "@import"} & {*head.split(), *body.split()}
    same = diff.page(diff.between(old, old), {}, ("a", "b"))
    assert "<p>0 removed, 0 added.</p>\n</main>" in same


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


def test_a_revision_before_the_record_is_what_its_files_say(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init")
    git(root, "commit", "--allow-empty", "--message", "Nothing yet")
    (root / "data").mkdir()
    (root / "data/loose.ttl").write_text("<https://example.org/s> <https://example.org/p> 1 .\n")
    git(root, "add", ".")
    git(root, "commit", "--message", "A file, and no description")
    nothing, loose = diff.read("HEAD~1", root), diff.read("HEAD", root)
    assert nothing.quads == frozenset()
    assert len(loose.quads) == 1
    lay(root)
    here = diff.read(str(root), root)
    # The loose file lies there still, so nothing of it is gone.
    assert not diff.between(loose, here).removed
    assert len(diff.between(nothing, here).added) == len(here.quads)


def test_a_revision_may_have_rules_and_no_rdf(tmp_path: Path) -> None:
    rule = tmp_path / "ontology/rules/10-hosted.rq"
    rule.parent.mkdir(parents=True)
    rule.write_text(RULE)
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "A rule alone")
    assert diff.read("HEAD", tmp_path).quads == frozenset()


@pytest.mark.parametrize("old", [False, True], ids=["this Python", "Python before 3.11.4"])
def test_a_revision_with_a_link_that_leads_out_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    if old:
        plain = TarFile.extract
        monkeypatch.delattr("tarfile.data_filter")
        monkeypatch.delattr("tarfile.TarFile.extractall")
        # Its own way, which newer ones take only when they are told to.
        monkeypatch.setattr(TarFile, "extraction_filter", staticmethod(lambda member, _: member))
        monkeypatch.setattr(TarFile, "extract", lambda self, one, path: plain(self, one, path))
    root = lay(tmp_path / "root")
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "--message", "A record")
    here = diff.read(str(root), root)
    assert not diff.between(diff.read("HEAD", root), here)
    (root / "data/out.ttl").symlink_to(tmp_path / "out.ttl")
    git(root, "add", ".")
    git(root, "commit", "--message", "A way out")
    with pytest.raises(Fault, match=r"^HEAD: 'data/out\.ttl'"):
        diff.read("HEAD", root)


def test_a_revision_beyond_a_shallow_clone_is_told(tmp_path: Path) -> None:
    root = lay(tmp_path / "root")
    git(root, "init")
    for message in ("One", "Two"):
        git(root, "add", ".")
        git(root, "commit", "--allow-empty", "--message", message)
    command = ["git", "clone", "--depth", "1", root.as_uri(), str(tmp_path / "clone")]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(Fault, match=r"HEAD~1: not in this clone, .*“git fetch --unshallow”"):
        diff.read("HEAD~1", tmp_path / "clone")
    with pytest.raises(Fault, match="HEAD~2: neither a release"):
        diff.read("HEAD~2", root)


def test_one_changed_name_is_two_lines_whatever_is_anonymous(tmp_path: Path) -> None:
    def named(name: str) -> diff.State:
        root = lay(tmp_path / name)
        makers = "".join(
            f"<https://example.org/{i}> <https://example.org/by> [ a <https://example.org/Maker> ; "
            f'<https://example.org/name> "{name if i == 3 else i}" ] .\n'
            for i in range(20)
        )
        (root / "data/makers.ttl").write_text(makers)
        return diff.read(str(root), root)

    difference = diff.between(named("Ana"), named("Rui"))
    # The link, the class and the name of one of twenty.
    assert (len(difference.removed), len(difference.added)) == (3, 3)
