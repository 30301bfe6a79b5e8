"""What was answered lately, answered again before anything is read of the request but its head."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web import compression
from app.web.cache import ByteCache, Content, Head, Header, RequestKey
from app.web.compression import Coding
from app.web.middleware import OF_CONTENT
from app.web.request_keys import QueryKeys
from app.web.responses import tags_of

# A body that is longer is read by who answers, and its answer is found by its query.
_LONGEST_BODY = 16 * 1024
# A body is there with its head, or it is not waited for here.
_BODY_SECONDS = 0.02
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_WITH_BODY = frozenset({"POST", "QUERY"})
# What asks for a part, or for something on a condition that is not looked at here.
_ELSEWHERE = frozenset(
    {
        b"range",
        b"if-range",
        b"if-match",
        b"if-unmodified-since",
        b"content-encoding",
    }
)
# What belongs to one response, however often its content is sent.
_OF_ONE = frozenset({b"server-timing", b"x-request-id"})
_HIT = (b"server-timing", b"cache;desc=hit")
# What Server-Timing tells of an answer that is never kept.
UNCACHEABLE = "uncacheable"
# A refusal tells nothing of the cache.
_TIMED = frozenset({200, 304})


class CachingMiddleware:
    """Answers what was answered before; what it does not know goes on to `app`.

    Kept is what is whole, has an entity tag and may be kept by everybody. The key of a request has
    all that may change its answer: the method, the address with what `queries` says of its
    parameters, what it accepts, the type of its body and the body. `origin` tells that answers
    name the address at which the server was reached.
    """

    def __init__(
        self, app: ASGIApp, cache: ByteCache, queries: QueryKeys, *, origin: bool = False
    ) -> None:
        self._app, self._cache, self._queries, self._origin = app, cache, queries, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        bare = method in _WITHOUT_BODY
        if not bare and method not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        accept = coding = media = known = None
        since = False
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value if accept is None else accept + b", " + value
            elif name == b"accept-encoding":
                coding = value if coding is None else coding + b", " + value
            elif name == b"if-none-match":
                known = value if known is None else known + b", " + value
            elif name == b"content-type":
                media = value if media is None else media + b", " + value
            elif name == b"if-modified-since":
                since = True
            elif name in _ELSEWHERE:
                await self._miss(None, scope, receive, send)
                return
        chosen = compression.choose(None if coding is None else coding.decode("latin-1"))
        if chosen is None or (since and known is None):
            await self._miss(None, scope, receive, send)
            return
        body = b""
        if not bare:
            first, receive = await _first(receive)
            if first is None:
                await self._miss(None, scope, receive, send)
                return
            body = first
        key: RequestKey = (
            "GET" if bare else method,
            scope.get("raw_path") or scope["path"],
            self._queries.key(scope["path"], scope["query_string"]),
            b"\0" if accept is None else accept,
            _spelled(chosen),
            media or b"",
            body,
            f"{scope.get('scheme')} {scope.get('server')}" if self._origin else "",
        )
        head = self._cache.get(key)
        content = self._cache.get(head.tag) if head is not None else None
        if head is None or content is None:
            await self._miss(key, scope, receive, send)
            return
        tally = self._cache.tally
        tally.hits += 1
        if known is not None and method != "POST" and _holds(known, head):
            tally.unchanged += 1
            await send({"type": "http.response.start", "status": 304, "headers": head.unchanged})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": head.headers})
        sent = b"" if method == "HEAD" else content.body
        await send({"type": "http.response.body", "body": sent})

    async def _miss(
        self, key: RequestKey | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Hand a request on. Its answer is kept under `key`; for None, nothing was looked for."""
        started = time.perf_counter()
        start: Message = {}
        values: dict[bytes, bytes] | None = None

        async def watched(message: Message) -> None:
            nonlocal start, values
            if message["type"] == "http.response.start":
                start = message
                values = _values_to_keep(start)
                if start["status"] in _TIMED:
                    seconds = time.perf_counter() - started
                    message = self._timed(start, seconds, lasting=values is not None)
            elif message["type"] == "http.response.body" and start:
                # What comes in several parts is long, and not kept.
                if key and values is not None and not message.get("more_body", False):
                    self._keep(key, start, values, message.get("body", b""))
                start = {}
            await send(message)

        await self._app(scope, receive, watched)

    def _timed(self, start: Message, seconds: float, *, lasting: bool) -> Message:
        """Return the beginning of an answer that tells of its time; what is `lasting` is counted.

        What may be another answer next time was never looked for, so it is no miss.
        """
        tally, headers = self._cache.tally, start["headers"]
        if _HIT in headers:
            # Its content was here, for a request that was spelled otherwise.
            tally.hits += lasting
            return start
        tally.misses += lasting
        outcome = "miss" if lasting else UNCACHEABLE
        timing = f"cache;desc={outcome};dur={seconds * 1000:.1f}".encode()
        return {**start, "headers": [*headers, (b"server-timing", timing)]}

    def _keep(
        self, key: RequestKey, start: Message, values: Mapping[bytes, bytes], body: bytes
    ) -> None:
        if start["status"] != 200 or values.get(b"content-length") != b"%d" % len(body):
            return
        headers: list[Header] = [h for h in start["headers"] if h[0].lower() not in _OF_ONE]
        tag = values[b"etag"].decode("latin-1")
        coding = values.get(b"content-encoding", b"").decode()
        head = Head(
            [*headers, _HIT],
            [*(h for h in headers if h[0].lower() not in OF_CONTENT), _HIT],
            tag,
            tag.replace(f'-{coding}"', '"') if coding else tag,
        )
        if self._cache.put(tag, Content(body)):
            self._cache.put(key, head)


def _values_to_keep(start: Message) -> dict[bytes, bytes] | None:
    """Return the headers of a response that may be kept by everybody, this program first."""
    if start["status"] not in _TIMED:
        return None
    values = {name.lower(): value for name, value in start["headers"]}
    lasting = (
        b"etag" in values
        and b"content-range" not in values
        and b"no-store" not in values.get(b"cache-control", b"no-store")
    )
    return values if lasting else None


def _spelled(coding: Coding) -> str:
    # Who likes another coding better may still be sent a file that lies ready in gzip.
    return f"{coding.name}{'!' if coding.required else ''}{' or gzip' if coding.gzip else ''}"


def _holds(known: bytes, head: Head) -> bool:
    value = known.decode("latin-1")
    return value == head.tag or not tags_of(value).isdisjoint({head.tag, head.plain, "*"})


async def _first(receive: Receive) -> tuple[bytes | None, Receive]:
    """Return a body that is there already, None for any other, and what to receive by from now."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            message = await receive()
    except TimeoutError:
        return None, receive

    def whole(messages: Iterable[Message]) -> Receive:
        waiting = list(messages)

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        return again

    body: bytes = message.get("body", b"")
    is_whole = message["type"] == "http.request" and not message.get("more_body", False)
    return (body if is_whole and len(body) <= _LONGEST_BODY else None), whole([message])
