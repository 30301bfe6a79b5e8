"""Texts with marks: where findings have to point.

`►` stands before a value at fault, `▷` before what lies on the way to it. The marks are taken out
before the text is checked. One text in Turtle gives the same statements, with the same marks, in
every other syntax: each statement on a line of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from app.namespaces import RDF, XSD
from app.rdf.parser import Statement, Syntax, read
from app.rdf.terms import Term

FAULT, WAY = "►", "▷"
PREFIXES = {
    "": "http://example.org/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())

Spots = list[tuple[int, int]]


@dataclass(frozen=True)
class Marked:
    """A text without its marks, and the lines and columns at which they stood."""

    text: str
    faults: Spots
    way: Spots


def unmarked(text: str) -> Marked:
    """Return a text without its marks."""
    spots: dict[str, Spots] = {FAULT: [], WAY: []}
    line = column = 1
    plain = []
    for character in text:
        if character in spots:
            spots[character].append((line, column))
            continue
        plain.append(character)
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return Marked("".join(plain), spots[FAULT], spots[WAY])


def in_syntax(turtle: str, suffix: str) -> str:
    """Return the statements of a marked text in Turtle in another syntax, marked as they are.

    A mark before a subject stands for where it is introduced: at each of its types, else at its
    first statement.
    """
    marks: dict[int, str] = {}
    plain = HEAD
    for character in turtle:
        if character in (FAULT, WAY):
            marks[len(plain)] = character
        else:
            plain += character
    statements = read(plain, "marked", Syntax.TURTLE).statements
    rows = [
        (s.quad, _introducing(s, statements, marks), marks.get(s.object, "")) for s in statements
    ]
    return _WRITERS[suffix](rows)


_Row = tuple[ox.Quad, str, str]


def _introducing(
    statement: Statement, statements: Sequence[Statement], marks: dict[int, str]
) -> str:
    if any(s.object == statement.subject for s in statements):
        # An inline node: its bracket is where it is an object.
        return ""
    own = [s for s in statements if s.quad.subject == statement.quad.subject]
    typed = [s for s in own if s.quad.predicate == RDF.type] or own[:1]
    return marks.get(statement.subject, "") if statement in typed else ""


def _lines(rows: Sequence[_Row], graph: str = "") -> str:
    return "".join(f"{s}{q.subject} {q.predicate} {o}{q.object}{graph} .\n" for q, s, o in rows)


def _trig(rows: Sequence[_Row]) -> str:
    return f"<urn:g> {{\n{_lines(rows)}}}\n"


def _identifier(term: Term) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else term.value  # type: ignore[union-attr]


def _jsonld(rows: Sequence[_Row]) -> str:
    nodes = []
    for (subject, predicate, value, _), at_subject, at_value in rows:
        if isinstance(value, ox.Literal):
            members = {"@value": value.value}
            if value.language:
                members["@language"] = value.language
            elif value.datatype != XSD.string:
                members["@type"] = value.datatype.value
            first, *rest = (f'"{k}": {json.dumps(v)}' for k, v in members.items())
            key, _, text = first.partition(" ")
            shown = "{" + ", ".join([f"{key} {at_value}{text}", *rest]) + "}"
        else:
            shown = f'{{"@id": {at_value}{json.dumps(_identifier(value))}}}'
        identifier = f'"@id": {at_subject}{json.dumps(_identifier(subject))}'
        nodes.append(f"  {{{identifier}, {json.dumps(predicate.value)}: {shown}}}")
    return "[\n" + ",\n".join(nodes) + "\n]\n"


def _rdfxml(rows: Sequence[_Row]) -> str:
    lines = [f"<rdf:RDF xmlns:rdf={quoteattr(PREFIXES['rdf'])}>"]
    for (subject, predicate, value, _), at_subject, at_value in rows:
        local = predicate.value.replace("#", "/").rpartition("/")[2]
        space = predicate.value.removesuffix(local)
        name = f"n:{local} xmlns:n={quoteattr(space)}"
        about = "nodeID" if isinstance(subject, ox.BlankNode) else "about"
        if isinstance(value, ox.Literal):
            kind = f" xml:lang={quoteattr(value.language)}" if value.language else ""
            if not kind and value.datatype != XSD.string:
                kind = f" rdf:datatype={quoteattr(value.datatype.value)}"
            inside = f"<{name}{kind}>{at_value}{escape(value.value)}</n:{local}>"
        else:
            what = "nodeID" if isinstance(value, ox.BlankNode) else "resource"
            inside = f"<{name} rdf:{what}={at_value}{quoteattr(value.value)}/>"
        lines += [
            f"  <rdf:Description rdf:{about}={at_subject}{quoteattr(subject.value)}>",
            f"    {inside}",
            "  </rdf:Description>",
        ]
    return "\n".join([*lines, "</rdf:RDF>", ""])


_WRITERS = {
    "nt": _lines,
    "nq": lambda rows: _lines(rows, " <urn:g>"),
    "trig": _trig,
    "jsonld": _jsonld,
    "rdf": _rdfxml,
}
SUFFIXES = ("ttl", *_WRITERS)
