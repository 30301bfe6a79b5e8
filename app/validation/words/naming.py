"""What terms, paths and values are called within a sentence."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import pyoxigraph as ox

from app.namespaces import OWL, RDF, RDFS, SH, XSD
from app.rdf.datatypes import NUMBERS, why_invalid
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation import paths
from app.validation.engines.native.comparison import Order
from app.validation.paths import AlternativePath, InversePath, Path, PredicatePath, SequencePath
from app.validation.words.catalogue import Catalogue
from app.validation.words.labels import Labels, visible

_LONGEST_TEXT, _LONGEST_NAME, _LONGEST_PATH, _LONGEST_PATTERN = 60, 64, 100, 120
_LISTED = 4
_XSD = str(XSD)
_BARE = NUMBERS | {"double", "float", "boolean", "gYear", "time"}
# Zones of days and years before our era are rare, and stay as they are written.
_PLAIN_MOMENT = re.compile(r"([0-9]{4,})-([0-9]{2})-([0-9]{2})(?:T(.+))?")
_TECHNICAL = re.compile(r"[a-z][A-Z]|[_-]")
# To say that something is one of these says nothing of it.
_VAGUE = frozenset({OWL.NamedIndividual, OWL.Thing, RDFS.Resource})
_OF_TERMS = frozenset({OWL.Class, RDFS.Class, RDF.Property, OWL.ObjectProperty, SH.NodeShape})


class Described(paths.Steps, Protocol):
    """A graph of which one can ask whether it describes a node at all."""

    @property
    def predicates(self) -> Iterable[ox.NamedNode]:
        """The predicates of the graph."""

    def by_subject(self, predicate: ox.NamedNode) -> Mapping[Term, Sequence[Term]]:
        """Return the subjects of a predicate with their objects."""


class Naming:
    """The names of terms in a language: a label with the prefixed name, or that alone."""

    def __init__(
        self,
        shapes: Described,
        data: Described,
        labels: Labels,
        prefixes: PrefixMap,
        catalogue: Catalogue,
    ) -> None:
        self.shapes, self.data, self.labels = shapes, data, labels
        self.prefixes, self.catalogue = prefixes, catalogue
        self.order = Order()
        self._paths: dict[tuple[Path, Term], str] = {}

    def say(self, key: str, count: int | None = None, /, **fields: str) -> str:
        """Return a message of the catalogue."""
        return self.catalogue.text(key, fields, count)

    def iri(self, iri: str) -> str:
        """Return an IRI as a prefixed name, or between angle brackets; a long one is cut."""
        name = self.prefixes.iri(visible(iri))
        if len(name) <= _LONGEST_NAME:
            return name
        half = _LONGEST_NAME // 2
        return f"{name[:half]}…{name[1 - half :]}"

    def term(self, term: Term, *, start: bool = False) -> str:
        """Return a term with its label; `start` for the beginning of a sentence."""
        if isinstance(term, ox.NamedNode):
            label = self.labels.of(term)
            name = self.iri(term.value)
            if term == RDF.nil:
                return self._form("list.empty", start)
            return self._with(label, name)
        if isinstance(term, ox.Literal):
            return self.literal(term)
        if isinstance(term, ox.Triple):
            return self.say("text", text=cut(visible(str(term))))
        kind = self.kind(term)
        if kind is None:
            return self._form("unnamed", start)
        return self._form("unnamed.typed", start, type=kind)

    def literal(self, literal: ox.Literal) -> str:
        """Return the value of a literal: numbers and days as such, all else in quotes."""
        text = cut(" ".join(visible(literal.value).split()))
        if literal.language is not None:
            return self.say("text.language", text=text, language=literal.language)
        name = _name(literal.datatype)
        if name is not None and why_invalid(literal) is None:
            if name in _BARE:
                return text
            if name in ("date", "dateTime") and len(text) < _LONGEST_TEXT:
                return self._moment(text)
        return self.say("text" if text else "text.empty", text=text)

    def pattern(self, pattern: Term) -> str:
        """Return a regular expression in quotes, which is of little use if it is cut soon."""
        text = pattern.value if isinstance(pattern, ox.Literal) else str(pattern)
        return self.say("text", text=cut(" ".join(visible(text).split()), _LONGEST_PATTERN))

    def _moment(self, text: str) -> str:
        parts = _PLAIN_MOMENT.fullmatch(text)
        if parts is None:
            return text
        year, month, day, clock = parts.groups()
        name = self.say(f"month.{int(month)}")
        date = self.say("date", day=f"{int(day)}", month=name, year=year)
        return date if clock is None else self.say("moment", date=date, time=clock)

    def kind(self, node: Term) -> str | None:
        """Return the label or name of a node's class, None where that says nothing of it."""
        types = [
            t
            for t in self.data.objects(node, RDF.type)
            if isinstance(t, ox.NamedNode) and t not in _VAGUE
        ]
        if any(t in _OF_TERMS for t in types):
            return None
        for type_ in types:
            if (label := self.labels.of(type_)) is not None:
                return cut(label)
        names = [self.iri(type_.value) for type_ in types]
        return next((name for name in names if not name.startswith("<")), None)

    def focus(self, node: Term, *, start: bool = False) -> str:
        """Return a focus node as its class (“the conference”), else its name."""
        kind = None if isinstance(node, ox.Literal | ox.Triple) else self.kind(node)
        if kind is None:
            return self.term(node, start=start)
        return self._form("focus", start, type=kind)

    def value(self, value: Term, path: Path | None, shape: Term, focus: Term) -> str:
        """Return a value with the property that it is a value of, to begin a sentence."""
        if path is None:
            return self.term(value, start=True)
        if self.is_inverse(path, shape) and isinstance(path, InversePath):
            name = self.path(path.path, shape)
            named = self.term(value, start=True)
            return self.say("value.inverse", path=name, value=named, focus=self.focus(focus))
        unnamed = isinstance(value, ox.BlankNode) or value == RDF.nil
        key = "value.unnamed" if unnamed else "value"
        return self.say(key, path=self.path(path, shape), value=self.term(value))

    def is_inverse(self, path: Path | None, shape: Term) -> bool:
        """Return whether a path has no word for what leads here, so that it is told backwards."""
        return (
            isinstance(path, InversePath)
            and isinstance(path.path, PredicatePath)
            and path.path.iri != RDF.type
            and self.named_at(shape) is None
        )

    def path(self, path: Path, shape: Term) -> str:
        """Return a path as the label of its last property, with the way there in brackets."""
        key = (path, shape)
        if (name := self._paths.get(key)) is None:
            name = self._paths[key] = self._path(path, shape)
        return name

    def named_at(self, shape: Term) -> str | None:
        """Return what a property shape calls the values of its path."""
        return self.labels.text(shape, SH.name)

    def _path(self, path: Path, shape: Term | None) -> str:
        """Return the words for a path; a part of one has no shape, whose name is that of all."""
        if isinstance(path, PredicatePath):
            return self._labelled(path.iri, shape, self.iri(path.iri.value))
        if shape is not None and (own := self.named_at(shape)) is not None:
            return self._with(own, self._way(path))
        if isinstance(path, InversePath):
            if path.path == PredicatePath(RDF.type):
                return self.say("path.instance")
            return self.say("path.inverse", path=self._path(path.path, None))
        if isinstance(path, AlternativePath):
            names = [self._path(part, None) for part in _alternatives(path)]
            if len(names) > _LISTED:
                return self._way(path)
            return self.catalogue.joined("or", list(dict.fromkeys(names)))
        if isinstance(path, SequencePath) and path.parts[-2:] == _MEMBERS:
            before = path.parts[:-2]
            if not before:
                return self.say("path.member")
            owner = before[0] if len(before) == 1 else SequencePath(before)
            return self.say("path.member.of", path=self._path(owner, None))
        last = path.parts[-1] if isinstance(path, SequencePath) else path
        while isinstance(last, paths.Repeated):
            last = last.path
        way = self._way(path)
        return self._labelled(last.iri, None, way) if isinstance(last, PredicatePath) else way

    def _way(self, path: Path) -> str:
        """Return a path with arrows, other parts than steps as SPARQL writes them."""
        if isinstance(path, SequencePath):
            way = self._chain(path.parts)
        elif isinstance(path, InversePath):
            way = self._chain([path])
        else:
            way = self._written(path)
        return cut(way, _LONGEST_PATH)

    def _chain(self, parts: Sequence[Path]) -> str:
        """Return steps with an arrow before each, but before a first one that goes forwards."""
        steps = []
        for number, part in enumerate(parts):
            back = isinstance(part, InversePath)
            name = self._written(part.path if isinstance(part, InversePath) else part)
            key = "path.back" if back else "path.then"
            steps.append(self.say(key, step=name) if back or number else name)
        return " ".join(steps)

    def _labelled(self, predicate: ox.NamedNode, shape: Term | None, name: str) -> str:
        label = self.labels.of_property(shape, predicate)
        if label is None and predicate == RDF.type:
            label = self.say("path.type")
        return self._with(label, name)

    def _with(self, label: str | None, name: str) -> str:
        """Return a name with its label, unless that is the same and no word of any language."""
        if label is None or (
            _TECHNICAL.search(label) and name.endswith((f":{label}", f"/{label}"))
        ):
            return name
        return self.say("labelled", label=cut(label), name=name)

    def _written(self, path: Path) -> str:
        return paths.text(path, lambda iri: self.iri(iri.value))

    def datatype(self, datatype: ox.NamedNode) -> str:
        """Return what a literal of a datatype is, such as “a date (xsd:date)”."""
        name = _name(datatype) or ("langString" if datatype == RDF.langString else "")
        key = f"datatype.{name}"
        label = self.say(key) if self.catalogue.has(key) else self.labels.of(datatype)
        if datatype == RDFS.Literal:
            label = self.say("datatype.any")
        short = self.iri(datatype.value)
        if label is None:
            return self.say("datatype", name=short)
        return self.say("labelled", label=cut(label), name=short)

    def sort(self, term: Term) -> str:
        """Return what a term is: an address, an unnamed thing, or text, a number and so on."""
        if isinstance(term, ox.NamedNode):
            return self.say("kind.IRI")
        if isinstance(term, ox.Literal):
            return self.datatype(term.datatype)
        return self.say("kind.thing" if isinstance(term, ox.BlankNode) else "kind.triple")

    def some(self, terms: Iterable[Term], word: str = "or", most: int = 6) -> str:
        """Return terms in a row; of many, the first few."""
        listed = list(dict.fromkeys(terms))
        names = [self.term(term) for term in listed[:most]]
        if len(listed) > most:
            return self.say("such", terms=self.catalogue.joined("comma", names[: most - 2]))
        return self.catalogue.joined(word, names)

    def is_described(self, node: Term) -> bool:
        """Return whether the data say anything of a node."""
        return any(node in self.data.by_subject(p) for p in self.data.predicates)

    def members(self, start: Term) -> list[Term]:
        """Return the members of a list of the shapes; none where it is broken."""
        try:
            return paths.members(self.shapes, start)
        except paths.IllFormed:
            return []

    def values(self, focus: Term, path: Path | None) -> Sequence[Term]:
        """Return the values that a focus node has along a path."""
        return (focus,) if path is None else paths.follow(path, self.data)(focus)

    def _form(self, key: str, start: bool, **fields: str) -> str:
        return self.say(f"{key}.start" if start else key, **fields)


def _alternatives(path: Path) -> Iterator[Path]:
    """Yield the paths of which one is enough, also those of paths among them."""
    if isinstance(path, AlternativePath):
        for part in path.parts:
            yield from _alternatives(part)
    else:
        yield path


_MEMBERS = (paths.ZeroOrMorePath(PredicatePath(RDF.rest)), PredicatePath(RDF.first))


class Fields(dict[str, str]):
    """Fields of a message that are worked out when the message asks for them."""

    def __init__(self, make: Mapping[str, Callable[[], str]], **ready: str) -> None:
        super().__init__(ready)
        self._make = make

    def __missing__(self, name: str) -> str:
        self[name] = value = self._make[name]()
        return value


def cut(text: str, most: int = _LONGEST_TEXT) -> str:
    """Return a text, a long one without its end."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _name(datatype: ox.NamedNode) -> str | None:
    """Return the name of a datatype of XSD."""
    return datatype.value[len(_XSD) :] if datatype.value.startswith(_XSD) else None
