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
_BLOCK, _WIDE = 16_384, 32_768
# All up to the next mark of a triple term. Whatever the text, each character is looked at twice at
# most: a string that does not end, with which every parser stops, is passed over as one.
_TO_MARK = re.compile(
    r"""(?:
        [^<>"'\#\\]++
        |\\.
        |\"\"\"(?:[^"\\]++|\\.|"(?!""))*+(?:\"\"\"|\Z)
        |\'\'\'(?:[^'\\]++|\\.|'(?!''))*+(?:\'\'\'|\Z)
        |"(?:[^"\\\n\r]++|\\.)*+"?+
        |'(?:[^'\\\n\r]++|\\.)*+'?+
        |<[^\x00-\x20<>"{}|^`]*+>
        |\#[^\n\r]*+
        |(?!<<|>>).
    )*+(?:(?P<open><<)|(?P<close>>>)|\Z)""",
    re.DOTALL | re.VERBOSE,
)
# A text in which every “<” begins a tag and every “>” ends one: no comments, and so on.
_TAG = r"""<[^<>"'!?][^<>"']*+(?:"[^"<>]*+"[^<>"']*+|'[^'<>]*+'[^<>"']*+)*+>"""
_TAGS_ONLY = re.compile(rf"(?:<\?xml\b[^<>?]*+\?>)?+[^<>]*+(?:{_TAG}[^<>]*+)*+")


def require_shallow(text: str, form: RdfFormat, path: str = "") -> None:
    """Raise ParseFault at the first element or triple term that nests too deep, or is too wide.

    A text without any is passed over at the speed of a search. A text in RDF/XML that had to be
    looked at closely, and is no XML, is refused as well.
    """
    if form == RdfFormat.RDF_XML:
        if "<!ENTITY" in text or _may_nest(text) or _may_be_wide(text):
            _require_modest_elements(text, path)
    elif form != RdfFormat.JSON_LD and text.count("<<") > TRIPLE_TERMS:
        _require_shallow_terms(text, path)


def _may_be_wide(text: str) -> bool:
    """Return whether an element may have too many attributes."""
    if text.count("=") <= ATTRIBUTES:
        return False
    starts = range(0, len(text) - _WIDE, _WIDE)
    long = any(text.find(">", start, start + _WIDE) < 0 for start in starts)
    # Where a value may have a “>”, every tag may be long.
    return long or not _TAGS_ONLY.fullmatch(text)


def _may_nest(text: str) -> bool:
    """Return whether more than `ELEMENTS` may be open at the end of any block."""
    if text.count("<") <= ELEMENTS:
        return False
    if not _TAGS_ONLY.fullmatch(text):
        return True
    depth = end = 0
    while end < len(text):
        start, end = end, end + _BLOCK
        # No border parts a mark of two characters.
        while end < len(text) and text[end - 1] in "</":
            end += 1
        depth += text.count("<", start, end)
        depth -= 2 * text.count("</", start, end) + text.count("/>", start, end)
        if depth > ELEMENTS:
            return True
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
    except expat.ExpatError as error:
        # The quick parser reads more than XML: what follows may nest as deep as it likes.
        message = expat.ErrorString(error.code)
        raise ParseFault(path, error.lineno, error.offset + 1, message) from None


def _require_shallow_terms(text: str, path: str) -> None:
    depth = 0
    for mark in _TO_MARK.finditer(text):
        depth += bool(mark["open"]) - bool(mark["close"])
        if depth > TRIPLE_TERMS:
            at = mark.start("open")
            raise ParseFault(
                path,
                text.count("\n", 0, at) + 1,
                at - text.rfind("\n", 0, at),
                f"triple terms nest deeper than {TRIPLE_TERMS}, the most that is read here",
            )
