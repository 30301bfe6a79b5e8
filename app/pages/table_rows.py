"""The rows of a list, as the tables of the release have them, asked for many things at once.

Columns stand in the release (`columns.json`); cells are made as those of its files are.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph
from app.catalog.labels import Label
from app.catalog.listing import List
from app.exports import names
from app.exports.cells import joiner
from app.exports.fields import Field, Part, columns_of, head_and
from app.exports.tables import Column, Row
from app.manifest import COLUMNS
from app.pages.selection import Selection, pages
from app.rdf.terms import Term, node

_AT_ONCE = 250
_Values = dict[tuple[str, str, bool], list[Term]]


@dataclass(frozen=True)
class TableColumns:
    """The columns of each kind of things, and of each class its short name and its size."""

    kinds: Mapping[str, tuple[Field, ...]]
    classes: Mapping[str, tuple[str, int]]

    def of(self, kind: str) -> tuple[Part, ...]:
        """Return the columns of the things of a kind; none where the release tells of none."""
        return tuple(columns_of(self.kinds.get(kind, ())))

    def narrowest(self, kinds: Iterable[str]) -> str | None:
        """Return the short name of the class that has the fewest things."""
        known = [(self.classes[iri][1], iri) for iri in kinds if iri in self.classes]
        return self.classes[min(known)[1]][0] if known else None


def read_columns(folder: Path) -> TableColumns:
    """Return the columns that a release has; of one that tells of none, or not as we do, none."""
    try:
        members = json.loads((folder / COLUMNS).read_text(encoding="utf-8"))
        kinds = {
            kind: tuple(Field.from_json(one) for one in described["columns"])
            for kind, described in members["kinds"].items()
        }
        classes = {
            iri: (str(described["table"]), int(described["things"]))
            for iri, described in members["classes"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return TableColumns({}, {})
    return TableColumns(kinds, classes)


def head(columns: TableColumns, kind: str) -> tuple[Column, ...]:
    """Return the columns of the table of a kind."""
    return head_and(columns.of(kind))


async def rows(
    graph: ReleasedGraph, columns: TableColumns, selection: Selection, first: List
) -> AsyncIterator[Row]:
    """Yield the rows of all things of a list, in the order of its pages; `first` is the first.

    Raises Rejected where the engine refuses.
    """
    parts = columns.of(selection.kind)
    async for page in pages(graph, selection, first):
        for some in _batched([item.thing for item in page.items]):
            for row in await _rows(graph, columns, parts, some):
                yield row


def _batched(things: Sequence[ox.NamedNode]) -> Iterable[Sequence[ox.NamedNode]]:
    return (things[at : at + _AT_ONCE] for at in range(0, len(things), _AT_ONCE))


async def _rows(
    graph: ReleasedGraph,
    columns: TableColumns,
    parts: Sequence[Part],
    things: Sequence[ox.NamedNode],
) -> list[Row]:
    fields = {(part.field.property, part.field.inverse): part.field for part in parts}
    values = await _values(graph, things, fields)
    sources: dict[tuple[str, str], set[str]] = defaultdict(set)
    if any(field.sources for field in fields.values()):
        for told in await graph.ask("table_sources", thing=things):
            about = _text(told["thing"]), _text(told["property"])
            sources[about].add(_text(told["source"]))
    shown = [
        value
        for (_, property, inverse), several in values.items()
        if (field := fields.get((property, inverse))) and (field.labelled or field.kinds)
        for value in several
    ]
    known = await _Names.of(graph, columns, [*things, *shown])
    joiners = [(part.field, joiner(part, known)) for part in parts]
    made: list[Row] = []
    for thing in things:
        cells = [thing.value, known.label(thing.value)]
        for field, join in joiners:
            key = thing.value, field.property, field.inverse
            count = len(sources.get((thing.value, field.property), ())) if field.sources else 0
            cells.append(join(values.get(key, ()), count))
        made.append(cells)
    return made


async def _values(
    graph: ReleasedGraph,
    things: Sequence[ox.NamedNode],
    fields: Mapping[tuple[str, bool], Field],
) -> _Values:
    """Return the values of things, in the order that the lines of the dataset have."""
    values: _Values = defaultdict(list)
    for row in await graph.ask("table_values", thing=things):
        values[_text(row["thing"]), _text(row["property"]), False].append(row["value"])
    backwards = [ox.NamedNode(property) for property, inverse in fields if inverse]
    if backwards:
        for row in await graph.ask("table_backwards", thing=things, property=backwards):
            values[_text(row["thing"]), _text(row["property"]), True].append(row["value"])
    for several in values.values():
        several.sort(key=str)
    return values


class _Names:
    """The names and the classes of the things that some rows tell of."""

    def __init__(self, labels: dict[str, str], kinds: dict[str, str]) -> None:
        self._labels, self._kinds = labels, kinds

    @classmethod
    async def of(
        cls, graph: ReleasedGraph, columns: TableColumns, terms: Iterable[Term]
    ) -> "_Names":
        """Return those of all these terms that are things."""
        things = list(dict.fromkeys(term for term in terms if isinstance(term, ox.NamedNode)))
        labels: dict[str, str] = {}
        kinds: dict[str, list[str]] = defaultdict(list)
        for thing, own in (await graph.names(things)).items():
            # A name that we put together is no fact, and no file has it.
            if (name := _own_name(own)) is not None:
                labels[thing.value] = name
        for some in _batched(things):
            for row in await graph.ask("table_kinds", thing=some):
                if kind := node(row.get("class")):
                    kinds[_text(row["thing"])].append(kind.value)
        narrow = {thing: columns.narrowest(several) for thing, several in kinds.items()}
        return cls(labels, {thing: name for thing, name in narrow.items() if name})

    def label(self, iri: str) -> str | None:
        """Return what a thing is called."""
        return self._labels.get(iri)

    def kind(self, iri: str) -> str | None:
        """Return the short name of the class of a thing."""
        return self._kinds.get(iri)


def _own_name(labels: Iterable[Label]) -> str | None:
    by_property: dict[ox.NamedNode | None, list[ox.Literal]] = defaultdict(list)
    for one in labels:
        by_property[one.property].append(one.text)
    return names.best(lambda property: by_property.get(property, ()))


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
