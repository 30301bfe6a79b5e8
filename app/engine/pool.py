"""The workers of a release: kept ready, handed out one query at a time, replaced when they end.

Workers are taken last in, first out, since the one that worked last has the warmest memory. Whose
turn it is, `app.engine.lanes` says.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.engine.lanes import Lanes, Turn
from app.engine.processes import WorkerProcess, ZygoteProcess
from app.errors import Fault, Rejected, busy, stopping

# A query is slow that has run for so long and computed for so much of it (a machine that is busy
# with other things makes every query last), or has run for so long however little it computed.
SLOW_SECONDS, SLOW_COMPUTED, SLOW_ANYHOW = 0.1, 0.05, 0.3
_TICK = 0.025
# A worker is taken from a slow query for one that has waited for so long.
_PATIENCE = 0.02
REFUSAL_SECONDS = 1.0
"""How long a suspect waits to be told that it may not wait."""
_log = logging.getLogger("dialogue.pool")


@dataclass(frozen=True)
class EngineCounts:
    """What the engine has done since its start, and does now.

    `outcomes` counts queries: `answered`, or the kind of problem that they ended with. `kills`
    counts workers that were lost, by cause: `deadline`, `memory`, `crash`, `network`, `evicted`
    (others waited), `given up` (nobody waited for the answer any more), `outside` (killed by
    others). `refused` are queries of clients above their share. Now, `waiting` and `running` are
    queries, and `ready` the workers that have none.
    """

    outcomes: Mapping[str, int]
    kills: Mapping[str, int]
    refused: int
    retries: int
    waiting: int
    running: int
    ready: int


class Pool:
    """Ready workers, handed out one query at a time.

    As many queries run as there are `workers`. One that has become slow moves to one of the `slow`
    places, as long as there is one, and makes room for another. Where none is left and somebody
    waits, the oldest slow query of the heaviest client is stopped. One more worker than can be
    used is kept warm, or as many as `spare`.
    """

    def __init__(
        self, release: Path, *, workers: int, slow: int, memory: int, store: Path | None = None,
        spare: int = 1,
    ) -> None:  # fmt: skip
        self._release, self._memory, self._store = release, memory, store
        self._workers, self._slow, self._spare = workers, slow, spare
        self._loader = ZygoteProcess(release, memory, store)
        self._lanes = Lanes(time.monotonic)
        self._idle: list[WorkerProcess] = []
        self._running: dict[Turn, None] = {}
        self._forking = 0
        self._stopping = False
        self._ticking = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.outcomes: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.retries = 0
        self.quads = 0
        self.sealed = False

    @property
    def pids(self) -> list[int]:
        """The processes of the pool: the loader's first."""
        return self._loader.pids

    @property
    def loaded(self) -> float:
        """The share of the release that has been read."""
        return self._loader.loaded

    def counts(self) -> EngineCounts:
        """Return what has been done, and is done now."""
        return EngineCounts(
            outcomes=dict(self.outcomes),
            kills=dict(self.kills),
            refused=self._lanes.refused,
            retries=self.retries,
            waiting=self._lanes.waiting,
            running=len(self._running),
            ready=len(self._idle),
        )

    async def start(self) -> None:
        """Load the release and wait for the first worker. Raises Fault if there is none."""
        self.quads = await self._loader.start()
        try:
            first = await self._loader.fork()
        except (OSError, EOFError, TimeoutError):
            await self._loader.stop()
            raise Fault(f"{self._release}: no worker process can be started") from None
        self._admit(first)
        self._spawn(self._watch())
        self._fill()

    async def stop(self) -> None:
        """End every process; whoever waits is refused."""
        if self._stopping:
            return
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
        for turn in list(self._lanes):
            self._lanes.leave(turn)
            if turn.waiter and not turn.waiter.done():
                turn.waiter.set_exception(stopping())
        await self._loader.stop()
        for worker in self._idle:
            worker.channel.close()
        self._idle.clear()

    async def acquire(self, turn: Turn) -> WorkerProcess:
        """Return a worker for a query, until it is released, discarded or abandoned.

        Raises Rejected when too many wait already, or none is free before the turn is over.
        """
        if self._stopping:
            raise stopping()
        self._lanes.judge(turn)
        if self._lanes.may_start(turn) and self._free():
            return self._begin(turn)
        try:
            self._lanes.enter(turn)
        except Rejected:
            if turn.suspect:
                # Who asks again at once would cost more in refusals than in answers.
                await asyncio.sleep(REFUSAL_SECONDS)
            raise
        loop = asyncio.get_running_loop()
        turn.came, turn.waiter = loop.time(), loop.create_future()
        self._fill()
        self._wind()
        try:
            return await turn.waiter
        except asyncio.CancelledError:
            if turn.worker:
                self.release(turn)
            else:
                self._lanes.leave(turn)
            raise

    def release(self, turn: Turn) -> None:
        """Take a worker back that has answered its query to the end."""
        worker = self._drop(turn)
        if turn.shape and not turn.slow:
            self._lanes.forgive(turn)
        # One that was killed as it finished is not known to have ended until it is reported.
        if worker.process.cause is None and not worker.process.ended.done():
            self._idle.append(worker)
        else:
            worker.channel.close()
        # Those that were made while a slow query had its place are kept: there will be another.
        most = self._workers + self._slow + self._spare
        if self._idle and len(self._idle) + len(self._running) + self._forking > most:
            surplus = self._idle.pop(0)
            surplus.kill("surplus")
            surplus.channel.close()
        self._shift()

    def discard(self, turn: Turn, cause: str) -> None:
        """Kill a worker that is not to be used again; another takes its place."""
        worker = self._drop(turn)
        worker.kill(cause)
        worker.channel.close()
        self._shift()

    def abandon(self, turn: Turn) -> None:
        """Stop a query whose answer nobody waits for, unless it ends before it is slow.

        To make a new worker costs more than to let a short query end.
        """
        # The time for which nobody read is not the query's, now that its clock goes on.
        turn.resume(asyncio.get_running_loop().time())
        turn.abandoned = True
        self._spawn(self._drain(turn))

    def lost(self, turn: Turn, cause: str, *, blame: bool) -> None:
        """Note why the worker of a query was lost; `blame` tells that the query ended it itself."""
        self.kills[cause] += 1
        if blame:
            self._lanes.blame(turn)

    async def _drain(self, turn: Turn) -> None:
        worker = turn.worker
        if worker is None:
            return
        try:
            while (letter := (await worker.channel.receive())[0]) not in b"WEXwex":
                pass
        except EOFError:
            cause = worker.process.cause
            self.lost(turn, cause or "crash", blame=cause is None)
            self.discard(turn, "ended")
        else:
            if letter.isupper():
                self.release(turn)
            else:
                self.discard(turn, "spent")

    def _drop(self, turn: Turn) -> WorkerProcess:
        worker = turn.worker
        if worker is None:
            raise LookupError("a turn without a worker")
        turn.worker = None
        del self._running[turn]
        self._lanes.ended(turn)
        return worker

    def _places(self) -> int:
        return self._workers - sum(not turn.slow for turn in self._running if not _killed(turn))

    def _free(self) -> bool:
        # One that died while it was idle must not take a query along; its report may be late.
        while self._idle and self._idle[-1].process.has_ended():
            self._idle.pop().channel.close()
            self.kills["outside"] += 1
        return bool(self._idle) and self._places() > 0

    def _begin(self, turn: Turn) -> WorkerProcess:
        turn.worker = worker = self._idle.pop()
        turn.began = asyncio.get_running_loop().time()
        turn.computed = None
        if turn.seconds is not None:
            turn.until = turn.began + turn.seconds
        self._running[turn] = None
        self._lanes.started(turn)
        self._fill()
        self._wind()
        return worker

    def _wind(self) -> None:
        # One clock for all, which stands still when nothing runs: a timer for each would cost more.
        if not self._ticking and not self._stopping:
            self._ticking = True
            asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        if self._stopping:
            return
        now = asyncio.get_running_loop().time()
        for turn in [turn for turn in self._lanes if turn.until <= now]:
            self._lanes.leave(turn)
            if turn.waiter and not turn.waiter.done():
                turn.waiter.set_exception(busy("No worker became free in time."))
        for turn in self._running:
            if turn.worker and not _killed(turn):
                if turn.computed is None:
                    # Asked of no query that ends before.
                    turn.computed = turn.worker.process.computed() or 0.0
                turn.overdue = turn.overdue or _is_slow(turn, now)
                if turn.paused is None and turn.until <= now:
                    self._stop(turn, "deadline", blame=True)
                elif turn.abandoned and now - turn.began >= SLOW_SECONDS:
                    # What was given up with its answer on the way did no harm by being long.
                    harm = turn.overdue and not turn.streaming
                    self._stop(turn, "given up", blame=harm)
        self._shift()
        self._evict(now)
        if self._running or self._lanes.waiting:
            self._wind()

    def _shift(self) -> None:
        # Queries that have become slow make room; then those that wait get what is free.
        slow = sum(turn.slow for turn in self._running if not _killed(turn))
        for turn in self._running:
            if slow >= self._slow:
                break
            if turn.overdue and not turn.slow and not _killed(turn):
                turn.slow = True
                slow += 1
        while self._lanes.waiting and self._free():
            next_turn = self._lanes.next()
            if next_turn is None:
                break
            if next_turn.waiter and not next_turn.waiter.done():
                next_turn.waiter.set_result(self._begin(next_turn))
        self._fill()

    def _evict(self, now: float) -> None:
        """Stop slow queries that have no slow place, as many as wait for what they occupy."""
        overdue = [turn for turn in self._running if turn.overdue and not _killed(turn)]
        excess = len(overdue) - self._slow
        if excess <= 0 or self._places() > 0:
            return
        for waiting in list(self._lanes.ordinary()):
            if excess <= 0:
                break
            if now - waiting.came < _PATIENCE or self._lanes.reconsider(waiting):
                continue
            # A client's queries wait for its own; the program's, which readers wait for, do not.
            victims = [
                turn
                for turn in overdue
                if not turn.own and (waiting.own or turn.client != waiting.client)
            ]
            if victims:
                victim = max(victims, key=self._burden)
                overdue.remove(victim)
                excess -= 1
                self._stop(victim, "evicted", blame=True)
        self._shift()

    def _stop(self, turn: Turn, cause: str, *, blame: bool) -> None:
        """Kill the worker of a query, which is to blame for it from now on or is not."""
        if turn.worker:
            turn.worker.kill(cause)
        if blame:
            self._lanes.blame(turn)

    def _burden(self, turn: Turn) -> tuple[float, bool, float]:
        """Return how much a query weighs on the others: for its client, what it gives, its age."""
        running = sum(other.client == turn.client for other in self._running)
        return running + self._lanes.strikes_of(turn), not turn.streaming, -turn.began

    def _fill(self) -> None:
        while not self._stopping and len(self._idle) + self._forking < self._places() + self._spare:
            self._forking += 1
            self._spawn(self._fork())

    async def _fork(self) -> None:
        delay = 0.05
        try:
            while not self._stopping:
                try:
                    worker = await self._loader.fork()
                except (OSError, EOFError, TimeoutError):
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 1)
                else:
                    self._admit(worker)
                    break
        finally:
            self._forking -= 1
        self._shift()

    def _admit(self, worker: WorkerProcess) -> None:
        self.sealed = worker.sealed
        self._idle.append(worker)
        worker.process.ended.add_done_callback(lambda _: self._forget(worker))

    def _forget(self, worker: WorkerProcess) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            worker.channel.close()
            self.kills["outside"] += 1
        self._fill()

    async def _watch(self) -> None:
        """Load the release again whenever the loader is lost."""
        while True:
            await asyncio.shield(self._loader.lost)
            _log.error("the loader ended; it is started again")
            delay = 0.1
            while self._loader.lost.done():
                await asyncio.sleep(delay)
                delay = min(delay * 2, 30)
                self._loader = ZygoteProcess(self._release, self._memory, self._store)
                try:
                    await self._loader.start()
                except Fault as error:
                    _log.error("the loader cannot be started: %s", error)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _killed(turn: Turn) -> bool:
    """Return whether the worker of a query has been killed, and only has to end yet."""
    return turn.worker is None or turn.worker.process.cause is not None


def _is_slow(turn: Turn, now: float) -> bool:
    seconds = now - turn.began
    if turn.worker is None or turn.computed is None or seconds < SLOW_SECONDS:
        return False
    # One that waits for its reader takes a place as well.
    if turn.paused is not None or seconds >= SLOW_ANYHOW:
        return True
    computed = turn.worker.process.computed()
    return computed is None or computed - turn.computed >= SLOW_COMPUTED
