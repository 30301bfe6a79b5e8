"""The tokens of a query in hand, one by one: its brackets, its terms and its property paths.

Whether a text is SPARQL is for the engine to say, which also resolves its terms.

Source: SPARQL 1.1 Query Language (W3C Recommendation of 2013-03-21), sections 9.1 and 19.8.
"""

from collections.abc import Callable

import pyoxigraph as ox

from app.errors import ParseFault
from app.namespaces import RDF
from app.rdf.sparql import paths
from app.rdf.sparql.tokens import Token, TokenKind, plain, tokens
from app.rdf.tokens import shown

CLOSING = {"(": ")", "{": "}", "[": "]"}
END = Token(TokenKind.MARK, "", -1, -1)
_REPEATED: dict[str, Callable[[paths.Path], paths.Path]] = {
    "*": paths.ZeroOrMorePath,
    "+": paths.OneOrMorePath,
    "?": paths.ZeroOrOnePath,
}


class SparqlCursor:
    """The tokens of a query that the engine has found to be SPARQL; `path` names it in faults.

    `at` is the number of the token at hand, END behind the last one. `prologue` is what comes
    before the form of the query, on which its terms depend.
    """

    def __init__(self, text: str, path: str) -> None:
        self.text = plain(text)
        self.tokens = tokens(self.text)
        self.at = 0
        self._path = path
        forms = ("SELECT", "CONSTRUCT", "ASK", "DESCRIBE")
        form = next((token for token in self.tokens if token.word in forms), END)
        self.prologue = self.text[: form.start]
        self._terms: dict[str, ox.NamedNode | ox.Literal] = {}
        self._engine = ox.Store()

    @property
    def token(self) -> Token:
        """The token at hand."""
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    @property
    def before(self) -> Token:
        """The token before the one at hand."""
        return self.tokens[self.at - 1]

    def take(self) -> Token:
        """Return the token at hand; the one after it is then at hand."""
        token = self.token
        self.at += 1
        return token

    def refusal(self, token: Token, message: str) -> ParseFault:
        """Return the fault to raise at a token."""
        before = self.text[: token.start]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return ParseFault(self._path, line, column, message)

    def end_of(self, opened: Token) -> int:
        """Return the number of the token that closes a bracket."""
        at, depth = self.tokens.index(opened), 0
        while True:
            text = self.tokens[at].text if self.tokens[at].kind is TokenKind.MARK else ""
            depth += (text in CLOSING) - (text in CLOSING.values())
            if depth == 0:
                return at
            at += 1

    def skip_to(self, mark: str) -> None:
        """Pass over everything before the next such mark that is in no bracket."""
        while self.token.text != mark:
            if self.token.text in CLOSING:
                self.at = self.end_of(self.token)
            self.at += 1

    def term(self, token: Token, end: int) -> ox.NamedNode | ox.Literal:
        """Return what a term means, from the one who will resolve it for the query.

        It begins with a token and ends at a place in the text. Raises ParseFault for what is no
        term when it stands alone.
        """
        text = self.text[token.start : end]
        if text not in self._terms:
            query = f"{self.prologue} SELECT ?term {{ VALUES ?term {{ {text} }} }}"
            try:
                answer = self._engine.query(query)
            except SyntaxError:
                message = f"{shown(text)} is not followed: write it otherwise"
                raise self.refusal(token, message) from None
            if not isinstance(answer, ox.QuerySolutions):
                raise AssertionError("a SELECT query has solutions")
            self._terms[text] = next(answer)["term"]
        return self._terms[text]

    def path(self) -> paths.Path | None:
        """Return the property path at hand; none with a negated part.

        Which triple was meant cannot be told from what it was not.
        """
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
        while self.token.text == mark:
            self.at += 1
            parts.append(part())
        followed = tuple(path for path in parts if path is not None)
        if len(followed) < len(parts):
            return None
        return join(followed) if len(followed) > 1 else followed[0]

    def _step(self) -> paths.Path | None:
        inverse = self.token.text == "^"
        self.at += inverse
        path = self._primary()
        if (repeat := _REPEATED.get(self.token.text)) and self.token.kind is TokenKind.MARK:
            self.at += 1
            path = path and repeat(path)
        return path and (paths.InversePath(path) if inverse else path)

    def _primary(self) -> paths.Path | None:
        token = self.take()
        if token.text == "(":
            path = self.path()
            self.at += 1
            return path
        if token.text == "!":
            if self.token.text == "(":
                self.at = self.end_of(self.token)
            elif self.token.text == "^":
                self.at += 1
            self.at += 1
            return None
        iri = RDF.type if token.text == "a" else self.term(token, token.end)
        if not isinstance(iri, ox.NamedNode):
            raise AssertionError("the engine takes no literal in a path")
        return paths.PredicatePath(iri)
