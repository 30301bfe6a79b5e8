"""How many requests run at once for a client behind a trusted proxy, whose connections are not
its own."""

from collections import Counter
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import too_many_requests
from app.settings import Network
from app.web.client_address import client_of, counted_host
from app.web.middleware import refuse

_RETRY_SECONDS = 2


class ForwardedClients:
    """Passes requests on, of each client that a trusted proxy names at most `limit` at once."""

    def __init__(
        self, app: ASGIApp, trusted: Sequence[Network], limit: int, public_url: str
    ) -> None:
        self._app, self._trusted = app, trusted
        self._limit, self._public_url = limit, public_url
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        client = self._forwarded(scope)
        if client is None:
            await self._app(scope, receive, send)
            return
        if self._running[client] >= self._limit:
            detail = f"{self._limit} requests of this address run already."
            problem = too_many_requests(detail, _RETRY_SECONDS)
            await refuse(problem, self._public_url, scope, receive, send)
            return
        self._running[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]

    def _forwarded(self, scope: Scope) -> str | None:
        """Return whom a proxy's request counts for; None for what is no proxy's request."""
        if scope["type"] != "http" or not scope.get("client"):
            return None
        if counted_host(scope["client"][0], self._trusted) is not None:
            return None
        return client_of(scope, self._trusted)
