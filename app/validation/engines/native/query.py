"""The structure of a SPARQL query, as far as binding variables beforehand asks for it.

Whether a query is SPARQL is for the engine to say; here, what is not understood makes a query
`opaque`, and then nothing is concluded from its structure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.namespaces import RDF
from app.rdf.sparql.tokens import Token, TokenKind, plain, tokens

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_SOLUTION = frozenset({"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})
_TERMS = frozenset(
    {
        TokenKind.IRI,
        TokenKind.NAME,
        TokenKind.VARIABLE,
        TokenKind.STRING,
        TokenKind.NUMBER,
        TokenKind.BLANK,
    }
)


@dataclass(eq=False)
class Group:
    """A group graph pattern: the tokens from its opening brace to its closing one.

    `role` is the word before it (OPTIONAL, EXISTS, GRAPH, UNION) or nothing; `subject` the variable
    that is the subject of a triple with which it begins, nothing if it begins otherwise or with a
    path that may be empty.
    """

    first: int
    role: str
    parent: "Group | None"
    last: int = 0
    subject: str = ""
    predicate: ox.NamedNode | None = None
    binds: bool = False
    inner: list["Group"] = field(default_factory=list)

    def all(self) -> Iterator["Group"]:
        """Yield the group and all groups in it."""
        yield self
        for group in self.inner:
            yield from group.all()


class _Unknown(Exception):
    """The structure is not understood."""


class ParsedQuery:
    """A query with its tokens and its groups.

    `may_be_empty` says that a path may have no step.
    """

    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self.text = plain(text)
        self.tokens = tokens(self.text)
        self.words = frozenset(token.word for token in self.tokens if token.word)
        self.variables = frozenset(token.variable for token in self.tokens if token.variable)
        self.prefixes = {**prefixes, **self._declared()}
        self.outer: Group | None = None
        self.may_be_empty = False
        self._predicates: set[ox.NamedNode] = set()
        self._open = False
        try:
            self._read()
        except (_Unknown, IndexError, RecursionError):
            self.outer = None

    @property
    def names_all(self) -> bool:
        """Whether each predicate that the query asks about is written in it."""
        return not self._open and self.outer is not None

    @property
    def predicates(self) -> frozenset[ox.NamedNode] | None:
        """The predicates whose triples the query can be run over, None if it takes them all."""
        # A path without a step leads from each node of the data to itself.
        return frozenset(self._predicates) if self.names_all and not self.may_be_empty else None

    @property
    def form(self) -> str:
        """The form of the query: SELECT, ASK, CONSTRUCT, DESCRIBE, or nothing."""
        forms = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        return next((token.word for token in self.tokens if token.word in forms), "")

    def undeclared(self) -> str | None:
        """Return the first prefix that is used and not declared, None if there is none."""
        declared = {n + 1 for n, token in enumerate(self.tokens) if token.word == "PREFIX"}
        for number, token in enumerate(self.tokens):
            if token.kind is TokenKind.NAME and number not in declared:
                prefix = token.text.partition(":")[0]
                if prefix not in self.prefixes:
                    return prefix
        return None

    def selections(self) -> Iterator[tuple[int, int]]:
        """Yield the ranges of tokens that are projections, the outer query's first."""
        for number, token in enumerate(self.tokens):
            if token.word == "SELECT":
                start = number + 1
                if self._word(start) in ("DISTINCT", "REDUCED"):
                    start += 1
                end, depth = start, 0
                while end < len(self.tokens):
                    mark = self.tokens[end].text
                    if depth == 0 and (mark == "{" or self.tokens[end].word in ("WHERE", "FROM")):
                        break
                    depth += (mark == "(") - (mark == ")")
                    end += 1
                yield start, end

    def runs_once(self) -> bool:
        """Return whether all targets may be asked about at once.

        That is so where each solution holds `$this` as a node of the data in its own right: no
        part of the query is worked out without it, and none looks at all solutions.
        """
        words = self.words
        if self.outer is None or words & (_AGGREGATES | _SOLUTION | {"DESCRIBE"}):
            return False
        if sum(token.word == "SELECT" for token in self.tokens) != 1 or self._bound_this():
            return False
        return self.outer.subject == "this" and all(
            group.subject == "this"
            or not self._mentions(group, "this")
            or (group.role == "OPTIONAL" and not group.inner and not group.binds)
            for group in self._outside_exists(self.outer)
        )

    def _outside_exists(self, group: Group) -> Iterator[Group]:
        yield group
        for inner in group.inner:
            if inner.role != "EXISTS":
                yield from self._outside_exists(inner)

    def _mentions(self, group: Group, name: str) -> bool:
        inside = self.tokens[group.first : group.last + 1]
        return any(token.variable == name for token in inside)

    def _bound_this(self) -> bool:
        return any(
            token.word == "BOUND" and self.tokens[number + 2].variable == "this"
            for number, token in enumerate(self.tokens[:-2])
        )

    def _declared(self) -> dict[str, str]:
        return {
            self.tokens[n + 1].text[:-1]: self.tokens[n + 2].text[1:-1]
            for n, token in enumerate(self.tokens[:-2])
            if token.word == "PREFIX" and self.tokens[n + 1].kind is TokenKind.NAME
        }

    # What follows reads the groups; each step returns the number of the token after it.

    def _word(self, number: int) -> str:
        return self.tokens[number].word if number < len(self.tokens) else ""

    def _text(self, number: int) -> str:
        return self.tokens[number].text

    def _read(self) -> None:
        braces = (n for n, token in enumerate(self.tokens) if token.text == "{")
        if (start := next(braces, None)) is None:
            raise _Unknown
        # A projection may hold EXISTS with a group of its own.
        if any("EXISTS" in (self._word(n) for n in range(*s)) for s in self.selections()):
            raise _Unknown
        self.outer = Group(start, "", None)
        end = self._group(self.outer)
        self._expression(end, len(self.tokens), self.outer)

    def _group(self, group: Group) -> int:
        number = group.first + 1
        if self._word(number) == "SELECT":
            while self._text(number) != "{":
                number += 1
            number = self._nested(number, "SELECT", group)
            while self._text(number) != "}":
                number += 1
        else:
            begins = True
            while self._text(number) != "}":
                number = self._element(number, group, begins)
                begins = False
        group.last = number
        return number + 1

    def _nested(self, number: int, role: str, parent: Group) -> int:
        if self._text(number) != "{":
            raise _Unknown
        group = Group(number, role, parent)
        parent.inner.append(group)
        return self._group(group)

    def _element(self, number: int, group: Group, begins: bool) -> int:
        word, text = self._word(number), self._text(number)
        if text == ".":
            return number + 1
        if text == "{":
            return self._nested(number, "", group)
        if word in ("OPTIONAL", "UNION"):
            return self._nested(number + 1, word, group)
        if word == "GRAPH":
            self._open = True
            return self._nested(number + 2, word, group)
        if word == "BIND":
            group.binds = True
            return self._brackets(number + 1, group)
        if word == "FILTER":
            return self._filter(number + 1, group)
        if word in ("MINUS", "SERVICE", "VALUES"):
            raise _Unknown
        return self._triples(number, group, begins)

    def _filter(self, number: int, group: Group) -> int:
        if self._word(number) == "NOT":
            number += 1
        if self._word(number) == "EXISTS":
            return self._nested(number + 1, "EXISTS", group)
        if self._text(number) != "(":
            number += 1
        return self._brackets(number, group)

    def _brackets(self, number: int, group: Group) -> int:
        if self._text(number) != "(":
            raise _Unknown
        end, depth = number + 1, 1
        while depth:
            if self._word(end) == "EXISTS":
                end = self._nested(end + 1, "EXISTS", group)
                continue
            depth += (self._text(end) == "(") - (self._text(end) == ")")
            end += 1
        return end

    def _expression(self, number: int, end: int, group: Group) -> None:
        while number < end:
            if self._word(number) == "EXISTS":
                number = self._nested(number + 1, "EXISTS", group)
            else:
                number += 1

    def _triples(self, number: int, group: Group, begins: bool) -> int:
        subject = self.tokens[number].variable
        number, described = self._node(number)
        if described and self._text(number) in (".", "}"):
            return number
        verb = self.tokens[number]
        end, may_be_empty = self._properties(number)
        if begins and subject and not may_be_empty:
            group.subject = subject
            if verb.kind in (TokenKind.IRI, TokenKind.NAME):
                group.predicate = self._iri(verb)
        return end

    def _properties(self, number: int) -> tuple[int, bool]:
        """Read verbs and objects; return too whether the first path may be empty."""
        first: bool | None = None
        while True:
            number, may_be_empty = self._verb(number)
            first = may_be_empty if first is None else first
            while True:
                number, _ = self._node(number)
                if self._text(number) != ",":
                    break
                number += 1
            while self._text(number) == ";":
                number += 1
                if self._text(number) in (".", "}", "]"):
                    return number, first
                if self._text(number) != ";":
                    break
            else:
                return number, first

    def _node(self, number: int) -> tuple[int, bool]:
        """Read a subject or object; return too whether it may stand alone as a pattern."""
        token = self.tokens[number]
        if token.text == "[":
            if self._text(number + 1) == "]":
                return number + 2, False
            number, _ = self._properties(number + 1)
            return self._after(number, "]"), True
        if token.text == "(":
            # A collection asks for the predicates of lists.
            self._predicates.update((RDF.first, RDF.rest))
            number += 1
            while self._text(number) != ")":
                number, _ = self._node(number)
            return number + 1, True
        if token.text in ("+", "-"):
            return self._node(number + 1)
        if token.kind is TokenKind.STRING:
            if self.tokens[number + 1].kind is TokenKind.LANGUAGE:
                return number + 2, False
            return number + (3 if self._text(number + 1) == "^^" else 1), False
        if token.kind in _TERMS or token.word in ("TRUE", "FALSE"):
            return number + 1, False
        raise _Unknown

    def _after(self, number: int, mark: str) -> int:
        if self._text(number) != mark:
            raise _Unknown
        return number + 1

    def _verb(self, number: int) -> tuple[int, bool]:
        if self.tokens[number].kind is TokenKind.VARIABLE:
            self._open = True
            return number + 1, False
        return self._path(number)

    def _path(self, number: int) -> tuple[int, bool]:
        empty = False
        while True:
            number, part = self._path_element(number)
            empty = empty or part
            if self._text(number) not in ("|", "/"):
                return number, empty
            number += 1

    def _path_element(self, number: int) -> tuple[int, bool]:
        empty = False
        while self._text(number) in ("^", "!"):
            self._open = self._open or self._text(number) == "!"
            number += 1
        token = self.tokens[number]
        if token.text == "(":
            if self._text(number + 1) == ")":
                raise _Unknown
            number, empty = self._path(number + 1)
            number = self._after(number, ")")
        elif token.text == "a":
            self._predicates.add(RDF.type)
            number += 1
        elif token.kind in (TokenKind.IRI, TokenKind.NAME):
            self._predicates.add(self._iri(token))
            number += 1
        else:
            raise _Unknown
        if self._text(number) in ("*", "+", "?"):
            may_be_empty = self._text(number) != "+"
            self.may_be_empty = self.may_be_empty or may_be_empty
            return number + 1, empty or may_be_empty
        return number, empty

    def _iri(self, token: Token) -> ox.NamedNode:
        prefix, _, local = token.text.partition(":")
        if token.kind is TokenKind.IRI:
            iri = token.text[1:-1]
        elif prefix in self.prefixes:
            iri = self.prefixes[prefix] + local.replace("\\", "")
        else:
            raise _Unknown
        try:
            return ox.NamedNode(iri)
        except ValueError as error:
            # A relative IRI, which means what the base of the query makes of it.
            raise _Unknown from error
