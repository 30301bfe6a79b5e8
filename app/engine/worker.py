"""A worker: a jailed process that answers one query after another from a shared snapshot.

Frames go both ways over its socket: a letter, the length of what follows (4 bytes, big-endian),
and that many bytes. To the worker: Q, a query. From it: R (ready), then for each query H (what
the answer is), D (a part of it) …, or X (why there is none), and E (the end; `spent`: and mine).
"""

import json
import os
import resource
import signal
import struct
import sys
import threading

from app import sandbox
from app.engine.query import Kind, Query
from app.engine.snapshot import Snapshot
from app.errors import Rejected

STACK = 256 * 2**20
_HEAD = struct.Struct(">cI")


class _Wire:
    """The socket, as a sink for answers."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, letter: bytes, data: bytes = b"") -> None:
        for piece in (_HEAD.pack(letter, len(data)), data):
            view = memoryview(piece)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def receive(self) -> bytes | None:
        """Return what the next frame holds; None when the front has closed."""
        head = self._read(_HEAD.size)
        return None if head is None else self._read(_HEAD.unpack(head)[1])

    def _read(self, count: int) -> bytes | None:
        content = bytearray()
        while len(content) < count:
            part = os.read(self._descriptor, count - len(content))
            if not part:
                return None
            content += part
        return bytes(content)

    def begin(
        self, kind: Kind, media: str, *, volatile: bool, unchanged: bool, capped: int | None = None
    ) -> None:
        head = {"kind": kind, "media": media, "volatile": volatile, "unchanged": unchanged}
        self.send(b"H", json.dumps({**head, "capped": capped}).encode())

    def write(self, data: bytes) -> int:
        self.send(b"D", data)
        return len(data)


def run(snapshot: Snapshot, descriptor: int, memory: int) -> None:
    """Be a worker until the socket closes: jailed, then one query at a time. Never returns.

    `memory` is what queries may take, in bytes, beyond the snapshot.
    """
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # The engine's dying words (its memory, its stack) are the caller's business; ours stay in
    # the log.
    sys.stderr = open(os.dup(2), "w", encoding="utf-8", buffering=1)  # noqa: PTH123, SIM115
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    # Before the thread starts: a priority belongs to one thread and is inherited by the next.
    os.nice(5)
    sandbox.limit(memory + STACK)
    sandbox.touch_memory()
    threading.stack_size(STACK)
    thread = threading.Thread(target=_serve, args=(snapshot, _Wire(descriptor), memory))
    thread.start()
    thread.join()
    os._exit(1)


def _serve(snapshot: Snapshot, wire: _Wire, memory: int) -> None:
    snapshot.sealed = sandbox.close()
    usual = _peak()
    wire.send(b"R", json.dumps({"sealed": snapshot.sealed}).encode())
    while (message := wire.receive()) is not None:
        try:
            snapshot.evaluate(Query.from_json(json.loads(message)), wire)
        except Rejected as refused:
            wire.send(b"X", json.dumps(refused.to_json()).encode())
        # A process that has once been big stays big; another takes its place.
        spent = _peak() - usual > memory / 4
        wire.send(b"E", b"spent" if spent else b"")
        if spent:
            break
    os._exit(0)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
