"""The engine: queries on a released graph, in worker processes that can be killed.

Nothing that a query does can stop this process: a worker that crashes, grows or dawdles is
replaced, and its query gets a refusal. SIGKILL is the only way to cancel a query.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from app import errors
from app.engine.pool import Pool
from app.engine.processes import WorkerProcess
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.rdf.formats import RESULTS_JSON
from app.rdf.terms import Term
from app.settings import Settings, load

HELD = 256 * 1024
_log = logging.getLogger("dialogue.engine")
_Frames = AsyncGenerator[tuple[bytes, bytes], None]


class AnswerTruncated(Exception):
    """An answer ended before its end, for what `problem` says; its beginning is out already."""

    def __init__(self, problem: Rejected) -> None:
        super().__init__(problem.kind)
        self.problem = problem


@dataclass
class Answer:
    """The answer to a query.

    A `volatile` one may differ next time. An `unchanged` one is what the caller holds already,
    and has no bytes. A `capped` one has so many rows, and there were more. `length` is the number
    of bytes, None while that is not known.
    """

    kind: Kind
    media: str
    volatile: bool
    unchanged: bool
    capped: int | None
    length: int | None
    _held: list[bytes]
    _frames: _Frames

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes.

        Raises AnswerTruncated if the rest cannot be had: what came is then no answer.
        """
        for chunk in self._held:
            yield chunk
        try:
            async for letter, data in self._frames:
                if letter == b"X":
                    raise AnswerTruncated(Rejected.from_json(json.loads(data)))
                yield data
        except Rejected as refused:
            raise AnswerTruncated(refused) from None
        finally:
            await self.close()

    async def read(self) -> bytes:
        """Return all the bytes. Raises AnswerTruncated."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def close(self) -> None:
        """Give up what has not been read; the query is stopped."""
        await self._frames.aclose()


class Engine:
    """Queries on one release.

    `start` and `stop` belong to one event loop, and `start` to a thread that lives as long as
    the engine does.
    """

    def __init__(self, release: Path, settings: Settings) -> None:
        self.seconds = settings.query_seconds
        self._pool = Pool(
            release,
            workers=settings.workers,
            slow=settings.slow_workers,
            memory=settings.worker_memory,
        )

    @property
    def quads(self) -> int:
        """How many quads the release holds, once it is loaded."""
        return self._pool.quads

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

    async def run(self, query: Query, *, deadline: float | None = None) -> Answer:
        """Return the answer to a query, its first 256 KB already there.

        `deadline` is on the event loop's clock; by default it is the settings' seconds from now.
        It bounds waiting, running and reading together. Raises Rejected if there is no answer.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.seconds if deadline is None else deadline
        worker = await self._pool.acquire(deadline)
        frames = self._ask(worker, query, deadline)
        head: dict[str, object] | None = None
        problem: Rejected | None = None
        chunks: list[bytes] = []
        size: int = 0
        whole = False
        try:
            while size < HELD:
                letter, data = await anext(frames)
                if letter == b"H":
                    head = json.loads(data)
                elif letter == b"X":
                    problem = Rejected.from_json(json.loads(data))
                else:
                    chunks.append(data)
                    size += len(data)
        except StopAsyncIteration:
            whole = True
        except BaseException:
            await frames.aclose()
            raise
        if problem or head is None:
            await frames.aclose()
            raise problem or errors.query_crashed()
        return Answer(
            Kind(str(head["kind"])),
            str(head["media"]),
            bool(head["volatile"]),
            bool(head["unchanged"]),
            cast(int | None, head["capped"]),
            size if whole else None,
            chunks,
            frames,
        )

    async def select(
        self, text: str, substitutions: Mapping[str, Term] | None = None
    ) -> list[dict[str, Term]]:
        """Return the rows of a SELECT of our own: the terms by the names of their variables.

        A variable that is unbound in a row is missing there. `substitutions` are terms for
        variables, which the query must project. Raises Rejected.
        """
        data = await self._own(text, Kind.BINDINGS, RESULTS_JSON, substitutions)
        rows = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
        names = [variable.value for variable in rows.variables]
        # In the order of the variables: to look each up by its name takes twice as long.
        return [{n: t for n, t in zip(names, row, strict=True) if t is not None} for row in rows]

    async def ask(self, text: str, substitutions: Mapping[str, Term] | None = None) -> bool:
        """Return the answer to an ASK of our own. Raises as `select` does."""
        data = await self._own(text, Kind.BOOLEAN, RESULTS_JSON, substitutions)
        return bool(json.loads(data)["boolean"])

    async def _own(
        self, text: str, kind: Kind, media: str, substitutions: Mapping[str, Term] | None
    ) -> bytes:
        query = Query(text, {kind: media}, substitutions=substitutions or {})
        try:
            return await (await self.run(query)).read()
        except AnswerTruncated as cut:
            # Nothing of it has been shown to anybody yet.
            raise cut.problem from None

    async def _ask(self, worker: WorkerProcess, query: Query, deadline: float) -> _Frames:
        timer = asyncio.get_running_loop().call_at(deadline, worker.kill, "deadline")
        fit = False
        try:
            await worker.send(query)
            while True:
                letter, data = await worker.receive()
                if letter == b"E":
                    fit = data != b"spent"
                    return
                yield letter, data
        except (EOFError, OSError):
            raise await self._explain(worker) from None
        finally:
            timer.cancel()
            if fit:
                self._pool.release(worker)
            else:
                self._pool.discard(worker, "given up")

    async def _explain(self, worker: WorkerProcess) -> Rejected:
        try:
            status = await asyncio.wait_for(asyncio.shield(worker.ended), 1)
        except TimeoutError:
            status = None
        code = None if status is None else os.waitstatus_to_exitcode(status)
        _log.warning("worker %d ended: %s, %s", worker.pid, worker.cause or "by itself", code)
        if worker.cause == "deadline":
            return errors.query_timeout(self.seconds)
        if worker.cause == "stopped":
            return errors.stopping()
        if worker.cause == "loader ended":
            return errors.not_ready("The engine is being started again.")
        if code == -signal.SIGSYS:
            return errors.federation_disabled()
        # An allocation that fails aborts the process; the system kills one when memory is short.
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            return errors.query_memory()
        return errors.query_crashed()


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
