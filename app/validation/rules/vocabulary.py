"""Rules that compare what is written with the ontology, whatever the stance of the evidence."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from app.namespaces import DLG, DSH, EDTF, OWL, RDF, RDFS, XSD
from app.rdf.datatypes import NUMBERS, why_invalid
from app.rdf.parser import Document
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.record.record import Record
from app.validation.findings import Breach
from app.validation.locations import Occurrence
from app.validation.nearest import Nearest

_LANGUAGES = tuple(map(str, (RDF, RDFS, OWL, XSD, "http://www.w3.org/ns/shacl#")))
"""What these define needs no definition of ours: RDF itself is written in them."""
_ANYTHING = frozenset({RDFS.Resource, OWL.Thing, RDFS.Literal})
_OWN = str(DLG)


class Vocabulary:
    """What an ontology says of its terms."""

    def __init__(self, documents: Iterable[Document]) -> None:
        described: dict[Term, dict[ox.NamedNode, list[Term]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for document in documents:
            for subject, predicate, value, _ in document.quads:
                described[subject][predicate].append(value)
        self._said = {subject: dict(about) for subject, about in described.items()}
        self.near = Nearest(sorted(t.value for t in described if isinstance(t, ox.NamedNode)))
        self._kinds: dict[Term, list[str]] = {}
        self._above: dict[Term, frozenset[Term]] = {}

    def about(self, term: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the values of a property of a term."""
        return self._said.get(term, {}).get(predicate, [])

    def kinds(self, term: Term) -> list[str]:
        """Return the local names of the types of a term."""
        if term not in self._kinds:
            types = self.about(term, RDF.type)
            self._kinds[term] = [kind.value.rpartition("#")[2] for kind in types]  # type: ignore[union-attr]
        return self._kinds[term]

    def defines(self, term: ox.NamedNode) -> bool:
        """Return whether a term is defined, here or by RDF itself."""
        return term in self._said or term.value.startswith(_LANGUAGES)

    def above(self, kind: Term) -> frozenset[Term]:
        """Return a class and every class above it."""
        if kind not in self._above:
            found, front = {kind}, [kind]
            while front:
                nodes = (RDFS.subClassOf, OWL.equivalentClass)
                wider = [w for n in nodes for w in self.about(front[-1], n) if w not in found]
                front.pop()
                found.update(wider)
                front.extend(wider)
            self._above[kind] = frozenset(found)
        return self._above[kind]

    def ranges(self, predicate: ox.NamedNode) -> list[frozenset[Term]]:
        """Return the ranges of a property, each as the set of what it allows (a union, or one)."""
        return [
            frozenset(self._members(union[0]) if (union := self.about(r, OWL.unionOf)) else (r,))
            for r in self.about(predicate, RDFS.range)
        ]

    def _members(self, node: Term) -> Iterator[Term]:
        seen: set[Term] = set()
        while node not in seen and (first := self.about(node, RDF.first)):
            seen.add(node)
            yield first[0]
            node = next(iter(self.about(node, RDF.rest)), RDF.nil)

    def is_datatype(self, term: Term) -> bool:
        """Return whether a range is one of literals."""
        return (
            term in (RDFS.Literal, EDTF, RDF.langString)
            or (isinstance(term, ox.NamedNode) and term.value.startswith(str(XSD)))
            or "Datatype" in self.kinds(term)
        )


def breaches(record: Record, names: PrefixMap) -> Iterator[Breach]:
    """Yield what is not defined, no valid literal, or no object that its property takes."""
    vocabulary = Vocabulary(record.ontology)
    types = _types(record)
    ranges: dict[ox.NamedNode, list[frozenset[Term]]] = {}
    checks = _Checks(vocabulary, types, names, f"{record.base}id/")
    # Documents are told apart by what they are, not by all that they say.
    data = {id(document) for document in record.data}
    reasons: dict[ox.Literal, str | None] = {}
    # What one statement is told, all are that have the same property and the same kind of value.
    sound: set[tuple[ox.NamedNode, Term]] = set()
    for document in record.documents:
        for statement in document.statements:
            _, predicate, value, _ = statement.quad
            alike: Term = value
            if isinstance(value, ox.Literal):
                alike = value.datatype
                if value not in reasons:
                    reasons[value] = why_invalid(value)
                if reason := reasons[value]:
                    yield _breach(
                        "Literal-valid", _sentence(reason), Occurrence(document, statement)
                    )
            if id(document) not in data or (predicate, alike) in sound:
                continue
            entry = Occurrence(document, statement)
            if predicate not in ranges:
                ranges[predicate] = vocabulary.ranges(predicate)
            found = [*checks.defined(entry), *checks.fits(entry, ranges[predicate])]
            yield from found
            if not found:
                sound.add((predicate, alike))


