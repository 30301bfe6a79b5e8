"""What a page says in the words of schema.org, for those who read nothing else.

Which term stands for which is said by the alignments of the ontology; here is none.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox
from markupsafe import Markup

from app.catalog.graph import Properties, ReleasedGraph
from app.namespaces import EDTF, RDF, SCHEMA, XSD
from app.rdf.datatypes import why_invalid
from app.rdf.terms import lexical, node

CONTEXT = "https://schema.org"
# Members whose values the context of schema.org reads as IRIs, and search engines as addresses.
_ADDRESSES = frozenset({"contentUrl", "license", "sameAs", "url"})
# What begins the IRI of a media type, whose name is what schema.org wants (RFC 6838).
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_PERIOD = frozenset({"@id", "startDate", "endDate"})
_NUMBERS: Mapping[str, Callable[[str], int | float]] = {
    XSD.integer.value: int,
    XSD.decimal.value: float,
    XSD.double.value: float,
}
Name = Callable[[ox.NamedNode], ox.Literal | None]
Object = dict[str, object]


@dataclass(frozen=True)
class SchemaOrg:
    """The terms of schema.org that stand for those of the vocabularies.

    `terms` are names of schema.org by the term that they stand for, `classes` those of the values
    of a property. `parts` are what a dataset refers to, with what is held of each: all, or what it
    is where it has a page of its own.
    """

    terms: Mapping[ox.NamedNode, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[ox.NamedNode, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[ox.NamedNode, Properties] = field(default_factory=dict)

    @classmethod
    async def read(cls, graph: ReleasedGraph, dataset: ox.NamedNode) -> "SchemaOrg":
        """Return what the alignments of a release say, and what its dataset refers to."""
        terms: dict[ox.NamedNode, dict[str, None]] = {}
        classes: dict[ox.NamedNode, dict[str, None]] = {}
        parts: dict[ox.NamedNode, Properties] = {}
        rows = await graph.ask("schema_org", dataset=dataset, things=ox.Literal(graph.things))
        for row in rows:
            term = node(row.get("term"))
            for found, name in ((terms, "standard"), (classes, "value")):
                if term and name in row:
                    short = lexical(row[name]).removeprefix(str(SCHEMA))
                    found.setdefault(term, {})[short] = None
            if (part := node(row.get("part"))) and (property := node(row["property"])):
                parts.setdefault(part, {}).setdefault(property, []).append(row["held"])
        return cls(
            {term: tuple(names) for term, names in terms.items()},
            {term: tuple(names) for term, names in classes.items()},
            parts,
        )

    def describe(self, subject: ox.NamedNode, properties: Properties, name: Name) -> Object | None:
        """Return a thing as an object of JSON-LD, or None where schema.org has no class for it.

        `properties` are what we hold of it; `name` names what it refers to. What is a part of a
        dataset is told in its place. Members with several values are lists. A day that no source
        gives, but the bound of a month or a year, is written as that month or year, as the end of
        which nothing is said.
        """
        if not self.kinds(properties):
            return None
        return {"@context": CONTEXT} | self._object(subject, properties, name, self.parts)

    def kinds(self, properties: Properties) -> list[str]:
        """Return the classes of schema.org for a thing of which this is held."""
        return _unique(
            kind
            for term in map(node, properties.get(RDF.type, ()))
            if term
            for kind in self._standards(term)
        )

    def references(self, properties: Properties) -> list[ox.NamedNode]:
        """Return what a thing of which this is held refers to in the words of schema.org."""
        found = {
            value: None
            for property, values in properties.items()
            if property != RDF.type and not _ADDRESSES.issuperset(self._standards(property))
            for value in values
            if isinstance(value, ox.NamedNode) and value not in self.terms
        }
        return list(found)

    def _standards(self, term: ox.NamedNode) -> tuple[str, ...]:
        """Return the terms of schema.org for a term, which may be one of them."""
        if term.value.startswith(str(SCHEMA)):
            return (term.value.removeprefix(str(SCHEMA)),)
        return self.terms.get(term, ())

    def _object(
        self,
        subject: ox.NamedNode,
        properties: Properties,
        name: Name,
        parts: Mapping[ox.NamedNode, Properties],
    ) -> Object:
        members: dict[str, list[object]] = {}
        dates = _dates(properties)
        for property, values in sorted(properties.items(), key=lambda item: item[0].value):
            for standard in self._standards(property) if property != RDF.type else ():
                for value in sorted(values, key=str):
                    if isinstance(value, ox.Literal):
                        shown = _literal(value, dates)
                    elif isinstance(value, ox.NamedNode):
                        shown = _address(standard, value) or self._value(
                            property, value, name, parts
                        )
                    else:
                        continue
                    if shown is not None and shown not in members.setdefault(standard, []):
                        members[standard].append(shown)
        kinds = self.kinds(properties)
        thing: Object = {"@type": _one_or_all(kinds)} if kinds else {}
        thing["@id"] = subject.value
        return thing | {k: _one_or_all(values) for k, values in sorted(members.items()) if values}

    def _value(
        self,
        property: ox.NamedNode,
        value: ox.NamedNode,
        name: Name,
        parts: Mapping[ox.NamedNode, Properties],
    ) -> object:
        if standard := self.terms.get(value):
            return {"@id": str(SCHEMA) + standard[0]}
        thing = self._object(value, parts.get(value, {}), name, {})
        if len(thing) > 1 and _PERIOD.issuperset(thing):
            return _interval(thing)
        if "@type" not in thing and (kinds := self.classes.get(property)):
            thing["@type"] = _one_or_all(list(kinds))
        if "name" not in thing and (label := name(value)):
            thing["name"] = _literal(label, [])
        return thing


def script(thing: Object | None) -> Markup:
    """Return an object as the content of a script element, which nothing in it can end."""
    text = json.dumps(thing, ensure_ascii=False, indent=1) if thing else ""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704


def _address(standard: str, value: ox.NamedNode) -> str | None:
    """Return an IRI as text where schema.org wants an address or the name of a media type."""
    if standard == "encodingFormat" and value.value.startswith(_MEDIA_TYPES):
        return value.value.removeprefix(_MEDIA_TYPES)
    return value.value if standard in _ADDRESSES else None


def _interval(period: Object) -> str:
    """Return a period as text: schema.org has no class for it, but takes intervals of ISO 8601.

    A side that is not given is open, as it is in DCAT.
    """
    return f"{period.get('startDate', '..')}/{period.get('endDate', '..')}"


def _literal(value: ox.Literal, dates: list[str]) -> object | None:
    if value.language:
        return {"@language": value.language, "@value": value.value}
    datatype = value.datatype.value
    if datatype in _NUMBERS:
        return _number(value, _NUMBERS[datatype])
    if value.datatype == XSD.boolean:
        return value.value in ("true", "1")
    return _day(value.value, dates) if value.datatype == XSD.date else value.value


def _number(value: ox.Literal, read: Callable[[str], int | float]) -> int | float | str:
    """Return a number; as text what is none, for which JSON has no word, or is too long to read."""
    if why_invalid(value):
        return value.value
    try:
        number = read(value.value)
    except ValueError:
        return value.value
    # Any integer is a number of JSON.
    return number if isinstance(number, int) or math.isfinite(number) else value.value


def _day(day: str, dates: list[str]) -> str | None:
    """Return a day that a date gives, or the month or year that begins on it; else nothing."""
    sides = [side.rstrip("~?%") for date in dates for side in date.split("/")]
    if not sides or day in sides:
        return day
    begun = [side for side in sides if day == side + "-01-01"[len(side) - 10 :]]
    return max(begun, key=len) if begun else None


def _dates(properties: Properties) -> list[str]:
    return [
        value.value
        for values in properties.values()
        for value in values
        if isinstance(value, ox.Literal) and value.datatype == EDTF
    ]


def _unique(values: Iterable[str]) -> list[str]:
    return [value for value, _ in groupby(sorted(values))]


def _one_or_all(values: list[object] | list[str]) -> object:
    return values[0] if len(values) == 1 else values
