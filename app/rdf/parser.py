"""The reader of Turtle, TriG, N-Triples and N-Quads, which keeps the place of every term.

Ours because no library at hand tells where a statement stands, and a finding without file, line
and column is of no use to whoever has to mend it.

Source: RDF 1.1 Turtle, TriG, N-Triples, N-Quads (W3C Recommendations of 2014-02-25).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import PurePath
from typing import NamedTuple, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from app.errors import Fault, ParseFault
from app.namespaces import RDF, XSD
from app.rdf.cursor import Cursor
from app.rdf.tokens import GrammarError

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
Graph = NamedNode | BlankNode | DefaultGraph

DEEPEST = 200
"""How deep [ ] and ( ) may nest: far beyond what is written by hand, well below Python's stack."""


class Syntax(Enum):
    """A format that we read and write; the value is the suffix of its files."""

    TURTLE = ".ttl"
    TRIG = ".trig"
    N_TRIPLES = ".nt"
    N_QUADS = ".nq"

    @classmethod
    def of(cls, path: str | PurePath) -> "Syntax":
        """Return the syntax that the suffix of `path` names; raises `Fault` for another one."""
        suffix = PurePath(path).suffix.lower()
        for syntax in cls:
            if syntax.value == suffix:
                return syntax
        known = ", ".join(syntax.value for syntax in cls)
        raise Fault(f"{path}: the suffix “{suffix}” names no format that is read here ({known})")


