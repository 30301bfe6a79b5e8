"""What those who run the server and those who write programs against it ask: is it well, and how
is it called."""

import asyncio
from dataclasses import asdict

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from app import __version__, sandbox
from app.engine.engine import Engine
from app.errors import Rejected, not_found, not_ready
from app.manifest import Release
from app.pages.renderer import Renderer
from app.rdf.formats import HTML, JSON
from app.web import problems
from app.web.negotiation import accept_of, choose
from app.web.responses import reply

_READY_SECONDS = 1.0
_FRESH = {"Cache-Control": "no-store"}
_NEGOTIATED = {"Vary": "Accept"}


def add(app: FastAPI, engine: Engine, released: Release, renderer: Renderer) -> None:
    """Add `/live`, `/ready`, `/docs` and `/problems/…`."""
    lacking = sandbox.missing()

    @app.get("/live", tags=["Operations"], summary="Whether the server answers at all")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "live"}, headers=_FRESH)

    @app.get("/ready", tags=["Operations"], summary="Whether queries are answered")
    async def ready(request: Request) -> JSONResponse:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                answered = await engine.ask("ASK {}")
        except (TimeoutError, Rejected):
            answered = False
        if not answered:
            raise not_ready("No worker answers.")
        state: dict[str, object] = {
            "status": "ready",
            "version": __version__,
            "release": released.digest,
            "quads": engine.quads,
            # What keeps a query from leaving the machine: the kernel, or its words alone.
            "isolation": "kernel" if engine.sealed else "text",
            "store": engine.store,
            "missing": [*lacking, *([] if engine.sealed else ["seccomp"])],
        }
        if generations := request.scope.get("state", {}).get("generations"):
            state["generation"] = asdict(generations.state())
        # The server that took the request keeps count of its connections there.
        connections = getattr(request.state, "connections", None)
        if connections and (notice := connections.forwarded_notice()):
            state["forwarded"] = notice
        return JSONResponse(state, headers=_FRESH)

    @app.get("/problems/{kind}", tags=["Operations"], summary="What a kind of problem means")
    async def problem(request: Request, kind: str) -> Response:
        if kind not in problems.KINDS:
            raise not_found("There is no such kind of problem.")
        title, meaning = problems.KINDS[kind]
        if choose(accept_of(request.headers), [JSON, HTML]) == HTML:
            shown = {"kind": kind, "title": title, "meaning": meaning}
            page = renderer.render_alone("problem-kind.html", **shown)
            return HTMLResponse(page, headers=_NEGOTIATED)
        members = {"kind": kind, "title": title, "meaning": meaning}
        return JSONResponse(members, headers=_NEGOTIATED)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        async def write() -> str:
            # Written by us: FastAPI's own page loads its scripts from other hosts.
            return await renderer.render("docs.html", document=app.openapi())

        return await reply(request, renderer.cache, HTML, renderer.tag("docs"), write)
