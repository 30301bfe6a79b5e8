"""The command line, as a program: what it prints, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small import CONFERENCE, lay

ROOT = Path(__file__).resolve().parents[2]
BUILDING = "Building a release of the record; it is kept for the next time.\n"


def dialogue(
    *arguments: str | Path, cwd: Path, stdin: str = "", environment: dict[str, str] | None = None
) -> tuple[int, str, str]:
    """Run the command in a process of its own; return its exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )
    # That a release is built and kept is said once, at the first of several calls.
    return done.returncode, done.stdout, done.stderr.replace(BUILDING, "")


def test_format_leaves_canonical_text_alone(tmp_path: Path) -> None:
    lay(tmp_path)
    assert dialogue("format", "--check", cwd=tmp_path) == (0, "", "")


def test_format_check_names_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    file = lay(tmp_path) / "data/conferences/one.trig"
    untidy = CONFERENCE.replace("        dlg:place", "   dlg:place")
    file.write_text(untidy)
    assert dialogue("format", "--check", cwd=tmp_path) == (
        1,
        "would change data/conferences/one.trig\n",
        "",
    )
    assert file.read_text() == untidy


def test_format_restores_the_canonical_text(tmp_path: Path) -> None:
    file = lay(tmp_path) / "data/conferences/one.trig"
    file.write_text(CONFERENCE.replace("        dlg:place", "   dlg:place").replace("\n\n", "\n"))
    assert dialogue("format", cwd=tmp_path) == (0, "changed data/conferences/one.trig\n", "")
    assert file.read_text() == CONFERENCE


def test_format_of_a_broken_file_names_the_place_and_formats_the_rest(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "data/a.trig").write_text("<http://e.org/a> <http://e.org/b>")
    (tmp_path / "data/z.ttl").write_text("<http://e.org/a> <http://e.org/b> 1 .")
    code, out, err = dialogue("format", "data/a.trig", "data/z.ttl", cwd=tmp_path)
    assert (code, out) == (2, "changed data/z.ttl\n")
    assert err.startswith("dialogue: data/a.trig:1:")
    assert err.count("\n") == 1


def test_format_needs_no_rdf_beside_the_rules_of_a_record(tmp_path: Path) -> None:
    lay(tmp_path)
    for file in ("ontology/events.ttl", "shapes/events.ttl"):
        (tmp_path / file).unlink()
    assert dialogue("format", "--check", cwd=tmp_path) == (0, "", "")
    assert dialogue("check", "--explain", "dsh:Conference-number", cwd=tmp_path)[0] == 0
    message = "dialogue: ontology: a folder without data: no RDF file in it\n"
    assert dialogue("format", "--check", "ontology", cwd=tmp_path) == (2, "", message)


def test_format_names_a_path_that_is_missing_and_a_file_of_another_kind(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "data/a.jsonld").write_text("[]")
    (tmp_path / "data/z.ttl").write_text("<http://e.org/a> <http://e.org/b> 1 .")
    assert dialogue("format", "--check", "gone", cwd=tmp_path) == (
        2,
        "",
        "dialogue: gone: no such file or folder\n",
    )
    assert dialogue("format", "data/a.jsonld", "data/z.ttl", cwd=tmp_path) == (
        2,
        "changed data/z.ttl\n",
        "dialogue: data/a.jsonld: neither Turtle nor TriG, which alone have a canonical text\n",
    )
    # In a folder, other kinds of files are none of its business.
    assert dialogue("format", "--check", "data", cwd=tmp_path) == (0, "", "")


def test_query_answers_with_a_table_for_people(tmp_path: Path) -> None:
    lay(tmp_path)
    code, out, err = dialogue(
        "query", "SELECT ?c ?d { ?c a dlg:Conference ; dlg:date ?d }", cwd=tmp_path
    )
    assert (code, err) == (0, "")
    assert "https://w3id.org/dialogue/id/conference/one" in out
    assert "2015-05-19" in out
    assert out.endswith("\n1 row\n")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("csv", "d\r\n2015-05-19\r\n"),
        (
            "tsv",
            '?d\n"2015-05-19"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1>\n',
        ),
    ],
)
def test_query_answers_in_the_standard_formats(tmp_path: Path, form: str, expected: str) -> None:
    lay(tmp_path)
    (tmp_path / "dates.rq").write_text("SELECT ?d { ?c a dlg:Conference ; dlg:date ?d }")
    code, out, err = dialogue("query", "--format", form, "dates.rq", cwd=tmp_path)
    assert (code, out.replace("\r\n", "\n"), err) == (0, expected.replace("\r\n", "\n"), "")


