"""Whose turn it is: queries wait by client, and those that lately did harm in a lane of their own.

No client can fill the queue or keep others from their turn: whoever has the fewest queries running
is next, and among equals they take turns. Clients and shapes of queries with strikes share the
turns of one client, and one query of theirs runs at a time.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from app.engine.processes import WorkerProcess
from app.engine.strikes import Strikes, shape_of
from app.errors import Rejected, busy, too_many_requests

# So many queries may wait, of them so many of one client, and of the suspects.
WAITING, SHARE = 512, 64
SUSPECTS, SUSPECT_SHARE = 64, 8
# So many of the program's own, which wait rather than being refused.
OWN, OWN_SHARE = 8192, 2048
_CLIENTS, _SHAPES = 10_000, 1_000
# What a shape gets back for each quick answer.
_FORGIVEN = -0.1


@dataclass(eq=False, slots=True)
class Turn:
    """One query's turn: it waits, then has a worker, as long as it is answered.

    `until` is when it is over, on the event loop's clock. Where `seconds` are given, as for the
    program's `own` queries, they count anew from when it has a worker. An `overdue` one is slow,
    and in a `slow` place if there was one; the bytes of a `streaming` one are on their way.
    """

    client: str
    text: str
    until: float
    own: bool = False
    seconds: float | None = None
    suspect: bool = False
    shape: bytes | None = None
    came: float = 0.0
    waiter: asyncio.Future[WorkerProcess] | None = None
    worker: WorkerProcess | None = None
    began: float = 0.0
    computed: float | None = None
    overdue: bool = False
    slow: bool = False
    streaming: bool = False
    abandoned: bool = False
    paused: float | None = None

    def pause(self, now: float) -> None:
        """Stop the clock: nobody reads, and that is not the query's fault."""
        if self.paused is None:
            self.paused = now

    def resume(self, now: float) -> None:
        """Let the clock go on."""
        if self.paused is not None:
            self.until += now - self.paused
            self.paused = None


@dataclass(slots=True)
class _Queue:
    """Those of one client that wait, and when it last had a turn, as a number."""

    served: int
    turns: deque[Turn] = field(default_factory=deque)


@dataclass
class _Rounds:
    """Queues of several clients, which take turns. The program's own queries have another."""

    numbers: Iterator[int] = field(default_factory=count)
    queues: dict[tuple[str, bool], _Queue] = field(default_factory=dict)
    size: int = 0
    own: int = 0

    def __iter__(self) -> Iterator[Turn]:
        return (turn for queue in self.queues.values() for turn in queue.turns)

    def add(self, turn: Turn) -> None:
        key = turn.client, turn.own
        if key not in self.queues:
            self.queues[key] = _Queue(next(self.numbers))
        self.queues[key].turns.append(turn)
        self.size += 1
        self.own += turn.own

    def remove(self, turn: Turn) -> None:
        key = turn.client, turn.own
        queue = self.queues.get(key)
        if queue and turn in queue.turns:
            queue.turns.remove(turn)
            self.size -= 1
            self.own -= turn.own
            if not queue.turns:
                del self.queues[key]

    def of(self, client: str, own: bool) -> int:
        """Return how many of a client wait."""
        queue = self.queues.get((client, own))
        return len(queue.turns) if queue else 0

    def next(self, running: Counter[str]) -> tuple[int, int, Turn]:
        """Return whose turn it is, after how many that run, and the number of its last turn."""
        (client, _), queue = min(
            self.queues.items(), key=lambda item: (running[item[0][0]], item[1].served)
        )
        return running[client], queue.served, queue.turns[0]

    def serve(self, turn: Turn) -> None:
        """Take a turn out, and let its client wait for the next round."""
        self.queues[turn.client, turn.own].served = next(self.numbers)
        self.remove(turn)


