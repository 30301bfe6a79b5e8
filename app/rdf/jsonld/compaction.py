"""JSON-LD that reads as plain JSON: quads under a context, as JSON-LD 1.1 compacts them.

A value stands under the short name of its property where the context's term fits it, else under
the property's own IRI; so nothing is lost, whatever the context says
(https://www.w3.org/TR/json-ld11-api/#compaction).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import pyoxigraph as ox

from app.namespaces import RDF, XSD
from app.rdf.prefixes import Spaces, longest_first, prefixed
from app.rdf.terms import Term

ID, LANGUAGE, SET, NONE = "@id", "@language", "@set", "@none"
Json = dict[str, object]
Subject = ox.NamedNode | ox.BlankNode
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
"""What a number of JavaScript holds exactly and writes in the same way."""
_TOGETHER = 1000
_BOOLEANS = {"true": True, "false": False}
# A namespace that ends so makes a prefix of a plain term (JSON-LD 1.1, 4.1.5).
DELIMITERS = tuple(":/?#[]@")
_ENCODE: Callable[[object], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode


class NotInJsonLd(ValueError):
    """A term that JSON-LD has no way to write; its argument says which."""


@dataclass(frozen=True)
class TermDefinition:
    """What a key of the context stands for.

    `kind` is what its values are: `@id`, `@language`, the IRI of a datatype, or nothing in
    particular; `many` whether they always stand in a list.
    """

    key: str
    iri: str
    kind: str = ""
    many: bool = True


class Compactor:
    """Writes quads as compact JSON-LD under the context that this program makes.

    `context` is the object that stands under `@context`.
    """

    def __init__(self, context: Mapping[str, object]) -> None:
        self._context = context
        self._prefixes = {
            key: value
            for key, value in context.items()
            if isinstance(value, str) and value.endswith(DELIMITERS) and not key.startswith("@")
        }
        self._spaces = longest_first(self._prefixes)
        self._terms: dict[str, TermDefinition] = {}
        self._types: dict[str, str] = {}
        for key, value in context.items():
            if isinstance(value, dict) and not str(value["@id"]).startswith("@"):
                container = value.get("@container", ())
                names = [container] if isinstance(container, str) else container
                coerced = LANGUAGE if LANGUAGE in names else self._expand(value.get("@type", ""))
                iri = self._expand(value["@id"])
                self._terms[iri] = TermDefinition(key, iri, coerced, SET in names)
            elif isinstance(value, str) and key not in self._prefixes and not value.startswith("@"):
                self._types[self._expand(value)] = key
        self._names: dict[str, tuple[str, str]] = {}
        self._used: set[str] = set()

    def _expand(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        space = self._prefixes.get(prefix) if colon else None
        return space + local if space else name

    def used(self) -> Json:
        """Return the part of the context that what was written until now needs."""
        needed = set(self._used)
        for key in self._used:
            value = self._context[key]
            parts = value.values() if isinstance(value, dict) else [value]
            prefixes = {part.partition(":")[0] for part in parts if isinstance(part, str)}
            needed |= prefixes & self._prefixes.keys()
        always = "@version", "id", "type"
        return {
            key: value for key, value in self._context.items() if key in needed or key in always
        }

    def graphs(self, quads: Iterable[ox.Quad]) -> Iterator[Json]:
        """Yield an object for each subject of the default graph and for each named graph.

        The quads of a graph stand together, and in it those of a subject. A graph of many subjects
        is told in several objects. Raises NotInJsonLd.
        """
        for graph, inside in groupby(quads, key=lambda quad: quad.graph_name):
            nodes = (
                self.node(_node(subject), ((quad.predicate, quad.object) for quad in about))
                for subject, about in groupby(inside, key=lambda quad: quad.subject)
            )
            if isinstance(graph, ox.DefaultGraph):
                yield from nodes
                continue
            while part := list(islice(nodes, _TOGETHER)):
                yield {"id": self.reference(graph), "@graph": part}

    def node(
        self,
        subject: Subject,
        facts: Iterable[tuple[ox.NamedNode, Term]],
        inner: dict[object, Json] | None = None,
    ) -> Json:
        """Return the object of one subject: its types, its id, then the rest by key.

        Objects of `inner` stand in the place of the first name of their subject, and are taken out.
        """
        inner = inner or {}
        types: list[str] = []
        members: Json = {}
        for predicate, value in facts:
            if predicate == RDF.type and isinstance(value, ox.NamedNode | ox.BlankNode):
                types.append(self._type(value))
            else:
                self._add(members, predicate.value, value, inner)
        # Types come first: who reads a stream must know them before all else.
        head: Json = {"type": types} if types else {}
        head["id"] = self.reference(subject)
        return head | {key: members[key] for key in sorted(members)}

    def _add(self, members: Json, predicate: str, value: Term, inner: dict[object, Json]) -> None:
        term = self._terms.get(predicate)
        if isinstance(value, ox.NamedNode | ox.BlankNode):
            node = inner.pop(value, None) or {"id": self.reference(value)}
            if term is None or term.kind not in (ID, ""):
                self._append(members, self._key(predicate), node, many=False)
            else:
                short = node["id"] if term.kind == ID and len(node) == 1 else node
                self._append(members, self._own(term), short, many=term.many)
            return
        if not isinstance(value, ox.Literal):
            raise NotInJsonLd("a triple term")
        kind, written = _literal(value)
        if term is None:
            wrapped = self._value(kind, written, value.language)
            self._append(members, self._key(predicate), wrapped, many=False)
        elif term.kind == LANGUAGE and kind in (LANGUAGE, ""):
            if not isinstance(written, str):
                self._append(members, self._key(predicate), written, many=False)
                return
            key, language = self._own(term), value.language or NONE
            by_language = members.get(key)
            if not isinstance(by_language, dict):
                by_language = members[key] = {}
            self._append(by_language, language, written, many=term.many)
        elif term.kind == kind and kind != LANGUAGE:
            self._append(members, self._own(term), written, many=term.many)
        elif term.kind == "":
            wrapped = self._value(kind, written, value.language)
            self._append(members, self._own(term), wrapped, many=term.many)
        else:
            wrapped = self._value(kind, written, value.language)
            self._append(members, self._key(predicate), wrapped, many=False)

    def _value(self, kind: str, written: object, language: str | None) -> object:
        if kind == LANGUAGE:
            return {"@language": language, "@value": written}
        if kind:
            # By the keyword and not by its alias, which rdflib overlooks in values.
            return {"@type": self._typed(kind), "@value": written}
        return written

    def _append(self, members: Json, key: str, value: object, *, many: bool) -> None:
        if key not in members:
            members[key] = [value] if many else value
            return
        present = members[key]
        if isinstance(present, list):
            present.append(value)
        else:
            members[key] = [present, value]

    def _own(self, term: TermDefinition) -> str:
        self._used.add(term.key)
        return term.key

    def reference(self, node: object) -> str:
        """Return what an object is referred to by: a short IRI, or the label of a blank node."""
        if isinstance(node, ox.NamedNode):
            return self._short(node.value)
        if isinstance(node, ox.BlankNode):
            return str(node)
        raise NotInJsonLd("a triple term")

    def _type(self, value: Subject) -> str:
        if isinstance(value, ox.BlankNode):
            return str(value)
        return self._typed(value.value)

    def _typed(self, iri: str) -> str:
        key = self._types.get(iri)
        if key is None and (term := self._terms.get(iri)):
            # A property that is a class as well has the property's name.
            key = term.key
        if key is None:
            return self._short(iri)
        self._used.add(key)
        return key

    def _key(self, iri: str) -> str:
        """Return the key of a property for values that its term does not fit, or without one."""
        name = self._short(iri)
        # A key of the context would say of the value what it is not.
        return iri if name in self._context else name

    def _short(self, iri: str) -> str:
        known = self._names.get(iri)
        if known is None:
            known = self._names[iri] = short(iri, self._spaces)
        name, prefix = known
        if prefix:
            self._used.add(prefix)
            return name
        scheme, _, rest = iri.partition(":")
        if scheme in self._prefixes and not rest.startswith("//"):
            # JSON-LD 1.1 API, section 6.2.2, step 9: an IRI confused with a prefix.
            raise NotInJsonLd(f"<{iri}>, which reads as a name with the prefix {scheme}:")
        return name


def short(iri: str, spaces: Spaces) -> tuple[str, str]:
    """Return the short form of an IRI and the prefix that it takes, if there is one.

    `spaces` are the prefixes as `longest_first` returns them.
    """
    return prefixed(iri, spaces, _is_local) or (iri, "")


def _is_local(iri: str, at: int) -> bool:
    # A namespace itself is no name in it; behind two slashes it would be read as an address.
    return at < len(iri) and not iri.startswith("//", at)


def _literal(literal: ox.Literal) -> tuple[str, object]:
    """Return the kind of a literal (a language, a datatype, or plain) and its value in JSON."""
    text = literal.value
    if literal.language:
        if literal.direction:
            raise NotInJsonLd("a direction of text")
        return LANGUAGE, text
    datatype = literal.datatype
    if datatype == XSD.string:
        return "", text
    if datatype == XSD.integer and _INTEGER.fullmatch(text):
        return "", int(text)
    if datatype == XSD.boolean and text in _BOOLEANS:
        return "", _BOOLEANS[text]
    return datatype.value, text


def _node(term: object) -> Subject:
    if isinstance(term, ox.NamedNode | ox.BlankNode):
        return term
    raise NotInJsonLd("a triple term")


def line(node: Json) -> str:
    """Return an object on one line."""
    return _ENCODE(node)


def document(compactor: Compactor, quads: Sequence[ox.Quad], subject: Subject) -> Json:
    """Return a document about one thing: it is the object, and what it points to stands in it.

    Of a thing that it points to, what the default graph says of it stands where it is named first;
    all else follows under `@included`. The context is the part that is needed. Raises NotInJsonLd.
    """
    ordered: dict[tuple[object, object], list[ox.Quad]] = {}
    for quad in quads:
        ordered.setdefault((quad.graph_name, quad.subject), []).append(quad)
    default = ox.DefaultGraph()
    about = {
        node: compactor.node(_node(node), [(q.predicate, q.object) for q in group])
        for (graph, node), group in ordered.items()
        if graph == default
    }
    about.pop(subject, None)
    own = ordered.get((default, subject), ())
    root = compactor.node(subject, [(q.predicate, q.object) for q in own], about)
    graphs: dict[object, list[Json]] = {}
    for (graph, node), group in ordered.items():
        if graph != default:
            facts = [(q.predicate, q.object) for q in group]
            graphs.setdefault(graph, []).append(compactor.node(_node(node), facts))
    if subject in graphs:
        root["@graph"] = graphs.pop(subject)
    for graph, nodes in graphs.items():
        # What is said of a graph and what it says are one object.
        head = about.get(graph) or {"id": compactor.reference(graph)}
        about[graph] = head | {"@graph": nodes}
    included = list(about.values())
    return {
        "@context": compactor.used(),
        **root,
        **({"@included": included} if included else {}),
    }
