"""What is named, described or quoted with all the words of a text."""

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.graph import ReleasedGraph
from app.catalog.listing import page_of
from app.pages.renderer import Renderer, as_json, page_answers
from app.rdf.formats import JSON
from app.rdf.terms import node

_WORDS = 5
_LONGEST = 200
FULL = 300


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the search."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    @routes.get(
        "/search",
        summary="What is named, described or quoted so",
        responses=page_answers(),
    )
    @routes.get("/search.json", include_in_schema=False)
    async def search(request: Request, q: str = "") -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, q, media)

        return await renderer.answer(request, write, "search", q)

    return routes


async def page(renderer: Renderer, graph: ReleasedGraph, text: str, media: str) -> str:
    """Return what has all the words of a text."""
    sought = text[:_LONGEST].lower().split()[:_WORDS]
    found: dict[ox.NamedNode, ox.Literal] = {}
    cut = False
    if sought:
        padded = [*sought, *[""] * _WORDS][:_WORDS]
        terms = dict(zip("abcde", map(ox.Literal, padded), strict=True))
        rows, last = page_of(await graph.ask("search", **terms), FULL)
        cut = last is not None
        for row in rows:
            if (thing := node(row["thing"])) and isinstance(row["text"], ox.Literal):
                found.setdefault(thing, row["text"])
    view = await renderer.display([*found])
    if media == JSON:
        items = [
            {"iri": thing.value, "name": view.name(thing).text, "text": words.value}
            for thing, words in found.items()
        ]
        return as_json({"query": text, "items": items, "complete": not cut})
    return renderer.render("search.html", view=view, text=text, found=found, sought=sought, cut=cut)
