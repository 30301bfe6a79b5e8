"""Last-Modified, for clients that know no entity tags (RFC 9110, sections 8.8.2 and 13.1.3)."""

from collections.abc import Mapping
from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.middleware import OF_CONTENT


class LastModifiedMiddleware:
    """Tells since when an answer that has an entity tag is as it is, and who knows that already.

    `since` is when this application began to serve: until it ends, nothing that has a tag changes.
    The day of the release would not do: two releases may have the same day, and another version of
    the program may write the same release otherwise. For the same reason a client has the present
    answer only if it names this very second, and not one that is later.
    """

    def __init__(self, app: ASGIApp, since: bytes) -> None:
        self._app, self._since = app, since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        if self._is_named(scope) and (start := await self._head(scope, receive)):
            headers = [(name, v) for name, v in start["headers"] if name not in OF_CONTENT]
            await send({**start, "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_kept(message):
                message = self._stamped(message)
            await send(message)

        await self._app(scope, receive, stamped)

    def _is_named(self, scope: Scope) -> bool:
        """Return whether a request names the second, and no entity tag.

        A tag is the better answer to the same question (section 13.2.2).
        """
        headers = dict(scope["headers"])
        named = headers.get(b"if-modified-since") == self._since
        return named and b"if-none-match" not in headers

    async def _head(self, scope: Scope, receive: Receive) -> Message | None:
        """Return how the answer would begin, if it is as it was then, and may be kept.

        All of it is not waited for.
        """
        begun: Message | None = None

        async def first(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _is_kept(message):
                stamped = self._stamped(message)
                if modified(stamped, self._since) == self._since:
                    begun = stamped

        await self._app({**scope, "method": "HEAD"}, receive, first)
        return begun

    def _stamped(self, message: Message) -> Message:
        headers = list(message["headers"])
        if any(name.lower() == b"last-modified" for name, _ in headers):
            return message
        return {**message, "headers": [*headers, (b"last-modified", self._since)]}


def second(seconds: float) -> bytes:
    """Return a time, in seconds since 1970, as the value of Last-Modified."""
    return formatdate(int(seconds), usegmt=True).encode()


def modified(start: Message, since: bytes) -> bytes | None:
    """Return since when an answer is as it is: what it says itself, else `since`.

    None where it says nothing and may not be kept.
    """
    headers = {name.lower(): value for name, value in start["headers"]}
    return headers.get(b"last-modified", since if _is_lasting(headers) else None)


def _is_kept(start: Message) -> bool:
    """Return whether a response may be kept: it is there, tagged, and stays as it is."""
    headers = {name.lower(): value for name, value in start["headers"]}
    return start["status"] in (200, 206) and _is_lasting(headers)


def _is_lasting(headers: Mapping[bytes, bytes]) -> bool:
    return b"etag" in headers and b"no-store" not in headers.get(b"cache-control", b"")
