"""The places of statements, in every syntax: where the text spells what they say."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import unescape

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from suites import Case, missing, rdf_cases

from app.rdf import blocks, places
from app.rdf.parser import Statement, read
from app.rdf.places import SYNTAXES, Wanted, introduction, statements
from app.rdf.source import Source, format_of, read_source

EX = "http://example.org/"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
SUITES = ("rdf-turtle", "rdf-trig", "rdf-n-triples", "rdf-n-quads")
CASES = [
    case
    for name in SUITES
    for case in rdf_cases(name)
    if case.kind.endswith(("PositiveSyntax", "Eval")) and "Negative" not in case.kind
]
ABSENT = missing() or "the suite has no such tests"


@pytest.fixture(params=["lazily", "in one pass", "whole"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ways of reading: a few blocks, found in two ways, or all of the text."""
    monkeypatch.setattr(places, "SMALL", 2**16 if request.param == "whole" else 0)
    monkeypatch.setattr(blocks, "_WINDOW", 16)
    monkeypatch.setattr(blocks, "MANY", 0 if request.param == "in one pass" else 100)
    return str(request.param)


def triples(quads: Iterable[ox.Quad]) -> frozenset[object]:
    return frozenset((quad.subject, quad.predicate, quad.object) for quad in quads)


def located(source: Source, quads: list[ox.Quad], chosen: Iterable[ox.Quad]) -> list[Statement]:
    wanted = Wanted(triples(chosen), as_written=True)  # type: ignore[arg-type]
    return statements(source, wanted, lambda: quads)


def spots(text: str) -> tuple[str, list[int]]:
    """Return a text without its marks ‸, and where they were."""
    parts = text.split("‸")
    offsets = [len("".join(parts[:number])) for number in range(1, len(parts))]
    return "".join(parts), offsets


# A mark stands before subject, predicate and object of what is sought, whose object is “here” or
# ex:here; everything else must stay silent.
MARKED = {
    "ttl": """\
@prefix ex: <http://example.org/> .
# ex:s ex:p "here" .
ex:other ex:p "here"@en ; ex:q "ex:s ex:p 'here' ." .
‸ex:s ex:q "no" ;
    ex:r <http://example.org/s>, 1.5 ; ‸ex:p "there", ‸"here" .
ex:s2 ex:p "here" . ex:s.t ex:p "here" .
""",
    "trig": """\
@prefix ex: <http://example.org/> .
ex:s { ex:other ex:p "here" . }
GRAPH ex:g { ex:t ex:p "here" . ‸ex:s ‸ex:p ‸"here" }
{ ex:s ex:p "there" }
""",
    "nt": """\
<http://example.org/s> <http://example.org/p> "there" .
 ‸<http://example.org/s> ‸<http://example.org/p> ‸"here" . # <http://example.org/s>
<http://example.org/other> <http://example.org/p> "here" .
""",
    "nq": """\
<http://example.org/s> <http://example.org/p> "here"@en <http://example.org/g> .
‸<http://example.org/s> ‸<http://example.org/p> ‸"here" <http://example.org/g> .
""",
    "jsonld": """\
[{"@context": {"ex": "http://example.org/"}, "@graph": [
  {"@id": "ex:other", "ex:p": "here"},
  {"ex:q": {"@id": "ex:s"}, "@id": "ex:o"},
  {"@id": ‸"ex:s", "ex:q": "here", ‸"ex:p": ["there", {"@value": ‸"here"}]}]}]
""",
    "rdf": """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://example.org/">
  <rdf:Description rdf:about="http://example.org/other"><ex:p>here</ex:p></rdf:Description>
  <rdf:Description ex:q="here" rdf:about=‸"http://example.org/s">
    <ex:p>there</ex:p><ex:q>here</ex:q>
    ‸<ex:p>‸here</ex:p>
  </rdf:Description>
</rdf:RDF>
""",
}


@pytest.mark.parametrize("suffix", MARKED)
def test_a_statement_is_found_where_it_is_written_and_nothing_beside_it(
    suffix: str, way: str
) -> None:
    text, marks = spots(MARKED[suffix])
    source = Source("x", text, FORMATS[suffix], "http://example.org/base")
    wanted = (ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), ox.Literal("here"))
    found = statements(source, Wanted(frozenset([wanted])))
    assert [[s.subject, s.predicate, s.object] for s in found] == [marks]
    silent = (ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), ox.Literal("nowhere"))
    assert statements(source, Wanted(frozenset([silent]))) == []


