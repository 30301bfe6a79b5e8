"""Nesting that is bounded before the quick parsers see it."""

import time

import pyoxigraph as ox
import pytest

from app.errors import ParseFault
from app.rdf.nesting import ATTRIBUTES, ELEMENTS, TRIPLE_TERMS, require_shallow
from app.rdf.source import Source

TURTLE, N_TRIPLES, TRIG = ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TRIG
XML = ox.RdfFormat.RDF_XML
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="x:e#" '
DEEPER = f"triple terms nest deeper than {TRIPLE_TERMS}, the most that is read here"


def terms(depth: int) -> str:
    return "<x:a> <x:p> " + "<<( <x:s> <x:p> " * depth + '"1"' + " )>>" * depth + " .\n"


def elements(depth: int, attribute: str = "") -> str:
    """Return RDF/XML with elements so deep, each pair of them in a line of its own."""
    pairs = (depth - 1) // 2
    opening, closing = "\n<rdf:Description><e:p>", "</e:p></rdf:Description>"
    return f"{RDF}{attribute}>" + opening * pairs + "x" + closing * pairs + "</rdf:RDF>"


def read(text: str, form: ox.RdfFormat) -> int:
    return len(list(Source("x", text, form, "x:base").quads()))


@pytest.mark.parametrize("form", [TURTLE, N_TRIPLES, TRIG])
def test_triple_terms_nest_to_their_bound(form: ox.RdfFormat) -> None:
    assert read(terms(TRIPLE_TERMS), form) == 1
    assert read(terms(TRIPLE_TERMS) * 3, form) >= 1
    with pytest.raises(ParseFault) as refused:
        read('<x:a> <x:p> "<<<<" .\n' + terms(TRIPLE_TERMS + 400), form)
    place = 1 + len("<x:a> <x:p> ") + TRIPLE_TERMS * len("<<( <x:s> <x:p> ")
    assert str(refused.value) == f"x:2:{place}: {DEEPER}"


@pytest.mark.parametrize("depth", [20_000, 200_000])
def test_no_depth_of_triple_terms_ends_the_process(depth: int) -> None:
    with pytest.raises(ParseFault, match=DEEPER):
        read(terms(depth), N_TRIPLES)


@pytest.mark.parametrize(
    "begins",
    [
        "<<( <x:s> <x:p> # >>\n",
        '<<( <x:s> <x:p> # ">>\n',
        r"<<( x:s\# x:p\' ",
        "<< <x:s> <x:p> #>>\n",
    ],
    ids=["a comment", "a string in a comment", "marks in names", "reified"],
)
def test_no_mark_in_passing_hides_how_deep_triple_terms_nest(begins: str) -> None:
    ends = " )>>" if "(" in begins else " >>"

    def nested(depth: int) -> str:
        return f"PREFIX x: <x:>\n<x:s> <x:p> {begins * depth}<x:o>{ends * depth} .\n"

    assert read(nested(TRIPLE_TERMS), TURTLE) >= 1
    for depth in (TRIPLE_TERMS + 1, 30_000):
        with pytest.raises(ParseFault, match=DEEPER):
            read(nested(depth), TURTLE)


