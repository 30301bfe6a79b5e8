"""`sh:pattern` by Oxigraph's own REGEX, which takes linear time and has SPARQL's meaning.

Python's expressions try alternatives one after the other: `^(a+)+$` against 36 letters does not
end; and theirs mean something else, `$` for example.
"""

import re
from collections.abc import Iterable
from itertools import islice

import pyoxigraph as ox

_BATCH = 2000
_QUERY = "SELECT ?text { VALUES ?text { %s } FILTER(REGEX(?text, %s, %s)) }"
_BACK = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_NAMES = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[iIcC]|[pP]\{Is)")
_SUBTRACTION = re.compile(r"\[(?:[^\]\\\[]|\\.)*-\[")


class Patterns:
    """What strings match, each asked once."""

    def __init__(self) -> None:
        self._store = ox.Store()
        self._known: dict[tuple[str, str], dict[str, bool]] = {}

    def learn(self, pattern: str, flags: str, texts: Iterable[str]) -> dict[str, bool]:
        """Return whether texts, and those that were asked about before, match a pattern."""
        known = self._known.setdefault((pattern, flags), {})
        fresh = iter([text for text in dict.fromkeys(texts) if text not in known])
        expression, options = str(ox.Literal(pattern)), str(ox.Literal(flags))
        while batch := list(islice(fresh, _BATCH)):
            values = " ".join(str(ox.Literal(text)) for text in batch)
            known.update(dict.fromkeys(batch, False))
            for solution in select(self._store, _QUERY % (values, expression, options)):
                known[solution["text"].value] = True
        return known


def why_not_run(pattern: str, flags: str) -> str | None:
    """Return what a regular expression of SPARQL has that Oxigraph does not know; None if nothing.

    Source: XML Schema 1.1 Part 2, appendix G; XPath and XQuery Functions, section 5.6.
    """
    if "q" in flags:
        return None
    if _SUBTRACTION.search(pattern):
        return "subtracting character classes, as in [a-z-[aeiou]], is not known here"
    if _BACK.search(pattern):
        return "going back to a group, as in \\1, is not known here"
    if _NAMES.search(pattern):
        return "the classes \\i, \\c and \\p{Is…} are not known here: write them out"
    return None


def why_no_pattern(pattern: str, flags: str) -> str | None:
    """Return why a text is no regular expression, in plain words; None where it is.

    Source: SPARQL 1.1, section 17.4.3.14.
    """
    query = f"SELECT (REGEX('', {ox.Literal(pattern)}, {ox.Literal(flags)}) AS ?known) {{}}"
    if any(solution["known"] is not None for solution in select(ox.Store(), query)):
        return None
    if set(flags) - set("smixq"):
        return f"the flags “{flags}” are not known: there are s, m, i, x and q"
    if re.search(r"\(\?[=!<]", pattern):
        return "SPARQL's regular expressions do not look ahead or back: (?=, (?!, (?<"
    return "it is no regular expression of SPARQL, or far too large"


def select(store: ox.Store, query: str) -> ox.QuerySolutions:
    """Return the solutions of a SELECT query of our own."""
    answer = store.query(query)
    if not isinstance(answer, ox.QuerySolutions):
        raise TypeError("no SELECT query")
    return answer
