"""Nesting and width that the quick parsers do not bound themselves.

Elements within elements cost the parser of RDF/XML the square of their depth, attributes beside
attributes the square of their number, and triple terms within triple terms its stack. Everything
else is bounded where it is read, or nests without harm.
"""

import re
from typing import NoReturn
from xml.parsers import expat

from pyoxigraph import RdfFormat

from app.errors import ParseFault

ELEMENTS, TRIPLE_TERMS = 2_000, 200
"""How deep elements of RDF/XML and triple terms may nest."""
ATTRIBUTES = 1_000
"""How many attributes an element of RDF/XML may have, declarations of namespaces among them."""

# The texts between two looks at how much is open: what nests within one block is harmless.
_XML_BLOCK, _TERM_BLOCK = 16_384, 1_024
_WIDE = 32_768
_TURTLE_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|'
    r"'''(?:[^'\\]|\\.|'(?!''))*'''|"
    r'"(?:[^"\\\n\r]|\\.)*"|'
    r"'(?:[^'\\\n\r]|\\.)*'|"
    r'<[^\x00-\x20<>"{}|^`]*>|'
    r"\#[^\n\r]*|(?P<open><<)|(?P<close>>>)",
    re.DOTALL,
)


def require_shallow(text: str, form: RdfFormat, path: str = "") -> None:
    """Raise ParseFault at the first element or triple term that nests too deep, or is too wide.

    A text without any is passed over at the speed of a search.
    """
    if form == RdfFormat.RDF_XML:
        marks = ("<",), ("</", "/>", "<?", "<!"), ("</",)
        if (
            "<!ENTITY" in text  # What it writes out is counted nowhere else.
            or _may_be_wide(text)
            or _may_nest(text, *marks, ELEMENTS, _XML_BLOCK)
        ):
            _require_modest_elements(text, path)
    elif form != RdfFormat.JSON_LD and _may_nest(
        text, ("<<",), (), (">>",), TRIPLE_TERMS, _TERM_BLOCK
    ):
        _require_shallow_terms(text, path)


def _may_be_wide(text: str) -> bool:
    """Return whether a tag may be so long that its number of attributes matters."""
    starts = range(0, len(text) - _WIDE, _WIDE)
    return any(text.find(">", start, start + _WIDE) < 0 for start in starts)


def _may_nest(
    text: str,
    opening: tuple[str, ...],
    no_opening: tuple[str, ...],
    closing: tuple[str, ...],
    most: int,
    block: int,
) -> bool:
    """Return whether more than `most` may be open at the end of any block, by counting marks."""
    if sum(map(text.count, opening)) <= most:
        return False
    depth = end = 0
    while end < len(text):
        start, end = end, end + block
        # No border parts a mark of two characters.
        while end < len(text) and text[end - 1] in "<>/":
            end += 1
        depth += sum(text.count(mark, start, end) for mark in opening)
        depth -= sum(text.count(mark, start, end) for mark in (*no_opening, *closing))
        if depth > most:
            return True
        depth = max(depth, 0)
    return False


def _require_modest_elements(text: str, path: str) -> None:
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > ELEMENTS:
            refuse(f"elements nest deeper than {ELEMENTS:,}, the most that is read here")
        if len(attributes) > ATTRIBUTES:
            refuse(
                f"an element has more than {ATTRIBUTES:,} attributes, the most that is read here"
            )

    def refuse(message: str) -> NoReturn:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        raise ParseFault(path, line, column, message)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return  # Its reader says better what is wrong.


def _require_shallow_terms(text: str, path: str) -> None:
    depth = 0
    for token in _TURTLE_TOKEN.finditer(text):
        if token["open"]:
            depth += 1
            if depth > TRIPLE_TERMS:
                start = text.rfind("\n", 0, token.start())
                raise ParseFault(
                    path,
                    text.count("\n", 0, token.start()) + 1,
                    token.start() - start,
                    f"triple terms nest deeper than {TRIPLE_TERMS}, the most that is read here",
                )
        elif token["close"]:
            depth -= 1
