"""The places of statements in RDF/XML.

The parser of validation is quicker; this reader is for files that something is to be said about.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import Literal, Quad

from app.namespaces import RDF
from app.rdf.parser import Statement
from app.rdf.rdfxml_grammar import Reader, XmlSpot

_ATTRIBUTE = re.compile(rb"""\s([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")

# Of the bytes of a character, all but the first.
_FOLLOWING = bytes(range(0x80, 0xC0))


class RdfXml:
    """An RDF/XML text that was read: `quads` in the order of the text, duplicates kept."""

    def __init__(self, text: str, path: str = "", base: str | None = None) -> None:
        """Raises ParseFault where the text is no XML, or no RDF/XML."""
        self._content = text.encode("utf-8", "replace")
        reader = Reader(self._content, path, base)
        reader.run()
        self._stated = reader.stated

    @property
    def quads(self) -> list[Quad]:
        """The statements without their places."""
        return [stated.quad for stated in self._stated]

    def statement(self, index: int) -> Statement:
        """Return the statement with a number, with its offsets (in characters).

        Elements stand at their “<” (a type that an element's name is, behind it), attributes at
        their name where they are predicates and at the quotation mark where they are terms, text
        at its first character that is no space. The cells of a list stand at its property and
        its items.
        """
        quad, subject, predicate, value = self._stated[index]
        return Statement(
            quad, self._offset(subject), self._offset(predicate), self._offset(value), -1
        )

    def _offset(self, spot: XmlSpot) -> int:
        at = spot.at
        if spot.attribute >= 0:
            end = self._content.find(b"<", at + 1)
            end = len(self._content) if end < 0 else end
            found = [
                m
                for m in _ATTRIBUTE.finditer(self._content, at, end)
                if m[1] != b"xmlns" and not m[1].startswith(b"xmlns:")
            ]
            # An attribute that a document type gives is written nowhere in the tag.
            if spot.attribute < len(found):
                at = found[spot.attribute].start(2 if spot.value else 1)
        if self._ascii:
            return at
        return self._characters[at >> 12] + len(
            self._content[at >> 12 << 12 : at].decode("utf-8", "ignore")
        )

    @cached_property
    def _ascii(self) -> bool:
        return self._content.isascii()

    @cached_property
    def _characters(self) -> list[int]:
        """How many characters begin before every 4,096th byte."""
        counts = [0]
        for start in range(0, len(self._content), 4096):
            part = self._content[start : start + 4096]
            counts.append(counts[-1] + len(part.translate(None, _FOLLOWING)))
        return counts


def alike(one: object, other: object) -> bool:
    """Return whether two readings of the same RDF/XML may differ as these terms do.

    Parsers differ in line ends, in the spaces of attributes and in how they write XML literals.
    """
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return one == other
    if one.datatype != other.datatype or one.language != other.language:
        return False
    return _plain(one) == _plain(other)


def loosened(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield statements with one literal for all that are `alike`."""
    for quad in quads:
        subject, predicate, value, graph = quad
        if isinstance(value, Literal) and (
            value.datatype == RDF.XMLLiteral or _plain(value) != value.value
        ):
            kind = value.language or value.datatype.value
            yield Quad(subject, predicate, Literal(f"{_plain(value)} {kind}"), graph)
        else:
            yield quad


def _plain(literal: Literal) -> str:
    text = literal.value
    if literal.datatype == RDF.XMLLiteral:
        text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(text.split())
