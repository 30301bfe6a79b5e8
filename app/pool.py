"""The processes that run queries: one loader of a release, and the workers that it forks.

Workers are taken last in, first out, since the one that worked last has the warmest memory, and
are handed on in the order of asking, since a queue that lets newcomers barge starves somebody.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.errors import Fault, Rejected
from app.query import Query

_HEAD = struct.Struct(">cI")
_BUFFER = 256 * 1024
_SPARE = 1
_WAITING = 64
_SLOW_SECONDS = 1.0
_LOAD_SECONDS, _READY_SECONDS, _STOP_SECONDS = 600.0, 10.0, 2.0
_log = logging.getLogger("dialogue.pool")


class Worker:
    """The front's end of a worker process."""

    def __init__(self, pid: int, handle: int | None, kill: Callable[[int], None]) -> None:
        self.pid, self._handle, self._kill = pid, handle, kill
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.cause: str | None = None
        self.sealed = False
        self.since = 0.0
        self.slow = False
        self.timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, sock: socket.socket) -> None:
        """Wait until the worker is ready. Raises EOFError or OSError when it is gone."""
        self._reader, self._writer = await asyncio.open_connection(sock=sock, limit=_BUFFER)
        _, data = await self.receive()
        self.sealed = bool(json.loads(data)["sealed"])

    async def send(self, query: Query) -> None:
        """Give the worker a query. Raises OSError when it is gone."""
        assert self._writer is not None  # noqa: S101
        data = json.dumps(query.to_json()).encode()
        self._writer.write(_HEAD.pack(b"Q", len(data)) + data)
        await self._writer.drain()

    async def receive(self) -> tuple[bytes, bytes]:
        """Return the letter and the bytes of the next frame. Raises EOFError or OSError."""
        letter, length = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
        return letter, await self._reader.readexactly(length)

    def kill(self, cause: str) -> None:
        """End the process, now, and remember why."""
        self.cause = self.cause or cause
        if self.ended.done():
            return
        if self._handle is None:
            self._kill(self.pid)
        else:
            # By its handle, which never means another process, whatever became of the number.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self, status: int | None) -> None:
        """Note that the process has ended: by `status` (`os.waitpid`), or nobody knows how."""
        if not self.ended.done():
            self.ended.set_result(status)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._writer is not None:
            self._writer.close()


class Loader:
    """The front's end of the loader process (`app.zygote`)."""

    def __init__(self, release: Path, memory: int) -> None:
        self._release, self._memory = release, memory
        self._forking: dict[int, asyncio.Future[Worker]] = {}
        self._workers: dict[int, Worker] = {}
        self._count = 0
        self._rest = b""
        self._handles: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready: asyncio.Future[int]
        self.lost: asyncio.Future[None]

    @property
    def pids(self) -> list[int]:
        """The processes that are known to run: the loader's own first."""
        own = [self._process.pid] if self._process and self._process.poll() is None else []
        return own + list(self._workers)

    async def start(self) -> int:
        """Load the release; return the number of its quads. Raises Fault if it cannot be read."""
        loop = asyncio.get_running_loop()
        self._ready, self.lost = loop.create_future(), loop.create_future()
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
        self._control, theirs = socket.socketpair(socket.AF_UNIX, kind)
        root = str(Path(__file__).resolve().parent.parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs:
            # Started here, not in another thread: the kernel ends it with the thread that made it.
            # -P, since what lies in the folder of whoever starts us is not ours to import.
            arguments = [theirs.fileno(), os.getpid(), self._release.resolve(), self._memory]
            try:
                self._process = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-P", "-m", "app.zygote", *map(str, arguments)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "RUST_BACKTRACE": "0"},
                )
            except OSError as error:
                self._ready.cancel()
                self._close()
                raise Fault(f"no process can be started: {error.strerror}") from None
        self._control.setblocking(False)
        loop.add_reader(self._control, self._read)
        try:
            return await asyncio.wait_for(asyncio.shield(self._ready), _LOAD_SECONDS)
        except TimeoutError:
            self._ready.cancel()
            await self.stop()
            raise Fault(f"{self._release}: took too long to load") from None
        except Fault:
            await self.stop()
            raise

    async def fork(self) -> Worker:
        """Return a new worker, ready for a query. Raises OSError or EOFError if there is none."""
        if self._control is None:
            raise ConnectionResetError
        self._count += 1
        number = self._count
        forked: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._forking[number] = forked
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                line = json.dumps({"fork": number}).encode() + b"\n"
                socket.send_fds(self._control, [line], [theirs.fileno()])
                worker = await asyncio.wait_for(forked, _READY_SECONDS)
        except BaseException:
            self._forking.pop(number, None)
            ours.close()
            raise
        try:
            await asyncio.wait_for(worker.open(ours), _READY_SECONDS)
        except BaseException:
            worker.kill("never ready")
            raise
        return worker

    async def stop(self) -> None:
        """End the loader and all its workers, and wait until they have ended."""
        if self._process is None:
            return
        for worker in list(self._workers.values()):
            worker.kill("stopped")
        self._close()
        process = self._process
        waited = 0.0
        while process.poll() is None and waited < _STOP_SECONDS:
            await asyncio.sleep(0.01)
            waited += 0.01
        if process.poll() is None:
            process.kill()
            process.wait()

    def _read(self) -> None:
        assert self._control is not None  # noqa: S101
        try:
            data, handles, _, _ = socket.recv_fds(self._control, 65536, 16)
        except BlockingIOError:
            return
        except OSError:
            data, handles = b"", []
        self._handles += handles
        if not data:
            self._close()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._heed(json.loads(line))

    def _heed(self, message: dict[str, Any]) -> None:
        if "forked" in message:
            handle = self._handles.pop(0) if self._handles else None
            worker = Worker(message["pid"], handle, self._kill)
            self._workers[worker.pid] = worker
            forked = self._forking.pop(message["forked"], None)
            if forked is None or forked.done():
                worker.kill("nobody waits for it")
            else:
                forked.set_result(worker)
        elif "ended" in message:
            if ended := self._workers.pop(message["ended"], None):
                ended.close(message["status"])
        elif self._ready.done():
            pass
        elif "ready" in message:
            self._ready.set_result(message["ready"])
        else:
            self._ready.set_exception(Fault(message["failed"]))

    def _kill(self, pid: int) -> None:
        if self._control is not None:
            self._control.send(json.dumps({"kill": pid}).encode() + b"\n")

    def _close(self) -> None:
        if self._control is None:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._control = None
        if not self._ready.done():
            self._ready.set_exception(Fault(f"{self._release}: the loader ended"))
        for forked in self._forking.values():
            if not forked.done():
                forked.set_exception(ConnectionResetError())
        self._forking.clear()
        # Their end cannot be reported any more; the kernel sees to it.
        for worker in list(self._workers.values()):
            worker.kill("loader ended")
            worker.close(None)
        self._workers.clear()
        if not self.lost.done():
            self.lost.set_result(None)