def _types(record: Record) -> dict[Term, set[Term]]:
    types: dict[Term, set[Term]] = {}
    for document in (*record.data, *record.ontology):
        for subject, predicate, value, _ in document.quads:
            # What is described without a type is in it too: it is not what is nowhere.
            kinds = types.setdefault(subject, set())
            if predicate == RDF.type:
                kinds.add(value)
    return types


class _Checks:
    def __init__(
        self, vocabulary: Vocabulary, types: dict[Term, set[Term]], names: PrefixMap, things: str
    ) -> None:
        self._vocabulary, self._types, self._names = vocabulary, types, names
        self._things = things
        self._undefined: dict[ox.NamedNode, str | None] = {}

    def defined(self, entry: Occurrence) -> Iterator[Breach]:
        subject, predicate, value, _ = entry.statement.quad
        if reason := self._reason(predicate, "property"):
            place = entry.document.place(entry.statement.predicate)
            yield Breach(DSH["Term-defined"], reason, subject, (place,), predicate, value)
        if isinstance(value, ox.NamedNode) and (
            predicate == RDF.type or value.value.startswith(_OWN)
        ):
            kind = "class" if predicate == RDF.type else "term"
            if reason := self._reason(value, kind):
                yield _breach("Term-defined", reason, entry)

    def _reason(self, term: ox.NamedNode, kind: str) -> str | None:
        kinds = self._vocabulary.kinds(term)
        if self._vocabulary.defines(term):
            wrong = {"property": "Class", "class": "Property"}.get(kind)
            if wrong is None or not kinds or not all(k.endswith(wrong) for k in kinds):
                return None
            return f"{self._names.iri(term.value)} is no {kind}, but a {wrong.lower()}."
        if term not in self._undefined:
            near = self._vocabulary.near.to(term.value)
            hint = "" if near is None else f" Did you mean {self._names.iri(near)}?"
            self._undefined[term] = f"{self._names.iri(term.value)} is not defined.{hint}"
        return self._undefined[term]

    def fits(self, entry: Occurrence, ranges: list[frozenset[Term]]) -> Iterator[Breach]:
        value = entry.statement.quad.object
        described = True
        if isinstance(value, ox.NamedNode) and value.value.startswith(self._things):
            described = value in self._types
            if not described:
                detail = f"{self._names.iri(value.value)} is described nowhere."
                yield _breach("Object-class", detail, entry)
        for allowed in ranges:
            if allowed & _ANYTHING - {RDFS.Literal} or not described:
                continue
            if isinstance(value, ox.Literal):
                yield from self._literal_fits(entry, value, allowed)
            else:
                yield from self._thing_fits(entry, value, allowed)

    def _literal_fits(
        self, entry: Occurrence, value: ox.Literal, allowed: frozenset[Term]
    ) -> Iterator[Breach]:
        if RDFS.Literal in allowed or value.datatype in allowed:
            return
        if not any(self._vocabulary.is_datatype(term) for term in allowed):
            detail = f"A text stands where {self._list(allowed)} is expected."
            yield _breach("Object-class", detail, entry)
        elif not (value.datatype in _DERIVED and allowed & {XSD.integer, XSD.decimal}):
            is_ = self._names.iri(value.datatype.value)
            detail = f"It is of {is_}, and the property takes {self._list(allowed)}."
            yield _breach("Literal-valid", detail, entry)

    def _thing_fits(
        self, entry: Occurrence, value: Term, allowed: frozenset[Term]
    ) -> Iterator[Breach]:
        if all(self._vocabulary.is_datatype(term) for term in allowed):
            detail = f"The property takes a text of {self._list(allowed)}."
            yield _breach("Literal-valid", detail, entry)
            return
        kinds = self._types.get(value, set())
        if not kinds and not self._ours(value):
            # Of what others describe we need not know the class.
            return
        if not any(self._vocabulary.above(kind) & allowed for kind in kinds):
            is_ = self._list(kinds) if kinds else "of no class"
            detail = f"It is {is_}, and {self._list(allowed)} is expected."
            yield _breach("Object-class", detail, entry)

    def _ours(self, value: Term) -> bool:
        return not isinstance(value, ox.NamedNode) or value.value.startswith((self._things, _OWN))

    def _list(self, terms: Iterable[Term]) -> str:
        return " or ".join(sorted(self._names.term(term).short for term in terms))


_DERIVED = frozenset(XSD[name] for name in NUMBERS)


def _breach(rule: str, detail: str, entry: Occurrence) -> Breach:
    subject, predicate, value, _ = entry.statement.quad
    return Breach(DSH[rule], detail, subject, (entry.object,), predicate, value)


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."
