"""The evaluator on small shapes and data, each fault with a neighbour that stays silent."""

import gc
import os
import subprocess
import sys

import pyoxigraph as ox
import pytest
from suites import ROOT

from app.namespaces import SH, XSD, Namespace
from app.validation import paths
from app.validation.engines.base import Result
from app.validation.engines.native import Evaluation, Graph, compile_shapes, evaluate

E = Namespace("http://example.org/")
_PREFIXES = """
    @prefix e: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    e: sh:declare [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""


def triples(turtle: str) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(_PREFIXES + turtle, format=ox.RdfFormat.TURTLE)]


def run(shapes: str, data: str) -> tuple[list[Result], Evaluation]:
    """Return the results of shapes that nothing is the matter with."""
    plan = compile_shapes(triples(shapes))
    assert [problem for problem in plan.problems if problem.blocking] == []
    evaluation = evaluate(plan, triples(data))
    results = list(evaluation)
    assert evaluation.problems == ()
    return results, evaluation


def blamed(shapes: str, data: str) -> list[tuple[str, str | None]]:
    """Return focus node and value of each result, short."""

    def short(term: object) -> str | None:
        if isinstance(term, ox.NamedNode):
            return term.value.removeprefix("http://example.org/")
        return None if term is None else str(term)

    return [(str(short(r.focus)), short(r.value)) for r in run(shapes, data)[0]]


# What a query knows of its focus node.


def test_a_query_is_asked_of_each_target_and_of_no_other_node() -> None:
    query = "SELECT $this ?value { $this e:p ?value FILTER(?value = 1) }"
    shapes = f'e:s sh:targetClass e:C ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    assert blamed(shapes, "e:a a e:C ; e:p 1 . e:b a e:D ; e:p 1 . e:c a e:C ; e:p 2 .") == [
        ("a", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    ]


@pytest.mark.parametrize("number", [2, 40])
def test_many_targets_are_asked_about_at_once_with_the_same_results(number: int) -> None:
    query = "SELECT $this ?value { $this e:p ?value FILTER(?value > 1) }"
    shapes = f'e:s sh:targetClass e:C ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    data = " ".join(f"e:n{n} a e:C ; e:p {n % 2}, 2 . e:m{n} e:p 3 ." for n in range(number))
    results, _ = run(shapes, data + " _:x a e:C ; e:p 5 .")
    assert [r.focus for r in results[:-1]] == [E[f"n{n}"] for n in range(number)]
    assert isinstance(results[-1].focus, ox.BlankNode)
    assert [r.value and r.value.value for r in results] == ["2"] * number + ["5"]


def test_a_query_sees_its_focus_node_in_filters() -> None:
    shapes = (
        "e:s sh:targetClass e:C ; sh:sparql [ sh:prefixes e: ; "
        'sh:select "SELECT $this { FILTER($this = e:a) }" ] .'
    )
    assert blamed(shapes, "e:a a e:C . e:b a e:C .") == [("a", "a")]


@pytest.mark.parametrize("node", ["e:a", "_:a"])
def test_a_query_sees_its_focus_node_in_inner_groups(node: str) -> None:
    query = (
        "SELECT $this ?value { { FILTER(bound($this)) } "
        "OPTIONAL { BIND($this AS ?that) { ?that e:p ?value } } FILTER(bound(?value)) }"
    )
    shapes = f'e:s sh:targetClass e:C ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    results, _ = run(shapes, f"{node} a e:C ; e:p 1 . e:b a e:C ; e:q 1 . e:c e:p 2 .")
    assert [r.value and r.value.value for r in results] == ["1"]


def test_the_focus_node_may_be_a_literal() -> None:
    shapes = (
        'e:s sh:targetNode "x", "y" ; sh:sparql [ sh:prefixes e: ; '
        'sh:select "SELECT $this { FILTER($this = \\"x\\") }" ] .'
    )
    assert blamed(shapes, "") == [('"x"', '"x"')]


def test_a_path_without_a_step_finds_a_node_that_the_data_do_not_have() -> None:
    query = "SELECT $this ?value { $this e:p* ?value }"
    shapes = f'e:s sh:targetNode e:a, "x" ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    assert blamed(shapes, "e:b e:p e:c .") == [("a", "a"), ('"x"', '"x"')]


def test_a_triple_may_be_a_value_and_a_focus_node() -> None:
    shapes = (
        "e:s sh:targetObjectsOf e:p ; sh:nodeKind sh:IRI ; "
        'sh:sparql [ sh:select "SELECT $this { { FILTER(isTRIPLE($this)) } }" ] .'
        "e:t sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:pattern '' ; sh:minInclusive 0 ] ."
    )
    results, _ = run(shapes, "e:a e:p <<( e:b e:q 1 )>>, 2 .")
    triple = ox.Triple(E.b, E.q, ox.Literal("1", datatype=XSD.integer))
    assert [r.value == triple for r in results] == [True, False, True, True, True]


def test_path_stands_for_the_path_of_the_shape() -> None:
    query = "SELECT $this ?value { $this $PATH ?value FILTER(?value > 1) }"
    shapes = (
        "e:s sh:targetNode e:a ; sh:property [ sh:path ( e:p [ sh:inversePath e:q ] ) ; "
        f'sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] ] .'
    )
    results, _ = run(shapes, "e:a e:p e:b . e:c e:q e:b . e:d e:q e:b .")
    assert results == []
    shapes = shapes.replace("> 1", "= e:c")
    results, _ = run(shapes, "e:a e:p e:b . e:c e:q e:b . e:d e:q e:b .")
    assert [(r.value, r.path and paths.text(r.path)) for r in results] == [
        (E.c, "<http://example.org/p>/(^<http://example.org/q>)")
    ]


def test_prefixes_come_from_imported_ontologies_too() -> None:
    shapes = (
        "e:o owl:imports e: . e:other sh:declare [ sh:prefix 'f' ; sh:namespace 'http://f/' ] . "
        "e:s sh:targetNode e:a ; sh:sparql [ sh:prefixes e:o ; "
        "sh:select 'SELECT $this { $this e:p 1 }' ] ."
    )
    assert blamed(shapes, "e:a e:p 1 .") == [("a", "a")]
    plan = compile_shapes(triples(shapes.replace("e:p 1 }'", "f:p 1 }'")))
    assert ["f:" in problem.sentence for problem in plan.problems] == [True]


def test_a_query_may_look_into_the_shapes() -> None:
    query = "SELECT $this { GRAPH $shapesGraph { $currentShape e:limit 1 } }"
    shapes = f"""
        e:s sh:targetNode e:a ; e:limit 1 ; sh:sparql e:q .
        e:t sh:targetNode e:a ; e:limit 2 ; sh:sparql e:q .
        e:q sh:prefixes e: ; sh:select "{query}" ."""
    results, _ = run(shapes, "e:a e:limit 1 .")
    assert [(r.shape, r.constraint) for r in results] == [(E.s, E.q)]


def test_bindings_are_there_to_fill_the_message() -> None:
    shapes = (
        'e:s sh:targetNode e:a ; sh:message "of the shape" ; sh:sparql [ sh:prefixes e: ; '
        'sh:message "{?other} is one"@en ; '
        'sh:select "SELECT $this ?other { $this e:p ?other }" ] .'
    )
    (result,), _ = run(shapes, "e:a e:p e:b . e:c e:p e:d .")
    assert result.bindings == {"this": E.a, "other": E.b}
    assert result.messages == (ox.Literal("{?other} is one", language="en"),)


def test_literals_come_back_as_they_are_written() -> None:
    query = "SELECT $this ?value { $this e:p ?value FILTER(?value > 1) }"
    shapes = f'e:s sh:targetNode e:a ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    results, evaluation = run(shapes, "e:a e:p 007, 2.50, 3, 1 . e:b e:p 2.5 .")
    assert sorted(r.value.value for r in results if r.value) == ["007", "2.50", "3"]
    bound = sorted(r.bindings["value"].value for r in results if r.bindings)
    assert bound == ["007", "2.50", "3"]
    assert evaluation.notes == ()


def test_it_is_said_where_a_query_may_see_other_texts() -> None:
    query = "SELECT $this ?value { $this e:p ?value FILTER(REGEX(STR(?value), '^0')) }"
    shapes = f'e:s sh:targetNode e:a ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    _, evaluation = run(shapes, "e:a e:p 007 .")
    assert len(evaluation.notes) == 1 and "REGEX, STR" in evaluation.notes[0]
    _, evaluation = run(shapes, "e:a e:p 7 . e:b e:q 007 .")
    assert evaluation.notes == ()


def test_a_failing_query_is_no_pass() -> None:
    shapes = (
        "e:s sh:targetNode e:a, 'x' ; sh:sparql [ sh:prefixes e: ; "
        "sh:select 'SELECT $this { e:a $this ?value }' ] ."
    )
    plan = compile_shapes(triples(shapes))
    assert plan.problems == ()
    evaluation = evaluate(plan, [])
    assert list(evaluation) == []
    assert [(p.kind, p.blocking, p.node) for p in evaluation.problems] == [("failed", True, E.s)]


@pytest.mark.parametrize(("value", "fails"), [("true", True), ("false", False)])
def test_a_query_may_say_that_it_failed(value: str, fails: bool) -> None:
    query = f"SELECT $this ?failure {{ $this e:p ?x BIND({value} AS ?failure) }}"
    shapes = f'e:s sh:targetNode e:a ; sh:sparql [ sh:prefixes e: ; sh:select "{query}" ] .'
    evaluation = evaluate(compile_shapes(triples(shapes)), triples("e:a e:p 1 ."))
    assert len(list(evaluation)) == (0 if fails else 1)
    assert [problem.kind for problem in evaluation.problems] == (["failed"] if fails else [])


# Components that the shapes declare.

_COMPONENT = """
    e:Component a sh:ConstraintComponent ;
        sh:parameter [ sh:path e:lang ], [ sh:path e:other ; sh:optional true ] ;
        %s [ sh:message "not in {$lang}" ; sh:prefixes e: ; %s ] .
    e:s sh:targetNode e:a, e:b ; sh:property e:t . e:t sh:path e:p ; e:lang "de" .
