"""What every response has, whoever made it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import internal
from app.rdf.formats import HTML
from app.settings import Settings
from app.web import problems
from app.web.public_url import public_url

_log = logging.getLogger("dialogue.web")

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Dialogue-Rows-Capped, ETag, Link, Retry-After",
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
        except Exception:  # noqa: BLE001
            # A bug of ours, whatever it is: the client is told that much and no more.
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                return
            response = problems.response(internal(), public_url(self._settings, scope))
            await response(scope, receive, framed)

    def _answer(self, scope: Scope) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        allowed = self._allowed(scope)
        if scope["method"] == "OPTIONS" and allowed:
            names = ", ".join(sorted(allowed | {"HEAD", "OPTIONS"}))
            headers = {"Allow": names, "Access-Control-Allow-Methods": names}
            headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
            return Response(status_code=204, headers=headers)
        if scope["method"] == "HEAD" and "GET" in allowed:
            # The server sends no body to HEAD; all else is as for GET.
            return lambda _, receive, send: self._app({**scope, "method": "GET"}, receive, send)
        return self._app

    def _allowed(self, scope: Scope) -> set[str]:
        """Return the methods of the routes that leave HEAD and OPTIONS to us."""
        methods: set[str] = set()
        for route in self._routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                methods |= route.methods or set()
        return methods


def _add_headers(message: Message) -> None:
    headers: list[tuple[bytes, bytes]] = message["headers"]
    present = {name.lower() for name, _ in headers}
    media = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    extra = {**_EVERYWHERE, **(_PAGES if media.startswith(HTML.encode()) else _DATA)}
    message["headers"] = headers + [
        (name.lower().encode(), value.encode())
        for name, value in extra.items()
        if name.lower().encode() not in present
    ]
