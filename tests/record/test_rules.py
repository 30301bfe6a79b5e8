"""Rules: what each concludes, from which triples, and what in a rule cannot be followed."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ParseFault
from app.record.record import Rule
from app.record.rule_parser import parse
from app.record.rules import Reasons, conclude

EX = "http://example.org/"
HEAD = f"PREFIX : <{EX}>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"


def rule(text: str) -> Rule:
    return Rule("drawn", Path("10-drawn.rq"), HEAD + text)


def filled(data: str) -> ox.Store:
    store = ox.Store()
    store.load(f"@prefix : <{EX}> .\n{data}".encode(), format=ox.RdfFormat.TURTLE)
    return store


def short(triple: ox.Triple) -> str:
    return " ".join(re.sub(r"<[^<>]*[/#](\w+)>", r"\1", str(term)) for term in triple)


def ways(text: str, data: str) -> dict[str, list[list[str]]]:
    reasons = conclude(parse(rule(text)), filled(data))
    return {
        short(t): [[short(step) for step in way] for way in ways] for t, ways in reasons.items()
    }


def test_a_conclusion_has_each_way_to_it_and_what_each_took() -> None:
    found = ways(
        "CONSTRUCT { ?x :r ?z } WHERE { ?x :p ?y . ?y :q ?z }",
        ":a :p :b, :c . :b :q :d . :c :q :d, :e .",
    )
    assert found == {
        "a r d": [["a p b", "b q d"], ["a p c", "c q d"]],
        "a r e": [["a p c", "c q e"]],
    }


def test_what_is_there_already_is_no_conclusion() -> None:
    text = "CONSTRUCT { ?y :p ?x } WHERE { ?x :p ?y }"
    assert ways(text, ":a :p :b . :b :p :a . :a :p :c .") == {"c p a": [["a p c"]]}


def test_what_is_no_triple_is_left_out() -> None:
    text = "CONSTRUCT { ?y :is ?x . ?x :knows ?z } WHERE { ?x :p ?y OPTIONAL { ?x :q ?z } }"
    assert ways(text, ':a :p "text" . :b :p :c ; :q :d .') == {
        "c is b": [["b p c", "b q d"]],
        "b knows d": [["b p c", "b q d"]],
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (":p/:q", {"a r d": [["a p b", "b q d"]]}),
        ("^:p", {"b r a": [["a p b"]], "c r b": [["b p c"]]}),
        (":p+", {"a r b": [["a p b"]], "a r c": [["a p b", "b p c"]], "b r c": [["b p c"]]}),
        (":p?/:q", {"b r d": [["b q d"]], "a r d": [["a p b", "b q d"]]}),
        ("(:p|:q)/^:q", {"b r b": [["b q d"]]}),
        ("^(:p/:q)", {"d r a": [["b q d", "a p b"]]}),
        ("(^:p)*/:q", {"b r d": [["b q d"]], "c r d": [["b p c", "b q d"]]}),
        # Which triple was meant cannot be told from what it was not.
        ("!:p", {"b r d": [[]]}),
        ("!(:p|^:q)", {"b r d": [[]], "b r a": [[]], "c r b": [[]]}),
        (":p/!:p", {"a r d": [[]]}),
    ],
)
def test_a_path_is_followed_to_its_end(path: str, expected: dict[str, list[list[str]]]) -> None:
    text = f"CONSTRUCT {{ ?x :r ?y }} WHERE {{ ?x {path} ?y }}"
    assert ways(text, ":a :p :b . :b :p :c ; :q :d .") == expected


def test_a_side_of_a_union_counts_where_it_was_taken() -> None:
    text = "CONSTRUCT { ?x :r ?y } WHERE { { ?x :p ?y } UNION { ?x :q ?y FILTER(?y != :no) } }"
    assert ways(text, ":a :p :b ; :q :b . :c :p :no ; :q :no .") == {
        "a r b": [["a p b"], ["a q b"]],
        "c r no": [["c p no"]],
    }


def test_what_is_optional_counts_where_it_was_matched() -> None:
    text = """CONSTRUCT { ?x :r ?y } WHERE {
      ?x :p ?y OPTIONAL { ?y :n ?n . ?n :o ?x FILTER(?n != :no) }
    }"""
    assert ways(text, ":a :p :b . :b :n :no . :no :o :a . :c :p :d . :d :n :e . :e :o :c .") == {
        "a r b": [["a p b"]],
        "c r d": [["c p d", "d n e", "e o c"]],
    }


def test_what_must_not_be_there_and_what_a_subquery_hides_give_no_reason() -> None:
    text = """CONSTRUCT { ?x :r ?n } WHERE {
      ?x :p ?y .
      FILTER(EXISTS { ?x :q ?any } && NOT EXISTS { ?x :no ?any })
      MINUS { ?x :gone ?y }
      { SELECT ?x (COUNT(?z) AS ?n) WHERE { ?x :p ?z } GROUP BY ?x HAVING(COUNT(?z) > 0) }
    }"""
    data = ":a :p :b ; :q :c . :d :p :b . :e :p :b ; :q :c ; :no :c . :f :p :b ; :q :c ; :gone :b ."
    one = '"1"^^integer'
    assert ways(text, data) == {f"a r {one}": [["a p b"]]}


def test_blank_nodes_in_a_pattern_are_followed_like_variables() -> None:
    text = "CONSTRUCT { ?x :r ?y } WHERE { ?x :p [ a :C ; :q ?y, _:b ] . _:b :s [] . [ :t ?x ] }"
    data = ":a :p :m . :m a :C ; :q :b, :c . :c :s :d . :z :t :a ."
    assert ways(text, data) == {
        "a r b": [["m type C", "m q b", "m q c", "a p m", "c s d", "z t a"]],
        "a r c": [["m type C", "m q c", "a p m", "c s d", "z t a"]],
    }


def test_literals_of_every_form_are_read() -> None:
    text = """CONSTRUCT { ?x a :Found } WHERE {
      ?x :n -5 , 1.5 , 1e0 ; :t true , "a{b"@en , 'c#d' , '''e"f''' , "2015-05-19"^^xsd:date ;
      :u <http://example.org/#x> , :a\\,b ; .
    }"""
    data = """:a :n -5 , 1.5 , 1e0 ; :t true , "a{b"@en , 'c#d' , '''e"f''' ,
      "2015-05-19"^^<http://www.w3.org/2001/XMLSchema#date> ;
      :u <http://example.org/#x> , :a\\,b ."""
    ((reason,),) = conclude(parse(rule(text)), filled(data)).values()
    assert set(reason) == {quad.triple for quad in filled(data)}


