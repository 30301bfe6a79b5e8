"""Lists of things: in order, a screenful at a time, and as a tree where they hang together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph, Row
from app.catalog.labels import best
from app.rdf.terms import Term, lexical, node

T = TypeVar("T")
FULL = 500


@dataclass
class Item:
    """One thing of a list; `begins` and `ends` are ISO days, `below` what hangs under it."""

    thing: ox.NamedNode
    key: str
    begins: str | None = None
    ends: str | None = None
    place: ox.NamedNode | None = None
    parent: ox.NamedNode | None = None
    words: ox.Literal | None = None
    below: list["Item"] = field(default_factory=list)

    def terms(self) -> Iterable[Term]:
        """Yield the terms that the list shows by their names."""
        yield self.thing
        if self.place:
            yield self.place


@dataclass
class List:
    """The beginning of a list; `more` is the key that the rest lies behind, None if all is here."""

    items: list[Item]
    more: str | None


def listed(rows: Sequence[Row]) -> List:
    """Return the items that the rows of `list.rq` stand for."""
    items = [
        Item(
            thing,
            lexical(row["key"]),
            *days_of(row),
            place=node(row.get("place")),
            parent=node(row.get("parent")),
            words=words if isinstance(words := row.get("words"), ox.Literal) else None,
        )
        for row in rows
        if (thing := node(row.get("thing")))
    ]
    items, last = page_of(items, FULL)
    return List(items, last.key if last else None)


def days_of(row: Row) -> tuple[str | None, str | None]:
    """Return the days on which a thing begins and ends, from a row that tells them."""
    begins, ends = lexical(row.get("begins")), lexical(row.get("ends"))
    return begins or None, ends or None


def page_of(rows: Sequence[T], size: int) -> tuple[list[T], T | None]:
    """Return at most `size` rows, and the last of them where more were asked for and came.

    A query asks for one row more than a page shows: that one tells that there are more.
    """
    shown = list(rows[:size])
    return shown, shown[-1] if len(rows) > size else None


async def kinds(graph: ReleasedGraph) -> list[tuple[str, int]]:
    """Return the kinds of things, each with how many there are; what has none is in no list."""
    rows = await graph.ask("kinds", root=ox.Literal(graph.things))
    counted = ((lexical(row.get("kind")), int(lexical(row["count"]))) for row in rows)
    return [(kind, count) for kind, count in counted if kind]


async def definitions(
    graph: ReleasedGraph, counted: Iterable[tuple[str, int]]
) -> dict[str, ox.Literal]:
    """Return what each of these kinds is, as the vocabulary defines the class of its things.

    That is the narrowest of which all of them are; a kind whose things have no class in common that
    is defined is left out.
    """
    rows = await graph.ask("kind_classes", root=ox.Literal(graph.things))
    totals: dict[Term, int] = {}
    common: dict[str, list[tuple[ox.NamedNode, int]]] = {}
    sizes = dict(counted)
    for row in rows:
        kind, number = lexical(row.get("kind")), int(lexical(row["count"]))
        if thing := node(row["class"]):
            totals[thing] = totals.get(thing, 0) + number
            if number == sizes.get(kind):
                common.setdefault(kind, []).append((thing, int(lexical(row["direct"]))))
    # Of classes with the same things, the one that they are said to be is the narrower.
    classes = {
        kind: min(found, key=lambda one: (totals[one[0]], -one[1], one[0].value))[0]
        for kind, found in common.items()
    }
    texts: dict[Term, list[ox.Literal]] = {}
    for row in await graph.ask("definitions", thing=classes.values()) if classes else ():
        if isinstance(text := row["definition"], ox.Literal):
            texts.setdefault(row["thing"], []).append(text)
    return {kind: best(texts[thing]) for kind, thing in classes.items() if thing in texts}


def nested(found: List) -> list[Item] | None:
    """Return the roots of the tree that the items make, or None if none hangs under another.

    What would hang under itself stays at the top, so that a circle hides nothing.
    """
    by_thing = {item.thing: item for item in found.items}
    roots: list[Item] = []
    for item in found.items:
        above = by_thing.get(item.parent) if item.parent else None
        if above is None or _hangs_under(above, item, by_thing):
            roots.append(item)
        else:
            above.below.append(item)
    return roots if len(roots) < len(found.items) else None


def _hangs_under(item: Item, other: Item, by_thing: dict[ox.NamedNode, Item]) -> bool:
    seen: set[ox.NamedNode] = set()
    at: Item | None = item
    while at is not None and at.thing not in seen:
        if at is other:
            return True
        seen.add(at.thing)
        at = by_thing.get(at.parent) if at.parent else None
    return False
