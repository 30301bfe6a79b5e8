"""Where clients arrive: each is taken only when it has its place."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from app.errors import Rejected
from app.server.front.connections import Client, Connections
from app.server.front.refusals import refusal

_log = logging.getLogger("dialogue.connections")
_AT_A_TIME = 64
_STARVED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_PAUSE_SECONDS = 0.1
_LINGERING, _LINGER_SECONDS = 32, 1.0


class Listener:
    """Takes connections from a socket that listens, from when it is made until it is closed."""

    def __init__(
        self, sock: socket.socket, connections: Connections, make: Callable[..., Any]
    ) -> None:
        self._sock, self._connections, self._make = sock, connections, make
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turned_away: deque[socket.socket] = deque()
        self._pause: asyncio.TimerHandle | None = None
        sock.setblocking(False)
        self._loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Take no more connections."""
        if self._pause:
            self._pause.cancel()
        self._loop.remove_reader(self._sock)
        self._sock.close()
        while self._turned_away:
            self._forget()

    def _accept(self) -> None:
        for _ in range(_AT_A_TIME):
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _STARVED:
                    self._wait(error)
                    return
                continue  # It left while it waited.
            sock.setblocking(False)
            try:
                client = self._connections.admit(address[0])
            except Rejected as problem:
                self._turn_away(sock, problem)
                continue
            connection = self._make(client)
            self._connections.opened(client, connection)
            task = self._loop.create_task(self._open(sock, client, connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, sock: socket.socket, client: Client, connection: Any) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(lambda: connection, sock)
        except OSError:
            sock.close()
            self._connections.closed(client, connection)

    def _wait(self, error: OSError) -> None:
        """Take none for a moment: the socket would only say again that there is one."""
        _log.warning("No connection can be taken: %s.", error.strerror)
        self._connections.starve()
        self._loop.remove_reader(self._sock)
        self._pause = self._loop.call_later(_PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        self._loop.add_reader(self._sock, self._accept)

    def _turn_away(self, sock: socket.socket, problem: Rejected) -> None:
        with contextlib.suppress(OSError):
            sock.send(refusal(problem, self._connections.public_url))
            sock.shutdown(socket.SHUT_WR)
        # To close at once could take the answer back, if the client has sent something.
        self._turned_away.append(sock)
        if len(self._turned_away) > _LINGERING:
            self._forget()
        self._loop.call_later(_LINGER_SECONDS, self._forget, sock)

    def _forget(self, sock: socket.socket | None = None) -> None:
        if sock is not None:
            if sock not in self._turned_away:
                return
            self._turned_away.remove(sock)
        else:
            sock = self._turned_away.popleft()
        with contextlib.suppress(OSError):
            sock.recv(65536)
        sock.close()
