"""The reader: what it reads, where it says things stand, and how it refuses."""

import random
import re
import sys
import time
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Fault, ParseFault
from app.rdf.parser import DEEPEST, Document, Place, Syntax, read

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FORMATS = {
    Syntax.TURTLE: ox.RdfFormat.TURTLE,
    Syntax.TRIG: ox.RdfFormat.TRIG,
    Syntax.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    Syntax.N_QUADS: ox.RdfFormat.N_QUADS,
}

RICH = """\
@base <http://example.org/base/> .
@prefix : <http://example.org/> .
PREFIX ev: <http://example.org/evidence/>

# A remark with "quotes" and <brackets>.
ev:one.070 {
    :cimo-16
        a :Conference ;
        :date "2015-05-19"^^:EDTF-level1 ;
        :label "Conférence"@fr , 'Konferenz'@de-AT , \"\"\"two
lines, "quoted" \\u00e9\"\"\" ;
        :ordinal 16 , -1.50 , +2e7 , true ;
        :place <lisbon> ;
    .
    _:who :knows [ :name "x\\ty" ; :likes ( 1 "two" [ ] () ) ] .
}

GRAPH <g> { :a :b :c. :d :e :f }
{ :a\\~b a :odd%41name ;; :p <http://other.example/?q#f> , <> . }
[ :r _:who ] .
[] :s ( :x ) .
( 1 2 ) :t :u .
"""
LINES = """\
<http://example.org/s> <http://example.org/p> "caf\\u00e9 \\"x\\"" .
_:a <http://example.org/p> _:b.
<http://example.org/s><http://example.org/p>"1"^^<http://www.w3.org/2001/XMLSchema#integer>. # so

<http://example.org/s> <http://example.org/p> "x"@en-GB .
"""
QUADS = LINES + "<http://example.org/s> <http://example.org/p> _:b <http://example.org/g> .\n"
SAMPLES = {
    Syntax.TRIG: RICH,
    Syntax.TURTLE: re.sub(r"(?m)^(ev:one|GRAPH|\{|\}).*\n", "", RICH),
    Syntax.N_TRIPLES: LINES,
    Syntax.N_QUADS: QUADS,
}


def canonical(quads: object) -> ox.Dataset:
    dataset = ox.Dataset(quads)  # type: ignore[arg-type]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def ex(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}")


def refusal(text: str, syntax: Syntax = Syntax.TRIG, base: str | None = None) -> str:
    """Return how a text is refused, as line, column and message."""
    with pytest.raises(ParseFault) as caught:
        read(text, "x", syntax, base)
    return str(caught.value).removeprefix("x:")


@pytest.mark.parametrize("syntax", SAMPLES, ids=lambda syntax: syntax.name)
def test_a_rich_text_is_read_as_a_second_reader_reads_it(syntax: Syntax) -> None:
    ours = read(SAMPLES[syntax], syntax=syntax)
    assert len(ours.statements) >= 4
    assert canonical(ours.quads) == canonical(ox.parse(SAMPLES[syntax], FORMATS[syntax]))


def test_a_literal_keeps_its_lexical_form() -> None:
    text = '@prefix : <http://example.org/> . :s :p 01 , +1.0 , 1E0 , "007"^^:int .'
    assert [quad.object for quad in read(text).quads] == [
        ox.Literal("01", datatype=ox.NamedNode(XSD + "integer")),
        ox.Literal("+1.0", datatype=ox.NamedNode(XSD + "decimal")),
        ox.Literal("1E0", datatype=ox.NamedNode(XSD + "double")),
        ox.Literal("007", datatype=ex("int")),
    ]


def test_a_prefix_may_change_its_meaning_and_the_last_one_is_kept() -> None:
    text = "@prefix e: <http://a/> . e:s e:p e:o . PREFIX e: <http://example.org/> e:s e:p e:o ."
    document = read(text)
    assert [quad.subject.value for quad in document.quads] == ["http://a/s", "http://example.org/s"]
    assert document.prefixes == {"e": "http://example.org/"}


def test_a_base_may_change_and_may_be_relative_to_the_one_before() -> None:
    text = "<a> <a> <a> . @base <b/> . <a> <a> <a> . BASE <c/> <a> <a> <a> ."
    document = read(text, base="http://example.org/")
    assert [quad.subject.value.removeprefix("http://example.org/") for quad in document.quads] == [
        "a",
        "b/a",
        "b/c/a",
    ]


