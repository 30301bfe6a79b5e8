"""`dialogue build` of releases: where each goes, which version it has, what it is built from."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import versions

ROOT = Path(__file__).resolve().parents[2]
DAYS = {"first": "2030-01-01", "second": "2030-01-02"}


def dialogue(*arguments: str | Path, cwd: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def git(root: Path, *arguments: str, day: str = "2030-01-01") -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    when = {**os.environ, "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=when).stdout


def commit(root: Path, message: str) -> None:
    git(root, "add", ".", day=DAYS[message])
    git(root, "commit", "--message", message, day=DAYS[message])


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of two commits, of which the second changes a name."""
    folder = tmp_path_factory.mktemp("build")
    options = ("--base", "https://example.org/new/", "--languages", "en")
    assert dialogue("init", "record", *options, cwd=folder)[0] == 0
    root = folder / "record"
    git(root, "init")
    commit(root, "first")
    file = root / "data/places/example-country.trig"
    file.write_text(file.read_text().replace('"First Example State"', '"Another name"'))
    commit(root, "second")
    return root


def digest(folder: Path) -> str:
    return str(json.loads((folder / "release.json").read_text())["digest"])


def known(folder: Path) -> list[tuple[str, str, str]]:
    """Return what a list tells of each release: version, previous, patch."""
    listed = json.loads((folder / "releases.json").read_text())["releases"]
    return [(one["version"], one["previous"], one["patch"]) for one in listed]


def test_releases_follow_each_other_into_a_folder(record: Path, tmp_path: Path) -> None:
    code, out, err = dialogue("build", "--into", tmp_path, "--at", "HEAD~1", cwd=record)
    assert (code, err) == (0, "")
    assert out.startswith(f"{tmp_path}/2030-01-01: ")
    assert out.endswith(", 2030-01-01\n")
    assert known(tmp_path) == [("2030-01-01", "", "")]
    code, out, err = dialogue("build", "--into", tmp_path, cwd=record)
    assert (code, err) == (0, "")
    assert out.startswith(f"{tmp_path}/2030-01-02: ")
    assert known(tmp_path) == [
        ("2030-01-02", "2030-01-01", "from-2030-01-01.patch.gz"),
        ("2030-01-01", "", ""),
    ]
    notes = (tmp_path / "2030-01-02/CHANGES.md").read_text()
    assert "Another name" in notes
    assert ": 1 changed.\n" in notes
    # The same commit again is the same release: nothing has changed.
    listed, files = (tmp_path / "releases.json").read_bytes(), digest(tmp_path / "2030-01-02")
    assert dialogue("build", "--into", tmp_path, cwd=record)[0] == 0
    assert (tmp_path / "releases.json").read_bytes() == listed
    assert digest(tmp_path / "2030-01-02") == files
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "2030-01-01",
        "2030-01-02",
        "releases.json",
    ]