@pytest.mark.parametrize("number", ["5", "-5", "+5", "05", "5.5", ".5", "5e0", "5.e0", "5.0e+0"])
@pytest.mark.parametrize("ends", [". ", ".\n", " . ", "."])
def test_a_full_stop_behind_a_number_ends_the_triple(number: str, ends: str) -> None:
    parsed = parse(rule(f"CONSTRUCT {{ ?x :r ?y }} WHERE {{ ?x :n {number}{ends}?x :p ?y }}"))
    first, *others = [pattern.object for pattern in parsed.patterns]
    assert isinstance(first, ox.Literal)
    assert float(first.value) == float(number)
    assert others == [ox.Variable("y")]


def test_a_rule_may_write_its_pattern_as_its_conclusion() -> None:
    store = filled(":a :p :b .")
    parsed = parse(rule("CONSTRUCT WHERE { ?x :p ?y }"))
    assert parsed.template == ((ox.Variable("x"), ox.NamedNode(EX + "p"), ox.Variable("y")),)
    assert conclude(parsed, store) == {}


def test_a_variable_of_the_rule_is_never_taken_for_one_of_ours() -> None:
    text = (
        "CONSTRUCT { ?x :r ?way1 } WHERE { { ?x :p ?way1 } UNION { ?x :q $way_1 . [] :p ?way1 } }"
    )
    assert ways(text, ":a :p :b ; :q :c .") == {"a r b": [["a p b"], ["a q c", "a p b"]]}


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("CONSTRUCT { ?x :r [] } WHERE { ?x :p ?y }", "3:19", "a conclusion needs a name"),
        ("CONSTRUCT { ?x :r _:b }\nWHERE { ?x :p ?y }", "3:19", "a conclusion needs a name"),
        ("CONSTRUCT { ?x :r (1) } WHERE { ?x :p ?y }", "3:19", "a conclusion needs a name"),
        (
            "CONSTRUCT { ?x :r ?y }\nWHERE { ?x :p (?y) }",
            "4:15",
            "write its rdf:first and rdf:rest",
        ),
        ("CONSTRUCT { ?x :r ?y }\nWHERE {\n  GRAPH ?g { ?x :p ?y } }", "5:3", "remove GRAPH"),
        ("CONSTRUCT { ?x :r ?y }\nFROM :g WHERE { ?x :p ?y }", "4:1", "remove FROM"),
        ("CONSTRUCT { ?x :r ?y } WHERE { SERVICE :s { ?x :p ?y } }", "3:32", "remove SERVICE"),
        ("CONSTRUCT { ?x :r ?y } WHERE { ?x :p ?y } LIMIT 1", "3:43", "put it into a subquery"),
        ("CONSTRUCT { ?x :r ?y }\nWHERE { ?x :p ?z LATERAL { ?z :q ?y } }", "4:18", "not followed"),
        ("CONSTRUCT { ?x :r ?y }\nWHERE { ?x :p ?y {| :q ?z |} }", "4:19", "write its parts"),
        ("CONSTRUCT { ?x :r ?y } WHERE { <<?x :p ?y>> :q ?y }", "3:32", "write its parts"),
        ('CONSTRUCT { ?x :r ?y }\nWHERE { ?y :p "a"@en--ltr . ?x :p ?y }', "4:21", "not followed"),
    ],
)
def test_what_cannot_be_followed_is_a_fault_with_its_place_and_remedy(
    text: str, place: str, remedy: str
) -> None:
    with pytest.raises(ParseFault) as caught:
        parse(rule(text))
    assert str(caught.value).startswith(f"10-drawn.rq:{place}: ")
    assert remedy in caught.value.message


