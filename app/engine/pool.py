"""The workers of a release: kept ready, handed out one query at a time, replaced when they end.

Workers are taken last in, first out, since the one that worked last has the warmest memory, and
are handed on in the order of asking, since a queue that lets newcomers barge starves somebody.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from pathlib import Path

from app.engine.processes import WorkerProcess, ZygoteProcess
from app.errors import Fault, busy, stopping

_SPARE = 1
_WAITING = 64
_SLOW_SECONDS = 1.0
_log = logging.getLogger("dialogue.pool")


class Pool:
    """Ready workers, handed out one query at a time.

    As many queries run as there are `workers`. One that has run for a second moves to one of the
    `slow` places, as long as there is one, and makes room for another. One more worker than can
    be used is kept warm.
    """

    def __init__(self, release: Path, *, workers: int, slow: int, memory: int) -> None:
        self._release, self._memory = release, memory
        self._workers, self._slow = workers, slow
        self._loader = ZygoteProcess(release, memory)
        self._idle: list[WorkerProcess] = []
        self._running: set[WorkerProcess] = set()
        self._waiting: deque[asyncio.Future[WorkerProcess]] = deque()
        self._forking = 0
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.quads = 0
        self.sealed = False

    @property
    def pids(self) -> list[int]:
        """The processes of the pool: the loader's first."""
        return self._loader.pids

    async def start(self) -> None:
        """Load the release and wait for the first worker. Raises Fault if there is none."""
        self.quads = await self._loader.start()
        try:
            first = await self._loader.fork()
        except (OSError, EOFError, TimeoutError):
            await self._loader.stop()
            raise Fault(f"{self._release}: no worker process can be started") from None
        self._admit(first)
        self._spawn(self._watch())
        self._fill()

    async def stop(self) -> None:
        """End every process; whoever waits is refused."""
        if self._stopping:
            return
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(stopping())
        await self._loader.stop()
        self._idle.clear()

    async def acquire(self, deadline: float) -> WorkerProcess:
        """Return a worker, for this caller alone, until it is released or discarded.

        `deadline` is on the clock of the event loop. Raises Rejected when too many wait already,
        or none is free by then.
        """
        if self._stopping:
            raise stopping()
        if not self._waiting and self._free():
            return self._take()
        if len(self._waiting) >= _WAITING:
            raise busy("Too many queries wait already.")
        waiter: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._fill()
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(waiter)
        except TimeoutError:
            self._leave(waiter)
            raise busy("No worker became free in time.") from None
        except asyncio.CancelledError:
            self._leave(waiter)
            raise

    def release(self, worker: WorkerProcess) -> None:
        """Take a worker back that has answered its query to the end."""
        self._drop(worker)
        # One that was killed as it finished is not known to have ended until it is reported.
        if worker.cause is None and not worker.ended.done():
            self._idle.append(worker)
        if self._idle and len(self._idle) + self._forking > self._places() + _SPARE:
            self._idle.pop(0).kill("surplus")
        self._shift()

    def discard(self, worker: WorkerProcess, cause: str) -> None:
        """Kill a worker that is not to be used again; another takes its place."""
        worker.kill(cause)
        self._drop(worker)
        self._shift()

    def _drop(self, worker: WorkerProcess) -> None:
        self._running.discard(worker)
        worker.slow = False
        if worker.timer:
            worker.timer.cancel()

    def _places(self) -> int:
        return self._workers - sum(not worker.slow for worker in self._running)

    def _free(self) -> bool:
        # One that died while it was idle must not take a query along; its report may be late.
        while self._idle and self._idle[-1].has_ended():
            self._idle.pop()
        return bool(self._idle) and self._places() > 0

    def _take(self) -> WorkerProcess:
        worker = self._idle.pop()
        loop = asyncio.get_running_loop()
        worker.since = loop.time()
        self._running.add(worker)
        worker.timer = loop.call_later(_SLOW_SECONDS, self._shift)
        self._fill()
        return worker

    def _leave(self, waiter: asyncio.Future[WorkerProcess]) -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        elif waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self.release(waiter.result())

    def _shift(self) -> None:
        # Queries that have become slow make room; then those that wait get what is free.
        now = asyncio.get_running_loop().time()
        for worker in sorted(self._running, key=lambda worker: worker.since):
            if sum(other.slow for other in self._running) >= self._slow:
                break
            worker.slow = worker.slow or now - worker.since >= _SLOW_SECONDS * 0.99
        while self._waiting and self._free():
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(self._take())
        self._fill()

    def _fill(self) -> None:
        while not self._stopping and len(self._idle) + self._forking < self._places() + _SPARE:
            self._forking += 1
            self._spawn(self._fork())

    async def _fork(self) -> None:
        delay = 0.05
        try:
            while not self._stopping:
                try:
                    worker = await self._loader.fork()
                except (OSError, EOFError, TimeoutError):
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 5)
                else:
                    self._admit(worker)
                    break
        finally:
            self._forking -= 1
        self._shift()

    def _admit(self, worker: WorkerProcess) -> None:
        self.sealed = worker.sealed
        self._idle.append(worker)
        worker.ended.add_done_callback(lambda _: self._forget(worker))

    def _forget(self, worker: WorkerProcess) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
        self._fill()

    async def _watch(self) -> None:
        """Load the release again whenever the loader is lost."""
        while True:
            await asyncio.shield(self._loader.lost)
            _log.error("the loader ended; it is started again")
            delay = 0.1
            while self._loader.lost.done():
                await asyncio.sleep(delay)
                delay = min(delay * 2, 30)
                self._loader = ZygoteProcess(self._release, self._memory)
                try:
                    await self._loader.start()
                except Fault as error:
                    _log.error("the loader cannot be started: %s", error)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
