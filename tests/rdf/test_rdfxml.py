"""RDF/XML: what is read, where it stands, and what is refused."""

import doctest

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ParseFault
from app.rdf import xml
from app.rdf.entities import LONGEST
from app.rdf.parser import Statement
from app.rdf.places import Wanted, statements
from app.rdf.rdfxml import RdfXml
from app.rdf.source import Source

HEAD = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/" '
    'xml:base="http://b/x/y?z#f">'
)
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

# Of each, the statements: what begins at subject, predicate and object.
CASES = {
    '<e:T rdf:about="a"><e:p>x</e:p></e:T>': [
        ('"a"><e:p>', "<e:T ", "e:T "),
        ('"a"><e:p>', "<e:p>", "x</e:p>"),
    ],
    '<rdf:Description rdf:about="a" e:q="v" rdf:type="T"/>': [
        ('"a" ', "e:q=", '"v" '),
        ('"a" ', "rdf:type=", '"T"'),
    ],
    '<e:T><e:p rdf:resource="o"/><e:q rdf:nodeID="n"/></e:T><e:T rdf:nodeID="n"/>': [
        ("<e:T><", "<e:T><", "e:T><"),
        ("<e:T><", "<e:p ", '"o"'),
        ("<e:T><", "<e:q ", '"n"/><'),
        ('"n"/></rdf:RDF>', "<e:T rdf:nodeID", "e:T rdf:nodeID"),
    ],
    '<rdf:Description rdf:ID="a"><e:p><e:T rdf:about="o"><e:q/></e:T></e:p></rdf:Description>': [
        ('"o">', "<e:T ", "e:T "),
        ('"a">', "<e:p>", '"o">'),
        ('"o">', "<e:q/>", "<e:q/>"),
    ],
    '<rdf:Description rdf:about="a"><e:p rdf:ID="i">\n y</e:p></rdf:Description>': [
        ('"a"', "<e:p ", "y</"),
        ('"i"', '"i"', '"i"'),
        ('"i"', '"i"', '"a"'),
        ('"i"', '"i"', "<e:p "),
        ('"i"', '"i"', "y</"),
    ],
    '<rdf:Bag><rdf:li>1</rdf:li><rdf:_5>5</rdf:_5><rdf:li rdf:resource="o"/></rdf:Bag>': [
        ("<rdf:Bag>", "<rdf:Bag>", "rdf:Bag>"),
        ("<rdf:Bag>", "<rdf:li>", "1</"),
        ("<rdf:Bag>", "<rdf:_5>", "5</"),
        ("<rdf:Bag>", "<rdf:li ", '"o"'),
    ],
    '<rdf:Description rdf:about="a"><e:r rdf:parseType="Resource">'
    "<e:s>1</e:s></e:r></rdf:Description>": [
        ('"a"', "<e:r ", "<e:r "),
        ("<e:r ", "<e:s>", "1</"),
    ],
    '<rdf:Description rdf:about="a"><e:c rdf:parseType="Collection">'
    '<e:U rdf:about="u"/><rdf:Description/></e:c></rdf:Description>': [
        ('"u"', "<e:U ", "e:U "),
        ('"a"', "<e:c ", "<e:c "),
        ("<e:c ", "<e:c ", '"u"'),
        ("<e:c ", "<e:c ", "<rdf:Description/>"),
        ("<rdf:Description/>", "<rdf:Description/>", "<rdf:Description/>"),
        ("<rdf:Description/>", "<rdf:Description/>", "</e:c>"),
    ],
    '<rdf:Description rdf:about="a"><e:c rdf:parseType="Collection"/></rdf:Description>': [
        ('"a"', "<e:c ", "<e:c "),
    ],
    '<rdf:Description rdf:about="é" xml:lang="de"><e:p>ä</e:p><e:p xml:lang="">ö</e:p>'
    '<e:p rdf:datatype="http://e/d"> ü </e:p></rdf:Description>': [
        ('"é"', "<e:p>", "ä<"),
        ('"é"', "<e:p xml:lang", "ö<"),
        ('"é"', "<e:p rdf:datatype", "ü "),
    ],
    '<rdf:Description rdf:about="a"><e:x rdf:parseType="Literal"> m<e:b k="&lt;"/>'
    "</e:x></rdf:Description>": [('"a"', "<e:x ", "m<e:b ")],
    '<rdf:Description xml:base="http://c/" rdf:about="a"><e:p e:l="1" e:m="2"/>'
    "</rdf:Description>": [
        ('"a"', "<e:p ", "<e:p "),
        ("<e:p ", "e:l=", '"1"'),
        ("<e:p ", "e:m=", '"2"'),
    ],
}


