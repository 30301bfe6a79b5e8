"""What those who run the server and those who write programs against it ask: is it well, and how
is it called."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from app import __version__
from app.engine.engine import Engine
from app.engine.snapshot import GRAPHS, RESULTS
from app.errors import Rejected
from app.manifest import Release
from app.sparql.protocol import DIRECT, FORM
from app.web import problems
from app.web.negotiation import choose

_READY_SECONDS = 1.0
_FRESH = {"Cache-Control": "no-store"}
_NEGOTIATED = {"Vary": "Accept"}
Render = Callable[..., str]


def add(app: FastAPI, engine: Engine, released: Release, render: Render) -> None:
    """Add `/live`, `/ready`, `/docs` and `/problems/…`, and `/sparql` to the OpenAPI document.

    `render` writes a page from the name of its template and what it shows.
    """
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"]["/sparql"] = _sparql()
        for operations in document["paths"].values():
            for operation in operations.values():
                # FastAPI announces its own way to refuse parameters, which is not ours.
                if operation["responses"].pop("422", None):
                    operation["responses"]["400"] = _refused("A parameter is wrong")
        return document

    app.openapi = openapi  # type: ignore[method-assign]

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
            raise Rejected(503, "not-ready", "No worker answers.", headers={"Retry-After": "2"})
        said = {
            "status": "ready",
            "version": __version__,
            "release": released.digest,
            "quads": engine.quads,
            # What keeps a query from leaving the machine: the kernel, or its words alone.
            "isolation": "kernel" if engine.sealed else "text",
        }
        return JSONResponse(said, headers=_FRESH)

    @app.get("/problems/{kind}", tags=["Operations"], summary="What a kind of problem means")
    async def problem(request: Request, kind: str) -> Response:
        if kind not in problems.KINDS:
            raise Rejected(404, "not-found", "There is no such kind of problem.")
        title, meaning = problems.KINDS[kind]
        accept = ", ".join(request.headers.getlist("accept")) or None
        if choose(accept, ["application/json", "text/html"]) == "text/html":
            page = render("problem-kind.html", kind=kind, title=title, meaning=meaning)
            return HTMLResponse(page, headers=_NEGOTIATED)
        said = {"kind": kind, "title": title, "meaning": meaning}
        return JSONResponse(said, headers=_NEGOTIATED)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        # Written by us: FastAPI's own page loads its scripts from other hosts.
        return HTMLResponse(render("docs.html", document=app.openapi()))


def _sparql() -> dict[str, Any]:
    """Return the endpoint as OpenAPI describes it: the protocol is older than OpenAPI's ways."""
    graphs = [
        _parameter("default-graph-uri", "A graph of the dataset to be (part of) the default graph"),
        _parameter("named-graph-uri", "A graph of the dataset to be a named graph"),
    ]
    query = {
        "name": "query",
        "in": "query",
        "description": "A SPARQL 1.1 query; without one, the service is described",
        "schema": {"type": "string"},
        "example": "SELECT * { ?s ?p ?o } LIMIT 10",
    }
    form = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    body = {
        "required": True,
        "content": {
            FORM: {"schema": form},
            DIRECT: {"schema": {"type": "string"}},
        },
    }
    common = {"tags": ["SPARQL"], "responses": _responses()}
    return {
        "get": {**common, "summary": "Answer a query", "parameters": [query, *graphs]},
        "post": {
            **common,
            "summary": "Answer a query that the body holds",
            "parameters": graphs,
            "requestBody": body,
        },
    }


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "array", "items": {"type": "string"}},
    }


def _responses() -> dict[str, Any]:
    meanings = {
        "400": "The query is malformed, or names a graph that the dataset does not hold",
        "403": "The query would change the data or leave the machine",
        "406": "No format that is offered is acceptable",
        "413": "The query is too long",
        "503": "The query takes too long, or too many queries wait",
        "507": "The query needs too much memory",
    }
    formats: dict[str, Any] = {media: {} for media in (*RESULTS, *GRAPHS)}
    return {
        "200": {"description": "The answer", "content": formats},
        "304": {"description": "The answer is the one that the client holds"},
        **{status: _refused(text) for status, text in meanings.items()},
    }


def _refused(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {problems.MEDIA: {}}}
