"""Whether the endpoint answers a test of the W3C as its manifest demands."""

import csv
import io
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import httpx
import pyoxigraph as ox
from sparql_suite import SparqlCase, triples

from app.rdf.terms import Term

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
# A graph that nobody has: an empty one.
NOTHING = "http://nothing.example/"
MEDIA = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle, application/sparql-results+json;q=0.5",
    ".nt": "application/n-triples",
}
FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
_LABEL = re.compile(r"_:\S+")
Rows = list[dict[str, Term]]


def quads(cases: list[SparqlCase]) -> str:
    """Return the data of all the tests as N-Quads: each file is a graph, and each named graph."""
    data = (path for case in cases for path in case.data)
    files = {path.as_uri(): path for path in data}
    for case in cases:
        for name, path in case.graphs:
            assert files.setdefault(name, path) == path, f"{name} is two graphs"
    all_quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, _graph(quad, name))
        for name, path in files.items()
        for quad in _parse(path)
    ]
    return (ox.serialize(all_quads, format=ox.RdfFormat.N_QUADS) or b"").decode()


def _parse(path: Path) -> list[ox.Quad]:
    form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    text, base = path.read_bytes(), path.as_uri()
    return list(ox.parse(text, format=form, base_iri=base, rename_blank_nodes=True))


def _graph(quad: ox.Quad, name: str) -> ox.NamedNode:
    # A file of TriG brings graphs with names of their own, which the server has as they are.
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return ox.NamedNode(name)
    assert isinstance(quad.graph_name, ox.NamedNode)
    return quad.graph_name


def _named(case: SparqlCase) -> list[str]:
    own = {
        _graph(quad, "").value
        for path in case.data
        if path.suffix == ".trig"
        for quad in _parse(path)
        if not isinstance(quad.graph_name, ox.DefaultGraph)
    }
    return sorted(own | {name for name, _ in case.graphs})


def objection(case: SparqlCase, client: httpx.Client, url: str) -> str | None:
    """Return what is wrong with the endpoint's answer to a test, None where nothing is."""
    text = case.query.read_text(encoding="utf-8")
    if case.kind.startswith("Negative"):
        return _refusal(_ask(client, url, text, "*/*", case))
    if case.kind.startswith("Positive"):
        answer = _ask(client, url, text, "*/*", case)
        return None if answer.status_code == 200 else answer.text
    assert case.result is not None
    # Relative IRIs mean files beside the query.
    text = f"BASE <{case.query.as_uri()}>\n{text}"
    answer = _ask(client, url, text, MEDIA[case.result.suffix], case)
    return answer.text if answer.status_code != 200 else _difference(case, answer)


def _ask(
    client: httpx.Client, url: str, text: str, accept: str, case: SparqlCase
) -> httpx.Response:
    fields: dict[str, str | list[str]] = {"query": text}
    # A query that chooses its graphs itself would lose them to those of the protocol.
    if "Syntax" not in case.kind and not re.search(r"\bFROM\b", text):
        fields["default-graph-uri"] = [path.as_uri() for path in case.data] or [NOTHING]
        fields["named-graph-uri"] = _named(case)
    return client.post(f"{url}sparql", data=fields, headers={"Accept": accept})


def _refusal(answer: httpx.Response) -> str | None:
    if answer.status_code == 400 and answer.json()["type"].endswith("/query-malformed"):
        return None
    return f"{answer.status_code}: it was not refused as malformed"


def _difference(case: SparqlCase, answer: httpx.Response) -> str | None:
    assert case.result is not None
    expected = case.result.read_bytes()
    suffix = case.result.suffix
    if suffix == ".csv":
        same = _cells(expected.decode()) == _cells(answer.text)
    elif suffix in FORMATS:
        form = FORMATS[suffix]
        same = _results(expected, form) == _results(answer.content, form)
        if re.search(r"\}\s*ORDER\s+BY\b[^{}]*$", case.query.read_text(encoding="utf-8"), re.I):
            same = same and _sequence(expected, form) == _sequence(answer.content, form)
    elif answer.headers["content-type"].startswith("application/sparql-results+json"):
        rows = _results(answer.content, ox.QueryResultsFormat.JSON)
        same = _result_set(triples(case.result)) == rows
    else:
        form = ox.RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0])
        graph = [quad.triple for quad in ox.parse(answer.content, format=form)]
        same = _canonical(graph) == _canonical(triples(case.result))
    return None if same else f"expected {expected.decode()}\ngot {answer.text}"


def _cells(text: str) -> tuple[list[str], Counter[tuple[str, ...]]]:
    names, *rows = csv.reader(io.StringIO(text))
    # The label of a blank node is nobody's promise.
    return names, Counter(tuple(re.sub(r"^_:.+", "_:", cell) for cell in row) for row in rows)


def _results(content: bytes, form: ox.QueryResultsFormat) -> object:
    answer = ox.parse_query_results(content, format=form)
    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    rows = [
        {n: t for n, t in zip(names, row, strict=True) if t is not None}  # type: ignore[call-overload]
        for row in answer
    ]
    return sorted(names), _table(rows)


def _sequence(content: bytes, form: ox.QueryResultsFormat) -> list[list[str]]:
    """Return the rows in their order; a blank node has no name by which it could be compared."""
    answer = ox.parse_query_results(content, format=form)
    assert isinstance(answer, ox.QuerySolutions)
    names = sorted(variable.value for variable in answer.variables)
    rows = [[row[name] for name in names] for row in answer]
    return [["" if t is None else _LABEL.sub("_:", str(_value(t))) for t in row] for row in rows]


def _result_set(graph: list[ox.Triple]) -> object:
    """Return the rows that a graph of the vocabulary of result sets describes."""

    def values(subject: Term, name: str) -> list[Term]:
        return [o for s, p, o in graph if s == subject and p.value == _RS + name]

    truth = [o.value for _, p, o in graph if p.value == _RS + "boolean"]
    if truth:
        return truth == ["true"]
    (head,) = {s for s, p, _ in graph if p.value == _RS + "resultVariable"}
    rows = []
    for solution in values(head, "solution"):
        bindings = values(solution, "binding")
        pairs = ((values(b, "variable")[0].value, values(b, "value")[0]) for b in bindings)
        rows.append(dict(pairs))
    return sorted(v.value for v in values(head, "resultVariable")), _table(rows)


def _table(rows: Rows) -> object:
    """Return a table so that two are equal if only blank nodes and the order of rows differ."""
    return _canonical(
        [
            ox.Triple(ox.BlankNode(f"row{number}"), ox.NamedNode(f"urn:column:{name}"), term)
            for number, row in enumerate([*rows, {}])
            for name, term in {**row, "row": ox.Literal("row")}.items()
        ]
    )


def _canonical(graph: list[ox.Triple]) -> object:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, _value(t.object)) for t in graph)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


def _value(term: Term) -> Term:
    """Return a number in one way of writing it, since the engine keeps the value and the type."""
    if isinstance(term, ox.Triple):
        return ox.Triple(term.subject, term.predicate, _value(term.object))
    if not isinstance(term, ox.Literal):
        return term
    kind = term.datatype.value.removeprefix(_XSD)
    if kind == "boolean":
        written = {"0": "false", "1": "true"}.get(term.value, term.value)
        return ox.Literal(written, datatype=term.datatype)
    try:
        if kind in ("decimal", "integer"):
            return ox.Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype)
        if kind in ("double", "float"):
            return ox.Literal(f"{float(term.value):.6g}", datatype=term.datatype)
    except (ArithmeticError, ValueError):
        pass
    return term
