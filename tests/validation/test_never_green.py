"""Nothing passes that was not checked: what was not run is named, and the exit says so."""

import re
from pathlib import Path

import pytest

from app.cli.main import main

HEAD = """\
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
DATA = "@prefix : <http://example.org/> .\n:a a :C ;\n  :p 1 .\n"
SOUND = (
    ":S a sh:NodeShape ;\n  sh:targetClass :C ;\n  sh:property [ sh:path :p ; sh:minCount 1 ] .\n"
)
RAN = re.compile(r": (\d+) shapes?, (\d+) focus nodes? and (\d+) constraints? were run\.$")


def run(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Return the exit, the output and the errors of a check."""
    with pytest.raises(SystemExit) as end:
        main(["check", *map(str, arguments)])
    output = capfd.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, output.out, output.err


def lay(folder: Path, shapes: str, data: str = DATA) -> tuple[Path, str, Path]:
    (folder / "shapes.ttl").write_text(HEAD + shapes)
    (folder / "data.ttl").write_text(data)
    return folder / "data.ttl", "--shapes", folder / "shapes.ttl"


def test_a_check_that_finds_nothing_says_how_much_it_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(capfd, *lay(tmp_path, SOUND)) == (
        0,
        "Nothing found: 1 shape, 1 focus node and 2 constraints were run.\n",
        "",
    )


# Shapes that cannot be run as they are meant: what they say, where, and a word of the reason.
FAULTS = {
    "the namespace with https": (
        "@prefix sh: <https://www.w3.org/ns/shacl#> .\n" + SOUND,
        "4:1",
        "https://www.w3.org/ns/shacl#",
    ),
    "a misspelt parameter": (SOUND.replace("minCount", "minCout"), "5:15", "sh:minCount"),
    "a number in words": (SOUND.replace("Count 1", "Count 'one'"), "5:15", "integer"),
    "a property without a path": (SOUND.replace("sh:path :p ;", ""), "5:15", "path"),
    "a shape that asks itself": (SOUND.replace("sh:minCount 1", "sh:node :S"), "3:1", "itself"),
    "a query that is none": (
        ":S a sh:NodeShape ; sh:targetClass :C ;\n  sh:sparql [ sh:select 'SELECT $this {' ] .",
        "4:13",
        "query",
    ),
    "a query of another form": (
        ":S a sh:NodeShape ; sh:targetClass :C ;\n"
        "  sh:sparql [ sh:select 'ASK { $this ?b ?c }' ] .",
        "4:13",
        "SELECT",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_shapes_at_fault_are_named_with_their_place(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shapes, place, reason = FAULTS[name]
    code, output, errors = run(capfd, *lay(tmp_path, shapes))
    assert (code, errors) == (2, "")
    first, *_, last = output.splitlines()
    assert re.search(rf"shapes\.ttl:{place}: fault in the shapes: ", first), output
    assert reason in first
    assert RAN.search(last), output


# Where nothing at all can be checked, one sentence says why.
NOTHING = {
    "no shape": (":S :p :q .", DATA, "shapes.ttl: there is no shape in it"),
    "no target": (SOUND.replace("sh:targetClass :C ;", ""), DATA, "no shape has a target"),
    "no target, and a remark": (
        ":S a sh:NodeShape ; sh:ignoredProperties ( :p ) .",
        DATA,
        "no shape has a target",
    ),
    "deactivated": (
        SOUND + ":S sh:deactivated true .",
        DATA,
        "every shape with a target is deactivated",
    ),
    "nothing asked": (":S a sh:NodeShape ; sh:targetClass :C .", DATA, "asks anything"),
    "an empty file": (SOUND, "", "data.ttl: the file is empty"),
    "prefixes alone": (SOUND, HEAD, "data.ttl: nothing is stated in it"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_where_nothing_is_checked_the_exit_and_one_sentence_say_so(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shapes, data, reason = NOTHING[name]
    code, output, errors = run(capfd, *lay(tmp_path, shapes, data))
    assert (code, output) == (2, "")
    assert reason in errors
    assert len(errors.splitlines()) == 1


def test_one_deactivated_shape_beside_another_is_passed_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = ":T a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind sh:Literal ; sh:deactivated true ."
    assert run(capfd, *lay(tmp_path, SOUND + other))[0] == 0


def test_a_folder_without_rdf_is_no_data(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, *shapes = lay(tmp_path, SOUND)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("none")
    code, output, errors = run(capfd, tmp_path / "empty", *shapes)
    assert (code, output) == (2, "")
    assert errors == f"dialogue: {tmp_path}/empty: a folder without data: no RDF file in it\n"


def test_json_without_a_context_states_nothing_and_is_said_to(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data, *shapes = lay(tmp_path, SOUND)
    plain = tmp_path / "plain.jsonld"
    plain.write_text('{"@id": "http://example.org/a", "p": 1}')
    code, output, errors = run(capfd, plain, *shapes)
    assert (code, output) == (2, "")
    assert errors == f"dialogue: {plain}: nothing is stated in it: nothing was checked\n"
    # Beside others it is a note, since they were checked.
    code, output, errors = run(capfd, data, plain, *shapes)
    assert (code, errors) == (0, "")
    assert f"note: {plain}: nothing is stated in it\n" in output


def test_a_graph_that_is_not_there_is_no_data(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, *shapes = lay(tmp_path, SOUND)
    data = tmp_path / "data.trig"
    data.write_text("@prefix : <http://example.org/> .\n:g { :a a :C ; :p 1 . }\n")
    assert run(capfd, data, *shapes, "--graph", "http://example.org/g")[0] == 0
    code, output, errors = run(capfd, data, *shapes, "--graph", "http://example.org/h")
    assert (code, output) == (2, "")
    assert "http://example.org/h" in errors
    assert "there is <http://example.org/g>" in errors


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("sh:targetClass :D", "of the class :D"),
        ("sh:targetSubjectsOf :q", "has a :q"),
        ("sh:targetObjectsOf :q", "is the value of a :q"),
    ],
)
def test_a_target_without_nodes_is_remarked_at_its_shape(
    target: str, why: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = lay(tmp_path, SOUND + f":T a sh:NodeShape ; {target} ; sh:nodeKind sh:IRI .")
    code, output, errors = run(capfd, *arguments)
    assert (code, errors) == (0, "")
    first, *_, last = output.splitlines()
    assert "shapes.ttl:6:1: info: The shape checks nothing by this target: " in first
    assert f"{why}." in first
    assert last == (
        "0 violations, 0 warnings, 1 remark: 2 shapes, 1 focus node and 2 constraints were run."
    )
    # Who wants it so can make it fail.
    assert run(capfd, *arguments, "--severity", "info")[0] == 1


def test_a_parameter_that_does_nothing_is_remarked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, output, _ = run(capfd, *lay(tmp_path, SOUND + ":S sh:ignoredProperties ( :q ) ."))
    assert code == 0
    assert "shapes.ttl:3:1: info: Sh:ignoredProperties" not in output
    assert "sh:ignoredProperties does nothing without sh:closed" in output
