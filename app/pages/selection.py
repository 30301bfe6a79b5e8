"""The things that a list has: those of a kind, or those of them that belong to something."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated

import pyoxigraph as ox
from fastapi import Query

from app.catalog.belongings import belongings, named
from app.catalog.graph import ReleasedGraph
from app.catalog.listing import List, listed
from app.errors import not_found

OF = "of"
"""The parameter that names a thing: a list has what belongs to it."""
Of = Annotated[
    str | None,
    Query(description="Only what belongs to this thing, by its kind and name"),
]


@dataclass(frozen=True)
class Selection:
    """The things of a kind; with `of` those alone that belong to a thing, by its kind and name.

    That thing is `whole`, and `among` are the things that belong to it.
    """

    kind: str
    of: str | None = None
    whole: ox.NamedNode | None = None
    among: tuple[ox.NamedNode, ...] = ()


async def select(graph: ReleasedGraph, kind: str, of: str | None) -> Selection:
    """Return the things of a kind that belong to the one that `of` names, or all for None.

    Raises Rejected (404) where there is no such thing.
    """
    if of is None:
        return Selection(kind)
    whole = await named(graph, of)
    return Selection(kind, of, whole, tuple(await belongings(graph, whole, kind)))


async def page_of_list(graph: ReleasedGraph, selection: Selection, after: str = "") -> List:
    """Return the things of a list behind the key `after`. Raises Rejected (404) for no such kind.

    The one place where it is said what a list has, for its page as for its other formats. Of a kind
    that there is, nothing may belong to a thing: that list is empty.
    """
    root = ox.Literal(f"{graph.things}{selection.kind}/")
    terms = {} if selection.whole is None else {"thing": selection.among}
    page = listed(await graph.ask("list", root=root, after=ox.Literal(after), **terms))
    if not page.items and not after:
        if selection.whole is None:
            raise not_found("There is no such kind of thing.")
        await page_of_list(graph, Selection(selection.kind))
    return page


async def pages(graph: ReleasedGraph, selection: Selection, first: List) -> AsyncIterator[List]:
    """Yield the pages of a list, of which `first` is known already."""
    page = first
    yield page
    while page.more is not None:
        shown = {item.thing for item in page.items}
        left = tuple(thing for thing in selection.among if thing not in shown)
        selection = replace(selection, among=left)
        page = await page_of_list(graph, selection, page.more)
        yield page


def file_name(kind: str, of: str | None) -> str:
    """Return what a file of the things of a list is called."""
    return f"{kind}-{of.replace('/', '-')}" if of else kind
