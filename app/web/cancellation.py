"""Work for a client that may leave before it is done."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.types import Message, Receive, Send

from app.errors import Rejected

T = TypeVar("T")
_WATCH_AFTER = 0.02


class ClientDisconnected(Exception):
    """The client has left."""


class BodyUnwanted(ClientDisconnected):
    """The client asked for the head of an answer, and has it: what makes the rest may leave."""


class AnswerCut(Exception):
    """The rest of a response cannot be had, for what `problem` says.

    Raised by who makes a response: what was sent of it gets no end, and where nothing was sent the
    client is told of the problem.
    """

    def __init__(self, problem: Rejected) -> None:
        super().__init__(problem.kind)
        self.problem = problem


async def disconnected(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_disconnected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives; end it when the client leaves, which raises ClientDisconnected."""
    return await _unless_ended(_Watch(receive), work)


async def _unless_ended(watch: "_Watch", work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except (asyncio.CancelledError, Rejected):
        if watch.has_ended_it():
            raise ClientDisconnected from None
        raise
    finally:
        watch.close()


async def begun_unless_disconnected(
    receive: Receive, send: Send, answer: Callable[[Send], Coroutine[Any, Any, None]]
) -> None:
    """Let `answer` send by what it is given; end it when the client leaves before it begins to.

    That raises ClientDisconnected. From its beginning on, whoever sends sees for itself who leaves.
    """
    watch = _Watch(receive)

    async def begun(message: Message) -> None:
        watch.close()
        await send(message)

    await _unless_ended(watch, answer(begun))


class _Watch:
    """Looks whether the client leaves, and cancels the current task when it does.

    Most work is done before it pays to look: a task for each request would cost more than a timer.
    """

    def __init__(self, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        self._receive, self._task = receive, asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None
        self._cancelled = False
        self._timer: asyncio.TimerHandle | None = loop.call_later(_WATCH_AFTER, self._begin)

    def has_ended_it(self) -> bool:
        """Return whether the work was cancelled for this, and by nobody else besides."""
        if not self._cancelled or self._task is None:
            return False
        self._cancelled = False
        return self._task.uncancel() == 0

    def close(self) -> None:
        """Look no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self._cancelled and self._task is not None:
            # The work was done all the same.
            self._cancelled = False
            self._task.uncancel()

    def _begin(self) -> None:
        if self._timer is not None:
            self._watching = asyncio.ensure_future(disconnected(self._receive))
            self._watching.add_done_callback(self._ended)

    def _ended(self, watching: asyncio.Task[None]) -> None:
        if watching.cancelled():
            return
        # Who cannot be listened to has left as well.
        watching.exception()
        if self._watching is watching and self._task is not None:
            self._cancelled = self._task.cancel()