"""


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("sh:validator", "sh:ask 'ASK { FILTER(langMatches(lang($value), $lang)) }'"),
        (
            "sh:propertyValidator",
            "sh:select 'SELECT $this ?value { $this $PATH ?value "
            "FILTER(!langMatches(lang(?value), $lang)) }'",
        ),
    ],
)
def test_a_declared_component(kind: str, query: str) -> None:
    (result,), _ = run(_COMPONENT % (kind, query), 'e:a e:p "x"@de, "y"@fr . e:b e:p "z"@de-AT .')
    assert (result.focus, result.value) == (E.a, ox.Literal("y", language="fr"))
    assert (result.component, result.constraint, result.shape) == (E.Component, None, E.t)
    assert result.bindings == {"this": E.a, "value": result.value, "lang": ox.Literal("de")}
    assert result.parameters == ((E.lang, ox.Literal("de")),)
    assert result.messages == (ox.Literal("not in {$lang}"),)


def test_a_component_without_a_validator_that_fits_is_idle() -> None:
    shapes = _COMPONENT % ("sh:nodeValidator", "sh:select 'SELECT $this { $this ?p ?o }'")
    plan = compile_shapes(triples(shapes))
    assert [(p.kind, p.blocking, p.term) for p in plan.problems] == [("idle", False, E.lang)]


def test_a_sparql_target() -> None:
    shapes = """
        e:s sh:nodeKind sh:Literal ; sh:target [ a sh:SPARQLTarget ; sh:prefixes e: ;
            sh:select "SELECT ?this { ?this e:p ?x FILTER(?x > 1) }" ] .
        e:t sh:nodeKind sh:Literal ; sh:target [ a e:Above ; e:least 2 ] .
        e:Above a sh:SPARQLTargetType ; sh:parameter [ sh:path e:least ] ; sh:prefixes e: ;
            sh:select "SELECT ?this { ?this e:p ?x FILTER(?x > $least) }" .
    """
    results, _ = run(shapes, "e:a e:p 1 . e:b e:p 2 . e:c e:p 3 .")
    assert sorted((r.shape.value, r.focus.value[-1]) for r in results) == [
        ("http://example.org/s", "b"),
        ("http://example.org/s", "c"),
        ("http://example.org/t", "c"),
    ]


# Values, results, counts.


def test_unique_languages_are_asked_for_by_the_term_true_alone() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:uniqueLang %s ] ."
    data = 'e:a e:p "x"@en, "y"@en, "z"@fr, "w", "v" .'
    (result,), _ = run(shapes % "true", data)
    assert (result.value, result.bindings) == (None, {"lang": ox.Literal("en")})
    assert run(shapes % '"1"^^xsd:boolean', data)[0] == []
    assert run(shapes % "true", 'e:a e:p "x"@en, "z"@fr, "w", "v" .')[0] == []


def test_severities_are_kept_as_they_are() -> None:
    shapes = (
        "e:s sh:targetNode e:a ; sh:severity e:Bad ; sh:nodeKind sh:Literal ; "
        "sh:property [ sh:path e:p ; sh:minCount 1 ; sh:severity sh:Info ], "
        "[ sh:path e:q ; sh:minCount 1 ] ."
    )
    results, _ = run(shapes, "")
    assert [r.severity for r in results] == [E.Bad, SH.Info, SH.Violation]


def test_a_result_that_comes_twice_is_there_twice() -> None:
    shapes = (
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:lessThan e:q ], "
        "[ sh:path e:p ; sh:property [ sh:path e:r ; sh:minCount 1 ] ] ."
        "e:t sh:targetNode e:b, e:c ; sh:property [ sh:path e:p ; sh:property e:u ] . "
        "e:u sh:path e:r ; sh:minCount 1 ."
    )
    assert blamed(shapes, "e:a e:p 3 ; e:q 1, 2 . e:b e:p e:d . e:c e:p e:d .") == [
        ("a", '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("a", '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ('"3"^^<http://www.w3.org/2001/XMLSchema#integer>', None),
        ("d", None),
        ("d", None),
    ]


def test_a_node_that_several_targets_select_is_one() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:targetClass e:C, e:D ; sh:nodeKind sh:Literal ."
    assert blamed(shapes, "e:a a e:C, e:D . e:D rdfs:subClassOf e:C . e:b a e:E .") == [("a", "a")]


def test_a_class_that_is_a_shape_has_its_instances_as_targets() -> None:
    shapes = "e:C a rdfs:Class, sh:NodeShape ; sh:nodeKind sh:Literal ."
    data = "e:a a e:C . e:b a e:D . e:D rdfs:subClassOf e:C . e:c a e:E ."
    assert blamed(shapes, data) == [("a", "a"), ("b", "b")]


def test_what_ran_is_counted() -> None:
    shapes = (
        "e:s sh:targetClass e:C, e:None ; sh:nodeKind sh:Literal ; sh:class e:D ; "
        "sh:property [ sh:path e:p ; sh:minCount 1 ] . e:t sh:nodeKind sh:IRI . "
        "e:u sh:targetNode e:a ; sh:deactivated true ; sh:nodeKind sh:IRI ."
        "e:v sh:targetClass e:None ; sh:nodeKind sh:IRI ."
    )
    _, evaluation = run(shapes, "e:a a e:C . e:b a e:C . e:c a e:D .")
    ran = evaluation.ran
    # The property shape as constraint of its parent, and its count.
    assert (ran.shapes, ran.focus_nodes, ran.constraints, ran.checks) == (2, 2, 4, 8)
    assert ran.idle_targets == [(E.s, E["None"]), (E.v, E["None"])]


def test_no_shapes_are_no_plan() -> None:
    plan = compile_shapes(triples("e:a e:p e:b ."))
    assert (plan.shapes, plan.roots, plan.problems) == (0, (), ())
    assert compile_shapes(triples("e:s sh:targetNode e:a .")).shapes == 1


def test_the_list_of_what_is_ignored_is_idle_in_an_open_shape() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:ignoredProperties %s ; %s sh:nodeKind sh:IRI ."
    plan = compile_shapes(triples(shapes % ("e:nothing", "")))
    assert [(p.kind, p.blocking) for p in plan.problems] == [("idle", False)]
    assert list(evaluate(plan, triples("e:a e:p 1 ."))) == []
    closed = shapes % ("( e:q )", "sh:closed true ;")
    assert blamed(closed, "e:a e:p 1 ; e:q 1 . e:b e:p 1 .") == [
        ("a", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    ]


# What failed inside.


def test_each_alternative_says_what_failed() -> None:
    shapes = """
        e:s sh:targetNode e:a ; sh:or ( e:one [ sh:property [ sh:path e:q ; sh:minCount 1 ] ] ) .
        e:one sh:property [ sh:path e:p ; sh:minCount 1 ; sh:maxCount 0 ] .
    """
    (result,), _ = run(shapes, "e:b e:p 1 .")
    assert [(r.focus, r.within == E.one, r.component) for r in result.inner] == [
        (E.a, True, SH.MinCountConstraintComponent),
        (E.a, False, SH.MinCountConstraintComponent),
    ]
    assert run(shapes, "e:a e:q 1 .")[0] == []


@pytest.mark.parametrize(
    ("constraint", "inner"),
    [
        ("sh:node [ sh:nodeKind sh:Literal ]", 1),
        ("sh:and ( [ sh:nodeKind sh:Literal ] [ sh:class e:C ] )", 2),
        ("sh:not [ sh:nodeKind sh:IRI ]", 0),
        ("sh:xone ( [ sh:nodeKind sh:Literal ] [ sh:class e:C ] )", 2),
        ("sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:nodeKind sh:IRI ] )", 0),
    ],
)
def test_what_failed_inside(constraint: str, inner: int) -> None:
    (result,), _ = run(f"e:s sh:targetNode e:a ; {constraint} .", "")
    assert len(result.inner) == inner


def test_reasons_end() -> None:
    steps = " ".join(f"e:s{n} sh:and ( e:s{n + 1} e:s{n + 1} ) ." for n in range(40))
    shapes = f"e:s0 sh:targetNode e:a . {steps} e:s40 sh:nodeKind sh:Literal ."
    (result,), _ = run(shapes, "")
    assert len(result.inner) == 2
    assert run(shapes.replace("sh:Literal", "sh:IRI"), "")[0] == []


def test_values_that_do_not_count_say_why() -> None:
    shapes = (
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; "
        "sh:qualifiedValueShape [ sh:class e:C ] ; sh:qualifiedMinCount 2 ] ."
    )
    (result,), _ = run(shapes, "e:a e:p e:b, e:c . e:b a e:C .")
    assert [r.focus for r in result.inner] == [E.c]
    assert run(shapes, "e:a e:p e:b, e:c . e:b a e:C . e:c a e:C .")[0] == []


# Datatypes and order.


@pytest.mark.parametrize(
    ("datatype", "bad", "good"),
    [
        ("gMonth", "07", "--07"),
        ("gDay", "07", "---07"),
        ("gMonthDay", "07-07", "--07-07"),
        ("byte", "300", "127"),
        ("date", "2015-02-29", "2016-02-29"),
        ("dateTimeStamp", "2015-05-19T09:30:00", "2015-05-19T09:30:00Z"),
        ("duration", "1Y", "P1Y"),
        ("hexBinary", "0", "00"),
        ("language", "en_GB", "en-GB"),
        ("integer", " 1", "1"),
    ],
)
def test_texts_that_are_no_values(datatype: str, bad: str, good: str) -> None:
    shapes = f'e:s sh:targetNode "{bad}"^^xsd:{datatype}, "{good}"^^xsd:{datatype} ; '
    results, _ = run(shapes + f"sh:datatype xsd:{datatype} .", "")
    assert [r.focus.value for r in results] == [bad]


def test_of_unknown_datatypes_every_text_is_a_value() -> None:
    literals = '"x"^^e:d, "a b"^^xsd:anyURI, "x"^^xsd:unheard, "x"@abcdefgh'
    datatypes = " ".join(
        f"[ sh:datatype {name} ]" for name in ("e:d", "xsd:anyURI", "xsd:unheard", "rdf:langString")
    )
    shapes = f"e:s sh:targetNode {literals} ; sh:or ( {datatypes} ) ."
    assert blamed(shapes, "") == []


@pytest.mark.parametrize(
    ("bound", "good", "bad"),
    [
        ("1", '2, "1.0"^^xsd:decimal, 1e0, "1"^^xsd:byte', '0, "x"^^xsd:integer, "1", e:a'),
        ("99999999999999999999999", "99999999999999999999999", "99999999999999999999998"),
        ('"b"', '"b", "c"', '"a", "c"@en, "B"'),
        ('"1"^^xsd:float', "1, 1.5", "0.5"),
        ("true", "true", 'false, "0"^^xsd:boolean'),
        ('"2020-01-01"^^xsd:date', '"2020-01-01"^^xsd:date', '"2019-12-31"^^xsd:date'),
        (
            '"2020-01-01T00:00:00Z"^^xsd:dateTime',
            '"2020-01-01T01:00:00+01:00"^^xsd:dateTime, "2020-01-02T00:00:00"^^xsd:dateTime',
            '"2019-12-31T23:59:59.9Z"^^xsd:dateTime, "2020-01-01T00:00:00"^^xsd:dateTime',
        ),
        ('"NaN"^^xsd:double', "", '"NaN"^^xsd:double, 1'),
    ],
)
def test_least_values(bound: str, good: str, bad: str) -> None:
    shapes = f"e:s sh:targetNode %s ; sh:minInclusive {bound} ."
    assert good == "" or blamed(shapes % good, "") == []
    assert len(blamed(shapes % bad, "")) == bad.count(",") + 1


# Nothing that does not end.


def test_a_pattern_takes_linear_time() -> None:
    shapes = 'e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:pattern "^(a+)+$" ] .'
    data = f'e:a e:p "{"a" * 36}b", "{"a" * 36}" .'
    assert [value for _, value in blamed(shapes, data)] == [f'"{"a" * 36}b"']


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("b$", "ab\n", False),
        ("^b", "a\nb", False),
        ("a.b", "a\nb", False),
        ("é", "É", False),
        (r"\d", "٣", True),
        (r"^\p{Lu}+$", "ÀB", True),
        ("", "", True),
    ],
)
def test_patterns_mean_what_they_do_in_sparql(pattern: str, text: str, matches: bool) -> None:
    quoted = str(ox.Literal(pattern))
    shapes = f"e:s sh:targetNode {ox.Literal(text)} ; sh:pattern {quoted} ."
    assert (blamed(shapes, "") == []) is matches


def test_flags_change_a_pattern() -> None:
    shapes = 'e:s sh:targetNode "AB" ; sh:pattern "^ab" %s .'
    assert blamed(shapes % "", "") == [('"AB"', '"AB"')]
    assert blamed(shapes % '; sh:flags "i"', "") == []


def test_the_collector_is_given_back() -> None:
    before = gc.isenabled(), gc.get_freeze_count()
    evaluation = evaluate(
        compile_shapes(triples("e:s sh:targetNode e:a, e:b ; sh:nodeKind sh:Literal .")), []
    )
    iterator = iter(evaluation)
    next(iterator)
    del iterator, evaluation
    assert (gc.isenabled(), gc.get_freeze_count()) == before


def test_a_graph_has_each_triple_once_as_it_is_written() -> None:
    one, same = ox.Literal("01", datatype=XSD.integer), ox.Literal("1", datatype=XSD.integer)
    twice = [ox.Triple(E.a, E.p, value) for value in (one, same, one, one)]
    graph = Graph([*twice, ox.Quad(E.a, E.p, same, E.graph)])
    assert graph.objects(E.a, E.p) == (one, same)
    assert graph.subjects(same, E.p) == (E.a,)
    assert len(graph) == 2


def test_the_order_does_not_change_from_run_to_run() -> None:
    code = f"""
