"""What is known of each framework's editions, and what is missing."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.coverage import Coverage, Edition, covered
from app.catalog.graph import ReleasedGraph
from app.pages.display import Display
from app.pages.renderer import PAGE, Renderer, as_json
from app.rdf.formats import JSON
from app.rdf.terms import lexical
from app.web.responses import answers


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the coverage."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    @routes.get(
        "/coverage",
        summary="What is known, and what is missing",
        responses=answers("The page, or the same as JSON", PAGE),
    )
    @routes.get("/coverage.json", include_in_schema=False)
    async def coverage(request: Request) -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, media)

        return await renderer.answer(request, write, "coverage")

    return routes


async def page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return what is known of each framework's editions, and what is missing."""
    editions, counted, conflicts = [
        await graph.ask(f"coverage_{what}") for what in ("editions", "facts", "conflicts")
    ]
    known = covered(editions, counted, conflicts)
    rows = [*editions, *conflicts]
    view = await renderer.display([term for row in rows for term in row.values()])
    if media == JSON:
        return as_json([_coverage(view, one) for one in known])
    return await asyncio.to_thread(renderer.render, "coverage.html", view=view, coverage=known)


def _coverage(view: Display, known: Coverage) -> dict[str, object]:
    def iris(editions: Sequence[Edition]) -> list[str]:
        return [lexical(edition.iri) for edition in editions]

    return {
        "framework": lexical(known.framework),
        "name": view.name(known.framework).text,
        "editions": iris(known.editions),
        "documents": known.documents,
        "without": {w: iris(known.without(w)) for w in ("number", "day", "place", "document")},
        "missing numbers": {lexical(series): numbers for series, numbers in known.gaps},
        "facts by sources": dict(sorted(known.facts.items())),
        "conflicts": {
            "decided": sorted(map(lexical, known.decided)),
            "open": sorted(map(lexical, known.undecided)),
        },
    }
