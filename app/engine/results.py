"""Rows as CSV, TSV, XML and JSON, written by ourselves: one row at a time, nothing kept.

The library's writers are faster, and serve wherever they are right and the rows are not capped.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from app.namespaces import XSD
from app.rdf.formats import RESULTS
from app.rdf.terms import Term
from app.rdf.xml import escape, quoteattr

Row = Sequence[Term | None]
_QUOTED = re.compile(r'[",\r\n]')
_DOUBLES = frozenset({XSD.double.value, XSD.float.value})
_STRING, _INTEGER = XSD.string.value, XSD.integer.value
_ITS = ' xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0"'
_SHORT = re.compile(r"[+-]?[0-9]+")


def write(
    names: Sequence[str], rows: Iterable[Row], media: str, capped: int | None
) -> Iterator[str]:
    """Yield the text of a table in one of the formats of rows, piece by piece.

    `capped` is how many rows were let through where there were more; JSON tells it as the member
    `truncated`, XML in a comment, and the other formats have no place for it.
    """
    form = RESULTS[media]
    if form == ox.QueryResultsFormat.CSV:
        return _csv(names, rows)
    if form == ox.QueryResultsFormat.TSV:
        return _tsv(names, rows)
    if form == ox.QueryResultsFormat.XML:
        return _xml(names, rows, capped)
    return _json(names, rows, capped)


def _csv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    # SPARQL 1.1 Query Results CSV, section 3, and RFC 4180.
    yield ",".join(names) + "\r\n"
    # A line with nothing in it is no row to many readers.
    empty = '""' if len(names) == 1 else ""
    for row in rows:
        yield (",".join([_cell(term) for term in row]) or empty) + "\r\n"


def _cell(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        text = term.value
    elif isinstance(term, ox.Literal):
        text = term.value
        # Almost every literal is a string: only what looks like a number is asked for its type.
        if text[-1:].isdigit() and term.datatype.value in _DOUBLES:
            text = number(text)
    else:
        text = _n_triples(term)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def number(text: str) -> str:
    """Return a double or float as XPath casts it to a string: with an exponent where it is long.

    XQuery and XPath Functions and Operators 3.1, section 19.1.2.2.

    >>> number("1000000"), number("0.00000015"), number("2.5")
    ('1.0E6', '1.5E-7', '2.5')
    """
    value = float(text)
    if value == 0 or not math.isfinite(value) or 1e-6 <= abs(value) < 1e6:
        return text
    # The fewest digits that read back as the same number.
    digits = repr(value).partition("e")[0].replace(".", "").lstrip("-0").rstrip("0")
    exponent = int(f"{value:.17e}".partition("e")[2])
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _tsv(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield "\t".join("?" + name for name in names) + "\n"
    for row in rows:
        yield "\t".join(["" if term is None else _turtle(term) for term in row]) + "\n"


def _turtle(term: Term) -> str:
    if (
        isinstance(term, ox.Literal)
        and term.datatype.value == _INTEGER
        and _SHORT.fullmatch(term.value)
    ):
        return term.value
    # N-Triples escapes what a cell of TSV may not hold: tab, line feed, carriage return.
    return _n_triples(term)


def _n_triples(term: Term) -> str:
    if isinstance(term, ox.Triple):
        parts = (term.subject, term.predicate, term.object)
        return f"<<( {' '.join(map(_n_triples, parts))} )>>"
    return str(term)


def _json(names: Sequence[str], rows: Iterable[Row], capped: int | None) -> Iterator[str]:
    # SPARQL 1.1 Query Results JSON; its section 3 leaves room for members of others.
    yield '{"head":' + _dump({"vars": list(names)})
    if capped is not None:
        yield ',"truncated":' + _dump({"rows": capped})
    yield ',"results":{"bindings":['
    comma = ""
    for row in rows:
        bound = {n: _object(term) for n, term in zip(names, row, strict=True) if term is not None}
        yield comma + _dump(bound)
        comma = ","
    yield "]}}"


# Made once: `json.dumps` would make an encoder for every row.
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _object(term: Term) -> dict[str, object]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _object(part) for name, part in parts.items()}}
    return {"type": "literal", "value": term.value, **dict(_qualifiers(term, "xml:lang"))}


def _qualifiers(literal: ox.Literal, language: str) -> Iterator[tuple[str, str]]:
    if literal.language:
        yield language, literal.language
        if literal.direction:
            yield "its:dir", str(literal.direction)
    elif literal.datatype.value != _STRING:
        yield "datatype", literal.datatype.value


def _xml(names: Sequence[str], rows: Iterable[Row], capped: int | None) -> Iterator[str]:
    # SPARQL Query Results XML, section 2.
    yield '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
    yield "".join(f"<variable name={quoteattr(name)}/>" for name in names) + "</head>"
    if capped is not None:
        yield f"<!-- Cut after {capped} rows; there are more. -->"
    yield "<results>"
    for row in rows:
        bound = [
            f"<binding name={quoteattr(name)}>{_element(term)}</binding>"
            for name, term in zip(names, row, strict=True)
            if term is not None
        ]
        yield "<result>" + "".join(bound) + "</result>"
    yield "</results></sparql>"


def _element(term: Term) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{escape(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{escape(term.value)}</bnode>"
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        inside = "".join(f"<{name}>{_element(part)}</{name}>" for name, part in parts.items())
        return f"<triple>{inside}</triple>"
    said = "".join(f" {name}={quoteattr(v)}" for name, v in _qualifiers(term, "xml:lang"))
    its = _ITS if term.direction else ""
    return f"<literal{its}{said}>{escape(term.value)}</literal>"
