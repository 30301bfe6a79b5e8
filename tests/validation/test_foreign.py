"""Any RDF against any shapes: what is found, where, and what keeps shapes from being run."""

import socket
from pathlib import Path

import pytest

from app.errors import Fault
from app.validation.check import Options, examine, validate
from app.validation.findings import Finding

SHAPES = """\
@prefix : <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def validated(tmp_path: Path, shapes: str, data: str, suffix: str = ".ttl") -> list[Finding]:
    (tmp_path / "shapes.ttl").write_text(SHAPES + shapes, encoding="utf-8")
    (tmp_path / f"data{suffix}").write_text(data, encoding="utf-8")
    return validate([tmp_path / f"data{suffix}"], [tmp_path / "shapes.ttl"])


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
            ":a needs at least one :p, and has none.",
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
        ("[ sh:inversePath :p ]", ["data.ttl:3:1"], "^:p"),
        ("( :q :r )", ["data.ttl:5:7", "also data.ttl:4:7"], ":q/:r"),
        ("[ sh:alternativePath ( :x :q ) ]", ["data.ttl:4:7"], ":x|:q"),
        ("( [ sh:oneOrMorePath :q ] :r )", ["data.ttl:5:7", "also data.ttl:4:7"], "(:q+)/:r"),
    ],
)
def test_a_value_at_the_end_of_a_path_is_found_along_it(
    tmp_path: Path, path: str, places: list[str], shown: str
) -> None:
    shapes = f":S a sh:PropertyShape ; sh:targetNode :a ; sh:path {path} ;"
    shapes += " sh:nodeKind sh:Literal ; sh:message 'A text.' ."
    data = "@prefix : <http://example.org/> .\n\n:b :p :a .\n:a :q :c .\n:c :r :d ."
    (finding,) = validated(tmp_path, shapes, data)
    shown_places = [*map(str, finding.places), *(f"also {place}" for place in finding.also)]
    assert [place.replace(f"{tmp_path}/", "") for place in shown_places] == places
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


def test_every_graph_counts_unless_some_are_chosen(tmp_path: Path) -> None:
    shapes = ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:maxCount 1 ."
    data = "@prefix : <http://example.org/> .\n:g { :a :p 1 . }\n:e { :a :p 2 . }\n"
    (finding,) = validated(tmp_path, shapes, data, ".trig")
    assert [(p.line, p.column) for p in finding.places] == [(2, 12), (3, 12)]
    options = Options(graphs=("http://example.org/g",))
    files = [tmp_path / "data.trig"], [tmp_path / "shapes.ttl"]
    assert examine(*files, options).findings == ()


SPARQL = ":S a sh:NodeShape ; sh:targetNode :a ; sh:sparql [ sh:select 'QUERY' ] ."


@pytest.mark.parametrize(
    ("shapes", "place", "reason"),
    [
        (SPARQL.replace("QUERY", "SELECT $this { "), "4:50", "query"),
        (SPARQL.replace("QUERY", "SELECT $this { MINUS { ?a ?b ?c } }"), "4:50", "MINUS"),
        (SPARQL.replace("QUERY", "CONSTRUCT { $this ?b ?c } { ?a ?b ?c }"), "4:50", "SELECT"),
        (":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:pattern '(' .", "4:1", "("),
        (":S a sh:PropertyShape ; sh:targetNode :a ; sh:path [] ; sh:minCount 1 .", "4:1", "path"),
        (":S a sh:NodeShape ; sh:targetNode :a ; sh:node :S .", "4:1", "itself"),
        (":S a sh:NodeShape ; sh:targetNode :a ; sh:minCout 1 .", "4:1", "sh:minCount"),
    ],
)
def test_shapes_that_cannot_be_run_are_a_fault_and_never_a_pass(
    tmp_path: Path, shapes: str, place: str, reason: str
) -> None:
    with pytest.raises(Fault) as fault:
        validated(tmp_path, shapes, "@prefix : <http://example.org/> . :a :p 'x' .")
    assert reason in str(fault.value)
    lines = str(fault.value).splitlines()
    assert lines[0].startswith(f"{tmp_path}/shapes.ttl:{place}: ")
    # A line for each thing that is wrong with a shape.
    assert all(line.startswith(f"{tmp_path}/shapes.ttl:4:") for line in lines)


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        (":S :p :q .", "there is no shape in it"),
        (":S a sh:NodeShape ; sh:nodeKind sh:IRI .", "no shape has a target"),
    ],
)
def test_where_nothing_can_be_checked_nothing_passes(
    tmp_path: Path, shapes: str, reason: str
) -> None:
    with pytest.raises(Fault, match=reason):
        validated(tmp_path, shapes, "<urn:a> <urn:b> <urn:c> .")


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
        with pytest.raises(Fault, match="SERVICE"):
            validated(tmp_path, SPARQL.replace("QUERY", query), "<urn:a> <urn:b> <urn:c> .")
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_cannot_be_converted_makes_no_noise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = '<urn:a> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    shapes = ":S a sh:PropertyShape ; sh:targetNode <urn:a> ; sh:path <urn:p> ; sh:minCount 2 ."
    assert len(validated(tmp_path, shapes, data)) == 1
    assert capfd.readouterr() == ("", "")


def test_what_failed_inside_speaks_for_itself(tmp_path: Path) -> None:
    shapes = (
        ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :p ; sh:message 'Short or a number.' ;"
        "  sh:or ( [ sh:maxLength 2 ] [ sh:datatype xsd:integer ] ) .\n"
    )
    prefix = "@prefix : <http://example.org/> .\n"
    (finding,) = validated(tmp_path, shapes, prefix + ":a :p 'long', 'ok', 12345 .")
    assert (finding.rule, str(finding.places[0])) == (
        "Short or a number.",
        f"{tmp_path}/data.ttl:2:7",
    )
    inside = [one.rule for one in finding.findings]
    assert len(inside) == 2
    assert "Short or a number." not in inside
    assert validated(tmp_path, shapes, prefix + ":a :p 'ok', 12345 .") == []
