"""The shop: from a release to a web application."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache as once
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__, manifest
from app.catalog.graph import ReleasedGraph
from app.engine.client import CLIENT
from app.engine.engine import Engine
from app.errors import Rejected, parameters_wrong
from app.exports.dictionary import FILE_JSON
from app.pages import (
    browse,
    coverage,
    downloads,
    extracts,
    home,
    linked_data,
    links,
    search,
    sitemap,
    static,
    tables,
)
from app.pages.renderer import Renderer
from app.pages.sparql import Editor
from app.rdf.formats import HTML, JSON, PROBLEM
from app.server import health, metrics, openapi
from app.server.engine_aside import EngineAside
from app.server.families import CACHE, ENGINE_COUNTS, SPOOL
from app.server.request_log import RequestCounts, RequestLog
from app.server.shelf import Shelf
from app.settings import Settings
from app.sparql.endpoint import Endpoint
from app.sparql.graph_store import GraphStore
from app.web import problems
from app.web.aside import Aside, AsideCache
from app.web.cache import ByteCache
from app.web.caching import CachingMiddleware
from app.web.cancellation import begun_unless_disconnected
from app.web.client_address import Network, client_of
from app.web.gate import ClientGate
from app.web.gathered import Gatherer
from app.web.last_modified import LastModifiedMiddleware, second
from app.web.middleware import HeadersMiddleware
from app.web.negotiation import accept_of, choose
from app.web.notes import note
from app.web.preconditions import PreconditionMiddleware
from app.web.public_url import public_url
from app.web.request_keys import QueryKeys
from app.web.transfer import TransferMiddleware

# Some clients end every address of an endpoint with a stroke, and follow no redirect of a POST.
_ENDPOINT = frozenset({"/sparql", "/sparql/"})
# What tells whether the server is well, and the other protocol of the engine.
_UNGATED = "/live", "/ready", "/metrics", "/graphs"
# For the answers of a release that is not the newest.
_OLDER_MEMORY = 16 * 2**20


class Application(FastAPI):
    """The application of one release: its pages and services, behind what every request passes.

    `front` is the whole of it, from the first step to the last. `engine` and `cache` are the
    release's own, `aside` is where its pages are made and `gate` where clients wait for themselves;
    `requests` counts what is asked. `versioned` returns the application of the same release below
    its version: its engine is this one's, its addresses and what it keeps are not.
    """

    front: ASGIApp
    engine: Engine
    cache: ByteCache
    aside: Aside
    gate: ClientGate
    requests: RequestCounts
    versioned: Callable[[], "Application"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live the application's life."""
        await self.front(scope, receive, send)


