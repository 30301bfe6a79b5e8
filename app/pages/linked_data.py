"""Linked data: what an IRI of the record names, and its description in the format asked for."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.catalog.describe import describe, parts
from app.catalog.description import numbered, quads
from app.catalog.graph import ReleasedGraph
from app.errors import Rejected, not_found
from app.manifest import CONTEXT, Release
from app.namespaces import GENID, OWL
from app.pages import entity, vocabulary
from app.pages.rdf_documents import RdfDocuments
from app.pages.renderer import Renderer
from app.rdf.formats import (
    DOCUMENTS,
    FORMATS,
    GRAPHS,
    HTML,
    JSON,
    JSON_LD,
    OF_QUADS,
    SUFFIXES,
    TURTLE,
    split,
    suffix_of,
)
from app.sparql import named_graphs
from app.web import responses
from app.web.public_url import SAFE
from app.web.responses import NOT_FOUND, answers

_VOCABULARIES = "ontology", "shapes"
_OFFERED = [*DOCUMENTS]


class Resources:
    """The resources of one release."""

    def __init__(
        self, graph: ReleasedGraph, folder: Path, released: Release, renderer: Renderer
    ) -> None:
        self._graph, self._renderer, self._released = graph, renderer, released
        self._documents = RdfDocuments(folder, released.prefixes)
        self._files = {name: folder / f"{name}.ttl" for name in (*_VOCABULARIES, "void")}

    async def identify(self, kind: str, name: str) -> Response:
        """Redirect from a thing to the document about it, or from an old name to the new one."""
        iri, suffix, successor = await self._find(f"id/{kind}/{name}")
        ending = f".{suffix}" if suffix else ""
        if successor:
            return self._redirect(f"{successor}{ending}", 301)
        path = iri.value[len(self._released.base) :].replace("id/", "doc/", 1)
        return self._redirect(f"{path}{ending}", 303)

    async def kind(self, request: Request, kind: str) -> Response:
        """Redirect from a kind of things to their list, or to what the record says of the kind."""
        media = responses.media_type(request, _OFFERED)
        path = f"browse/{kind}" if media in (HTML, JSON) else f"doc/{kind}/"
        return self._redirect(path, 303, negotiated=True)

    async def graphs(self, request: Request) -> Response:
        """Return the list of all named graphs, with how many there are of each kind.

        It is for programs: people are led to the page of the dataset, if there is one.
        """
        media = responses.media_type(request, [*GRAPHS, HTML])
        if media == HTML:
            return await self._for_people()
        base = self._released.base

        async def write() -> bytes:
            counted = named_graphs.counted(base, await named_graphs.kinds(self._graph.select))
            rows = await self._graph.ask("graphs")
            listed = named_graphs.listed(
                named_graphs.collection(base), (row["graph"] for row in rows)
            )
            triples = [*counted, *listed]
            whole = [ox.Quad(*triple) for triple in triples]
            return self._documents.write(whole, media, self._iri("graph/"))

        return await responses.reply(
            request, self._renderer.cache, media, self._tag("graph/", media), write
        )

    async def context(self, request: Request) -> Response:
        """Return the context: what the keys of our JSON-LD mean."""
        content = await asyncio.to_thread(self._documents.context)
        if content is None:
            raise _absent()

        async def write() -> bytes:
            return content

        return await responses.reply(
            request, self._renderer.cache, JSON_LD, self._tag(CONTEXT, JSON_LD), write
        )

    async def document(self, request: Request, path: str) -> Response:
        """Return the description of what `path`, below the base, names or documents."""
        thing = path.replace("doc/", "id/", 1) if path.startswith("doc/") else path
        iri, suffix, successor = await self._find(thing)
        if successor:
            new = successor.replace("id/", "doc/", 1)
            return self._redirect(f"{new}.{suffix}" if suffix else new, 301)
        media = responses.shown_as(request, _OFFERED, suffix)
        plain = path.removesuffix(f".{suffix}") if suffix else path

        async def write() -> bytes | str:
            quoted = media in OF_QUADS
            found = await describe(self._graph, iri, whole=quoted)
            if found is None:
                raise _absent()
            if media == HTML:
                return await entity.page(self._renderer, self._graph, found, plain)
            if media == JSON:
                return await entity.json_page(self._renderer, found)
            whole = quads(found, evidence=quoted)
            if plain == "dataset":
                whole += await self._parts(iri)
            return self._documents.write([*dict.fromkeys(whole)], media, iri)

        headers = self._headers(plain, iri.value, media, negotiated=not suffix)
        return await responses.reply(
            request, self._renderer.cache, media, self._tag(path, media), write, headers
        )

    async def _parts(self, dataset: ox.NamedNode) -> list[ox.Quad]:
        """Return what is said of the dataset's parts, whose names are this document's fragments."""
        return await parts(self._graph, dataset, self._iri("graph/dataset"))

    async def vocabulary(self, request: Request, name: str, suffix: str | None) -> Response:
        """Return the ontology or the shapes, whole; as a page, with an anchor for each term."""
        media = responses.shown_as(request, _OFFERED, suffix)
        iri = self._released.base + name

        async def write() -> bytes | str:
            if media == HTML:
                return await vocabulary.page(self._renderer, self._graph, name)
            if media == JSON:
                return await vocabulary.json_page(self._renderer, self._graph, name)
            return self._whole(name, media)

        headers = self._headers(name, iri, media, negotiated=not suffix)
        return await responses.reply(
            request, self._renderer.cache, media, self._tag(name, media), write, headers
        )

    async def term(self, request: Request, name: str, term: str) -> Response:
        """Redirect from a term to its place in the vocabulary; a version is the vocabulary itself.

        Only the version that is served is here: older ones are in older releases.
        """
        version = self._iri(f"{name}/{term}")
        whole = ox.NamedNode(self._released.base + name)
        vocabulary = await self._renderer.aside.run(lambda: describe(self._graph, whole))
        said = vocabulary.statements if vocabulary else []
        if any(s.property == OWL.versionIRI and s.value == version for s in said):
            return await self.vocabulary(request, name, None)
        if not await self._graph.known([self._iri(f"{name}#{term}")]):
            raise _absent()
        return self._redirect(name, 303, f"#{quote(term, safe='')}")

    async def void(self, request: Request) -> Response:
        """Return what the dataset says of itself (VoID, section 7); people are led elsewhere."""
        media = responses.media_type(request, [*GRAPHS, HTML])
        if media == HTML:
            return await self._for_people()

        async def write() -> bytes:
            return self._whole("void", media)

        return await responses.reply(
            request, self._renderer.cache, media, self._tag("void", media), write
        )

    async def _for_people(self) -> Response:
        """Redirect to the page of the dataset, or to the first page where it says nothing."""
        about = await self._renderer.about()
        return self._redirect("dataset" if about.known else "", 303, negotiated=True)

    def _whole(self, name: str, media: str) -> bytes:
        try:
            content = self._files[name].read_bytes()
        except FileNotFoundError:
            raise _absent() from None
        if media == TURTLE:
            return content
        parsed = ox.parse(content, format=ox.RdfFormat.TURTLE)
        # The parser names blank nodes by chance: the same release has to give the same bytes.
        whole = numbered(parsed)
        about = "dataset" if name == "void" else name
        return self._documents.write(whole, media, self._iri(about), parsed.prefixes)

    async def _find(self, path: str) -> tuple[ox.NamedNode, str | None, str | None]:
        """Return the IRI that a path stands for, without its suffix; the suffix; its successor.

        A name may hold dots, so what is described under the full path has no suffix. The
        successor is a path too, where what the IRI names has another name now.
        """
        stem, suffix = split(path)
        candidates: dict[ox.NamedNode, str | None] = {self._iri(path): None}
        if suffix:
            candidates[self._iri(stem)] = suffix
        known = await self._graph.known(candidates)
        for iri, ending in candidates.items():
            if iri in known:
                return iri, ending, self._own_path(known[iri])
        raise _absent()

    def _iri(self, path: str) -> ox.NamedNode:
        try:
            return ox.NamedNode(self._released.base + path)
        except ValueError:
            raise _absent() from None

    def _own_path(self, thing: ox.NamedNode | None) -> str | None:
        if thing is None or not thing.value.startswith(f"{self._released.base}id/"):
            return None
        return thing.value[len(self._released.base) :]

    def _redirect(
        self, path: str, status: int, fragment: str = "", *, negotiated: bool = False
    ) -> Response:
        address = self._renderer.root + quote(path, safe=SAFE) + fragment
        headers = {
            "Cache-Control": "public, no-cache",
            **({"Vary": "Accept"} if negotiated else {}),
        }
        return RedirectResponse(address, status, headers)

    def _headers(self, path: str, iri: str, media: str, *, negotiated: bool) -> dict[str, str]:
        """Return the headers of a description; what was negotiated has an address of its own."""
        headers = {"Link": self._links(path, iri)}
        if negotiated:
            own = self._renderer.root + quote(path, safe=SAFE)
            headers["Content-Location"] = f"{own}.{suffix_of(media)}"
        return headers

    def _links(self, path: str, iri: str) -> str:
        """Return the links to the other formats, the canonical address and what it is about."""
        own = self._renderer.root + quote(path, safe=SAFE)
        base = self._released.base
        links = [
            f'<{own}.{suffix}>; rel="alternate"; type="{media}"'
            for suffix, media in SUFFIXES.items()
        ]
        links.append(f'<{base}{quote(path, safe=SAFE)}>; rel="canonical"')
        links.append(f'<{quote(iri, safe=SAFE + "#")}>; rel="describes"')
        links.append(f'<{own}.ttl>; rel="describedby"; type="{TURTLE}"')
        return ", ".join(links)

    def _tag(self, *parts: str) -> str:
        return self._renderer.tag(*parts)


def _absent() -> Rejected:
    return not_found("The record says nothing of this address.")


def router(graph: ReleasedGraph, folder: Path, released: Release, renderer: Renderer) -> APIRouter:
    """Return the routes of the things, their descriptions, the vocabularies and the dataset."""
    resources = Resources(graph, folder, released, renderer)
    routes = APIRouter(tags=["Linked data"], default_response_class=Response)
    described = answers("The description", SUFFIXES.values(), not_found=True)

    @routes.get(
        "/id/{kind}/{name}",
        summary="Redirect to the document about a thing",
        status_code=303,
        responses={
            301: {"description": "The thing has another name now"},
            303: {"description": "The document about it"},
            **NOT_FOUND,
        },
    )
    async def identify(kind: str, name: str) -> Response:
        return await resources.identify(kind, name)

    @routes.get(
        "/doc/{kind}/{name}", summary="What the record says of a thing", responses=described
    )
    async def document(request: Request, kind: str, name: str) -> Response:
        return await resources.document(request, f"doc/{kind}/{name}")

    @routes.get(
        "/id/{kind}/",
        summary="Redirect to the things of one kind, or to what the record says of the kind",
        status_code=303,
        responses={303: {"description": "The list, or the description"}},
    )
    async def kind(request: Request, kind: str) -> Response:
        return await resources.kind(request, kind)

    @routes.get("/doc/{kind}/", include_in_schema=False)
    async def kind_document(request: Request, kind: str) -> Response:
        return await resources.document(request, f"doc/{kind}/")

    @routes.get(f"/{GENID}{{name}}", include_in_schema=False)
    async def unnamed(request: Request, name: str) -> Response:
        return await resources.document(request, f"{GENID}{name}")

    @routes.get(
        "/graph/",
        summary="The named graphs, all of them",
        responses=answers("The list", FORMATS),
    )
    async def graphs(request: Request) -> Response:
        return await resources.graphs(request)

    @routes.get(
        "/graph/{name:path}",
        summary="What the record says of one of its graphs",
        responses=described,
    )
    async def graph_document(request: Request, name: str) -> Response:
        return await resources.document(request, f"graph/{name}")

    @routes.get("/dataset", summary="What the record says of itself", responses=described)
    async def dataset(request: Request) -> Response:
        return await resources.document(request, "dataset")

    @routes.get("/dataset.{suffix}", include_in_schema=False)
    async def dataset_as(request: Request, suffix: str) -> Response:
        return await resources.document(request, f"dataset.{suffix}")

    @routes.get(
        f"/{CONTEXT}",
        summary="The context of our JSON-LD: what its keys mean",
        responses=answers("The context", [JSON_LD], not_found=True),
    )
    async def context(request: Request) -> Response:
        return await resources.context(request)

    @routes.get(
        "/.well-known/void",
        summary="The description of the dataset (VoID)",
        responses=answers("The description", FORMATS, not_found=True),
    )
    async def void(request: Request) -> Response:
        return await resources.void(request)

    for name in _VOCABULARIES:
        _vocabulary(routes, resources, name)
    return routes


def _vocabulary(routes: APIRouter, resources: Resources, name: str) -> None:
    @routes.get(
        f"/{name}",
        summary=f"The {name}, whole",
        responses=answers("The whole of it", SUFFIXES.values()),
    )
    async def whole(request: Request) -> Response:
        return await resources.vocabulary(request, name, None)

    @routes.get(f"/{name}.{{suffix}}", include_in_schema=False)
    async def whole_as(request: Request, suffix: str) -> Response:
        if suffix not in SUFFIXES:
            raise _absent()
        return await resources.vocabulary(request, name, suffix)

    @routes.get(
        f"/{name}/{{term}}",
        summary=f"Redirect to a term of the {name}",
        status_code=303,
        responses={303: {"description": "The place of the term"}, **NOT_FOUND},
    )
    async def term(request: Request, term: str) -> Response:
        return await resources.term(request, name, term)