def test_statements_stand_in_the_order_of_the_text_and_repeat_as_it_does() -> None:
    document = read("<a:s> <a:p> 2 , 1 , 2 .")
    assert [quad.object.value for quad in document.quads] == ["2", "1", "2"]


def test_the_same_text_names_its_blank_nodes_alike_and_another_one_never_does() -> None:
    text = "_:x <a:p> [ ] ."
    once, again, other = (
        {term.value for quad in read(t).quads for term in (quad.subject, quad.object)}
        for t in (text, text, text + "\n")
    )
    assert once == again
    assert len(once) == 2
    assert once.isdisjoint(other)


def test_an_empty_text_and_one_of_remarks_hold_nothing() -> None:
    for text in ("", " \n\t", "# nothing", "\ufeff", "\ufeff# nothing\r\n"):
        for syntax in Syntax:
            document = read(text, syntax=syntax)
            assert (document.statements, document.prefixes) == ([], {})


def test_the_suffix_of_a_path_names_its_syntax() -> None:
    assert [Syntax.of(f"a/b{suffix}") for suffix in (".ttl", ".trig", ".nt", ".nq", ".TTL")] == [
        Syntax.TURTLE,
        Syntax.TRIG,
        Syntax.N_TRIPLES,
        Syntax.N_QUADS,
        Syntax.TURTLE,
    ]
    with pytest.raises(Fault) as caught:
        Syntax.of("a.rdf")
    assert str(caught.value) == (
        "a.rdf: the suffix “.rdf” names no format that is read here (.ttl, .trig, .nt, .nq)"
    )


# Places


def test_every_term_has_the_place_at_which_it_is_written() -> None:
    text = "@prefix : <a:> .\n:g {\n    :s\n        a :C ;\n        :p 1 , ( 2 [ :q 3 ] ) .\n}\n"
    document = read(text, "f.trig")
    places = [
        (
            *(
                str(document.place(at)).removeprefix("f.trig:")
                for at in (statement.subject, statement.predicate, statement.object)
            ),
            str(document.place(statement.graph)).removeprefix("f.trig:"),
        )
        for statement in document.statements
    ]
    assert places == [
        ("3:5", "4:9", "4:11", "2:1"),
        ("3:5", "5:9", "5:12", "2:1"),
        ("5:16", "5:16", "5:18", "2:1"),  # the first cell, at its parenthesis
        ("5:16", "5:16", "5:20", "2:1"),  # its rest: the cell of the second item
        ("5:20", "5:22", "5:25", "2:1"),  # inside the brackets
        ("5:20", "5:20", "5:20", "2:1"),  # the second cell, at its item
        ("5:20", "5:20", "5:29", "2:1"),  # nil, where the list closes
        ("3:5", "5:9", "5:16", "2:1"),
    ]
    assert document.place(0) == Place("f.trig", 1, 1)


