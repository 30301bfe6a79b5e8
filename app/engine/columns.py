"""The columns of `SELECT *`: in the order in which the query names them."""

import re
from collections.abc import Iterable

from app.engine.analysis import QUERY_FORMS, SPACE, WORD_END, beginning, tokens

_COLUMNS = re.compile(
    rf"{SPACE}*+(?:(?:DISTINCT|REDUCED){WORD_END}{SPACE}*+)*+(?:(\*)|[?$({{])", re.IGNORECASE
)


def star(text: str) -> int | None:
    """Return where the `*` of the outermost SELECT stands; None for a query that has none.

    >>> star("SELECT DISTINCT * { ?s ?p ?o }"), star("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    (16, None)
    """
    if begins := beginning(text):
        if begins[0] != "SELECT":
            return None
        if columns := _COLUMNS.match(text, begins[1]):
            return columns.start(1) if columns[1] else None
    form = ""
    for place, group, written in tokens(text):
        word = written.upper() if group == "word" else ""
        if form:
            if written == "*" and form == "SELECT":
                return place
            if word not in ("DISTINCT", "REDUCED"):
                return None
        elif word in QUERY_FORMS:
            form = word
    return None


def with_columns(text: str, place: int, visible: Iterable[str]) -> str:
    """Return a query with its columns named where its `*` stands, those that are `visible`.

    In the order in which they appear; last come those that the text writes with escapes. A query
    without any stays as it is.

    >>> with_columns("SELECT*{ ?s ?p ?o }", 6, ["o", "p", "s"])
    'SELECT ?s ?p ?o { ?s ?p ?o }'
    """
    left = dict.fromkeys(visible)
    if not left:
        return text
    appearing = (written[1:] for _, group, written in tokens(text) if group == "variable")
    columns = dict.fromkeys(name for name in appearing if name in left) | left
    return f"{text[:place]} {' '.join('?' + name for name in columns)} {text[place + 1 :]}"
