"""What is named, described or quoted with all the words of a text."""

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.graph import ReleasedGraph
from app.catalog.listing import page_of
from app.pages.renderer import Renderer, as_json, page_answers
from app.rdf.formats import JSON
from app.rdf.terms import node

# So many are asked of the graph, the longest, since they are in the fewest texts.
_WORDS = 5
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
    sought = sorted(dict.fromkeys(text.lower().split()), key=len, reverse=True)
    asked, others = sought[:_WORDS], sought[_WORDS:]
    found: dict[ox.NamedNode, ox.Literal] = {}
    cut = False
    if sought:
        padded = [*asked, *[""] * _WORDS][:_WORDS]
        terms = dict(zip("abcde", map(ox.Literal, padded), strict=True))
        rows, last = page_of(await graph.ask("search", **terms), FULL)
        cut = last is not None
        for row in rows:
            thing, words = node(row["thing"]), row["text"]
            if thing and isinstance(words, ox.Literal):
                low = words.value.lower()
                if all(word in low for word in others):
                    found.setdefault(thing, words)
    view = await renderer.display([*found])
    if media == JSON:
        items = [
            {"iri": thing.value, "name": view.name(thing).text, "text": words.value}
            for thing, words in found.items()
        ]
        return as_json({"query": text, "items": items, "complete": not cut})
    # Of what the graph gave in part, the other words were looked for in that part alone.
    unsure = " ".join(asked) if cut and others else ""
    return await renderer.render(
        "search.html",
        view=view,
        text=text,
        found=found,
        sought=sought,
        cut=cut,
        unsure=unsure,
        full=FULL,
    )
