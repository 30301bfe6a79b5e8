"""What belongs to a thing: to a framework, a state, a place, a topic, a meeting …

By which properties something belongs to another says `belongings.rq`, and nothing else.
"""

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph
from app.catalog.listing import page_of
from app.errors import Rejected, not_found, parameters_wrong
from app.manifest import kind_of
from app.rdf.terms import node

MOST = 100_000
"""How many things are looked for at most."""


async def named(graph: ReleasedGraph, name: str) -> ox.NamedNode:
    """Return the thing that has this kind and name (`framework/5plus5`), or has it no longer.

    Raises Rejected (404) where the record has none.
    """
    try:
        thing = ox.NamedNode(graph.things + name)
    except ValueError:
        raise _unknown(name) from None
    known = await graph.known([thing])
    if thing not in known:
        raise _unknown(name)
    return known[thing] or thing


async def belongings(
    graph: ReleasedGraph, whole: ox.NamedNode, kind: str = ""
) -> list[ox.NamedNode]:
    """Return the things of a kind, or of every kind, that belong to `whole`.

    Raises Rejected (400) where these are more than MOST: a part would read as all of them.
    """
    things, complete = await _first(graph, whole, kind)
    if not complete:
        raise parameters_wrong(
            f"More than {MOST:,} things belong to the one that “of” names: take the whole list."
        )
    return things


async def by_kind(
    graph: ReleasedGraph, whole: ox.NamedNode
) -> Mapping[str, Sequence[ox.NamedNode]]:
    """Return what belongs to `whole` by kinds, in their order; nothing if it is more than MOST."""
    things, complete = await _first(graph, whole, "")
    kinds: dict[str, list[ox.NamedNode]] = {}
    for thing in things if complete else ():
        if kind := kind_of(thing.value, graph.things):
            kinds.setdefault(kind, []).append(thing)
    return {kind: kinds[kind] for kind in sorted(kinds)}


async def _first(
    graph: ReleasedGraph, whole: ox.NamedNode, kind: str
) -> tuple[list[ox.NamedNode], bool]:
    """Return at most MOST things of a kind that belong to `whole`, and whether these are all."""
    root = ox.Literal(f"{graph.things}{kind}/" if kind else graph.things)
    rows, last = page_of(await graph.ask("belongings", whole=[whole], root=root), MOST)
    return [thing for row in rows if (thing := node(row["thing"]))], last is None


def _unknown(name: str) -> Rejected:
    return not_found(f"“of” names a thing by its kind and name, and there is no “{name}”.")
