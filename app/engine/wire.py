"""The way between the front and a worker: its frames, and the end of it on either side.

A frame is a letter, the length of what follows (4 bytes, big-endian), and that many bytes. To the
worker goes Q, a query. From it comes R once, when it is ready; then for each query either W, the
whole of an answer, or H, what the answer is, D, a part of it, … and E, the end; or X, why there is
no answer, or no more of it. A small letter in the place of W, E or X adds that the worker ends too.
"""

import asyncio
import json
import os
import socket
import struct
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from app.engine.query import Kind, Query
from app.errors import Rejected
from app.rdf.tokens import shown

# As much of an answer goes in one frame; a longer one goes in parts of the second size.
WHOLE, PART = 256 * 1024, 64 * 1024
_FRAME, _LENGTH = struct.Struct(">cI"), struct.Struct(">I")
# No frame of ours is longer; as much may wait for whoever reads an answer.
_LONGEST, _FULL = 2 * WHOLE, WHOLE
_TEXT = "surrogatepass"
# Options of so many bytes are remembered; of a long problem, so many characters are told.
_SHORT = 1024


@dataclass(frozen=True)
class AnswerHead:
    """What an answer is: its fields are those of `app.engine.engine.Answer`."""

    kind: Kind
    media: str
    volatile: bool = False
    unchanged: bool = False
    capped: int | None = None


@lru_cache(256)
def encode_head(head: AnswerHead) -> bytes:
    """Return the bytes that say what an answer is."""
    members = [head.kind, head.media, head.volatile, head.unchanged, head.capped]
    return json.dumps(members).encode()


@lru_cache(256)
def decode_head(data: bytes) -> AnswerHead:
    """Return what `encode_head` wrote."""
    kind, *others = json.loads(data)
    return AnswerHead(Kind(kind), *others)


def encode_query(query: Query) -> bytes:
    """Return the bytes of a query, for the way to a worker."""
    if query.default_graphs or query.named_graphs or query.substitutions:
        options = json.dumps({**query.to_json(), "text": ""}).encode()
    else:
        options = _options(tuple(query.media.items()), query.unchanged, query.max_rows)
    return b"".join((_LENGTH.pack(len(options)), options, query.text.encode(errors=_TEXT)))


@lru_cache(256)
def _options(
    media: tuple[tuple[Kind, str], ...], unchanged: frozenset[Kind], max_rows: int | None
) -> bytes:
    # What the queries of one client have in common, most often.
    query = Query("", dict(media), unchanged=unchanged, max_rows=max_rows)
    return json.dumps(query.to_json()).encode()


def decode_query(data: bytes) -> Query:
    """Return the query that `encode_query` wrote."""
    start = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    options = data[_LENGTH.size : start]
    query = _query(options) if len(options) <= _SHORT else Query.from_json(json.loads(options))
    return query.with_text(data[start:].decode(errors=_TEXT))


@lru_cache(256)
def _query(options: bytes) -> Query:
    return Query.from_json(json.loads(options))


def problem_of(data: bytes) -> Rejected:
    """Return the problem that a frame X carries."""
    return Rejected.from_json(json.loads(data))


def parts_of(data: bytes) -> tuple[AnswerHead, bytes]:
    """Return what a frame W carries: what the answer is, and all of its bytes."""
    start = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    return decode_head(data[_LENGTH.size : start]), data[start:]


def frame(letter: bytes, data: bytes = b"") -> bytes:
    """Return a frame."""
    return _FRAME.pack(letter, len(data)) + data


