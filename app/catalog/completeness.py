"""How much of its lists a thing is known to have: the whole, a part, or nothing.

Which property says it, and of which list, is a statement of the ontology; so a record may have
lists of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph, Row
from app.namespaces import DLG
from app.rdf.datatypes import whole_number
from app.rdf.terms import Term, lexical, node

STATES = DLG.wholeList, DLG.partialList, DLG.unknownList
"""What can be known of a list, the most first."""


@dataclass(frozen=True)
class Completeness:
    """How much is known of one list of a thing.

    `list` says it; what is listed are the values of `property`, or with `inverse` the things that
    lead to the thing by it, and of these the instances of `only` where there is one. `known` counts
    those that are held, `stated` is what a source counts.
    """

    list: ox.NamedNode
    property: ox.NamedNode
    inverse: bool
    only: ox.NamedNode | None
    state: ox.NamedNode
    known: int
    stated: int | None

    def terms(self) -> Iterable[Term]:
        """Yield the terms that are shown by their names."""
        yield from (self.list, self.property, self.state)
        if self.only:
            yield self.only


Lists = Mapping[ox.NamedNode, Sequence[Completeness]]
"""The lists of things, by the thing."""


async def completeness(graph: ReleasedGraph, things: Iterable[ox.NamedNode]) -> Lists:
    """Return how much is known of the lists of these things; those without a list are left out."""
    found: dict[ox.NamedNode, list[Completeness]] = {}
    for row in await graph.ask("lists", subject=things):
        if (subject := node(row["subject"])) and (one := _of_row(row)):
            found.setdefault(subject, []).append(one)
    return found


def _of_row(row: Row) -> Completeness | None:
    listing, property, state = (node(row[name]) for name in ("list", "property", "state"))
    if listing is None or property is None or state is None:
        return None
    return Completeness(
        list=listing,
        property=property,
        inverse=lexical(row["inverse"]) == "true",
        only=node(row.get("only")),
        state=state,
        known=int(lexical(row["known"])),
        stated=whole_number(row.get("stated")),
    )


@dataclass(frozen=True)
class ListTotals:
    """Of which things how much of one list is known, by its state."""

    list: ox.NamedNode
    things: Mapping[ox.NamedNode, Sequence[ox.NamedNode]]

    @property
    def total(self) -> int:
        """How many things have the list."""
        return sum(map(len, self.things.values()))


def totals(rows: Iterable[Row]) -> list[ListTotals]:
    """Return the totals of each list, from the rows of `coverage_list_totals.rq`."""
    found: dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode]]] = {}
    for row in rows:
        listing, state, thing = (node(row[name]) for name in ("list", "state", "thing"))
        if listing and state and thing:
            found.setdefault(listing, {}).setdefault(state, []).append(thing)
    order = {state: rank for rank, state in enumerate(STATES)}
    return [
        ListTotals(
            listing,
            dict(sorted(things.items(), key=lambda item: order.get(item[0], len(order)))),
        )
        for listing, things in found.items()
    ]
