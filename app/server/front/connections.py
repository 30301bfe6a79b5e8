"""Who is connected: how many connections a client may hold, which one goes first, and when.

A client is an address, or the /64 of an IPv6 address. A proxy that is trusted is no client: only
the descriptors of this process bound its connections.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Protocol

from app import errors
from app.server.front.request_head import RequestHead
from app.settings import Network
from app.web.client_address import counted_host

_log = logging.getLogger("dialogue.connections")
_HEADS, _HEAD_BYTES = 512, 2048
# How many clients are looked at, the heaviest first, for a connection that can go.
_LOOKED_AT = 256
_RETRY_SECONDS = 5
FORWARDED = (
    "from an address that is not trusted: all readers count as one; see DIALOGUE_TRUSTED_PROXIES"
)


@dataclass(frozen=True)
class ConnectionLimits:
    """What a connection may take: times in seconds, rates in bytes a second.

    `at_once` bounds all connections, `per_client` those of one address. A head has `head_seconds`
    from its first byte, or from the start of a connection; a body has `body_seconds` in all and,
    after `body_grace`, `body_rate`; a reader has `write_seconds` of `write_rate` in hand.
    """

    at_once: int
    per_client: int = 64
    head_seconds: float = 10
    idle_seconds: float = 15
    body_seconds: float = 30
    body_grace: float = 5
    body_rate: float = 16 * 1024
    write_seconds: float = 20
    write_rate: float = 4 * 1024
    linger_seconds: float = 2
    tick_seconds: float = 0.5


@dataclass(frozen=True)
class ConnectionCounts:
    """Numbers of connections since the start; `open` and `idle` are those of now.

    `displaced`: idle ones that made room; `refused_client`: of clients with their share in use;
    `refused_full`: where all descriptors were in use; `expired_…`: that took too long, by what they
    were at; `malformed`: that sent what is no request, or one too large; `forwarded`: requests that
    named another sender and came from an address that is not trusted; `starved`: times that the
    system had no descriptor for a connection that we would have taken.
    """

    open: int
    idle: int
    clients: int
    accepted: int
    displaced: int
    refused_client: int
    refused_full: int
    expired_idle: int
    expired_heads: int
    expired_bodies: int
    expired_writes: int
    malformed: int
    forwarded: int
    starved: int


class Connected(Protocol):
    """What is known of a connection: since when nothing is asked by it, and how it ends."""

    def idle_since(self) -> float | None:
        """Return since when (by the loop's clock) no request runs on it; None while one may."""

    def check(self, now: float) -> None:
        """End the connection if it has taken too long."""

    def drop(self) -> None:
        """End the connection at once."""


class Client:
    """The connections of one client; `name` is None for a trusted proxy."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.count = 0
        self.members: dict[Connected, None] = {}

    def oldest_idle(self) -> Connected | None:
        """Return the connection that has been idle for longest."""
        idle = [(since, m) for m in self.members if (since := m.idle_since()) is not None]
        return min(idle, key=lambda pair: pair[0])[1] if idle else None


class Connections:
    """The connections of a server. All of it runs in one event loop."""

    def __init__(
        self, limits: ConnectionLimits, trusted: Sequence[Network] = (), public_url: str = ""
    ) -> None:
        self.limits, self.public_url = limits, public_url
        self.tally: Counter[str] = Counter()
        self._heads: dict[bytes, RequestHead] = {}
        self._name = lru_cache(4096)(lambda host: counted_host(host, trusted))
        self._clients: dict[str, Client] = {}
        self._proxies = Client(None)
        # Clients by how many connections they have, so that the heaviest is found at once.
        self._sizes: dict[int, dict[Client, None]] = {}
        self._open = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look after deadlines, in the loop that runs."""
        loop = asyncio.get_running_loop()

        def tick() -> None:
            now = loop.time()
            for member in list(self._members()):
                member.check(now)
            self._timer = loop.call_later(self.limits.tick_seconds, tick)

        self._timer = loop.call_later(self.limits.tick_seconds, tick)

    def stop(self) -> None:
        """Look after deadlines no longer."""
        if self._timer:
            self._timer.cancel()

    def admit(self, host: str) -> Client:
        """Take a connection from an address and return its client. Raises Rejected.

        Where a bound is reached, an idle connection goes: the client's own, or the oldest of the
        heaviest client. Whoever calls this calls `opened` at once, and `closed` when it has ended.
        """
        name = self._name(host)
        client = self._proxies if name is None else self._clients.get(name)
        if client is None:
            client = Client(name)
        elif client.name is not None and client.count >= self.limits.per_client:
            self._displace(client, "refused_client")
        if self._open >= self.limits.at_once:
            self._displace(None, "refused_full")
        self._resize(client, 1)
        self.tally["accepted"] += 1
        return client

    def opened(self, client: Client, member: Connected) -> None:
        """Note what a connection that was admitted is, which may be gone again before it begins."""
        client.members[member] = None

    def closed(self, client: Client, member: Connected) -> None:
        """Note that a connection has ended; once is enough."""
        if member in client.members:
            del client.members[member]
            self._resize(client, -1)

    def starve(self) -> None:
        """Note that the system has no descriptor left, and end some idle connections."""
        self.tally["starved"] += 1
        for _ in range(16):
            client, member = self._least_needed()
            if client and member:
                self._drop(client, member)

    def forwarded(self, client: Client) -> None:
        """Note a request that names somebody else as its sender."""
        if client.name is None:
            return
        if not self.tally["forwarded"]:
            _log.warning("Forwarded requests come %s.", FORWARDED)
        self.tally["forwarded"] += 1

    def forwarded_notice(self) -> str | None:
        """Return what those who run the server should know of forwarded requests, if anything."""
        return FORWARDED if self.tally["forwarded"] else None

    def known_head(self, head: bytes) -> RequestHead | None:
        """Return what a head says that has been read before."""
        return self._heads.get(head) if len(head) <= _HEAD_BYTES else None

    def remember_head(self, head: bytes, read: RequestHead) -> None:
        """Keep what a head says: clients send the same ones over and over."""
        if len(head) <= _HEAD_BYTES:
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            self._heads[head] = read

    def counts(self) -> ConnectionCounts:
        """Return the numbers of now."""
        names = ConnectionCounts.__dataclass_fields__.keys() - {"open", "idle", "clients"}
        return ConnectionCounts(
            open=self._open,
            idle=sum(member.idle_since() is not None for member in self._members()),
            clients=len(self._clients),
            **{name: self.tally[name] for name in names},
        )

    def _members(self) -> Iterator[Connected]:
        yield from self._proxies.members
        for client in self._clients.values():
            yield from client.members

    def _displace(self, client: Client | None, refused: str) -> None:
        owner, member = (client, client.oldest_idle()) if client else self._least_needed()
        if owner is None or member is None:
            self.tally[refused] += 1
            if refused == "refused_full":
                raise errors.busy("Every connection is in use.")
            detail = f"This address has {self.limits.per_client} connections in use."
            raise errors.too_many_requests(detail, _RETRY_SECONDS)
        self._drop(owner, member)

    def _drop(self, client: Client, member: Connected) -> None:
        self.tally["displaced"] += 1
        self.closed(client, member)
        member.drop()

    def _least_needed(self) -> tuple[Client | None, Connected | None]:
        heaviest = (c for size in sorted(self._sizes, reverse=True) for c in self._sizes[size])
        for client in (*islice(heaviest, _LOOKED_AT), self._proxies):
            if member := client.oldest_idle():
                return client, member
        return None, None

    def _resize(self, client: Client, by: int) -> None:
        self._open += by
        before = client.count
        client.count += by
        if client.name is None:
            return
        if before:
            peers = self._sizes[before]
            del peers[client]
            if not peers:
                del self._sizes[before]
        if client.count:
            self._clients[client.name] = client
            self._sizes.setdefault(client.count, {})[client] = None
        else:
            del self._clients[client.name]