def test_a_statement_of_the_default_graph_has_no_place_of_a_graph() -> None:
    assert [s.graph for s in read("<a:s> <a:p> 1 . { <a:s> <a:p> 2 }").statements] == [-1, -1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_line_end_counts_as_one(end: str) -> None:
    document = read(f"# one{end}{end}<a:s> <a:p>{end}  1 .{end}", "f")
    (statement,) = document.statements
    assert document.place(statement.subject) == Place("f", 3, 1)
    assert document.place(statement.object) == Place("f", 4, 3)


def test_a_byte_order_mark_counts_as_the_character_it_is() -> None:
    document = read("\ufeff<a:s> <a:p> 1 .", "f")
    assert document.place(document.statements[0].subject) == Place("f", 1, 2)


def test_columns_count_characters_and_not_bytes() -> None:
    document = read("<a:é𝄞> <a:p> 1 .", "f")
    assert document.place(document.statements[0].predicate) == Place("f", 1, 8)


SPELLING = re.compile(
    r'<[^>]*>|(?:""".*?(?<!\\)"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
    r"(?:@[\w-]+|\^\^(?:<[^>]*>|[\w:-]+))?|_:\w+|[\w:.%~\\+-]*[\w:~]",
    re.DOTALL,
)


def spelt(document: Document, at: int) -> str:
    """Return the spelling of the term at an offset."""
    match = SPELLING.match(document.text, at)
    return match[0] if match else document.text[at]


def denoted(document: Document, at: int) -> ox.NamedNode | ox.Literal | str:
    """Return what the spelling at an offset means to a second reader; blank nodes as written."""
    word = spelt(document, at)
    if word.startswith(("[", "(", ")", "_:")):
        return word
    if word == "a":
        return ox.NamedNode(RDF + "type")
    head = "@base <http://example.org/base/> .\n" + "".join(
        f"@prefix {prefix}: <{space}> .\n" for prefix, space in document.prefixes.items()
    )
    (quad,) = ox.parse(f"{head}<x:s> <x:p> {word} .", ox.RdfFormat.TURTLE)
    assert not isinstance(quad.object, (ox.BlankNode, ox.Triple))
    return quad.object


def test_every_place_points_to_text_that_denotes_its_term() -> None:
    document = read(RICH)
    labels: dict[str, ox.BlankNode] = {}
    checked = 0
    for statement in document.statements:
        quad = statement.quad
        for term, at in (
            (quad.subject, statement.subject),
            (quad.object, statement.object),
            (quad.graph_name, statement.graph),
        ):
            if isinstance(term, ox.DefaultGraph):
                assert at == -1
            elif isinstance(term, ox.BlankNode):
                word = spelt(document, at)
                if word.startswith("_:"):
                    assert labels.setdefault(word, term) == term
            elif term.value != RDF + "nil":
                assert denoted(document, at) == term
                checked += 1
        if not quad.predicate.value.startswith((RDF + "first", RDF + "rest")):
            assert denoted(document, statement.predicate) == quad.predicate
            checked += 1
    assert checked > 60
    assert list(labels) == ["_:who"]


# Refusals

REFUSALS = {
    "<a:s> <a:p> ex:o .": (
        "1:13: the prefix “ex:” is not declared; "
        "write @prefix ex: <…> . before its first use"
    ),
    "<a:s>\n  <a:p> 1\n  <a:q> 2 .": (
        "3:3: found “<a:q>” where “;” or “.” was expected; the fact before it is not closed"
    ),
    "<a:s> <a:p> 1\n": (
        "2:1: found the end of the text where “;” or “.” was expected; "
        "the fact before it is not closed"
    ),
    "<a:s> <a:p> 1 2 .": "1:15: found “2” where “;” or “.” was expected",
    '<a:s> <a:p>\n "open .\n': (
        '2:2: a string that is not closed on its line: write " where it ends '
        "(a line feed inside is written \\n)"
    ),
    "<a:s> <a:p>\n '''open .\n": "2:2: a string that is never closed: write ''' where it ends",
    "<a:s> <a:p> <a:b .": (
        "1:13: an IRI with a space in it: write %20, or > where the IRI ends"
    ),
    "<a:s> <a:p> <a:b": "1:13: an IRI that is not closed on its line: write > where it ends",
    "<a:s> <a:p> <a:{b}> .": "1:13: an IRI with “{” in it: write %7B",
    "<a:s> <a:p> <a:%zz> .": "1:13: <a:%zz> is not an IRI: Invalid IRI percent encoding '%zz'",
    "<a:s> <a:p> <b> .": (
        "1:13: <b> is relative, to no base; write it in full, or declare a @base"
    ),
    '<a:s> <a:p> "\\q" .': (
        "1:14: “\\q” is no escape; the escapes of a string are "
        "\\uXXXX and \\UXXXXXXXX, \\t \\b \\n \\r \\f \\\" \\' \\\\"
    ),
    "<a:s> <a:p> <a:\\n> .": (
        "1:16: “\\n” is no escape; the escapes of an IRI are \\uXXXX and \\UXXXXXXXX"
    ),
    '<a:s> <a:p> "\\ud800" .': "1:14: “\\ud800” is not the number of a character",
    '<a:s> <a:p> "x"@toolongtag .': (
        "1:16: “@toolongtag” is not a language tag of BCP 47: "
        "A subtag may be eight characters in length at maximum"
    ),
    "<a:s> <a:p> True .": (
        "1:13: found “True” where an object (an IRI, a blank node, a literal, [ or ( ) was "
        "expected; “true” is written in small letters"
    ),
    "<a:s> is 1 .": (
        "1:7: found “is” where a predicate (an IRI or “a”) was expected; "
        "a name has a prefix with a colon, and a text quotation marks"
    ),
    "<a:s> <a:p> “x” .": (
        '1:13: a typographic quotation mark: write " '
        "(expected an object (an IRI, a blank node, a literal, [ or ( ))"
    ),
    "<a:s>\u00a0<a:p> 1 .": (
        "1:6: a no-break space: write an ordinary space (expected a predicate (an IRI or “a”))"
    ),
    "@prefix e: <a:>\n<a:s> <a:p> 1 .": (
        "2:1: found “<a:s>” where “.” was expected; @prefix ends with a full stop"
    ),
    "PREFIX e: <a:> .": (
        "1:16: found “.” where the next statement was expected; after PREFIX comes no full stop"
    ),
    "@prefix e <a:> .": (
        "1:9: found “e” where a prefix with its colon, such as “ex:” was expected; "
        "a name has a prefix with a colon, and a text quotation marks"
    ),
    "<a:g> {\n <a:s> <a:p> 1 .\n": "1:7: the graph that opens here is never closed: write “}”",
    "<a:s> <a:p> ( 1\n": "1:13: the list that opens here is never closed: write “)”",
    "[ <a:p> 1 ] { <a:s> <a:p> 1 }": (
        "1:1: the name of a graph is an IRI or a blank node, not this"
    ),
    "<a:g> { @prefix e: <a:> . }": "1:9: found “@prefix” where a subject or “}” was expected",
    "<a:s> <a:p> << <a:s> <a:p> 1 >> .": (
        "1:13: “<<” of RDF 1.2, whose triple terms and annotations are not read here"
    ),
    '<a:s> <a:p> "x"@en--ltr .': "1:19: the direction of a text is of RDF 1.2 and not read here",
    "<a:s> <a:p> 1 ~ _:r .": (
        "1:15: a reifier of RDF 1.2, which is not read here (expected “;” or “.”)"
    ),
    "<a:s> <a:p> 1 .\n\0": "2:1: found “\\u0000” where a subject or a directive was expected",
    '<a:s> <a:p> "\ud800" .': "1:13: this string holds half of a surrogate pair, which is no text",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_says_where_what_and_how_to_mend_it(text: str) -> None:
    assert refusal(text) == REFUSALS[text]


def test_turtle_has_no_graphs() -> None:
    assert refusal("<a:g> { <a:s> <a:p> 1 }", Syntax.TURTLE) == (
        "1:7: found “{” where a predicate (an IRI or “a”) was expected"
    )


LINE_REFUSALS = {
    "<a:s> <a:p> <a:o> . <a:s> <a:p> <a:o> .": (
        "1:21: found “<a:s>” where the end of the line was expected; "
        "every statement has a line of its own"
    ),
    "<a:s> <a:p>\n<a:o> .": "1:12: the line ends before its statement: “.” is missing",
    "<a:s> <a:p> <o> .": "1:13: <o> is relative, to no base; write it in full",
    "<a:s> <a:p> 1 .": (
        '1:13: found “1” where an object (an IRI, a blank node or a literal in "…") was expected'
    ),
    "<a:s> <a:p> 'x' .": (
        "1:13: found “'x'” where an object "
        '(an IRI, a blank node or a literal in "…") was expected'
    ),
    '<a:s> <a:p> "x"^^a:b .': "1:18: found “a:b” where the IRI of a datatype was expected",
    "<a:s> <a:p> <a:o> <a:g> .": "1:19: found “<a:g>” where “.” was expected",
    '"x" <a:p> <a:o> .': (
        "1:1: found “\"x\"” where a subject (an IRI or a blank node) was expected"
    ),
    "<a:s> a <a:o> .": (
        "1:7: found “a” where a predicate (an IRI) was expected; "
        "a name has a prefix with a colon, and a text quotation marks"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", LINE_REFUSALS)
def test_n_triples_refuse_what_only_turtle_allows(text: str) -> None:
    assert refusal(text, Syntax.N_TRIPLES, "http://example.org/") == LINE_REFUSALS[text]


# What a stranger may send


def test_brackets_nest_to_the_bound_and_no_further() -> None:
    for left, right in (("[ <a:p> ", " ]"), ("( ", " )")):
        text = f"<a:s> <a:p> {left * DEEPEST}1{right * DEEPEST} ."
        assert len(read(text).statements) > DEEPEST
        at = 13 + len(left) * DEEPEST
        assert refusal(f"<a:s> <a:p> {left * 100_000}") == (
            f"1:{at}: brackets nest deeper than {DEEPEST}, the most that is read here"
        )


HOSTILE = {
    "an endless string": '<a:s> <a:p> """' + '""a' * 300_000,
    "an endless name": "a" * 1_000_000,
    "a name of dots": "a" + ".a" * 300_000,
    "a name that ends in dots": "a:" + "." * 1_000_000,
    "a name of escapes": "a:" + "%aa" * 300_000 + "%",
    "an endless tag": '<a:s> <a:p> "x"@' + "a-" * 300_000,
    "an endless label": "_:" + "a." * 300_000,
    "an endless number": "<a:s> <a:p> " + "1" * 1_000_000 + "e",
    "nothing but quotes": "'" * 1_000_000,
    "nothing but brackets": "<" * 1_000_000,
    "nothing but backslashes": '<a:s> <a:p> "' + "\\" * 1_000_001,
    "a climb out of every folder": "@base <http://a/> . <" + "../" * 300_000 + "> <a:p> [",
    "remarks and then a slip": "#\n" * 500_000 + "}",
    "blanks and then a slip": " " * 1_000_000 + "}",
    "semicolons without end": "<a:s> <a:p> 1 " + ";" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("syntax", [Syntax.TRIG, Syntax.N_QUADS], ids=lambda syntax: syntax.name)
def test_no_text_keeps_the_reader_busy(name: str, syntax: Syntax) -> None:
    begun = time.process_time()
    message = refusal(HOSTILE[name], syntax)
    assert time.process_time() - begun < 5
    assert len(message) < 400


PIECES = [
    *" \n\t\r.;,[](){}<>\"'\\@^_:-+#aeE019=%\0é\u200d\ud7ff\ufeff",
    *("a:", "@prefix", "BASE", "GRAPH", "true", '"""', "'''", "_:b", "^^", "@en", "\\u0041"),
    *("[]", "()", "1.", "1e5", ".5", "<a>", "<http://a/b>", "\r\n", "//", "?", "<<", "{|", "--ltr"),
]


def mutants(text: str, seed: int, count: int) -> Iterator[str]:
    """Yield texts that differ from `text` by one to three small edits, always the same ones."""
    chance = random.Random(seed)
    for _ in range(count):
        letters = list(text)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(letters) + 1)
            match chance.randrange(4):
                case 0:
                    letters[at:at] = chance.choice(PIECES)
                case 1:
                    del letters[at : at + chance.randint(1, 4)]
                case 2:
                    letters[at : at + 1] = chance.choice(PIECES)
                case _:
                    start = chance.randrange(len(letters) + 1)
                    letters[at:at] = letters[start : start + 20]
        yield "".join(letters)


@pytest.mark.parametrize("syntax", SAMPLES, ids=lambda syntax: syntax.name)
def test_a_damaged_text_is_read_as_a_second_reader_reads_it_or_refused(syntax: Syntax) -> None:
    outcomes = {"read": 0, "refused": 0}
    for text in mutants(SAMPLES[syntax], 20150519, 3000):
        try:
            ours = list(read(text, "x", syntax, "http://example.org/").quads)
        except ParseFault as error:
            lines = re.split(r"\r\n?|\n", text)
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            outcomes["refused"] += 1
            continue
        theirs = ox.parse(text, FORMATS[syntax], base_iri="http://example.org/")
        assert canonical(ours) == canonical(theirs), text
        outcomes["read"] += 1
    assert min(outcomes.values()) > 300


@given(st.text(), st.sampled_from(Syntax))
def test_any_text_at_all_is_read_or_refused(text: str, syntax: Syntax) -> None:
    try:
        document = read(text, "x", syntax)
    except ParseFault as error:
        assert error.message
    else:
        assert document.text == text


def test_fifty_thousand_quads_are_read_in_seconds() -> None:
    block = ':s{0} {{ :c{0} a :C ; :date "2015-05-19"^^:d ; :label "number {0}"@en ; :n {0} . }}\n'
    text = "@prefix : <http://example.org/> .\n" + "".join(block.format(n) for n in range(12_500))
    begun = time.process_time()
    document = read(text)
    assert len(document.statements) == 50_000
    assert time.process_time() - begun < 10  # a second or less, but for a tracer or a slow machine


def test_the_bound_on_nesting_leaves_room_on_the_stack() -> None:
    def deeper(frames: int) -> int:
        if frames:
            return deeper(frames - 1)
        return len(read(f"<a:s> <a:p> {'[ <a:p> ' * DEEPEST}1{' ]' * DEEPEST} .").statements)

    assert deeper(sys.getrecursionlimit() // 4) == DEEPEST + 1
