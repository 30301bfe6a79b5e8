"""What things are called in the reader's language."""

from collections.abc import Sequence

import pyoxigraph as ox

from app.namespaces import DCTERMS, FOAF, RDFS, SCHEMA, SH, SKOS
from app.rdf.terms import Term
from app.validation.languages import best
from app.validation.paths import Steps

_LABELS = (RDFS.label, SKOS.prefLabel, SH.name)
# What names a thing where it has no label; of a vocabulary, it would be the name of a file.
_TITLES = (DCTERMS.title, SCHEMA.name, ox.NamedNode("http://schema.org/name"), FOAF.name)


class Labels:
    """The labels in several graphs, such as shapes, data and vocabularies.

    `languages` are the reader's, the preferred first.
    """

    def __init__(self, graphs: Sequence[Steps], languages: Sequence[str]) -> None:
        self._graphs, self.languages = tuple(graphs), tuple(languages)
        self._known: dict[Term, str | None] = {}

    def of(self, term: Term) -> str | None:
        """Return what a term is called, None where no graph says so."""
        if isinstance(term, ox.Literal | ox.Triple):
            return None
        if term not in self._known:
            self._known[term] = self.text(term, *_LABELS) or self.text(term, *_TITLES)
        return self._known[term]

    def of_property(self, shape: Term | None, predicate: Term) -> str | None:
        """Return what a property is called by a shape, if there is one, or everywhere."""
        own = [] if shape is None else self._literals(shape, SH.name)
        return _line(best([*own, *self._literals(predicate, *_LABELS)], self.languages))

    def text(self, node: Term, *properties: ox.NamedNode) -> str | None:
        """Return the best of the texts that a node has by any of these properties."""
        return _line(best(self._literals(node, *properties), self.languages))

    def _literals(self, node: Term, *properties: ox.NamedNode) -> list[ox.Literal]:
        return [
            value
            for predicate in properties
            for graph in self._graphs
            for value in graph.objects(node, predicate)
            if isinstance(value, ox.Literal)
        ]


def _line(text: ox.Literal | None) -> str | None:
    return None if text is None else " ".join(visible(text.value).split()) or None


def visible(text: str) -> str:
    """Return a text without what would break or turn the line that it stands in."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text)
