"""What the text of a query says by its words, before it is run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.engine.query import Kind


@dataclass(frozen=True)
class QueryAnalysis:
    """What a text says by its words alone; the engine's parser has the last word.

    `volatile` tells that the same query may answer otherwise next time.
    """

    kind: Kind | None
    update: str | None = None
    federated: bool = False
    volatile: bool = False
    undeclared: tuple[tuple[str, int], ...] = ()


_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_NAME = r"[^\W\d_][\w.\-·]*+(?<!\.)"
# Whatever the text, each character is looked at a few times at most: a string that does not end is
# one token, `open`, and so is a name that leads to no colon.
TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n\r]*)
    |(?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_ESCAPE})*>)
    |(?P<string>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
        |"(?!"")(?:[^"\\\n\r]|\\.)*+"|'(?!'')(?:[^'\\\n\r]|\\.)*+')
    |(?P<open>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+
        |"(?:[^"\\\n\r]|\\.)*+|'(?:[^'\\\n\r]|\\.)*+)
    |(?P<variable>[?$]\w+)
    |(?P<blank>_:\w(?:[\w.\-·]*[\w\-·])?)
    |(?P<pname>(?:{_NAME})?:(?:(?:[\w:]|%[0-9A-Fa-f]{{2}}|\\.)
        (?:(?:[\w.\-·:]|%[0-9A-Fa-f]{{2}}|\\.)*(?:[\w\-·:]|%[0-9A-Fa-f]{{2}}|\\.))?)?)
    |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[^\W\d][\w.\-·]*+)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_IRI = r'<[^\x00-\x20<>"{}|^`\\]*+>'
# What ends a word: no name goes on with the next character.
WORD_END = r"(?![\w.\-·:])"
SPACE = r"(?:\s+|\#[^\n\r]*+)"
# The prologue of almost every query, and its form.
_BEGINNING = re.compile(
    rf"(?:{SPACE}|PREFIX\s+(?:{_NAME})?:\s*{_IRI}|BASE\s*{_IRI})*+(SELECT|ASK|DESCRIBE){WORD_END}",
    re.IGNORECASE,
)
QUERY_FORMS = {
    "SELECT": Kind.BINDINGS,
    "ASK": Kind.BOOLEAN,
    "CONSTRUCT": Kind.GRAPH,
    "DESCRIBE": Kind.GRAPH,
}
_UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
# What changes the meaning of a query whose form is known already.
_TELLING = ("SERVICE", "NOW", "RAND", "UUID", "BNODE")
# The end of a word that may be one of these: where it begins, only reading from the front tells.
_TELLING_WORD = re.compile(rf"(?:{'|'.join(_TELLING)})(?!\w)", re.IGNORECASE)
_PLAIN = {form: QueryAnalysis(kind) for form, kind in QUERY_FORMS.items()}


def glance(text: str) -> QueryAnalysis:
    """Return what `analyse` returns, but for `undeclared`, and mostly without reading every word.

    Once the form is known, the words that change something are few, and most queries have none:
    neither as a word nor as a part of one, or only as the beginning of one.
    """
    if begins := beginning(text):
        upper = text.upper()
        if not any(word in upper for word in _TELLING) or not _TELLING_WORD.search(text):
            return _PLAIN[begins[0]]
    return analyse(text)


def beginning(text: str) -> tuple[str, int] | None:
    """Return the form of a query in capitals and where it ends in the text.

    None where the form is CONSTRUCT or the prologue is not of the usual kind.
    """
    match = _BEGINNING.match(text)
    # Letters that only their capitals make Latin ones are no letters of a keyword.
    return (match[1].upper(), match.end()) if match and match[1].isascii() else None


def analyse(text: str) -> QueryAnalysis:
    """Return what the words of a query say: SPARQL 1.1 section 19.8, without the grammar.

    >>> analyse("PREFIX a: <http://a/> SELECT * FROM a:g { ?s ?p ?o FILTER(?o < NOW()) }")
    QueryAnalysis(kind=<Kind.BINDINGS: 'bindings'>, update=None, federated=False, volatile=True, \
undeclared=())
    """
    kind: Kind | None = None
    federated = volatile = constructing = False
    declared: set[str] = set()
    undeclared: dict[str, int] = {}
    depth = 0
    before = ""
    for place, group, written in tokens(text):
        word = written.upper() if group == "word" else ""
        if kind is None and word in _UPDATES:
            return QueryAnalysis(None, update=word)
        if kind is None and word in QUERY_FORMS:
            kind = QUERY_FORMS[word]
            constructing = word == "CONSTRUCT"
        elif group == "pname" and before == "PREFIX" and kind is None:
            declared.add(written.partition(":")[0])
        elif group == "pname" and written.partition(":")[0] not in declared:
            undeclared.setdefault(written.partition(":")[0], place)
        elif group == "blank" or (group == "mark" and written in "[("):
            volatile |= constructing and depth == 1
        elif written == "{":
            depth += 1
        elif written == "}":
            depth -= 1
            constructing &= depth > 0
        elif group == "open":
            # A string that does not end: of what stands in it, the engine may make words.
            words = {match.group().upper() for match in _TELLING_WORD.finditer(written)}
            federated |= "SERVICE" in words
            volatile |= bool(words - {"SERVICE"})
        federated |= word == "SERVICE"
        volatile |= word in _VOLATILE
        before = word
    return QueryAnalysis(kind, None, federated, volatile, tuple(undeclared.items()))


def tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the tokens of a query: where each begins, its group, and its text."""
    for match in TOKEN.finditer(text):
        if match.lastgroup == "word":
            # Taken as far as a name could go, so that no text is looked at twice; then parted.
            for part in re.finditer(r"\w+", match.group()):
                yield match.start() + part.start(), "word", part.group()
        elif match.lastgroup != "space":
            yield match.start(), match.lastgroup or "", match.group()