def test_query_quotes_what_has_a_comma_and_keeps_the_order_of_the_columns(tmp_path: Path) -> None:
    lay(tmp_path)
    asked = 'SELECT * { VALUES (?z ?a) { (<http://a/x,y> "p,q") (<http://a/x> "p") } }'
    _, out, _ = dialogue("query", "--format", "csv", asked, cwd=tmp_path)
    assert out == 'z,a\n"http://a/x,y","p,q"\nhttp://a/x,p\n'
    _, out, _ = dialogue("query", "--format", "xml", 'SELECT ("a\\r" AS ?x) {}', cwd=tmp_path)
    assert "<literal>a&#13;</literal>" in out
    code, out, err = dialogue(
        "query", "--format", "xml", 'SELECT ("\\u0007" AS ?x) {}', cwd=tmp_path
    )
    assert (code, out) == (2, "")
    assert err.startswith("dialogue: query: The answer holds a character that XML has no way")


def test_query_declares_no_prefix_that_xml_keeps_for_itself(tmp_path: Path) -> None:
    for prefix, is_declared in (("xml", False), ("e", True)):
        file = tmp_path / f"{prefix}.ttl"
        file.write_text(f"@prefix {prefix}: <http://e/v#> . <http://e/a> {prefix}:p 1 .")
        asked = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        code, out, _ = dialogue("query", "--on", file, "--format", "rdfxml", asked, cwd=tmp_path)
        ((element,),) = ElementTree.fromstring(out)
        assert (code, element.tag) == (0, "{http://e/v#}p")
        assert (f"xmlns:{prefix}=" in out) is is_declared


def test_query_answers_yes_or_no_and_with_graphs(tmp_path: Path) -> None:
    lay(tmp_path)
    assert dialogue("query", "ASK { ?c a dlg:Conference }", cwd=tmp_path)[:2] == (0, "yes\n")
    asked = "CONSTRUCT { ?c a dlg:X } { ?c a dlg:Conference }"
    assert dialogue("query", "--format", "ntriples", asked, cwd=tmp_path)[:2] == (
        0,
        "<https://w3id.org/dialogue/id/conference/one>"
        " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        " <https://w3id.org/dialogue/ontology#X> .\n",
    )


def test_query_reads_a_release_and_any_rdf(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<http://e.org/a> <http://e.org/b> 1 .")
    code, out, _ = dialogue(
        "query", "--on", file, "--format", "csv", "SELECT ?o {?s ?p ?o}", cwd=tmp_path
    )
    assert (code, out.split()) == (0, ["o", "1"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("query", "SELECT {"), "dialogue: query: "),
        (("query", "gone.rq"), "dialogue: gone.rq: no such file or folder"),
        (("query", "--format", "turtle", "ASK {}"), "dialogue: --format turtle: the answer is "),
        (
            ("query", "SELECT * { SERVICE <http://127.0.0.1:9/> {} }"),
            "dialogue: query: SERVICE is off",
        ),
        (("check", "gone"), "dialogue: gone: no such file or folder"),
        (("serve", "gone.ttl"), "dialogue: gone.ttl: no such file or folder"),
        (("build", "gone"), "dialogue: gone: no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    lay(tmp_path)
    code, out, err = dialogue(*arguments, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    lay(tmp_path)
    code, _, err = dialogue("serve", cwd=tmp_path, environment={"DIALOGUE_WORKERS": "many"})
    assert code == 2
    assert err.startswith("dialogue: DIALOGUE_WORKERS: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "check", "format", "build", "query"])
def test_help_shows_an_example(tmp_path: Path, command: str) -> None:
    code, out, _ = dialogue(command, "--help", cwd=tmp_path)
    assert code == 0
    assert f"Example: dialogue {command}" in " ".join(out.split())


def test_a_server_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    # Any RDF is served from a temporary release; that of a record is kept.
    root = tmp_path
    (root / "a.ttl").write_text("<http://e.org/a> <http://e.org/b> 1 .")
    kept = tmp_path / "temporary"
    kept.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", "0", "a.ttl"],
        cwd=root, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(kept)},
    )  # fmt: skip
    assert server.stderr
    for line in server.stderr:
        if "running on" in line:
            break
    assert list(kept.iterdir()) != []
    server.terminate()
    assert server.wait(40) == 0
    assert list(kept.iterdir()) == []
