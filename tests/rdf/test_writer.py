"""The canonical text: what it looks like, and that nothing but the facts decides it."""

import random
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from app.errors import Fault
from app.rdf.parser import DEEPEST, Syntax, read
from app.rdf.writer import write

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EX = "http://example.org/"
PREFIXES = {"ex": EX, "deep": EX + "deep/", "rdf": RDF, "xsd": XSD, "unused": "http://un.used/"}


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def typed(value: str, name: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + name))


def canonical(quads: Iterable[ox.Quad]) -> ox.Dataset:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def reformatted(text: str, syntax: Syntax = Syntax.TRIG) -> str:
    document = read(text, syntax=syntax)
    return write(document.quads, document.prefixes, syntax)


def object_of(term: ox.NamedNode | ox.Literal, prefixes: dict[str, str] | None = None) -> str:
    """Return how a term is written as an object."""
    quad = ox.Quad(node("s"), node("p"), term)
    text = write([quad], {**(prefixes or PREFIXES)}, Syntax.TURTLE)
    return text.split("ex:p ", 1)[1].rsplit(" ;\n.\n", 1)[0]


# What it looks like

EXAMPLE = """\
@prefix conf: <https://w3id.org/dialogue/id/conference/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix ev: <https://w3id.org/dialogue/id/evidence/> .
@prefix place: <https://w3id.org/dialogue/id/place/> .
@prefix series: <https://w3id.org/dialogue/id/series/> .
@prefix source: <https://w3id.org/dialogue/id/source/> .

ev:sgmai-5plus5.070 {
    conf:cimo-16
        a dlg:Conference ;
        dlg:date "2015-05-19"^^edtf:EDTF-level1 ;
        dlg:inSeries series:cimo ;
        dlg:ordinal 16 ;
        dlg:place place:lisbon ;
    .
}

ev:sgmai-5plus5.070
    a dlg:Evidence ;
    dlg:quote "the 16th Conference of the Western Mediterranean Interior Ministers"@en ;
    dlg:source source:sgmai-5plus5 ;
    dlg:stance dlg:accepted ;
.
"""

FULL = """\
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .

ex:a
    ex:p 1 ;
.

ex:b {
    ex:a
        ex:p 1 ;
    .
    ex:c
        ex:p 1 ;
    .
    []
        ex:p 1 ;
    .
}

ex:b
    a ex:A ;
    a ex:B ;
    <http://other.example/p> 1 ;
    ex:p ex:a ;
    ex:p ex:b ;
    ex:p 1 ;
    ex:p 10 ;
    ex:p "a" ;
    ex:p "b" ;
    ex:p "z"@en ;
    ex:p "a"@fr ;
    ex:p [
        ex:q ( 1 ex:a "x" ) ;
        ex:q [] ;
    ] ;
    ex:p [
        ex:q [
            ex:r "x" ;
        ] ;
    ] ;
    ex:q () ;
    ex:q (
        1
        [
            ex:r \"\"\"one
    two\"\"\" ;
        ]
        ( 2 )
    ) ;
.

[]
    a owl:AllDifferent ;
    owl:members ( ex:a ex:b ) ;
.

[]
    a owl:AllDisjointClasses ;
    owl:members ( ex:A ex:B ) ;
.
"""


@pytest.mark.parametrize("text", [EXAMPLE, FULL], ids=["example", "full"])
def test_canonical_text_is_left_as_it_is(text: str) -> None:
    assert reformatted(text) == text


def test_no_quads_are_no_text() -> None:
    assert [write([], PREFIXES, syntax) for syntax in Syntax] == [""] * 4


def test_a_text_without_prefixes_starts_with_its_first_block() -> None:
    text = "<http://example.org/s>\n    a <http://example.org/C> ;\n.\n"
    assert reformatted(text) == text


def test_a_long_list_takes_a_line_for_each_item() -> None:
    items = " ".join(f"ex:number{n}" for n in range(7))
    start = "@prefix ex: <http://example.org/> .\n\nex:s\n    ex:p "
    assert reformatted(f"{start}( {items} ) .") == f"{start}( {items} ) ;\n.\n"
    lines = "\n        ".join(f"{items} ex:n".split())
    assert reformatted(f"{start}( {items} ex:n ) .") == f"{start}(\n        {lines}\n    ) ;\n.\n"


