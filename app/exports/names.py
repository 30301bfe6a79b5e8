"""What a thing is called where it has several names: one rule for files and pages of tables."""

from collections.abc import Callable, Iterable

import pyoxigraph as ox

from app.namespaces import DCTERMS, FOAF, RDFS, SCHEMA, SH, SKOS
from app.rdf.terms import english_first

PROPERTIES = (
    SKOS.prefLabel,
    RDFS.label,
    DCTERMS.title,
    SCHEMA.name,
    FOAF.name,
    SH.name,
)
"""What names a thing, the best first."""


def best(names: Callable[[ox.NamedNode], Iterable[object]]) -> str | None:
    """Return the name of a thing; `names` gives what it has by a property.

    Of the best property, the English one; else one without a language, else any.
    """
    for property in PROPERTIES:
        literals = [name for name in names(property) if isinstance(name, ox.Literal)]
        if literals:
            return choose(literals)
    return None


def choose(texts: Iterable[ox.Literal]) -> str | None:
    """Return the English one of some texts; else one without a language, else any."""
    chosen = min(texts, key=lambda text: (english_first(text), text.value), default=None)
    return None if chosen is None else chosen.value
