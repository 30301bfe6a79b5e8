"""Releases below their versions: opened when somebody asks for one, ended when nobody does.

Each is an application of its own below `/version/{version}/`, on a store on disk that is only read,
with one worker, under the same bounds as the newest. Few are open at once: the one that was not
asked for longest makes room. The newest is open anyhow: the engine that it has answers there too.
"""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Fault, Rejected, busy, not_found, not_ready, stopping
from app.manifest import Prepared
from app.rdf.formats import HTML
from app.server.generation import Generation
from app.server.shelf import Shelf
from app.settings import Settings
from app.web import problems
from app.web.middleware import HeadersMiddleware
from app.web.public_url import SAFE, public_url

PREFIX = "/version/"
# What tells of the server and not of a release.
_OPERATIONS = frozenset({"live", "ready", "metrics", "version", "releases.json"})
_LOOK_SECONDS = 0.5
# So long a release stays that somebody has asked, before it makes room for another.
_STAY_SECONDS = 1.0
Create = Callable[[Path, Path | None, str], ASGIApp]
Prepare = Callable[[Path], Awaitable[Prepared]]
_log = logging.getLogger("dialogue.server")


class OpenedVersions:
    """Answers what is asked below `/version/`.

    `shelf` knows which releases lie here, `prepare` makes one of them ready with its disk store,
    and `create` returns the application that serves it below a path.
    """

    def __init__(
        self, create: Create, settings: Settings, shelf: Shelf, prepare: Prepare | None
    ) -> None:
        self._create, self._settings, self._shelf = create, settings, shelf
        self._prepare = prepare
        self._root = urlsplit(settings.public_url or "/").path or "/"
        self._opened: OrderedDict[str, Generation] = OrderedDict()
        self._asked: dict[str, float] = {}
        self._opening: dict[str, asyncio.Task[Generation]] = {}
        self._turn = asyncio.Lock()
        self._tending: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that are open, the one that was asked for last at the end."""
        return tuple(self._opened)

    async def answer(self, current: Generation, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; `current` serves the newest release, which is open anyhow."""
        guarded = HeadersMiddleware(self._within(current), [], self._settings)
        await guarded(scope, receive, send)

    def _within(self, current: Generation) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await self._dispatch(current, scope, receive, send)
            except Rejected as problem:
                answer = problems.response(problem, public_url(self._settings, scope))
                await answer(scope, receive, send)

        return app

    async def _dispatch(
        self, current: Generation, scope: Scope, receive: Receive, send: Send
    ) -> None:
        version, stroke, rest = scope["path"][len(PREFIX) :].partition("/")
        newest = bool(version) and version == current.release.release
        if not newest and version not in await self._held():
            # It says so itself, and which there are.
            await current(scope, receive, send)
            return
        if not stroke:
            await RedirectResponse(f"{self._root}{PREFIX[1:]}{version}/", 308)(scope, receive, send)
            return
        if rest.partition("/")[0] in _OPERATIONS:
            raise not_found("This tells of the server, not of one release.")
        inner = _below(scope, version)
        try:
            generation = current if newest else await self._open(version)
            answer = current.versioned() if newest else generation
        except Fault as fault:
            _log.error("%s; it is not served", fault)
            await current(scope, receive, send)
            return
        if not newest and self._opened.get(version) is not generation:
            raise not_ready(f"Release {version} was ended again.")
        self._asked[version] = time.monotonic()
        await answer(inner, receive, _with_canonical(self._lasting(scope, inner), send))
        self._asked[version] = time.monotonic()

    def _lasting(self, scope: Scope, inner: Scope) -> str:
        """Return the address without its version: what is there is the newest, whatever comes."""
        path = inner.get("raw_path") or quote(inner["path"]).encode()
        address = b"?".join(filter(None, [path, scope["query_string"]]))
        # Nothing that somebody writes into an address ends the link in which it stands.
        rest = quote(address.removeprefix(b"/"), safe=f"{SAFE}%?")
        return public_url(self._settings, scope) + rest

    async def _held(self) -> Mapping[str, Path]:
        """Return the folders of the releases that may be opened, by their versions."""
        if not self._settings.open_versions:
            return {}
        return await asyncio.to_thread(self._shelf.releases)

    async def _open(self, version: str) -> Generation:
        """Return the generation of a version, opened if it is not.

        Raises Rejected where there is no room or no time, Fault where it cannot be served.
        """
        if self._stopping:
            raise stopping()
        if (known := self._opened.get(version)) is not None:
            self._opened.move_to_end(version)
            return known
        task = self._opening.get(version)
        if task is None:
            task = self._opening[version] = asyncio.create_task(self._begin(version))
            task.add_done_callback(lambda _: self._opening.pop(version, None))
        try:
            # Whoever leaves does not end it for the others, nor for the next time.
            async with asyncio.timeout(self._settings.query_seconds):
                return await asyncio.shield(task)
        except TimeoutError:
            raise not_ready(f"Release {version} is being opened.") from None

    async def _begin(self, version: str) -> Generation:
        """Open a version: one at a time, and one less where there is no room."""
        async with self._turn:
            path = (await self._held()).get(version)
            if path is None or self._prepare is None:
                raise Fault(f"{version}: no such release")
            await self._make_room()
            prepared = await self._prepare(path)
            app = self._create(prepared.release, prepared.store, f"{PREFIX[1:]}{version}/")
            generation = Generation(app, prepared, prepared.store)
            await generation.start()
            if self._stopping:
                await generation.stop()
                raise stopping()
            self._opened[version] = generation
            self._asked[version] = time.monotonic()
            _log.info("release %s is open: it was asked for", version)
            if self._tending is None or self._tending.done():
                self._tending = asyncio.create_task(self._tend())
            return generation

    async def _make_room(self) -> None:
        while len(self._opened) >= self._settings.open_versions:
            # Who asks for one after another would else have them opened all the time.
            since = time.monotonic() - _STAY_SECONDS
            idle = (v for v, one in self._opened.items() if not one.running)
            oldest = next((v for v in idle if self._asked[v] <= since), None)
            if oldest is None:
                raise busy("Other releases are being asked, and no more may be open.")
            await self._end(oldest, "another was asked for")

    async def _tend(self) -> None:
        """End what nobody has asked for a while, until nothing is open."""
        while self._opened:
            await asyncio.sleep(min(_LOOK_SECONDS, self._settings.version_seconds))
            since = time.monotonic() - self._settings.version_seconds
            for version, generation in list(self._opened.items()):
                if not generation.running and self._asked[version] <= since:
                    await self._end(version, "nobody asked")

    async def _end(self, version: str, why: str) -> None:
        generation = self._opened.pop(version)
        self._asked.pop(version, None)
        _log.info("release %s is ended: %s", version, why)
        await generation.stop()

    async def stop(self) -> None:
        """End everything that is open."""
        self._stopping = True
        tasks = [*self._opening.values(), *filter(None, [self._tending])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await asyncio.gather(*(one.stop() for one in self._opened.values()))
        self._opened.clear()


def _with_canonical(address: str, send: Send) -> Send:
    """Return what sends on, and tells of each page under which address to list it (RFC 6596).

    A document has named that of its thing already.
    """
    link = b"link", f'<{address}>; rel="canonical"'.encode("latin-1")

    async def linked(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = dict(message["headers"])
            is_page = headers.get(b"content-type", b"").startswith(HTML.encode())
            if is_page and b'rel="canonical"' not in headers.get(b"link", b""):
                message = {**message, "headers": [*message["headers"], link]}
        await send(message)

    return linked


def _below(scope: Scope, version: str) -> Scope:
    """Return a request as the application of a version sees it, which answers below its path.

    Raises Rejected for an address in which that path is spelled otherwise: what is kept of an
    answer goes by the spelling.
    """
    path = f"{PREFIX}{version}"
    inner: dict[str, Any] = {**scope, "path": scope["path"][len(path) :]}
    inner["state"] = {**scope.get("state", {}), "version": version}
    if raw := scope.get("raw_path"):
        if not raw.startswith(f"{path}/".encode()):
            raise not_found("Write the version as it is, without percent signs.")
        inner["raw_path"] = raw[len(path.encode()) :]
    return inner
