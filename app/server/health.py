"""What those who run the server and those who write programs against it ask: is it well, and how
is it called."""

import asyncio
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from app import __version__
from app.engine.engine import Engine
from app.errors import Rejected, not_found, not_ready
from app.manifest import Release
from app.rdf.formats import HTML, JSON
from app.web import problems
from app.web.negotiation import accept_of, choose

_READY_SECONDS = 1.0
_FRESH = {"Cache-Control": "no-store"}
_NEGOTIATED = {"Vary": "Accept"}
Render = Callable[..., str]


def add(app: FastAPI, engine: Engine, released: Release, render: Render) -> None:
    """Add `/live`, `/ready`, `/docs` and `/problems/…`.

    `render` writes a page from the name of its template and what it shows.
    """

    @app.get("/live", tags=["Operations"], summary="Whether the server answers at all")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "live"}, headers=_FRESH)

    @app.get("/ready", tags=["Operations"], summary="Whether queries are answered")
    async def ready() -> JSONResponse:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                answered = await engine.ask("ASK {}")
        except (TimeoutError, Rejected):
            answered = False
        if not answered:
            raise not_ready("No worker answers.")
        state = {
            "status": "ready",
            "version": __version__,
            "release": released.digest,
            "quads": engine.quads,
            # What keeps a query from leaving the machine: the kernel, or its words alone.
            "isolation": "kernel" if engine.sealed else "text",
        }
        return JSONResponse(state, headers=_FRESH)

    @app.get("/problems/{kind}", tags=["Operations"], summary="What a kind of problem means")
    async def problem(request: Request, kind: str) -> Response:
        if kind not in problems.KINDS:
            raise not_found("There is no such kind of problem.")
        title, meaning = problems.KINDS[kind]
        if choose(accept_of(request.headers), [JSON, HTML]) == HTML:
            page = render("problem-kind.html", kind=kind, title=title, meaning=meaning)
            return HTMLResponse(page, headers=_NEGOTIATED)
        members = {"kind": kind, "title": title, "meaning": meaning}
        return JSONResponse(members, headers=_NEGOTIATED)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        # Written by us: FastAPI's own page loads its scripts from other hosts.
        return HTMLResponse(render("docs.html", document=app.openapi()))