def test_what_is_no_well_formed_list_is_written_as_it_is() -> None:
    text = (
        "@prefix ex: <http://example.org/> .\n"
        f"@prefix rdf: <{RDF}> .\n\n"
        "ex:s\n"
        "    ex:p [\n        a rdf:List ;\n        rdf:first 1 ;\n        rdf:rest () ;\n    ] ;\n"
        "    ex:p [\n        rdf:first 1 ;\n        rdf:first 2 ;\n        rdf:rest () ;\n    ] ;\n"
        "    ex:p [\n        rdf:first 1 ;\n        rdf:rest ex:elsewhere ;\n    ] ;\n"
        "    ex:p [\n        rdf:first 1 ;\n    ] ;\n"
        ".\n\n"
        "[]\n    ex:p 1 ;\n    rdf:first 1 ;\n    rdf:rest ( 2 ) ;\n.\n"
    )
    assert reformatted(text) == text


TERMS = {
    node("a"): "ex:a",
    node("deep/a"): "deep:a",
    node("deep/a/b"): "<http://example.org/deep/a/b>",
    node("a.b-c_1"): "ex:a.b-c_1",
    node("1"): "ex:1",
    node("a."): "<http://example.org/a.>",
    node("-a"): "<http://example.org/-a>",
    node("a~b"): "<http://example.org/a~b>",
    node("a%41"): "<http://example.org/a%41>",
    node("a:b"): "<http://example.org/a:b>",
    node("é"): "<http://example.org/é>",
    node(""): "<http://example.org/>",
    node("a\u200bb\u202e"): "<http://example.org/a\\u200Bb\\u202E>",
    typed("1", "integer"): "1",
    typed("-10", "integer"): "-10",
    typed("01", "integer"): '"01"^^xsd:integer',
    typed("+1", "integer"): '"+1"^^xsd:integer',
    typed("-0", "integer"): '"-0"^^xsd:integer',
    typed("1\n", "integer"): '"""1\n"""^^xsd:integer',
    typed("١", "integer"): '"١"^^xsd:integer',
    typed("1", "int"): '"1"^^xsd:int',
    typed("1.5", "decimal"): "1.5",
    typed("-0.5", "decimal"): "-0.5",
    typed("1.0", "decimal"): "1.0",
    typed("1", "decimal"): '"1"^^xsd:decimal',
    typed("1.50", "decimal"): '"1.50"^^xsd:decimal',
    typed(".5", "decimal"): '".5"^^xsd:decimal',
    typed("1.", "decimal"): '"1."^^xsd:decimal',
    typed("-0.0", "decimal"): '"-0.0"^^xsd:decimal',
    typed("1e0", "double"): '"1e0"^^xsd:double',
    typed("true", "boolean"): "true",
    typed("1", "boolean"): '"1"^^xsd:boolean',
    typed("x", "string"): '"x"',
    ox.Literal(""): '""',
    ox.Literal("x", language="pt-BR"): '"x"@pt-br',
    ox.Literal('say "no"\\'): r'"say \"no\"\\"',
    ox.Literal("a\tb\rc\bd\fe"): r'"a\tb\rc\bd\fe"',
    ox.Literal("a\u00a0b\u200bc\u202ed\ufeff"): r'"a\u00A0b\u200Bc\u202Ed\uFEFF"',
    ox.Literal("\x00\x1f\x7f\x85\U000e0041"): r'"\u0000\u001F\u007F\u0085\U000E0041"',
    ox.Literal("é ü 漢 𝄞 ’ …"): '"é ü 漢 𝄞 ’ …"',
    ox.Literal("a\n  b\t\r\n"): '"""a\n  b\\t\\r\n"""',
    ox.Literal('\n"'): '"""\n\\""""',
    ox.Literal('\n"""" "" "x\\'): '"""\n\\"\\"\\"" \\"" "x\\\\"""',
}


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_a_term_has_one_way_to_be_written(term: ox.NamedNode | ox.Literal) -> None:
    assert object_of(term) == TERMS[term]
    text = write([ox.Quad(node("s"), node("p"), term)], PREFIXES, Syntax.TRIG)
    assert [quad.object for quad in read(text).quads] == [term]


