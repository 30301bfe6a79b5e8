"""How the things of each class use each property: the second reading of a dataset."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from app.exports.cells import sort_of, tag
from app.exports.fields import IRI, LITERAL
from app.exports.tables import Type, fits, value_of
from app.manifest import kind_of
from app.namespaces import EDTF, RDFS, SH, SKOS, XSD
from app.rdf.terms import Term
from app.release.columns.index import Kinds, SubjectIndex
from app.release.columns.subjects import Subject, subjects

_INTEGERS = (
    "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort",
    "unsignedByte",
)  # fmt: skip
TYPES = {
    **{XSD[name].value: Type.INTEGER for name in _INTEGERS},
    XSD.decimal.value: Type.DECIMAL,
    XSD.double.value: Type.DOUBLE,
    XSD.float.value: Type.DOUBLE,
    XSD.boolean.value: Type.BOOLEAN,
    XSD.date.value: Type.DATE,
    EDTF.value: Type.EDTF,
    XSD.gYear.value: Type.EDTF,
    XSD.gYearMonth.value: Type.EDTF,
}
"""The type of a column whose literals all have a datatype."""
_LABELS = RDFS.label, SKOS.prefLabel, SH.name
_DEFINITIONS = SKOS.definition, RDFS.comment, SKOS.scopeNote


@dataclass
class PropertyUse:
    """How things use a property: how many do, how often at most, with which values.

    It is `derived` where rules have concluded every value, `empty` where one is a text of no
    characters, `alike` where a thing has values that are written differently and are equal as
    their type has them.
    """

    things: int = 0
    most: int = 0
    most_of_language: int = 0
    terms: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    datatypes: set[str] = field(default_factory=set)
    kinds: set[Kinds] = field(default_factory=set)
    misfits: set[str] = field(default_factory=set)
    labelled: bool = False
    sourced: bool = False
    derived: bool = True
    empty: bool = False
    alike: bool = False

    def merge(self, other: "PropertyUse") -> None:
        """Take what is known of other things."""
        self.things += other.things
        self.most = max(self.most, other.most)
        self.most_of_language = max(self.most_of_language, other.most_of_language)
        for name in ("terms", "languages", "datatypes", "kinds", "misfits"):
            getattr(self, name).update(getattr(other, name))
        self.labelled = self.labelled or other.labelled
        self.sourced = self.sourced or other.sourced
        self.derived = self.derived and other.derived
        self.empty = self.empty or other.empty
        self.alike = self.alike or other.alike

    def take(self, values: list[Term], index: SubjectIndex) -> None:
        """Take the values that one thing has."""
        self.things += 1
        self.most = max(self.most, len(values))
        tags: dict[str, int] = defaultdict(int)
        numbers: list[object] = []
        for value in values:
            sort = sort_of(value)
            self.terms.add(sort)
            if sort == LITERAL and isinstance(value, ox.Literal):
                tags[tag(value)] += 1
                datatype = value.datatype.value
                self.datatypes.add(datatype)
                self.empty = self.empty or not value.value
                if type := TYPES.get(datatype):
                    if fits(value.value, type):
                        numbers.append(value_of(value.value, type))
                    else:
                        self.misfits.add(datatype)
            elif isinstance(value, ox.NamedNode):
                name = value.value
                self.kinds.add(index.kinds(name))
                if not self.labelled:
                    self.labelled = index.label(name) is not None
            else:
                self.kinds.add(())
        if tags:
            self.languages.update(tags)
            self.most_of_language = max(self.most_of_language, *tags.values())
        self.alike = self.alike or len(set(numbers)) < len(numbers)

    @property
    def type(self) -> Type:
        """The type that all values fit."""
        if self.terms == {IRI}:
            return Type.IRI
        # As numbers, 007 and 7 would be one value of a thing that has two.
        if self.terms != {LITERAL} or self.misfits or self.alike:
            return Type.STRING
        types = {TYPES.get(datatype, Type.STRING) for datatype in self.datatypes}
        if types == {Type.EDTF, Type.DATE}:
            return Type.EDTF
        return types.pop() if len(types) == 1 else Type.STRING


ByGroup = dict[tuple[Kinds, str], dict[ox.NamedNode, PropertyUse]]
"""How things use properties, by their classes and their kind."""


@dataclass
class Usage:
    """How the things of the same classes and the same kind use each property.

    `inverse` has, for each property that is asked for backwards, the subjects by object. `words`
    are the labels and definitions of properties by language. `objects` are the classes of what a
    property leads to.
    """

    uses: ByGroup = field(default_factory=dict)
    things: dict[tuple[Kinds, str], int] = field(default_factory=lambda: defaultdict(int))
    inverse: dict[ox.NamedNode, dict[str, list[Term]]] = field(default_factory=dict)
    backwards: dict[tuple[Kinds, str], dict[ox.NamedNode, PropertyUse]] = field(
        default_factory=dict
    )
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    definitions: dict[str, dict[str, str]] = field(default_factory=dict)

    def objects(self) -> dict[ox.NamedNode, set[Kinds]]:
        """Return the classes of the values of each property."""
        found: dict[ox.NamedNode, set[Kinds]] = defaultdict(set)
        for uses in self.uses.values():
            for property, use in uses.items():
                found[property] |= use.kinds
        return found


def usage(
    dataset: Path,
    index: SubjectIndex,
    inverse: Iterable[ox.NamedNode],
    advance: Callable[[float], None],
    total: int,
) -> Usage:
    """Return how properties are used; `inverse` are those that are asked for backwards too."""
    found = Usage(inverse={property: {} for property in inverse})
    for subject in subjects(dataset, advance, total):
        name = subject.name
        if name in index.properties or any(name == p.value for p in found.inverse):
            _take_words(found, name, subject)
        for property, by_object in found.inverse.items():
            for value in subject.held.get(property, ()):
                if isinstance(value, ox.NamedNode):
                    by_object.setdefault(value.value, []).append(subject.term)
        kinds = index.kinds(name)
        if not index.rows_in(kinds):
            continue
        group = kinds, kind_of(name, index.things)
        found.things[group] += 1
        uses = found.uses.setdefault(group, {})
        for property, values in subject.held.items():
            use = uses.setdefault(property, PropertyUse())
            use.take(values, index)
            if not subject.graphs:
                use.derived = False
                continue
            use.derived = use.derived and all(
                index.is_derived(subject.graphs.get((property, value), ())) for value in values
            )
            if not use.sourced:
                use.sourced = any(
                    index.evidence(subject.graphs.get((property, value), ())) for value in values
                )
    for property, by_object in found.inverse.items():
        for name, values in by_object.items():
            kinds = index.kinds(name)
            if index.rows_in(kinds):
                group = kinds, kind_of(name, index.things)
                uses = found.backwards.setdefault(group, {})
                uses.setdefault(property, PropertyUse()).take(values, index)
    return found


def _take_words(usage: Usage, name: str, subject: Subject) -> None:
    for properties, table in ((_LABELS, usage.labels), (_DEFINITIONS, usage.definitions)):
        for property in properties:
            texts = [v for v in subject.held.get(property, ()) if isinstance(v, ox.Literal)]
            if texts and name not in table:
                table[name] = {text.language or "": text.value for text in texts}
