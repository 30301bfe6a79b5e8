"""Contents that are made block by block: kept where they are short, else sent as they are made."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.web.aside import Aside, AsideCache
from app.web.gate import ClientGate
from app.web.responses import FROM_CACHE, if_none_match

# What is longer is sent while it is made, so that who waits for it sees it come.
LONGEST = 8 * 2**20
Blocks = Callable[[], AsyncGenerator[bytes, None]]


class _TooLong(Exception):
    """A content has more bytes than are kept."""


class Gatherer:
    """Answers with what is made block by block, aside.

    What is short enough is made once for all who ask, and kept. The rest is made for each, and at
    `gate` each block waits for whatever else its client has going on: `client` returns which that
    is.
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
        if tag not in self._too_long:
            source = FROM_CACHE if self._cache.get(tag) is not None else {}
            try:
                content = await self._cache.through(tag, lambda: self._gather(blocks()))
            except _TooLong:
                self._too_long.add(tag)
            else:
                # What nobody has a tag of may not exist: `*` is answered when it is known to.
                if "*" in known:
                    return unchanged
                return Response(content.body, headers={**headers, **source})
        body = blocks()
        # What is wrong is told before the head has gone.
        first = await self._aside.run(lambda: _next(body))
        if "*" in known:
            await self._aside.run(lambda: _close(body))
            return unchanged
        return StreamingResponse(self._rest(first, body), headers=headers)

    async def _gather(self, body: AsyncGenerator[bytes, None]) -> bytes:
        whole = bytearray()
        try:
            async for block in body:
                whole += block
                if len(whole) > self._longest:
                    raise _TooLong
        finally:
            await body.aclose()
        return bytes(whole)

    async def _rest(
        self, first: bytes | None, body: AsyncGenerator[bytes, None]
    ) -> AsyncIterator[bytes]:
        client, block = self._client(), first
        try:
            while block is not None:
                yield block
                async with self._gate.entered(client):
                    block = await self._aside.run(lambda: _next(body))
        finally:
            await self._aside.run(lambda: _close(body))


async def _next(body: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(body, None)


async def _close(body: AsyncGenerator[bytes, None]) -> None:
    await body.aclose()
