"""A worker: a jailed process that answers one query after another from a shared snapshot."""

import os
import resource
import signal
import sys
import threading

from app import sandbox
from app.engine.snapshot import Snapshot
from app.engine.wire import WorkerEnd, decode_query
from app.errors import Rejected

STACK = 256 * 2**20


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
    sandbox.limit(memory + STACK)
    sandbox.touch_memory()
    # Before the thread starts: a priority belongs to one thread and is inherited by the next. And
    # not before the worker is almost ready, since a reader may wait for that.
    os.nice(5)
    threading.stack_size(STACK)
    thread = threading.Thread(target=_serve, args=(snapshot, WorkerEnd(descriptor), memory))
    thread.start()
    thread.join()
    os._exit(1)


def _serve(snapshot: Snapshot, wire: WorkerEnd, memory: int) -> None:
    snapshot.sealed = sandbox.close()
    usual = _peak()
    wire.ready(sealed=snapshot.sealed)
    spent = False
    while not spent and (message := wire.receive()) is not None:
        problem = None
        try:
            snapshot.evaluate(decode_query(message), wire)
        except Rejected as refused:
            problem = refused
        # A process that has once been big stays big; another takes its place.
        spent = _peak() - usual > memory / 4
        if problem:
            wire.refuse(problem, spent=spent)
        else:
            wire.end(spent=spent)
    os._exit(0)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
