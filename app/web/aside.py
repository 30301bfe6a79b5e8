"""Work that computes: beside the event loop, in a thread that has a loop of its own.

The interpreter takes turns between threads, so that what computes there for seconds keeps nobody
waiting here for longer than a moment.
"""

import asyncio
import concurrent.futures
import logging
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from app.web.cache import ByteCache, Content

T = TypeVar("T")
AT_ONCE = 4
"""So many pieces of work are begun at once: while one waits for something, another computes."""
# So long the end waits for what is being done to be given up.
_END_SECONDS = 5
_log = logging.getLogger("dialogue.web")


class Aside:
    """Does work beside the event loop that asks for it, a few pieces at once, the first first.

    Its thread begins with the first piece, and ends when it is stopped or nobody has it any more.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._home: asyncio.AbstractEventLoop | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._end: weakref.finalize[..., Aside] | None = None
        self.waiting = self.running = self.most = 0

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `work` gives, done aside. Who leaves ends it."""
        loop = self._started()
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), loop))
        finally:
            self.running -= 1
            self._places.release()

    async def home(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `work` gives, done where `run` was called, from wherever it is asked."""
        home = self._home
        if home is None or asyncio.get_running_loop() is not self._loop:
            return await work()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), home))

    async def stop(self) -> None:
        """End the thread, with whatever is still being done there.

        What does not end in some seconds is left to end with the process.
        """
        thread, self._loop, self._thread = self._thread, None, None
        if thread is not None and self._end is not None:
            self._end()
            await asyncio.to_thread(thread.join, _END_SECONDS)
            if thread.is_alive():
                _log.warning("what is done aside goes on after its end")

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._home = asyncio.get_running_loop()
            self._loop = asyncio.new_event_loop()
            self._end = weakref.finalize(self, self._loop.call_soon_threadsafe, self._loop.stop)
            self._end.atexit = False
            self._thread = threading.Thread(
                target=_live, args=(self._loop,), name="aside", daemon=True
            )
            self._thread.start()
        return self._loop


def _live(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        # Not waited for is what runs in other threads.
        loop.close()


class Abandoned(Exception):
    """Nobody waits any more for what is done."""


async def in_thread(work: Callable[[Callable[[], None]], T]) -> T:
    """Return what `work` gives, done in a thread of its own, for which no end waits.

    It is to call now and then what it is given: that raises Abandoned once nobody waits for it.
    """
    outcome = concurrent.futures.Future[T]()
    left = threading.Event()

    def go_on() -> None:
        if left.is_set():
            raise Abandoned

    def run() -> None:
        try:
            result = work(go_on)
        except BaseException as error:  # noqa: BLE001
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    # Once it runs, it cannot be cancelled from outside.
    outcome.set_running_or_notify_cancel()
    threading.Thread(target=run, name="beside", daemon=True).start()
    try:
        return await asyncio.wrap_future(outcome)
    finally:
        left.set()


class AsideCache:
    """A cache whose contents are made aside."""

    def __init__(self, cache: ByteCache, aside: Aside) -> None:
        self._cache, self._aside = cache, aside

    @property
    def largest(self) -> int:
        """How many bytes a content may have that is kept."""
        return self._cache.largest

    def get(self, key: str) -> Content | None:
        """Return the content with a tag, None where it is not here."""
        return self._cache.get(key)

    async def through(self, tag: str, make: Callable[[], Awaitable[bytes | str]]) -> Content:
        """Return the content with a tag, made by `make` if it is not here, once for all who ask."""

        async def work() -> bytes | str:
            return await make()

        return await self._cache.through(tag, lambda: self._aside.run(work))
