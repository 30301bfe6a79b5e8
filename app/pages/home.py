"""The first page: what this is, how much of it there is, and the ways in."""

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.graph import ReleasedGraph, Row
from app.catalog.labels import best
from app.catalog.listing import days_of, kinds, page_of
from app.manifest import kind_of
from app.namespaces import DCTERMS
from app.pages import dates
from app.pages.renderer import Renderer, as_json, page_answers
from app.rdf.formats import JSON
from app.rdf.terms import lexical, node

SHOWN = 200
"""How many conferences the first page has: the newest."""


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the first page."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    @routes.get(
        "/", summary="The first page: what this is, and the ways in", responses=page_answers()
    )
    @routes.get("/index.json", include_in_schema=False)
    async def home(request: Request) -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, media)

        return await renderer.answer(request, write, "home")

    return routes


async def page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return the first page."""
    released = renderer.released
    counted = await kinds(graph)
    total = (await graph.ask("totals"))[0]
    counts = {name: int(lexical(term)) for name, term in total.items()}
    rows, earliest = page_of(await graph.ask("timeline"), SHOWN)
    things = [term for row in rows for term in row.values()]
    dataset = ox.NamedNode(released.dataset)
    view = await renderer.display([*things, dataset])
    timeline: dict[str, list[tuple[str, Row]]] = {}
    for row in reversed(rows):
        begins, ends = days_of(row)
        if begins:
            timeline.setdefault(f"{begins[:3]}0s", []).append((dates.span(begins, ends), row))
    if media == JSON:
        return as_json(
            {
                "title": view.name(dataset).text,
                "dataset": dataset.value,
                **counts,
                "quads": released.quads,
                "kinds": [{"kind": k, "count": n, "href": renderer.browse(k)} for k, n in counted],
            }
        )
    properties = (await renderer.about()).properties
    texts = [
        text for text in properties.get(DCTERMS.description, []) if isinstance(text, ox.Literal)
    ]
    return await renderer.render(
        "home.html",
        view=view,
        kinds=counted,
        counts=counts,
        timeline=timeline,
        shown=len(rows),
        earlier=earliest is not None,
        all_of_them=_list_of(renderer, graph, earliest) if earliest else "",
        title=view.name(dataset) if await graph.names([dataset]) else None,
        description=view.show(best(texts)) if texts else None,
        structured=await renderer.structured(dataset, properties),
        example=next(iter(await renderer.examples()), None),
    )


def _list_of(renderer: Renderer, graph: ReleasedGraph, row: Row) -> str:
    """Return the address of the list that has the thing of a row; empty where none has it."""
    thing = node(row.get("thing"))
    kind = kind_of(thing.value, graph.things) if thing else ""
    return renderer.browse(kind) if kind else ""
