"""The terminals of Turtle, TriG, N-Triples and N-Quads, as one regular expression.

Every text is cut into tokens to its last character: what is no terminal becomes a token that no
grammar accepts, and `refusal` says what is wrong with it. So a slip is reported where it stands
and not before an earlier one. All repetition is possessive: no text makes the expression try
twice what it read once.

Source: RDF 1.1 Turtle section 6.5, RDF 1.1 TriG section 4, RDF 1.1 N-Triples section 7.
"""

import re
from typing import Final

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FIRST = _BASE + "_0-9"
_CHARS = _FIRST + "\\-\u00b7\u0300-\u036f\u203f\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
PREFIX: Final = rf"[{_BASE}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+"
_LOCAL = (
    rf"(?:[{_FIRST}:]|{_ESCAPED})(?:[{_CHARS}:]++|{_ESCAPED})*+"
    rf"(?:\.++(?:[{_CHARS}:]++|{_ESCAPED})++)*+"
)
_EXPONENT = r"[eE][+\-]?[0-9]++"

TOKEN: Final = re.compile(
    rf"""
    (?: [ \t\r\n]++ | \#[^\r\n]*+ )*+
    (?:
      (?P<name>    (?:{PREFIX})?:(?:{_LOCAL})? )
    | (?P<iri>     <[^\x00-\x20<>"{{}}|^`]*+> )
    | (?P<long>    \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+''' )
    | (?P<unended> \"\"\" | ''' )
    | (?P<string>  "(?:[^"\\\r\n]++|\\.)*+" | '(?:[^'\\\r\n]++|\\.)*+' )
    | (?P<rdf12>   << | >> | \{{\| | \|\}} )
    | (?P<number>  [+\-]?(?:[0-9]++(?:\.[0-9]*+{_EXPONENT}|\.[0-9]++|{_EXPONENT})?+
                         |\.[0-9]++(?:{_EXPONENT})?+) )
    | (?P<mark>    [.;,()\[\]{{}}] | \^\^ )
    | (?P<word>    [{_BASE}][{_CHARS}]*+ )
    | (?P<blank>   _:[{_FIRST}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+ )
    | (?P<tag>     @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<end>     \Z )
    | (?P<bad>     . )
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.)?)", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_IRI_START = re.compile(r"<[^\x00-\x20<>\"{}|^`]*+")
_ADVICE = {
    "\u00a0": "a no-break space: write an ordinary space",
    "\u201c": 'a typographic quotation mark: write "',
    "\u201d": 'a typographic quotation mark: write "',
    "\u2018": "a typographic quotation mark: write '",
    "\u2019": "a typographic quotation mark: write '",
    "\ufeff": "a byte order mark, which may only start a text: remove it",
    "_": "“_” without a name: a blank node is written _:name",
    "@": "“@” without a language tag, prefix or base after it",
    "~": "a reifier of RDF 1.2, which is not read here",
    "\\": "“\\” outside a string, an IRI or the local part of a name",
}


class GrammarError(Exception):
    """A text breaks its grammar at the character `at`."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


def unescape(body: str, at: int, *, iri: bool = False) -> str:
    """Return what the inside of a string (or of an IRI) stands for; `at` is where it starts.

    Raises `GrammarError` at an escape that the grammar does not know; in an IRI it knows only the
    numeric ones.
    """

    def replace(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if digits is None:
            plain = None if iri else _PLAIN.get(match[3] or "")
            if plain is not None:
                return plain
            known = "\\uXXXX and \\UXXXXXXXX" + (
                "" if iri else ", \\t \\b \\n \\r \\f \\\" \\' \\\\"
            )
            where = "an IRI" if iri else "a string"
            raise GrammarError(
                at + match.start(),
                f"“{shown(match[0])}” is no escape; the escapes of {where} are {known}",
            )
        point = int(digits, 16)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise GrammarError(at + match.start(), f"“{match[0]}” is not the number of a character")
        return chr(point)

    return _ESCAPE.sub(replace, body)


def refusal(text: str, kind: str, value: str, at: int, expected: str) -> str:
    """Return the message about a token that stands where `expected` should.

    `kind` is the name of a group of `TOKEN` or, for a mark, the mark; `at` is where it starts.
    What is no terminal at all is explained by itself, since nothing else would be right there.
    """
    if kind == "unended":
        return f"a string that is never closed: write {value} where it ends"
    if kind == "rdf12":
        return f"“{value}” of RDF 1.2, whose triple terms and annotations are not read here"
    if kind == "bad" and value in "\"'":
        return (
            f"a string that is not closed on its line: write {value} where it ends "
            "(a line feed inside is written \\n)"
        )
    if kind == "bad" and value == "<":
        return _iri_slip(text, at)
    if kind == "bad" and value in _ADVICE:
        return f"{_ADVICE[value]} (expected {expected})"
    what = "the end of the text" if kind == "end" else f"“{shown(value)}”"
    return f"found {what} where {expected} was expected"


def shown(value: str, limit: int = 60) -> str:
    """Return `value` fit for one line of a message: cut, and with nothing invisible in it."""
    cut = value if len(value) <= limit else value[: limit - 1] + "…"
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}"
        for c in cut
    )


def _iri_slip(text: str, at: int) -> str:
    match = _IRI_START.match(text, at)
    end = match.end() if match else at + 1
    stop = text[end : end + 1]
    if not stop or stop in "\r\n":
        return "an IRI that is not closed on its line: write > where it ends"
    if stop == " ":
        return "an IRI with a space in it: write %20, or > where the IRI ends"
    if stop == "<":
        return "an IRI with “<” in it: write > where the IRI ends"
    return f"an IRI with “{shown(stop)}” in it: write {_percent(stop)}"


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
