"""The files of the release, to take away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from app.errors import not_found
from app.pages.renderer import PAGE, Renderer, as_json
from app.rdf.formats import JSON, TEXT, content_type, of_file
from app.web import responses

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class File:
    """A file of the release: its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    path: Path
    size: int
    digest: str


def files(folder: Path) -> dict[str, File]:
    """Return the files that the release lists in SHA256SUMS, by their names; without a list, none.

    Nothing else is served, so a name from a request is never made into a path.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    listed: dict[str, File] = {}
    for match in filter(None, map(_LINE.fullmatch, lines)):
        digest, name = match.groups()
        path = folder / name
        # A link, or a name that climbs, could lead out of the release.
        inside = path.resolve().is_relative_to(folder.resolve())
        if inside and path.is_file() and not path.is_symlink():
            listed[name] = File(name, path, path.stat().st_size, digest)
    return listed


def router(folder: Path, renderer: Renderer) -> APIRouter:
    """Return the routes of the list of files and of the files."""
    table = files(folder)
    routes = APIRouter(prefix="/dump", tags=["Linked data"], default_response_class=Response)
    types = sorted({of_file(name) for name in table})
    described = responses.answers("The file", types, not_found=True)
    del described[406]

    @routes.get("", include_in_schema=False)
    async def bare() -> Response:
        return RedirectResponse(f"{renderer.root}dump/", 308)

    @routes.get(
        "/",
        summary="The files of this release, with sizes and SHA-256",
        responses=responses.answers("The list", PAGE),
    )
    async def listing(request: Request) -> Response:
        media = responses.media_type(request, PAGE)
        listed = sorted(table.values(), key=lambda file: file.name)

        async def write() -> str:
            return _page(renderer, listed, media)

        return await responses.reply(
            request, renderer.cache, media, renderer.tag("dump", media), write
        )

    @routes.get("/{name:path}", summary="A file of this release", responses=described)
    async def file(request: Request, name: str) -> Response:
        if name == SUMS and table:
            content = (folder / SUMS).read_bytes()
            return Response(content, media_type=content_type(TEXT))
        if (chosen := table.get(name)) is None:
            raise not_found("The release has no such file.")
        headers = {"ETag": f'"{chosen.digest}"', "Cache-Control": "public, no-cache"}
        if responses.is_held(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        media = content_type(of_file(name))
        return FileResponse(chosen.path, media_type=media, headers=headers)

    return routes


def _page(renderer: Renderer, listed: Sequence[File], media: str) -> str:
    if media == JSON:
        return as_json([{"name": f.name, "bytes": f.size, "sha256": f.digest} for f in listed])
    return renderer.render("dump.html", files=listed)