def everything(text: str) -> tuple[Source, list[ox.Quad], list[Statement]]:
    source = Source("x.rdf", text, ox.RdfFormat.RDF_XML, "http://b/d/f")
    quads = list(source.quads())
    wanted = Wanted(frozenset((q.subject, q.predicate, q.object) for q in quads))  # type: ignore[misc]
    return source, quads, statements(source, wanted, lambda: quads)


@pytest.mark.parametrize("body", CASES)
def test_statements_stand_where_their_terms_are_written(body: str) -> None:
    source, quads, found = everything(f"{HEAD}{body}</rdf:RDF>")
    assert {s.quad for s in found} == set(quads)
    starts = CASES[body]
    assert len(found) == len(starts)
    for statement in found:
        own = [source.text[offset:] for offset in statement[1:4]]
        assert any(
            all(text.startswith(start) for text, start in zip(own, expected, strict=True))
            for expected in starts
        ), own
    for expected in starts:
        assert any(
            all(
                source.text.startswith(start, offset)
                for start, offset in zip(expected, statement[1:4], strict=True)
            )
            for statement in found
        ), expected


def test_only_what_is_sought_is_returned() -> None:
    text = f'{HEAD}<e:T rdf:about="a"><e:p>v</e:p><e:p>w</e:p><e:q>v</e:q></e:T></rdf:RDF>'
    source = Source("x.rdf", text, ox.RdfFormat.RDF_XML)
    subject = ox.NamedNode("http://b/x/a")
    sought = (subject, ox.NamedNode("http://e/p"), ox.Literal("v"))
    assert [s.object for s in statements(source, Wanted(frozenset([sought])))] == [
        text.index("v</e:p>")
    ]
    absent = (subject, ox.NamedNode("http://e/q"), ox.Literal("w"))
    assert statements(source, Wanted(frozenset([absent]))) == []
    assert len(statements(source, Wanted(subjects=frozenset([subject])))) == 4


def test_lines_and_columns_count_characters_behind_other_alphabets() -> None:
    rows = [f'<e:T rdf:about="é{n}𝄞"><e:p>ü{n}</e:p></e:T>' for n in range(400)]
    source, _, found = everything(HEAD + "\r\n" + "\r\n".join(rows) + "</rdf:RDF>")
    places = {s.quad.object.value: source.place(s.object) for s in found if s[2] != s[1]}
    for number in (0, 7, 399):
        column = rows[number].index("ü") + 1
        assert places[f"ü{number}"][1:] == (number + 2, column)


def test_an_empty_language_is_read_though_the_parser_refuses_it() -> None:
    text = f'{HEAD}<e:T xml:lang="en" rdf:about="a"><e:p xml:lang="">v</e:p></e:T></rdf:RDF>'
    _, quads, _ = everything(text)
    assert ox.Literal("v") in {q.object for q in quads}
    with pytest.raises(ParseFault):
        everything(text.replace('xml:lang=""', 'xml:lang="-"'))


@pytest.mark.parametrize(
    "inside",
    ["a\r\nb", "a\rb", " a\n b ", "a&#10;b", "&lt;a/&gt; &amp;amp;", "\u00a0a"],
)
def test_texts_that_parsers_read_differently_are_found_all_the_same(inside: str) -> None:
    text = f'{HEAD}<e:T rdf:about="a" e:q="{inside}"><e:p>{inside}</e:p></e:T></rdf:RDF>'
    _, quads, found = everything(text)
    assert {s.quad for s in found} == set(quads)
    assert len(found) == 3
    # With them, nodes are told apart that have nothing else.
    _, quads, found = everything(
        f"{HEAD}<e:T><e:p>{inside}</e:p></e:T><e:T><e:p>{inside} b</e:p></e:T></rdf:RDF>"
    )
    assert {s.quad for s in found} == set(quads)
    assert len(found) == 4


