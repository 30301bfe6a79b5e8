"""What was answered lately, kept within a number of bytes, and made once however many ask."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, overload

from app.errors import Rejected
from app.web.flights import Flights

# What an entry takes beside its content: its key, its place in the order, the objects around it.
_OVERHEAD = 400
Header = tuple[bytes, bytes]
RequestKey = tuple[bytes | str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes that an entity tag names.

    `capped` is how many rows or triples they have where there are more. The tag is that of one
    content coding, and the bytes are in it.
    """

    body: bytes
    capped: int | None = None

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.body)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a response with an entity tag: `headers` of 200, `unchanged` of 304.

    `tag` names the content that follows, `plain` the same without its content coding.
    """

    headers: list[Header]
    unchanged: list[Header]
    tag: str
    plain: str

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        headers = [*self.headers, *self.unchanged]
        return 160 * len(headers) + sum(map(len, chain.from_iterable(headers)))


@dataclass(frozen=True)
class CacheCounts:
    """What the cache did since the start, and what it holds.

    `hits` were answered from it, `unchanged` of them with 304; `misses` could have been and were
    computed; `shared` waited for what another request had computed. `entries` take `bytes`, of at
    most `limit`; so many were `evicted`.
    """

    hits: int
    misses: int
    unchanged: int
    shared: int
    evicted: int
    entries: int
    bytes: int
    limit: int


class Contents(Protocol):
    """Contents by their entity tags, each made once however many ask."""

    def get(self, key: str) -> Content | None: ...

    async def through(self, tag: str, make: Callable[[], Awaitable[bytes | str]]) -> Content: ...


class ByteCache:
    """Contents by their entity tags and heads by requests; the longest unasked for go first.

    Everything that is kept counts against one number of bytes, `limit`. One entry may take an
    eighth of it at most, so that none drives all others out.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._used, self._evicted = limit, 0, 0
        self._entries: OrderedDict[str | RequestKey, Content | Head] = OrderedDict()
        self.flights = Flights()
        self.tally = Tally()

    @property
    def largest(self) -> int:
        """How many bytes an entry may take."""
        return self._limit // 8

    @overload
    def get(self, key: str) -> Content | None: ...

    @overload
    def get(self, key: RequestKey) -> Head | None: ...

    def get(self, key: str | RequestKey) -> Content | Head | None:
        """Return what is kept under a tag or a request, None for nothing."""
        if (entry := self._entries.get(key)) is not None:
            self._entries.move_to_end(key)
        return entry

    @overload
    def put(self, key: str, entry: Content) -> bool: ...

    @overload
    def put(self, key: RequestKey, entry: Head) -> bool: ...

    def put(self, key: str | RequestKey, entry: Content | Head) -> bool:
        """Keep an entry, in the place of others if there is no room; return whether it is here.

        A tag names one content for ever, so that the first one stays.
        """
        size = _size(key, entry)
        if size > self.largest:
            return False
        if (before := self._entries.get(key)) is not None:
            if isinstance(before, Content):
                return True
            self._used -= _size(key, before)
        self._entries[key] = entry
        self._used += size
        while self._used > self._limit:
            oldest, dropped = self._entries.popitem(last=False)
            self._used -= _size(oldest, dropped)
            self._evicted += 1
        return True

    async def through(self, tag: str, make: Callable[[], Awaitable[bytes | str]]) -> Content:
        """Return the content with a tag, made by `make` if it is not here, once for all who ask."""
        if (content := self.get(tag)) is not None:
            return content

        async def work() -> Content:
            written = await make()
            made = Content(written if isinstance(written, bytes) else written.encode())
            self.put(tag, made)
            return made

        while True:
            led = not self.flights.is_under_way(tag)
            try:
                return await self.flights.join(tag, work)
            except Rejected as refused:
                # What was refused to one client is not refused to another.
                if led or not refused.passing:
                    raise

    def counts(self) -> CacheCounts:
        """Return what the cache did since the start, and what it holds."""
        tally = self.tally
        return CacheCounts(
            hits=tally.hits,
            misses=tally.misses,
            unchanged=tally.unchanged,
            shared=self.flights.shared,
            evicted=self._evicted,
            entries=len(self._entries),
            bytes=self._used,
            limit=self._limit,
        )


@dataclass
class Tally:
    """How often requests were answered from the cache, and how often not."""

    hits: int = field(default=0)
    misses: int = field(default=0)
    unchanged: int = field(default=0)


def _size(key: str | RequestKey, entry: Content | Head) -> int:
    length = len(key) if isinstance(key, str) else sum(map(len, key))
    return _OVERHEAD + length + entry.size
