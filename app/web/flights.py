"""Work that several wait for and that is done once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Flight:
    waiting: dict[asyncio.Future[Any], None] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None
    results: list[Any] = field(default_factory=list)


class Flights:
    """Work under way, by what it is for. `shared` counts who joined what others had begun."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight] = {}
        self.shared = 0

    def is_under_way(self, key: Hashable) -> bool:
        """Return whether somebody waits for this work already."""
        return key in self._under_way

    async def join(
        self,
        key: Hashable,
        work: Callable[[], Coroutine[Any, Any, T]],
        unclaimed: Callable[[T], object] | None = None,
    ) -> T:
        """Return what the work gives that is under way for a key, or `work` if there is none.

        The work belongs to nobody: it goes on when who began it leaves, as long as anybody waits,
        and ends with the last one. `unclaimed` is called with a result that nobody was left to
        take. What the work raises is raised for everyone.
        """
        loop = asyncio.get_running_loop()
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = _Flight()
            flight.task = loop.create_task(self._fly(key, flight, work))
        else:
            self.shared += 1
        waiter: asyncio.Future[T] = loop.create_future()
        flight.waiting[waiter] = None
        try:
            return await waiter
        except asyncio.CancelledError:
            if len(flight.waiting) == 1:
                self._abandon(key, flight, waiter, unclaimed)
            raise
        finally:
            del flight.waiting[waiter]

    async def _fly(
        self, key: Hashable, flight: _Flight, work: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        """Do the work, and tell those who wait what came of it: here, so that they go on next."""
        waiting = flight.waiting
        try:
            result = await work()
        except asyncio.CancelledError:
            self._land(key, flight)
            for waiter in waiting:
                waiter.cancel()
            raise
        except BaseException as error:
            self._land(key, flight)
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            self._land(key, flight)
            flight.results.append(result)
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(result)

    def _land(self, key: Hashable, flight: _Flight) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]

    def _abandon(
        self,
        key: Hashable,
        flight: _Flight,
        waiter: asyncio.Future[T],
        unclaimed: Callable[[T], object] | None,
    ) -> None:
        # Whoever comes from now on begins anew.
        self._land(key, flight)
        if flight.results:
            if unclaimed:
                unclaimed(flight.results[0])
        elif flight.task is not None:
            flight.task.cancel()
        if not waiter.cancelled():
            waiter.exception()