def entities(count: int, factor: int) -> str:
    rows = ['<!ENTITY e0 "eeeeeeeeeeeeeeeeeeeeeeeeeeeeee">']
    rows += [f'<!ENTITY e{n} "{f"&e{n - 1};" * factor}">' for n in range(1, count)]
    return f"<!DOCTYPE r [{''.join(rows)}]>"


def test_entities_of_the_document_are_read() -> None:
    text = (
        '<!DOCTYPE r [<!ENTITY x "Y"><!ENTITY e "http://e/">]>'
        f'{HEAD}<e:T rdf:about="&e;1"><e:p>&x;y</e:p></e:T></rdf:RDF>'
    )
    source, quads, found = everything(text)
    assert {q.object.value for q in quads} == {"http://e/T", "Yy"}
    assert {source.text[s.object :][:3] for s in found} == {"e:T", "&x;"}


@pytest.mark.parametrize("used", ["", "&e9;"])
def test_entities_that_multiply_are_refused_before_they_fill_the_memory(used: str) -> None:
    text = f'{entities(10, 10)}{HEAD}<e:T rdf:about="a"><e:p>v{used}</e:p></e:T></rdf:RDF>'
    with pytest.raises(ParseFault) as fault:
        everything(text)
    assert f"no more than {LONGEST:,} are read" in str(fault.value)
    # The reader of places stands alone, and is guarded by the XML parser.
    if used:
        with pytest.raises(ParseFault) as fault:
            RdfXml(text, "x.rdf", "http://b/")
        assert "entities that multiply" in str(fault.value)


def test_entities_that_stay_small_are_not_refused() -> None:
    text = f'{entities(4, 5)}{HEAD}<e:T rdf:about="a"><e:p>v&e3;</e:p></e:T></rdf:RDF>'
    _, quads, found = everything(text)
    assert len(found) == len(quads) == 2


@pytest.mark.parametrize("declared", ['SYSTEM "file:///etc/hostname"', 'PUBLIC "p" "http://h/"'])
def test_entities_outside_the_document_are_never_loaded(declared: str) -> None:
    text = f"<!DOCTYPE r [<!ENTITY x {declared}>]>{HEAD}<e:T><e:p>&x;</e:p></e:T></rdf:RDF>"
    with pytest.raises(ParseFault) as fault:
        everything(text)
    assert "outside the text and not loaded" in str(fault.value)
    with pytest.raises(ParseFault) as fault:
        RdfXml(text, "x.rdf")
    assert "is not loaded" in str(fault.value)