import pyoxigraph as ox
from app.validation.engines.native import compile_shapes, evaluate
shapes = ox.parse({_PREFIXES + _ORDERED!r}, format=ox.RdfFormat.TURTLE)
data = ox.parse({_PREFIXES + _ORDERED_DATA!r}, format=ox.RdfFormat.TURTLE)
for result in evaluate(compile_shapes(shapes), data):
    print(result.focus, result.component, result.value, result.bindings)
"""

    def output(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    first, *others = [output(seed) for seed in "123"]
    # Of each node: in, closed, not, two of the pattern, maxCount, two of the query.
    assert len(first.splitlines()) == 5 * 8
    assert others == [first, first]


_ORDERED = """
    e:s sh:targetClass e:C ; sh:closed true ; sh:not [ sh:nodeKind sh:IRI ] ;
        sh:in ( 1 2 ) ; sh:property [ sh:path e:p ; sh:pattern "x" ; sh:maxCount 1 ] ;
        sh:sparql [ sh:select "SELECT $this ?value { $this <http://example.org/p> ?value }" ] .
"""
_ORDERED_DATA = "e:D rdfs:subClassOf e:C . e:E rdfs:subClassOf e:D, e:C . " + " ".join(
    f"e:n{n} a e:{'CDE'[n % 3]} ; e:p 'a', 'b' ." for n in range(5)
)
