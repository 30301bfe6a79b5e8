"""The refusal of a query that is no SPARQL, in words for whoever wrote it."""

import re

from app.engine.analysis import QUERY_FORMS, analyse
from app.engine.lexical_faults import LexicalFault, lexical_fault
from app.errors import Rejected, query_malformed
from app.rdf.tokens import shown


def syntax_error(message: str, text: str, known: frozenset[str]) -> Rejected:
    """Return the refusal of a query that the engine's parser does not read.

    `message` is the parser's; line and column (from 1, in characters) and what it expected are
    taken from it and nothing else, since it is no text for the public. `known` are the prefixes
    that need no declaration.
    """
    analysis = analyse(text)
    undeclared = next((one for one in analysis.undeclared if one[0] not in known), None)
    fault = lexical_fault(text)
    # What follows a fault of the words may have been read for something else.
    if undeclared is not None and (fault is None or undeclared[1] < fault.begins):
        fault = _undeclared(*undeclared, text)
    if fault is not None:
        line = text.count("\n", 0, fault.place) + 1
        column = fault.place - text.rfind("\n", 0, fault.place)
        return query_malformed(fault.what, line, column, fault.expected)
    located = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if not located:
        return query_malformed()
    expected, reasons = _expectations(located[3])
    if analysis.kind is None:
        expected, reasons = list(QUERY_FORMS), []
    if reasons:
        what = "; ".join(reasons)
    elif expected:
        what = f"expected {', '.join(expected)}"
    else:
        what = "the query cannot be read as SPARQL 1.1 up to here"
    return query_malformed(what, int(located[1]), int(located[2]), expected)


def _undeclared(prefix: str, place: int, text: str) -> LexicalFault:
    if text.startswith("//", place + len(prefix) + 1):
        return LexicalFault(place, place, "an IRI stands between < and >", ("<",))
    what = f"the prefix “{shown(prefix)}:” is not declared"
    return LexicalFault(place, place, what, (f"PREFIX {shown(prefix)}:",))


_CLASS = re.compile(r"\[(?:[^\[\]'\"]|'(?:\\.[^']*|.)'|\"[^\"]*\")*\]", re.DOTALL)
_SPOKEN = {
    **dict.fromkeys(['"', "'", '"""', "'''"], "a string"),
    **dict.fromkeys(["?", "$"], "a variable"),
    **dict.fromkeys(["<", ":"], "an IRI"),
    **dict.fromkeys(["_:", "["], "a blank node"),
    **dict.fromkeys(["<<", "<<(", "LATERAL", "SERVICE", "TZ"], ""),
}


def _expectations(text: str) -> tuple[list[str], list[str]]:
    """Return what the parser expected, for people, and its complaints that are sentences."""
    expected: dict[str, None] = {}
    # It lists classes of characters too; those that are not a number begin or go on with a name.
    for found in _CLASS.findall(text):
        if "'0'" in found and "|" not in found:
            expected["a number"] = None
    reasons: dict[str, None] = {}
    for item in re.findall(r'"(?:\\.|[^"\\])*"|[^",\s][^,"]*', _CLASS.sub("", text)):
        word = item.strip()
        plain = word[1:-1].replace('\\"', '"') if word.startswith('"') else word
        if word.startswith('"') or re.fullmatch(r"[A-Z_]+", word):
            expected[_SPOKEN.get(plain, plain)] = None
        elif " " in word and re.fullmatch(r"[\w ?!'.:-]+", word):
            reasons[word[0].lower() + word[1:] if word.startswith("The ") else word] = None
    return sorted(filter(None, expected), key=lambda one: (one[0].islower(), one)), list(reasons)