REFUSED = {
    "<e:T>x</e:T>": "“x” stands where only elements may stand",
    "<e:T><e:p>x<e:T/></e:p></e:T>": "an element stands beside text",
    "<e:T><e:p><e:T/>x</e:p></e:T>": "“x” stands beside an element",
    "<e:T><e:p><e:T/><e:T/></e:p></e:T>": "stands where nothing more may stand",
    "<rdf:li/>": "<rdf:li> is no node element",
    "<e:T><rdf:Description/></e:T>": "<rdf:Description> is no property element",
    '<e:T rdf:li="x"/>': "rdf:li is no attribute",
    '<e:T rdf:ID="a b"/>': "“a b” is no name for rdf:ID",
    '<e:T rdf:ID="a"/><e:T rdf:ID="a"/>': 'rdf:ID="a" stands here a second time',
    '<e:T rdf:ID="a" rdf:about="b"/>': "name two things in one tag",
    '<e:T rdf:nodeID="1"/>': "“1” is no name for rdf:nodeID",
    '<e:T rdf:about="http://a b"/>': "is no IRI",
    '<e:T xml:lang="-" e:p="x"/>': 'xml:lang="-"',
    "<e:T>": "mismatched tag",
    "<e:T><e:p>&x;</e:p></e:T>": "undefined entity",
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_is_no_rdf_is_refused_at_its_place(body: str) -> None:
    with pytest.raises(ParseFault) as fault:
        RdfXml(f"{HEAD}\n{body}</rdf:RDF>", "x.rdf", "http://b/")
    assert REFUSED[body] in str(fault.value)
    assert fault.value.line == 2


NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def nodes(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw a node element with whatever the grammar allows in it."""
    name = draw(st.sampled_from(["rdf:Description", "e:T", "rdf:Bag"]))
    own = draw(st.sampled_from(["", ' rdf:about="{}"', ' rdf:about="#{}"', ' rdf:nodeID="{}"']))
    extra = draw(st.sampled_from(["", ' e:q="v"', ' xml:lang="de" e:q="v"', ' rdf:type="t"']))
    base = draw(st.sampled_from(["", ' xml:base="http://c/d/"']))
    inside = "".join(draw(st.lists(properties(depth), max_size=3)))
    return f"<{name}{own.format(draw(NAMES))}{extra}{base}>{inside}</{name}>"


@st.composite
def properties(draw: st.DrawFn, depth: int) -> str:
    name = draw(st.sampled_from(["e:p", "e:q", "rdf:li", "rdf:_3", "rdf:value"]))
    text = draw(st.sampled_from(["", "v", " v", "w x", "&lt;&amp;", "é"]))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return f'<{name} rdf:resource="{draw(NAMES)}"/>'
    if kind == 1:
        return f'<{name} rdf:nodeID="{draw(NAMES)}"/>'
    if kind == 2:
        return f'<{name} rdf:datatype="http://e/d">{text}</{name}>'
    if kind == 3:
        return f'<{name} e:r="{text}" e:s="2"/>'
    if kind == 4:
        return f'<{name} xml:lang="en">{text}</{name}>'
    if kind == 5 and depth:
        return f"<{name}>{draw(nodes(depth - 1))}</{name}>"
    if kind == 6 and depth:
        inside = "".join(draw(st.lists(nodes(depth - 1), max_size=3)))
        return f'<{name} rdf:parseType="Collection">{inside}</{name}>'
    if kind == 7 and depth:
        inside = "".join(draw(st.lists(properties(depth - 1), max_size=2)))
        return f'<{name} rdf:parseType="Resource">{inside}</{name}>'
    return f"<{name}>{text}</{name}>"


@given(st.lists(nodes(), min_size=1, max_size=3))
@settings(max_examples=150)
def test_drawn_documents_say_what_the_parser_says(drawn: list[str]) -> None:
    text = HEAD + "\n".join(drawn) + "</rdf:RDF>"
    source, quads, found = everything(text)
    ours = ox.Dataset(RdfXml(text, "", source.base).quads)
    theirs = ox.Dataset(quads)
    for dataset in (ours, theirs):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert ours == theirs
    assert {s.quad for s in found} == set(quads)


@pytest.mark.parametrize(
    "written",
    [
        't <e:b e:k="&lt;\'&quot;" k="1">y &amp; &gt;</e:b> <e:br/>',
        "<b>x</b>",
        '<b a="1">x<c xmlns="http://z/"><d/></c></b>',
        '<e:b><e:c e:a="1"/></e:b>',
        '<e:b xml:lang="en" xml:space="preserve"/>',
        '<b xmlns=""><c/></b>',
        "a<!-- c --><?pi x?><![CDATA[<&>]]>&#13;\t\"'",
        '<e:b a="&#10;&#9;&#13;x"/>',
    ],
)
@pytest.mark.parametrize("default", ["", ' xmlns="http://d/" xmlns:e="http://other/"'])
def test_an_xml_literal_is_the_same_beside_an_empty_language(written: str, default: str) -> None:
    def literal(tag: str) -> str:
        text = (
            f"{HEAD}<rdf:Description rdf:about='a'{tag}><e:p rdf:parseType='Literal'{default}>"
            f"{written}</e:p></rdf:Description></rdf:RDF>"
        )
        (quad,) = Source("x", text, ox.RdfFormat.RDF_XML).quads()
        return str(quad.object.value)  # type: ignore[union-attr]

    assert literal(" xml:lang=''") == literal("")


def test_a_literal_that_declares_a_prefix_itself_declares_it_once() -> None:
    text = (
        f"{HEAD}<rdf:Description rdf:about='a' xml:lang=''><e:p rdf:parseType='Literal'>"
        '<b xmlns:e="http://z/"><e:c/></b></e:p></rdf:Description></rdf:RDF>'
    )
    (quad,) = Source("x", text, ox.RdfFormat.RDF_XML).quads()
    literal = f'<b xmlns:e="http://z/" xmlns:rdf="{RDF}"><e:c></e:c></b>'
    assert quad.object == ox.Literal(literal, datatype=ox.NamedNode(f"{RDF}XMLLiteral"))


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(xml) == (0, 4)