def test_a_place_counts_lines_by_lf_cr_lf_and_cr() -> None:
    source = Source("x.ttl", "a\nb\r\nc\rd\r\n\r\ne", FORMATS["ttl"])
    assert [str(source.place(source.text.index(c))) for c in "abcde"] == [
        "x.ttl:1:1",
        "x.ttl:2:1",
        "x.ttl:3:1",
        "x.ttl:4:1",
        "x.ttl:6:1",
    ]


def test_what_is_said_about_a_subject_is_found_with_it(way: str) -> None:
    text = "@prefix : <http://example.org/> . :s a :T ; :p 1 . :t a :T ; :p :s . :s a :U ."
    source = Source("x", text, FORMATS["ttl"])
    found = statements(source, Wanted(subjects=frozenset([ox.NamedNode(EX + "s")])))
    assert [text[s.object :][:2] for s in found] == [":T", "1 ", ":U"]
    assert introduction(found, ox.NamedNode(EX + "s")) == [
        text.index(":s a :T"),
        text.index(":s a :U"),
    ]


def test_a_term_is_introduced_by_its_type_else_as_subject_else_as_object() -> None:
    text = "@prefix : <http://example.org/> . :a :p :b . :b :p :c ; a :T . :a :p :c ."
    found = read(text).statements
    assert [introduction(found, ox.NamedNode(EX + name)) for name in "abcd"] == [
        [text.index(":a :p :b")],
        [text.index(":b :p :c")],
        [text.index(":c ; a")],
        [],
    ]


def test_what_is_nowhere_is_not_found_beside_what_is_somewhere(way: str) -> None:
    text = r"@prefix : <http://example.org/> . :a :p 1 . <http://example.org/\u0062> :p 2 ."
    source = Source("x", text, FORMATS["ttl"])
    a, b, gone = (ox.NamedNode(EX + name) for name in ("a", "b", "gone"))
    for sought in ([a], [a, gone], [b], [a, b, gone], [gone]):
        found = statements(source, Wanted(subjects=frozenset(sought)))
        assert {s.quad.subject for s in found} == set(sought) - {gone}


BLANK = """\
@prefix ex: <http://example.org/> .
ex:s ex:address [ ex:street "A" ; ex:list ( 1 [ ex:deep 2 ] _:x ) ] , [ ex:street "B" ] .
_:x ex:note [ ex:street "A" ] .
_:y ex:note [ ex:street "B" ; ex:of _:x ] .
ex:t ex:address [ ex:street "A" ; ex:list ( ) ] .
"""


def test_blank_nodes_are_found_by_what_they_hang_on(way: str) -> None:
    source = Source("x", BLANK, FORMATS["ttl"])
    quads = list(source.quads())
    whole = read(BLANK, "", SYNTAXES[source.format]).statements
    for one in quads:
        found = located(source, quads, [one])
        assert [s.quad for s in found] == [one]
        offsets = found[0][1:]
        assert offsets in [s[1:] for s in whole if s.quad.predicate == one.predicate]
    every = located(source, quads, quads)
    assert sorted(s[1:] for s in every) == sorted(s[1:] for s in whole)


def test_blank_nodes_of_an_asker_who_renamed_them_are_told_by_their_neighbours(way: str) -> None:
    source = Source("x", BLANK, FORMATS["ttl"])
    quads = list(ox.parse(BLANK, FORMATS["ttl"], rename_blank_nodes=True))
    whole = read(BLANK, "", SYNTAXES[source.format]).statements
    found = statements(source, Wanted(triples(quads)), lambda: quads)  # type: ignore[arg-type]
    assert {s.quad for s in found} == set(quads)
    assert sorted(s[1:] for s in found) == sorted(s[1:] for s in whole)


def test_inline_nodes_of_an_asker_who_renamed_them_are_found_in_their_blocks(way: str) -> None:
    text = BLANK.replace("_:x", "ex:x").replace("_:y", "ex:y")
    source = Source("x", text, FORMATS["ttl"])
    quads = list(ox.parse(text, FORMATS["ttl"], rename_blank_nodes=True))
    for one in quads:
        found = statements(source, Wanted(triples([one])), lambda: quads)  # type: ignore[arg-type]
        assert [s.quad for s in found] == [one]