class _Dispatch:
    """The way of a request that is not answered from the cache: to the endpoint, or to the rest.

    Sets for whom it counts, from here on. Of the rest, one of each client is worked on at a time,
    until its answer begins: whoever asks for many pages at once waits for itself at `gate`, and of
    who leaves before that nothing more is made.
    """

    def __init__(
        self, endpoint: ASGIApp, others: ASGIApp, trusted: Sequence[Network], gate: ClientGate
    ) -> None:
        self._endpoint, self._others, self._trusted = endpoint, others, trusted
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        client = client_of(scope, self._trusted)
        CLIENT.set(client)
        path = scope["path"]
        if path in _ENDPOINT:
            await self._endpoint(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD") or path.startswith(_UNGATED):
            await self._others(scope, receive, send)
        else:
            await self._in_turn(client, scope, receive, send)

    async def _in_turn(self, client: str, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(send: Send) -> None:
            passed = await self._gate.enter(client)

            async def begun(message: Message) -> None:
                # How long somebody takes to read is no work of ours.
                passed.leave()
                await send(message)

            try:
                await self._others(scope, receive, begun)
            finally:
                passed.leave()

        await begun_unless_disconnected(receive, send, answer)


def create_app(
    settings: Settings,
    folder: Path,
    *,
    store: Path | None = None,
    shelf: Shelf | None = None,
    below: str = "",
    newest: Application | None = None,
) -> Application:
    """Return the application that serves the release in `folder`, from `store` if one is given.

    `shelf` has the releases that lie beside it. One that is not the newest is served `below` a
    path, with one worker and little memory; the newest is too, by the engine of the application
    that serves it as the `newest`. The engine's processes start and end with the life of the
    application that has its own. Raises Fault if the folder holds no release.
    """
    shelf = shelf or Shelf(single=folder)
    server_settings, root = settings, urlsplit(settings.public_url or "/").path or "/"
    if below:
        settings = _modest(settings, below)
    engine = newest.engine if newest else Engine(folder, settings, store=store, lone=bool(below))
    aside, gate = (newest.aside, newest.gate) if newest else (Aside(), ClientGate())
    released = replace(manifest.read(folder), store=engine.store)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        try:
            yield
        finally:
            await engine.stop()
            await aside.stop()

    app = Application(
        title="Dialogue",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    graph = ReleasedGraph(EngineAside(engine, aside), released.base)
    cache = ByteCache(settings.cache_memory)
    made = AsideCache(cache, aside)
    renderer = Renderer(
        graph,
        released,
        settings,
        made,
        aside,
        newest=root if below else None,
        is_newest=newest is not None,
        dictionary=(folder / FILE_JSON).is_file(),
    )
    gatherer = Gatherer(made, aside, gate, CLIENT.get)
    editor = Editor(engine, renderer, gate, settings.max_rows)
    endpoint = Endpoint(engine, released, settings, cache, editor)
    graphs = GraphStore(engine, released, settings, cache)
    for path in ("/graphs", "/graphs/{name:path}"):
        app.router.routes.append(Route(path, graphs))
    openapi.describe(app)
    health.add(app, engine, released, renderer)
    requests = newest.requests if newest else RequestCounts()
    figures = metrics.add(app, settings, released, engine, requests)
    figures.watch(CACHE, cache.counts)
    figures.watch(ENGINE_COUNTS, engine.counts)
    routers = [
        # Before the lists, which take any name.
        extracts.router(renderer, graph),
        tables.router(folder, renderer, graph, gatherer),
        *(page.router(renderer, graph) for page in (home, coverage, browse, search, links)),
        static.router(renderer),
        sitemap.router(renderer, graph, settings),
        linked_data.router(graph, folder, released, renderer),
        downloads.router(
            folder,
            renderer,
            graph,
            shelf,
            below=bool(below),
            openable=settings.open_versions > 0,
        ),
    ]
    for router in routers:
        app.include_router(router)
    _add_problems(app, settings, renderer)
    app.engine = engine
    app.aside, app.gate = aside, gate
    app.cache = cache
    app.requests = requests

    # Few ask for it: it is made when somebody does.
    @once
    def versioned() -> Application:
        path = f"version/{released.release}/"
        return create_app(server_settings, folder, shelf=shelf, below=path, newest=app)

    app.versioned = versioned
    # The app keeps what it includes as one route, which does not tell its methods.
    routes = [*app.router.routes, *(route for router in routers for route in router.routes)]
    app.add_middleware(HeadersMiddleware, routes=routes, settings=settings)
    # Whatever is to see each request that is computed goes around this.
    answering: ASGIApp = _Dispatch(
        HeadersMiddleware(endpoint, [], settings),
        super(Application, app).__call__,
        settings.trusted_proxies,
        gate,
    )
    transfer = TransferMiddleware(answering, cache, settings)
    figures.watch(SPOOL, lambda: transfer.room)
    paths = [*_ENDPOINT, *(route.path for route in routes if isinstance(route, Route))]
    since = second(time.time())
    front: ASGIApp = PreconditionMiddleware(transfer, settings, since)
    # What is answered from memory is counted there, and has a line only where all have one.
    if settings.log_requests != "all":
        front = RequestLog(front, requests, paths, settings.log_requests)
    front = CachingMiddleware(front, cache, _query_keys(routes), origin=settings.public_url is None)
    front = LastModifiedMiddleware(front, since)
    if settings.log_requests == "all":
        front = RequestLog(front, requests, paths, "all")
    app.front = front
    return app


def _query_keys(routes: Iterable[BaseRoute]) -> QueryKeys:
    """Return which parameters each page reads: those that its route declares, and no others."""
    pages = (route for route in routes if isinstance(route, APIRoute))
    return QueryKeys((page.path_regex, frozenset(_read_by(page.dependant))) for page in pages)


def _read_by(handler: Dependant) -> Iterator[str]:
    """Yield the parameters that a handler declares, with all that it depends on."""
    yield from (field.alias for field in handler.query_params)
    for other in handler.dependencies:
        yield from _read_by(other)


def _modest(settings: Settings, below: str) -> Settings:
    """Return the settings of a release that few ask for, served below a path."""
    return settings.model_copy(
        update={
            "public_url": f"{settings.public_url or '/'}{below}",
            "cache_memory": min(settings.cache_memory, _OLDER_MEMORY),
            "spool": settings.spool // 8,
        }
    )


def _add_problems(app: FastAPI, settings: Settings, renderer: Renderer) -> None:
    def answer(request: Request, problem: Rejected) -> Response:
        address = public_url(settings, request.scope)
        note(request.scope, outcome=problem.kind)
        response = problems.response(problem, address)
        if choose(accept_of(request.headers), [PROBLEM, JSON, HTML]) == HTML:
            response = HTMLResponse(
                renderer.render_alone("problem.html", problem=problems.document(problem, address)),
                problem.status,
                {"Cache-Control": "no-store", **problem.headers},
            )
        response.headers["Vary"] = "Accept"
        return response

    @app.exception_handler(Rejected)
    async def rejected(request: Request, problem: Rejected) -> Response:
        return answer(request, problem)

    @app.exception_handler(HTTPException)
    async def bare(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if "Allow" in headers:
            headers["Allow"] = ", ".join(sorted({*headers["Allow"].split(", "), "HEAD", "OPTIONS"}))
        return answer(request, problems.of_status(error.status_code, headers))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        detail = f"{first['loc'][-1]}: {first['msg']}."
        return answer(request, parameters_wrong(detail))
