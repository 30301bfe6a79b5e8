"""What a client has yet to take of its answer: some in memory, the rest in a temporary file."""

import asyncio
import errno
import os
import tempfile
import threading
from collections import deque
from typing import IO

# So much waits in memory before the rest goes to a file, and is read back at a time.
_IN_MEMORY = 512 * 1024
_READ = 256 * 1024
# One answer may take a quarter of the room, so that a slow client leaves some to others.
_SHARE = 4


class SpoolFull(Exception):
    """There is no room for more, and nobody takes anything away."""


class SpoolRoom:
    """The room that all temporary files together may take, in bytes; `used` is taken now."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0

    def take(self, size: int, have: int) -> bool:
        """Take room for `size` bytes more for one that has `have`; return whether there is any."""
        if self.used + size > self.limit or (have + size) * _SHARE > self.limit:
            return False
        self.used += size
        return True

    def give(self, size: int) -> None:
        """Give room back."""
        self.used -= size


class Backlog:
    """The bytes between one who writes and one who reads, in order.

    Who writes waits when the memory and the room are full; with `whole`, where nobody reads before
    the end, that raises SpoolFull.
    """

    def __init__(self, room: SpoolRoom, *, whole: bool = False) -> None:
        self._room, self._whole = room, whole
        self._memory: deque[bytes] = deque()
        self._in_memory = 0
        self._file: _File | None = None
        # Of the file, and the room that it takes: more than is written while a write is under way.
        self._written = self._read = self._taken = 0
        self._writing = self._ended = self._closed = False
        self._more, self._less = asyncio.Event(), asyncio.Event()
        self.size = 0

    async def put(self, data: bytes) -> None:
        """Add bytes. Raises SpoolFull, and also where nobody will read them any more."""
        if not data:
            return
        self.size += len(data)
        while not self._closed:
            if self._written == self._read and self._in_memory < _IN_MEMORY:
                self._memory.append(data)
                self._in_memory += len(data)
                self._more.set()
                return
            if await self._store(data):
                return
            if self._whole:
                break
            self._less.clear()
            if self._memory or self._read < self._written:
                await self._less.wait()
        raise SpoolFull

    def finish(self) -> None:
        """Say that nothing more comes."""
        self._ended = True
        self._more.set()

    async def get(self) -> bytes | None:
        """Return the next bytes, when there are any; None at the end."""
        while True:
            if self._memory:
                data = self._memory.popleft()
                self._in_memory -= len(data)
                self._less.set()
                return data
            if self._file is not None and self._read < self._written:
                return await self._fetch(self._file)
            if self._ended:
                return None
            self._more.clear()
            await self._more.wait()

    def close(self) -> None:
        """Give everything up; who waits to write is told."""
        self._closed = True
        self._memory.clear()
        self._in_memory = 0
        self._drop()
        self._less.set()
        self.finish()

    async def _store(self, data: bytes) -> bool:
        if not self._room.take(len(data), self._taken):
            return False
        self._taken += len(data)
        self._writing = True
        try:
            if self._file is None:
                self._file = _File()
            await asyncio.to_thread(self._file.write, data, self._written)
        except OSError:
            # The disk is full, or there is none: as if there were no room.
            if not self._closed:
                self._room.give(len(data))
                self._taken -= len(data)
            return False
        finally:
            self._writing = False
        if not self._closed:
            self._written += len(data)
            self._more.set()
        return True

    async def _fetch(self, file: "_File") -> bytes:
        count = min(_READ, self._written - self._read)
        data = await asyncio.to_thread(file.read, count, self._read)
        self._read += len(data)
        if self._read == self._written and not self._writing:
            # All of it was read: what comes next begins anew.
            self._drop()
            self._less.set()
        return data

    def _drop(self) -> None:
        self._room.give(self._taken)
        self._written = self._read = self._taken = 0
        if self._file is not None:
            # To free what a large file took has its time, and a write may be under way.
            asyncio.get_running_loop().run_in_executor(None, self._file.close)
            self._file = None


class _File:
    """A temporary file without a name, for threads; after `close` everything is an OSError."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._closed = False

    def write(self, data: bytes, offset: int) -> None:
        with self._lock:
            view = memoryview(data)
            while view:
                count = os.pwrite(self._open(), view, offset)
                view, offset = view[count:], offset + count

    def read(self, count: int, offset: int) -> bytes:
        with self._lock:
            return os.pread(self._open(), count, offset)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()

    def _open(self) -> int:
        if self._closed:
            raise OSError(errno.EBADF, "the file is closed")
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        return self._file.fileno()