def test_a_blank_node_that_hangs_on_nothing_is_found_in_the_whole_text(way: str) -> None:
    text = '@prefix : <http://e/> . [ a :P ; :n "1" ] . [] a :P ; :n "2" ; :o [ :n "1" ] .'
    source = Source("x", text, FORMATS["ttl"])
    quads = list(source.quads())
    places_ = {s.quad: text[s.object :][:3] for s in located(source, quads, quads)}
    assert set(places_) == set(quads)
    assert all(
        at == str(quad.object)
        for quad, at in places_.items()
        if isinstance(quad.object, ox.Literal)
    )


def unusual() -> Iterator[str]:
    yield r"@prefix e: <http://example.org/> . e:\u0073 e:p 1 ."
    yield r"<http://example.org/\u0073> <http://example.org/p> 1 ."
    yield "@base <http://example.org/a/> . <../s> <../p> 1 ."
    yield "@base <http://example.org/a> . <s> </p> 1 ."
    yield "@base <http://example.org/s> . <> <p> 1 ."
    yield "BASE <http://example.org/>\nprefix E: <s>\nPrefix : <>\nE: :p 1."
    yield "@prefix e: <http://other.example/> . @prefix e: <http://example.org/> . e:s e:p 1 ."
    yield "@prefix e: <http://example.org/>.#c\ne:s#x\ne:p 1 .e:t e:p 2."


@pytest.mark.parametrize("text", [t for t in unusual() if r"e:\u" not in t])
def test_a_subject_is_found_however_it_is_spelled(text: str, way: str) -> None:
    source = Source("x", text, FORMATS["ttl"], "http://example.org/file")
    one = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    wanted = (ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), one)
    found = statements(source, Wanted(frozenset([wanted])))
    assert [text[s.object :][:1] for s in found] == ["1"]
    other = (ox.NamedNode("http://other.example/s"), ox.NamedNode("http://other.example/p"), one)
    assert statements(source, Wanted(frozenset([other]))) == []


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=c.name) for c in CASES]
    or [pytest.param(None, id="suite", marks=pytest.mark.skip(reason=ABSENT))],
)
def test_the_suite_is_located_in_parts_as_it_is_as_a_whole(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with case.action.open(encoding="utf-8", newline="") as file:
        text = file.read()
    source = Source(case.name, text, format_of(case.action), case.base)
    whole = read(text, case.name, SYNTAXES[source.format], case.base).statements
    quads = list(source.quads())
    monkeypatch.setattr(places, "SMALL", 0)
    monkeypatch.setattr(blocks, "_WINDOW", 16)
    every = located(source, quads, quads)
    assert sorted(s[1:] for s in every) == sorted(s[1:] for s in whole)
    assert {s.quad for s in every} >= {q for q in quads if not isinstance(q[3], ox.BlankNode)}
    for one in whole[:40]:
        if not any(isinstance(term, ox.BlankNode) for term in one.quad.triple):
            wanted = Wanted(triples([one.quad]))  # type: ignore[arg-type]
            assert one[1:] in [s[1:] for s in statements(source, wanted)]


# Small graphs, whose literals are full of what looks like syntax.

TEXTS = st.text(st.sampled_from("ab. \"'\\\n#<>{}[]();,:@é\u2014&"), max_size=6)
NODES = st.sampled_from([EX + name for name in ("s", "s2", "s.t", "t/u", "ä")]).map(ox.NamedNode)
BLANKS = st.sampled_from("xyz").map(ox.BlankNode)
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text, language="en")),
    st.integers(-20, 20).map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text, datatype=ox.NamedNode(EX + "type"))),
    st.sampled_from(
        ['""" ex:s ex:p ex:s2 .', "http://example.org/s", "ex:s", "@prefix ex: <x> ."]
    ).map(ox.Literal),
)
PREDICATES = st.sampled_from([EX + "p", EX + "q", RDF_TYPE.value]).map(ox.NamedNode)


