"""Which record a command takes: the one that one stands in, the one that is named, or none."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from small import CONFERENCE, lay

from .test_main import ROOT, dialogue

NONE = "dialogue: there is no record here: name one with --record, or begin one: dialogue init\n"
ASKED = "SELECT ?d { ?c a dlg:Conference ; dlg:date ?d }"


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but what the release that is kept is made of."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if "served" not in path.parts
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("build",),
        ("check",),
        ("diff", "HEAD"),
        ("format",),
        ("format", "--check"),
        ("new", "source", "page"),
    ],
    ids=" ".join,
)
def test_where_there_is_no_record_a_command_ends_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert dialogue(*arguments, cwd=tmp_path) == (2, "", NONE)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("arguments", [("check",), ("build",), ("format",)], ids=" ".join)
def test_a_folder_that_is_no_record_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = dialogue(*arguments, "--record", "gone", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err == "dialogue: gone: not a record: begin one with dialogue init\n"


def test_a_command_takes_the_record_above(tmp_path: Path) -> None:
    below = lay(tmp_path) / "data" / "conferences"
    code, out, err = dialogue("query", "--format", "csv", ASKED, cwd=below)
    assert (code, out.split(), err) == (0, ["d", "2015-05-19"], "")
    file = below / "one.trig"
    file.write_text(CONFERENCE.replace("        dlg:place", "   dlg:place"))
    assert dialogue("format", cwd=below) == (0, "changed ../../data/conferences/one.trig\n", "")
    assert file.read_text() == CONFERENCE


def test_a_record_that_is_named_is_taken_before_the_one_here(tmp_path: Path) -> None:
    here, there = lay(tmp_path / "here"), lay(tmp_path / "there")
    file = there / "data/conferences/one.trig"
    file.write_text(CONFERENCE.replace("2015-05-19", "2014-05-19"))
    before = tree(here)
    asked = ("query", "--format", "csv", ASKED, "--record", "../there")
    code, out, err = dialogue(*asked, cwd=here)
    assert (code, out.split(), err) == (0, ["d", "2014-05-19"], "")
    file.write_text(CONFERENCE.replace("        dlg:place", "   dlg:place"))
    code, out, err = dialogue("format", "--record", "../there", cwd=here)
    assert (code, out, err) == (0, "changed ../there/data/conferences/one.trig\n", "")
    assert file.read_text() == CONFERENCE
    assert tree(here) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "other"),
        ("check", "other"),
        ("format", "other"),
        ("query", "ASK {}", "--on", "other"),
        ("serve", "other"),
    ],
    ids=" ".join,
)
def test_a_record_that_is_named_and_other_data_exclude_each_other(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    for name in ("named", "other"):
        lay(tmp_path / name)
    before = tree(tmp_path)
    code, out, err = dialogue(*arguments, "--record", "named", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.endswith("Error: --record named and other exclude each other\n")
    assert tree(tmp_path) == before


def test_two_folders_are_compared_anywhere(tmp_path: Path) -> None:
    for name in ("one.ttl", "two.ttl"):
        (tmp_path / name).write_text("<http://e.org/a> <http://e.org/b> 1 .")
    assert dialogue("diff", "one.ttl", "two.ttl", cwd=tmp_path)[0::2] == (0, "")


def test_without_a_record_the_bundled_one_is_queried_and_that_is_said(tmp_path: Path) -> None:
    asked = "ASK { <https://w3id.org/dialogue/dataset> ?p ?o }"
    code, out, err = dialogue("query", asked, cwd=tmp_path)
    assert (code, out) == (0, "yes\n")
    assert err == "There is no record here: this is about the bundled one.\n"
    assert tree(tmp_path) == {}


def begun(folder: Path) -> Path:
    options = ("--base", "https://example.org/new/", "--languages", "en,fr")
    code, out, err = dialogue("init", "new", *options, cwd=folder)
    assert (code, err) == (0, "")
    assert out == "new: an example of each kind; next: cd new && dialogue check\n"
    return folder / "new"


def test_a_new_record_is_taken_by_every_command(tmp_path: Path) -> None:
    root = begun(tmp_path)
    assert dialogue("format", "--check", cwd=root) == (0, "", "")
    code, out, err = dialogue("check", cwd=root)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("0 violations, ")
    code, out, err = dialogue("build", cwd=root / "data")
    assert (code, out) == (2, "")
    assert "name it with --release" in err
    code, out, err = dialogue("build", "--release", "1", cwd=root / "data")
    assert (code, err) == (0, "")
    assert out.startswith("../build/release: ")
    assert (root / "build/release/SHA256SUMS").is_file()
    assert not (root / "data/build").exists()
    code, out, err = dialogue("new", "conference", "example-2", "--source", "p", cwd=root / "data")
    assert (code, err) == (0, "")
    assert out.startswith("wrote ../data/conferences/example-2.trig: ")
    assert dialogue("format", "--check", cwd=root) == (0, "", "")


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    root = begun(tmp_path)
    before = tree(root)
    options = ("--base", "https://example.org/other/", "--languages", "en")
    code, out, err = dialogue("init", "new", *options, cwd=tmp_path)
    assert (code, out, err) == (2, "", "dialogue: new: is not empty; nothing was written\n")
    assert tree(root) == before
    (tmp_path / "file").write_text("")
    code, _, err = dialogue("init", "file", *options, cwd=tmp_path)
    assert (code, err) == (2, "dialogue: file: is a file; name a folder\n")
    # A clone of an empty repository is as good as an empty folder.
    (tmp_path / "clone/.git").mkdir(parents=True)
    assert dialogue("init", "clone", *options, cwd=tmp_path)[0] == 0


def test_a_new_record_is_served_under_its_own_name(tmp_path: Path) -> None:
    root = begun(tmp_path)
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", "0"],
        cwd=root, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert server.stderr
        address = ""
        for line in server.stderr:
            if found := re.search(r"running on (http://[\d.]+:\d+)", line):
                address = found[1]
                break
        # It listens before it has loaded what it serves.
        transport = httpx.HTTPTransport(retries=3)
        with httpx.Client(transport=transport, timeout=30) as client:
            while client.get(f"{address}/ready").status_code == 503:
                time.sleep(0.05)
        page = httpx.get(f"{address}/doc/conference/example-1", timeout=30)
        assert page.status_code == 200
        assert "First Conference of the Example Dialogue" in page.text
        turtle = httpx.get(f"{address}/doc/conference/example-1.ttl", timeout=30)
        assert "@prefix conf: <https://example.org/new/id/conference/> .\n" in turtle.text
        assert "\nconf:example-1 " in turtle.text
    finally:
        server.terminate()
        server.wait(40)


def test_an_installed_program_begins_a_record_as_well(tmp_path: Path) -> None:
    # As a wheel lays it out: the bundled record below the package, nothing beside it.
    installed = tmp_path / "site"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", installed / "app", ignore=ignored)
    for part in ("ontology", "shapes"):
        shutil.copytree(ROOT / part, installed / "app/bundled" / part)
    (installed / "app/bundled/data").mkdir()
    shutil.copy(ROOT / "data/dataset.ttl", installed / "app/bundled/data")
    before = tree(installed)
    environment = {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ("--base", "https://example.org/new/", "--languages", "en,fr")
    code, _, err = dialogue("init", "new", *options, cwd=tmp_path, environment=environment)
    assert (code, err) == (0, "")
    code, out, err = dialogue("check", cwd=tmp_path / "new", environment=environment)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("0 violations, ")
    assert dialogue("check", cwd=installed, environment=environment) == (2, "", NONE)
    assert tree(installed) == before


def test_help_lists_the_kinds_of_the_record_here_or_of_the_program(tmp_path: Path) -> None:
    def listed(folder: Path) -> list[list[str]]:
        code, out, err = dialogue("new", "--help", cwd=folder)
        assert (code, err) == (0, "")
        sections = out.split("Kinds ")[1:]
        return [section.partition(":")[2].replace(",", " ").split() for section in sections]

    files, others = listed(tmp_path)
    assert {"conference", "document", "source"} <= set(files)
    assert {"evidence", "policy", "series"} <= set(others)
    own = lay(tmp_path / "own") / "ontology/templates/treaties"
    own.mkdir(parents=True)
    (own / "treaty.trig.j2").write_text("treaty:{{ name }} a dlg:Treaty .\n")
    # This record has a vocabulary of its own, so that none of the program's kinds is one of it.
    assert listed(tmp_path / "own") == [["treaty"], []]


def test_what_stands_in_another_file_is_printed_and_no_file_is_written(tmp_path: Path) -> None:
    begin = ("init", "mine", "--base", "https://example.org/mine/", "--languages", "en")
    assert dialogue(*begin, cwd=tmp_path)[0] == 0
    mine = tmp_path / "mine"
    before = tree(mine)
    name = "example-city-declaration-2020.visas"
    code, out, err = dialogue("new", "policy", name, "--source", "example-page", cwd=mine)
    assert code == 0
    file = "data/documents/example-city-declaration-2020.trig"
    assert err == f"policy: add this to {file}, then format and check it\n"
    assert f"    policy:{name}\n        a dlg:Commitment ;\n" in out
    assert tree(mine) == before
    with (mine / file).open("a", encoding="utf-8") as document:
        document.write(out)
    assert dialogue("format", cwd=mine) == (0, f"changed {file}\n", "")
    assert dialogue("format", "--check", cwd=mine) == (0, "", "")


def test_what_is_to_be_typed_next_can_be_typed(tmp_path: Path) -> None:
    options = ("--base", "https://example.org/new/", "--languages", "en")
    code, out, _ = dialogue("init", "a b's", *options, cwd=tmp_path)
    assert code == 0
    entering = out.partition("next: ")[2].partition(" && ")[0]
    done = subprocess.run(["bash", "-c", f"{entering} && pwd"], cwd=tmp_path, capture_output=True)
    assert done.stdout.decode().strip() == str(tmp_path / "a b's")
