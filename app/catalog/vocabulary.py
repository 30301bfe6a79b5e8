"""The terms of a vocabulary as its page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.catalog.graph import Properties, Row, best, node
from app.engine.query import Term
from app.namespaces import DCTERMS, OWL, RDF
from app.pages.display import Display, Shown

_FIRST = (
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
)


@dataclass
class VocabularyTerm:
    """A term with what the vocabulary says of it."""

    iri: ox.NamedNode
    properties: Properties = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """The part of its IRI that follows the `#`."""
        return self.iri.value.rpartition("#")[2]

    def said(self, view: Display) -> list[tuple[ox.NamedNode, list[Term]]]:
        """Return its properties in the order of the layout, with their values sorted."""
        return [
            (property, sorted(values, key=view.order))
            for property, values in sorted(self.properties.items(), key=lambda i: view.rank(i[0]))
        ]


class Glossary:
    """The terms whose IRIs begin with that of a vocabulary and a `#`; `header` is its own entry."""

    def __init__(self, iri: ox.NamedNode, rows: Sequence[Row]) -> None:
        self.header = VocabularyTerm(iri)
        found: dict[ox.NamedNode, VocabularyTerm] = {}
        for row in rows:
            term, property = node(row["term"]), node(row["property"])
            if term is None or property is None:
                continue
            if term == iri:
                self.header.properties.setdefault(property, []).append(row["value"])
            elif term.value.startswith(f"{iri.value}#"):
                about = found.setdefault(term, VocabularyTerm(term)).properties
                about.setdefault(property, []).append(row["value"])
        self.entries = list(found.values())

    def title(self, view: Display) -> Shown:
        """Return what the vocabulary is called, by itself."""
        titles = self.header.properties.get(DCTERMS.title, [])
        named = [title for title in titles if isinstance(title, ox.Literal)]
        return view.show(best(named)) if named else view.name(self.header.iri)

    def mentioned(self) -> Iterable[Term]:
        """Yield what may have a name."""
        for entry in (self.header, *self.entries):
            yield entry.iri
            for property, values in entry.properties.items():
                yield property
                yield from values

    def sections(self, view: Display) -> list[tuple[ox.NamedNode, list[VocabularyTerm]]]:
        """Return the terms by their kind, classes and properties first, each by its IRI."""
        found: dict[ox.NamedNode, list[VocabularyTerm]] = {}
        for entry in self.entries:
            kinds = [kind for kind in map(node, entry.properties.get(RDF.type, [])) if kind]
            kind = min(kinds, key=_standing) if kinds else RDF.Resource
            found.setdefault(kind, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda entry: entry.anchor.casefold())
        return sorted(
            found.items(), key=lambda item: (_standing(item[0])[0], view.name(item[0]).text)
        )


def _standing(kind: ox.NamedNode) -> tuple[int, str]:
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST)), kind.value