@st.composite
def drawn(draw: st.DrawFn) -> list[ox.Quad]:
    graphs: list[object] = [ox.DefaultGraph(), ox.NamedNode(EX + "g")]
    quads = draw(
        st.lists(
            st.builds(
                ox.Quad,
                st.one_of(NODES, BLANKS),
                PREDICATES,
                st.one_of(NODES, BLANKS, LITERALS),
                st.sampled_from(graphs),
            ),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    # JSON-LD has no place for a type that is a literal; rdf:type of one would be another property.
    return [q for q in quads if q.predicate != RDF_TYPE or isinstance(q.object, ox.NamedNode)] or [
        ox.Quad(ox.NamedNode(EX + "s"), ox.NamedNode(EX + "p"), ox.Literal("a"))
    ]


ENTITIES = {"&quot;": '"', "&apos;": "'"}


def spelled(term: object, text: str, suffix: str) -> bool:
    """Return whether a text begins with a term, as pyoxigraph writes it in a format."""
    if suffix == "jsonld":
        value = term.value  # type: ignore[attr-defined]
        written = f"_:{value}" if isinstance(term, ox.BlankNode) else value
        return text.startswith(json.dumps(written, ensure_ascii=False))
    if suffix == "rdf":
        value = term.value  # type: ignore[attr-defined]
        if isinstance(term, ox.Literal):
            bare = value.lstrip()
            return (
                unescape(text.partition("<")[0], ENTITIES) == bare if bare else text.startswith("<")
            )
        named = value.removeprefix(EX)
        local = value.rpartition("/")[2]
        return text.startswith(
            (f'"{value}"', f"ex:{named}", f"<ex:{named}", "<rdf:type", f"{local} xmlns=")
        )
    if isinstance(term, ox.Literal):
        written = str(term)
        return text.startswith((written.rpartition('"')[0] + '"', term.value))
    value = term.value  # type: ignore[attr-defined]
    short = "ex:" + value.removeprefix(EX).replace("/", "\\/")
    return text.startswith((str(term), short)) or (term == RDF_TYPE and text.startswith("a "))


@pytest.mark.parametrize("suffix", FORMATS)
@given(quads=drawn(), number=st.integers(0, 7))
@example([ox.Quad(ox.NamedNode(EX + "s"), RDF_TYPE, ox.NamedNode(EX + "s2"))], 0)
@settings(max_examples=60)
def test_every_statement_of_a_drawn_graph_is_found_where_it_is_spelled(
    suffix: str, quads: list[ox.Quad], number: int
) -> None:
    form = FORMATS[suffix]
    if not form.supports_datasets:
        quads = list(dict.fromkeys(ox.Quad(*quad.triple) for quad in quads))
    content = ox.serialize(quads, format=form, prefixes={"ex": EX})
    assert content is not None
    source = Source("x", content.decode(), form, "http://example.org/base")
    read_back = list(source.quads())
    chosen = read_back[number % len(read_back)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "SMALL", 0)
        patch.setattr(blocks, "_WINDOW", 16)
        few = located(source, read_back, [chosen])
        every = located(source, read_back, read_back)
        other = list(ox.parse(content, form, base_iri=source.base, rename_blank_nodes=True))
        wanted = Wanted(triples(other))  # type: ignore[arg-type]
        same = statements(source, wanted, lambda: other[::-1])
    assert {s.quad for s in same} == set(other)
    assert [s[1:] for s in same] == [s[1:] for s in every]
    assert {s.quad.triple for s in few} == {chosen.triple}
    assert {s.quad for s in every} == set(read_back)
    assert len(every) == len(read_back)
    for statement in (*few, *every):
        quad, text = statement.quad, source.text
        assert spelled(quad.subject, text[statement.subject :], suffix)
        assert spelled(quad.object, text[statement.object :], suffix)
        key = quad.predicate
        if suffix == "jsonld" and key == RDF_TYPE:
            assert text.startswith(('"@type"', f'"{key.value}"'), statement.predicate)
        elif suffix == "rdf" and key == RDF_TYPE:
            assert text.startswith(("<rdf:type", "<ex:", "<u xmlns="), statement.predicate)
        else:
            assert spelled(key, text[statement.predicate :], suffix)


def test_the_places_of_a_file_that_is_compressed_are_those_of_what_is_in_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.ttl.gz"
    path.write_bytes(gzip.compress(b"\n<http://example.org/s>\n  a <http://example.org/T> ."))
    source = read_source(path)
    subject = ox.NamedNode(EX + "s")
    found = statements(source, Wanted(subjects=frozenset([subject])))
    assert [str(source.place(s.object)) for s in found] == [f"{path}:3:5"]
