"""The way of a small answer: sent at once it costs no timer, and leaves nothing behind."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import pytest
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import load
from app.web.cache import ByteCache
from app.web.last_modified import LastModifiedMiddleware
from app.web.notes import open_notes
from app.web.transfer import Pace, TransferMiddleware

START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"vary", b"Accept"), (b"content-length", b"2")],
}
BODY: Message = {"type": "http.response.body", "body": b"ok", "more_body": False}


class Marked(dict[str, object]):
    """A scope that can be watched."""


def scope() -> Marked:
    """Return the scope of a request."""
    return Marked(type="http", http_version="1.1", method="GET", path="/", headers=[])


async def app(_: Scope, __: Receive, send: Send) -> None:
    """Answer with a small text."""
    await send(START)
    await send(BODY)


async def nothing() -> Message:
    """Receive nothing."""
    raise AssertionError


def middleware() -> TransferMiddleware:
    """Return what sends the answers of the app."""
    return TransferMiddleware(app, ByteCache(0), load())


async def sent(send: Callable[[Message], Awaitable[None]], pace: Pace | None = None) -> None:
    """Answer a request."""
    transfer = middleware()
    if pace:
        transfer.pace = pace
    await transfer(scope(), nothing, send)


def test_a_whole_answer_goes_on_as_it_is_but_for_what_it_varies_by() -> None:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(sent(send))
    headers = [START["headers"][0], (b"vary", b"Accept, Accept-Encoding"), START["headers"][2]]
    assert messages == [{**START, "headers": headers}, BODY]


def test_a_response_leaves_no_ring_of_objects() -> None:
    async def send(_: Message) -> None:
        pass

    async def run() -> weakref.ref[Marked]:
        request = scope()
        await middleware()(request, nothing, send)
        return weakref.ref(request)

    gc.collect()
    gc.disable()
    try:
        assert asyncio.run(run())() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_part_that_waits_for_its_reader_is_sent_once_and_whole(turns: int) -> None:
    taken: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            for _ in range(turns):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)
            taken.append(message["body"])

    asyncio.run(sent(send))
    assert taken == [b"ok"]


def test_who_takes_nothing_is_left_and_who_sends_is_told() -> None:
    events: list[str] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                events.append("cancelled")
                raise

    asyncio.run(sent(send, Pace(rate=10**9, window=0.05)))
    assert events == ["cancelled"]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after a wait"])
def test_what_sending_raises_is_raised(waits: bool) -> None:
    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            if waits:
                await asyncio.sleep(0.001)
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(sent(send))


def test_who_is_cancelled_while_a_part_waits_stops_sending() -> None:
    events: list[str] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            events.append("waits")
            try:
                await asyncio.Event().wait()
            finally:
                events.append("ended")

    async def run() -> bool:
        task = asyncio.create_task(sent(send))
        while not events:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(run())
    assert events == ["waits", "ended"]


class Long:
    """An answer of a hundred parts, which counts those that are made, and when it is given up."""

    def __init__(self, **headers: str) -> None:
        self._headers = {"ETag": '"long"', "Content-Type": "text/csv", **headers}
        self.made = self.ended = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def parts() -> AsyncGenerator[bytes, None]:
            try:
                for _ in range(100):
                    self.made += 1
                    await asyncio.sleep(0)
                    yield b"x" * 10_000
            finally:
                self.ended += 1

        async with aclosing(parts()) as made:
            await StreamingResponse(made, headers=self._headers)(scope, receive, send)


async def forever() -> Message:
    """Receive nothing, from a client that stays."""
    return await asyncio.Event().wait()  # type: ignore[return-value]


def asked(app: ASGIApp, **of_scope: object) -> tuple[list[Message], dict[str, object]]:
    """Return what is sent, and the notes on the request."""
    messages: list[Message] = []
    request = Marked({**scope(), **of_scope})
    notes = open_notes(request)

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(app(request, forever, send))
    return messages, notes


def transferred(app: ASGIApp) -> TransferMiddleware:
    """Return what sends the answers of an app."""
    return TransferMiddleware(app, ByteCache(0), load())


CODED = [(b"accept-encoding", b"gzip, identity;q=0")]


@pytest.mark.parametrize("headers", [[], CODED], ids=["plain", "coded"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("length", [{}, {"Content-Length": "1000000"}], ids=["unknown", "known"])
def test_of_a_long_answer_whose_head_is_asked_for_no_more_is_made(
    length: dict[str, str], version: str, headers: list[tuple[bytes, bytes]]
) -> None:
    long = Long(**length)
    (start, body), notes = asked(
        transferred(long), method="HEAD", http_version=version, headers=headers
    )
    assert (long.made, long.ended) == (1, 1)
    assert (start["status"], body["body"], body["more_body"]) == (200, b"", False)
    assert notes == {}
    whole = Long(**length)
    got, _ = asked(transferred(whole), http_version=version, headers=headers)
    assert whole.made == 100
    # But for the length, which by HTTP/1.0 is known when all is made.
    kept = dict(start["headers"]).items() - {(b"content-length", b"1000000")}
    assert kept <= dict(got[0]["headers"]).items()


def test_who_has_a_long_answer_by_its_second_does_not_have_it_made() -> None:
    since = b"Mon, 30 Nov 2026 10:00:00 GMT"
    for value, status, made in ((since, 304, 1), (b"Mon, 30 Nov 2026 10:00:01 GMT", 200, 100)):
        long = Long()
        app = LastModifiedMiddleware(transferred(long), since)
        messages, _ = asked(app, headers=[(b"if-modified-since", value)])
        assert (messages[0]["status"], long.made, long.ended) == (status, made, 1)