def test_of_two_prefixes_for_one_namespace_the_first_by_name_is_used() -> None:
    quad = ox.Quad(node("s"), node("p"), node("o"))
    assert write([quad], {"ex": EX, "b": EX, "c": EX}, Syntax.TRIG) == (
        "@prefix b: <http://example.org/> .\n\nb:s\n    b:p b:o ;\n.\n"
    )


def test_lines_are_sorted_and_of_the_canonical_form() -> None:
    text = (
        '<http://example.org/s> <http://example.org/p> "a\\tb\\u000B\u00a0\\n"@en-GB .\n'
        "_:x <http://example.org/p> <http://example.org/o> <http://example.org/g> .\n"
        "_:x <http://example.org/p> _:y .\n"
    )
    assert reformatted(text, Syntax.N_QUADS) == (
        '<http://example.org/s> <http://example.org/p> "a\\tb\\u000B\u00a0\\n"@en-gb .\n'
        "_:c14n1 <http://example.org/p> <http://example.org/o> <http://example.org/g> .\n"
        "_:c14n1 <http://example.org/p> _:c14n0 .\n"
    )


# What has no text

REFUSED = {
    "ex:s ex:p _:x . ex:t ex:q _:x .": (
        "a blank node is ex:p of ex:s and ex:q of ex:t, "
        "and has no one place to be written: give it an IRI"
    ),
    "ex:s ex:p _:x ; ex:q _:x .": (
        "a blank node is ex:p of ex:s and ex:q of ex:s, "
        "and has no one place to be written: give it an IRI"
    ),
    "ex:a ex:p _:x . ex:b ex:p _:x . ex:c ex:p _:x . ex:d ex:p _:x . ex:e ex:p _:x .": (
        "a blank node is ex:p of ex:a and ex:p of ex:b and ex:p of ex:c and 2 more, "
        "and has no one place to be written: give it an IRI"
    ),
    "_:x ex:p 1 . ex:g { _:x ex:q 2 }": (
        "a blank node stands in ex:g and the default graph, "
        "and has no one place to be written: give it an IRI"
    ),
    "_:x ex:p _:y . _:y ex:p _:x .": (
        "a blank node (ex:p of another blank node) leads back to itself: give it an IRI"
    ),
    f"_:x <{RDF}first> 1 ; <{RDF}rest> _:x .": (
        f"a blank node (<{RDF}rest> of another blank node) leads back to itself: give it an IRI"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_a_blank_node_without_one_place_is_refused_by_where_it_stands(text: str) -> None:
    with pytest.raises(Fault) as caught:
        reformatted("@prefix ex: <http://example.org/> . " + text)
    assert str(caught.value) == REFUSED[text]


def test_a_graph_named_by_a_blank_node_is_refused() -> None:
    with pytest.raises(Fault, match="give it an IRI"):
        reformatted("[] { <a:s> <a:p> 1 }")


def test_what_nests_deeper_than_can_be_read_is_refused() -> None:
    def chain(length: int) -> list[ox.Quad]:
        blanks = [ox.BlankNode() for _ in range(length)]
        return [
            ox.Quad(s, node("p"), o) for s, o in zip([node("s"), *blanks], blanks, strict=False)
        ]

    deepest = write(chain(DEEPEST), PREFIXES, Syntax.TRIG)
    assert reformatted(deepest) == deepest
    with pytest.raises(Fault) as caught:
        write(chain(DEEPEST + 1), PREFIXES, Syntax.TRIG)
    assert str(caught.value) == (
        "blank nodes nest deeper than 200: give ex:p of another blank node an IRI"
    )


def test_a_list_may_be_longer_than_brackets_may_nest() -> None:
    text = write(read(f"<a:s> <a:p> ( {'1 ' * 5_000}) .").quads, {}, Syntax.TRIG)
    assert text.split("\n").count("        1") == 5_000
    assert reformatted(text) == text


@pytest.mark.parametrize("syntax", [Syntax.TURTLE, Syntax.N_TRIPLES], ids=lambda s: s.name)
def test_a_format_without_graphs_refuses_them(syntax: Syntax) -> None:
    with pytest.raises(Fault) as caught:
        write([ox.Quad(node("s"), node("p"), node("o"), node("g"))], {}, syntax)
    name = {Syntax.TURTLE: "Turtle", Syntax.N_TRIPLES: "N-Triples"}[syntax]
    assert str(caught.value) == (
        f"{name} has no graphs, and a statement stands in <http://example.org/g>: "
        "write TriG or N-Quads"
    )


def test_a_statement_about_a_statement_is_refused() -> None:
    inner = ox.Triple(node("s"), node("p"), node("o"))
    with pytest.raises(Fault, match=r"RDF 1\.2"):
        write([ox.Quad(node("s"), node("p"), inner)], {}, Syntax.TRIG)


def test_a_prefix_that_no_text_can_declare_is_refused() -> None:
    with pytest.raises(Fault) as caught:
        write([], {"a b": EX}, Syntax.TRIG)
    assert str(caught.value) == "“a b:” is not a prefix: it starts with a letter, holds no space"


# What holds for every graph

LOCALS = ["a", "b", "c.d", "deep/x", "1", "-", "é", "a%41", "a~b'(c)", "x/y#z", "a\u200db"]
IRIS = st.sampled_from([node(n) for n in LOCALS] + [ox.NamedNode("urn:isbn:1"), node("")])
PREDICATES = st.sampled_from(
    [node("p"), node("q"), node("deep/r"), ox.NamedNode(RDF + "type"), ox.NamedNode("urn:p")]
)
NASTY = st.text(
    st.one_of(
        st.sampled_from(" \"'\\\n\r\t\b\f\0\x7f\u0085\u00a0\u2028\u202e\ufeff\ufffd\U000e0001."),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)
LITERALS = st.one_of(
    st.builds(ox.Literal, NASTY),
    st.builds(ox.Literal, NASTY, language=st.sampled_from(["en", "fr", "pt-br", "zh-hant"])),
    st.builds(
        typed,
        st.one_of(NASTY, st.from_regex(r"[+-]?[0-9]{0,2}\.?[0-9]{0,2}(?:e1)?", fullmatch=True)),
        st.sampled_from(["integer", "decimal", "double", "boolean", "date", "int"]),
    ),
    st.sampled_from([typed(word, "boolean") for word in ("true", "false", "1", "TRUE")]),
)
# A tree of facts: an IRI, a literal, a list of trees, or the facts of a blank node.
TREES = st.recursive(
    st.one_of(IRIS, LITERALS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(st.tuples(PREDICATES, inner), max_size=3).map(tuple),
    ),
    max_leaves=6,
)
GRAPHS = st.one_of(st.just(ox.DefaultGraph()), st.sampled_from([node("g"), node("a"), node("h/i")]))
FACTS = st.lists(st.tuples(GRAPHS, st.one_of(IRIS, st.none()), PREDICATES, TREES), max_size=8)


def unfolded(facts: object) -> list[ox.Quad]:
    """Return the quads that trees of facts mean, with new blank nodes."""
    quads: list[ox.Quad] = []

    def term(tree: object, graph: object) -> object:
        if isinstance(tree, list):
            rest: object = ox.NamedNode(RDF + "nil")
            for item in reversed(tree):
                cell = ox.BlankNode()
                add(cell, ox.NamedNode(RDF + "first"), term(item, graph), graph)
                add(cell, ox.NamedNode(RDF + "rest"), rest, graph)
                rest = cell
            return rest
        if isinstance(tree, tuple):
            blank = ox.BlankNode()
            for predicate, inner in tree:
                add(blank, predicate, term(inner, graph), graph)
            return blank
        return tree

    def add(*quad: object) -> None:
        quads.append(ox.Quad(*quad))  # type: ignore[arg-type]

    for graph, subject, predicate, tree in facts:  # type: ignore[attr-defined]
        add(subject or ox.BlankNode(), predicate, term(tree, graph), graph)
    return quads


QUADS = FACTS.map(unfolded)


@pytest.fixture(autouse=True, scope="module")
def literals_as_written() -> Iterator[None]:
    """rdflib rewrites literals unless told not to, which would hide what we wrote."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        yield


@given(QUADS)
def test_what_is_written_reads_back_as_the_same_quads(quads: list[ox.Quad]) -> None:
    for syntax in (Syntax.TRIG, Syntax.N_QUADS):
        text = write(quads, PREFIXES, syntax)
        assert canonical(read(text, syntax=syntax).quads) == canonical(quads)


@given(QUADS)
def test_a_second_reader_reads_the_same_quads(quads: list[ox.Quad]) -> None:
    text = write(quads, PREFIXES, Syntax.TRIG)
    assert canonical(ox.parse(text, ox.RdfFormat.TRIG)) == canonical(quads)
    lines = write(quads, PREFIXES, Syntax.N_QUADS)
    assert canonical(ox.parse(lines, ox.RdfFormat.N_QUADS)) == canonical(quads)


def from_rdflib(term: object) -> object:
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(
        str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None
    )


@pytest.mark.filterwarnings("ignore")  # rdflib warns of literals that are no numbers
@given(QUADS)
@settings(max_examples=60)
def test_a_third_reader_reads_the_same_quads(quads: list[ox.Quad]) -> None:
    dataset = rdflib.Dataset()
    dataset.parse(data=write(quads, PREFIXES, Syntax.TRIG), format="trig")
    read_ = [
        ox.Quad(
            *(from_rdflib(term) for term in (s, p, o)),  # type: ignore[arg-type]
            ox.DefaultGraph() if g == DATASET_DEFAULT_GRAPH_ID else ox.NamedNode(str(g)),
        )
        for s, p, o, g in dataset.quads()
    ]
    assert canonical(read_) == canonical(quads)


@given(QUADS)
def test_writing_again_changes_nothing(quads: list[ox.Quad]) -> None:
    for syntax in (Syntax.TRIG, Syntax.N_QUADS):
        text = write(quads, PREFIXES, syntax)
        assert reformatted(text, syntax) == text


@given(FACTS, st.randoms(use_true_random=False))
def test_order_labels_and_prefixes_in_the_input_change_nothing(
    facts: object, chance: random.Random
) -> None:
    quads, again = unfolded(facts), unfolded(facts)
    chance.shuffle(again)
    prefixes = list(PREFIXES.items())
    chance.shuffle(prefixes)
    for syntax in (Syntax.TRIG, Syntax.N_QUADS):
        assert write(again, dict(prefixes), syntax) == write(quads, PREFIXES, syntax)


@given(QUADS)
def test_layout_and_spelling_of_the_input_change_nothing(quads: list[ox.Quad]) -> None:
    loose = ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes={"z": EX, "y": XSD})
    document = read(loose.decode())
    assert write(document.quads, PREFIXES, Syntax.TRIG) == write(quads, PREFIXES, Syntax.TRIG)


@given(QUADS, st.data())
def test_a_new_fact_of_a_known_subject_is_one_new_line(
    quads: list[ox.Quad], data: st.DataObject
) -> None:
    known = [quad for quad in quads if isinstance(quad.subject, ox.NamedNode)]
    assume(known)
    host = data.draw(st.sampled_from(known))
    predicate = data.draw(st.sampled_from(known)).predicate
    value = data.draw(
        st.one_of(
            st.sampled_from([quad.subject for quad in known]),
            NASTY.filter(lambda text: "\n" not in text).map(ox.Literal),
        )
    )
    fact = ox.Quad(host.subject, predicate, value, host.graph_name)
    assume(fact not in quads)
    before = write(quads, PREFIXES, Syntax.TRIG).split("\n")
    after = write([*quads, fact], PREFIXES, Syntax.TRIG).split("\n")
    at = next(n for n, line in enumerate(after) if before[n : n + 1] != [line])
    assert after[:at] + after[at + 1 :] == before


@given(QUADS)
def test_every_fact_taken_away_leaves_the_lines_of_the_others(quads: list[ox.Quad]) -> None:
    plain = sorted({q for q in quads if isinstance(q.subject, ox.NamedNode)}, key=str)
    plain = [q for q in plain if not isinstance(q.object, ox.BlankNode)]
    for gone in plain:
        fewer = write([q for q in plain if q != gone], PREFIXES, Syntax.TRIG).split("\n")
        lines = iter(write(plain, PREFIXES, Syntax.TRIG).split("\n"))
        assert all(line in lines for line in fewer if line and not line.startswith("@prefix"))
