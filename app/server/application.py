"""The shop: from a release to a web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from app import __version__, manifest
from app.catalog.graph import ReleasedGraph
from app.engine.engine import Engine
from app.errors import Rejected, parameters_wrong
from app.pages import browse, coverage, downloads, home, linked_data, links, search, static
from app.pages.renderer import Renderer
from app.pages.sparql import Editor
from app.rdf.formats import HTML, JSON, PROBLEM
from app.server import health, openapi
from app.settings import Settings
from app.sparql.endpoint import Endpoint
from app.sparql.graph_store import GraphStore
from app.web import problems
from app.web.middleware import HeadersMiddleware
from app.web.negotiation import accept_of, choose
from app.web.public_url import public_url


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
    graph = ReleasedGraph(engine, released.base)
    renderer = Renderer(graph, released, settings)
    editor = Editor(engine, renderer, settings.max_rows)
    endpoint = Endpoint(engine, released, settings, editor)
    app.router.routes.append(Route("/sparql", endpoint))
    graphs = GraphStore(engine, released, settings)
    for path in ("/graphs", "/graphs/{name:path}"):
        app.router.routes.append(Route(path, graphs))
    openapi.describe(app)
    health.add(app, engine, released, renderer.render)
    routers = [
        *(page.router(renderer, graph) for page in (home, coverage, browse, search, links)),
        static.router(renderer),
        linked_data.router(graph, folder, released, renderer),
        downloads.router(folder, renderer),
    ]
    for router in routers:
        app.include_router(router)
    _add_problems(app, settings, renderer)
    app.state.engine = engine
    # The app keeps what it includes as one route, which does not tell its methods.
    routes = [*app.router.routes, *(route for router in routers for route in router.routes)]
    app.add_middleware(HeadersMiddleware, routes=routes, settings=settings)
    return app


def _add_problems(app: FastAPI, settings: Settings, renderer: Renderer) -> None:
    def answer(request: Request, problem: Rejected) -> Response:
        address = public_url(settings, request.scope)
        response = problems.response(problem, address)
        if choose(accept_of(request.headers), [PROBLEM, JSON, HTML]) == HTML:
            response = HTMLResponse(
                renderer.render("problem.html", problem=problems.document(problem, address)),
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
