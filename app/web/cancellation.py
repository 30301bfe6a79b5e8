"""Work for a client that may leave before it is done."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from app.errors import Rejected

T = TypeVar("T")
_WATCH_AFTER = 0.02


class ClientDisconnected(Exception):
    """The client has left."""


async def disconnected(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_disconnected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives; end it when the client leaves, which raises ClientDisconnected."""
    task = asyncio.ensure_future(work)
    watch: asyncio.Future[None] | None = None
    try:
        # Most are done before it pays to listen for who leaves.
        await asyncio.wait({task}, timeout=_WATCH_AFTER)
        if not task.done():
            watch = asyncio.ensure_future(disconnected(receive))
            await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnected
        return task.result()
    finally:
        if watch:
            watch.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Rejected):
                await task