class WorkerEnd:
    """The worker's end: queries come in, one at a time; it is the sink of their answers.

    What is written stays here until it is too much for one frame, so that an answer that fails
    early leaves nothing behind, and a short one costs one call.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._head = b""
        self._written: list[bytes] = []
        self._size = 0
        self._begun = False

    def receive(self) -> bytes | None:
        """Return the bytes of the next query; None when the front has closed."""
        data = os.read(self._descriptor, PART)
        while data:
            if len(data) >= _FRAME.size:
                missing = _FRAME.size + _FRAME.unpack_from(data)[1] - len(data)
                if missing == 0:
                    return data[_FRAME.size :]
                part = os.read(self._descriptor, missing)
            else:
                part = os.read(self._descriptor, _FRAME.size - len(data))
            if not part:
                break
            data += part
        return None

    def begin(
        self, kind: Kind, media: str, *, volatile: bool, unchanged: bool, capped: int | None = None
    ) -> None:
        """Say what the answer is."""
        self._head = encode_head(AnswerHead(kind, media, volatile, unchanged, capped))

    def write(self, data: bytes) -> int:
        """Take the next bytes of the answer, and return how many."""
        self._written.append(data)
        self._size += len(data)
        if self._size > (PART if self._begun else WHOLE):
            self._pass()
        return len(data)

    def end(self, *, spent: bool) -> None:
        """Tell that the answer is whole, and whether this worker ends with it."""
        if self._begun:
            self._pass()
            self._send(frame(b"e" if spent else b"E"))
        else:
            size = _LENGTH.size + len(self._head) + self._size
            start = _FRAME.pack(b"w" if spent else b"W", size) + _LENGTH.pack(len(self._head))
            self._send(b"".join((start, self._head, *self._written)))
        self._reset()

    def refuse(self, problem: Rejected, *, spent: bool) -> None:
        """Tell why there is no answer, or no more of it."""
        members = problem.to_json()
        data = json.dumps(members).encode()
        if len(data) > PART:
            # What is so long repeats the query, which its sender has.
            members |= {"detail": shown(problem.detail, _SHORT), "members": {}}
            data = json.dumps(members).encode()
        self._send(frame(b"x" if spent else b"X", data))
        self._reset()

    def ready(self, *, sealed: bool) -> None:
        """Tell that queries are answered, and whether the kernel keeps them in."""
        self._send(frame(b"R", b"sealed" if sealed else b""))

    def _pass(self) -> None:
        frames = [] if self._begun else [frame(b"H", self._head)]
        self._begun = True
        data = b"".join(self._written)
        frames += [frame(b"D", data[at : at + PART]) for at in range(0, len(data), PART)]
        self._written, self._size = [], 0
        self._send(b"".join(frames))

    def _reset(self) -> None:
        self._head, self._written, self._size, self._begun = b"", [], 0, False

    def _send(self, data: bytes) -> None:
        sent = os.write(self._descriptor, data)
        if sent < len(data):
            rest = memoryview(data)[sent:]
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


class Channel(asyncio.Protocol):
    """The front's end of the way to a worker; what nobody reads yet stays with the worker."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._unread = 0
        self._partial = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = self._lost = False

    @classmethod
    async def open(cls, sock: socket.socket) -> "Channel":
        """Return the end of a connected socket, which is its own from now on. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, channel = await loop.create_unix_connection(cls, sock=sock)
        return channel

    def send(self, letter: bytes, data: bytes) -> None:
        """Send a frame. Raises OSError when the worker is known to be gone."""
        if self._transport is None or self._lost:
            raise ConnectionResetError
        self._transport.write(frame(letter, data))

    async def receive(self) -> tuple[bytes, bytes]:
        """Return the letter and the bytes of the next frame. Raises EOFError when none comes."""
        while not self._frames:
            if self._lost:
                raise EOFError
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        letter, data = self._frames.popleft()
        self._unread -= len(data)
        if self._paused and self._transport and self._unread <= _FULL // 4:
            self._paused = False
            self._transport.resume_reading()
        return letter, data

    def close(self) -> None:
        """Let go of the socket; nothing more comes."""
        self._lost = True
        self._frames.clear()
        if self._transport:
            self._transport.abort()
        self._wake()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to send; called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes, part them into frames and wake who waits for one; called by the loop."""
        partial: Any = self._partial
        if not partial and len(data) >= _FRAME.size:
            letter, length = _FRAME.unpack_from(data)
            if len(data) == _FRAME.size + length:
                # Almost always: one frame, whole.
                self._take(letter, data[_FRAME.size :])
                self._wake()
                return
        partial += data
        while len(partial) >= _FRAME.size:
            letter, length = _FRAME.unpack_from(partial)
            end = _FRAME.size + length
            if length > _LONGEST:
                self.close()
                return
            if len(partial) < end:
                break
            self._take(letter, bytes(memoryview(partial)[_FRAME.size : end]))
            del partial[:end]
        if self._unread > _FULL and not self._paused and self._transport:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits that nothing more comes; called by the event loop."""
        self._lost = True
        self._wake()

    def _take(self, letter: bytes, data: bytes) -> None:
        self._frames.append((letter, data))
        self._unread += len(data)

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done() and (self._frames or self._lost):
            self._waiter.set_result(None)
