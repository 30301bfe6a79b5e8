"""The files that pages need."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import not_found
from app.pages.renderer import STATIC, Renderer, mark
from app.rdf.formats import content_type
from app.web.responses import is_held


def router(renderer: Renderer) -> APIRouter:
    """Return the route of the files that pages need."""
    routes = APIRouter(default_response_class=Response)

    @routes.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        if name not in renderer.static:
            raise not_found("There is no such file.")
        content = renderer.static[name]
        headers = {"ETag": f'"{mark(content)}"', "Cache-Control": "public, max-age=3600"}
        if is_held(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(content, headers={**headers, "Content-Type": content_type(STATIC[name])})

    return routes