def test_the_words_of_what_cannot_be_followed_are_harmless_in_texts_and_names() -> None:
    text = """# GRAPH, FROM and LIMIT
    CONSTRUCT { ?x :LIMIT ?y } WHERE { ?x :GRAPH ?y FILTER(?y != "SERVICE } [") } ORDER BY ?x
    VALUES ?x { :a }"""
    assert ways(text, ":a :GRAPH :b . :c :GRAPH :b .") == {"a LIMIT b": [["a GRAPH b"]]}


BODIES = [
    "?x :p ?y",
    "?x :p/:q* ?y",
    "?x (:p|^:q)+ ?y",
    "?x :p ?m . ?m :q? ?y . ?y ?any ?x",
    "{ ?x :p ?y } UNION { ?x :q ?m . ?m :p ?y } UNION { ?y :q+ ?x }",
    "?x :p ?m OPTIONAL { ?m :q ?y }",
    "?x :p ?m OPTIONAL { { ?m :q ?y } UNION { ?m :p ?y } }",
    "?x :p [ :q ?y ]",
    "?x :p ?m BIND(?m AS ?y) { ?y :q ?z FILTER(?z != ?x) }",
    "VALUES ?x { :a :b } ?x :q ?y ; :p ?z .",
    "?x :p ?y FILTER EXISTS { ?y :q ?x }",
]
NEGATIVE = ["?x :p ?y FILTER NOT EXISTS { ?y :q ?x }", "?x :p ?y MINUS { ?y :q ?x }"]
TRIPLES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("pq"), st.sampled_from("abcd")), max_size=9
)


def drawn(names: list[tuple[str, str, str]]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(*(ox.NamedNode(EX + name) for name in triple)) for triple in names)
    return store


def concluded(body: str, store: ox.Store) -> tuple[set[ox.Triple], Reasons]:
    """Return what the engine and what our run of a rule concludes."""
    text = f"CONSTRUCT {{ ?x :r ?y }} WHERE {{ {body} }}"
    answer = store.query(HEAD + text)
    assert isinstance(answer, ox.QueryTriples)
    return set(answer), conclude(parse(rule(text)), store)


@pytest.mark.parametrize("body", [*BODIES, *NEGATIVE])
@given(TRIPLES)
def test_a_run_concludes_what_the_rule_constructs(
    body: str, names: list[tuple[str, str, str]]
) -> None:
    constructed, reasons = concluded(body, drawn(names))
    assert set(reasons) == constructed


@pytest.mark.parametrize("body", BODIES[:-1])
@given(TRIPLES)
def test_a_way_is_enough_to_conclude_the_same(body: str, names: list[tuple[str, str, str]]) -> None:
    _, reasons = concluded(body, drawn(names))
    for triple, ways in reasons.items():
        for way in ways:
            assert set(way) <= {quad.triple for quad in drawn(names)}
            alone = ox.Store()
            alone.extend(ox.Quad(*step) for step in way)
            assert triple in concluded(body, alone)[0]
