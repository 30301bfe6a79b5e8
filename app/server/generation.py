"""One generation: an application that serves a release from a store, from its start to its end."""

import asyncio
import contextlib
import fcntl
import os
from functools import partial
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from app import manifest
from app.errors import Fault
from app.manifest import SUMS, Prepared
from app.server.lifespan import Lifespan


def _identity(release: Path) -> tuple[manifest.Release, bytes] | None:
    """Return what tells a release apart from others: its manifest and the digests of its files."""
    try:
        return manifest.read(release), (release / SUMS).read_bytes()
    except (OSError, Fault):
        return None


class Generation:
    """An application, counted in and out of each request, so that it can end when none runs.

    `app` serves `prepared.release` from `store`, or from memory.
    """

    def __init__(self, app: Any, prepared: Prepared, store: Path | None) -> None:
        self.prepared, self.store = prepared, store
        self.release = manifest.read(prepared.release)
        self._identity = _identity(prepared.release)
        self._app, self._life = app, Lifespan(app)
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._leases: list[int] = []

    @property
    def name(self) -> str:
        """What the release is called: its name in the cache, or that of its folder."""
        return self.prepared.kept or self.prepared.release.name

    def serves(self, release: Path) -> bool:
        """Return whether what lies in a folder is what is served, file by file, and still there.

        That its own folder has gone is a reason to serve the same from another.
        """
        known = self._identity
        return known is not None and known == _identity(release) and self.prepared.release.is_dir()

    @property
    def running(self) -> int:
        """How many requests it answers now."""
        return self._running

    @property
    def loaded(self) -> float:
        """The share of the release that has been read."""
        return float(self._app.engine.loaded)

    async def start(self) -> None:
        """Start the application. Raises Fault if it cannot."""
        # A cache removes nothing on which somebody has a lock.
        for folder in (self.prepared.release, self.store):
            with contextlib.suppress(OSError):
                if folder is not None:
                    descriptor = os.open(folder, os.O_RDONLY)
                    self._leases.append(descriptor)
                    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        try:
            await self._life.start()
        except BaseException:
            self._release()
            raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._count(self._app, scope, receive, send)

    def versioned(self) -> ASGIApp:
        """Return what answers below the version of the release, which is the newest.

        Raises Fault where its folder has gone.
        """
        return partial(self._count, self._app.versioned())

    async def _count(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._running += 1
        self._idle.clear()
        try:
            await app(scope, receive, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def drain(self, seconds: float) -> None:
        """Wait until no request runs, `seconds` at most; then end the application."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)
        await self.stop()

    async def stop(self) -> None:
        """End the application with all that it runs."""
        await self._life.stop()
        self._release()

    def _release(self) -> None:
        while self._leases:
            os.close(self._leases.pop())
