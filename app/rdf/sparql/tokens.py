"""A SPARQL query cut into its tokens, each with its place in the text.

Source: SPARQL 1.1, section 19.8 (grammar).
"""

import re
import sys
from enum import Enum, auto
from typing import NamedTuple


class TokenKind(Enum):
    """What a token is."""

    IRI = auto()
    NAME = auto()
    """A prefixed name."""
    VARIABLE = auto()
    STRING = auto()
    NUMBER = auto()
    BLANK = auto()
    LANGUAGE = auto()
    WORD = auto()
    MARK = auto()


class Token(NamedTuple):
    """A token: `text` as it is written, from `start` to `end` of the query."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The token in capitals if it is a word of the language, else nothing."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""

    @property
    def variable(self) -> str:
        """The name of a variable without its mark; nothing if it is none."""
        return self.text[1:] if self.kind is TokenKind.VARIABLE else ""


_LETTER = r"[^\W\d_]"
_PREFIX = rf"(?:{_LETTER}(?:[\w.\-\u00b7]*[\w\-\u00b7])?)?"
_PIECE = r"[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:(?:{_PIECE})(?:(?:{_PIECE}|[.\-\u00b7])*(?:{_PIECE}|[\-\u00b7]))?)?"
_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind.name}>{pattern})"
        for kind, pattern in [
            (TokenKind.IRI, r'<[^<>"{}|^`\\\x00-\x20]*>'),
            (TokenKind.VARIABLE, r"[?$]\w[\w\u00b7]*"),
            (TokenKind.BLANK, r"_:\w(?:[\w.\-\u00b7]*[\w\-\u00b7])?"),
            (TokenKind.NAME, rf"{_PREFIX}:{_LOCAL}"),
            (TokenKind.LANGUAGE, r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*"),
            # Without an exponent, a full stop behind the digits ends the triple.
            (
                TokenKind.NUMBER,
                r"[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.?[eE][+-]?[0-9]+|[0-9]+",
            ),
            (TokenKind.WORD, r"[A-Za-z_][A-Za-z0-9_]*"),
            (TokenKind.MARK, r"\^\^|&&|\|\||!=|<=|>=|\S"),
        ]
    ),
    re.DOTALL,
)
_STRING = re.compile(
    r"'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
    r"|\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\""
    r"|'(?:[^'\\\n\r]|\\.)*'|\"(?:[^\"\\\n\r]|\\.)*\"",
    re.DOTALL,
)
_BLANK = re.compile(r"(?:\s+|#[^\n\r]*)+")
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def plain(query: str) -> str:
    """Return a query with its codepoint escapes replaced, as comes before all grammar.

    A number that is no character stays, for the engine to refuse.
    Source: SPARQL 1.1, section 19.2.
    """

    def character(escape: re.Match[str]) -> str:
        number = int(escape[1] or escape[2], 16)
        return chr(number) if number <= sys.maxunicode else escape[0]

    return _CODEPOINT.sub(character, query)


def tokens(query: str) -> list[Token]:
    """Return the tokens of a query; what is no token comes as marks of one character."""
    result: list[Token] = []
    position = 0
    while position < len(query):
        if blank := _BLANK.match(query, position):
            position = blank.end()
            continue
        if query[position] in "\"'" and (text := _STRING.match(query, position)):
            result.append(Token(TokenKind.STRING, text[0], position, text.end()))
            position = text.end()
            continue
        token = _TOKEN.match(query, position)
        if token is None or token.lastgroup is None:
            raise AssertionError("any character is a mark at least")
        result.append(Token(TokenKind[token.lastgroup], token[0], position, token.end()))
        position = token.end()
    return result
