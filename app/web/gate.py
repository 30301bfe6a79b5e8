"""One at a time of each client: who asks for much at once waits for itself, and for nobody else."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ClientGate:
    """Lets one piece of work of each client go on at a time; its others wait, the first first."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    async def enter(self, client: str) -> "Pass":
        """Return when nothing else of a client goes on, until the pass is left."""
        if (others := self._waiting.get(client)) is None:
            self._waiting[client] = deque()
            return Pass(self, client)
        waiter = asyncio.get_running_loop().create_future()
        others.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():
                # It had been let in by then.
                self._let_in_next(client)
            elif waiter in others:
                others.remove(waiter)
            raise
        return Pass(self, client)

    @asynccontextmanager
    async def entered(self, client: str) -> AsyncIterator[None]:
        """Let a block of work be the only one of a client."""
        passed = await self.enter(client)
        try:
            yield
        finally:
            passed.leave()

    def _let_in_next(self, client: str) -> None:
        waiting = self._waiting[client]
        while waiting:
            waiter = waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        del self._waiting[client]

    def left(self, passed: "Pass") -> None:
        """Let in the next of a client whose pass was left."""
        self._let_in_next(passed.client)


class Pass:
    """Who has it goes on alone, of its client, until it is left."""

    def __init__(self, gate: ClientGate, client: str) -> None:
        self._gate: ClientGate | None = gate
        self.client = client

    def leave(self) -> None:
        """Let the next of the client go on; more than once is as once."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.left(self)