def test_a_clone_of_one_commit_knows_what_was_before_it(record: Path, tmp_path: Path) -> None:
    folder, clone = tmp_path / "releases", tmp_path / "clone"
    assert dialogue("build", "--into", folder, "--at", "HEAD~1", cwd=record)[0] == 0
    command = ["git", "clone", "--depth", "1", record.as_uri(), str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    assert dialogue("build", "--into", folder, cwd=clone)[0] == 0
    assert known(folder)[0] == ("2030-01-02", "2030-01-01", "from-2030-01-01.patch.gz")
    code, out, err = dialogue("build", "--at", "HEAD~1", "--out", tmp_path / "x", cwd=clone)
    assert (code, out) == (2, "")
    assert "HEAD~1: not in this clone" in err


def test_beside_the_list_a_release_is_called_by_its_version(record: Path, tmp_path: Path) -> None:
    assert dialogue("build", "--into", tmp_path, "--at", "HEAD~1", cwd=record)[0] == 0
    code, out, err = dialogue("build", "--out", tmp_path / "new", cwd=record)
    assert (code, out) == (2, "")
    assert err == (
        f"dialogue: {tmp_path}/new: beside releases.json a release is called by its version, "
        f"2030-01-02: write --into {tmp_path}\n"
    )
    assert dialogue("build", "--out", tmp_path / "2030-01-02", cwd=record)[0] == 0
    assert [version for version, _, _ in known(tmp_path)] == ["2030-01-02", "2030-01-01"]


def test_the_release_before_may_be_named_and_may_lie_elsewhere(
    record: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "releases"
    assert dialogue("build", "--into", folder, "--at", "HEAD~1", cwd=record)[0] == 0
    named = tmp_path / "named"
    for previous in (folder, folder / "2030-01-01"):
        code, _, err = dialogue("build", "--out", named, "--previous", previous, cwd=record)
        assert (code, err) == (0, "")
        assert (named / "from-2030-01-01.patch.gz").is_file()
    assert known(folder) == [("2030-01-01", "", "")]
    (folder / "2030-01-01").rename(tmp_path / "away")
    code, _, err = dialogue("build", "--into", folder, cwd=record)
    assert (code, err) == (
        0,
        "2030-01-01, the release before, does not lie here: no patch, no changes.\n",
    )
    assert known(folder) == [("2030-01-02", "2030-01-01", ""), ("2030-01-01", "", "")]


@contextmanager
def changed(record: Path) -> Iterator[None]:
    """Have a file of a record changed since its commit, for a while."""
    file = record / "data/places/example-country.trig"
    text = file.read_text()
    file.write_text(text.replace('"Another name"', '"A third name"'))
    try:
        yield
    finally:
        file.write_text(text)


def test_a_changed_tree_is_told_and_a_version_may_be_named(record: Path, tmp_path: Path) -> None:
    with changed(record):
        code, out, err = dialogue("build", "--out", tmp_path / "dirty", cwd=record)
        assert (code, out.endswith(", 2030-01-02+dirty\n")) == (0, True), err
        code, out, _ = dialogue(
            "build", "--out", tmp_path / "named", "--release", "rc-1", cwd=record
        )
        assert (code, out.endswith(", rc-1\n")) == (0, True)


def test_a_changed_tree_is_listed_under_a_name_of_its_own_alone(
    record: Path, tmp_path: Path
) -> None:
    refusal = (
        "dialogue: 2030-01-02+dirty: files were changed since the commit, and what is listed "
        "stays: commit them, look at it with --out elsewhere, or name it with --release\n"
    )
    folder = tmp_path / "releases"
    with changed(record):
        assert dialogue("build", "--into", folder, cwd=record) == (2, "", refusal)
        assert not folder.exists()
        # A revision is as it was committed, whatever lies here.
        assert dialogue("build", "--into", folder, "--at", "HEAD~1", cwd=record)[0] == 0
        for target in (folder / "2030-01-02+dirty", folder / "new"):
            assert dialogue("build", "--out", target, cwd=record) == (2, "", refusal)
        assert known(folder) == [("2030-01-01", "", "")]
        named = ("--release", "rc-1", "--as-of", "2030-01-02")
        code, _, err = dialogue("build", "--into", folder, *named, cwd=record)
        assert (code, err) == (0, "")
    assert known(folder)[0] == ("rc-1", "2030-01-01", "from-2030-01-01.patch.gz")


def test_no_release_follows_one_of_changed_files(record: Path, tmp_path: Path) -> None:
    folder, dirty = tmp_path / "releases", "2030-01-02+dirty"
    assert dialogue("build", "--into", folder, "--at", "HEAD~1", cwd=record)[0] == 0
    with changed(record):
        dated = ("--as-of", "2030-01-02")
        assert dialogue("build", "--out", tmp_path / dirty, *dated, cwd=record)[0] == 0
    # As a list has it that an earlier program wrote.
    (tmp_path / dirty).rename(folder / dirty)
    listed = versions.added(versions.described(folder / dirty), versions.read_list(folder))
    versions.write_list(folder, "https://example.org/new/dataset", listed)
    assert dialogue("build", "--into", folder, cwd=record)[0] == 0
    assert known(folder)[0] == ("2030-01-02", "2030-01-01", "from-2030-01-01.patch.gz")
    assert [version for version, _, _ in known(folder)] == ["2030-01-02", dirty, "2030-01-01"]
    notes = (folder / "2030-01-02/CHANGES.md").read_text()
    assert "\n2030-01-02, since 2030-01-01: 1 changed.\n" in notes
    for name in ("void.ttl", "dcat.ttl", "feed.atom"):
        assert "dirty" not in (folder / "2030-01-02" / name).read_text(), name


def test_what_cannot_be_built_is_told_and_leaves_nothing(record: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/releases.json").write_text("{")
    wrong = [
        (("--into", tmp_path / "damaged"), "releases.json: damaged: not a list of releases\n"),
        (("--previous", tmp_path), "neither a release nor a folder with releases.json\n"),
        (("--at", "HEAD~9"), "HEAD~9: neither a release, a record, an RDF file nor a revision"),
        (("--at", "--all"), "--all: neither a file, a folder nor a revision\n"),
        (("--release", "../up"), "“../up” cannot be a version"),
        (("--out", "a", "--into", "b"), "--out and --into exclude each other\n"),
    ]
    for arguments, words in wrong:
        code, out, err = dialogue("build", *arguments, cwd=record)
        assert (code, out) == (2, ""), arguments
        assert words in err
    assert sorted(p.name for p in (tmp_path / "damaged").iterdir()) == ["releases.json"]
    assert not (record / "build").exists()


def test_a_difference_can_be_a_page(record: Path, tmp_path: Path) -> None:
    code, out, err = dialogue("diff", "HEAD~1", "HEAD", "--format", "html", cwd=record)
    assert (code, err) == (1, "")
    assert out.startswith("<!doctype html>\n")
    assert "<h1>From HEAD~1 to HEAD</h1>\n<p>1 removed, 1 added.</p>\n" in out
    assert "&#34;Another name&#34;" in out
