"""The server's outermost application: it answers from the first moment on, and swaps releases.

What is asked before anything is loaded is told to come again. A new generation of the same or of
another release takes over from the old one between two requests; those that run on the old one
run on to their end.
"""

import asyncio
import contextlib
import logging
import os
import re
import shutil
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app import manifest
from app.errors import Fault, Rejected, not_ready, stopping
from app.manifest import DISK, MEMORY, Prepared
from app.server.capacity import WORTH, fits
from app.server.generation import Generation
from app.server.opened import PREFIX, OpenedVersions
from app.server.preparation import Preparer, Tell
from app.server.releases import ReleaseFolder, Stamp, releases, stamp
from app.settings import Settings
from app.web import problems
from app.web.middleware import HeadersMiddleware
from app.web.public_url import public_url

Create = Callable[[Path, Path | None], ASGIApp]
_LOOK_SECONDS, _DRAIN_SECONDS, _REST_SECONDS = 2.0, 600.0, 1.0
_FOLDERS = re.compile(r"(?<![^\s“])/(?:[^\s/:]+/)*")
_log = logging.getLogger("dialogue.server")


@dataclass(frozen=True)
class GenerationState:
    """What is served: for those who run the server.

    `number` counts the generations, from 1; `draining` is how many older ones still answer,
    `doing` what is being loaded, `faults` tells of each release that cannot be served, by names
    without the folders that they lie in; `opened` are the older releases that are open.
    """

    number: int
    release: str
    digest: str
    store: str
    draining: int
    doing: str
    faults: tuple[str, ...]
    opened: tuple[str, ...] = ()


