"""The run of the shapes: what pySHACL finds on terms as they are written, and nothing else."""

import logging
import shutil
import socket
from datetime import date
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyshacl.constraints.constraint_component import ConstraintComponent
from rdflib.namespace import SH

from app.errors import Fault
from app.record import inference
from app.record.record import read_file, read_record
from app.validation.check import validate
from app.validation.engines import pyshacl as shacl
from app.validation.engines import rdflib_terms
from app.validation.findings import Finding

PROJECT = Path(__file__).parents[3]
AS_OF = date(2026, 1, 1)
SHAPES = """\
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def validated(tmp_path: Path, shapes: str, data: str, suffix: str = ".ttl") -> list[Finding]:
    (tmp_path / "shapes.ttl").write_text(SHAPES + shapes, encoding="utf-8")
    (tmp_path / f"data{suffix}").write_text(data, encoding="utf-8")
    return validate(
        [read_file(tmp_path / f"data{suffix}")], [read_file(tmp_path / "shapes.ttl")], as_of=AS_OF
    )


def short(findings: list[Finding], root: Path) -> list[tuple[object, ...]]:
    prefix = f"{root}/"
    return [
        (
            [str(place).removeprefix(prefix) for place in f.places],
            f.severity.name,
            f.shape.short,
            f.rule,
            f.detail,
            f.focus.short,
            f.value and f.value.short,
        )
        for f in findings
    ]


def test_terms_are_validated_as_they_are_written(tmp_path: Path) -> None:
    shapes = ":S a sh:NodeShape ; sh:targetNode :a ; sh:property :S-int .\n" + (
        ":S-int a sh:PropertyShape ; sh:path :n ; sh:datatype xsd:int ; sh:pattern '^01$' .\n"
    )
    good = '@prefix : <http://example.org/> . :a :n "01"^^<http://www.w3.org/2001/XMLSchema#int> .'
    assert validated(tmp_path, shapes, good) == []
    bad = good.replace("#int>", "#integer>")
    (finding,) = validated(tmp_path, shapes, bad)
    assert (str(finding.places[0]), finding.value and finding.value.short) == (
        f"{tmp_path}/data.ttl:1:41",
        '"01"^^xsd:integer',
    )


def test_a_shape_without_a_message_speaks_with_shortened_names(tmp_path: Path) -> None:
    shapes = ":S a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:path :p ; sh:minCount 1 ] ."
    data = "@prefix : <http://example.org/> .\n\n:a :q :b ."
    assert short(validated(tmp_path, shapes, data), tmp_path) == [
        (
            ["data.ttl:3:1"],
            "VIOLATION",
            ":S",
            "Less than 1 values on :a->:p",
            "",
            ":a",
            None,
        )
    ]


def test_the_placeholders_of_a_message_are_filled_and_its_english_is_taken(tmp_path: Path) -> None:
    shapes = r'''
:S a sh:NodeShape ; sh:targetClass :C ; sh:severity sh:Info ;
  sh:message "Jeder Name ist kurz."@de , "A name is short."@en ;
  sh:sparql [ sh:message "{$this} is called “{?value}”, {?length} long, {?nothing}."@en ;
    sh:select """SELECT $this ?value ?path ?length {
      $this <http://example.org/name> ?value
      BIND(<http://example.org/name> AS ?path)
      BIND(STRLEN(?value) AS ?length)
      FILTER(?length > 5)
    }""" ] .
'''
    data = '@prefix : <http://example.org/> .\n:a a :C ;\n  :name "back\\\\slash\\\\1" .'
    assert short(validated(tmp_path, shapes, data), tmp_path) == [
        (
            ["data.ttl:3:9"],
            "INFO",
            ":S",
            "A name is short.",
            ":a is called “back\\slash\\1”, 12 long, ….",
            ":a",
            '"back\\\\slash\\\\1"',
        )
    ]


def test_a_constraint_without_a_value_is_found_where_its_focus_is_typed(tmp_path: Path) -> None:
    shapes = """
:S a sh:NodeShape ; sh:targetClass :C ; sh:message "Wrong." ;
  sh:sparql [ sh:select "SELECT $this { $this a <http://example.org/C> }" ] .
"""
    data = "@prefix : <http://example.org/> .\n:b :c :a .\n:a :p :q .\n:a a :C ."
    assert short(validated(tmp_path, shapes, data), tmp_path) == [
        (["data.ttl:4:1"], "VIOLATION", ":S", "Wrong.", "", ":a", None)
    ]


def test_a_target_that_nothing_describes_is_missing_where_the_shape_asks_for_it(
    tmp_path: Path,
) -> None:
    shapes = (
        ":S a sh:NodeShape ; sh:targetNode :gone ; sh:property :S-p .\n"
        ":S-p a sh:PropertyShape ; sh:path :p ; sh:minCount 1 ; sh:message 'It has a p.' .\n"
    )
    data = "@prefix : <http://example.org/> .\n:a :q :b ."
    assert short(validated(tmp_path, shapes, data), tmp_path) == [
        (["shapes.ttl:5:1"], "VIOLATION", ":S-p", "It has a p.", "", ":gone", None)
    ]


@pytest.mark.parametrize(
    ("path", "places", "shown"),
    [
        ("[ sh:inversePath :p ]", ["data.ttl:3:7"], "^:p"),
        ("( :q :r )", ["data.ttl:4:7", "data.ttl:5:7"], ":q/:r"),
        ("[ sh:alternativePath ( :x :q ) ]", ["data.ttl:4:7"], ":x|:q"),
        ("( [ sh:oneOrMorePath :q ] :r )", ["data.ttl:4:7", "data.ttl:5:7"], ":q+/:r"),
    ],
)
def test_a_value_at_the_end_of_a_path_is_found_along_it(
    tmp_path: Path, path: str, places: list[str], shown: str
) -> None:
    shapes = f":S a sh:PropertyShape ; sh:targetNode :a ; sh:path {path} ;"
    shapes += " sh:nodeKind sh:Literal ; sh:message 'A text.' ."
    data = "@prefix : <http://example.org/> .\n\n:b :p :a .\n:a :q :c .\n:c :r :d ."
    (finding,) = validated(tmp_path, shapes, data)
    assert [str(place).removeprefix(f"{tmp_path}/") for place in finding.places] == places
    assert finding.path is not None
    assert finding.path.short == shown


def test_subclasses_count_but_nothing_is_inferred(tmp_path: Path) -> None:
    shapes = (
        ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:class :C ; sh:message 'C.' ."
    )
    prefix = (
        "@prefix : <http://example.org/> .\n@prefix s: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    assert validated(tmp_path, shapes, prefix + ":a :p :b . :b a :D . :D s:subClassOf :C .") == []
    assert len(validated(tmp_path, shapes, prefix + ":a :p :b . :p s:range :C .")) == 1


def test_evidence_that_is_not_held_stays_out_and_other_graphs_count(tmp_path: Path) -> None:
    shapes = ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:maxCount 1 ."
    data = (
        "@prefix : <http://example.org/> . @prefix dlg: <https://w3id.org/dialogue/ontology#> .\n"
    )
    data += ":g { :a :p 1 . }\n:e { :a :p 2 . }\n"
    assert validated(tmp_path, shapes, data + ":e dlg:stance dlg:rejected .", ".trig") == []
    (finding,) = validated(tmp_path, shapes, data + ":e dlg:stance dlg:accepted .", ".trig")
    assert [(p.line, p.column) for p in finding.places] == [(2, 12), (3, 12)]


SPARQL = ":S a sh:NodeShape ; sh:targetNode :a ; sh:sparql [ sh:select 'QUERY' ] ."


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        (SPARQL.replace("QUERY", "SELECT $this { "), "the shapes could not be run: "),
        (SPARQL.replace("QUERY", "SELECT $this { MINUS { ?a ?b ?c } }"), "contain a MINUS clause"),
        (SPARQL.replace("QUERY", "CONSTRUCT { $this ?b ?c } { ?a ?b ?c }"), "a SELECT or an ASK"),
        (":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:pattern '(' .", "pattern"),
        (":S a sh:PropertyShape ; sh:targetNode :a ; sh:path [] ; sh:minCount 1 .", "path"),
        (":S a sh:NodeShape ; sh:targetNode :a ; sh:node :S .", "recursive"),
    ],
)
def test_shapes_that_cannot_be_run_are_a_fault_and_never_a_pass(
    tmp_path: Path, shapes: str, reason: str
) -> None:
    with pytest.raises(Fault) as fault:
        validated(tmp_path, shapes, "@prefix : <http://example.org/> . :a :p 'x' .")
    assert reason in str(fault.value)
    assert str(fault.value).startswith("the shapes could not be run: ")
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    "service",
    [
        "SERVICE <ADDRESS> { ?a ?b ?c }",
        "#\\n service SILENT <ADDRESS> { ?a ?b ?c }",
        "FILTER(1<2)SERVICE <ADDRESS> { ?a ?b ?c }",
        "FILTER(1<2)SERVICE:p#>\\n{ ?a ?b ?c }",
        "\\\\u0053ERVICE <ADDRESS> { ?a ?b ?c }",
        "FILTER EXISTS { SERVICE <ADDRESS> { ?a ?b ?c } }",
    ],
)
def test_no_constraint_leaves_the_machine(tmp_path: Path, service: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        query = f"PREFIX : <{address}> SELECT $this {{ {service} }}".replace("ADDRESS", address)
        with pytest.raises(Fault, match=r"SERVICE|another SPARQL service"):
            validated(tmp_path, SPARQL.replace("QUERY", query), "<urn:a> <urn:b> <urn:c> .")
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    def state() -> tuple[object, ...]:
        loggers = [logging.getLogger(name) for name in ("rdflib.term", "pyshacl-validate")]
        return (
            rdflib.NORMALIZE_LITERALS,
            dict(rdflib.term._toPythonMapping),
            vars(ConstraintComponent)["_format_sparql_based_result_message"],
            vars(pyshacl.shape).get("CONSTRAINT_PARAMS", (None, None)),
            [(logger.level, logger.disabled, list(logger.handlers)) for logger in loggers],
        )

    before = state()
    data = "@prefix : <http://example.org/> . :a :p 'x' ."
    validated(tmp_path, ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :q .", data)
    with pytest.raises(Fault):
        validated(tmp_path, SPARQL.replace("QUERY", "SELECT { "), data)
    assert state() == before
    rdflib.NORMALIZE_LITERALS = False
    try:
        validated(tmp_path, ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :q .", data)
        assert not rdflib.NORMALIZE_LITERALS
    finally:
        rdflib.NORMALIZE_LITERALS = True


def test_what_cannot_be_converted_makes_no_noise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = '<urn:a> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    shapes = ":S a sh:PropertyShape ; sh:targetNode <urn:a> ; sh:path <urn:p> ; sh:minCount 2 ."
    assert len(validated(tmp_path, shapes, data)) == 1
    assert capfd.readouterr() == ("", "")


def test_oxigraph_answers_as_pyshacl_with_rdflib_does(tmp_path: Path) -> None:
    """The engine beneath the constraints is exchanged; what they find is not."""
    for name in ("ontology", "shapes"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copytree(PROJECT / "tests/cases/base", tmp_path, dirs_exist_ok=True)
    conference = tmp_path / "data/conferences/forum-1.trig"
    text = conference.read_text(encoding="utf-8")
    text = text.replace("dlg:hostState state:PRT", "dlg:hostState state:MAR")
    text = text.replace("dlg:ordinal 1", "dlg:ordinal 2").replace("2015-05-19", "2016-09-19")
    conference.write_text(text, encoding="utf-8")
    record = read_record(tmp_path)
    held = inference.held(inference.quads((*record.data, *record.ontology)))
    data = [*held, *inference.bounds(held)]
    shapes = [quad.triple for document in record.shapes for quad in document.quads]
    ours = {(r.focus, r.value, r.shape) for r in shacl.validate(data, shapes)}
    _, report, _ = pyshacl.validate(
        rdflib_terms.graph(data), shacl_graph=rdflib_terms.graph(shapes)
    )
    theirs = {
        (
            rdflib_terms.to_ox(report.value(node, SH.focusNode)),
            (value := report.value(node, SH.value)) and rdflib_terms.to_ox(value),
            rdflib_terms.to_ox(report.value(node, SH.sourceShape)),
        )
        for node in report.objects(None, SH.result)
    }
    assert ours == theirs
    assert len(ours) > 5
