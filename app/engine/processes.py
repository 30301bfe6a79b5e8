"""The front's ends of the processes: the loader of a release, and the workers that it forks."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.engine.wire import Channel
from app.errors import Fault

_LOAD_SECONDS, _READY_SECONDS, _STOP_SECONDS = 600.0, 10.0, 2.0


class ProcessHandle:
    """A forked process: whether it has ended, and how to end it.

    `cause` is why we ended it, None as long as we did not. `ended` has its status (`os.waitpid`)
    once it is reported, None where nobody knows how it ended.
    """

    def __init__(self, pid: int, descriptor: int | None, kill: Callable[[int], None]) -> None:
        self.pid, self._descriptor, self._kill = pid, descriptor, kill
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.cause: str | None = None
        self._poll = None
        if descriptor is not None:
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLIN)

    def has_ended(self) -> bool:
        """Return whether the process is known to have ended, reported or not."""
        return self.ended.done() or (self._poll is not None and bool(self._poll.poll(0)))

    def computed(self) -> float | None:
        """Return the seconds of CPU that the process has taken; None where nobody knows."""
        if self._descriptor is None or self.ended.done():
            return None
        with contextlib.suppress(OSError):
            # The clock of a process by its number: CPUCLOCK_SCHED (clock_getcpuclockid(3)).
            return time.clock_gettime((~self.pid << 3) | 2)
        return None

    def kill(self, cause: str) -> None:
        """End the process, now, and remember why."""
        self.cause = self.cause or cause
        if self.ended.done():
            return
        if self._descriptor is None:
            self._kill(self.pid)
        else:
            # By its handle, which never means another process, whatever became of the number.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self, status: int | None) -> None:
        """Note that the process has ended: by `status` (`os.waitpid`), or nobody knows how."""
        if not self.ended.done():
            self.ended.set_result(status)
        if self._descriptor is not None:
            self._poll = None
            os.close(self._descriptor)
            self._descriptor = None


@dataclass(frozen=True, eq=False)
class WorkerProcess:
    """The front's end of a worker process: the process, and the way to it.

    `sealed` tells whether the kernel keeps its queries in, `born` when it was ready, on the event
    loop's clock.
    """

    process: ProcessHandle
    channel: Channel
    sealed: bool
    born: float

    @classmethod
    async def open(cls, process: ProcessHandle, sock: socket.socket) -> "WorkerProcess":
        """Return a worker that is ready for a query. Raises EOFError or OSError when it is gone."""
        channel = await Channel.open(sock)
        try:
            _, data = await channel.receive()
        except BaseException:
            channel.close()
            raise
        return cls(process, channel, data == b"sealed", asyncio.get_running_loop().time())

    def kill(self, cause: str) -> None:
        """End the process, now, and remember why; what it has sent can still be read."""
        self.process.kill(cause)


class ZygoteProcess:
    """The front's end of the loader process (`app.engine.zygote`)."""

    def __init__(self, release: Path, memory: int, store: Path | None = None) -> None:
        self._release, self._memory, self._store = release, memory, store
        self.loaded = 0.0
        self._forking: dict[int, asyncio.Future[ProcessHandle]] = {}
        self._workers: dict[int, ProcessHandle] = {}
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
        try:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, kind)
        except OSError as error:
            self._ready.cancel()
            self.lost.set_result(None)
            raise Fault(f"no process can be started: {error.strerror}") from None
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs:
            # Started here, not in another thread: the kernel ends it with the thread that made it.
            # -P, since what lies in the folder of whoever starts us is not ours to import.
            store = self._store.resolve() if self._store else ""
            arguments = [theirs.fileno(), os.getpid(), self._release.resolve(), store, self._memory]
            try:
                self._process = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-P", "-m", "app.engine.zygote", *map(str, arguments)],
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
        except (Fault, asyncio.CancelledError):
            self._ready.cancel()
            await self.stop()
            raise

    async def fork(self) -> WorkerProcess:
        """Return a new worker, ready for a query. Raises OSError or EOFError if there is none."""
        if self._control is None:
            raise ConnectionResetError
        self._count += 1
        number = self._count
        forked: asyncio.Future[ProcessHandle] = asyncio.get_running_loop().create_future()
        ours, theirs = socket.socketpair()
        self._forking[number] = forked
        try:
            with theirs:
                line = json.dumps({"fork": number}).encode() + b"\n"
                socket.send_fds(self._control, [line], [theirs.fileno()])
                process = await asyncio.wait_for(forked, _READY_SECONDS)
        except BaseException:
            self._forking.pop(number, None)
            ours.close()
            raise
        try:
            return await asyncio.wait_for(WorkerProcess.open(process, ours), _READY_SECONDS)
        except BaseException:
            process.kill("never ready")
            raise

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
        if self._control is None:
            return
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
            worker = ProcessHandle(message["pid"], handle, self._kill)
            self._workers[worker.pid] = worker
            forked = self._forking.pop(message["forked"], None)
            if forked is None or forked.done():
                worker.kill("nobody waits for it")
            else:
                forked.set_result(worker)
        elif "unforked" in message:
            forked = self._forking.pop(message["unforked"], None)
            if forked is not None and not forked.done():
                forked.set_exception(ConnectionResetError())
        elif "ended" in message:
            if ended := self._workers.pop(message["ended"], None):
                ended.close(message["status"])
        elif "loaded" in message:
            self.loaded = message["loaded"]
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
