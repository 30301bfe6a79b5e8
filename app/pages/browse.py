"""The kinds of things, and the things of one kind."""

from urllib.parse import quote

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.graph import ReleasedGraph, Row
from app.catalog.listing import Item, List, kinds, listed, nested
from app.errors import not_found
from app.pages import dates
from app.pages.display import Display
from app.pages.renderer import PAGE, Renderer, as_json
from app.rdf.formats import JSON
from app.rdf.terms import lexical
from app.web.responses import answers


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the kinds of things."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)
    described = "The page, or the same as JSON"

    @routes.get("/browse", summary="The kinds of things", responses=answers(described, PAGE))
    @routes.get("/browse.json", include_in_schema=False)
    async def browse(request: Request) -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, media)

        return await renderer.answer(request, write, "browse")

    @routes.get(
        "/browse/{kind}",
        summary="The things of one kind",
        responses=answers(described, PAGE, not_found=True),
    )
    async def kind(request: Request, kind: str, after: str = "") -> Response:
        plain = kind.removesuffix(".json")

        async def write(media: str) -> str:
            return await kind_page(renderer, graph, plain, after, media)

        return await renderer.answer(request, write, "kind", plain, after)

    return routes


async def page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return the kinds of things."""
    counted = await kinds(graph)
    if media == JSON:
        return as_json([{"kind": k, "count": n, "href": renderer.browse(k)} for k, n in counted])
    return renderer.render("browse.html", kinds=counted)


async def kind_page(
    renderer: Renderer, graph: ReleasedGraph, kind: str, after: str, media: str
) -> str:
    """Return the things of one kind, from behind the key `after`. Raises Rejected (404)."""
    root = ox.Literal(f"{graph.things}{kind}/")
    found = listed(await graph.ask("list", root=root, after=ox.Literal(after)))
    if not found.items and not after:
        raise not_found("There is no such kind of thing.")
    view = await renderer.display([term for item in found.items for term in item.terms()])
    if media == JSON:
        return as_json(_list_json(renderer, view, kind, found))
    tree = nested(found) if not after and found.more is None else None
    return renderer.render("kind.html", view=view, kind=kind, list=found, tree=tree, after=after)


def spans(row: Row) -> str | None:
    """Return the days from `begins` to `ends` of a row in words; None without a beginning."""
    begins, ends = lexical(row.get("begins")), lexical(row.get("ends"))
    return dates.span(begins, ends or None) if begins else None


def _list_json(renderer: Renderer, view: Display, kind: str, found: List) -> dict[str, object]:
    def one(item: Item) -> dict[str, object]:
        days = {"begins": item.begins, "ends": item.ends}
        known = {name: day for name, day in days.items() if day}
        return {"iri": item.thing.value, "name": view.name(item.thing).text, **known}

    address = renderer.browse(kind)
    more = f"{address}?after={quote(found.more, safe='')}" if found.more else None
    return {"kind": kind, "items": [one(item) for item in found.items], "next": more}