class Pool:
    """Ready workers, handed out one query at a time.

    As many queries run as there are `workers`. One that has run for a second moves to one of the
    `slow` places, as long as there is one, and makes room for another. One more worker than can
    be used is kept warm.
    """

    def __init__(self, release: Path, *, workers: int, slow: int, memory: int) -> None:
        self._release, self._memory = release, memory
        self._workers, self._slow = workers, slow
        self._loader = Loader(release, memory)
        self._idle: list[Worker] = []
        self._running: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
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
                waiter.set_exception(_stopping())
        await self._loader.stop()
        self._idle.clear()

    async def acquire(self, deadline: float) -> Worker:
        """Return a worker, for this caller alone, until it is released or discarded.

        `deadline` is on the clock of the event loop. Raises Rejected when too many wait already,
        or none is free by then.
        """
        if self._stopping:
            raise _stopping()
        if not self._waiting and self._idle and self._room():
            return self._take()
        if len(self._waiting) >= _WAITING:
            raise _busy("Too many queries wait already.")
        waiter: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(waiter)
        except TimeoutError:
            self._leave(waiter)
            raise _busy("No worker became free in time.") from None
        except asyncio.CancelledError:
            self._leave(waiter)
            raise

    def release(self, worker: Worker) -> None:
        """Take a worker back that has answered its query to the end."""
        self._drop(worker)
        # One that was killed as it finished is not known to have ended until it is reported.
        if worker.cause is None and not worker.ended.done():
            self._idle.append(worker)
        if len(self._idle) + self._forking > self._places() + _SPARE:
            self._idle.pop(0).kill("surplus")
        self._shift()

    def discard(self, worker: Worker, cause: str) -> None:
        """Kill a worker that is not to be used again; another takes its place."""
        worker.kill(cause)
        self._drop(worker)
        self._shift()

    def _drop(self, worker: Worker) -> None:
        self._running.discard(worker)
        worker.slow = False
        if worker.timer:
            worker.timer.cancel()

    def _places(self) -> int:
        return self._workers - sum(not worker.slow for worker in self._running)

    def _room(self) -> bool:
        return self._places() > 0

    def _take(self) -> Worker:
        worker = self._idle.pop()
        loop = asyncio.get_running_loop()
        worker.since = loop.time()
        self._running.add(worker)
        worker.timer = loop.call_later(_SLOW_SECONDS, self._shift)
        self._fill()
        return worker

    def _leave(self, waiter: asyncio.Future[Worker]) -> None:
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
        while self._waiting and self._idle and self._room():
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

    def _admit(self, worker: Worker) -> None:
        self.sealed = worker.sealed
        self._idle.append(worker)
        worker.ended.add_done_callback(lambda _: self._forget(worker))

    def _forget(self, worker: Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            if not self._stopping:
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
                self._loader = Loader(self._release, self._memory)
                try:
                    await self._loader.start()
                except Fault as error:
                    _log.error("the loader cannot be started: %s", error)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _busy(reason: str) -> Rejected:
    return Rejected(503, "busy", f"{reason} Try again.", headers={"Retry-After": "2"})


def _stopping() -> Rejected:
    detail = "The server is stopping."
    return Rejected(503, "stopping", detail, headers={"Retry-After": "5"})
