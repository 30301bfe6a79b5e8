"""A rule read from its text: the template and the triple patterns of a CONSTRUCT query.

The engine is the judge of the grammar and resolves the terms; what is read here is which triples
a solution was made from. FILTER, BIND and VALUES match none. What MINUS and NOT EXISTS match must
not be there, EXISTS and a subquery do not show what they matched: none of them gives a reason.

Source: SPARQL 1.1 Query Language (W3C Recommendation of 2013-03-21), section 19.8.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import NamedTuple

import pyoxigraph as ox

from app.errors import Fault, ParseFault
from app.namespaces import RDF
from app.rdf import paths
from app.rdf.sparql.tokens import Kind, Token, plain, tokens
from app.record.record import Rule
from app.record.rules import ParsedRule, Pattern, Slot

_REPEATED: dict[str, Callable[[paths.Path], paths.Path]] = {
    "*": paths.ZeroOrMorePath,
    "+": paths.OneOrMorePath,
    "?": paths.ZeroOrOnePath,
}
_CLOSING = {"(": ")", "{": "}", "[": "]"}
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
_END = Token(Kind.MARK, "", -1, -1)


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
        self._rule = rule
        self._text = plain(rule.text)
        self._tokens = tokens(self._text)
        self._at = 0
        self._prologue = ""
        self._terms: dict[str, ox.NamedNode | ox.Literal] = {}
        self._blanks: dict[str, _Node] = {}
        self._engine = ox.Store()
        self._numbers = count(1)
        self._stem = "way"
        while f"?{self._stem}" in self._text or f"${self._stem}" in self._text:
            self._stem += "_"
        self._written: list[tuple[int, int, str]] = []
        """What of the text is written otherwise in the SELECT query: from, to, and how."""

    def run(self) -> ParsedRule:
        for token in self._tokens:
            if token.word in _ELSEWHERE:
                raise self._refuse(token, _ELSEWHERE[token.word])
        while self._token.word != "CONSTRUCT":
            self._at += 1
        start = self._token.start
        self._prologue = self._text[:start]
        self._at += 1
        template: list[Pattern] = []
        if short := self._token.word == "WHERE":
            self._at += 1
        elif self._token.text == "{":
            template = self._template()
            self._at += self._token.word == "WHERE"
        body = self._token.start
        patterns = self._group()
        while self._token is not _END:
            if self._token.word in _CUT:
                raise self._refuse(self._token, _CUT[self._token.word])
            self._at += 1
        select = self._prologue + "SELECT * WHERE " + self._rewritten(body)
        concluded = patterns if short else template
        slots = tuple((p.subject, self._predicate(p), p.object) for p in concluded)
        return ParsedRule(slots, tuple(patterns), select)

    @property
    def _token(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _refuse(self, token: Token, message: str) -> ParseFault:
        before = self._text[: token.start]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return ParseFault(str(self._rule.path), line, column, message)

    def _variable(self) -> ox.Variable:
        return ox.Variable(f"{self._stem}{next(self._numbers)}")

    def _rewritten(self, start: int) -> str:
        pieces = []
        for first, last, text in self._written:
            pieces += [self._text[start:first], text]
            start = last
        return "".join(pieces) + self._text[start:]

    @staticmethod
    def _predicate(pattern: Pattern) -> Slot:
        path = pattern.predicate
        if isinstance(path, paths.PredicatePath):
            return path.iri
        if isinstance(path, ox.Variable):
            return path
        raise AssertionError("the engine takes no path in a template")

    # Groups

    def _template(self) -> list[Pattern]:
        opened = self._take()
        end = self._end_of(opened)
        for token in self._tokens[self._at : end]:
            if token.kind is Kind.BLANK or token.text in ("[", "("):
                raise self._refuse(
                    token, "a conclusion needs a name to be asked by: write a variable or an IRI"
                )
        patterns: list[Pattern] = []
        while self._token.text != "}":
            self._triples(patterns, [])
        self._at += 1
        return patterns

    def _group(self) -> list[Pattern]:
        """Return the patterns of the group whose brace is at hand; what follows it is then."""
        self._at += 1
        patterns: list[Pattern] = []
        if self._token.word == "SELECT":
            self._skip_to("}")
        while self._token.text != "}":
            token = self._token
            if token.text == "{":
                patterns += self._alternatives()
            elif token.word == "OPTIONAL":
                self._at += 1
                patterns += self._branch(self._group())
            elif token.word in ("MINUS", "FILTER", "BIND", "VALUES"):
                self._at += 1
                self._skip(token.word)
            elif token.text == ".":
                self._at += 1
            else:
                self._block(patterns)
        self._at += 1
        return patterns

    def _alternatives(self) -> list[Pattern]:
        """Return the patterns of groups that UNION joins; of a group alone, as they are."""
        patterns = self._group()
        if self._token.word != "UNION":
            return patterns
        patterns = self._branch(patterns)
        while self._token.word == "UNION":
            self._at += 1
            patterns += self._branch(self._group())
        return patterns

    def _branch(self, patterns: list[Pattern]) -> list[Pattern]:
        """Let a variable tell whether the group that was just read is part of a solution."""
        if not patterns:
            return []
        taken, brace = self._variable(), self._tokens[self._at - 1].start
        self._written.append((brace, brace, f" BIND(true AS {taken}) "))
        return [replace(p, branches=(*p.branches, taken)) for p in patterns]

    def _skip(self, word: str) -> None:
        """Pass over what follows MINUS, FILTER, BIND or VALUES."""
        if word == "VALUES":
            self._skip_to("{")
        # A filter is (…), name(…) or [NOT] EXISTS {…}.
        while self._token.text not in _CLOSING:
            self._at += 1
        self._at = self._end_of(self._take()) + 1

    def _skip_to(self, mark: str) -> None:
        while self._token.text != mark:
            if self._token.text in _CLOSING:
                self._at = self._end_of(self._token)
            self._at += 1

    def _end_of(self, opened: Token) -> int:
        """Return the number of the token that closes a bracket."""
        at, depth = self._tokens.index(opened), 0
        while True:
            text = self._tokens[at].text if self._tokens[at].kind is Kind.MARK else ""
            depth += (text in _CLOSING) - (text in _CLOSING.values())
            if depth == 0:
                return at
            at += 1

    # Triples

    def _block(self, patterns: list[Pattern]) -> None:
        """Read triples up to their full stop, and write each by itself, without blank nodes."""
        start = self._token.start
        lines: list[str] = []
        self._triples(patterns, lines)
        self._written.append((start, self._tokens[self._at - 1].end, " ".join(lines)))

    def _triples(self, patterns: list[Pattern], lines: list[str]) -> None:
        bracket = self._token.text == "["
        subject = self._node(patterns, lines)
        if not bracket or self._begins_verb():
            self._properties(subject, patterns, lines)
        if self._token.text == ".":
            self._at += 1

    def _properties(self, subject: _Node, patterns: list[Pattern], lines: list[str]) -> None:
        more = True
        while more:
            verb = self._verb()
            self._values(subject, verb, patterns, lines)
            while self._token.text == ",":
                self._at += 1
                self._values(subject, verb, patterns, lines)
            more = False
            while self._token.text == ";":
                self._at += 1
                more = self._begins_verb()

    def _values(
        self, subject: _Node, verb: _Verb, patterns: list[Pattern], lines: list[str]
    ) -> None:
        value = self._node(patterns, lines)
        lines.append(f"{subject.text} {verb.text} {value.text} .")
        if verb.path is not None:
            patterns.append(Pattern(subject.slot, verb.path, value.slot))

    def _begins_verb(self) -> bool:
        token = self._token
        names = Kind.IRI, Kind.NAME, Kind.VARIABLE
        return token.kind in names or token.text in ("a", "^", "!", "(")

    def _node(self, patterns: list[Pattern], lines: list[str]) -> _Node:
        """Return the term at hand; what is said in its brackets goes to `patterns`, `lines`."""
        token = self._take()
        if token.kind is Kind.VARIABLE:
            return _Node(token.text, ox.Variable(token.variable))
        if token.kind is Kind.BLANK:
            return self._blanks.setdefault(token.text, self._unnamed())
        if token.text == "[":
            node = self._unnamed()
            if self._token.text != "]":
                self._properties(node, patterns, lines)
            self._at += 1
            return node
        if token.text == "(":
            raise self._refuse(token, "a list is not followed: write its rdf:first and rdf:rest")
        if token.text == "<":
            raise self._refuse(token, "a triple term is not followed: write its parts")
        end = token.end
        if token.kind is Kind.MARK:  # the sign of a number
            end = self._take().end
        if self._token.kind is Kind.LANGUAGE:
            end = self._take().end
        elif self._token.text == "^^" and token.kind is Kind.STRING:
            self._at += 1
            end = self._take().end
        text = self._text[token.start : end]
        return _Node(text, self._term(text))

    def _unnamed(self) -> _Node:
        variable = self._variable()
        return _Node(str(variable), variable)

    def _term(self, text: str) -> ox.NamedNode | ox.Literal:
        """Return what a term means, from the one who will resolve it for the query."""
        if text not in self._terms:
            query = f"{self._prologue} SELECT ?term {{ VALUES ?term {{ {text} }} }}"
            answer = self._engine.query(query)
            if not isinstance(answer, ox.QuerySolutions):
                raise AssertionError("a SELECT query has solutions")
            self._terms[text] = next(answer)["term"]
        return self._terms[text]

    # Verbs

    def _verb(self) -> _Verb:
        token = self._token
        if token.kind is Kind.VARIABLE:
            self._at += 1
            return _Verb(token.text, ox.Variable(token.variable))
        path = self._path()
        return _Verb(self._text[token.start : self._tokens[self._at - 1].end], path)

    def _path(self) -> paths.Path | None:
        return self._joined("|", paths.AlternativePath, self._sequence)

    def _sequence(self) -> paths.Path | None:
        return self._joined("/", paths.SequencePath, self._step)

    def _joined(
        self,
        mark: str,
        join: Callable[[tuple[paths.Path, ...]], paths.Path],
        part: Callable[[], paths.Path | None],
    ) -> paths.Path | None:
        parts = [part()]
        while self._token.text == mark:
            self._at += 1
            parts.append(part())
        followed = tuple(path for path in parts if path is not None)
        if len(followed) < len(parts):
            return None
        return join(followed) if len(followed) > 1 else followed[0]

    def _step(self) -> paths.Path | None:
        inverse = self._token.text == "^"
        self._at += inverse
        path = self._primary()
        if (repeat := _REPEATED.get(self._token.text)) and self._token.kind is Kind.MARK:
            self._at += 1
            path = path and repeat(path)
        return path and (paths.InversePath(path) if inverse else path)

    def _primary(self) -> paths.Path | None:
        token = self._take()
        if token.text == "(":
            path = self._path()
            self._at += 1
            return path
        if token.text == "!":
            # Which triple was meant cannot be told from what it was not.
            if self._token.text == "(":
                self._at = self._end_of(self._token)
            elif self._token.text == "^":
                self._at += 1
            self._at += 1
            return None
        iri = RDF.type if token.text == "a" else self._term(token.text)
        if not isinstance(iri, ox.NamedNode):
            raise AssertionError("the engine takes no literal in a path")
        return paths.PredicatePath(iri)
