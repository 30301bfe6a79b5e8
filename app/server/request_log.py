"""What became of each request: a line in the log, and figures.

Neither holds anything personal: no address, no User-Agent, no text of a query, of which the hash
suffices to see that two were the same.
"""

import hashlib
import logging
import re
import secrets
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.logs import REQUEST, tell
from app.web.caching import UNCACHEABLE
from app.web.notes import open_notes

# Upper ends of the classes in which times are counted, in seconds: an answer of a small query
# takes about a millisecond, none takes longer than a query may and its delivery.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
# Shown from the start, so that the first of a kind is seen as a rise from nothing.
OUTCOMES = ("busy", "cut", "ok", "query-crashed", "query-memory", "query-timeout")
QUERIES = frozenset({"sparql", "graphs"})
# What probes ask every few seconds is counted, not written.
_PROBED = frozenset({"/live", "/ready", "/metrics"})
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_OTHER = "other"
_PATH = 200
_HASH = 12
_log = logging.getLogger("dialogue.request")


@dataclass
class Times:
    """How long requests of one kind took: how many in each class of BUCKETS, the last without an
    end, and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one request."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


@dataclass
class RequestCounts:
    """What was asked and how it ended, since the start: plain figures, cheap to count.

    `requests` by area (the first part of the path) and status, `octets` sent by area, `times` of
    queries by outcome.
    """

    requests: dict[tuple[str, int], int] = field(default_factory=dict)
    octets: dict[str, int] = field(default_factory=dict)
    times: dict[str, Times] = field(
        default_factory=lambda: {outcome: Times() for outcome in OUTCOMES}
    )
    running: int = 0

    def add(self, area: str, status: int, outcome: str, seconds: float, size: int) -> None:
        """Count one request that has ended."""
        key = area, status
        self.requests[key] = self.requests.get(key, 0) + 1
        self.octets[area] = self.octets.get(area, 0) + size
        if area in QUERIES:
            self.times.setdefault(outcome, Times()).add(seconds)


class RequestLog:
    """Counts requests, writes a line for each, and gives each an id.

    `paths` are those of the application's routes: what they begin with are the areas, and all
    else is “other”, since a client must not choose how many there are. `lines` is `none`, `ran`,
    or `all`, which writes what probes ask too; what a layer further out answers itself, we never
    see.
    """

    def __init__(
        self, app: ASGIApp, counts: RequestCounts, paths: Iterable[str], lines: str = "ran"
    ) -> None:
        self._app, self._counts, self._lines = app, counts, lines
        first = (path.strip("/").partition("/")[0] for path in paths)
        self._areas = {name: name or "home" for name in first if "{" not in name}
        # Shown from the start, so that the first mistake is seen as a rise from nothing.
        for area in {*self._areas.values(), _OTHER}:
            counts.requests.setdefault((area, 500), 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        token = REQUEST.set(exchange.id)
        self._counts.running += 1
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            self._counts.running -= 1
            self._end(exchange)
            REQUEST.reset(token)

    def _end(self, exchange: "_Exchange") -> None:
        seconds = time.perf_counter() - exchange.since
        path = exchange.scope["path"]
        area = self._areas.get(path.strip("/").partition("/")[0], _OTHER)
        outcome = exchange.outcome()
        version = exchange.scope.get("state", {}).get("version")
        self._counts.add(area, exchange.status, outcome, seconds, exchange.size)
        if self._lines == "none" or (self._lines == "ran" and path in _PROBED):
            return
        members = {
            "method": exchange.scope["method"],
            "path": path if len(path) <= _PATH else f"{path[:_PATH]}…",
            # Of a release that is not the newest, what follows its own address.
            **({"release": version} if version else {}),
            "status": exchange.status,
            "outcome": outcome,
            "ms": round(seconds * 1000, 1),
            "bytes": exchange.size,
            **({"cache": exchange.cache} if exchange.cache else {}),
            **_described(exchange.notes),
        }
        level = logging.WARNING if exchange.status >= 500 or outcome == "cut" else logging.INFO
        tell(_log, level, members)


class _Exchange:
    """One request and what is sent for it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.since = time.perf_counter()
        self.notes = open_notes(scope)
        self.id = _id(scope)
        self.status, self.size = 0, 0
        self.cache: str | None = None
        self._whole = self._left = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._whole:
            self._left = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self.id.encode())]
            self.cache = _cache(headers)
            # A message of its own: what is kept for others must not carry this one's id.
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            if self.scope["method"] != "HEAD":
                self.size += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        await self._send(message)

    def outcome(self) -> str:
        """Return how it ended: `ok`, `not-modified`, a kind of problem, `cut` or `client-left`."""
        if not self._whole:
            left = self._left or self.notes.get("left") or not self.status
            return "client-left" if left else "cut"
        if outcome := self.notes.get("outcome"):
            return str(outcome)
        if self.status == 304:
            return "not-modified"
        return "ok" if self.status < 400 else f"status-{self.status}"


def _id(scope: Scope) -> str:
    """Return the id of a request: the client's own, if it looks like one, else a new one."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    named = [value for name, value in headers if name == b"x-request-id"]
    if len(named) == 1 and _ID.fullmatch(own := named[0].decode("latin-1")):
        return own
    return secrets.token_hex(8)


def _cache(headers: list[tuple[bytes, bytes]]) -> str | None:
    """Return `hit` or `miss` for a response that may be kept, as Server-Timing tells it."""
    tagged = False
    for name, value in headers:
        if name == b"server-timing" and value.startswith(b"cache;desc="):
            outcome = value[11:].partition(b";")[0].decode("latin-1")
            return outcome if outcome != UNCACHEABLE else None
        tagged = tagged or name == b"etag"
    return "miss" if tagged else None


def _described(notes: Mapping[str, object]) -> dict[str, object]:
    """Return what may be written of the notes on a request."""
    described = {"cause": notes["cause"]} if "cause" in notes else {}
    query = notes.get("query")
    if isinstance(query, str):
        described["query"] = hashlib.sha256(query.encode(errors="replace")).hexdigest()[:_HASH]
        described["query_length"] = len(query)
    return described
