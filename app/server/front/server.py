"""The front: the server that takes connections, holds them to their bounds, and runs an app."""

import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from app.server.front import descriptors
from app.server.front.connection import protocol
from app.server.front.connections import ConnectionLimits, Connections
from app.server.front.forwarded_clients import ForwardedClients
from app.server.front.listener import Listener
from app.server.front.request_head import HEAD_BYTES
from app.settings import Settings

DRAIN_SECONDS = 30
# uvloop where there is one; of Windows' own loops, the one that waits for sockets.
LOOP = "asyncio:SelectorEventLoop" if sys.platform == "win32" else "auto"


class FrontServer(uvicorn.Server):
    """uvicorn's server, whose connections are taken by ours.

    `make` makes the protocol of a connection (`connection.protocol`). Every request finds the
    connections in the state of its scope, as `connections`.
    """

    def __init__(
        self, config: uvicorn.Config, connections: Connections, make: Callable[..., Any]
    ) -> None:
        super().__init__(config)
        self._connections, self._make = connections, make
        self._listeners: list[Listener] = []

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Start the application, then take connections from the sockets."""
        await super().startup(sockets=[])
        self.lifespan.state["connections"] = self._connections

        def make(client: Any) -> Any:
            return self._make(
                client,
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
            )

        self._connections.start()
        self._listeners = [Listener(sock, self._connections, make) for sock in sockets or []]
        for sock in sockets or []:
            self.config.host, self.config.port = sock.getsockname()[:2]
            self._log_started_message([sock])

    async def shutdown(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Take no more connections, let the requests that run end, and stop the application."""
        for listener in self._listeners:
            listener.close()
        await super().shutdown(sockets=[])
        self._connections.stop()


def server(
    app: Any,
    settings: Settings,
    limits: ConnectionLimits | None = None,
    *,
    parser: str = "httptools",
    loop: str = LOOP,
    drain_seconds: int = DRAIN_SECONDS,
) -> FrontServer:
    """Return the server of an ASGI app, to be run with sockets that listen.

    Told to end, it lets what runs go on for `drain_seconds`, then cancels it.

    `limits` are those of the settings and of the system, unless others are given; `parser` and
    `loop` are there so that tests can have the same from `h11` and `asyncio`.
    """
    if limits is None:
        limits = ConnectionLimits(
            at_once=descriptors.for_connections(descriptors.raise_limit()),
            per_client=settings.client_connections,
            write_rate=settings.min_rate,
        )
    trusted, public_url = settings.trusted_proxies, settings.public_url or ""
    if trusted:
        app = ForwardedClients(app, trusted, settings.client_connections, public_url)
    config = uvicorn.Config(
        app,
        loop=loop,
        # The parser is made by ours; h11 alone has a bound of its own on what it holds.
        http="h11",
        h11_max_incomplete_event_size=2 * HEAD_BYTES,
        ws="none",
        server_header=False,
        proxy_headers=False,
        access_log=False,
        # The whole log is set up once (`app.server.logs`), by whoever runs this process.
        log_config=None,
        timeout_graceful_shutdown=drain_seconds,
    )
    connections = Connections(limits, trusted, public_url)
    return FrontServer(config, connections, protocol(connections, parser))