class Lanes:
    """The queries that wait and how many of each client run; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clients: Strikes[str] = Strikes(_CLIENTS, clock)
        self.shapes: Strikes[bytes] = Strikes(_SHAPES, clock)
        self._ordinary = _Rounds()
        self._suspects = _Rounds()
        self._suspects_served = 0
        self._running: Counter[str] = Counter()
        self._suspects_running = 0
        self.refused = 0

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return self._ordinary.size + self._suspects.size

    def __iter__(self) -> Iterator[Turn]:
        """Return those that wait, in no order."""
        yield from self._ordinary
        yield from self._suspects

    def ordinary(self) -> Iterator[Turn]:
        """Return those that wait and are not suspect, in no order."""
        return iter(self._ordinary)

    def judge(self, turn: Turn) -> None:
        """Note whether a query is suspect: for its client, or for its shape.

        The shape is looked at only while there are strikes. The program's own queries never are.
        """
        if turn.own:
            return
        if self.shapes:
            turn.shape = turn.shape or shape_of(turn.text)
            turn.suspect = self.shapes.is_suspect(turn.shape)
        turn.suspect |= self.clients.is_suspect(turn.client)

    def may_start(self, turn: Turn) -> bool:
        """Return whether a query that has just come need not wait for others."""
        if turn.suspect:
            return not self.waiting and not self._suspects_running
        return not self._ordinary.size and not self._suspects_startable()

    def enter(self, turn: Turn) -> None:
        """Let a query wait. Raises Rejected for one above its client's share, or of too many."""
        if turn.suspect:
            self._enter_suspect(turn)
            return
        waiting = self._ordinary.of(turn.client, turn.own)
        if turn.client and waiting >= (OWN_SHARE if turn.own else SHARE):
            self.refused += 1
            raise too_many_requests(f"{waiting} of your queries wait already.", 2)
        if turn.own and self._ordinary.own >= OWN:
            raise busy("Too many queries wait already.")
        if not turn.own and self._ordinary.size - self._ordinary.own >= WAITING:
            self._make_room(waiting)
        self._ordinary.add(turn)

    def _enter_suspect(self, turn: Turn) -> None:
        if self._suspects.of(turn.client, own=False) >= SUSPECT_SHARE:
            detail = "Queries of yours were stopped lately, and others wait already."
        elif self._suspects.size >= SUSPECTS:
            detail = "Queries like this one were stopped lately, and others wait already."
        else:
            if not self._suspects.size:
                self._suspects_served = next(self._ordinary.numbers)
            self._suspects.add(turn)
            return
        self.refused += 1
        seconds = self.clients.seconds(turn.client)
        if turn.shape:
            seconds = max(seconds, self.shapes.seconds(turn.shape))
        raise too_many_requests(detail, seconds or 1)

    def _make_room(self, waiting: int) -> None:
        """Refuse the last of the client that has most waiting, if that is not the newcomer's."""
        queues = self._ordinary.queues
        waits = [key for key in queues if not key[1]]
        heaviest = max(waits, key=lambda key: len(queues[key].turns), default=None)
        if heaviest is None or len(queues[heaviest].turns) <= waiting + 1:
            raise busy("Too many queries wait already.")
        last = queues[heaviest].turns[-1]
        self._ordinary.remove(last)
        self.refused += 1
        _refuse(last, too_many_requests("Too many queries wait already, most of them yours.", 2))

    def leave(self, turn: Turn) -> None:
        """Take out a query that waits no longer."""
        (self._suspects if turn.suspect else self._ordinary).remove(turn)

    def next(self) -> Turn | None:
        """Take out the query whose turn it is, if one may run."""
        while self._ordinary.size:
            running, served, turn = self._ordinary.next(self._running)
            if self.reconsider(turn):
                continue
            suspects = self._suspects_startable()
            # All suspects together are one client in the round, with none running.
            if not suspects or (running, served) < (0, self._suspects_served):
                self._ordinary.serve(turn)
                return turn
            break
        if self._suspects_startable():
            turn = self._suspects.next(self._running)[2]
            self._suspects.serve(turn)
            self._suspects_served = next(self._ordinary.numbers)
            return turn
        return None

    def reconsider(self, turn: Turn) -> bool:
        """Move a query that waits to the suspects if there is reason since; return whether."""
        self.judge(turn)
        if turn.suspect:
            self._ordinary.remove(turn)
            try:
                self._enter_suspect(turn)
            except Rejected as refused:
                _refuse(turn, refused)
        return turn.suspect

    def _suspects_startable(self) -> bool:
        return bool(self._suspects.size and not self._suspects_running)

    def started(self, turn: Turn) -> None:
        """Note that a query runs."""
        if turn.suspect:
            self._suspects_running += 1
        else:
            self._running[turn.client] += 1

    def ended(self, turn: Turn) -> None:
        """Note that a query runs no longer."""
        if turn.suspect:
            self._suspects_running -= 1
            return
        self._running[turn.client] -= 1
        if not self._running[turn.client]:
            del self._running[turn.client]

    def strikes_of(self, turn: Turn) -> float:
        """Return the strikes of a query's client and of its shape together."""
        if self.shapes and not turn.own:
            turn.shape = turn.shape or shape_of(turn.text)
        strikes = self.shapes.of(turn.shape) if turn.shape else 0.0
        return strikes + self.clients.of(turn.client)

    def blame(self, turn: Turn) -> None:
        """Give a strike: the query cost a worker. The program's own queries get none."""
        if turn.own:
            return
        self.clients.add(turn.client)
        turn.shape = turn.shape or shape_of(turn.text)
        self.shapes.add(turn.shape)

    def forgive(self, turn: Turn) -> None:
        """Take a little from a shape's strikes: a query of it was answered quickly.

        Else one client could have the queries of many others suspected by what it does with theirs.
        """
        if turn.shape:
            self.shapes.add(turn.shape, _FORGIVEN)


def _refuse(turn: Turn, problem: Rejected) -> None:
    if turn.waiter and not turn.waiter.done():
        turn.waiter.set_exception(problem)
