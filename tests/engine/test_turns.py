"""Turns at the workers: who waits, who is stopped for whom, and what costs nobody an answer."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from shop import ROWS, SLOW, alive, kill, lay

from app.engine.client import CLIENT
from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.pool import REFUSAL_SECONDS
from app.engine.query import Kind, Query
from app.engine.wire import WHOLE
from app.errors import Rejected
from app.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")

# How often all workers are killed where chance decides what they are at.
DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "36"))
CSV = {Kind.BINDINGS: "text/csv"}
QUICK = "SELECT ?name { ex:ana ex:name ?name }"
# Some tenths of a second of computing, and then an answer.
HEAVY = (
    "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ex:number ?x . ?b ex:number ?y } LIMIT %d } "
    "FILTER(STRLEN(?x) != 9) }"
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("turns"))


def run(release: Path, work: Callable[[Engine], Awaitable[None]], **settings: float) -> None:
    async def whole() -> None:
        usual = {"query_seconds": 20.0, "workers": 2, "slow_workers": 1}
        engine = Engine(release, Settings(**{**usual, **settings}))
        await engine.start()
        try:
            await work(engine)
        finally:
            await engine.stop()

    asyncio.run(whole())


def ask(engine: Engine, client: str, text: str = QUICK) -> "asyncio.Task[Answer]":
    """Ask on behalf of a client; the text is new each time, so that each is told apart."""

    async def asked() -> Answer:
        CLIENT.set(client)
        return await engine.run(Query(text, CSV))

    return asyncio.ensure_future(asked())


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be so")


async def refusal(query: Awaitable[Answer]) -> tuple[int, str, dict[str, str]]:
    with pytest.raises(Rejected) as refused:
        await query
    return refused.value.status, refused.value.kind, refused.value.headers


async def give_up(*queries: "asyncio.Task[Answer]") -> None:
    for query in queries:
        query.cancel()
    await asyncio.gather(*queries, return_exceptions=True)


def test_a_long_query_runs_to_its_deadline_while_nobody_waits(release: Path) -> None:
    async def work(engine: Engine) -> None:
        bad = [ask(engine, "bad", SLOW) for _ in range(3)]
        outcomes = [await refusal(query) for query in bad]
        assert outcomes == [(503, "query-timeout", {"Retry-After": "2"})] * 3
        assert engine.counts().kills == {"deadline": 3}

    run(release, work, query_seconds=2)


def test_the_oldest_of_the_heaviest_is_stopped_when_somebody_waits(release: Path) -> None:
    async def work(engine: Engine) -> None:
        good = ask(engine, "good", SLOW)
        await until(lambda: engine.counts().running == 1)
        await asyncio.sleep(1)
        bad = [ask(engine, "bad", SLOW) for _ in range(2)]
        await until(lambda: engine.counts().running == 3)
        # Each is slow by now: one has the slow place, the others both places that there are.
        await asyncio.sleep(1.5)
        assert engine.counts().kills == {}
        answer = await ask(engine, "reader")
        assert await answer.read() == b"name\r\nAna\r\n"
        done, _ = await asyncio.wait([good, *bad], timeout=2)
        assert done == {bad[0]}
        assert await refusal(bad[0]) == (503, "busy", {"Retry-After": "5"})
        assert engine.counts().kills == {"evicted": 1}
        await give_up(good, bad[1])

    run(release, work)


def test_who_leaves_after_a_long_pause_is_not_blamed_for_it(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await ask(engine, "reader", ROWS)
        chunks = answer.chunks()
        assert await anext(chunks)
        await asyncio.sleep(1.5)
        await answer.close()
        await until(lambda: bool(engine.counts().kills))
        # At the deadline it would have been a strike.
        assert engine.counts().kills == {"given up": 1}

    run(release, work, query_seconds=1)


def test_a_client_s_own_queries_wait_for_its_long_ones(release: Path) -> None:
    async def work(engine: Engine) -> None:
        heavy = [ask(engine, "one", HEAVY % 400_000) for _ in range(8)]
        for answer in await asyncio.gather(*heavy):
            assert await answer.read() == b"n\r\n400000\r\n"
        counts = engine.counts()
        assert (counts.kills, counts.outcomes) == ({}, {"answered": 8})

    run(release, work)


def test_pages_are_not_stopped_by_the_long_queries_of_their_own_reader(release: Path) -> None:
    async def work(engine: Engine) -> None:
        bad = [ask(engine, "one", SLOW) for _ in range(3)]
        await until(lambda: engine.counts().running == 3)
        await asyncio.sleep(1)
        CLIENT.set("one")
        assert await engine.ask("ASK {}")
        await until(lambda: engine.counts().kills == {"evicted": 1})
        await give_up(*bad)

    run(release, work)


def test_who_was_stopped_twice_waits_in_a_lane_of_its_own_and_is_refused_above_its_share(
    release: Path,
) -> None:
    async def work(engine: Engine) -> None:
        for query in [ask(engine, "bad", SLOW), ask(engine, "bad", SLOW)]:
            await refusal(query)
        bad = [ask(engine, "bad", f"{QUICK} # {number}") for number in range(3)]
        for query in bad:
            assert (await query).length == len("name\r\nAna\r\n")
        # One runs, eight wait, and the tenth is told so: not at once, or it would be back at once.
        start = time.monotonic()
        bad = [ask(engine, "bad", SLOW) for _ in range(10)]
        done, _ = await asyncio.wait(bad, return_when=asyncio.FIRST_COMPLETED)
        status, kind, headers = await refusal(done.pop())
        assert (status, kind) == (429, "too-many-requests")
        assert time.monotonic() - start >= REFUSAL_SECONDS
        assert 1 <= int(headers["Retry-After"]) <= 60
        await until(lambda: engine.counts().running == 1)
        counts = engine.counts()
        assert (counts.waiting, counts.refused) == (8, 1)
        for _ in range(5):
            assert (await ask(engine, "good")).length == len("name\r\nAna\r\n")
        await give_up(*bad)

    run(release, work, query_seconds=1.5)


def test_one_heavy_query_now_and_then_makes_nobody_suspect(release: Path) -> None:
    async def work(engine: Engine) -> None:
        for _ in range(6):
            answers = await asyncio.gather(
                ask(engine, "slow", HEAVY % 300_000), ask(engine, "slow"), ask(engine, "slow")
            )
            assert [await answer.read() for answer in answers] == [
                b"n\r\n300000\r\n",
                b"name\r\nAna\r\n",
                b"name\r\nAna\r\n",
            ]
        counts = engine.counts()
        assert (counts.kills, counts.refused) == ({}, 0)

    run(release, work)


def test_four_hundred_readers_of_twenty_addresses_are_all_answered(release: Path) -> None:
    """Each asks eight queries, one after another, as a page does."""

    async def work(engine: Engine) -> None:
        async def read(number: int) -> None:
            CLIENT.set(f"127.0.0.{number % 20}")
            for step in range(8):
                rows = await engine.select(f"SELECT ?n {{ ?s ex:number ?n }} LIMIT {step}")
                assert len(rows) == step

        await asyncio.gather(*(read(number) for number in range(400)))
        counts = engine.counts()
        assert counts.outcomes == {"answered": 3200}
        assert (counts.kills, counts.refused, counts.waiting, counts.running) == ({}, 0, 0, 0)

    # So short a time that waiting for 3,000 others counted to it would not do.
    run(release, work, query_seconds=1)


def test_a_flood_of_pages_by_one_does_not_delay_another(release: Path) -> None:
    order: list[str] = []

    async def work(engine: Engine) -> None:
        async def page(client: str) -> None:
            CLIENT.set(client)
            await engine.ask("ASK { ?s ex:number ?x . ?t ex:number ?y FILTER(?x = 'no') }")
            order.append(client)

        flood = [asyncio.ensure_future(page("bad")) for _ in range(60)]
        await asyncio.sleep(0)
        await page("good")
        await asyncio.gather(*flood)

    # One after the other: of several at once, the system may let any be the last.
    run(release, work, workers=1)
    # Some ran already; the next place was the good one's.
    assert order.index("good") <= 4


def test_a_slow_reader_is_not_cut_by_the_deadline_of_its_query(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await engine.run(Query(f"{ROWS} LIMIT 100000", CSV))
        assert answer.length is None
        size, pauses = 0, 0
        async for chunk in answer.chunks():
            size += len(chunk)
            if pauses < 4 and size > pauses * WHOLE:
                pauses += 1
                await asyncio.sleep(1)
        assert pauses == 4
        quick = await engine.run(Query(f"{ROWS} LIMIT 100000", CSV))
        assert len(await quick.read()) == size
        assert engine.counts().kills == {}

    run(release, work, query_seconds=1.5)


def test_time_that_a_reader_waits_for_counts(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await engine.run(Query(ROWS, CSV))
        with pytest.raises(AnswerTruncated) as cut:
            async for _ in answer.chunks():
                pass
        assert cut.value.problem.kind == "query-timeout"
        assert engine.counts().outcomes == {"query-timeout": 1}

    run(release, work, query_seconds=1)


def test_an_answer_that_was_closed_is_not_taken_for_whole(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await engine.run(Query(ROWS, CSV))
        chunks = answer.chunks()
        assert await anext(chunks)
        await answer.close()
        with pytest.raises(AnswerTruncated):
            await anext(chunks)
        await until(lambda: engine.counts().running == 0)

    run(release, work)


def test_an_answer_that_is_closed_while_it_is_read_ends_its_reader(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await engine.run(Query(ROWS, CSV))
        for pid in engine.pids[1:]:
            os.kill(pid, signal.SIGSTOP)
        reading = asyncio.ensure_future(answer.read())
        await asyncio.sleep(1)
        assert not reading.done()
        await answer.close()
        with pytest.raises(AnswerTruncated):
            await reading
        await until(lambda: engine.counts().running == 0)
        assert engine.counts().kills == {"given up": 1}

    run(release, work)


def test_killed_idle_workers_cost_nobody_an_answer(release: Path) -> None:
    async def work(engine: Engine) -> None:
        for _ in range(10):
            await until(lambda: engine.counts().ready >= 3)
            for pid in engine.pids[1:]:
                os.kill(pid, signal.SIGKILL)
            assert await engine.ask("ASK {}")
            answer = await engine.run(Query(QUICK, CSV))
            assert await answer.read() == b"name\r\nAna\r\n"
        counts = engine.counts()
        assert counts.outcomes == {"answered": 20}
        assert set(counts.kills) == {"outside"}

    run(release, work)


def test_workers_killed_at_any_time_cost_no_quick_query_its_answer(release: Path) -> None:
    """All at once, so that one query may meet several of them."""

    async def work(engine: Engine) -> None:
        kills = 0
        dead: set[int] = set()
        for number in range(DRAWS):
            # One that is dead and not yet missed would be a first loss before those of this round.
            await until(lambda: not dead & set(engine.pids) and engine.counts().ready >= 3)
            query = asyncio.ensure_future(engine.run(Query(HEAVY % 10_000, CSV)))
            await asyncio.sleep(0.001 * (number % 20))
            running = engine.pids[1:]
            dead.update(running)
            for pid in running:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
            answer = await query
            assert await answer.read() == b"n\r\n10000\r\n"
        assert engine.counts().outcomes == {"answered": DRAWS}
        assert kills > 2 * DRAWS

    run(release, work)


def test_a_second_death_is_told(release: Path) -> None:
    async def work(engine: Engine) -> None:
        await until(lambda: engine.counts().ready >= 2)
        query = asyncio.ensure_future(engine.run(Query(SLOW, CSV)))
        # More than two rounds, where it meets others of the first before their death is known.
        while not query.done():
            await until(lambda: query.done() or engine.counts().running == 1)
            await asyncio.to_thread(kill, engine.pids[1:])
        assert (await refusal(query))[:2] == (507, "query-memory")
        counts = engine.counts()
        assert counts.retries >= 1
        assert counts.kills["outside"] >= 1
        assert counts.kills["memory"] == 1
        assert counts.outcomes == {"query-memory": 1}

    run(release, work, workers=1)


def test_a_query_survives_the_end_of_the_loader(release: Path) -> None:
    async def work(engine: Engine) -> None:
        query = asyncio.ensure_future(engine.run(Query(HEAVY % 200_000, CSV)))
        await until(lambda: engine.counts().running == 1)
        os.kill(engine.pids[0], signal.SIGKILL)
        assert await (await query).read() == b"n\r\n200000\r\n"
        assert engine.counts().retries == 1

    run(release, work)


def test_a_short_query_that_is_given_up_costs_no_worker(release: Path) -> None:
    async def work(engine: Engine) -> None:
        await until(lambda: engine.counts().ready == 3)
        before = engine.pids
        for _ in range(20):
            query = asyncio.ensure_future(engine.run(Query(QUICK, CSV)))
            await asyncio.sleep(0)
            await give_up(query)
            await until(lambda: engine.counts().running == 0)
        assert engine.pids == before
        assert engine.counts().outcomes == {"given up": 20}
        assert engine.counts().kills == {}

    run(release, work)


def test_a_long_query_that_is_given_up_is_stopped(release: Path) -> None:
    async def work(engine: Engine) -> None:
        start = time.monotonic()
        for number in range(2):
            query = ask(engine, "impatient", f"{SLOW} # {number}")
            await until(lambda: engine.counts().running == 1)
            await asyncio.sleep(1)
            await give_up(query)
            await until(lambda: engine.counts().running == 0)
        # Else each would have run to its deadline.
        assert time.monotonic() - start < 20
        assert engine.counts().kills == {"given up": 2}
        assert all(alive(pid) for pid in engine.pids)
        bad = [ask(engine, "impatient", SLOW) for _ in range(10)]
        await until(lambda: any(query.done() for query in bad))
        assert engine.counts().refused == 1
        await give_up(*bad)

    run(release, work)


def test_what_the_engine_counts_is_what_happened(release: Path) -> None:
    async def work(engine: Engine) -> None:
        assert engine.counts().outcomes == {}
        await (await engine.run(Query(QUICK, CSV))).read()
        await (await engine.run(Query(f"{ROWS} LIMIT 50000", CSV))).read()
        with pytest.raises(Rejected):
            await engine.run(Query("SELECT", CSV))
        with pytest.raises(Rejected):
            await engine.run(Query("ASK {}", CSV))
        with pytest.raises(Rejected):
            await engine.run(Query(SLOW, CSV))
        counts = engine.counts()
        assert counts.outcomes == {
            "answered": 2,
            "query-malformed": 1,
            "not-acceptable": 1,
            "query-timeout": 1,
        }
        assert counts.kills == {"deadline": 1}
        assert (counts.refused, counts.retries, counts.waiting, counts.running) == (0, 0, 0, 0)

    run(release, work, query_seconds=1)
