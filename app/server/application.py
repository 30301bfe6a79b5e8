"""The shop: from a release to a web application."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__, manifest
from app.catalog.graph import Graph
from app.engine.engine import Engine
from app.errors import Rejected
from app.pages import downloads, linked_data, renderer
from app.pages.sparql import Editor
from app.server import health
from app.settings import Settings
from app.sparql import endpoint as sparql
from app.web import problems
from app.web.negotiation import choose

_log = logging.getLogger("dialogue.main")

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}
_PAGES = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DATA = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def create_app(settings: Settings, folder: Path) -> FastAPI:
    """Return the application that serves the release in `folder`.

    The engine's processes start and end with the application's life. Raises Fault if the folder
    holds no release.
    """
    released = manifest.read(folder)
    engine = Engine(folder, settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        try:
            yield
        finally:
            await engine.stop()

    app = FastAPI(
        title="Dialogue",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    graph = Graph(engine, released.base)
    paged = renderer.Pages(graph, released, settings)
    endpoint = sparql.Endpoint(engine, released, settings, Editor(engine, paged))
    app.router.routes.append(Route("/sparql", endpoint))
    health.add(app, engine, released, paged.render)
    routers = [
        renderer.router(paged),
        linked_data.router(graph, folder, released, paged),
        downloads.router(folder, released, paged),
    ]
    for router in routers:
        app.include_router(router)
    _add_problems(app, settings, paged)
    app.state.engine = engine
    # The app keeps what it includes as one route, which does not tell its methods.
    routes = [*app.router.routes, *(route for router in routers for route in router.routes)]
    app.add_middleware(HeadersMiddleware, routes=routes, settings=settings)
    return app


def _add_problems(app: FastAPI, settings: Settings, paged: renderer.Pages) -> None:
    def answer(request: Request, problem: Rejected) -> Response:
        public_url = sparql.public_url(settings, request.scope)
        response = problems.response(problem, public_url)
        accept = ", ".join(request.headers.getlist("accept")) or None
        if choose(accept, [problems.MEDIA, "application/json", "text/html"]) == "text/html":
            response = HTMLResponse(
                paged.problem(problem, public_url),
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
        return answer(request, Rejected(400, "parameters", detail))


class HeadersMiddleware:
    """What every response has, whoever made it: headers, HEAD and OPTIONS, an answer to a bug."""

    def __init__(self, app: ASGIApp, routes: list[Any], settings: Settings) -> None:
        self._app, self._routes, self._settings = app, routes, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def framed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message)
            await send(message)

        try:
            await self._answer(scope)(scope, receive, framed)
        except Exception:  # noqa: BLE001
            # A bug of ours, whatever it is: the client is told that much and no more.
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                return
            problem = problems.of_status(500)
            response = problems.response(problem, sparql.public_url(self._settings, scope))
            await response(scope, receive, framed)

    def _answer(self, scope: Scope) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        allowed = self._allowed(scope)
        if scope["method"] == "OPTIONS" and allowed:
            names = ", ".join(sorted(allowed | {"HEAD", "OPTIONS"}))
            headers = {"Allow": names, "Access-Control-Allow-Methods": names}
            headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            return Response(status_code=204, headers=headers)
        if scope["method"] == "HEAD" and "GET" in allowed:
            # The server sends no body to HEAD; all else is as for GET.
            return lambda _, receive, send: self._app({**scope, "method": "GET"}, receive, send)
        return self._app

    def _allowed(self, scope: Scope) -> set[str]:
        """Return the methods of the routes that leave HEAD and OPTIONS to us."""
        found: set[str] = set()
        for route in self._routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                found |= route.methods or set()
        return found


def _add_headers(message: Message) -> None:
    headers: list[tuple[bytes, bytes]] = message["headers"]
    given = {name.lower() for name, _ in headers}
    media = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    extra = {**_EVERYWHERE, **(_PAGES if media.startswith(b"text/html") else _DATA)}
    message["headers"] = headers + [
        (name.lower().encode(), value.encode())
        for name, value in extra.items()
        if name.lower().encode() not in given
    ]
