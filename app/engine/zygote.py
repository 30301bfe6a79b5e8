"""The loader: reads a release once, then forks a worker from it whenever it is asked to.

It runs as `python -m app.engine.zygote`, with one thread and no event loop, since a process that
forks must not have more. Its socket carries lines of JSON: in come `{"fork": N}` with the worker's
own socket, and `{"kill": PID}`; out go `{"loaded": SHARE}` while it reads, `{"ready": …}` or
`{"failed": …}` once, `{"forked": N, "pid": PID}` with a descriptor of the process where the system
has them, or `{"unforked": N}` where it lets no process be made now, and
`{"ended": PID, "status": …}` for each worker that ends.
"""

import gc
import hashlib
import io
import json
import mmap
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from app import sandbox
from app.engine import worker
from app.engine.snapshot import Snapshot
from app.errors import Fault
from app.manifest import DATASET, SUMS, read, sums

# A step that is worth telling.
_STEP = 0.02
_READ = 2**20


def main() -> None:
    """Serve the socket whose descriptor the command line names, until it closes."""
    descriptor, parent, folder, store, memory = sys.argv[1:]
    sandbox.die_with_parent()
    if os.getppid() != int(parent):
        return  # The parent ended before the kernel knew that we go with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        # To end is the front's decision: it lets queries finish first.
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(descriptor))
    try:
        if store:
            snapshot = on_disk(Path(folder), Path(store))
        else:
            snapshot = load(Path(folder), lambda share: _tell(control, {"loaded": share}))
    except (Fault, OSError, SyntaxError) as error:
        _tell(control, {"failed": str(error)})
        return
    gc.freeze()
    _tell(control, {"ready": snapshot.quads})
    Zygote(control, snapshot, int(memory)).run()


def load(release: Path, advance: Callable[[float], None] = lambda share: None) -> Snapshot:
    """Return the snapshot of a release, in memory.

    Blank nodes keep the labels that they have in the file, so that two servers of one release
    give the same bytes. `advance` is told the share read. Raises Fault, OSError or SyntaxError
    for a folder that holds no release or a damaged one: one that is not what it lists.
    """
    manifest = read(release)
    expected = (sums(release) or {}).get(DATASET)
    store = ox.Store()
    with (release / DATASET).open("rb", buffering=0) as file:
        watched = _Watched(file, advance)
        content = io.BufferedReader(watched, _READ)
        if _has_blank_nodes(file):
            store.bulk_extend(ox.parse(content, format=ox.RdfFormat.N_QUADS))
        else:
            # Faster, and in the same order; but it gives blank nodes names by chance.
            store.bulk_load(content, format=ox.RdfFormat.N_QUADS)
        if expected not in (None, watched.digest()):
            raise Fault(f"{release}: damaged: {DATASET} is not what {SUMS} says")
    return Snapshot(store, manifest.base, manifest.prefixes)


def on_disk(release: Path, store: Path) -> Snapshot:
    """Return the snapshot of a release whose store lies on disk, not opened yet.

    Raises Fault for a folder that holds no release.
    """
    manifest = read(release)
    return Snapshot(None, manifest.base, manifest.prefixes, path=store, quads=manifest.quads)


def _has_blank_nodes(file: io.FileIO) -> bool:
    """Return whether a file of N-Quads may have blank nodes: else it names none anywhere."""
    if not os.fstat(file.fileno()).st_size:
        return False
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"_:") >= 0


class _Watched(io.RawIOBase):
    """A file whose reader is watched: how far it is, and what it has read."""

    def __init__(self, file: io.FileIO, advance: Callable[[float], None]) -> None:
        self._file, self._advance = file, advance
        self._size = os.fstat(file.fileno()).st_size
        self._read, self._told = 0, 0.0
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Put the next bytes into a buffer and return how many they are."""
        count = self._file.readinto(buffer) or 0
        self._hash.update(memoryview(buffer)[:count])
        self._read += count
        share = self._read / (self._size or 1)
        if share - self._told >= _STEP:
            self._told = share
            self._advance(round(share, 2))
        return count

    def digest(self) -> str:
        """Return the SHA-256 of what was read, in hexadecimal."""
        return self._hash.hexdigest()


class Zygote:
    """Forks workers, and says which have ended."""

    def __init__(self, control: socket.socket, snapshot: Snapshot, memory: int) -> None:
        self._control, self._snapshot, self._memory = control, snapshot, memory
        self._children: set[int] = set()
        self._woken, self._waker = socket.socketpair()
        self._descriptors: list[int] = []

    def run(self) -> None:
        """Do what the front asks until its socket closes; no worker outlives this."""
        for side in (self._woken, self._waker):
            side.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        try:
            while True:
                ready, _, _ = select.select([self._control, self._woken], [], [])
                if self._woken in ready:
                    self._woken.recv(4096)
                    self._report()
                if self._control in ready:
                    for message in self._receive():
                        self._do(message)
        except (EOFError, ConnectionError):
            pass
        finally:
            signal.set_wakeup_fd(-1)
            for child in self._children:
                os.kill(child, signal.SIGKILL)
            for child in self._children:
                os.waitpid(child, 0)

    def _receive(self) -> Iterator[dict[str, int]]:
        data, descriptors, _, _ = socket.recv_fds(self._control, 65536, 16)
        self._descriptors += descriptors
        if not data:
            raise EOFError
        while not data.endswith(b"\n"):
            data += self._control.recv(65536) or b"\n"
        yield from map(json.loads, data.splitlines())

    def _do(self, message: dict[str, int]) -> None:
        if "fork" in message:
            self._fork(message["fork"], self._descriptors.pop(0))
        elif message["kill"] in self._children:
            # Only a parent can be sure that the number still means the same process.
            os.kill(message["kill"], signal.SIGKILL)

    def _fork(self, number: int, descriptor: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        parent = os.getpid()
        try:
            child = os.fork()
        except OSError:
            # The processes or the memory of the system are used up; the workers that run go on.
            os.close(descriptor)
            _tell(self._control, {"unforked": number})
        else:
            if child == 0:
                self._become_worker(parent, descriptor)
            self._children.add(child)
            os.close(descriptor)
            handle = sandbox.handle_of(child)
            _tell(self._control, {"forked": number, "pid": child}, handle)
            if handle is not None:
                os.close(handle)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _become_worker(self, parent: int, descriptor: int) -> None:
        try:
            signal.set_wakeup_fd(-1)
            sandbox.die_with_parent()
            if os.getppid() == parent:
                for own in (self._control, self._woken, self._waker):
                    own.close()
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
                # A store on disk has threads of its own, which no fork would take along.
                self._snapshot.open()
                worker.run(self._snapshot, descriptor, self._memory)
        except Exception:  # noqa: BLE001
            traceback.print_exc()
        finally:
            # Nothing of the loader's may run in the child, whatever happened.
            os._exit(1)

    def _report(self) -> None:
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                break
            self._children.discard(child)
            _tell(self._control, {"ended": child, "status": status})


def _tell(
    control: socket.socket, message: dict[str, object], descriptor: int | None = None
) -> None:
    line = json.dumps(message).encode() + b"\n"
    if descriptor is None:
        control.sendall(line)
    else:
        socket.send_fds(control, [line], [descriptor])


if __name__ == "__main__":
    main()
