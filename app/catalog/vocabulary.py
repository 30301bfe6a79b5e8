"""The terms of a vocabulary as its page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.catalog.graph import Properties, Row
from app.rdf.terms import Term, node


@dataclass
class VocabularyTerm:
    """A term with what the vocabulary says of it."""

    iri: ox.NamedNode
    properties: Properties = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """The part of its IRI that follows the `#`."""
        return self.iri.value.rpartition("#")[2]


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

    def mentioned(self) -> Iterable[Term]:
        """Yield what may have a name."""
        for entry in (self.header, *self.entries):
            yield entry.iri
            for property, values in entry.properties.items():
                yield property
                yield from values
