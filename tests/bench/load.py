"""A load of requests, in a process of its own: raw sockets, little work for each request.

    python tests/bench/load.py < job.json > outcome.json

A job names the requests as texts; in each, `{n}` is replaced by a number that never comes twice,
and `{m}` by the same number modulo what the job says. Every connection asks, reads the whole
answer, and asks again.
"""

import asyncio
import json
import os
import re
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.I)
_CLOSING = re.compile(rb"\r\nconnection: *close", re.I)


PATIENCE = 70.0
"""Seconds that a job waits at its end for answers that are still to come."""


@dataclass
class Job:
    """What to ask of whom: `seconds` long, on so many `connections`.

    `sources` are the addresses to come from, in turn. A `fresh` one is a new connection for each
    request, each from the next address. After a request that took less than `pause` seconds, the
    connection rests until so many have passed. `warm` seconds at the beginning are not counted.
    """

    port: int
    requests: list[str]
    seconds: float
    connections: int = 8
    sources: list[str] = field(default_factory=lambda: ["127.0.0.1"])
    fresh: bool = False
    pause: float = 0.0
    warm: float = 0.0
    modulo: int = 1000
    host: str = "127.0.0.1"


@dataclass
class Outcome:
    """What came of a job: answers by status, times in ms, seconds that it took and cost.

    `cut` counts connections that ended within an answer or without one.
    """

    seconds: float
    statuses: dict[str, int]
    cut: int
    p50: float
    p99: float
    longest: float
    received: int
    cpu: float

    @property
    def answers(self) -> int:
        """How many whole answers came, of any status."""
        return sum(self.statuses.values())

    @property
    def refused(self) -> int:
        """How many requests got something else than what they asked for."""
        return self.answers - self.statuses.get("200", 0) + self.cut


class Framing:
    """Where an HTTP/1.1 answer ends: `feed` returns its status once it is whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._status = 0
        self._left = -1  # Bytes of the body or of the chunk; -1 while the head is read.
        self._chunked = False
        self.closing = False

    def feed(self, data: bytes) -> int | None:
        """Return the status of an answer that ends with `data`, None while it does not.

        Raises ValueError for what is no answer, or has more bytes than it says.
        """
        buffer = self._buffer
        buffer += data
        if self._left < 0:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = bytes(buffer[: end + 2])
            del buffer[: end + 4]
            self._status = int(head[9:12])
            self.closing = _CLOSING.search(head) is not None
            length = _LENGTH.search(head)
            self._chunked = length is None and _CHUNKED.search(head) is not None
            if length is None and not self._chunked and self._status not in (204, 304):
                raise ValueError("an answer without a length")
            self._left = int(length[1]) if length else 0
        if self._chunked:
            return self._chunks()
        if len(buffer) < self._left:
            return None
        if len(buffer) > self._left:
            raise ValueError("more bytes than the answer has")
        return self._end()

    def _chunks(self) -> int | None:
        buffer = self._buffer
        place = 0
        while True:
            end = buffer.find(b"\r\n", place)
            if end < 0:
                break
            size = int(bytes(buffer[place:end]).partition(b";")[0], 16)
            if size == 0:
                if len(buffer) < end + 4:
                    break
                return self._end()
            if len(buffer) < end + 4 + size:
                break
            place = end + 4 + size
        del buffer[:place]
        return None

    def _end(self) -> int:
        self._buffer.clear()
        self._left = -1
        return self._status


class _Load:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.statuses: Counter[int] = Counter()
        self.times = array("d")
        self.cut = self.received = 0
        # From the clock, so that no server has an answer kept from an earlier run; ten digits,
        # since some servers read no larger number after LIMIT.
        self._number = 1_000_000_000 + time.time_ns() // 50_000 % 1_000_000_000
        self._texts = [(t.encode(), "{n}" in t or "{m}" in t) for t in job.requests]
        self._next = 0
        self.sources = self._addresses()
        self.start = time.perf_counter()
        self.end = self.start + job.seconds
        self.done = asyncio.Event()
        self.open = 0

    def request(self) -> bytes:
        text, numbered = self._texts[self._next]
        self._next = (self._next + 1) % len(self._texts)
        if not numbered:
            return text
        self._number += 1
        number = b"%d" % self._number
        return text.replace(b"{n}", number).replace(b"{m}", b"%d" % self._modulo())

    def _modulo(self) -> int:
        # By a stride, so that neighbours in time are no neighbours in the graph.
        return self._number * 7919 % self.job.modulo

    def _addresses(self) -> Iterator[str]:
        number = 0
        while True:
            for source in self.job.sources:
                number += 1
                yield source.replace("*", f"{number // 250 % 250}.{1 + number % 250}")

    def count(self, started: float, status: int | None) -> None:
        now = time.perf_counter()
        if started - self.start < self.job.warm:
            return
        if status is None:
            self.cut += 1
        else:
            self.statuses[status] += 1
            self.times.append(now - started)

    async def run(self) -> None:
        for _ in range(self.job.connections):
            self.open += 1
            await self.connect()
        # A server that never answers is no reason to stay.
        with suppress(TimeoutError):
            await asyncio.wait_for(self.done.wait(), self.job.seconds + PATIENCE)

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(
                lambda: _Connection(self),
                self.job.host,
                self.job.port,
                local_addr=(next(self.sources), 0),
            )
        except OSError:
            self.count(time.perf_counter(), None)
            loop.call_later(0.05, self.again)

    def again(self) -> None:
        """A connection has ended: open another, as long as there is time."""
        if time.perf_counter() >= self.end:
            self.open -= 1
            if not self.open:
                self.done.set()
            return
        self._task = asyncio.ensure_future(self.connect())


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Load) -> None:
        self._load = load
        self._framing = Framing()
        self._started = 0.0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        load = self._load
        now = time.perf_counter()
        if now >= load.end or self._transport.is_closing():
            self._transport.close()
            return
        self._waiting = True
        self._started = now
        self._transport.write(load.request())

    def data_received(self, data: bytes) -> None:
        load = self._load
        load.received += len(data)
        try:
            status = self._framing.feed(data)
        except ValueError:
            self._transport.abort()
            return
        if status is None:
            return
        self._waiting = False
        load.count(self._started, status)
        if load.job.fresh or self._framing.closing:
            self._transport.close()
            return
        rest = load.job.pause - (time.perf_counter() - self._started) if load.job.pause else 0
        if rest > 0:
            asyncio.get_running_loop().call_later(rest, self._ask)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        load = self._load
        if self._waiting:
            load.count(self._started, None)
        rest = load.job.pause - (time.perf_counter() - self._started)
        asyncio.get_running_loop().call_later(max(rest, 0), load.again)


def run(job: Job) -> Outcome:
    """Carry a job out and return its outcome."""
    load: _Load

    async def whole() -> None:
        nonlocal load
        load = _Load(job)
        await load.run()

    asyncio.run(whole())
    times = sorted(load.times)
    milliseconds = [
        1000 * times[min(int(len(times) * share), len(times) - 1)] if times else 0.0
        for share in (0.5, 0.99, 1)
    ]
    statuses = {str(status): number for status, number in load.statuses.items()}
    seconds = time.perf_counter() - load.start - job.warm
    return Outcome(
        seconds, statuses, load.cut, *milliseconds, load.received, time.process_time()
    )  # fmt: skip


def main() -> None:
    """Read a job, carry it out, write its outcome."""
    try:
        import uvloop  # type: ignore[import-not-found]
    except ImportError:
        pass
    else:
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    job = Job(**json.load(sys.stdin))
    print(json.dumps(asdict(run(job))))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