class Generations:
    """Serves one release after another.

    `create` returns the application that serves a release, from a disk store or from memory.
    `preparer` makes ready what was asked for; without one, `folder` is the release. With one and
    `watched`, the newest whole release in that folder is served. `tell` is told what is loaded.
    `older` answers for the releases that are not the newest.
    """

    def __init__(
        self,
        create: Create,
        settings: Settings,
        folder: Path | None = None,
        *,
        preparer: Preparer | None = None,
        watched: Path | None = None,
        tell: Tell = lambda doing, share: None,
        end: Callable[[], None] = lambda: None,
        older: OpenedVersions | None = None,
    ) -> None:
        self._create, self._settings = create, settings
        self._folder, self._preparer, self._watched = folder, preparer, watched
        self._tell_terminal, self._end, self._older = tell, end, older
        self._current: Generation | None = None
        self._newest: ReleaseFolder | None = None
        self._number = 0
        self._doing = "Starting"
        self._failure: str | None = None
        self._damaged: dict[Path, tuple[Stamp, str]] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining: set[Generation] = set()
        self._stopping, self._terminal = False, _has_terminal()
        self._early = HeadersMiddleware(self._unready, [Route("/live", _live)], settings)
        self.fault: Fault | None = None

    def state(self) -> GenerationState:
        """Return what is served now."""
        current = self._current
        faults = [fault for _, fault in self._damaged.values()]
        return GenerationState(
            number=self._number,
            release=current.name if current else "",
            digest=current.release.digest if current else "",
            store=(DISK if current.store else MEMORY) if current else "",
            draining=len(self._draining),
            doing=self._doing,
            faults=tuple(map(_without_folders, [*faults, *filter(None, [self._failure])])),
            opened=self._older.versions if self._older else (),
        )

    def reload(self) -> None:
        """Look once more at all that there is, as soon as what is being loaded is.

        It is prepared, and loaded where it is another release than the one that is served.
        """
        self._again.set()

    def _hang_up(self) -> None:
        # The same signal says that the terminal has gone from which this server was started.
        if self._terminal and not _has_terminal():
            self._end()
        else:
            self.reload()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        scope.setdefault("state", {})["generations"] = self
        current = self._current
        if current and self._older and scope["path"].startswith(PREFIX):
            await self._older.answer(current, scope, receive, send)
            return
        await (current or self._early)(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            # Not where there is no such signal, or where this is not the main thread.
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)
        self._spawn(self._work())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _unready(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/live" and scope["method"] == "GET":
            await _live(Request(scope))(scope, receive, send)
            return
        problem: Rejected = stopping() if self._stopping else not_ready(f"{self._doing}.")
        response = problems.response(problem, public_url(self._settings, scope))
        await response(scope, receive, send)

    async def _work(self) -> None:
        """Load what is to be served; then wait for more, for as long as the server runs."""
        try:
            await self._renew(anew=True)
        except Fault as fault:
            self._give_up(fault)
            return
        except Exception as error:  # noqa: BLE001
            _log.exception("loading failed")
            self._give_up(Fault(f"loading failed: {type(error).__name__}"))
            return
        while True:
            anew = await self._wait()
            try:
                if anew or self._has_newer():
                    await self._renew(anew=anew)
            except Fault as fault:
                self._failure = str(fault)
                _log.error("%s; what is served stays", fault)
            except Exception as error:  # noqa: BLE001
                self._failure = f"loading failed: {type(error).__name__}"
                _log.exception("loading failed; what is served stays")
            finally:
                self._now("")

    def _give_up(self, fault: Fault) -> None:
        self.fault = fault
        self._now("")
        self._end()

    async def _wait(self) -> bool:
        """Return True when all is to be loaded once more, False when it is time to look."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS if self._watched else None):
                await self._again.wait()
        except TimeoutError:
            return False
        self._again.clear()
        return True

    # What there is

    async def _renew(self, *, anew: bool) -> None:
        """Serve what there is now: all of it `anew`, or only a release that is newer."""
        if self._preparer is None:
            current = self._current
            if self._folder is not None and not (current and current.serves(self._folder)):
                await self._swap(Prepared(self._folder), None)
            return
        if self._watched is None:
            prepared = await self._preparer.prepare(self._now)
        else:
            if anew:
                self._damaged.clear()
            found = await self._newest_whole(self._watched, None if anew else self._newest)
            if found is None and self._newest and self._newest.path in self._damaged:
                return
            if found is None and anew:
                raise Fault(self._none_whole(self._watched))
            if found is None:
                return
            self._newest, prepared = found
        await self._open(self._preparer, prepared)
        self._failure = None

    def _none_whole(self, folder: Path) -> str:
        reasons = [fault for _, fault in self._damaged.values()]
        return "\n".join([f"{folder}: holds no whole release", *reasons])

    async def _newest_whole(
        self, folder: Path, than: ReleaseFolder | None
    ) -> tuple[ReleaseFolder, Prepared] | None:
        """Return the newest release that is whole, if it is newer; each damaged one is noted."""
        for found in self._newer(folder, than):
            try:
                return found, await self._prepare(found.path)
            except Fault as fault:
                self._damaged[found.path] = stamp(found.path), str(fault)
                if self._current and self._newest and found.path == self._newest.path:
                    # It was whole when it was read: an older one is no better.
                    _log.error("%s; what was read of it stays", fault)
                    return None
                _log.error("%s; it is not served", fault)
        return None

    async def _prepare(self, path: Path) -> Prepared:
        if self._preparer is None:
            return Prepared(path)
        return await self._preparer.prepare(self._now, [path])

    def _has_newer(self) -> bool:
        """Return whether a newer release lies there that was not looked at yet, and rests."""
        if self._watched is None:
            return False
        # What was damaged and has changed since may be whole now.
        self._damaged = {p: was for p, was in self._damaged.items() if was[0] == stamp(p)}
        before, self._stamps = self._stamps, {}
        for found in self._newer(self._watched, self._newest):
            self._stamps[found.path] = stamp(found.path)
        # What changes between two looks is still being written.
        return any(before.get(path) == files for path, files in self._stamps.items())

    def _newer(self, folder: Path, than: ReleaseFolder | None) -> list[ReleaseFolder]:
        """Return the releases that are newer, the newest first, but for the damaged ones."""
        there = releases(folder)
        # Where the one that is served has gone, any other is looked at.
        least = than if than in there else None
        newer = [found for found in there if least is None or found > least]
        return [found for found in newer if found.path not in self._damaged]

    # From one generation to the next

    async def _open(self, preparer: Preparer, prepared: Prepared) -> None:
        """Serve a release: at once from its disk store, if it has one; then from memory."""
        quads = manifest.read(prepared.release).quads
        kind = self._settings.store
        memory = kind == "memory" or (kind == "auto" and fits(quads, self._settings))
        store = prepared.store if kind != "memory" else None
        if store is None and not memory:
            self._now("Making a disk store")
            store = await preparer.store(prepared.release)
            memory = memory or store is None
        current = self._current
        if current and current.serves(prepared.release) and not (memory and current.store):
            _log.info("there is no other release than the one that is served")
            return
        if store is not None and not (memory and self._current):
            try:
                await self._swap(prepared, store)
            except Fault as fault:
                _log.warning("%s; the disk store is removed", fault)
                shutil.rmtree(store.parent, ignore_errors=True)
                store, memory = None, True
        if memory:
            await self._load(preparer, prepared)
        wanted = store is None and kind != "memory" and quads >= WORTH
        self._spawn(self._afterwards(preparer, prepared, store=wanted))

    async def _load(self, preparer: Preparer, prepared: Prepared) -> None:
        """Serve a release from memory; one that was kept and is damaged is made anew."""
        try:
            await self._swap(prepared, None)
        except Fault as fault:
            if prepared.kept is None:
                raise
            _log.warning("%s; it is made anew", fault)
            await self._swap(await preparer.prepare(self._now, forget=prepared.kept), None)

    async def _swap(self, prepared: Prepared, store: Path | None) -> None:
        """Start a generation and let it take over from the one that answers now."""
        generation = Generation(self._create(prepared.release, store), prepared, store)
        start = asyncio.ensure_future(generation.start())
        try:
            while not start.done():
                self._now("Loading the release", generation.loaded)
                await asyncio.wait({start}, timeout=0.1)
            start.result()
        except asyncio.CancelledError:
            start.cancel()
            with contextlib.suppress(asyncio.CancelledError, Fault):
                await start
            raise
        old, self._current = self._current, generation
        self._number += 1
        self._now("")
        served = f"{generation.release.quads} quads from {'disk' if store else 'memory'}"
        _log.info("generation %d: %s, %s", self._number, generation.name, served)
        if old is not None:
            self._draining.add(old)
            self._spawn(self._retire(old))

    async def _retire(self, old: Generation) -> None:
        # Where this is cancelled, the server ends, and ends all that drain itself.
        await old.drain(_DRAIN_SECONDS)
        self._draining.discard(old)

    async def _afterwards(self, preparer: Preparer, prepared: Prepared, *, store: bool) -> None:
        """Make what the first answers do not need: a description, and the next start's store."""
        await asyncio.sleep(_REST_SECONDS)
        try:
            await preparer.describe(prepared)
        except Fault as fault:
            _log.warning("the dataset is not described: %s", fault)
        try:
            if store:
                await preparer.store(prepared.release)
        except Fault as fault:
            _log.warning("no disk store was made: %s", fault)

    async def _stop(self) -> None:
        self._stopping = True
        if self._preparer is not None:
            self._preparer.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._older is not None:
            await self._older.stop()
        running = {*self._draining, *filter(None, [self._current])}
        self._current = None
        await asyncio.gather(*(generation.stop() for generation in running))

    def _now(self, doing: str, share: float = 0.0) -> None:
        """Note and tell what is done, and how much of it."""
        self._doing = f"{doing}: {share:.0%}" if doing and share else doing
        self._tell_terminal(doing, share)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _without_folders(fault: str) -> str:
    """Return what is wrong for anybody to read: where it lies on this machine is for the log.

    >>> _without_folders("/srv/releases/2: not whole: dialogue.nq: No such file or directory")
    '2: not whole: dialogue.nq: No such file or directory'
    """
    return _FOLDERS.sub("", fault)


def _live(_: Request) -> JSONResponse:
    return JSONResponse({"status": "live"}, headers={"Cache-Control": "no-store"})


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
