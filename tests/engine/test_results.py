"""Every kind of term in every format, read by readers that are not ours."""

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser

from app.engine.query import Kind, Query
from app.engine.results import number
from app.engine.snapshot import Snapshot
from app.errors import Rejected
from app.rdf.formats import CSV, RESULTS_JSON, RESULTS_XML, TSV
from app.rdf.terms import Term

XSD = "http://www.w3.org/2001/XMLSchema#"
SPARQL = "{http://www.w3.org/2005/sparql-results#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HARD = "\"',\r\n\t\\<>&;]|?@^_: \x00\x07\x1f\x7f\x85\u2028\ufeff\u00e9\U0001f600\U0010ffff"
# What XML 1.0 has no way to write, and so is refused there.
NOT_XML = {*map(chr, range(0x20)), "\ufffe", "\uffff"} - {"\t", "\n", "\r"}
texts = st.text(
    st.one_of(st.sampled_from(HARD), st.characters(blacklist_categories=["Cs"])), max_size=12
)
parts = st.text("abc,;'()*+@!$&=?é\U00020000", max_size=6)
iris = st.builds(
    lambda path, mark, end: ox.NamedNode(f"http://example.org/{path}{mark}{end}"),
    parts,
    st.sampled_from(["", "#", "%2C"]),
    parts,
)
literals = st.one_of(
    texts.map(ox.Literal),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag),
        texts,
        st.sampled_from(["en", "pt-br", "zh-hant-tw"]),
    ),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=kind),
        texts,
        iris,
    ),
    st.sampled_from(["1", "-7", "120"]).map(
        lambda text: ox.Literal(text, datatype=ox.NamedNode(XSD + "integer"))
    ),
    st.sampled_from(["true", "false"]).map(
        lambda text: ox.Literal(text, datatype=ox.NamedNode(XSD + "boolean"))
    ),
    st.just(ox.Literal("2015-05-19", datatype=ox.NamedNode(XSD + "date"))),
)
blanks = st.sampled_from(["a", "b1", "Z9"]).map(ox.BlankNode)
terms: st.SearchStrategy[Term] = st.one_of(iris, literals, blanks)
tables = st.lists(st.tuples(terms, st.none() | terms), min_size=1, max_size=4)
Table = Sequence[Sequence[Term | None]]
SELECT = (
    "SELECT ?a ?b { GRAPH ?row { ?row <urn:a> ?a } OPTIONAL { GRAPH ?row { ?row <urn:b> ?b } } }"
)
# Where rows are not capped the library writes them, and where they are, we do.
WRITERS = [None, 100]


class Sheet:
    """A sink that keeps all."""

    def __init__(self) -> None:
        self.content, self.capped = b"", None

    def begin(self, kind: Kind, media: str, *, capped: int | None = None, **_: object) -> None:
        self.capped = capped

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)


def snapshot(rows: Table) -> Snapshot:
    store = ox.Store()
    for index, row in enumerate(rows):
        name = ox.NamedNode(f"urn:row:{index}")
        for column, term in zip("ab", row, strict=True):
            if term is not None:
                store.add(ox.Quad(name, ox.NamedNode(f"urn:{column}"), term, name))
    return Snapshot(store, "http://example.org/", {})


def write(rows: Table, media: str, most: int | None) -> bytes:
    sheet = Sheet()
    query = Query(SELECT + " ORDER BY ?row", {Kind.BINDINGS: media}, max_rows=most)
    snapshot(rows).evaluate(query, sheet)
    assert sheet.capped is None
    return sheet.content


