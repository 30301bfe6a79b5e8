"""The life of an application inside another one (ASGI, the lifespan protocol)."""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message

from app.errors import Fault


class Lifespan:
    """Starts an application and ends it, as a server does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._reports: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the application has started. Raises what it raises, or Fault."""
        self._task = asyncio.create_task(self._run())
        try:
            report = await self._next("lifespan.startup")
        except BaseException:
            await self._cancel()
            raise
        if report["type"] == "lifespan.startup.failed":
            await self._task
            raise Fault(report.get("message", "the application did not start"))

    async def stop(self) -> None:
        """Return when the application has ended."""
        if self._task is not None and not self._task.done():
            await self._next("lifespan.shutdown")
            await self._cancel()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await self._app(scope, self._orders.get, self._reports.put)

    async def _next(self, order: str) -> Message:
        """Give an order, and return the application's report on it."""
        await self._orders.put({"type": order})
        report = asyncio.ensure_future(self._reports.get())
        try:
            await asyncio.wait({report, self._task}, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
            if report.done():
                return report.result()
        finally:
            report.cancel()
        if self._task is not None:
            await self._task
        raise Fault("the application ended by itself")

    async def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task
