"""What is made block by block: kept where it is short, and sent as it is made where it is not."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from app.errors import Rejected, not_found
from app.web.aside import Aside, AsideCache
from app.web.cache import ByteCache
from app.web.cancellation import ClientDisconnected
from app.web.gate import ClientGate
from app.web.gathered import Gatherer

HEADERS = {"ETag": '"list"', "Content-Type": "text/csv"}


class List:
    """A list of so many blocks of 1,000 bytes, which counts how often it is made."""

    def __init__(self, blocks: int) -> None:
        self._blocks, self.begun, self.ended = blocks, 0, 0

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        self.begun += 1
        try:
            for _ in range(self._blocks):
                await asyncio.sleep(0)
                yield b"x" * 1000
        finally:
            self.ended += 1


def run(work: Callable[[Gatherer, Aside], Coroutine[Any, Any, None]], limit: int) -> None:
    async def whole() -> None:
        aside = Aside()
        cache = AsideCache(ByteCache(limit), aside)
        try:
            await work(Gatherer(cache, aside, ClientGate(), lambda: "a"), aside)
        finally:
            await aside.stop()

    asyncio.run(whole())


def asked(*tags: str) -> Request:
    return Request({"type": "http", "headers": [(b"if-none-match", t.encode()) for t in tags]})


async def body(response: Response) -> bytes:
    if isinstance(response, StreamingResponse):
        return b"".join([bytes(block) async for block in response.body_iterator])  # type: ignore[arg-type]
    return bytes(response.body)


def test_a_short_one_is_made_once_for_all_who_ask_and_kept() -> None:
    async def work(gatherer: Gatherer, _: Aside) -> None:
        short = List(9)
        responses = await asyncio.gather(
            *(gatherer.respond(asked(), HEADERS, short) for _ in range(5))
        )
        again = await gatherer.respond(asked(), HEADERS, short)
        assert {await body(one) for one in (*responses, again)} == {b"x" * 9000}
        assert again.headers["content-length"] == "9000"
        assert again.headers["server-timing"] == "cache;desc=hit"
        assert (short.begun, short.ended) == (1, 1)
        held = await gatherer.respond(asked('"list"'), HEADERS, short)
        assert held.status_code == 304

    run(work, 100_000)


def test_a_long_one_is_sent_as_it_is_made_and_given_up_with_its_reader() -> None:
    async def work(gatherer: Gatherer, aside: Aside) -> None:
        long = List(50)
        first = await gatherer.respond(asked(), HEADERS, long)
        assert isinstance(first, StreamingResponse)
        assert await body(first) == b"x" * 50_000
        assert (long.begun, long.ended) == (1, 1)
        # It is not tried again whether it is short.
        second = await gatherer.respond(asked(), HEADERS, long)
        assert isinstance(second, StreamingResponse)
        iterator = second.body_iterator
        assert len(await anext(iterator)) == 1000
        await iterator.aclose()  # type: ignore[attr-defined]
        assert (long.begun, long.ended) == (2, 2)
        assert aside.running == 0

    run(work, 100_000)


def test_a_long_one_that_several_ask_at_once_is_made_once_for_each() -> None:
    async def work(gatherer: Gatherer, _: Aside) -> None:
        long = List(50)
        responses = await asyncio.gather(
            *(gatherer.respond(asked(), HEADERS, long) for _ in range(3))
        )
        assert {await body(response) for response in responses} == {b"x" * 50_000}
        assert (long.begun, long.ended) == (3, 3)

    run(work, 100_000)


def test_a_long_one_of_which_nobody_takes_more_is_given_up_at_once() -> None:
    async def receive() -> Message:
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise ClientDisconnected

    async def work(gatherer: Gatherer, _: Aside) -> None:
        long = List(50)
        response = await gatherer.respond(asked(), HEADERS, long)
        with pytest.raises(ClientDisconnected):
            await response({"type": "http"}, receive, send)
        assert (long.begun, long.ended) == (1, 1)

    run(work, 100_000)


@pytest.mark.parametrize("limit", [0, 100_000])
def test_what_is_wrong_is_told_before_the_head(limit: int) -> None:
    async def nothing() -> AsyncGenerator[bytes, None]:
        raise not_found("There is no such list.")
        yield b""

    async def work(gatherer: Gatherer, _: Aside) -> None:
        with pytest.raises(Rejected):
            await gatherer.respond(asked(), HEADERS, nothing)

    run(work, limit)


@pytest.mark.parametrize("limit", [0, 100_000])
def test_any_state_of_it_is_one_only_where_it_exists(limit: int) -> None:
    async def nothing() -> AsyncGenerator[bytes, None]:
        raise not_found("There is no such list.")
        yield b""

    async def work(gatherer: Gatherer, aside: Aside) -> None:
        with pytest.raises(Rejected):
            await gatherer.respond(asked("*"), HEADERS, nothing)
        there = List(9)
        held = await gatherer.respond(asked("*"), HEADERS, there)
        assert (held.status_code, held.headers["etag"]) == (304, '"list"')
        assert (there.begun, there.ended) == (1, 1)
        assert aside.running == 0

    run(work, limit)