def plain(term: Term | None) -> tuple[str, ...] | None:
    """Return a term as its kind and its characters."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return "iri", term.value
    if isinstance(term, ox.BlankNode):
        return "blank", term.value
    assert isinstance(term, ox.Literal)
    if term.language:
        return "literal", term.value, "@" + term.language
    kind = term.datatype.value
    return "literal", term.value, "" if kind == XSD + "string" else kind


@pytest.mark.parametrize("most", WRITERS)
@given(rows=tables)
def test_the_csv_module_reads_what_csv_says(rows: Table, most: int | None) -> None:
    text = write(rows, CSV, most).decode()
    names, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert names == ["a", "b"]
    cells = [[(plain(term) or ("", ""))[1] for term in row] for row in rows]
    marks = [["_:" if isinstance(term, ox.BlankNode) else "" for term in row] for row in rows]
    assert lines == [
        [m + c for m, c in zip(mark, cell, strict=True)]
        for mark, cell in zip(marks, cells, strict=True)
    ]


@pytest.mark.parametrize("most", WRITERS)
@given(rows=tables)
def test_the_json_module_reads_what_json_says(rows: Table, most: int | None) -> None:
    answer = json.loads(write(rows, RESULTS_JSON, most).decode())
    assert answer.keys() == {"head", "results"}
    assert answer["head"] == {"vars": ["a", "b"]}

    def term(value: dict[str, str] | None) -> tuple[str, ...] | None:
        if value is None or value["type"] != "literal":
            kinds = {"uri": "iri", "bnode": "blank"}
            return None if value is None else (kinds[value["type"]], value["value"])
        tag = "@" + value["xml:lang"] if "xml:lang" in value else value.get("datatype", "")
        return "literal", value["value"], tag

    read = [[term(row.get(name)) for name in "ab"] for row in answer["results"]["bindings"]]
    assert read == [[plain(term) for term in row] for row in rows]


@pytest.mark.parametrize("most", WRITERS)
@given(rows=tables)
def test_elementtree_reads_what_xml_says_or_it_is_refused(rows: Table, most: int | None) -> None:
    sayable = not any(c in NOT_XML for row in rows for t in row for c in (plain(t) or ("", ""))[1])
    try:
        content = write(rows, RESULTS_XML, most)
    except Rejected as refused:
        assert refused.kind == "not-expressible"
        assert not sayable
        return
    assert sayable
    root = ElementTree.fromstring(content)
    assert [v.get("name") for v in root.iterfind(f"{SPARQL}head/{SPARQL}variable")] == ["a", "b"]

    def term(row: ElementTree.Element, name: str) -> tuple[str, ...] | None:
        value = row.find(f"{SPARQL}binding[@name='{name}']/*")
        if value is None:
            return None
        kind = {"uri": "iri", "bnode": "blank"}.get(value.tag.removeprefix(SPARQL))
        if kind:
            return kind, value.text or ""
        tag = value.get(LANGUAGE)
        return "literal", value.text or "", f"@{tag}" if tag else value.get("datatype", "")

    read = [[term(row, name) for name in "ab"] for row in root.iter(f"{SPARQL}result")]
    assert read == [[plain(term) for term in row] for row in rows]


@pytest.mark.parametrize("most", WRITERS)
@given(rows=tables)
def test_turtle_reads_the_cells_of_tsv(rows: Table, most: int | None) -> None:
    """rdflib's Turtle reads each cell: its own reader of TSV loses escapes."""
    text = write(rows, TSV, most).decode()
    names, *lines = text.removesuffix("\n").split("\n")
    assert names == "?a\t?b"
    read = [[None if not c else rdflib_term(c) for c in line.split("\t")] for line in lines]
    assert read == [[plain(term) for term in row] for row in rows]


def rdflib_term(cell: str) -> tuple[str, ...]:
    if cell.startswith("_:"):
        return "blank", cell[2:]
    # A reader of Turtle drops a mark of byte order only where a file begins.
    graph = rdflib.Graph().parse(data=f"<urn:s> <urn:p> {cell} .", format="turtle")
    (value,) = graph.objects()
    if isinstance(value, rdflib.URIRef):
        return "iri", str(value)
    assert isinstance(value, rdflib.Literal)
    kind = str(value.datatype or "")
    tag = f"@{value.language}" if value.language else "" if kind == XSD + "string" else kind
    return "literal", str(value), tag


def test_rdflib_reads_a_plain_table_of_tsv() -> None:
    rows: Table = [
        (ox.NamedNode("http://example.org/x,y"), ox.Literal("Ana", language="pt")),
        (ox.Literal("2"), None),
    ]
    for most in WRITERS:
        read = TSVResultParser().parse(io.BytesIO(write(rows, TSV, most)))
        assert [[row.get(v) for v in read.vars or ()] for row in read.bindings] == [
            [rdflib.URIRef("http://example.org/x,y"), rdflib.Literal("Ana", lang="pt")],
            [rdflib.Literal("2"), None],
        ]


