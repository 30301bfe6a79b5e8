"""The files of the release, to take away."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pyoxigraph as ox
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.catalog.graph import ReleasedGraph
from app.errors import Fault, Rejected, not_found, version_unknown
from app.exports.files import titles
from app.manifest import SUMS, sums
from app.pages.renderer import PAGE, Renderer, as_json
from app.rdf.formats import ATOM, JSON, TEXT, content_type, of_file
from app.rdf.terms import lexical
from app.versions import CHANGES, FEED, LIST, ReleaseEntry, is_version
from app.web import compression, ranges, responses
from app.web.compression import GZIP
from app.web.ranges import PartialFile
from app.web.transfer import accept_encoding

_METHODS = ["GET", "POST", "QUERY"]
_SAFE = "/:@!$&'()*+,;=-._~"
_MAY_CHANGE = "public, no-cache"
_NEVER_CHANGES = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class File:
    """A file of the release: its size in bytes, its SHA-256 in hexadecimal.

    `packed` is the same file compressed by gzip, where one lies beside it.
    """

    name: str
    path: Path
    size: int
    digest: str
    packed: Path | None = None


def files(folder: Path) -> dict[str, File]:
    """Return the files that the release lists in SHA256SUMS, by their names; without a list, none.

    Nothing else is served, so a name from a request is never made into a path.
    """
    try:
        digests = sums(folder) or {}
    except Fault:
        return {}
    listed: dict[str, File] = {}
    for name, digest in digests.items():
        path = folder / name
        if _is_inside(folder, path):
            packed = path.with_name(f"{path.name}.gz")
            beside = packed if _is_inside(folder, packed) else None
            listed[name] = File(name, path, path.stat().st_size, digest, beside)
    return listed


def _is_inside(folder: Path, path: Path) -> bool:
    # A link, or a name that climbs, could lead out of the release.
    inside = path.resolve().is_relative_to(folder.resolve())
    return inside and path.is_file() and not path.is_symlink()


class HeldReleases(Protocol):
    """The releases that lie here by their versions, and what is known of all; reads files."""

    def releases(self) -> Mapping[str, Path]: ...

    def entries(self) -> Sequence[ReleaseEntry]: ...


class Downloads:
    """The files of the release in `folder`, and of those that lie beside it."""

    def __init__(
        self, folder: Path, renderer: Renderer, graph: ReleasedGraph, shelf: HeldReleases
    ) -> None:
        self._folder, self._renderer, self._graph, self._shelf = folder, renderer, graph, shelf
        self._version = renderer.released.release
        self.table = files(folder)

    async def file(self, request: Request, name: str) -> Response:
        """Return a file of this release; or, by `version/name`, of another, or their list.

        Raises Rejected for a file or a release that is not here.
        """
        if name in self.table or name == SUMS:
            headers = {"Cache-Control": _MAY_CHANGE}
            if self._version:
                own = f"{self._renderer.root}dump/{self._version}/"
                headers["Content-Location"] = own + quote(name, safe=_SAFE)
            return self._respond(request, self._folder, self.table, name, headers)
        version, stroke, rest = name.partition("/")
        inner = {other.partition("/")[0] for other in self.table}
        if not stroke or version in inner or not is_version(version):
            raise not_found("The release has no such file.")
        if version == self._version:
            folder, table = self._folder, self.table
        else:
            releases = await asyncio.to_thread(self._shelf.releases)
            if version not in releases:
                raise version_unknown(version, self._names(releases))
            folder = releases[version]
            table = await asyncio.to_thread(files, folder)
        if not rest:
            return await self.listing(request, version, folder, table)
        return self._respond(request, folder, table, rest, {"Cache-Control": _NEVER_CHANGES})

    def _names(self, versions: Iterable[str]) -> list[str]:
        """Return this version, which is the newest, and others that lie here."""
        own = [self._version] if self._version else []
        return list(dict.fromkeys([*own, *versions]))

    async def unknown(self, version: str, *, openable: bool) -> Rejected:
        """Return what is told of a release that cannot be opened: which can, if any may be."""
        releases = await asyncio.to_thread(self._shelf.releases) if openable else {}
        others = [name for name in self._names(releases) if name != version]
        return version_unknown(version, others)

    async def listing(
        self, request: Request, version: str, folder: Path, table: Mapping[str, File]
    ) -> Response:
        """Return the files of a release, as a page or as JSON."""
        media = responses.media_type(request, PAGE)
        listed = sorted(table.values(), key=lambda file: file.name)

        async def write() -> str:
            if media == JSON:
                return as_json(
                    [{"name": f.name, "bytes": f.size, "sha256": f.digest} for f in listed]
                )
            described = await self._described()
            return await self._renderer.render(
                "dump.html",
                groups=_groups(listed),
                sizes={file.name: file.size for file in listed},
                titles=await asyncio.to_thread(titles, folder, table, described),
                version=version,
                changes=CHANGES if any(file.name == CHANGES for file in listed) else None,
                folder=f"{self._renderer.root}dump/{f'{version}/' if version else ''}",
            )

        marks = [[file.name, file.digest] for file in listed]
        tag = self._renderer.tag("dump", version, marks, media)
        return await responses.reply(request, self._renderer.cache, media, tag, write)

    async def _described(self) -> dict[str, str]:
        """Return what the dataset that is served says that files are, by their names."""
        released = self._renderer.released
        start = f"{released.base}dump/"
        rows = await self._graph.ask("files", dataset=ox.NamedNode(released.dataset))
        named = ((lexical(row["file"]), lexical(row["title"])) for row in rows)
        return {file.removeprefix(start): title for file, title in named}

    def _respond(
        self,
        request: Request,
        folder: Path,
        table: Mapping[str, File],
        name: str,
        headers: dict[str, str],
    ) -> Response:
        if name == SUMS and table:
            content = (folder / SUMS).read_bytes()
            return Response(content, media_type=content_type(TEXT), headers=headers)
        if (chosen := table.get(name)) is None:
            raise not_found("The release has no such file.")
        tag = f'"{chosen.digest}"'
        # Checksums are written last: from then on, no file of the release changes.
        modified = formatdate(int((folder / SUMS).stat().st_mtime), usegmt=True)
        headers |= {
            "ETag": tag,
            "Last-Modified": modified,
            "Link": f'<{self._renderer.root}dataset>; rel="describedby"',
        }
        path = chosen.path
        coding = compression.choose(accept_encoding(request.scope))
        # Whoever asks for a part goes on with a file; a part of a packed one cannot be unpacked.
        wanted = ranges.parts(request.headers, chosen.size, tag, modified)
        if chosen.packed is not None and wanted is None and coding is not None and coding.gzip:
            path = chosen.packed
            headers |= {"ETag": compression.coded_tag(tag, GZIP), "Content-Encoding": GZIP}
        held = responses.is_held(request, headers["ETag"]) or responses.is_held(request, tag)
        never_changes = headers["Cache-Control"] == _NEVER_CHANGES
        is_of = responses.is_since if never_changes else responses.is_of
        if held or is_of(request, modified):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        headers["Content-Type"] = content_type(of_file(name))
        return PartialFile(path, wanted, headers)

    async def known(self) -> Response:
        """Return the list of all releases that are known, and where those are that lie here.

        It has no tag: what lies here may change while this release is served.
        """
        entries = await asyncio.to_thread(self._shelf.entries)
        releases = await asyncio.to_thread(self._shelf.releases)
        listed = []
        for entry in entries:
            here = entry.version in releases
            addresses = {
                "dump": f"{self._renderer.root}dump/{entry.version}/",
                "documents": f"{self._renderer.root}version/{entry.version}/",
            }
            listed.append({**asdict(entry), "held": here, **(addresses if here else {})})
        known = {"dataset": self._renderer.released.dataset, "releases": listed}
        return Response(as_json(known), headers={"Content-Type": JSON, "Cache-Control": "no-cache"})


def router(
    folder: Path,
    renderer: Renderer,
    graph: ReleasedGraph,
    shelf: HeldReleases,
    *,
    below: bool = False,
    openable: bool = True,
) -> APIRouter:
    """Return the routes of the lists of files and of the files, and of what changed.

    One that is served `below` another tells of itself alone; `openable` tells whether any may be.
    """
    downloads = Downloads(folder, renderer, graph, shelf)
    routes = APIRouter(tags=["Linked data"], default_response_class=Response)
    types = sorted({of_file(name) for name in downloads.table})
    described = responses.answers("The file", types, not_found=True, negotiated=False)

    @routes.get("/dump", include_in_schema=False)
    async def bare() -> Response:
        return RedirectResponse(f"{renderer.root}dump/", 308)

    @routes.get(
        "/dump/",
        summary="The files of this release, with sizes and SHA-256",
        responses=responses.answers("The list", PAGE),
    )
    async def listing(request: Request) -> Response:
        return await downloads.listing(request, "", folder, downloads.table)

    @routes.get(
        "/dump/{name:path}",
        summary="A file of the newest release, or of the one whose version comes before its name",
        responses=described,
    )
    async def file(request: Request, name: str) -> Response:
        return await downloads.file(request, name)

    @routes.get(
        f"/{FEED}",
        summary="What changed with each release (Atom)",
        responses=responses.answers("The feed", [ATOM], not_found=True),
    )
    async def feed(request: Request) -> Response:
        return await downloads.file(request, FEED)

    if not below:
        # Whatever release can be opened has answered before it comes to this.
        @routes.api_route("/version/{version}", methods=_METHODS, include_in_schema=False)
        @routes.api_route(
            "/version/{version}/{path:path}", methods=_METHODS, include_in_schema=False
        )
        @routes.get(
            "/version/{version}/{path:path}",
            summary="Documents, pages and the endpoint as that release of the record has them",
            responses={200: {"description": "The answer of that release"}, **responses.NOT_FOUND},
        )
        async def earlier(version: str, path: str = "") -> Response:
            raise await downloads.unknown(version, openable=openable)

        @routes.get(
            f"/{LIST}",
            summary="The releases that there are, and which of them lie here",
            responses={200: {"description": "The list", "content": {JSON: {}}}},
        )
        async def known() -> Response:
            return await downloads.known()

    return routes


def _groups(listed: Sequence[File]) -> dict[str, list[File]]:
    """Return the files by the folder that they lie in, those of no folder first.

    A packed file goes with what it packs.
    """
    groups: dict[str, list[File]] = {"": []}
    packed = {file.packed for file in listed}
    for file in listed:
        if file.path in packed:
            continue
        groups.setdefault(file.name.rpartition("/")[0], []).append(file)
    return groups
