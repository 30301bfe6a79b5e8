"""The columns of each class: the one place where they are worked out.

Columns are what shapes name of a class, what the ontology gives to it, and what its things use.
They stand in the release as `columns.json`, for its files and for whoever serves it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from app.exports import sqlite
from app.exports.fields import IRI, Field
from app.exports.tables import Type
from app.manifest import COLUMNS, DATASET
from app.namespaces import DLG, RDF, RDFS, XSD
from app.rdf.prefixes import PrefixMap
from app.release.columns.index import Kinds, SubjectIndex, index
from app.release.columns.schema import Named
from app.release.columns.short_names import short_names
from app.release.columns.usage import TYPES, PropertyUse, Usage, usage

# Names that a table of a class may not have: other files of tables and the database have them.
_RESERVED = frozenset({"evidence", "tables"}) | sqlite.RESERVED
_HEAD = frozenset({"iri", "label"})
SHAPE, DOMAIN, RULE, USE = "shape", "domain", "rule", "use"
# What a record's dates become: columns that its tables have beside the date, whatever is known.
_OF_DATES = {DLG.begins: Type.DATE, DLG.ends: Type.DATE, DLG.precision: Type.IRI}
Advance = Callable[[float], None]


@dataclass(frozen=True)
class ClassColumns:
    """The columns of a class, or of a kind: the things whose IRIs begin alike.

    `name` is that of its table, `size` how many things it has.
    """

    iri: str
    name: str
    label: Mapping[str, str]
    definition: Mapping[str, str]
    size: int
    fields: tuple[Field, ...]

    def to_json(self) -> dict[str, object]:
        """Return its members as `columns.json` has them."""
        return {
            "iri": self.iri,
            "table": self.name,
            "label": dict(self.label),
            "definition": dict(self.definition),
            "things": self.size,
            "columns": [one.to_json() for one in self.fields],
        }


@dataclass(frozen=True)
class ReleaseColumns:
    """What the tables of a release are made from: two readings of its dataset."""

    dataset: Path
    quads: int
    index: SubjectIndex
    usage: Usage
    classes: tuple[ClassColumns, ...]
    kinds: tuple[ClassColumns, ...]

    def columns(self, kind: ox.NamedNode) -> tuple[Field, ...]:
        """Return the columns of a class; none of one that has no things."""
        return next((one.fields for one in self.classes if one.iri == kind.value), ())

    def unnamed(self) -> Iterator[tuple[str, Field]]:
        """Yield the properties that things use and neither shape nor ontology knows of a class."""
        for one in self.classes:
            for column in one.fields:
                if column.named_by == (USE,):
                    yield one.iri, column

    def to_json(self) -> bytes:
        """Return `columns.json`."""
        members = {
            "classes": {one.iri: one.to_json() for one in self.classes},
            "kinds": {one.iri: one.to_json() for one in self.kinds},
        }
        return (json.dumps(members, ensure_ascii=False, indent=1) + "\n").encode()


def survey(
    folder: Path,
    base: str | None,
    prefixes: Mapping[str, str],
    order: Iterable[ox.NamedNode] = (),
    quads: int = 0,
    advance: Advance = lambda share: None,
) -> ReleaseColumns:
    """Return the columns of the dataset that lies in `folder` as sorted N-Quads.

    `base` begins the IRIs of a record; RDF of others has none. `order` are properties in the order
    in which people read them; others follow. `quads` is how many there are, for `advance`.
    """
    dataset = folder / DATASET
    things = f"{base}id/" if base else None
    indexed = index(dataset, things, lambda share: advance(share / 2), quads)
    made = _Columns(indexed, PrefixMap(prefixes), list(order))
    backwards = made.backwards()
    used = usage(dataset, indexed, backwards, lambda share: advance((1 + share) / 2), quads)
    classes, kinds = made.columns(used)
    return ReleaseColumns(dataset, quads, indexed, used, classes, kinds)


def reading_order() -> list[ox.NamedNode]:
    """Return properties in the order in which pages show them (`layout.rq`)."""
    query = (Path(__file__).parents[2] / "queries" / "layout.rq").read_text(encoding="utf-8")
    rows = ox.Store().query(query)
    if not isinstance(rows, ox.QuerySolutions):
        raise TypeError("layout.rq selects nothing")
    return [row["property"] for row in rows if isinstance(row["property"], ox.NamedNode)]


def write(survey: ReleaseColumns, folder: Path) -> None:
    """Write `columns.json` into the folder of a release."""
    (folder / COLUMNS).write_bytes(survey.to_json())


@dataclass
class _Set:
    """The things of a class or a kind, with what is used of them."""

    kinds: set[Kinds]
    size: int
    uses: dict[ox.NamedNode, PropertyUse]
    backwards: dict[ox.NamedNode, PropertyUse]


class _Columns:
    def __init__(self, index: SubjectIndex, prefixes: PrefixMap, order: list[ox.NamedNode]) -> None:
        self._index, self._prefixes = index, prefixes
        self._rank = {property: number for number, property in enumerate(order)}
        self._shapes = index.schema.shapes()
        self._domains = index.schema.domains()
        classes = index.schema.classes()
        names = short_names(classes, index.tables, _RESERVED, prefixes)
        index.table_names = {kind: names[kind] for kind in index.tables}

    def backwards(self) -> set[ox.NamedNode]:
        """Return the properties that shapes ask for against their direction."""
        return {
            named.property
            for _, _, shape in self._shapes
            for named in self._index.schema.named_by(shape)
            if named.inverse
        }

    def columns(self, used: Usage) -> tuple[tuple[ClassColumns, ...], tuple[ClassColumns, ...]]:
        """Return the columns of the classes, and those of the kinds."""
        classes = {kind.value: one for kind, one in self._sets(used, self._index.rows_in).items()}
        kinds: dict[str, _Set] = {}
        for group, number in used.things.items():
            if group[1]:
                self._add(kinds.setdefault(group[1], _Set(set(), 0, {}, {})), used, group, number)
        objects = used.objects()
        named = {
            name: self._known(one, objects) for name, one in (*classes.items(), *kinds.items())
        }
        properties = {key for known in named.values() for key in known}
        names = self._property_names(properties)
        made = {
            name: self._fields(one, named[name], names, used)
            for name, one in (*classes.items(), *kinds.items())
        }

        def one(iri: str, name: str, part: _Set) -> ClassColumns:
            label, definition = used.labels.get(iri, {}), used.definitions.get(iri, {})
            return ClassColumns(iri, name, label, definition, part.size, made[iri])

        return (
            tuple(
                one(kind.value, self._index.table_names[kind], classes[kind.value])
                for kind in self._index.tables
                if kind.value in classes
            ),
            tuple(one(kind, kind, kinds[kind]) for kind in sorted(kinds)),
        )

    def _sets(self, used: Usage, sets_of: Callable[[Kinds], Kinds]) -> dict[ox.NamedNode, _Set]:
        found: dict[ox.NamedNode, _Set] = {}
        for group, number in used.things.items():
            for kind in sets_of(group[0]):
                part = found.setdefault(kind, _Set(set(), 0, {}, {}))
                self._add(part, used, group, number)
        return found

    @staticmethod
    def _add(part: _Set, used: Usage, group: tuple[Kinds, str], number: int) -> None:
        part.kinds.add(group[0])
        part.size += number
        for mine, theirs in ((part.uses, used.uses), (part.backwards, used.backwards)):
            for property, use in theirs.get(group, {}).items():
                mine.setdefault(property, PropertyUse()).merge(use)

    def _known(
        self, part: _Set, objects: Mapping[ox.NamedNode, set[Kinds]]
    ) -> dict[tuple[ox.NamedNode, bool], dict[str, list[Named]]]:
        """Return the properties of a set, each with what knows of it."""
        schema = self._index.schema
        above = {one for kinds in part.kinds for kind in kinds for one in schema.above(kind)}
        known: dict[tuple[ox.NamedNode, bool], dict[str, list[Named]]]
        known = defaultdict(lambda: defaultdict(list))
        for predicate, target, shape in self._shapes:
            match predicate.value.rpartition("#")[2]:
                case "targetClass":
                    about = target in above
                case "targetSubjectsOf":
                    about = target in part.uses
                    if about:
                        known[target, False][SHAPE].append(Named(target))
                case _:
                    # What says how the values of a property are, names the property.
                    if target in part.uses:
                        known[target, False][SHAPE].append(Named(target))
                    about = not part.kinds.isdisjoint(objects.get(target, ()))
            if about:
                for named in schema.named_by(shape):
                    uses = part.backwards if named.inverse else part.uses
                    if not named.one_of or named.property in uses:
                        known[named.property, named.inverse][SHAPE].append(named)
        for kind in above:
            for property in self._domains.get(kind, ()):
                known[property, False][DOMAIN].append(Named(property))
        for property, use in part.uses.items():
            known[property, False][USE].append(Named(property))
            if use.derived:
                known[property, False][RULE].append(Named(property))
        # That a thing is of a class is what classes are, and needs no shape.
        known[RDF.type, False][SHAPE].append(Named(RDF.type))
        if self._index.things and (DLG.date, False) in known:
            for property in _OF_DATES.keys() - part.uses.keys():
                known[property, False][RULE].append(Named(property))
        return known

    def _fields(
        self,
        part: _Set,
        known: Mapping[tuple[ox.NamedNode, bool], Mapping[str, list[Named]]],
        names: Mapping[tuple[ox.NamedNode, bool], str],
        used: Usage,
    ) -> tuple[Field, ...]:
        # Where the dataset tells of days and precision itself, they are not worked out again.
        told = _OF_DATES.keys() if self._index.things else part.uses.keys()
        days = {DLG.begins, DLG.ends} <= told, DLG.precision in told

        def rank(key: tuple[ox.NamedNode, bool]) -> tuple[int, str, bool]:
            return self._rank.get(key[0], len(self._rank)), key[0].value, key[1]

        return tuple(
            self._field(
                key,
                names[key],
                known[key],
                (part.backwards if key[1] else part.uses).get(key[0], PropertyUse()),
                used,
                days if key[0] == DLG.date else (False, False),
            )
            for key in sorted(known, key=rank)
        )

    def _field(
        self,
        key: tuple[ox.NamedNode, bool],
        name: str,
        known: Mapping[str, list[Named]],
        use: PropertyUse,
        used: Usage,
        days: tuple[bool, bool],
    ) -> Field:
        property, inverse = key
        every = [named for group in known.values() for named in group]
        ranges = [] if inverse else self._index.schema.ranges(property)
        classes = {kind.value for named in every for kind in named.classes}
        classes |= {kind.value for kind in ranges if not _is_datatype(kind)}
        narrow = {n for kinds in use.kinds if (n := self._index.narrowest(kinds))}
        datatypes = {kind.value for named in every for kind in named.datatypes}
        datatypes |= {kind.value for kind in ranges if _is_datatype(kind)}
        type = use.type if use.things else _OF_DATES.get(property, _expected(classes, datatypes))
        own = {tag for named in every for tag in named.languages} or self._index.languages
        translated = RDF.langString in ranges or any(named.translated for named in every)
        return Field(
            property=property.value,
            name=name,
            inverse=inverse,
            label=used.labels.get(property.value, {}),
            definition=used.definitions.get(property.value, {}),
            type=type,
            terms=tuple(sorted(use.terms)),
            datatypes=tuple(sorted(use.datatypes if use.things else datatypes)),
            languages=_tags(use.languages | own if translated else use.languages),
            translated=translated,
            classes=tuple(sorted({kind.value for kind in narrow} if use.things else classes)),
            many=use.most_of_language > 1 if use.languages - {""} else use.most > 1,
            table=self._table(use),
            # That its values are things of a record is no matter of which have their names by now.
            labelled=use.labelled or bool(self._index.things and classes and type is Type.IRI),
            kinds=len(narrow) > 1,
            sources=use.sourced,
            empty=use.empty,
            bounded=days[0],
            precise=days[1],
            named_by=tuple(one for one in (SHAPE, DOMAIN, RULE, USE) if known.get(one)),
            used=use.things,
        )

    def _table(self, use: PropertyUse) -> str | None:
        """Return the smallest table that has a row for every value."""
        if use.terms != {IRI} or not use.kinds:
            return None
        inside = set.intersection(*(set(self._index.rows_in(kinds)) for kinds in use.kinds))
        names, sizes = self._index.table_names, self._index.tables
        best = min(inside, key=lambda kind: (sizes[kind], names[kind]), default=None)
        return None if best is None else names[best]

    def _property_names(
        self, properties: Iterable[tuple[ox.NamedNode, bool]]
    ) -> dict[tuple[ox.NamedNode, bool], str]:
        declared = {*self._index.schema.declared(), DLG.date, *_OF_DATES}
        used = {property for property, _ in properties}
        names = short_names(declared, used, _HEAD, self._prefixes)
        return {
            (property, inverse): f"is_{names[property]}_of" if inverse else names[property]
            for property, inverse in properties
        }


def _tags(languages: set[str]) -> tuple[str, ...]:
    """Return languages in order; none where all texts are without one."""
    return tuple(sorted(languages)) if any(languages) else ()


def _is_datatype(kind: ox.NamedNode) -> bool:
    value = kind.value
    return value in TYPES or value.startswith(str(XSD)) or kind in (RDF.langString, RDFS.Literal)


def _expected(classes: set[str], datatypes: set[str]) -> Type:
    """Return the type of what nothing uses yet, by what shapes and ranges say."""
    types = {TYPES.get(datatype, Type.STRING) for datatype in datatypes}
    if classes and not types:
        return Type.IRI
    return types.pop() if len(types) == 1 else Type.STRING
