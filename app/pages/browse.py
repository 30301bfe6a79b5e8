"""The kinds of things, and the things of one kind."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.catalog.completeness import Lists, completeness
from app.catalog.graph import ReleasedGraph
from app.catalog.listing import Item, List, definitions, kinds, nested
from app.pages import lists
from app.pages.display import Display
from app.pages.extracts import fitting
from app.pages.renderer import Renderer, as_json, page_answers
from app.pages.selection import OF, Of, Selection, page_of_list, select
from app.rdf.formats import JSON
from app.web.parameters import only


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the kinds of things."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)

    alone = [Depends(only())]

    @routes.get(
        "/browse", summary="The kinds of things", responses=page_answers(), dependencies=alone
    )
    @routes.get("/browse.json", include_in_schema=False, dependencies=alone)
    async def browse(request: Request) -> Response:
        async def write(media: str) -> str:
            return await page(renderer, graph, media)

        return await renderer.answer(request, write, "browse")

    @routes.get(
        "/browse/{kind}",
        summary="The things of one kind, or those that belong to a thing",
        responses=page_answers(not_found=True),
        dependencies=[Depends(only("after", OF))],
    )
    async def kind(request: Request, kind: str, after: str = "", of: Of = None) -> Response:
        plain = kind.removesuffix(".json")

        async def write(media: str) -> str:
            selection = await select(graph, plain, of)
            return await kind_page(renderer, graph, selection, after, media)

        return await renderer.answer(request, write, "kind", plain, after, of)

    return routes


async def page(renderer: Renderer, graph: ReleasedGraph, media: str) -> str:
    """Return the kinds of things."""
    counted = await kinds(graph)
    if media == JSON:
        return as_json([{"kind": k, "count": n, "href": renderer.browse(k)} for k, n in counted])
    view = await renderer.display()
    defined = {kind: view.show(text) for kind, text in (await definitions(graph, counted)).items()}
    return await renderer.render("browse.html", kinds=counted, defined=defined)


async def kind_page(
    renderer: Renderer, graph: ReleasedGraph, selection: Selection, after: str, media: str
) -> str:
    """Return the things of a list, from behind the key `after`. Raises Rejected (404)."""
    found = await page_of_list(graph, selection, after)
    known = await completeness(graph, [item.thing for item in found.items])
    shown = [term for item in found.items for term in item.terms()]
    shown += [term for one in known.values() for listing in one for term in listing.terms()]
    whole = selection.whole
    view = await renderer.display([*shown, whole] if whole else shown)
    if media == JSON:
        return as_json(_list_json(renderer, view, selection, found, known))
    tree = nested(found) if not after and found.more is None else None
    return await renderer.render(
        "kind.html",
        view=view,
        kind=selection.kind,
        whole=whole,
        of=selection.of,
        list=found,
        tree=tree,
        extracts=await fitting(graph, [item.thing for item in found.items]),
        after=after,
        known=lambda thing: [
            (view.name(one.list).text, lists.words(view, one)) for one in known.get(thing, ())
        ],
    )


def _list_json(
    renderer: Renderer, view: Display, selection: Selection, found: List, known: Lists
) -> dict[str, object]:
    def one(item: Item) -> dict[str, object]:
        days = {"begins": item.begins, "ends": item.ends}
        dated = {name: day for name, day in days.items() if day}
        listed = [lists.members(view, one) for one in known.get(item.thing, ())]
        name = view.name(item.thing).text
        return {
            "iri": item.thing.value,
            "name": name,
            **dated,
            **({"lists": listed} if listed else {}),
        }

    kind, whole = selection.kind, selection.whole
    more = renderer.browse(kind, of=selection.of, after=found.more) if found.more else None
    return {
        "kind": kind,
        **({"of": whole.value} if whole else {}),
        "items": [one(item) for item in found.items],
        "next": more,
    }
