"""One connection: its heads are read here, its deadlines are kept, its bodies arrive in time.

uvicorn's protocols answer the requests. They are given one message at a time, in one form, so that
which parser stands behind changes nothing; what is no request never gets to them.
"""

import asyncio
import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, cast

import h11
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from app import errors
from app.errors import Rejected
from app.server.front.connections import Client, Connections
from app.server.front.refusals import refusal
from app.server.front.request_body import ChunkedBody
from app.server.front.request_head import RequestHead, read_head, read_line, too_long
from app.server.front.transport import MeteredTransport

# So long a connection may have sent a request that we have not read yet.
_FRESH_SECONDS = 0.25
_WAITING_BYTES = 64 * 1024
# What is read of a body that nobody wants, so that its sender reads the answer.
_UNWANTED_BYTES = 8 * 2**20
_FIRST = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]")
_BARE_LINE_FEED = re.compile(rb"[^\r]\n")


class Phase(Enum):
    """What a connection waits for."""

    SILENT = "the first byte of its first request"
    IDLE = "the first byte of another request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    ANSWER = "the answer"
    LINGER = "the client, which has its last answer, to close"
    CLOSED = "nothing"


_IDLE = frozenset((Phase.SILENT, Phase.IDLE, Phase.HEAD, Phase.LINGER))
_HEADLESS = frozenset((Phase.SILENT, Phase.IDLE, Phase.HEAD))


