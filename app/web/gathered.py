"""Contents that are made block by block: kept where they are short, else sent as they are made."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from app.web.aside import Aside, AsideCache
from app.web.gate import ClientGate
from app.web.responses import FROM_CACHE, if_none_match

# What is longer is sent while it is made, so that who waits for it sees it come.
LONGEST = 8 * 2**20
Blocks = Callable[[], AsyncGenerator[bytes, None]]
_Begun = tuple[Sequence[bytes], AsyncGenerator[bytes, None]]


class _TooLong(Exception):
    """A content has more bytes than are kept: it began with `blocks`, and goes on with `rest`."""

    def __init__(self, blocks: Sequence[bytes], rest: AsyncGenerator[bytes, None]) -> None:
        super().__init__()
        self._begun: _Begun | None = (blocks, rest)

    def take(self) -> _Begun | None:
        """Return what has begun to who asks first, None to the others."""
        begun, self._begun = self._begun, None
        return begun


class _Stream(StreamingResponse):
    """Sends what is made, and has it made no longer than somebody takes it."""

    def __init__(self, body: AsyncGenerator[bytes, None], headers: Mapping[str, str]) -> None:
        super().__init__(body, headers=headers)
        self._made = body

    async def stream_response(self, send: Send) -> None:
        """Send all of it."""
        async with aclosing(self._made):
            await super().stream_response(send)


class Gatherer:
    """Answers with what is made block by block, aside.

    What is short enough is made once for all who ask, and kept. The rest is made for each; after
    what was made before it was known to be long, each block waits at `gate` for whatever else its
    client has going on: `client` returns which that is.
    """

    def __init__(
        self, cache: AsideCache, aside: Aside, gate: ClientGate, client: Callable[[], str]
    ) -> None:
        self._cache, self._aside, self._gate, self._client = cache, aside, gate, client
        self._longest = min(LONGEST, cache.largest)
        self._too_long: set[str] = set()

    async def respond(
        self, request: Request, headers: Mapping[str, str], blocks: Blocks
    ) -> Response:
        """Return the response with these headers, of which the ETag names the content.

        It is what `blocks` yields. Raises what that raises before its first block, if not later.
        """
        tag = headers["ETag"]
        known = if_none_match(request.headers)
        unchanged = Response(status_code=304, headers=headers)
        if tag in known:
            return unchanged
        begun: _Begun | None = None
        if tag not in self._too_long:
            source = FROM_CACHE if self._cache.get(tag) is not None else {}
            try:
                content = await self._cache.through(tag, lambda: self._gather(blocks()))
            except _TooLong as long:
                self._too_long.add(tag)
                begun = long.take()
            else:
                # What nobody has a tag of may not exist: `*` is answered when it is known to.
                if "*" in known:
                    return unchanged
                return Response(content.body, headers={**headers, **source})
        if begun is None:
            body = blocks()
            # What is wrong is told before the head has gone.
            first = await self._aside.run(lambda: _next(body))
            begun = [] if first is None else [first], body
        if "*" in known:
            rest = begun[1]
            await self._aside.run(lambda: _close(rest))
            return unchanged
        return _Stream(self._all(*begun), headers)

    async def _gather(self, body: AsyncGenerator[bytes, None]) -> bytes:
        gathered, size = list[bytes](), 0
        async for block in body:
            gathered.append(block)
            size += len(block)
            if size > self._longest:
                raise _TooLong(gathered, body)
        return b"".join(gathered)

    async def _all(
        self, blocks: Sequence[bytes], rest: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        client = self._client()
        try:
            for block in blocks:
                yield block
            while (made := await self._in_turn(client, rest)) is not None:
                yield made
        finally:
            await self._aside.run(lambda: _close(rest))

    async def _in_turn(self, client: str, rest: AsyncGenerator[bytes, None]) -> bytes | None:
        async with self._gate.entered(client):
            return await self._aside.run(lambda: _next(rest))


async def _next(body: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(body, None)


async def _close(body: AsyncGenerator[bytes, None]) -> None:
    await body.aclose()
