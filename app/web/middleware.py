"""What every response has, whoever made it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Rejected, internal
from app.rdf.formats import HTML
from app.settings import Settings
from app.web import problems
from app.web.cancellation import AnswerCut, ClientDisconnected
from app.web.public_url import public_url

_log = logging.getLogger("dialogue.web")

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    # What a script in a page of another origin may read, beside what every one may.
    "Access-Control-Expose-Headers": (
        "Dialogue-Rows-Capped, ETag, Link, Retry-After, Server-Timing, X-Request-Id"
    ),
}
_PAGES = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DATA = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Of what is sent with 200, this is no part of 304 (RFC 9110, section 15.4.5).
OF_CONTENT = frozenset(
    {
        b"accept-ranges",
        b"content-disposition",
        b"content-encoding",
        b"content-length",
        b"content-security-policy",
        b"content-type",
        b"cross-origin-opener-policy",
        b"cross-origin-resource-policy",
        b"dialogue-rows-capped",
        b"permissions-policy",
    }
)


class HeadersMiddleware:
    """What every response has, whoever made it: headers, HEAD and OPTIONS, an answer to a bug."""

    def __init__(self, app: ASGIApp, routes: list[Any], settings: Settings) -> None:
        self._app, self._routes, self._settings = app, routes, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def framed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message)
            await send(message)

        try:
            await self._answer(scope)(scope, receive, framed)
        except (AnswerCut, ClientDisconnected):
            raise
        except Exception:  # noqa: BLE001
            # A bug of ours, whatever it is: the client is told that much and no more.
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                return
            response = problems.response(internal(), public_url(self._settings, scope))
            await response(scope, receive, framed)

    def _answer(self, scope: Scope) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        if scope["method"] not in ("HEAD", "OPTIONS"):
            return self._app
        allowed = self._allowed(scope)
        if scope["method"] == "OPTIONS" and allowed:
            names = ", ".join(sorted(allowed | {"HEAD", "OPTIONS"}))
            headers = {"Allow": names, "Access-Control-Allow-Methods": names}
            headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            return Response(status_code=204, headers=headers)
        if scope["method"] == "HEAD" and "GET" in allowed:
            # The server sends no body to HEAD; all else is as for GET, but that the head of a part
            # cannot be asked for (RFC 9110, section 14.2).
            fields = [pair for pair in scope["headers"] if pair[0] != b"range"]
            whole = {**scope, "method": "GET", "headers": fields}
            return lambda _, receive, send: self._app(whole, receive, send)
        return self._app

    def _allowed(self, scope: Scope) -> set[str]:
        """Return the methods of the routes that leave HEAD and OPTIONS to us."""
        methods: set[str] = set()
        for route in self._routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                methods |= route.methods or set()
        return methods


async def refuse(
    problem: Rejected, public_url: str, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer with a problem, outside of what adds to every response."""

    async def framed(message: Message) -> None:
        if message["type"] == "http.response.start":
            _add_headers(message)
        await send(message)

    await problems.response(problem, public_url)(scope, receive, framed)


def _add_headers(message: Message) -> None:
    """Add to the start of a response what every response has, as its media type wants it."""
    headers: list[tuple[bytes, bytes]] = message["headers"]
    unchanged = message["status"] == 304
    if unchanged:
        headers = [pair for pair in headers if pair[0].lower() not in OF_CONTENT]
    present = {name.lower(): value for name, value in headers}
    extra = _ADDED[""]
    if not unchanged:
        # One that was not changed keeps its own: those of data would take a page's styles away.
        media = present.get(b"content-type", b"")
        extra = _ADDED[HTML if media.startswith(_HTML) else "*"]
    # The pairs are always the same objects: heads that are kept have them in common.
    message["headers"] = headers + [pair for pair in extra if pair[0] not in present]


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_HTML = HTML.encode()
_ADDED = {
    "": _encoded(_EVERYWHERE),
    HTML: _encoded({**_EVERYWHERE, **_PAGES}),
    "*": _encoded({**_EVERYWHERE, **_DATA}),
}
