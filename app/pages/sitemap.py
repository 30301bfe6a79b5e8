"""What is for the programs of search engines: robots.txt, the site map, the icon."""

from collections.abc import Iterable
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.catalog.graph import ReleasedGraph
from app.catalog.listing import kinds, page_of
from app.errors import not_found
from app.pages.renderer import Renderer
from app.rdf.formats import TEXT, XML
from app.rdf.terms import lexical
from app.settings import Settings
from app.web import responses
from app.web.public_url import SAFE, public_url

MOST = 50_000
"""How many addresses a site map may have (sitemaps.org, “Sitemap file limits”)."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES = "", "browse", "coverage", "dataset", "dump/", "ontology", "shapes"
# What computes an answer to any question, leads nowhere new, or is no longer so.
_NOT_FOR_ROBOTS = "sparql", "graphs", "search", "links", "metrics", "version/"


def router(renderer: Renderer, graph: ReleasedGraph, settings: Settings) -> APIRouter:
    """Return the routes of what programs of search engines ask for."""
    routes = APIRouter(tags=["Linked data"], default_response_class=Response)
    described = responses.answers("The list", [XML], not_found=True, negotiated=False)

    @routes.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return RedirectResponse(f"{renderer.root}static/favicon.svg", 308)

    @routes.get("/robots.txt", include_in_schema=False)
    async def robots(request: Request) -> Response:
        where = public_url(settings, request.scope)
        lines = ["User-agent: *"]
        lines += [f"Disallow: {renderer.root}{path}" for path in _NOT_FOR_ROBOTS]
        lines += [f"Sitemap: {where}sitemap.xml", ""]

        async def write() -> str:
            return "\n".join(lines)

        tag = renderer.tag("robots", where)
        return await responses.reply(request, renderer.cache, TEXT, tag, write)

    @routes.get("/sitemap.xml", summary="The site maps, one for each kind", responses=described)
    async def index(request: Request) -> Response:
        where = public_url(settings, request.scope)

        async def write() -> bytes:
            maps = ["pages.xml"]
            for kind, count in await kinds(graph):
                name = f"{quote(kind, safe='')}.xml"
                maps.append(name)
                after: str | None = ""
                while count > MOST and (after := (await _things(graph, kind, after or ""))[1]):
                    maps.append(f"{name}?after={quote(after, safe='')}")
            addresses = [f"{where}sitemap/{name}" for name in maps]
            return _listed("sitemapindex", "sitemap", addresses, renderer.released.date)

        tag = renderer.tag("sitemap", where)
        return await responses.reply(request, renderer.cache, XML, tag, write)

    @routes.get("/sitemap/{name}.xml", summary="The pages of one kind", responses=described)
    async def one(request: Request, name: str, after: str = "") -> Response:
        where = public_url(settings, request.scope)

        async def write() -> bytes:
            paths: Iterable[str] = _PAGES
            if name != "pages":
                paths = await _documents(graph, name, after)
            elif not (await renderer.about()).known:
                paths = [path for path in _PAGES if path != "dataset"]
            addresses = [f"{where}{path}" for path in paths]
            return _listed("urlset", "url", addresses, renderer.released.date)

        tag = renderer.tag("sitemap", where, name, after)
        return await responses.reply(request, renderer.cache, XML, tag, write)

    return routes


async def _things(graph: ReleasedGraph, kind: str, after: str) -> tuple[list[str], str | None]:
    """Return the IRIs of a kind behind one, and the last of them where there are more."""
    root = ox.Literal(f"{graph.things}{kind}/")
    rows = await graph.ask("addresses", root=root, after=ox.Literal(after))
    return page_of([lexical(row["thing"]) for row in rows], MOST)


async def _documents(graph: ReleasedGraph, kind: str, after: str) -> list[str]:
    """Return the paths of the documents of a kind. Raises Rejected (404) where there is none."""
    things, _ = await _things(graph, kind, after)
    if not things:
        raise not_found("There are no things of this kind.")
    return [f"doc/{quote(thing.removeprefix(graph.things), safe=SAFE)}" for thing in things]


def _listed(root: str, item: str, addresses: Iterable[str], day: str) -> bytes:
    whole = ET.Element(root, xmlns=_NAMESPACE)
    for address in addresses:
        entry = ET.SubElement(whole, item)
        ET.SubElement(entry, "loc").text = address
        if day:
            ET.SubElement(entry, "lastmod").text = day
    ET.indent(whole, " ")
    content: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return content