TRIPLE = 'SELECT (<<( <http://a/x,y> <a:p> "\\"\\r\\n,"@en )>> AS ?t) {}'


@pytest.mark.parametrize("most", WRITERS)
def test_a_triple_term_is_written_in_every_format(most: int | None) -> None:
    def answer(media: str) -> bytes:
        sheet = Sheet()
        snapshot([]).evaluate(Query(TRIPLE, {Kind.BINDINGS: media}, max_rows=most), sheet)
        return sheet.content

    text = '<<( <http://a/x,y> <a:p> "\\"\\r\\n,"@en )>>'
    assert list(csv.reader(io.StringIO(answer(CSV).decode(), newline=""))) == [["t"], [text]]
    assert answer(TSV).decode() == f"?t\n{text}\n"
    (row,) = json.loads(answer(RESULTS_JSON))["results"]["bindings"]
    assert row["t"]["type"] == "triple"
    assert row["t"]["value"]["object"] == {
        "type": "literal",
        "value": '"\r\n,',
        "xml:lang": "en",
    }
    value = ElementTree.fromstring(answer(RESULTS_XML)).find(f".//{SPARQL}triple/{SPARQL}object/*")
    assert value is not None
    assert value.text == '"\r\n,'


@pytest.mark.parametrize("most", WRITERS)
def test_a_direction_is_written_where_there_is_one(most: int | None) -> None:
    for text, direction in (('"a"@ar--rtl', "rtl"), ('"a"@ar', None)):
        sheet = Sheet()
        query = Query(f"SELECT ({text} AS ?x) {{}}", {Kind.BINDINGS: RESULTS_XML}, max_rows=most)
        snapshot([]).evaluate(query, sheet)
        value = ElementTree.fromstring(sheet.content).find(f".//{SPARQL}literal")
        assert value is not None
        assert value.get("{http://www.w3.org/2005/11/its}dir") == direction


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1e6", "1.0E6"),
        ("999999", "999999"),
        ("0.000001", "0.000001"),
        ("1e300", "1.0E300"),
        ("-1.5e-7", "-1.5E-7"),
        ("1.2345678901234567e30", "1.2345678901234567E30"),
        ("1e0", "1"),
        ("INF", "INF"),
        ("NaN", "NaN"),
    ],
)
def test_a_long_double_has_an_exponent_in_csv(text: str, written: str) -> None:
    sheet = Sheet()
    select = f'SELECT ("{text}"^^<{XSD}double> AS ?x) ("{text}" AS ?y) {{}}'
    snapshot([]).evaluate(Query(select, {Kind.BINDINGS: CSV}), sheet)
    assert sheet.content.decode() == f"x,y\r\n{written},{text}\r\n"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_an_exponent_changes_no_number(value: float) -> None:
    # The engine writes all the digits, whatever the size.
    text = f"{Decimal(repr(value)):f}"
    assert float(number(text)) == value


def test_a_row_without_a_value_is_a_row() -> None:
    sheet = Sheet()
    query = Query("SELECT ?x { VALUES ?y { 1 2 } }", {Kind.BINDINGS: CSV})
    snapshot([]).evaluate(query, sheet)
    assert sheet.content == b'x\r\n""\r\n""\r\n'


@pytest.mark.parametrize("most", [1, 2, 3])
def test_rows_that_are_capped_say_so_and_others_do_not(most: int) -> None:
    rows: Table = [(ox.Literal("first"), None), (ox.Literal("second"), None)]
    for media in (CSV, TSV, RESULTS_JSON, RESULTS_XML):
        sheet = Sheet()
        query = Query(SELECT + " ORDER BY ?a", {Kind.BINDINGS: media}, max_rows=most)
        snapshot(rows).evaluate(query, sheet)
        assert sheet.capped == (1 if most == 1 else None)
        assert b"first" in sheet.content
        assert (b"second" in sheet.content) == (most > 1)
        if media == RESULTS_JSON:
            truncated = json.loads(sheet.content).get("truncated")
            assert truncated == ({"rows": 1} if most == 1 else None)
        if media == RESULTS_XML:
            ElementTree.fromstring(sheet.content)
            assert (b"<!-- Cut after 1 rows" in sheet.content) == (most == 1)
