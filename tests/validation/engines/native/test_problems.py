"""What is the matter with shapes: each fault by name, and a neighbour that is in order."""

import pyoxigraph as ox
import pytest

from app.namespaces import SH, Namespace
from app.validation.engines.base import ShapeProblem
from app.validation.engines.native import Plan, compile_shapes, evaluate

_TURTLE = ox.RdfFormat.TURTLE
E = Namespace("http://example.org/")
_PREFIXES = """
    @prefix e: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def problems(turtle: str) -> tuple[ShapeProblem, ...]:
    triples = (q.triple for q in ox.parse(_PREFIXES + turtle, format=_TURTLE))
    return compile_shapes(triples).problems


# Of a property shape with a target: parameter, value at fault, value in order.
_PARAMETERS = [
    ("class", '"x"', "e:C, e:D"),
    ("datatype", '"x"', "xsd:date"),
    ("datatype", "xsd:date, xsd:time", "xsd:date"),
    ("nodeKind", "sh:Nothing", "sh:IRI"),
    ("nodeKind", "e:IRI", "sh:BlankNodeOrLiteral"),
    ("minCount", '"1"', "1"),
    ("minCount", "1, 2", "1"),
    ("maxCount", "1.0", "1"),
    ("minExclusive", "e:one", "1.5"),
    ("maxInclusive", "1, 2", '"2020-01-01"^^xsd:date'),
    ("minLength", '"x"^^xsd:integer', "0"),
    ("maxLength", "e:x", "3"),
    ("pattern", '"["', '"[a]"'),
    ("pattern", '"(?!x)"', '"(?:x)"'),
    ("pattern", '"a"@en', '"a"'),
    ("pattern", '"a", "b"', '"a"'),
    ("languageIn", '( "en"@en )', '( "en" "fr" )'),
    ("languageIn", '"en"', "()"),
    ("uniqueLang", '"yes"', "true"),
    ("uniqueLang", "true, false", '"1"^^xsd:boolean'),
    ("equals", '"x"', "e:q"),
    ("disjoint", "[]", "e:q"),
    ("lessThan", '"x"', "e:q, e:r"),
    ("lessThanOrEquals", "1", "e:q"),
    ("in", "e:x", "( e:x 1 )"),
    ("in", "( 1 ), ( 2 )", "()"),
    ("in", "[ rdf:first 1 ]", "[ rdf:first 1 ; rdf:rest () ]"),
    ("closed", '"x"', "false"),
    ("not", '"x"', "[ sh:nodeKind sh:IRI ]"),
    ("and", "[ sh:nodeKind sh:IRI ]", "( [ sh:nodeKind sh:IRI ] )"),
    ("or", "( 1 )", "()"),
    ("xone", "e:x", "( [ sh:class e:C ] [ sh:class e:D ] )"),
    ("node", "[ sh:path e:q ]", "[ sh:nodeKind sh:IRI ]"),
    ("property", "1", "[ sh:path e:q ]"),
    ("sparql", '"SELECT"', '[ sh:select "SELECT $this {}" ]'),
    ("severity", '"bad"', "e:bad"),
    ("severity", "sh:Info, sh:Warning", "sh:Info"),
    ("message", "e:x", '"x"@en, "y"'),
    ("deactivated", '"yes"', "false"),
    ("targetNode", "[]", 'e:a, "x"'),
    ("targetClass", '"C"', "e:C"),
    ("targetSubjectsOf", '"p"', "e:p"),
    ("targetObjectsOf", "[]", "e:p"),
    ("flags", "1", '"i"'),
]


@pytest.mark.parametrize(("parameter", "bad", "good"), _PARAMETERS)
def test_values_of_parameters(parameter: str, bad: str, good: str) -> None:
    shape = "e:s sh:path e:p ; sh:targetClass e:T ; sh:pattern '' ; sh:%s %s ."
    if parameter == "pattern":
        shape = shape.replace("sh:pattern '' ; ", "")
    (problem,) = problems(shape % (parameter, bad))
    assert (problem.kind, problem.blocking, problem.node) == ("ill-formed", True, E.s)
    assert problem.term == SH[parameter]
    assert f"sh:{parameter}" in problem.sentence or parameter == "pattern"
    # What makes no other target or shape run is all that is left out.
    assert problem.shapes == (E.s,)
    assert problems(shape % (parameter, good)) == ()


@pytest.mark.parametrize(
    ("node", "bad", "good"),
    [
        ("e:s", "e:s a sh:PropertyShape .", "e:s a sh:PropertyShape ; sh:path e:p ."),
        ("e:s", "e:s a sh:NodeShape ; sh:path e:p .", "e:s a sh:NodeShape ; sh:class e:C ."),
        (
            "e:t",
            "e:s sh:property e:t . e:t sh:name 'T' .",
            "e:s sh:property e:t . e:t sh:path e:p .",
        ),
        (
            "e:t",
            "e:s sh:not [ sh:and ( [ sh:property e:t ] ) ] . e:t sh:minCount 1 .",
            "e:s sh:not [ sh:and ( [ sh:property e:t ] ) ] . e:t sh:minCount 1 ; sh:path e:p .",
        ),
        ("e:s", "e:s sh:minCount 1 .", "e:s sh:minCount 1 ; sh:path e:p ."),
        ("e:s", "e:s sh:lessThan e:p .", "e:s sh:equals e:p ."),
        ("e:s", "e:s sh:uniqueLang true .", "e:s sh:languageIn ( 'en' ) ."),
        ("e:s", "e:s sh:path e:p, e:q .", "e:s sh:path e:p ."),
        ("e:s", 'e:s sh:path "p" ; sh:class e:C .', "e:s sh:path e:p ; sh:class e:C ."),
        ("e:s", "e:s sh:path ( e:p ) .", "e:s sh:path ( e:p e:q ) ."),
        (
            "e:s",
            "e:s sh:path [ sh:alternativePath ( e:p ) ] .",
            "e:s sh:path [ sh:alternativePath ( e:p e:q ) ] .",
        ),
        (
            "e:s",
            "e:s sh:path _:p . _:p sh:inversePath _:p .",
            "e:s sh:path _:p . _:p sh:inversePath e:p .",
        ),
        (
            "e:s",
            "e:s sh:path [ sh:inversePath e:p ; sh:zeroOrMorePath e:p ] .",
            "e:s sh:path [ sh:inversePath [ sh:zeroOrMorePath e:p ] ] .",
        ),
        (
            "e:s",
            "e:s sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .",
            "e:s sh:in _:l . _:l rdf:first 1 ; rdf:rest () .",
        ),
        ("e:s", "e:s sh:closed true ; sh:ignoredProperties ( 1 ) .", "e:s sh:closed true ."),
        ("e:s", 'e:s sh:pattern "a" ; sh:flags "z" .', 'e:s sh:pattern "a" ; sh:flags "smixq" .'),
        (
            "e:c",
            "e:c a sh:ConstraintComponent ; sh:parameter [ sh:path e:n-m ] .",
            "e:c a sh:ConstraintComponent ; sh:parameter [ sh:path e:nm ] .",
        ),
        (
            "e:c",
            "e:c a sh:ConstraintComponent ; sh:parameter [ sh:path e:n ; sh:optional true ] .",
            "e:c a sh:ConstraintComponent ; sh:parameter [ sh:path e:n ] .",
        ),
    ],
)
def test_rules_of_form(node: str, bad: str, good: str) -> None:
    targets = "e:s sh:targetNode e:a . "
    found = [p for p in problems(targets + bad) if p.blocking]
    assert {(p.kind, str(p.node)) for p in found} == {
        ("ill-formed", f"<{node.replace('e:', 'http://example.org/')}>")
    }
    assert [p for p in problems(targets + good) if p.blocking] == []


@pytest.mark.parametrize(
    ("turtle", "term", "sentence"),
    [
        ("e:s sh:minCout 1 .", SH.minCout, "sh:minCount"),
        ("e:s sh:targetclass e:C .", SH.targetclass, "sh:targetClass"),
        ("e:s a sh:NodeShpae .", SH.NodeShpae, "sh:NodeShape"),
        ("e:s sh:severity sh:Error .", SH.Error, "sh:Error"),
        ("e:s sh:zzz 1 .", SH.zzz, "SHACL has no sh:zzz"),
        ("e:s sh:sparql [ sh:selct '' ; sh:select 'SELECT $this {}' ] .", SH.selct, "sh:select"),
        (
            "e:t <https://www.w3.org/ns/shacl#targetNode> e:b .",
            ox.NamedNode("https://www.w3.org/ns/shacl#targetNode"),
            "http://www.w3.org/ns/shacl#",
        ),
        (
            "e:t a <https://www.w3.org/ns/shacl#NodeShape> .",
            ox.NamedNode("https://www.w3.org/ns/shacl#NodeShape"),
            "http://www.w3.org/ns/shacl#",
        ),
    ],
)
def test_unknown_terms(turtle: str, term: ox.NamedNode, sentence: str) -> None:
    shapes = "e:s sh:targetNode e:a ; sh:nodeKind sh:Literal . " + turtle
    plan = compile_shapes(q.triple for q in ox.parse(_PREFIXES + shapes, format=_TURTLE))
    (problem,) = plan.problems
    assert (problem.kind, problem.term, problem.blocking) == ("unknown-term", term, True)
    assert sentence in problem.sentence
    # What else the shape asks for is run.
    assert problem.shapes == ()
    assert {result.focus for result in evaluate(plan, [])} == {E.a}


def test_terms_of_no_shape_are_nobody_s_business() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:nodeKind sh:IRI ; sh:name 'x' ; sh:order 1 ; e:minCout 1 ."
    assert problems(shapes + " e:a sh:nodeShape e:s .") == ()


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("e:s sh:node e:s .", "e:s sh:node e:t ."),
        (
            "e:s sh:property e:t . e:t sh:path e:p ; sh:or ( e:u ) . e:u sh:not e:s .",
            "e:s sh:property e:t . e:t sh:path e:p ; sh:or ( e:u ) . e:u sh:not e:v .",
        ),
        (
            "e:s sh:xone ( e:t ) . e:t sh:path e:p ; sh:qualifiedValueShape e:s ; "
            "sh:qualifiedMinCount 1 .",
            "e:s sh:xone ( e:t e:u ) . e:u sh:path e:p . e:t sh:node e:w .",
        ),
    ],
)
def test_recursion(bad: str, good: str) -> None:
    shapes = "e:s sh:targetNode e:a . e:z sh:targetNode e:a ; sh:nodeKind sh:Literal . "
    plan = compile_shapes(q.triple for q in ox.parse(_PREFIXES + shapes + bad, format=_TURTLE))
    assert [(p.kind, p.node, p.shapes) for p in plan.problems] == [("recursive", E.s, (E.s,))]
    # The other shape is run all the same.
    assert [result.shape for result in evaluate(plan, [])] == [E.z]
    assert [p for p in problems(shapes + good) if p.blocking] == []


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (r"[a-z-[aeiou]]", "refused"),
        (r"(a)\1", "refused"),
        (r"\i\c*", "refused"),
        (r"\p{IsBasicLatin}", "refused"),
        (r"(?=a)", "ill-formed"),
        (r"(?<!a)", "ill-formed"),
        (r"a{2,1}", "ill-formed"),
        (r"[a-z\-\[]", None),
        (r"(a)\\1", None),
        (r"\\i\p{L}", None),
    ],
)
def test_patterns(pattern: str, kind: str | None) -> None:
    found = problems(f"e:s sh:targetNode e:a ; sh:pattern {ox.Literal(pattern)} .")
    assert [p.kind for p in found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("turtle", "term"),
    [
        ("e:s sh:js [ sh:jsFunctionName 'f' ] .", SH.js),
        ("e:s sh:rule [ a sh:TripleRule ] .", SH.rule),
        ("e:s sh:expression [ sh:path e:p ] .", SH.expression),
        ("e:s sh:reifierShape e:t .", SH.reifierShape),
        ("e:s sh:singleLine true .", SH.singleLine),
        ("e:s sh:memberShape e:t .", SH.memberShape),
        ("<http://o> sh:entailment <http://www.w3.org/ns/entailment/RDFS> .", SH.entailment),
        ("e:s sh:target [ a e:Target ] .", SH.target),
    ],
)
def test_what_is_known_and_not_run(turtle: str, term: ox.NamedNode) -> None:
    (problem,) = problems("e:s sh:targetNode e:a ; sh:nodeKind sh:IRI . " + turtle)
    assert (problem.kind, problem.term, problem.blocking) == ("refused", term, True)
    drafted = term in (SH.reifierShape, SH.singleLine, SH.memberShape)
    assert problem.shapes == (() if drafted else (E.s,))


def test_the_datatype_that_no_literal_has() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:datatype rdfs:%s ."
    (problem,) = problems(shapes % "Literal")
    assert (problem.kind, problem.blocking, problem.term) == ("ill-formed", False, SH.datatype)
    assert problems(shapes % "Other") == ()


@pytest.mark.parametrize(
    ("turtle", "term"),
    [
        ("e:s sh:flags 'i' .", SH.flags),
        ("e:s sh:ignoredProperties ( e:p ) .", SH.ignoredProperties),
        ("e:s sh:qualifiedMinCount 1 .", SH.qualifiedMinCount),
        ("e:s sh:node e:missing .", E.missing),
        ("e:s sh:property e:missing .", E.missing),
        (
            "e:s sh:sparql [ sh:select 'SELECT $this {}' ; sh:resultAnnotation [] ] .",
            SH.resultAnnotation,
        ),
        ("e:C a owl:Class, sh:NodeShape .", ox.NamedNode(str(SH).replace("ns/shacl", "x"))),
    ],
)
def test_what_does_nothing_is_remarked(turtle: str, term: ox.NamedNode) -> None:
    (problem,) = problems("e:s sh:targetNode e:a ; sh:nodeKind sh:IRI . " + turtle)
    assert (problem.kind, problem.blocking) == ("idle", False)
    assert problem.term == term or "owl:Class" in problem.sentence


@pytest.mark.parametrize("step", [1, -1])
def test_deep_nesting_ends(step: int) -> None:
    def plan(depth: int) -> Plan:
        steps = [f"e:s{n} sh:not e:s{n + 1} ." for n in range(depth)][::step]
        shapes = f"{_PREFIXES} {' '.join(steps)} e:s0 sh:targetNode e:a ."
        shapes += f" e:s{depth} sh:nodeKind sh:Literal ."
        return compile_shapes(q.triple for q in ox.parse(shapes, format=_TURTLE))

    deep = plan(5000)
    assert {p.kind for p in deep.problems} == {"refused"}
    assert list(evaluate(deep, [])) == []
    assert any(E.s0 in p.shapes for p in deep.problems)
    flat = plan(50)
    assert flat.problems == ()
    assert [result.focus for result in evaluate(flat, [])] == [E.a]


# Queries.


def _query(query: str, prefixes: str = "") -> list[ShapeProblem]:
    shapes = (
        f"e:s sh:targetNode e:a ; sh:sparql e:q . e:q {prefixes} sh:select {ox.Literal(query)} ."
    )
    declared = 'e: sh:declare [ sh:prefix "e" ; sh:namespace "http://example.org/" ] . '
    return list(problems(declared + shapes))


@pytest.mark.parametrize(
    ("bad", "good", "words"),
    [
        ("SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }", "SELECT $this {}", "MINUS"),
        ("SELECT $this { VALUES ?x { 1 } }", "SELECT $this { ?values ?p 1 }", "VALUES"),
        ("SELECT $this { BIND(1 AS $this) }", "SELECT $this { BIND($this AS ?x) }", "?this"),
        ("SELECT (1 AS ?this) {}", "SELECT (1 AS ?x) {}", "?this"),
        (
            "SELECT $this { { SELECT ?x { ?x ?p ?o } } }",
            "SELECT $this { { SELECT $this ?x { ?x ?p $this } } }",
            "$this",
        ),
        (
            "SELECT $this { { SELECT * { ?x ?p ?o } } }",
            "SELECT * { { SELECT $this { ?x ?p ?o } } }",
            "$this",
        ),
        ("SELECT $this { ?x ?p }", "SELECT $this { ?x ?p ?o }", "near its line 1, column 2"),
        ("SELECT $this {\n?x\n?p }", "SELECT $this {\n?x\n?p 1 }", "near its line 3, column"),
        ("ASK {}", "SELECT $this {}", "SELECT"),
        ("CONSTRUCT { $this ?p 1 } { $this ?p ?o }", "SELECT $this {}", "SELECT"),
        ("SELECT $this { $this $PATH 1 }", "SELECT $this { $this ?PATHS 1 }", "$PATH"),
        (
            "SELECT $this { $this f:p 1 }",
            "PREFIX f: <http://f/> SELECT $this { f:a f:p 1 }",
            "“f:”",
        ),
    ],
)
def test_queries(bad: str, good: str, words: str) -> None:
    (problem,) = _query(bad)
    assert (problem.kind, problem.node, problem.term) == ("ill-formed", E.q, SH.select)
    assert (problem.blocking, problem.shapes) == (True, (E.s,))
    assert words in problem.sentence
    assert _query(good) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this { SERVICE <http://example.org/> { ?x ?p ?o } }",
        "SELECT $this { \\u0053ERVICE <http://example.org/> { ?x ?p ?o } }",
        "SELECT $this FROM <http://example.org/> { ?x ?p ?o }",
        # What looks like an IRI to a lexer is a comparison and a comment to a parser.
        "SELECT $this { FILTER(1<2)SERVICE:p#>\n{ ?x ?p ?o } }",
        "SELECT $this { FILTER(1<2)#>'\nSERVICE <http://example.org/> { ?x ?p ?o } # ' }",
    ],
)
def test_queries_ask_nobody_else(query: str) -> None:
    (problem,) = _query(query)
    assert (problem.kind, problem.node) == ("refused", E.q)


def test_words_in_texts_are_no_words() -> None:
    query = 'SELECT $this { $this e:p \'MINUS {\', """VALUES""" # SERVICE\n ; e:FROM <urn:VALUES> }'
    assert _query(query, "sh:prefixes e: ;") == []


def test_a_prefix_that_means_two_things() -> None:
    both = 'e: sh:declare [ sh:prefix "e" ; sh:namespace "http://f/" ] . '
    shapes = f"{both} e:s sh:targetNode e:a ; sh:sparql e:q . e:q sh:prefixes e: ; "
    declared = 'e: sh:declare [ sh:prefix "e" ; sh:namespace "http://example.org/" ] . '
    (problem,) = problems(declared + shapes + "sh:select 'SELECT $this {}' .")
    assert "“e:”" in problem.sentence
    assert problems(shapes + "sh:select 'SELECT $this {}' .") == ()
