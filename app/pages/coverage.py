"""What is known of each framework's editions, and what is missing."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.catalog.completeness import STATES, ListTotals, totals
from app.catalog.coverage import Coverage, Edition, covered
from app.catalog.graph import ReleasedGraph
from app.pages.display import Display
from app.pages.renderer import Renderer, as_json, page_answers
from app.rdf.formats import JSON
from app.rdf.terms import lexical


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the coverage."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    @routes.get(
        "/coverage",
        summary="What is known, and what is missing",
        responses=page_answers(),
    )
    @routes.get("/coverage.json", include_in_schema=False)
    async def coverage(request: Request) -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, media)

        return await renderer.answer(request, write, "coverage")

    @routes.get(
        "/coverage/lists",
        summary="Which lists are whole, and of which nothing is known",
        responses=page_answers(),
    )
    @routes.get("/coverage/lists.json", include_in_schema=False)
    async def lists(request: Request) -> Response:
        async def write(media: str) -> str:
            return await lists_page(renderer, graph, media)

        return await renderer.answer(request, write, "coverage lists")

    return routes


async def lists_page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return of which things the whole of a list, a part of it or nothing is known."""
    rows = await graph.ask("coverage_list_totals")
    known = totals(rows)
    view = await renderer.display([term for row in rows for term in row.values()])
    if media == JSON:
        return as_json([_list(view, one) for one in known])
    return await renderer.render("coverage-lists.html", view=view, lists=known, states=STATES)


def _list(view: Display, known: ListTotals) -> dict[str, object]:
    return {
        "list": known.list.value,
        "name": view.name(known.list).text,
        "things": known.total,
        "by state": {
            state.value: [thing.value for thing in things] for state, things in known.things.items()
        },
    }


async def page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return what is known of each framework's editions, and what is missing."""
    editions, counted, conflicts, lists = [
        await graph.ask(f"coverage_{what}") for what in ("editions", "facts", "conflicts", "lists")
    ]
    known = covered(editions, counted, conflicts, lists)
    rows = [*editions, *conflicts, *lists]
    view = await renderer.display([term for row in rows for term in row.values()])
    if media == JSON:
        return as_json([_coverage(view, one) for one in known])
    kinds = list(dict.fromkeys(row["list"] for row in lists))
    return await renderer.render(
        "coverage.html", view=view, coverage=known, lists=kinds, states=STATES
    )


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
        "lists": {
            lexical(listing): {lexical(state): n for state, n in states.items()}
            for listing, states in known.lists.items()
        },
        "facts by sources": dict(sorted(known.facts.items())),
        "conflicts": {
            "decided": sorted(map(lexical, known.decided)),
            "open": sorted(map(lexical, known.undecided)),
        },
    }
