"""The files of the release, to take away."""

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from app.errors import Rejected
from app.manifest import Release
from app.pages.renderer import Pages
from app.web import responses

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_TYPES = {
    ".nq": "application/n-quads",
    ".nt": "application/n-triples",
    ".trig": "application/trig",
    ".ttl": "text/turtle; charset=utf-8",
    ".rdf": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".json": "application/json",
    ".rq": "application/sparql-query; charset=utf-8",
}


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
    found: dict[str, File] = {}
    for match in filter(None, map(_LINE.fullmatch, lines)):
        digest, name = match.groups()
        path = folder / name
        # A link, or a name that climbs, could lead out of the release.
        inside = path.resolve().is_relative_to(folder.resolve())
        if inside and path.is_file() and not path.is_symlink():
            found[name] = File(name, path, path.stat().st_size, digest)
    return found


def router(folder: Path, released: Release, pages: Pages) -> APIRouter:
    """Return the routes of the list of files and of the files."""
    table = files(folder)
    routes = APIRouter(prefix="/dump", tags=["Linked data"], default_response_class=Response)
    types = sorted({media.partition(";")[0] for media in _TYPES.values()})
    held = responses.answers("The file", types, not_found=True)
    del held[406]

    @routes.get("", include_in_schema=False)
    async def bare() -> Response:
        return RedirectResponse(f"{pages.root}dump/", 308)

    @routes.get(
        "/",
        summary="The files of this release, with sizes and SHA-256",
        responses=responses.answers("The list", [responses.HTML, responses.JSON]),
    )
    async def listing(request: Request) -> Response:
        media = responses.media_type(request, [responses.HTML, responses.JSON])
        listed = sorted(table.values(), key=lambda file: file.name)

        async def write() -> str:
            return pages.dump(listed, media)

        return await responses.reply(request, pages.shelf, media, pages.tag("dump", media), write)

    @routes.get("/{name:path}", summary="A file of this release", responses=held)
    async def file(request: Request, name: str) -> Response:
        if name == SUMS and table:
            content = (folder / SUMS).read_bytes()
            return Response(content, media_type="text/plain; charset=utf-8")
        if (chosen := table.get(name)) is None:
            raise Rejected(404, "not-found", "The release has no such file.")
        headers = {"ETag": f'"{chosen.digest}"', "Cache-Control": "public, no-cache"}
        if responses.is_held(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        media = _TYPES.get(chosen.path.suffix, "text/plain; charset=utf-8")
        return FileResponse(chosen.path, media_type=media, headers=headers)

    return routes
