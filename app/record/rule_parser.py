"""A rule read from its text: the template and the triple patterns of a CONSTRUCT query.

The engine is the judge of the grammar and resolves the terms; what is read here is which triples
a solution was made from. FILTER, BIND and VALUES match none. What MINUS and NOT EXISTS match must
not be there, EXISTS and a subquery do not show what they matched: none of them gives a reason.

Source: SPARQL 1.1 Query Language (W3C Recommendation of 2013-03-21), section 19.8.
"""

from dataclasses import replace
from itertools import count
from typing import NamedTuple

import pyoxigraph as ox

from app.errors import Fault
from app.rdf.sparql import paths
from app.rdf.sparql.cursor import CLOSING, END, SparqlCursor
from app.rdf.sparql.tokens import TokenKind
from app.record.record import Rule
from app.record.rules import ParsedRule, Slot, TriplePattern

_ELSEWHERE = {
    "FROM": "a rule reads what we hold and no other graph: remove FROM",
    "GRAPH": "a rule reads what we hold and no other graph: remove GRAPH",
    "SERVICE": "a rule reads what we hold and nothing from elsewhere: remove SERVICE",
}
_CUT = {
    word: f"{word} leaves out conclusions that follow as well: put it into a subquery, "
    "{ SELECT … }, if it must be"
    for word in ("LIMIT", "OFFSET")
}


class _Node(NamedTuple):
    """A term: as the query has it, and what it means."""

    text: str
    slot: Slot


class _Verb(NamedTuple):
    """What stands between two nodes; no path where one cannot be followed."""

    text: str
    path: paths.Path | ox.Variable | None


def parse(rule: Rule) -> ParsedRule:
    """Return a rule in parts.

    Raises Fault for a text that is no CONSTRUCT query, ParseFault (with the place and a remedy)
    where it is one whose reasons cannot be followed.
    """
    try:
        answer = ox.Store().query(rule.text)
    except SyntaxError as error:
        raise Fault(f"{rule.path}: {error}") from None
    if not isinstance(answer, ox.QueryTriples):
        raise Fault(f"{rule.path}: a rule is a CONSTRUCT query")
    return _Parser(rule).run()


