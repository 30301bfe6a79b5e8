"""Lists in the formats of everybody's tools: calendars, maps, networks, references."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.catalog.belongings import belongings, by_kind, named
from app.catalog.graph import ReleasedGraph
from app.catalog.labels import best
from app.errors import not_found
from app.exports.extracts import BY_SUFFIX, EXTRACTS, ORIGIN, Extract, ends
from app.exports.things import Origin, Row, Thing, things
from app.manifest import Release
from app.pages.renderer import Renderer
from app.pages.selection import OF, Of, Selection, file_name, page_of_list, pages, select
from app.rdf.terms import lexical
from app.web import responses
from app.web.parameters import only

_AT_ONCE = 250
# Of each of many kinds; of one kind, most things are alike.
_SAMPLE = 10
# A release that does not tell its day.
_NO_DAY = date(1970, 1, 1)
CALENDAR = BY_SUFFIX["ics"]


def router(renderer: Renderer, graph: ReleasedGraph) -> APIRouter:
    """Return the routes of the lists in these formats, and of the calendar of all events."""
    routes = APIRouter(tags=["Pages"], default_response_class=Response)
    released = renderer.released

    def described(extract: Extract) -> responses.Answers:
        media = [extract.media]
        return responses.answers("The things of the list", media, not_found=True, negotiated=False)

    restricted = [Depends(only(OF))]

    async def answer(
        request: Request,
        extract: Extract,
        route: str,
        name: str,
        of: str | None,
        collect: Callable[[], Awaitable[tuple[ox.NamedNode | None, list[Thing]]]],
    ) -> Response:
        async def write() -> bytes:
            whole, members = await collect()
            beside = await _told(graph, extract.beside, "subject", ends(members))
            content = extract.write(members, await _origin(graph, released, whole), beside)
            if not members or not content:
                raise not_found(f"This list has nothing for: {extract.label}.")
            return content

        # A kind may be called as the calendar of all events is: the route tells them apart.
        tag = renderer.tag("extract", route, extract.suffix, name, of)
        sent = {"Content-Disposition": responses.inline(file_name(name, of), extract.suffix)}
        return await responses.reply(request, renderer.cache, extract.media, tag, write, sent)

    def add(extract: Extract) -> None:
        @routes.get(
            f"/browse/{{kind}}.{extract.suffix}",
            summary=f"The things of one kind, or those that belong to a thing: {extract.label}",
            responses=described(extract),
            dependencies=restricted,
        )
        async def of_kind(request: Request, kind: str, of: Of = None) -> Response:
            async def collect() -> tuple[ox.NamedNode | None, list[Thing]]:
                selection = await select(graph, kind, of)
                return selection.whole, await of_list(graph, extract, selection)

            return await answer(request, extract, "browse", kind, of, collect)

    for extract in EXTRACTS:
        add(extract)

    @routes.get(
        "/calendar.ics",
        summary="All events as a calendar, or those that belong to a thing",
        responses=described(CALENDAR),
        dependencies=restricted,
    )
    async def calendar(request: Request, of: Of = None) -> Response:
        async def collect() -> tuple[ox.NamedNode | None, list[Thing]]:
            if of is None:
                return None, [
                    t for query in CALENDAR.queries for t in things(await graph.ask(query))
                ]
            whole = await named(graph, of)
            return whole, await _all_told(graph, CALENDAR, await belongings(graph, whole))

        return await answer(request, CALENDAR, "all", "calendar", of, collect)

    return routes


async def of_list(graph: ReleasedGraph, extract: Extract, selection: Selection) -> list[Thing]:
    """Return what an extract tells of all things of a list. Raises Rejected (404) for no such."""
    listed: list[ox.NamedNode] = []
    async for page in pages(graph, selection, await page_of_list(graph, selection)):
        listed += [item.thing for item in page.items]
    return await _all_told(graph, extract, listed)


async def _all_told(
    graph: ReleasedGraph, extract: Extract, listed: Sequence[ox.NamedNode]
) -> list[Thing]:
    """Return what the queries of an extract tell of things, in the order of IRIs, each once."""
    iris = [thing.value for thing in listed]
    members: dict[str, Thing] = {}
    for query in extract.queries:
        for thing in await _told(graph, query, extract.of, iris):
            members[thing.iri] = thing
    return [members[iri] for iri in sorted(members)]


@dataclass(frozen=True)
class Belongings:
    """How many things of a kind belong to something, and the extracts that tell of them."""

    kind: str
    count: int
    extracts: Sequence[Extract]

    def has(self, extract: Extract) -> bool:
        """Return whether an extract tells of them."""
        return extract in self.extracts


async def fitting(graph: ReleasedGraph, listed: Sequence[ox.NamedNode]) -> list[Extract]:
    """Return the extracts for which there is something in a list, by its first things."""
    rows = await graph.ask("extracts", subject=listed[:_AT_ONCE])
    return _extracts(lexical(row["format"]) for row in rows)


async def lists_of(graph: ReleasedGraph, whole: ox.NamedNode) -> list[Belongings]:
    """Return the lists that there are of what belongs to a thing, by their first things."""
    kinds = await by_kind(graph, whole)
    of_kind = {thing.value: kind for kind, several in kinds.items() for thing in several[:_SAMPLE]}
    suffixes: dict[str, set[str]] = defaultdict(set)
    for row in await graph.ask("extracts", subject=map(ox.NamedNode, of_kind)) if of_kind else ():
        suffixes[of_kind[lexical(row["subject"])]].add(lexical(row["format"]))
    return [
        Belongings(kind, len(several), _extracts(suffixes[kind])) for kind, several in kinds.items()
    ]


def _extracts(suffixes: Iterable[str]) -> list[Extract]:
    wanted = set(suffixes)
    return [extract for extract in EXTRACTS if extract.suffix in wanted]


async def _told(
    graph: ReleasedGraph, query: str, variable: str, iris: Iterable[str]
) -> list[Thing]:
    """Return the things of which a query tells, asked for some IRIs at a time; none for no query.

    What comes with several of them is told whole with each.
    """
    if not query:
        return []
    nodes, rows = [ox.NamedNode(iri) for iri in iris], list[Row]()
    for at in range(0, len(nodes), _AT_ONCE):
        rows += await graph.ask(query, **{variable: nodes[at : at + _AT_ONCE]})
    return things(rows)


async def _origin(graph: ReleasedGraph, released: Release, whole: ox.NamedNode | None) -> Origin:
    """Return where things come from: from the dataset, or from what it holds of `whole`."""
    named_dataset = await _told(graph, ORIGIN, "subject", [released.dataset])
    title = named_dataset[0].text("title") if named_dataset else None
    if whole and (labels := (await graph.names([whole])).get(whole)):
        title = best([label.text for label in labels]).value
    day = date.fromisoformat(released.date) if released.date else _NO_DAY
    title = title or released.dataset
    return Origin(title, day, released.base, released.prefixes, released.of_day)