class Place(NamedTuple):
    """Where something stands: line and column count from 1, in characters."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Statement(NamedTuple):
    """A quad and the offsets (in characters, from 0) at which its terms are written.

    `graph` is -1 in the default graph. What is not written but meant stands where it is meant:
    a node `[ ]` at its bracket; the first cell of a list at its parenthesis and every other one
    at its item; `rdf:first` and `rdf:rest` at their cell; the `rdf:nil` that ends a list at the
    parenthesis that closes it.
    """

    quad: Quad
    subject: int
    predicate: int
    object: int
    graph: int


@dataclass(frozen=True)
class Document:
    """A text that was read: its statements in the order of the text, duplicates kept.

    `prefixes` holds the last meaning of each. Blank nodes are named after the text that they
    stand in and their order in it: the same text gives the same names, two texts never share
    one, so that documents can be joined as they are. `labels` has those that the text itself
    names, by what it calls them (“_:name”).
    """

    path: str
    text: str = field(repr=False)
    syntax: Syntax
    prefixes: dict[str, str]
    statements: list[Statement] = field(repr=False)
    labels: dict[str, BlankNode] = field(default_factory=dict, repr=False)

    @property
    def quads(self) -> Iterator[Quad]:
        """The quads in the order of the text, duplicates kept."""
        return (statement.quad for statement in self.statements)

    def place(self, offset: int) -> Place:
        """Return where the character at `offset` stands."""
        starts = self._line_starts
        line = bisect_right(starts, offset)
        return Place(self.path, line, offset - starts[line - 1] + 1)

    @cached_property
    def _line_starts(self) -> list[int]:
        return _line_starts(self.text)


def read(
    text: str, path: str = "", syntax: Syntax = Syntax.TRIG, base: str | None = None
) -> Document:
    """Return the document that `text` is.

    `path` names it in places and messages. Relative IRIs are resolved against `base` (an
    absolute IRI) until the text declares another; without one they are errors. A byte order mark
    at the start is passed over; LF, CR LF and CR each end a line. Raises `ParseFault` where the
    text breaks the grammar of `syntax`, at the first such place, and nothing else.
    """
    reader = _Reader(text, syntax, base)
    try:
        reader.run()
    except GrammarError as slip:
        starts = _line_starts(text)
        line = bisect_right(starts, slip.at)
        raise ParseFault(path, line, slip.at - starts[line - 1] + 1, slip.message) from None
    terms = reader.terms
    return Document(path, text, syntax, terms.prefixes, reader.statements, terms.labels)


_LINE_END = re.compile(r"\r\n?|\n")
_FIRST, _REST, _NIL, _TYPE = RDF.first, RDF.rest, RDF.nil, RDF.type
_TRUTH = {word: Literal(word, datatype=XSD.boolean) for word in ("true", "false")}
_DEFAULT = DefaultGraph()
_CLOSERS = frozenset((".", "]", "}", "end"))


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


class _Reader:
    """One pass over one text, by recursive descent."""

    def __init__(self, text: str, syntax: Syntax, base: str | None) -> None:
        self.text = text
        self.syntax = syntax
        self.statements: list[Statement] = []
        self.terms = Cursor(text, base, plain=syntax in (Syntax.N_TRIPLES, Syntax.N_QUADS))
        self._graph: Graph = _DEFAULT
        self._graph_at = -1
        self._depth = 0

    def run(self) -> None:
        """Read the text to its end."""
        step = self._line if self.terms.plain else self._block
        while self.terms.kind != "end":
            step()

    def _state(self, s: Node, s_at: int, p: NamedNode, p_at: int, o: Term, o_at: int) -> None:
        quad = Quad(s, p, o, self._graph)
        self.statements.append(Statement(quad, s_at, p_at, o_at, self._graph_at))

    # N-Triples and N-Quads

    def _line(self) -> None:
        """A statement, which has its line to itself."""
        terms, start = self.terms, self.terms.at
        if self.statements and not _LINE_END.search(self.text, terms.before, start):
            raise terms.refuse("the end of the line", "every statement has a line of its own")
        if terms.kind not in ("iri", "blank"):
            raise terms.refuse("a subject (an IRI or a blank node)")
        subject, _ = self._term()
        if terms.kind != "iri":
            raise terms.refuse("a predicate (an IRI)")
        predicate, predicate_at = terms.iri(), terms.at
        terms.advance()
        if terms.kind not in ("iri", "blank") and not (
            terms.kind in ("string", "bad") and terms.value.startswith('"')
        ):
            raise terms.refuse('an object (an IRI, a blank node or a literal in "…")')
        object_, object_at = self._term()
        self._graph, self._graph_at = _DEFAULT, -1
        if self.syntax is Syntax.N_QUADS and terms.kind in ("iri", "blank"):
            graph, self._graph_at = self._term()
            self._graph = cast(Node, graph)
        if terms.kind != ".":
            no_graph = self.syntax is Syntax.N_QUADS and self._graph_at < 0
            raise terms.refuse("a graph or “.”" if no_graph else "“.”")
        broken = _LINE_END.search(self.text, start, terms.at)
        if broken:
            raise GrammarError(broken.start(), "the line ends before its statement: “.” is missing")
        self._state(cast(Node, subject), start, predicate, predicate_at, object_, object_at)
        terms.advance()

    # Turtle and TriG

    def _block(self) -> None:
        """A directive, a graph, or the facts of one subject."""
        terms, trig = self.terms, self.syntax is Syntax.TRIG
        word = terms.value.lower() if terms.kind == "word" else terms.value
        if (terms.kind == "tag" and word in ("@prefix", "@base")) or (
            terms.kind == "word" and word in ("prefix", "base")
        ):
            self._directive(word)
        elif trig and terms.kind == "{":
            self._facts_of_graph(_DEFAULT, -1)
        elif trig and terms.kind == "word" and word == "graph":
            terms.advance()
            label, at, form = self._subject("the name of a graph")
            if terms.kind != "{" or form not in ("name", "[]"):
                raise terms.refuse("“{” after an IRI or a blank node")
            self._facts_of_graph(label, at)
        else:
            subject, at, form = self._subject("a subject or a directive")
            if trig and terms.kind == "{":
                if form not in ("name", "[]"):
                    raise GrammarError(
                        at, "the name of a graph is an IRI or a blank node, not this"
                    )
                self._facts_of_graph(subject, at)
                return
            if form != "[ ]" or terms.kind != ".":
                self._facts(subject, at)
            if terms.kind != ".":
                raise self._unclosed("“;” or “.”")
            terms.advance()

    def _unclosed(self, expected: str) -> GrammarError:
        """The slip where facts go on or end without the mark that closes the one before."""
        terms = self.terms
        if terms.kind == "end" or _LINE_END.search(self.text, terms.before, terms.at):
            return terms.refuse(expected, "the fact before it is not closed")
        return terms.refuse(expected)

    def _directive(self, word: str) -> None:
        terms = self.terms
        terms.advance()
        prefix = None
        if word.endswith("prefix"):
            if terms.kind != "name" or not terms.value.endswith(":") or terms.value.count(":") > 1:
                raise terms.refuse("a prefix with its colon, such as “ex:”")
            prefix = terms.value[:-1]
            terms.advance()
        if terms.kind != "iri":
            raise terms.refuse("an IRI in < >")
        iri = terms.iri()
        if prefix is None:
            terms.rebase(iri)
        else:
            terms.declare(prefix, iri)
        terms.advance()
        if word.startswith("@"):
            if terms.kind != ".":
                raise terms.refuse("“.”", f"{word} ends with a full stop")
            terms.advance()
        elif terms.kind == ".":
            raise terms.refuse("the next statement", f"after {word.upper()} comes no full stop")

    def _facts_of_graph(self, graph: Graph, at: int) -> None:
        terms, opened = self.terms, self.terms.at
        self._graph, self._graph_at = graph, at
        terms.advance()
        while terms.kind != "}":
            if terms.kind == "end":
                raise GrammarError(opened, "the graph that opens here is never closed: write “}”")
            subject, at, form = self._subject("a subject or “}”")
            if form != "[ ]" or terms.kind not in (".", "}"):
                self._facts(subject, at)
            if terms.kind == ".":
                terms.advance()
            elif terms.kind != "}":
                raise self._unclosed("“;”, “.” or “}”")
        terms.advance()
        self._graph, self._graph_at = _DEFAULT, -1

    def _subject(self, expected: str) -> tuple[Node, int, str]:
        """Return a subject, its offset, and its form: `name`, `[]`, `[ ]` with facts, or `(`."""
        form = "name" if self.terms.kind in ("name", "iri", "blank") else self.terms.kind
        if form not in ("name", "[", "("):
            raise self.terms.refuse(expected)
        known = len(self.statements)
        subject, at = self._term()
        if form == "[":
            form = "[]" if len(self.statements) == known else "[ ]"
        return cast(Node, subject), at, form

    def _facts(self, subject: Node, subject_at: int) -> None:
        """Predicates and objects, up to what cannot follow them."""
        terms = self.terms
        while True:
            if terms.kind == "name":
                predicate = terms.name()
            elif terms.kind == "iri":
                predicate = terms.iri()
            elif terms.kind == "word" and terms.value == "a":
                predicate = _TYPE
            else:
                raise terms.refuse("a predicate (an IRI or “a”)")
            predicate_at = terms.at
            terms.advance()
            while True:
                term, at = self._term()
                self._state(subject, subject_at, predicate, predicate_at, term, at)
                if terms.kind != ",":
                    break
                terms.advance()
            if terms.kind != ";":
                return
            while terms.kind == ";":
                terms.advance()
            if terms.kind in _CLOSERS:
                return

    def _term(self) -> tuple[Term, int]:
        """Return the term at hand and its offset; the token after it is then at hand."""
        terms = self.terms
        at, kind = terms.at, terms.kind
        term: Term
        if kind == "name":
            term = terms.name()
        elif kind == "iri":
            term = terms.iri()
        elif kind in ("string", "long"):
            return terms.literal(), at
        elif kind == "number":
            term = terms.number()
        elif kind == "blank":
            term = terms.blank()
        elif kind == "word" and terms.value in _TRUTH:
            term = _TRUTH[terms.value]
        elif kind in ("[", "("):
            if self._depth == DEEPEST:
                raise GrammarError(
                    at, f"brackets nest deeper than {DEEPEST}, the most that is read here"
                )
            self._depth += 1
            terms.advance()
            if kind == "(":
                term = self._list(at)
            else:
                term = terms.new()
                if terms.kind != "]":
                    self._facts(term, at)
                if terms.kind != "]":
                    raise self._unclosed("“;” or “]”")
            self._depth -= 1
        else:
            raise terms.refuse("an object (an IRI, a blank node, a literal, [ or ( )")
        terms.advance()
        return term, at

    def _list(self, opened: int) -> Node:
        """The cells of the list whose parenthesis was just read; leaves `)` at hand."""
        terms = self.terms
        head: Node = _NIL
        cell: Node = _NIL
        cell_at = opened
        while terms.kind != ")":
            if terms.kind == "end":
                raise GrammarError(opened, "the list that opens here is never closed: write “)”")
            new = terms.new()
            if head is _NIL:
                head = new
            else:
                self._state(cell, cell_at, _REST, cell_at, new, terms.at)
                cell_at = terms.at
            cell = new
            item, item_at = self._term()
            self._state(cell, cell_at, _FIRST, cell_at, item, item_at)
        if head is not _NIL:
            self._state(cell, cell_at, _REST, cell_at, _NIL, terms.at)
        return head
