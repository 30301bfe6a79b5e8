"""The engine: queries on a released graph, in worker processes that can be killed.

Nothing that a query does can stop this process: a worker that crashes, grows or dawdles is
replaced, and its query gets a refusal. SIGKILL is the only way to cancel a query.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from app import errors
from app.engine.client import CLIENT
from app.engine.lanes import Turn
from app.engine.pool import EngineCounts, Pool
from app.engine.query import Kind, Query
from app.engine.wire import AnswerHead, decode_head, encode_query, parts_of, problem_of
from app.errors import Rejected
from app.manifest import DISK, MEMORY
from app.rdf.formats import RESULTS_JSON
from app.rdf.terms import Term
from app.settings import Settings, load

# So long the program's own queries wait for a worker, before they have one.
_PATIENCE = 60.0
# A worker that is killed so soon was killed by others: memory does not run out that fast.
_SOON = 1.0
_log = logging.getLogger("dialogue.engine")


class AnswerTruncated(Exception):
    """An answer ended before its end, for what `problem` says; its beginning is out already."""

    def __init__(self, problem: Rejected) -> None:
        super().__init__(problem.kind)
        self.problem = problem


@dataclass
class Answer:
    """The answer to a query.

    A `volatile` one may differ next time. An `unchanged` one is what the caller holds already,
    and has no bytes. A `capped` one has so many rows or triples, and there were more. `length` is
    the number of bytes, None while that is not known.
    """

    kind: Kind
    media: str
    volatile: bool
    unchanged: bool
    capped: int | None
    length: int | None
    _content: bytes
    _rest: "_Rest | None"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Raises AnswerTruncated if the rest cannot be had: what came is then no answer. While nobody
        asks for the next, the query's time stands still.
        """
        if self._content:
            yield self._content
        if self._rest is None:
            return
        try:
            while (data := await self._rest.next()) is not None:
                yield data
        finally:
            self._rest.close()

    async def read(self) -> bytes:
        """Return all the bytes. Raises AnswerTruncated."""
        if self._rest is None:
            return self._content
        return b"".join([chunk async for chunk in self.chunks()])

    async def close(self) -> None:
        """Give up what has not been read; the query is stopped."""
        if self._rest is not None:
            self._rest.close()


class _Rest:
    """What of an answer is still to come from its worker."""

    def __init__(self, engine: "Engine", turn: Turn) -> None:
        self._engine, self._turn = engine, turn
        self._over = self._whole = self._reading = False
        turn.streaming = True
        turn.pause(asyncio.get_running_loop().time())

    async def next(self) -> bytes | None:
        """Return the next part, None at the end. Raises AnswerTruncated."""
        turn, worker = self._turn, self._turn.worker
        if self._whole:
            return None
        if self._over or worker is None:
            raise AnswerTruncated(errors.stopping())
        clock = asyncio.get_running_loop().time
        turn.resume(clock())
        self._reading = True
        try:
            letter, data = await worker.channel.receive()
        except EOFError:
            self._over = True
            problem = await self._engine.explain(turn)
            raise AnswerTruncated(problem) from None
        finally:
            self._reading = False
        if letter == b"D":
            turn.pause(clock())
            return data
        self._over = True
        self._engine.finish(turn, letter, data)
        if letter in b"Xx":
            raise AnswerTruncated(problem_of(data))
        self._whole = True
        return None

    def close(self) -> None:
        """Give up what has not come."""
        if self._reading and self._turn.worker:
            # Somebody waits for the next part, and sees that none comes.
            self._turn.worker.kill("given up")
        elif not self._over:
            self._over = True
            self._engine.give_up(self._turn)


