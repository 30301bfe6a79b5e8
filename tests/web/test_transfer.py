"""The way of a small answer: sent at once it costs no timer, and leaves nothing behind."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.settings import load
from app.web.cache import ByteCache
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
