"""RDF/XML, read for the places of its statements.

The parser of validation is quicker; this one is for files that something is to be said about.
Nothing outside the text is ever loaded, and the XML parser refuses entities that multiply.

Source: RDF 1.1 XML Syntax (W3C Recommendation of 2014-02-25), section 7.2.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from app.errors import ParseFault
from app.namespaces import RDF
from app.rdf.iris import is_relative, resolve
from app.rdf.parser import Node, Statement, Term
from app.rdf.tokens import shown

_RDF = str(RDF)
_XML = "http://www.w3.org/XML/1998/namespace"
_ATTRIBUTE = re.compile(rb"""\s([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_SYNTAX = frozenset(("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"))
_OLD = frozenset(("aboutEach", "aboutEachPrefix", "bagID"))
_NO_NODE = frozenset(f"{_RDF} {n}" for n in (*_SYNTAX, *_OLD, "li"))
_NO_PROPERTY = frozenset(f"{_RDF} {n}" for n in (*_SYNTAX, *_OLD, "Description"))
_NO_ATTRIBUTE = frozenset(f"{_RDF} {n}" for n in (*_OLD, "li", "Description", "RDF"))
_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")


class _Spot(NamedTuple):
    """A byte of the text, or an attribute of the tag that begins there: its name or its value."""

    at: int
    attribute: int = -1
    value: bool = False


class _Stated(NamedTuple):
    quad: Quad
    subject: _Spot
    predicate: _Spot
    object: _Spot


@dataclass
class _Frame:
    """An element that is open, as what it is read: see `_Reader.start`."""

    kind: str
    base: str | None
    language: str
    spot: _Spot
    subject: Node | None = None
    subject_spot: _Spot = _Spot(0)
    predicate: NamedNode | None = None
    statement: NamedNode | None = None
    statement_spot: _Spot = _Spot(0)
    datatype: NamedNode | None = None
    done: bool = False
    items: int = 0
    parts: list[str] = field(default_factory=list)
    text_spot: _Spot | None = None
    members: list[tuple[Node, _Spot]] = field(default_factory=list)


class RdfXml:
    """An RDF/XML text that was read: `quads` in the order of the text, duplicates kept."""

    def __init__(self, text: str, path: str = "", base: str | None = None) -> None:
        """Raises ParseFault where the text is no XML, or no RDF/XML."""
        self._content = text.encode("utf-8", "replace")
        reader = _Reader(self._content, path, base)
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
        return Statement(quad, self._offset(subject), self._offset(predicate), self._offset(value), -1)

    def _offset(self, spot: _Spot) -> int:
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
            counts.append(counts[-1] + sum((byte & 0xC0) != 0x80 for byte in part))
        return counts


class _Reader:
    """One pass over one text. The stack has a frame for each open element."""

    def __init__(self, content: bytes, path: str, base: str | None) -> None:
        self._content, self._path = content, path
        self.stated: list[_Stated] = []
        self._stack = [_Frame("document", base, "", _Spot(0))]
        self._labels: dict[str, BlankNode] = {}
        self._ids: set[str] = set()
        self._depth = 0
        parser = self._parser = expat.ParserCreate("utf-8", " ")
        parser.ordered_attributes = True
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ExternalEntityRefHandler = self._external
        parser.SkippedEntityHandler = self._skipped

    def run(self) -> None:
        """Read the text to its end."""
        try:
            self._parser.Parse(self._content, True)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            if "amplification" in message:
                message = "entities that multiply: " + message
            raise ParseFault(self._path, error.lineno, error.offset + 1, message) from None

    # Events of the XML parser

    def _start(self, name: str, attributes: list[str]) -> None:
        parent = self._stack[-1]
        spot = _Spot(self._parser.CurrentByteIndex)
        if parent.kind == "literal":
            self._depth += 1
            pairs = zip(attributes[::2], attributes[1::2], strict=True)
            written = "".join(f" {_local(n)}={quoteattr(v)}" for n, v in sorted(pairs))
            parent.parts.append(f"<{_local(name)}{written}>")
            return
        base, language = parent.base, parent.language
        own: dict[str, tuple[str, int]] = {}
        for index in range(0, len(attributes), 2):
            attribute, value = attributes[index], attributes[index + 1]
            if attribute == f"{_XML} base":
                base = value if base is None else self._resolve(value, base)
            elif attribute == f"{_XML} lang":
                language = value
            elif attribute in ("about", "ID", "resource", "parseType", "type"):
                own[f"{_RDF} {attribute}"] = value, index // 2
            elif not attribute.startswith(_XML + " ") and " " in attribute:
                own[attribute] = value, index // 2
        frame = _Frame("", base, language, spot)
        for attribute in own:
            if attribute in _NO_ATTRIBUTE:
                raise self._fault(f"{_shown(attribute)} is no attribute")
        if parent.kind == "document" and name == f"{_RDF} RDF":
            frame.kind = "rdf"
        elif parent.kind in ("document", "rdf", "collection") or (
            parent.kind == "property" and not parent.done
        ):
            self._node(name, own, frame, parent)
        elif parent.kind in ("node", "resource"):
            self._property(name, own, frame, parent)
        else:
            raise self._fault(f"<{_shown(name)}> stands where nothing more may stand")
        self._stack.append(frame)

    def _end(self, name: str) -> None:
        frame = self._stack[-1]
        if frame.kind == "literal" and self._depth:
            self._depth -= 1
            frame.parts.append(f"</{_local(name)}>")
            return
        self._stack.pop()
        at = _Spot(self._parser.CurrentByteIndex)
        if frame.kind == "collection":
            self._collection(frame, at)
        elif frame.kind == "literal":
            text = "".join(frame.parts)
            self._object(frame, Literal(text, datatype=RDF.XMLLiteral), frame.text_spot or at)
        elif frame.kind == "property" and not frame.done:
            self._object(frame, self._literal("".join(frame.parts), frame), frame.text_spot or at)

    def _text(self, text: str) -> None:
        frame = self._stack[-1]
        bare = text.isspace()
        if frame.kind == "literal":
            frame.parts.append(escape(text))
        elif frame.kind == "property" and not frame.done:
            frame.parts.append(text)
        elif bare:
            return
        elif frame.kind == "property" and frame.predicate is not None and frame.spot.attribute < 0:
            raise self._fault(f"“{shown(text)}” stands beside an element, where only one may stand")
        else:
            raise self._fault(f"“{shown(text)}” stands where only elements may stand")
        if frame.text_spot is None and not bare:
            space = len(text) - len(text.lstrip())
            frame.text_spot = _Spot(self._parser.CurrentByteIndex + space)

    def _external(self, context: str, base: object, system: str, public: object) -> int:
        raise self._fault(f"the entity at {shown(system or context)} is not loaded: write it out")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            raise self._fault(f"the entity “{shown(name)}” is not declared in this text")

    # What elements mean

    def _node(
        self, name: str, own: dict[str, tuple[str, int]], frame: _Frame, parent: _Frame
    ) -> None:
        """Section 7.2.11: an element that stands for a subject."""
        if name in _NO_NODE:
            raise self._fault(f"<{_shown(name)}> is no node element")
        subject, spot = self._reference(own, frame, ("about", "ID", "nodeID"))
        frame.kind = "node"
        frame.subject = BlankNode() if subject is None else subject
        frame.subject_spot = spot
        if parent.kind == "property":
            if "".join(parent.parts).strip():
                raise self._fault("an element stands beside text, where only one may stand")
            self._object(parent, frame.subject, spot)
            parent.done = True
        elif parent.kind == "collection":
            parent.members.append((frame.subject, spot))
        if name != f"{_RDF} Description":
            value = _Spot(frame.spot.at + 1)
            self._state(frame.subject, spot, RDF.type, frame.spot, self._iri(name), value)
        self._attributes(frame.subject, spot, own, frame)

    def _property(
        self, name: str, own: dict[str, tuple[str, int]], frame: _Frame, parent: _Frame
    ) -> None:
        """Sections 7.2.14 to 7.2.21: an element that stands for a predicate."""
        if name in _NO_PROPERTY:
            raise self._fault(f"<{_shown(name)}> is no property element")
        if name == f"{_RDF} li":
            parent.items += 1
            name = f"{_RDF} _{parent.items}"
        frame.kind = "property"
        frame.subject, frame.subject_spot = parent.subject, parent.subject_spot
        frame.predicate = self._iri(name)
        if f"{_RDF} ID" in own:
            value, index = own.pop(f"{_RDF} ID")
            frame.statement = self._id(value, frame)
            frame.statement_spot = _Spot(frame.spot.at, index, True)
        kind, _ = own.pop(f"{_RDF} parseType", ("", 0))
        if f"{_RDF} datatype" in own:
            value, _ = own.pop(f"{_RDF} datatype")
            frame.datatype = self._named(self._resolve(value, frame.base))
        if kind == "Resource":
            node = BlankNode()
            self._object(frame, node, frame.spot)
            frame.kind, frame.subject, frame.subject_spot = "resource", node, frame.spot
        elif kind == "Collection":
            frame.kind = "collection"
        elif kind:
            frame.kind = "literal"
        else:
            value_, spot = self._reference(own, frame, ("resource", "nodeID"))
            if value_ is not None or own:
                node = BlankNode() if value_ is None else value_
                self._object(frame, node, spot)
                self._attributes(node, spot, own, frame)
                frame.done = True

    def _reference(
        self, own: dict[str, tuple[str, int]], frame: _Frame, names: tuple[str, ...]
    ) -> tuple[Node | None, _Spot]:
        """Take the attribute that names a node out of `own`; the element stands for one without."""
        written = [name for name in names if f"{_RDF} {name}" in own]
        if len(written) > 1:
            raise self._fault(f"rdf:{written[0]} and rdf:{written[1]} name two things in one tag")
        for name in written:
            value, index = own.pop(f"{_RDF} {name}")
            spot = _Spot(frame.spot.at, index, True)
            if name == "nodeID":
                if not _NAME.fullmatch(value):
                    raise self._fault(f"“{shown(value)}” is no name for rdf:nodeID")
                return self._labels.setdefault(value, BlankNode()), spot
            if name == "ID":
                return self._id(value, frame), spot
            return self._named(self._resolve(value, frame.base)), spot
        return None, frame.spot

    def _attributes(
        self, subject: Node, spot: _Spot, own: dict[str, tuple[str, int]], frame: _Frame
    ) -> None:
        """Section 7.2.11: the attributes that are left are properties."""
        for name, (value, index) in own.items():
            if name.partition(" ")[2] in _SYNTAX and name.startswith(_RDF + " "):
                raise self._fault(f"{_shown(name)} may not stand here")
            term: Term
            if name == f"{_RDF} type":
                term = self._named(self._resolve(value, frame.base))
            else:
                term = self._literal(value, frame, typed=False)
            at = frame.spot.at
            self._state(
                subject, spot, self._iri(name), _Spot(at, index), term, _Spot(at, index, True)
            )

    def _collection(self, frame: _Frame, end: _Spot) -> None:
        """Section 7.2.19: the cells of a list."""
        cells: list[tuple[Node, _Spot]] = [
            (BlankNode(), spot if number else frame.spot)
            for number, (_, spot) in enumerate(frame.members)
        ]
        cells.append((RDF.nil, end if cells else frame.spot))
        self._object(frame, *cells[0])
        for number, (item, spot) in enumerate(frame.members):
            cell, at = cells[number]
            following, next_at = cells[number + 1]
            self._state(cell, at, RDF.first, at, item, spot)
            self._state(cell, at, RDF.rest, at, following, next_at)

    def _object(self, frame: _Frame, value: Term, spot: _Spot) -> None:
        """State what a property element says, and that it says so where it has a name for that."""
        assert frame.subject is not None and frame.predicate is not None  # noqa: S101
        self._state(
            frame.subject, frame.subject_spot, frame.predicate, frame.spot, value, spot
        )
        if frame.statement is None:
            return
        at = frame.statement_spot
        for predicate, term, place in (
            (RDF.type, RDF.Statement, at),
            (RDF.subject, frame.subject, frame.subject_spot),
            (RDF.predicate, frame.predicate, frame.spot),
            (RDF["object"], value, spot),
        ):
            self._state(frame.statement, at, predicate, at, term, place)

    def _state(
        self, s: Node, s_at: _Spot, p: NamedNode, p_at: _Spot, o: Term, o_at: _Spot
    ) -> None:
        self.stated.append(_Stated(Quad(s, p, o), s_at, p_at, o_at))

    # Terms

    def _id(self, value: str, frame: _Frame) -> NamedNode:
        if not _NAME.fullmatch(value):
            raise self._fault(f"“{shown(value)}” is no name for rdf:ID")
        iri = self._resolve("#" + value, frame.base)
        if iri in self._ids:
            raise self._fault(f"rdf:ID=\"{shown(value)}\" stands here a second time")
        self._ids.add(iri)
        return self._named(iri)

    def _resolve(self, reference: str, base: str | None) -> str:
        if base is None:
            if is_relative(reference):
                raise self._fault(f"<{shown(reference)}> is relative, to no base")
            return reference
        try:
            return resolve(reference, base)
        except ValueError as error:
            raise self._fault(f"<{shown(reference)}> is no IRI here: {error}") from None

    def _iri(self, name: str) -> NamedNode:
        space, _, local = name.rpartition(" ")
        if not space:
            raise self._fault(f"<{shown(local)}> has no namespace")
        return self._named(space + local)

    def _named(self, iri: str) -> NamedNode:
        try:
            return NamedNode(iri)
        except ValueError as error:
            raise self._fault(f"<{shown(iri)}> is no IRI: {shown(str(error))}") from None

    def _literal(self, text: str, frame: _Frame, *, typed: bool = True) -> Literal:
        if typed and frame.datatype is not None:
            return Literal(text, datatype=frame.datatype)
        if not frame.language:
            return Literal(text)
        try:
            return Literal(text, language=frame.language)
        except ValueError as error:
            raise self._fault(f"xml:lang=\"{shown(frame.language)}\": {error}") from None

    def _fault(self, message: str) -> ParseFault:
        parser = self._parser
        return ParseFault(
            self._path, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, message
        )


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _shown(name: str) -> str:
    space, _, local = name.rpartition(" ")
    return f"rdf:{local}" if space == _RDF else shown(space + local)


def alike(one: Term, other: Term) -> bool:
    """Return whether two readings of the same RDF/XML may differ as these terms do.

    Parsers differ in line ends, in the spaces of attributes and in how they write XML literals.
    """
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return one == other
    if one.datatype != other.datatype or one.language != other.language:
        return False
    return _plain(one) == _plain(other)


def _plain(literal: Literal) -> str:
    text = literal.value
    if literal.datatype == RDF.XMLLiteral:
        text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(text.split())