class _Parser:
    """One pass over the tokens of one rule, which the engine has found to be SPARQL."""

    def __init__(self, rule: Rule) -> None:
        self._cursor = SparqlCursor(rule.text, str(rule.path))
        self._blanks: dict[str, _Node] = {}
        self._numbers = count(1)
        self._stem = "way"
        while f"?{self._stem}" in rule.text or f"${self._stem}" in rule.text:
            self._stem += "_"
        self._written: list[tuple[int, int, str]] = []
        """What of the text is written otherwise in the SELECT query: from, to, and how."""

    def run(self) -> ParsedRule:
        cursor = self._cursor
        for token in cursor.tokens:
            if token.word in _ELSEWHERE:
                raise cursor.refusal(token, _ELSEWHERE[token.word])
        while cursor.take().word != "CONSTRUCT":
            pass
        template: list[TriplePattern] = []
        if short := cursor.token.word == "WHERE":
            cursor.at += 1
        elif cursor.token.text == "{":
            template = self._template()
            cursor.at += cursor.token.word == "WHERE"
        body = cursor.token.start
        patterns = self._group()
        while cursor.token is not END:
            if cursor.token.word in _CUT:
                raise cursor.refusal(cursor.token, _CUT[cursor.token.word])
            cursor.at += 1
        select = cursor.prologue + "SELECT * WHERE " + self._rewritten(body)
        concluded = patterns if short else template
        slots = tuple((p.subject, self._predicate(p), p.object) for p in concluded)
        return ParsedRule(slots, tuple(patterns), select)

    def _variable(self) -> ox.Variable:
        return ox.Variable(f"{self._stem}{next(self._numbers)}")

    def _rewritten(self, start: int) -> str:
        cursor = self._cursor
        pieces = []
        for first, last, text in self._written:
            pieces += [cursor.text[start:first], text]
            start = last
        return "".join(pieces) + cursor.text[start:]

    @staticmethod
    def _predicate(pattern: TriplePattern) -> Slot:
        path = pattern.predicate
        if isinstance(path, paths.PredicatePath):
            return path.iri
        if isinstance(path, ox.Variable):
            return path
        raise AssertionError("the engine takes no path in a template")

    # Groups

    def _template(self) -> list[TriplePattern]:
        cursor = self._cursor
        opened = cursor.take()
        end = cursor.end_of(opened)
        for token in cursor.tokens[cursor.at : end]:
            if token.kind is TokenKind.BLANK or token.text in ("[", "("):
                raise cursor.refusal(
                    token, "a conclusion needs a name to be asked by: write a variable or an IRI"
                )
        patterns: list[TriplePattern] = []
        while cursor.token.text != "}":
            self._triples(patterns, [])
        cursor.at += 1
        return patterns

    def _group(self) -> list[TriplePattern]:
        """Return the patterns of the group whose brace is at hand; what follows it is then."""
        cursor = self._cursor
        cursor.at += 1
        patterns: list[TriplePattern] = []
        if cursor.token.word == "SELECT":
            cursor.skip_to("}")
        while cursor.token.text != "}":
            token = cursor.token
            if token.text == "{":
                patterns += self._alternatives()
            elif token.word == "OPTIONAL":
                cursor.at += 1
                patterns += self._branch(self._group())
            elif token.word in ("MINUS", "FILTER", "BIND", "VALUES"):
                cursor.at += 1
                self._skip(token.word)
            elif token.text == ".":
                cursor.at += 1
            elif token.kind is TokenKind.WORD:
                raise cursor.refusal(token, f"{token.text} is not followed: write it otherwise")
            else:
                self._block(patterns)
        cursor.at += 1
        return patterns

    def _alternatives(self) -> list[TriplePattern]:
        """Return the patterns of groups that UNION joins; of a group alone, as they are."""
        cursor = self._cursor
        patterns = self._group()
        if cursor.token.word != "UNION":
            return patterns
        patterns = self._branch(patterns)
        while cursor.token.word == "UNION":
            cursor.at += 1
            patterns += self._branch(self._group())
        return patterns

    def _branch(self, patterns: list[TriplePattern]) -> list[TriplePattern]:
        """Let a variable tell whether the group that was just read is part of a solution."""
        if not patterns:
            return []
        taken, brace = self._variable(), self._cursor.before.start
        self._written.append((brace, brace, f" BIND(true AS {taken}) "))
        return [replace(p, branches=(*p.branches, taken)) for p in patterns]

    def _skip(self, word: str) -> None:
        """Pass over what follows MINUS, FILTER, BIND or VALUES."""
        cursor = self._cursor
        if word == "VALUES":
            cursor.skip_to("{")
        # A filter is (…), name(…) or [NOT] EXISTS {…}.
        while cursor.token.text not in CLOSING:
            cursor.at += 1
        cursor.at = cursor.end_of(cursor.take()) + 1

    # Triples

    def _block(self, patterns: list[TriplePattern]) -> None:
        """Read triples up to their full stop, and write each by itself, without blank nodes."""
        cursor = self._cursor
        start = cursor.token.start
        lines: list[str] = []
        self._triples(patterns, lines)
        self._written.append((start, cursor.before.end, " ".join(lines)))

    def _triples(self, patterns: list[TriplePattern], lines: list[str]) -> None:
        cursor = self._cursor
        bracket = cursor.token.text == "["
        subject = self._node(patterns, lines)
        if not bracket or self._begins_verb():
            self._properties(subject, patterns, lines)
        if cursor.token.text == ".":
            cursor.at += 1

    def _properties(self, subject: _Node, patterns: list[TriplePattern], lines: list[str]) -> None:
        cursor = self._cursor
        more = True
        while more:
            verb = self._verb()
            self._values(subject, verb, patterns, lines)
            while cursor.token.text == ",":
                cursor.at += 1
                self._values(subject, verb, patterns, lines)
            more = False
            while cursor.token.text == ";":
                cursor.at += 1
                more = self._begins_verb()

    def _values(
        self, subject: _Node, verb: _Verb, patterns: list[TriplePattern], lines: list[str]
    ) -> None:
        value = self._node(patterns, lines)
        lines.append(f"{subject.text} {verb.text} {value.text} .")
        if verb.path is not None:
            patterns.append(TriplePattern(subject.slot, verb.path, value.slot))

    def _begins_verb(self) -> bool:
        token = self._cursor.token
        names = TokenKind.IRI, TokenKind.NAME, TokenKind.VARIABLE
        return token.kind in names or token.text in ("a", "^", "!", "(")

    def _node(self, patterns: list[TriplePattern], lines: list[str]) -> _Node:
        """Return the term at hand; what is said in its brackets goes to `patterns`, `lines`."""
        cursor = self._cursor
        token = cursor.take()
        if token.kind is TokenKind.VARIABLE:
            return _Node(token.text, ox.Variable(token.variable))
        if token.kind is TokenKind.BLANK:
            return self._blanks.setdefault(token.text, self._unnamed())
        if token.text == "[":
            node = self._unnamed()
            if cursor.token.text != "]":
                self._properties(node, patterns, lines)
            cursor.at += 1
            return node
        if token.text == "(":
            raise cursor.refusal(token, "a list is not followed: write its rdf:first and rdf:rest")
        end = token.end
        if token.text in ("+", "-"):
            end = cursor.take().end
        elif token.kind is TokenKind.MARK:
            raise cursor.refusal(token, "a triple term is not followed: write its parts")
        if cursor.token.kind is TokenKind.LANGUAGE:
            end = cursor.take().end
        elif cursor.token.text == "^^" and token.kind is TokenKind.STRING:
            cursor.at += 1
            end = cursor.take().end
        return _Node(cursor.text[token.start : end], cursor.term(token, end))

    def _unnamed(self) -> _Node:
        variable = self._variable()
        return _Node(str(variable), variable)

    # Verbs

    def _verb(self) -> _Verb:
        cursor = self._cursor
        token = cursor.token
        if token.kind is TokenKind.VARIABLE:
            cursor.at += 1
            return _Verb(token.text, ox.Variable(token.variable))
        path = cursor.path()
        return _Verb(cursor.text[token.start : cursor.before.end], path)
