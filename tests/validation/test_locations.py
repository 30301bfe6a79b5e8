"""Places: of triples, of subjects, along paths, and of what is only derived."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from app.namespaces import DLG, XSD
from app.rdf.parser import read
from app.record import inference
from app.record.record import Record, Rule, read_record
from app.validation.locations import Index
from app.validation.provenance import Premises

PROJECT = Path(__file__).parents[2]
EX = "http://example.org/"
HEAD = f"@prefix : <{EX}> .\n@prefix dlg: <{DLG}> .\n"
TEXT = (
    HEAD
    + """\
:a a :C ; :p :b , :c .
:g { :a :p :b . :b a :D . :x :q :y . }
:h { :a :p :b . }
:a a :D .
"""
)


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def spots(entries: object) -> list[tuple[int, int]]:
    return [(e.object.line, e.object.column) for e in entries]  # type: ignore[attr-defined]


def test_a_triple_has_all_its_places() -> None:
    index = Index([read(TEXT, "one.trig"), read(TEXT, "two.trig")])
    places = [str(e.object) for e in index.triple((node("a"), node("p"), node("b")))]
    assert places == [f"{f}.trig:{p}" for f in ("one", "two") for p in ("3:14", "4:12", "5:12")]


def test_a_graph_that_does_not_count_has_no_places() -> None:
    index = Index([read(TEXT, "one.trig")], lambda graph: graph != node("h"))
    assert spots(index.triple((node("a"), node("p"), node("b")))) == [(3, 14), (4, 12)]
    assert spots(index.of(node("a"), node("p"))) == [(3, 14), (3, 19), (4, 12)]
    assert spots(index.between(node("a"), node("c"))) == [(3, 19)]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("a", [(3, 1), (6, 1)]),  # where it is typed, each time
        ("x", [(4, 27)]),  # not typed: where it is a subject first
        ("y", [(4, 33)]),  # no subject: where it is an object first
        ("nowhere", []),
    ],
)
def test_a_subject_is_found_where_it_is_introduced(
    name: str, places: list[tuple[int, int]]
) -> None:
    found = Index([read(TEXT, "one.trig")]).subject(node(name))
    assert [(place.line, place.column) for place in found] == places


# What is derived.


def premises(text: str, *rules: str) -> Premises:
    document = read(HEAD + text, "data.trig")
    numbered = tuple(
        Rule(f"r{n}", Path(f"{n}.rq"), f"PREFIX : <{EX}>\n{rule}") for n, rule in enumerate(rules)
    )
    record = Record(
        root=Path(),
        ontology=(),
        data=(document,),
        shapes=(),
        rules=numbered,
        base=EX,
        dataset=node("dataset"),
        prefixes={},
        texts={},
    )
    held = inference.held(inference.quads([document]))
    return Premises(lambda: Index([document]), inference.rule_graphs(record, held))


def of(found: Premises, subject: str, predicate: str, value: str) -> list[tuple[int, int]]:
    return spots(found.of((node(subject), node(predicate), node(value))))


def test_a_derived_triple_rests_on_what_its_pattern_matched() -> None:
    found = premises(
        ":a :in :b . :b :in :c .\n:d :in :c .",
        "CONSTRUCT { ?x :far ?z } { ?x :in ?y . ?y :in ?z }",
    )
    assert of(found, "a", "far", "c") == [(3, 8), (3, 20)]
    assert of(found, "d", "far", "c") == []


def test_a_written_triple_is_its_own_premise() -> None:
    found = premises(":a :in :b .", "CONSTRUCT { ?x :in ?y } { ?x :in ?y }")
    assert of(found, "a", "in", "b") == [(3, 8)]


def test_a_conclusion_from_conclusions_rests_on_what_those_rest_on() -> None:
    found = premises(
        ":a :p :b .\n:b :p :c .",
        "CONSTRUCT { ?y :q ?x } { ?x :p ?y }",
        "CONSTRUCT { ?z :r ?x } { ?z :q ?y . ?y :q ?x }",
    )
    assert of(found, "c", "r", "a") == [(3, 7), (4, 7)]


def test_a_literal_is_found_however_a_file_writes_it() -> None:
    found = premises(
        ":a :n 016 , 17 ; :in :b .",
        "CONSTRUCT { ?y :has ?x } { ?x :n 16 ; :in ?y }",
        "CONSTRUCT { ?y :had ?x } { ?x :n 17 ; :in ?y }",
    )
    assert of(found, "b", "has", "a") == [(3, 7), (3, 22)]
    assert of(found, "b", "had", "a") == [(3, 13), (3, 22)]


def test_a_path_is_followed_to_its_end() -> None:
    found = premises(
        ":a :in :b .\n:b :in :c .\n:c :of :s .",
        "CONSTRUCT { ?x :lies ?s } { ?x :in+/:of ?s }",
    )
    assert of(found, "a", "lies", "s") == [(3, 8), (4, 8), (5, 8)]


def test_every_reason_is_named_and_types_come_last() -> None:
    found = premises(
        ":one a :M ; :who :a ; :what :f .\n:two a :M ; :who :a ; :what :f .\n:no a :M ; :who :b .",
        "CONSTRUCT { ?who :of ?what } { ?m a :M ; :who ?who ; :what ?what }",
    )
    assert of(found, "a", "of", "f") == [
        (3, 18),
        (3, 29),
        (4, 18),
        (4, 29),
        (3, 8),
        (4, 8),
    ]


def test_a_rule_does_not_see_its_own_conclusions_nor_later_ones() -> None:
    found = premises(
        ":a :place :b . :b :of :s .",
        "CONSTRUCT { ?x :host ?s } { ?x :place/:of ?s FILTER NOT EXISTS { ?x :host ?named } }",
        "CONSTRUCT { ?x :hosted true } { ?x :host ?s }",
    )
    true = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    assert spots(found.of((node("a"), node("hosted"), true))) == [(3, 11), (3, 23)]
    # SparqlRequest again, and out of order.
    assert of(found, "a", "host", "s") == [(3, 11), (3, 23)]


def test_what_must_not_be_there_is_no_premise() -> None:
    found = premises(
        ":a :p :b . :c :p :d , :e .",
        "CONSTRUCT { ?x :only ?y } { ?x :p ?y MINUS { ?x :p ?y , ?z FILTER(?y != ?z) } }",
    )
    assert of(found, "a", "only", "b") == [(3, 7)]


def test_a_filter_reads_properties_that_the_pattern_does_not_name() -> None:
    found = premises(
        ":m a :M ; :who :a ; :of :f .\n:n a :M ; :who :a ; :of :f ; :role [ :kind :guest ] .",
        "CONSTRUCT { ?who :in ?f } { ?m a :M ; :who ?who ; :of ?f"
        " FILTER NOT EXISTS { ?m :role/:kind :guest } }",
    )
    assert of(found, "a", "in", "f") == [(3, 16), (3, 25), (3, 6)]


def test_unions_optionals_and_computed_values_are_followed() -> None:
    found = premises(
        ':a :p :b . :b :n "x" .\n:c :q :d .',
        "CONSTRUCT { ?x :r ?y ; :s ?t } { { ?x :p ?y } UNION { ?x :q ?y } OPTIONAL { ?y :n ?n }"
        ' BIND(CONCAT(?n, "!") AS ?t) }',
    )
    assert of(found, "a", "r", "b") == [(3, 7), (3, 18)]
    assert of(found, "c", "r", "d") == [(4, 7)]
    assert spots(found.of((node("a"), node("s"), ox.Literal("x!")))) == [(3, 7), (3, 18)]


def test_a_day_rests_on_the_narrowest_date_that_gave_it() -> None:
    document = HEAD + (
        "@prefix e: <http://id.loc.gov/datatypes/edtf/> .\n"
        ':a dlg:date "2015"^^e:EDTF-level1 .\n'
        ':a dlg:date "2015-05-19/2015-12"^^e:EDTF-level1 .\n'
    )
    found = premises(document.removeprefix(HEAD))
    days = {
        predicate: spots(found.of((node("a"), predicate, ox.Literal(day, datatype=XSD.date))))
        for predicate, day in ((DLG.begins, "2015-05-19"), (DLG.ends, "2015-12-31"))
    }
    assert days == {DLG.begins: [(5, 13)], DLG.ends: [(4, 13), (5, 13)]}


def test_every_conclusion_of_the_bundled_record_has_premises() -> None:
    record = read_record(PROJECT)
    written = inference.quads((*record.data, *record.ontology))
    stances = inference.stances(written)
    held = inference.held(written)
    graphs = inference.rule_graphs(record, held)
    index = Index(
        record.data,
        lambda g: g == ox.DefaultGraph() or bool(stances.get(g, frozenset()) & inference.HELD),
    )
    found = Premises(lambda: index, graphs)
    derived = [tuple(triple) for graph in graphs for triple in graph.reasons]
    assert [triple for triple in derived if not found.of(triple)] == []
    assert len(derived) > 100


def test_a_rule_that_names_no_property_is_followed_too() -> None:
    found = premises(":a :p :b . :b :q :c .", "CONSTRUCT { ?x :near ?z } { ?x ?p ?y . ?y !:p ?z }")
    assert of(found, "a", "near", "c") == [(3, 7)]