class _Flow(FlowControl):
    """Reads on when it is told to, unless enough waits already."""

    def __init__(self, transport: asyncio.Transport, enough: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._enough = enough

    def resume_reading(self) -> None:
        if self.read_paused and not self._enough():
            super().resume_reading()


class Connection:
    """What both parsers' protocols have before them. A mixin: it comes first among the bases."""

    loop: asyncio.AbstractEventLoop
    transport: Any
    flow: Any
    cycle: Any
    server_state: Any

    def __init__(self, connections: Connections, client: Client, **options: Any) -> None:
        super().__init__(**options)
        self._connections, self._client = connections, client
        self._limits = connections.limits
        self._phase, self._since = Phase.SILENT, self.loop.time()
        self._input, self._scanned, self._line_read = bytearray(), 0, False
        self._head: RequestHead | None = None
        self._left, self._received = 0, 0
        self._chunks: ChunkedBody | None = None
        self._meter: MeteredTransport | None = None
        self._dropped = False
        self._credit, self._taken, self._checked = 0.0, -1, 0.0

    # What the event loop calls.

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)  # type: ignore[misc]
        self._meter = self.transport = MeteredTransport(transport, self._may_close)
        self.flow = _Flow(transport, lambda: len(self._input) > _WAITING_BYTES)
        if self._dropped:
            self._meter.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._phase = Phase.CLOSED
        self._connections.closed(self._client, self)
        super().connection_lost(error)  # type: ignore[misc]

    def data_received(self, data: bytes) -> None:
        """Read what has arrived."""
        if not self._input and self._phase in _HEADLESS:
            head = self._connections.known_head(data)
            if head is not None:
                self._begin(head)
                return
        if self._phase is Phase.LINGER:
            self._received += len(data)
            if self._received > _UNWANTED_BYTES:
                self.transport.abort()
            return
        self._input += data
        if self._phase is not Phase.ANSWER:
            self._advance()
        elif len(self._input) > _WAITING_BYTES:
            self.flow.pause_reading()

    # What uvicorn calls.

    def on_response_complete(self) -> None:
        """Go on to the next request: what has arrived of it, or an idle connection's wait."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._renew()
        if self._phase is Phase.ANSWER:
            self._rest()
            self._advance()
            self.flow.resume_reading()
        elif self._head and self._head.expects and not self._received:
            # Whether the body comes, only its sender knows.
            self.transport.close()

    def send_400_response(self, _: str) -> None:
        """Refuse what the parser behind does not read."""
        self._refuse(errors.request_malformed("The request is not well-formed."))

    # What the connections call.

    def idle_since(self) -> float | None:
        """Return since when no request runs on it; None while one does, or may be on its way."""
        if self._phase not in _IDLE:
            return None
        if self._phase is not Phase.IDLE and self.loop.time() - self._since < _FRESH_SECONDS:
            return None
        return None if self._meter and self._meter.get_write_buffer_size() else self._since

    def drop(self) -> None:
        """End the connection at once, or as soon as it begins."""
        self._dropped = True
        if self._meter:
            self._meter.abort()

    def check(self, now: float) -> None:
        """End the connection if it has taken too long."""
        if self._meter is None:
            return
        limits, phase, lasted = self._limits, self._phase, now - self._since
        if phase is Phase.IDLE or phase is Phase.SILENT:
            if lasted > (limits.idle_seconds if phase is Phase.IDLE else limits.head_seconds):
                self._connections.tally["expired_idle"] += 1
                self.transport.close()
        elif phase is Phase.HEAD:
            if lasted > limits.head_seconds:
                self._connections.tally["expired_heads"] += 1
                self._refuse(errors.request_timeout())
        elif phase is Phase.BODY:
            if self._is_slow(lasted):
                self._connections.tally["expired_bodies"] += 1
                self._refuse(errors.request_timeout())
        elif phase is Phase.LINGER and lasted > limits.linger_seconds:
            self.transport.abort()
        self._check_reader(now)

    def _is_slow(self, lasted: float) -> bool:
        limits = self._limits
        if lasted > limits.body_seconds:
            return True
        # While we do not read ourselves, nobody is slow.
        due = 0 if self.flow.read_paused else limits.body_rate * (lasted - limits.body_grace)
        return self._received < due

    def _check_reader(self, now: float) -> None:
        """End the connection if its client takes less than it must of what we hold for it."""
        if not self.transport.get_write_buffer_size():
            self._taken = -1
            return
        rate, taken = self._limits.write_rate, self.transport.taken()
        most = rate * self._limits.write_seconds
        if self._taken < 0:
            self._credit = most
        else:
            earned = taken - self._taken - rate * (now - self._checked)
            self._credit = min(most, self._credit + earned)
        self._taken, self._checked = taken, now
        if self._credit < 0:
            self._connections.tally["expired_writes"] += 1
            self.transport.reset()

    # From one message to the next.

    def _advance(self) -> None:
        while self._input:
            if self._phase is Phase.BODY:
                self._read_body()
            elif self._phase not in _HEADLESS or not self._read_head():
                return

    def _read_head(self) -> bool:
        """Read a head and begin its request; return whether there is one."""
        while self._input.startswith(b"\r\n"):  # RFC 9112, section 2.2.
            del self._input[:2]
        end = self._input.find(b"\r\n\r\n", max(0, self._scanned - 3)) + 4
        try:
            if end < 4:
                self._read_start()
                return False
            head = bytes(self._input[:end])
            if problem := too_long(head):
                raise problem
            read = read_head(head)
        except Rejected as problem:
            self._connections.tally["malformed"] += 1
            self._refuse(problem)
            return False
        if len(self._input) == end:
            self._connections.remember_head(head, read)
        del self._input[:end]
        self._begin(read)
        return True

    def _read_start(self) -> None:
        """Look at a head that has not ended yet. Raises Rejected for what will never be one."""
        if self._phase is not Phase.HEAD:
            self._phase, self._since = Phase.HEAD, self.loop.time()
        if not self._input or self._input == b"\r":
            return
        start = bytes(self._input)
        if not _FIRST.match(start) or _BARE_LINE_FEED.search(start, max(0, self._scanned - 1)):
            raise errors.request_malformed("This is no request of HTTP/1.1.")
        if problem := too_long(start):
            raise problem
        if not self._line_read and (end := start.find(b"\r\n")) >= 0:
            read_line(start[:end])
            self._line_read = True
        self._scanned = len(start)

    def _begin(self, head: RequestHead) -> None:
        self._head, self._scanned, self._line_read = head, 0, False
        if head.length == 0:
            self._phase = Phase.ANSWER
        else:
            self._phase, self._since, self._received = Phase.BODY, self.loop.time(), 0
            self._left = head.length or 0
            self._chunks = ChunkedBody() if head.length is None else None
        if head.forwarded:
            self._connections.forwarded(self._client)
        self._parse(head.text)

    def _read_body(self) -> None:
        data = bytes(self._input)
        if self._chunks is None:
            content = data[: self._left]
            self._left -= len(content)
            used, ended, text = len(content), not self._left, content
        else:
            try:
                content, used = self._chunks.feed(data)
            except Rejected as problem:
                self._connections.tally["malformed"] += 1
                self._refuse(problem)
                return
            ended = self._chunks.done
            text = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
            text += b"0\r\n\r\n" if ended else b""
        del self._input[:used]
        self._received += used
        if ended:
            self._phase = Phase.ANSWER
        if text:
            self._parse(text)
        if self.cycle is None or self.cycle.response_complete:
            if ended:
                self._rest()
            elif self._received > _UNWANTED_BYTES:
                self.transport.abort()

    def _parse(self, text: bytes) -> None:
        super().data_received(text)  # type: ignore[misc]

    def _rest(self) -> None:
        self._phase, self._since = Phase.IDLE, self.loop.time()

    def _renew(self) -> None:
        """Make the parser ready for another request, where it has to be told."""

    # Ends.

    def _refuse(self, problem: Rejected) -> None:
        """Tell the client of a problem, if nothing else is being told, and end the connection."""
        head_only = self._input.startswith(b"HEAD ")
        self._input.clear()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            self.flow.resume_writing()
            if cycle.response_started:
                self.transport.abort()
                return
        elif self._phase is Phase.BODY:  # It has its answer, and the rest of the body is no good.
            self.transport.abort()
            return
        self._linger(refusal(problem, self._connections.public_url, head_only=head_only))

    def _linger(self, last: bytes = b"") -> None:
        """Say the last word, and read on for a moment: to close now could take it back."""
        self._phase, self._since, self._received = Phase.LINGER, self.loop.time(), 0
        self.flow.resume_reading()
        self.transport.end(last)

    def _may_close(self) -> bool:
        if self._phase is Phase.BODY:
            self._linger()
            return False
        return True


class H11Connection(Connection, H11Protocol):
    """A connection whose requests are parsed by h11."""

    def _renew(self) -> None:
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE:
            self.conn.start_next_cycle()


def protocol(connections: Connections, parser: str) -> Callable[..., Any]:
    """Return what makes the protocol of a connection; `parser` is `httptools` or `h11`.

    It is called with the connection's client and what uvicorn gives a protocol.
    """
    if parser == "h11":
        return partial(H11Connection, connections)
    # Loaded here: h11 alone must do where there is no httptools.
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    bases = (Connection, HttpToolsProtocol)
    return partial(cast(Any, type("HttpToolsConnection", bases, {})), connections)