class Engine:
    """Queries on one release.

    `start` and `stop` belong to one event loop, and `start` to a thread that lives as long as
    the engine does. With `store`, queries are answered from that store on disk, which needs not be
    read before, and not from memory: the same rows, but where a query has no ORDER BY in another
    order. `lone` is one worker and no other, whatever the settings say.
    """

    def __init__(
        self, release: Path, settings: Settings, *, store: Path | None = None, lone: bool = False
    ) -> None:
        self.store = DISK if store else MEMORY
        self.seconds = settings.query_seconds
        self._pool = Pool(
            release,
            workers=1 if lone else settings.workers,
            slow=0 if lone else settings.slow_workers,
            memory=settings.worker_memory,
            store=store,
            spare=0 if lone else 1,
        )

    @property
    def quads(self) -> int:
        """How many quads the release holds, once it is loaded."""
        return self._pool.quads

    @property
    def loaded(self) -> float:
        """The share of the release that has been read, from 0 to 1."""
        return self._pool.loaded

    @property
    def sealed(self) -> bool:
        """Whether the kernel keeps queries from leaving the machine (else the text decides)."""
        return self._pool.sealed

    @property
    def pids(self) -> list[int]:
        """The engine's processes, as they are now."""
        return self._pool.pids

    async def start(self) -> None:
        """Load the release; return when queries are answered. Raises Fault for a bad release."""
        await self._pool.start()

    async def stop(self) -> None:
        """End every process of the engine, and wait until none is left."""
        await self._pool.stop()

    def counts(self) -> EngineCounts:
        """Return how many queries were answered and why others were not, and what runs now."""
        return self._pool.counts()

    async def run(self, query: Query, *, deadline: float | None = None) -> Answer:
        """Return the answer to a query: all of it, or its beginning where it is long.

        `deadline` is on the event loop's clock; by default it is the settings' seconds from now.
        It bounds waiting and computing together, but for the time in which nobody reads a long
        answer. The query counts for `app.engine.client.CLIENT`. Raises Rejected if there is no
        answer.
        """
        until = asyncio.get_running_loop().time() + self.seconds if deadline is None else deadline
        return await self._answer(query, Turn(CLIENT.get(), query.text, until))

    async def select(
        self, text: str, substitutions: Mapping[str, Term] | None = None
    ) -> list[dict[str, Term]]:
        """Return the rows of a SELECT of our own: the terms by the names of their variables.

        A variable that is unbound in a row is missing there. `substitutions` are terms for
        variables, which the query must project. Raises Rejected.
        """
        return rows_of(await self.select_bytes(text, substitutions))

    async def select_bytes(
        self, text: str, substitutions: Mapping[str, Term] | None = None
    ) -> bytes:
        """Return what `rows_of` makes rows of, for who does that elsewhere; as `select` else."""
        return await self._own(text, Kind.BINDINGS, RESULTS_JSON, substitutions)

    async def ask(self, text: str, substitutions: Mapping[str, Term] | None = None) -> bool:
        """Return the answer to an ASK of our own. Raises as `select` does."""
        data = await self._own(text, Kind.BOOLEAN, RESULTS_JSON, substitutions)
        return bool(json.loads(data)["boolean"])

    async def _own(
        self, text: str, kind: Kind, media: str, substitutions: Mapping[str, Term] | None
    ) -> bytes:
        query = Query(text, {kind: media}, substitutions=substitutions or {})
        until = asyncio.get_running_loop().time() + _PATIENCE
        # Readers wait for it: its time counts from when it has a worker.
        turn = Turn(CLIENT.get(), text, until, own=True, seconds=self.seconds)
        try:
            return await (await self._answer(query, turn)).read()
        except AnswerTruncated as cut:
            # Nothing of it has been shown to anybody yet.
            raise cut.problem from None

    async def _answer(self, query: Query, turn: Turn) -> Answer:
        outcomes = self._pool.outcomes
        try:
            letter, data = await self._ask(encode_query(query), turn)
        except asyncio.CancelledError:
            outcomes["given up"] += 1
            raise
        except Rejected as problem:
            outcomes[problem.kind] += 1
            raise
        if letter == b"H":
            return _answer(decode_head(data), None, b"", _Rest(self, turn))
        self.finish(turn, letter, data)
        if letter in b"Xx":
            raise problem_of(data)
        head, content = parts_of(data)
        return _answer(head, len(content), content, None)

    async def _ask(self, message: bytes, turn: Turn) -> tuple[bytes, bytes]:
        """Return the first frame of the answer. Raises Rejected where a worker could not give it.

        A worker that ended by no fault of the query costs it nothing: the first, and those that
        were there already when it ended, since one hand may have ended them all.
        """
        first_loss: float | None = None
        while True:
            worker = await self._pool.acquire(turn)
            try:
                worker.channel.send(b"Q", message)
                return await worker.channel.receive()
            except (EOFError, OSError) as error:
                # Before it is asked how it ended: a worker that is made meanwhile is a later one.
                loss = asyncio.get_running_loop().time()
                sent = isinstance(error, EOFError)
                again = first_loss is not None and worker.born > first_loss
                if again or not await self._innocent(turn, sent):
                    raise await self.explain(turn, counted=False) from None
                first_loss = first_loss or loss
                self._pool.retries += 1
                self._pool.lost(turn, "outside", blame=False)
                self._pool.discard(turn, "ended")
            except BaseException:
                self._pool.abandon(turn)
                raise

    async def _innocent(self, turn: Turn, sent: bool) -> bool:
        """Return whether a worker ended by no fault of its query: killed by others, or before."""
        soon = not sent or asyncio.get_running_loop().time() - turn.began < _SOON
        code = await self._code(turn)
        cause = turn.worker.process.cause if turn.worker else None
        killed = not sent or code == -signal.SIGKILL
        return cause == "loader ended" or (cause is None and soon and killed)

    def finish(self, turn: Turn, letter: bytes, data: bytes) -> None:
        """Take the worker back after the last frame of an answer."""
        outcome = problem_of(data).kind if letter in b"Xx" else "answered"
        self._pool.outcomes[outcome] += 1
        if letter.isupper():
            self._pool.release(turn)
        else:
            self._pool.discard(turn, "spent")

    def give_up(self, turn: Turn) -> None:
        """Stop a query whose answer is not read to its end."""
        self._pool.outcomes["given up"] += 1
        self._pool.abandon(turn)

    async def explain(self, turn: Turn, *, counted: bool = True) -> Rejected:
        """Return why the worker of a query ended, which is discarded."""
        code = await self._code(turn)
        process = turn.worker.process if turn.worker else None
        cause = process.cause if process else None
        by_itself = cause is None
        name = process.pid if process else 0
        _log.warning("worker %d ended: %s, %s", name, cause or "by itself", code)
        if cause == "deadline":
            problem = errors.query_timeout(self.seconds)
        elif cause == "evicted":
            problem = errors.query_evicted()
        elif cause in ("stopped", "given up"):
            problem = errors.stopping()
        elif cause == "loader ended":
            problem = errors.not_ready("The engine is being started again.")
        elif code == -signal.SIGSYS:
            cause, problem = "network", errors.federation_disabled()
        elif code in (-signal.SIGABRT, -signal.SIGKILL):
            # An allocation that fails aborts; the system kills one when memory is short.
            cause, problem = "memory", errors.query_memory()
        else:
            cause, problem = "crash", errors.query_crashed()
        self._pool.lost(turn, cause, blame=by_itself)
        self._pool.discard(turn, cause)
        if counted:
            self._pool.outcomes[problem.kind] += 1
        return problem

    async def _code(self, turn: Turn) -> int | None:
        """Return how the worker of a query ended, None where that is not reported in time."""
        if turn.worker is None:
            return None
        try:
            status = await asyncio.wait_for(asyncio.shield(turn.worker.process.ended), 1)
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            # Nobody is left to be told; the place must not stay taken.
            self._pool.lost(turn, turn.worker.process.cause or "crash", blame=False)
            self._pool.discard(turn, "ended")
            raise
        return None if status is None else os.waitstatus_to_exitcode(status)


def rows_of(data: bytes) -> list[dict[str, Term]]:
    """Return the rows that a SELECT of our own gave: terms by the names of their variables."""
    rows = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    names = [variable.value for variable in rows.variables]
    # In the order of the variables: to look each up by its name takes twice as long.
    return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in rows]


def _answer(head: AnswerHead, length: int | None, content: bytes, rest: _Rest | None) -> Answer:
    return Answer(
        head.kind, head.media, head.volatile, head.unchanged, head.capped, length, content, rest
    )


@asynccontextmanager
async def open_engine(release: Path, settings: Settings | None = None) -> AsyncIterator[Engine]:
    """Yield an engine that answers queries on the release in a folder, until the block ends.

    Raises Fault for a folder that holds no release.
    """
    engine = Engine(release, settings or load())
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
