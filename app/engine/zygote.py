"""The loader: reads a release once, then forks a worker from it whenever it is asked to.

It runs as `python -m app.engine.zygote`, with one thread and no event loop, since a process that
forks must not have more. Its socket carries lines of JSON: in come `{"fork": N}` with the worker's
own socket, and `{"kill": PID}`; out go `{"ready": …}` or `{"failed": …}` once, `{"forked": N,
"pid": PID}` with a descriptor of the process where the system has them, and `{"ended": PID,
"status": …}` for each worker that ends.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from app import sandbox
from app.engine import worker
from app.engine.snapshot import Snapshot
from app.errors import Fault
from app.manifest import DATASET, read


def main() -> None:
    """Serve the socket whose descriptor the command line names, until it closes."""
    descriptor, parent, folder, memory = sys.argv[1:]
    sandbox.die_with_parent()
    if os.getppid() != int(parent):
        return  # The parent ended before the kernel knew that we go with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        # To end is the front's decision: it lets queries finish first.
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(descriptor))
    try:
        snapshot = load(Path(folder))
    except (Fault, OSError, SyntaxError) as error:
        _tell(control, {"failed": str(error)})
        return
    gc.freeze()
    _tell(control, {"ready": len(snapshot.store)})
    Zygote(control, snapshot, int(memory)).run()


def load(release: Path) -> Snapshot:
    """Return the snapshot of a release.

    Blank nodes keep the labels that they have in the file, so that two servers of one release
    give the same bytes. Raises Fault, OSError or SyntaxError for a folder that holds no release
    or a damaged one.
    """
    said = read(release)
    store = ox.Store()
    store.bulk_extend(ox.parse(path=str(release / DATASET), format=ox.RdfFormat.N_QUADS))
    return Snapshot(store, said.base, said.prefixes)


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
        child = os.fork()
        if child == 0:
            self._become_worker(parent, descriptor)
        self._children.add(child)
        os.close(descriptor)
        handle = os.pidfd_open(child) if sys.platform == "linux" else None
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
