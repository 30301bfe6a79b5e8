"""A query on its way to the engine, and what its text says before it is run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, Variable, parse

from app.errors import Rejected

Term = NamedNode | BlankNode | Literal | Triple


class Kind(StrEnum):
    """What the answer to a query is: rows, yes or no, or a graph."""

    BINDINGS = "bindings"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True)
class Query:
    """A query with all that decides its answer.

    `default_graphs` and `named_graphs` are the dataset that the protocol asks for; where both are
    empty, the query's own FROM decides, and without one the whole dataset is asked. `media` has
    the media type to write for each kind of answer; a kind that is missing is refused (406).
    `unchanged` are the kinds of which the caller holds the present answer already.
    """

    text: str
    media: Mapping[Kind, str]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    substitutions: Mapping[str, Term] = field(default_factory=dict)
    unchanged: frozenset[Kind] = frozenset()

    def to_json(self) -> dict[str, object]:
        """Return the query as JSON, for the way to a worker."""
        return {
            "text": self.text,
            "media": dict(self.media),
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "substitutions": {name: str(term) for name, term in self.substitutions.items()},
            "unchanged": sorted(self.unchanged),
        }

    @classmethod
    def from_json(cls, value: dict[str, object]) -> "Query":
        """Return the query that `to_json` wrote."""
        given: dict = dict(value)  # type: ignore[type-arg]
        return cls(
            text=given["text"],
            media={Kind(kind): media for kind, media in given["media"].items()},
            default_graphs=tuple(given["default_graphs"]),
            named_graphs=tuple(given["named_graphs"]),
            substitutions={n: _term(text) for n, text in given["substitutions"].items()},
            unchanged=frozenset(Kind(kind) for kind in given["unchanged"]),
        )

    def variables(self) -> dict[Variable, Term]:
        """Return the substitutions as the engine takes them."""
        return {Variable(name): term for name, term in self.substitutions.items()}


def _term(text: str) -> Term:
    (quad,) = parse(f"<x:s> <x:p> {text} .", format=RdfFormat.N_TRIPLES)
    term: Term = quad.object
    return term


@dataclass(frozen=True)
class QueryAnalysis:
    """What a text says by its words alone; the engine's parser has the last word.

    `graphs` are the terms after FROM and FROM NAMED as written, `prologue` the declarations that
    they depend on. `volatile` tells that the same query may answer otherwise next time.
    """

    kind: Kind | None
    update: str | None = None
    federated: bool = False
    volatile: bool = False
    prologue: str = ""
    graphs: tuple[str, ...] = ()
    undeclared: tuple[tuple[str, int], ...] = ()


_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_NAME = r"[^\W\d_][\w.\-·]*+(?<!\.)"
_TOKEN = re.compile(
    rf"""(?P<space>\s+|\#[^\n\r]*)
    |(?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_ESCAPE})*>)
    |(?P<string>\"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(?P<variable>[?$]\w+)
    |(?P<blank>_:\w(?:[\w.\-·]*[\w\-·])?)
    |(?P<pname>(?:{_NAME})?:(?:(?:[\w:]|%[0-9A-Fa-f]{{2}}|\\.)
        (?:(?:[\w.\-·:]|%[0-9A-Fa-f]{{2}}|\\.)*(?:[\w\-·:]|%[0-9A-Fa-f]{{2}}|\\.))?)?)
    |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[A-Za-z_][\w.\-·]*+)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "SELECT": Kind.BINDINGS,
    "ASK": Kind.BOOLEAN,
    "CONSTRUCT": Kind.GRAPH,
    "DESCRIBE": Kind.GRAPH,
}
_UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})


def outline(text: str) -> QueryAnalysis:
    """Return what the words of a query say: SPARQL 1.1 section 19.8, without the grammar.

    >>> outline("PREFIX a: <http://a/> SELECT * FROM a:g { ?s ?p ?o FILTER(?o < NOW()) }")
    QueryAnalysis(kind=<Kind.BINDINGS: 'bindings'>, update=None, federated=False, volatile=True, \
prologue='PREFIX a: <http://a/> ', graphs=('a:g',), undeclared=())
    """
    kind: Kind | None = None
    federated = volatile = constructing = False
    prologue = ""
    graphs: list[str] = []
    declared: set[str] = set()
    undeclared: dict[str, int] = {}
    depth = 0
    before = ""
    for place, group, written in _tokens(text):
        word = written.upper() if group == "word" else ""
        if kind is None and word in _UPDATES:
            return QueryAnalysis(None, update=word)
        if kind is None and word in _KINDS:
            kind, prologue = _KINDS[word], text[:place]
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
        federated |= word == "SERVICE"
        volatile |= word in _VOLATILE
        if depth == 0 and before in ("FROM", "NAMED") and group in ("iri", "pname"):
            graphs.append(written)
        before = word
    return QueryAnalysis(
        kind, None, federated, volatile, prologue, tuple(graphs), tuple(undeclared.items())
    )


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word":
            # Taken as far as a name could go, so that no text is looked at twice; then parted.
            for part in re.finditer(r"\w+", match.group()):
                yield match.start() + part.start(), "word", part.group()
        elif match.lastgroup != "space":
            yield match.start(), match.lastgroup or "", match.group()


def syntax_error(message: str, text: str, known: frozenset[str]) -> Rejected:
    """Return the refusal of a query that the engine's parser does not read.

    `message` is the parser's; line and column (from 1, in characters) and what it expected are
    taken from it and nothing else, since it is no text for the public. `known` are the prefixes
    that need no declaration.
    """
    said = outline(text)
    for prefix, place in said.undeclared:
        if prefix not in known:
            line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
            return _malformed(
                line, column, f"the prefix “{prefix}:” is not declared", [f"PREFIX {prefix}:"]
            )
    found = re.match(r"error at (\d+):(\d+): expected (?:one of )?(.*)", message, re.DOTALL)
    if not found:
        return Rejected(400, "query-malformed", "The query is not well-formed SPARQL 1.1.")
    expected, reasons = _expectations(found[3])
    if said.kind is None:
        expected, reasons = list(_KINDS), []
    if reasons:
        what = "; ".join(reasons)
    elif expected:
        what = f"expected {', '.join(expected)}"
    else:
        what = "the query cannot be read as SPARQL 1.1 up to here"
    return _malformed(int(found[1]), int(found[2]), what, expected)


def _malformed(line: int, column: int, what: str, expected: list[str]) -> Rejected:
    members = {"line": line, "column": column, "expected": expected}
    detail = f"Line {line}, column {column}: {what}."
    return Rejected(400, "query-malformed", detail, members=members)


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