@pytest.mark.parametrize(
    "unit", [r"\"", '"', "\"'", '"""\\', "<a", '"<', "'''\"\"\" ", '"\\\n', ">>", "#\n", r"x:p\#"]
)
def test_no_text_is_looked_at_for_the_square_of_its_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = "<< >>" * (TRIPLE_TERMS + 1) + " " + unit * (size // len(unit))
        start = time.process_time()
        require_shallow(text, TURTLE)
        return time.process_time() - start

    # The square would be four hundred times as much.
    assert seconds(2_000_000) < 100 * min(seconds(100_000) for _ in range(3)) + 0.2


@pytest.mark.parametrize(
    "text",
    [
        "# " + "<<( " * 1000 + "\n" + terms(2),
        f'<x:a> <x:p> "{"<<( " * 1000}" .\n' + terms(2),
        f"<x:a> <x:p> '''{'<<( ' * 1000}\n''' .\n" + terms(2),
        terms(1) * 2000,
        "".join(f"<x:{i}> <x:p> <<( <x:s> <x:p> <x:o>)>> .\n" for i in range(2000)),
    ],
    ids=["a comment", "a string", "a long string", "many lines", "IRIs beside marks"],
)
def test_what_only_looks_like_nesting_is_read(text: str) -> None:
    assert read(text, TURTLE) >= 1


def test_elements_nest_to_their_bound() -> None:
    assert read(elements(ELEMENTS - 1), XML) == ELEMENTS // 2 - 1
    with pytest.raises(ParseFault) as refused:
        read(elements(200_001), XML)
    message = f"elements nest deeper than {ELEMENTS:,}, the most that is read here"
    assert refused.value.message == message
    # The root stands in the first line, and two elements in each of the others.
    assert refused.value.line == ELEMENTS // 2 + 1


@pytest.mark.parametrize(
    "hidden",
    ["<!--</</-->", "<![CDATA[ </</ ]]>", "<?x </</?>", "/>/>", ""],
    ids=["a comment", "CDATA", "an instruction", "text", "nothing"],
)
@pytest.mark.parametrize("value", ["", ' e:q="/>/>"', " e:q='</'"], ids=["plain", "ends", "tags"])
def test_no_mark_in_passing_hides_how_deep_elements_nest(hidden: str, value: str) -> None:
    text = f"{RDF}>" + f"<rdf:Description{value}><e:p>{hidden}" * 10_000
    with pytest.raises(ParseFault) as refused:
        read(text, XML)
    # A “<” in a value is no XML, which the quick parser does not mind.
    expected = "not well-formed" if "<" in value else "elements nest deeper than"
    assert refused.value.message.startswith(expected)


def test_many_elements_side_by_side_are_no_nesting() -> None:
    one = (
        '<rdf:Description rdf:about="x:a"><e:p>x</e:p><e:q rdf:resource="x:b"/></rdf:Description>\n'
    )
    comment = "<!-- " + "<e:p>" * 10_000 + " -->"
    assert read(f"{RDF}>{comment}" + one * 20_000 + "</rdf:RDF>", XML) >= 2


def test_elements_that_an_entity_writes_out_count() -> None:
    inner = "<rdf:Description><e:p>" * 600 + "&b;" + "</e:p></rdf:Description>" * 600
    last = inner.replace("&b;", "x")
    declared = f"<!DOCTYPE x [<!ENTITY a '{inner}'><!ENTITY b '{last}'>]>"
    with pytest.raises(ParseFault, match="elements nest deeper than"):
        read(f"{declared}{RDF}>&a;</rdf:RDF>", XML)


def test_the_slower_reader_reads_as_deep() -> None:
    assert read(elements(ELEMENTS - 1, 'xml:lang=""'), XML) == ELEMENTS // 2 - 1


@pytest.mark.parametrize(
    "form",
    ['e:p{}="x"', 'xmlns:n{}="x:{}"', 'e:p{}="x>"'],
    ids=["facts", "namespaces", "ends of tags in values"],
)
def test_an_element_is_no_wider_than_its_bound(form: str) -> None:
    def wide(count: int) -> str:
        attributes = " ".join(form.replace("{}", str(i)) for i in range(count))
        return f"{RDF}>\n<rdf:Description {attributes}/></rdf:RDF>"

    facts = ATTRIBUTES if form.startswith("e:p") else 0
    assert read(wide(ATTRIBUTES), XML) == facts
    with pytest.raises(ParseFault) as refused:
        read(wide(20_000), XML)
    message = f"an element has more than {ATTRIBUTES:,} attributes, the most that is read here"
    assert str(refused.value) == f"x:2:1: {message}"


def test_a_long_text_is_no_wide_element() -> None:
    long = "x" * 200_000
    text = f"{RDF}><rdf:Description><e:p>{long}</e:p></rdf:Description></rdf:RDF>"
    assert read(text, XML) == 1
