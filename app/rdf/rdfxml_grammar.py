"""The grammar of RDF/XML: from the events of an XML parser to statements with their spots.

Nothing outside the text is ever loaded, and the XML parser refuses entities that multiply.

Source: RDF 1.1 XML Syntax (W3C Recommendation of 2014-02-25), section 7.2.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from app.errors import ParseFault
from app.namespaces import RDF
from app.rdf.iris import is_relative, resolve
from app.rdf.parser import Node, Term
from app.rdf.tokens import shown
from app.rdf.xml import Namespaces, escape, expanded, written

_RDF = str(RDF)
_XML = "http://www.w3.org/XML/1998/namespace"
_SYNTAX = frozenset(("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"))
_OLD = frozenset(("aboutEach", "aboutEachPrefix", "bagID"))
_NO_NODE = frozenset(f"{_RDF} {n}" for n in (*_SYNTAX, *_OLD, "li"))
_NO_PROPERTY = frozenset(f"{_RDF} {n}" for n in (*_SYNTAX, *_OLD, "Description"))
_NO_ATTRIBUTE = frozenset(f"{_RDF} {n}" for n in (*_OLD, "li", "Description", "RDF"))
# In the text of an XML literal, the quick parser writes these so.
_QUOTES = str.maketrans({'"': "&quot;", "'": "&apos;"})
_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")


class XmlSpot(NamedTuple):
    """A byte of the text, or an attribute of the tag that begins there: its name or its value."""

    at: int
    attribute: int = -1
    value: bool = False


_NOWHERE = XmlSpot(0)


class Stated(NamedTuple):
    """A statement and the spots of its terms."""

    quad: Quad
    subject: XmlSpot
    predicate: XmlSpot
    object: XmlSpot


@dataclass(slots=True)
class _Frame:
    """An element that is open, as what it is read; subject and predicate once they are known."""

    kind: str
    base: str | None
    language: str
    spot: XmlSpot
    subject: Node = field(default_factory=BlankNode)
    subject_spot: XmlSpot = _NOWHERE
    predicate: NamedNode = RDF.value
    statement: NamedNode | None = None
    statement_spot: XmlSpot = _NOWHERE
    datatype: NamedNode | None = None
    done: bool = False
    items: int = 0
    parts: list[str] = field(default_factory=list)
    text_spot: XmlSpot | None = None
    members: list[tuple[Node, XmlSpot]] = field(default_factory=list)


class Reader:
    """One pass over one text: `stated` is what it says, in the order of the text."""

    def __init__(self, content: bytes, path: str, base: str | None) -> None:
        self._content, self._path = content, path
        self.stated: list[Stated] = []
        # A frame for each open element.
        self._stack = [_Frame("document", base, "", XmlSpot(0))]
        self._labels: dict[str, BlankNode] = {}
        self._ids: set[str] = set()
        self._names: dict[str, NamedNode] = {}
        self._depth = 0
        self._namespaces = Namespaces()
        parser = self._parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._namespaces.declare
        parser.EndNamespaceDeclHandler = self._namespaces.leave
        parser.CharacterDataHandler = self._text
        parser.ExternalEntityRefHandler = self._external
        parser.SkippedEntityHandler = self._skipped

    def run(self) -> None:
        """Read the text to its end; raises ParseFault where it is no XML, or no RDF/XML."""
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
        spot = XmlSpot(self._parser.CurrentByteIndex)
        declared = self._namespaces.enter()
        if parent.kind == "literal":
            outermost = self._depth == 0
            tag = self._namespaces.tag(name, attributes, declared, outermost=outermost)
            parent.parts.append(tag)
            self._depth += 1
            return
        name = expanded(name)
        base, language = parent.base, parent.language
        own: dict[str, tuple[str, int]] = {}
        for index in range(0, len(attributes), 2):
            attribute, value = expanded(attributes[index]), attributes[index + 1]
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
            frame.parts.append(f"</{written(name)}>")
            return
        self._stack.pop()
        at = XmlSpot(self._parser.CurrentByteIndex)
        if b"<" not in (tag := self._content[frame.spot.at + 1 : at.at]) and tag.endswith(b"/>"):
            # A tag that opens and closes: the parser is behind it already.
            at = frame.spot
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
            frame.parts.append(escape(text).translate(_QUOTES))
        elif frame.kind == "property" and not frame.done:
            frame.parts.append(text)
        elif bare:
            return
        elif frame.kind == "property":
            raise self._fault(f"“{shown(text)}” stands beside an element, where only one may stand")
        else:
            raise self._fault(f"“{shown(text)}” stands where only elements may stand")
        if frame.text_spot is None and not bare:
            space = len(text) - len(text.lstrip())
            frame.text_spot = XmlSpot(self._parser.CurrentByteIndex + space)

    def _external(
        self, context: str, base: str | None, system: str | None, public: str | None
    ) -> int:
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
        if subject is not None:
            frame.subject = subject
        frame.subject_spot = spot
        if parent.kind == "property":
            if "".join(parent.parts).strip():
                raise self._fault("an element stands beside text, where only one may stand")
            self._object(parent, frame.subject, spot)
            parent.done = True
        elif parent.kind == "collection":
            parent.members.append((frame.subject, spot))
        if name != f"{_RDF} Description":
            value = XmlSpot(frame.spot.at + 1)
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
            frame.statement_spot = XmlSpot(frame.spot.at, index, True)
        kind, _ = own.pop(f"{_RDF} parseType", ("", 0))
        if f"{_RDF} datatype" in own:
            value, _ = own.pop(f"{_RDF} datatype")
            frame.datatype = self._named(self._resolve(value, frame.base))
        if kind == "Resource":
            inner = BlankNode()
            self._object(frame, inner, frame.spot)
            frame.kind, frame.subject, frame.subject_spot = "resource", inner, frame.spot
        elif kind == "Collection":
            frame.kind = "collection"
        elif kind:
            frame.kind = "literal"
        else:
            resource, spot = self._reference(own, frame, ("resource", "nodeID"))
            if resource is not None or own:
                node = BlankNode() if resource is None else resource
                self._object(frame, node, spot)
                self._attributes(node, spot, own, frame)
                frame.done = True

    def _reference(
        self, own: dict[str, tuple[str, int]], frame: _Frame, names: tuple[str, ...]
    ) -> tuple[Node | None, XmlSpot]:
        """Take the attribute that names a node out of `own`; the element stands for one without."""
        written = [name for name in names if f"{_RDF} {name}" in own]
        if len(written) > 1:
            raise self._fault(f"rdf:{written[0]} and rdf:{written[1]} name two things in one tag")
        for name in written:
            value, index = own.pop(f"{_RDF} {name}")
            spot = XmlSpot(frame.spot.at, index, True)
            if name == "nodeID":
                if not _NAME.fullmatch(value):
                    raise self._fault(f"“{shown(value)}” is no name for rdf:nodeID")
                return self._labels.setdefault(value, BlankNode()), spot
            if name == "ID":
                return self._id(value, frame), spot
            return self._named(self._resolve(value, frame.base)), spot
        return None, frame.spot

    def _attributes(
        self, subject: Node, spot: XmlSpot, own: dict[str, tuple[str, int]], frame: _Frame
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
                subject, spot, self._iri(name), XmlSpot(at, index), term, XmlSpot(at, index, True)
            )

    def _collection(self, frame: _Frame, end: XmlSpot) -> None:
        """Section 7.2.19: the cells of a list."""
        cells: list[tuple[Node, XmlSpot]] = [
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

    def _object(self, frame: _Frame, value: Term, spot: XmlSpot) -> None:
        """State what a property element says, and that it says so where it has a name for that."""
        self._state(frame.subject, frame.subject_spot, frame.predicate, frame.spot, value, spot)
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
        self, s: Node, s_at: XmlSpot, p: NamedNode, p_at: XmlSpot, o: Term, o_at: XmlSpot
    ) -> None:
        self.stated.append(Stated(Quad(s, p, o), s_at, p_at, o_at))

    # Terms

    def _id(self, value: str, frame: _Frame) -> NamedNode:
        if not _NAME.fullmatch(value):
            raise self._fault(f"“{shown(value)}” is no name for rdf:ID")
        iri = self._resolve("#" + value, frame.base)
        if iri in self._ids:
            raise self._fault(f'rdf:ID="{shown(value)}" stands here a second time')
        self._ids.add(iri)
        return self._named(iri)

    def _resolve(self, reference: str, base: str | None) -> str:
        if not is_relative(reference):
            return reference
        if base is None:
            raise self._fault(f"<{shown(reference)}> is relative, to no base")
        try:
            return resolve(reference, base)
        except ValueError as error:
            raise self._fault(f"<{shown(reference)}> is no IRI here: {error}") from None

    def _iri(self, name: str) -> NamedNode:
        known = self._names.get(name)
        if known is not None:
            return known
        space, _, local = name.rpartition(" ")
        if not space:
            raise self._fault(f"<{shown(local)}> has no namespace")
        node = self._names[name] = self._named(space + local)
        return node

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
            raise self._fault(f'xml:lang="{shown(frame.language)}": {error}') from None

    def _fault(self, message: str) -> ParseFault:
        parser = self._parser
        return ParseFault(
            self._path, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, message
        )


def _shown(name: str) -> str:
    space, _, local = name.rpartition(" ")
    return f"rdf:{local}" if space == _RDF else shown(space + local)
