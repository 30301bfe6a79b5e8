"""What leads to a thing by a property."""

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.completeness import completeness
from app.catalog.graph import ReleasedGraph
from app.catalog.listing import page_of
from app.errors import parameters_wrong
from app.pages.lists import beside, members, words
from app.pages.renderer import Renderer, as_json, page_answers
from app.rdf.formats import JSON


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of what leads to a thing."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    @routes.get(
        "/links",
        summary="What leads to a thing by a property",
        responses=page_answers(),
    )
    async def links(request: Request, to: str, by: str, after: str = "") -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, to, by, after, media)

        return await renderer.answer(request, write, "links", to, by, after)

    return routes


async def page(
    renderer: Renderer, graph: ReleasedGraph, to: str, by: str, after: str, media: str
) -> str:
    """Return what leads to a thing by a property, behind the IRI `after`. Raises Rejected (400)."""
    try:
        thing, property = ox.NamedNode(to), ox.NamedNode(by)
    except ValueError as error:
        raise parameters_wrong(f"“to” and “by” are IRIs: {error}.") from None
    found, last = page_of(await graph.linked(thing, property, after), graph.MANY)
    more = last.value if last else None
    lists = (await completeness(graph, [thing])).get(thing, ())
    known = beside(lists, property, inverse=True)
    view = await renderer.display([thing, property, *found, *(known.terms() if known else ())])
    if media == JSON:
        items = [{"iri": t.value, "name": view.name(t).text} for t in found]
        listing = {"list": members(view, known)} if known else {}
        return as_json({"to": to, "by": by, "items": items, **listing, "next": more})
    return await renderer.render(
        "links.html",
        view=view,
        thing=thing,
        property=property,
        found=found,
        more=more,
        after=after,
        known=words(view, known) if known else "",
    )
