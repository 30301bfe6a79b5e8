"""The front's ends of the processes: the loader of a release, and the workers that it forks."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.engine.query import Query
from app.errors import Fault

_HEAD = struct.Struct(">cI")
_BUFFER = 256 * 1024
_LOAD_SECONDS, _READY_SECONDS, _STOP_SECONDS = 600.0, 10.0, 2.0


class WorkerProcess:
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

    def has_ended(self) -> bool:
        """Return whether the process is known to have ended, reported or not."""
        if self.ended.done() or self._handle is None:
            return self.ended.done()
        watch = select.poll()
        watch.register(self._handle, select.POLLIN)
        return bool(watch.poll(0))

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


class ZygoteProcess:
    """The front's end of the loader process (`app.engine.zygote`)."""

    def __init__(self, release: Path, memory: int) -> None:
        self._release, self._memory = release, memory
        self._forking: dict[int, asyncio.Future[WorkerProcess]] = {}
        self._workers: dict[int, WorkerProcess] = {}
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
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs:
            # Started here, not in another thread: the kernel ends it with the thread that made it.
            # -P, since what lies in the folder of whoever starts us is not ours to import.
            arguments = [theirs.fileno(), os.getpid(), self._release.resolve(), self._memory]
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
        except Fault:
            await self.stop()
            raise

    async def fork(self) -> WorkerProcess:
        """Return a new worker, ready for a query. Raises OSError or EOFError if there is none."""
        if self._control is None:
            raise ConnectionResetError
        self._count += 1
        number = self._count
        forked: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
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
            worker = WorkerProcess(message["pid"], handle, self._kill)
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
