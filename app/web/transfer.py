"""The way of every response to its client: in a coding, with a length or an end, at a pace.

A response whose length is known is sent with it. One that is made as it is sent goes in chunks;
by HTTP/1.0, whose end of a response a broken connection looks like too, it waits in a file until
its length is known. Whoever makes it is never slowed down by who reads it, as long as there is room
for what waits. What goes wrong after the first byte ends the connection without an end of the
response, so that nothing that was cut reads as whole.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import http_version, not_acceptable
from app.rdf.formats import MULTIPART, compressible
from app.settings import Settings
from app.web import compression
from app.web.cache import ByteCache, Content, Header
from app.web.cancellation import AnswerCut, BodyUnwanted, ClientDisconnected
from app.web.compression import IDENTITY, Coding
from app.web.middleware import refuse
from app.web.notes import note
from app.web.public_url import public_url
from app.web.spool import Backlog, SpoolFull, SpoolRoom

# Shorter contents gain nothing from a coding.
SMALLEST = 1024
# A file of at most this size is coded; what is larger is there ready, or goes as it is.
_GATHERED = 256 * 1024
# What takes longer to code than to change threads.
_LONG = 32 * 1024
_PIECE = 64 * 1024
WINDOW = 10.0
_log = logging.getLogger("dialogue.web")


@dataclass(frozen=True)
class Pace:
    """What a reader must take: `rate` bytes a second over `window` seconds."""

    rate: int
    window: float = WINDOW


class TransferMiddleware:
    """Sends what an app answers. `room` bounds the files in which answers wait for clients."""

    def __init__(self, app: ASGIApp, cache: ByteCache, settings: Settings) -> None:
        self._app, self._cache, self._settings = app, cache, settings
        self.room = SpoolRoom(settings.spool)
        self.pace = Pace(settings.min_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = accept_encoding(scope)
        coding = compression.choose(accepted)
        transfer = _Transfer(scope, send, coding or Coding(IDENTITY), self)
        try:
            if coding is None:
                raise AnswerCut(not_acceptable(compression.OFFERED))
            await self._app(_uncoded(scope, coding.name), receive, transfer.take)
            await transfer.end()
        except AnswerCut as cut:
            note(scope, cause=cut.problem.kind)
            if not transfer.started:
                address = public_url(self._settings, scope)
                await refuse(cut.problem, address, scope, receive, send)
        except BodyUnwanted:
            # All that the client asked for has gone.
            pass
        except ClientDisconnected:
            note(scope, left=True)
        finally:
            transfer.close()

    async def coded(self, tag: str | None, coding: str, content: bytes) -> bytes:
        """Return a content in a coding, kept under the tag that it has then."""
        if tag is not None and (ready := self._cache.get(tag)) is not None:
            return ready.body
        if len(content) > _LONG:
            body = await asyncio.to_thread(compression.compress, coding, content)
        else:
            body = compression.compress(coding, content)
        if tag is not None:
            self._cache.put(tag, Content(body))
        return body


class _Begun:
    """Work that has run until it waits for something, or to its end, which is `done`.

    What seldom waits needs no timer until it does.
    """

    def __init__(self, work: Awaitable[None]) -> None:
        self._work, self.done = work.__await__(), False
        try:
            self._awaited = self._work.send(None)
        except StopIteration:
            self.done = True

    def __await__(self) -> Generator[Any, Any, None]:
        """Go on from there."""
        try:
            while not self.done:
                try:
                    value = yield self._awaited
                except GeneratorExit:
                    self._work.close()
                    raise
                except BaseException as error:  # noqa: BLE001
                    self._awaited = self._work.throw(error)
                else:
                    self._awaited = self._work.send(value)
        except StopIteration:
            self.done = True


class _PacedSend:
    """Sends parts of a body; knows how long the client has let us wait, and for how much."""

    def __init__(self, send: Send, pace: Pace) -> None:
        self._send, self._pace = send, pace
        self._waited, self._taken = 0.0, 0

    async def __call__(self, body: bytes, more: bool) -> None:
        """Send a part. Raises ClientDisconnected for who does not take it at the pace."""
        message = {"type": "http.response.body", "body": body, "more_body": more}
        # Almost always there is room, and nothing to wait for.
        begun, pace = _Begun(self._send(message)), self._pace
        if not begun.done:
            started = asyncio.get_running_loop().time()
            # What a client takes is seen when a whole piece has gone, and another lies before it.
            allowed = pace.window + (self._taken + len(body) + _PIECE) / pace.rate
            try:
                async with asyncio.timeout(allowed - self._waited):
                    await begun
            except TimeoutError:
                _log.info("a client took less than %d bytes a second, and was cut off", pace.rate)
                raise ClientDisconnected from None
            self._waited += asyncio.get_running_loop().time() - started
        self._taken += len(body)
        if self._waited >= pace.window and self._taken >= pace.rate * self._waited:
            self._waited, self._taken = 0.0, 0


_Next = Callable[[bytes, bool], Awaitable[None]]


class _Transfer:
    """One response on its way."""

    def __init__(self, scope: Scope, send: Send, coding: Coding, by: TransferMiddleware) -> None:
        self._scope, self._send, self._coding, self._by = scope, send, coding, by
        self._start: Message = {}
        self._next: _Next = self._first
        self._pass = _PacedSend(send, by.pace)
        self._gathered = bytearray()
        self._encoder: compression.Encoder | None = None
        self._backlog: Backlog | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ended = False
        self.started = False

    async def take(self, message: Message) -> None:
        """Take a message of the app's.

        Raises ClientDisconnected where nobody reads any more, BodyUnwanted where nobody means to.
        """
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            await self._next(message.get("body", b""), message.get("more_body", False))
        else:
            await self._send(message)

    async def end(self) -> None:
        """Return when all is sent. Raises ClientDisconnected for a client that is too slow."""
        # Where the app has left without an end, so must the response.
        if self._reader is not None and self._ended:
            await self._reader

    def close(self) -> None:
        """Leave: what has not been sent will not be."""
        # A method of its own would be a ring, which only the garbage collector takes apart: with
        # all that hangs on a request, it was most of the collector's work.
        self._next = self._pass
        if self._reader is not None and not self._reader.cancel() and not self._reader.cancelled():
            # Told to whoever wrote; nobody else waits to hear it.
            self._reader.exception()
        if self._backlog is not None:
            self._backlog.close()

    async def _first(self, body: bytes, more: bool) -> None:
        if not more and self._coding.name == IDENTITY and self._scope["method"] != "HEAD":
            # Almost always: it is whole, and goes as it is.
            await self._send_head(list(self._start.get("headers", [])))
            await self._pass(bytes(body), False)
            return
        headers = MutableHeaders(raw=list(self._start.get("headers", [])))
        length = headers.get("content-length")
        if length is None and (more or self._scope["method"] == "HEAD"):
            await self._stream(headers, body, more)
        elif not more:
            await self._whole(headers, bytes(body))
        elif self._codable(headers) and int(length or 0) <= _GATHERED:
            self._next = self._gather
            await self._gather(body, more)
        elif self._codable(headers) and self._coding.required:
            del headers["content-length"]
            await self._stream(headers, body, more)
        elif self._scope["method"] == "HEAD":
            await self._head_alone(headers, more)
        else:
            await self._begin(headers)
            self._next = self._pass
            await self._pass(body, more)

    async def _gather(self, body: bytes, more: bool) -> None:
        self._gathered += body
        if not more:
            headers = MutableHeaders(raw=list(self._start.get("headers", [])))
            await self._whole(headers, bytes(self._gathered))

    async def _whole(self, headers: MutableHeaders, body: bytes) -> None:
        if self._codable(headers) and (len(body) >= SMALLEST or self._coding.required):
            self._name(headers)
            lasting = "no-store" not in headers.get("cache-control", "")
            body = await self._by.coded(
                headers.get("etag") if lasting else None, self._coding.name, body
            )
            headers["Content-Length"] = str(len(body))
        await self._begin(headers)
        await self._pass(body, False)

    async def _head_alone(self, headers: MutableHeaders, more: bool) -> None:
        """Send the head of a long answer, asked for by HEAD; `more` would be made of it."""
        await self._begin(headers)
        await self._pass(b"", False)
        if more:
            raise BodyUnwanted

    async def _stream(self, headers: MutableHeaders, body: bytes, more: bool) -> None:
        if self._codable(headers):
            self._name(headers)
            self._encoder = compression.encoder(self._coding.name)
        if self._scope["method"] == "HEAD":
            await self._head_alone(headers, more)
            return
        whole = self._scope["http_version"] == "1.0"
        self._backlog = Backlog(self._by.room, whole=whole)
        self._next = self._put
        if whole:
            self._start = {**self._start, "headers": headers.raw}
        else:
            await self._begin(headers)
            self._reader = asyncio.get_running_loop().create_task(self._deliver(self._backlog))
        await self._put(body, more)

    async def _put(self, body: bytes, more: bool) -> None:
        backlog = self._backlog
        if backlog is None:
            return
        try:
            await backlog.put(await self._encode(body, more))
        except SpoolFull:
            if not self.started:
                raise AnswerCut(http_version()) from None
            raise ClientDisconnected from None
        if more:
            return
        backlog.finish()
        self._ended = True
        if self._reader is None:
            headers = MutableHeaders(raw=self._start["headers"])
            headers["Content-Length"] = str(backlog.size)
            await self._begin(headers)
            self._reader = asyncio.get_running_loop().create_task(self._deliver(backlog))

    async def _encode(self, body: bytes, more: bool) -> bytes:
        encoder = self._encoder
        if encoder is None:
            return body
        # In blocks of one size, however it comes: a strong tag names the same bytes each time.
        self._gathered += body
        size = len(self._gathered)
        ready = bytes(self._gathered[: size - size % _PIECE if more else size])
        del self._gathered[: len(ready)]
        blocks = [ready[start : start + _PIECE] for start in range(0, len(ready), _PIECE)]
        coded = b"".join([await asyncio.to_thread(encoder.encode, block) for block in blocks])
        return coded if more else coded + encoder.finish()

    async def _deliver(self, backlog: Backlog) -> None:
        try:
            while (data := await backlog.get()) is not None:
                for start in range(0, len(data), _PIECE):
                    await self._pass(data[start : start + _PIECE], True)
            await self._pass(b"", False)
        finally:
            backlog.close()

    async def _begin(self, headers: MutableHeaders) -> None:
        status, tag = self._start["status"], headers.get("etag")
        if status == 304 and tag and self._coding.name != IDENTITY:
            # It is told of what it holds.
            coded = compression.coded_tag(tag, self._coding.name)
            if coded.encode() in b",".join(_values(self._scope, b"if-none-match")):
                headers["ETag"] = coded
        await self._send_head(headers.raw)

    async def _send_head(self, headers: list[Header]) -> None:
        self.started = True
        await self._send({**self._start, "headers": _varied(self._start["status"], headers)})

    def _codable(self, headers: MutableHeaders) -> bool:
        return (
            self._coding.name != IDENTITY
            and self._start["status"] == 200
            and "content-encoding" not in headers
            and "no-transform" not in headers.get("cache-control", "")
            and (self._coding.required or compressible(headers.get("content-type", "")))
        )

    def _name(self, headers: MutableHeaders) -> None:
        headers["Content-Encoding"] = self._coding.name
        if (tag := headers.get("etag")) is not None:
            headers["ETag"] = compression.coded_tag(tag, self._coding.name)
        # They would be of what was not coded.
        with contextlib.suppress(KeyError):
            del headers["accept-ranges"]


def accept_encoding(scope: Scope) -> str | None:
    """Return the content codings that a request accepts, its several headers as one."""
    values = _values(scope, b"accept-encoding")
    return b", ".join(values).decode("latin-1") if values else None


def _values(scope: Scope, wanted: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == wanted]


def _varied(status: int, headers: list[Header]) -> list[Header]:
    """Return the headers of a response, which say that it differs by coding where it does."""
    media, coded, place = b"", False, -1
    for index, (name, value) in enumerate(headers):
        if name == b"content-type":
            media = value
        elif name == b"content-encoding":
            coded = True
        elif name == b"vary":
            place = index
    # A part says what the whole does, of which it does not tell the type where there are several.
    several = status == 206 and media.startswith(MULTIPART.encode())
    may_differ = status in (200, 206) and (coded or several or _is_compressible(media))
    if status != 304 and not may_differ:
        return headers
    if place < 0:
        return [*headers, (b"vary", b"Accept-Encoding")]
    vary = headers[place][1] + b", Accept-Encoding"
    return [*headers[:place], (b"vary", vary), *headers[place + 1 :]]


@lru_cache(256)
def _is_compressible(media: bytes) -> bool:
    return compressible(media.decode("latin-1"))


def _uncoded(scope: Scope, coding: str) -> Scope:
    """Return the scope for an app that knows no coding: tags of coded contents are as its own."""
    ending = f'-{coding}"'.encode()
    if coding == IDENTITY or not any(n == b"if-none-match" for n, _ in scope["headers"]):
        return scope
    headers: list[Header] = [
        (name, value.replace(ending, b'"') if name == b"if-none-match" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}
