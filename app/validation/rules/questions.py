"""The rule about questions that no shape can see: their texts can be run and are of their form."""

import re
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from app.errors import ParseFault
from app.namespaces import DSH, SH
from app.rdf.parser import Place
from app.rdf.sparql.cursor import SparqlCursor
from app.record.record import Record
from app.validation.findings import Breach
from app.validation.locations import Index, Occurrence

_ANSWERS: Mapping[ox.NamedNode, tuple[type, str]] = {
    SH.select: (ox.QuerySolutions, "a table, as SELECT does"),
    SH.ask: (ox.QueryBoolean, "yes or no, as ASK does"),
    SH.construct: (ox.QueryTriples, "a graph, as CONSTRUCT does"),
}
_AT = re.compile(r"error at (\d+):(\d+)")
_LONG = '"""'


def runnable(record: Record) -> Iterator[Breach]:
    """Yield the questions whose text is no query, one of another form, or one sent elsewhere."""
    texts = Index(record.data, predicates=tuple(_ANSWERS))
    for predicate, (kind, form) in _ANSWERS.items():
        for question, entries in texts.by_predicate(predicate):
            for entry in entries:
                text = entry.statement.quad.object
                if not isinstance(text, ox.Literal):
                    continue
                if fault := _fault(text.value, record, kind, form):
                    detail, line, column = fault
                    place = _within(entry, line, column)
                    yield Breach(
                        DSH["Question-parses"], detail, question, (place,), predicate, text
                    )


def _fault(text: str, record: Record, kind: type, form: str) -> tuple[str, int, int] | None:
    """Return what is wrong with a text, and at which of its lines and columns; None if nothing."""
    if _is_federated(text):
        return "It asks a service elsewhere: remove SERVICE.", 1, 1
    try:
        # Without data there is nothing to work out: what is asked here is whether it can be read.
        answer = ox.Store().query(text, prefixes=record.prefixes)
    except SyntaxError as error:
        place = _AT.match(str(error))
        if place is None:
            return f"It cannot be read: {error}.", 1, 1
        line, column = int(place[1]), int(place[2])
        return f"It cannot be read from its line {line}, column {column}, on.", line, column
    if not isinstance(answer, kind):
        return f"Its answer is not {form}.", 1, 1
    return None


def _is_federated(text: str) -> bool:
    if "service" not in text.lower():
        return False
    try:
        return any(token.word == "SERVICE" for token in SparqlCursor(text, "").tokens)
    except ParseFault:
        return True


def _within(entry: Occurrence, line: int, column: int) -> Place:
    """Return a place in a text as the file has it: a long string keeps its lines."""
    start = entry.object
    lines = entry.document.text.split("\n")
    written = lines[start.line - 1][start.column - 1 :]
    if not written.startswith(_LONG):
        return start
    if line == 1:
        return start._replace(column=start.column + len(_LONG) + column - 1)
    return start._replace(line=start.line + line - 1, column=column)
