"""The engine: what a query does to its worker it does to nobody else."""

import asyncio
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from shop import DATA, MANY, ROWS, SLOW, Shop, alive, children, kill, lay, serve, web

from app.engine.engine import AnswerTruncated, Engine
from app.engine.lanes import WAITING
from app.engine.query import Kind, Query
from app.errors import Fault, Rejected
from app.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")

SECONDS = 2.0
SHOP_SECONDS = 4.0
HASTY_SECONDS = 1.2
CSV = {Kind.BINDINGS: "text/csv"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def shop(release: Path) -> Iterator[Shop]:
    settings = {"DIALOGUE_QUERY_SECONDS": f"{SHOP_SECONDS:g}", "DIALOGUE_WORKER_MEMORY": "256 MiB"}
    with serve(release, **settings) as found:
        yield found


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(
        lay(tmp_path_factory.mktemp("patient")),
        DIALOGUE_QUERY_SECONDS="30",
        DIALOGUE_WORKER_MEMORY="256 MiB",
    ) as found:
        yield found


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = {"DIALOGUE_QUERY_SECONDS": f"{HASTY_SECONDS:g}", "DIALOGUE_WORKER_MEMORY": "256 MiB"}
    with serve(lay(tmp_path_factory.mktemp("hasty")), **settings) as found:
        yield found


@asynccontextmanager
async def engine(release: Path, **settings: float) -> AsyncIterator[Engine]:
    found = Engine(release, Settings(**{"query_seconds": SECONDS, **settings}))
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


def run(release: Path, work: Callable[[Engine], Awaitable[None]], **settings: float) -> None:
    async def whole() -> None:
        async with engine(release, **settings) as found:
            await work(found)

    asyncio.run(whole())


def test_the_app_s_own_queries_come_back_as_terms(release: Path) -> None:
    async def work(engine: Engine) -> None:
        assert engine.sealed
        assert engine.quads == 9 + 3000
        ana, name = ox.NamedNode("http://example.org/ana"), ox.Literal("Ana", language="pt")
        assert await engine.select("SELECT ?n ?no { ?s ex:name ?n }", {"n": name}) == [{"n": name}]
        rows = await engine.select("SELECT ?s ?o { ?s ex:knows ?o }", {"s": ana})
        assert rows == [{"s": ana, "o": ox.NamedNode("http://example.org/zoé")}]
        assert await engine.ask("ASK { ?s ex:name ?n }", {"s": ana})
        assert not await engine.ask("ASK { ?s ex:name 'Nobody' }")

    run(release, work)


def test_a_blank_node_can_be_asked_about_again(release: Path) -> None:
    async def work(engine: Engine) -> None:
        (row,) = await engine.select("SELECT ?part { ?s ex:part ?part }")
        assert row == {"part": ox.BlankNode("inner")}
        query = "SELECT ?x ?n { ?x ex:name ?n }"
        (inside,) = await engine.select(query, {"x": row["part"]})
        assert inside["n"] == ox.Literal("inside")

    run(release, work)


def test_a_term_is_one_term_whatever_it_says(release: Path) -> None:
    async def work(engine: Engine) -> None:
        for text in ["'", '"', '" } #', "\\u0022", "a\nb", "?s", "{}", "é\u0007"]:
            query = "SELECT ?x { ?s ex:name ?x }"
            assert await engine.select(query, {"x": ox.Literal(text)}) == []

    run(release, work)


def test_an_answer_of_our_own_that_is_cut_is_refused_whole(release: Path) -> None:
    async def work(engine: Engine) -> None:
        with pytest.raises(Rejected) as refused:
            await engine.select(ROWS)
        assert (refused.value.status, refused.value.kind) == (503, "query-timeout")

    run(release, work, query_seconds=0.8)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "not a release"), ("<http://a/> <http://b/> .\n", "Parser error at line 1")],
)
def test_a_folder_that_holds_no_release_stops_the_start(
    tmp_path: Path, content: str | None, message: str
) -> None:
    folder = lay(tmp_path / "release", content or "")
    if content is None:
        (folder / "release.json").unlink()

    async def work(_: Engine) -> None:
        raise AssertionError("it started")

    with pytest.raises(Fault, match=message):
        run(folder, work)
    assert [pid for pid in children(os.getpid()) if alive(pid)] == []


def test_nothing_survives_the_end(release: Path) -> None:
    async def work(engine: Engine) -> None:
        pids.extend(engine.pids)
        slow = asyncio.ensure_future(engine.run(Query(SLOW, CSV)))
        await asyncio.sleep(0.2)
        pids.extend(engine.pids)
        await engine.stop()
        with pytest.raises(Rejected) as refused:
            await slow
        assert (refused.value.status, refused.value.kind) == (503, "stopping")
        with pytest.raises(Rejected):
            await engine.run(Query("ASK {}", {Kind.BOOLEAN: "application/json"}))

    pids: list[int] = []
    run(release, work)
    assert len(set(pids)) >= 4
    assert [pid for pid in pids if alive(pid)] == []


def test_the_processes_end_with_a_front_that_is_killed(release: Path) -> None:
    with serve(release) as shop:
        pids = [shop.pid, *children(shop.pid), *shop.workers()]
        assert len(pids) >= 4
        os.kill(shop.pid, signal.SIGKILL)
        for _ in range(3000):
            if not any(alive(pid) for pid in pids):
                break
            time.sleep(0.02)
        assert [pid for pid in pids if alive(pid)] == []


def test_a_slow_query_is_killed_at_its_deadline_and_good_ones_go_on(shop: Shop) -> None:
    ends: list[tuple[float, httpx.Response]] = []

    def slow() -> None:
        answer = shop.ask(SLOW)
        ends.append((time.monotonic() - start, answer))

    start = time.monotonic()
    threads = [threading.Thread(target=slow) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1.2)
    good = 0
    while not ends:
        answer = shop.ask("SELECT * { ex:ana ex:name ?name }", "text/csv")
        assert (answer.status_code, answer.text) == (200, "name\r\nAna\r\n")
        good += not ends
    # While the slow ones ran: each of them holds its place until the deadline.
    assert good >= 1
    for thread in threads:
        thread.join()
    for seconds, answer in ends:
        assert SHOP_SECONDS - 0.1 < seconds < 10 * SHOP_SECONDS
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "4"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "http://dialogue.test/problems/query-timeout",
            "title": "The query takes too long",
            "status": 503,
            "detail": "The query was stopped after 4 seconds. Ask for less at a time: a narrower "
            "pattern, or a LIMIT.",
            "seconds": 4.0,
        }


def test_waiting_counts_towards_the_deadline(release: Path) -> None:
    async def work(engine: Engine) -> None:
        clock = asyncio.get_running_loop().time
        start = clock()
        with pytest.raises(Rejected, match="stopped after"):
            await engine.run(Query(SLOW, CSV))
        alone = clock() - start
        start = clock()
        queries = (engine.run(Query(SLOW, CSV)) for _ in range(6))
        outcomes = await asyncio.gather(*queries, return_exceptions=True)
        # Where waiting did not count, the last of six would end after three times as long.
        assert clock() - start < 2 * alone
        kinds = [o.kind for o in outcomes if isinstance(o, Rejected) and o.status == 503]
        assert len(kinds) == 6
        # One place, and one for a query that has become slow; those that follow at the last moment
        # have no time left.
        assert 1 <= kinds.count("query-timeout") <= 4
        assert kinds.count("busy") == 6 - kinds.count("query-timeout")

    run(release, work, workers=1, slow_workers=1)


def test_a_queue_that_is_too_long_refuses_at_once(release: Path) -> None:
    async def work(engine: Engine) -> None:
        queries = [asyncio.ensure_future(engine.run(Query(SLOW, CSV))) for _ in range(WAITING + 2)]
        done, waiting = await asyncio.wait(queries, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        error = refused.exception()
        assert isinstance(error, Rejected)
        assert (error.status, error.kind, error.headers) == (503, "busy", {"Retry-After": "2"})
        for query in waiting:
            query.cancel()
        await asyncio.wait(waiting)

    run(release, work, workers=1, query_seconds=20)


def test_those_who_wait_are_served_in_their_order(release: Path) -> None:
    async def work(engine: Engine) -> None:
        order: list[int] = []

        async def ask(number: int) -> None:
            await engine.ask("ASK { ?s ex:number ?x . ?t ex:number ?y FILTER(?x = 'no') }")
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(6)))
        assert order == [0, 1, 2, 3, 4, 5]

    run(release, work, workers=1, query_seconds=20)


def test_who_gives_up_makes_room(release: Path) -> None:
    async def work(engine: Engine) -> None:
        for _ in range(3):
            slow = asyncio.ensure_future(engine.run(Query(SLOW, CSV)))
            await asyncio.sleep(0.1)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            start = time.monotonic()
            assert await engine.ask("ASK {}")
            # Else it would have waited until the deadline of the one that was given up.
            assert time.monotonic() - start < 15

    run(release, work, workers=1, query_seconds=30)


NESTED = {
    "braces": lambda n: "ASK " + "{" * n + "}" * n,
    "parentheses": lambda n: "ASK { FILTER " + "(" * n + "1" + ")" * n + " }",
    "STR": lambda n: "ASK { FILTER(" + "STR(" * n + "1" + ")" * n + " = '1') }",
    "NOT EXISTS": lambda n: "ASK { " + "FILTER NOT EXISTS { " * n + "}" * n + " }",
    "subqueries": lambda n: "ASK { " + "{ SELECT * { " * n + "} }" * n + " }",
    "collections": lambda n: "ASK { ?s ?p " + "(" * n + "1" + ")" * n + " }",
    "blank nodes": lambda n: "ASK { ?s ?p " + "[ ?p " * n + "1" + "]" * n + " }",
    "OPTIONAL": lambda n: "ASK { " + "OPTIONAL { ?s ?p ?o " * n + "}" * n + " }",
}
DOUBLING = " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(40))
HOSTILE = {
    **{f"{depth} {name}": make(depth) for name, make in NESTED.items() for depth in (2400, 12000)},
    "doubled text": f"SELECT (STRLEN(?v40) AS ?n) {{ BIND('abcdefgh' AS ?v0) {DOUBLING} }}",
    "a sorted product": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "a closure": "SELECT (COUNT(*) AS ?n) { ?a (!ex:x|^!ex:x)* ?b . ?b (!ex:x|^!ex:x)* ?c }",
    "many OPTIONALs": "ASK { " + "".join(f"OPTIONAL {{ ?s{i} ?p ?o }} " for i in range(200)) + "}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_query_that_would_kill_a_process_gets_a_problem_document(hasty: Shop, name: str) -> None:
    start = time.monotonic()
    answer = hasty.ask(HOSTILE[name])
    # Its deadline, and as long again for a machine that does other things too.
    assert time.monotonic() - start < 10 * HASTY_SECONDS
    assert alive(hasty.pid)
    print(name, answer.status_code, answer.text[:120], time.monotonic() - start)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        said = answer.json()
        assert said["status"] == answer.status_code
        kind = said["type"].removeprefix("http://dialogue.test/problems/")
        assert (answer.status_code, kind) in {
            (503, "query-timeout"),
            (507, "query-memory"),
            (500, "query-crashed"),
            (413, "body-too-large"),
        }
        assert str(Path.cwd()) not in answer.text
    good = hasty.ask("SELECT * { ex:ana ex:name ?name }", "text/csv")
    assert (good.status_code, good.text) == (200, "name\r\nAna\r\n")


def test_memory_that_runs_out_has_a_problem_of_its_own(patient: Shop) -> None:
    text = "SELECT (STRLEN(?v26) AS ?n) { BIND('abcdefgh' AS ?v0) " + " ".join(
        f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(26)
    )
    answer = patient.ask(text + " }")
    assert answer.status_code == 507
    assert answer.json()["type"] == "http://dialogue.test/problems/query-memory"
    assert answer.json()["title"] == "The query needs too much memory"


def test_a_query_that_ends_its_process_has_a_problem_of_its_own(patient: Shop) -> None:
    answer = patient.ask(NESTED["STR"](45_000))
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "http://dialogue.test/problems/query-crashed",
        "title": "The query crashed",
        "status": 500,
        "detail": "The query ended the process that ran it; most often it nests too deeply. Other "
        "queries are not affected.",
    }
    assert alive(patient.pid)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGBUS])
def test_a_worker_that_dies_is_replaced(release: Path, number: signal.Signals) -> None:
    expected = {
        signal.SIGSEGV: (500, "query-crashed"),
        signal.SIGBUS: (500, "query-crashed"),
        signal.SIGABRT: (507, "query-memory"),
        signal.SIGKILL: (507, "query-memory"),
    }

    async def work(engine: Engine) -> None:
        await asyncio.sleep(0.3)
        before = set(engine.pids)
        slow = asyncio.ensure_future(engine.run(Query(SLOW, CSV)))
        # Who is killed sooner is killed by others, and its query asked of another.
        await asyncio.sleep(1.2)
        (loader, *workers) = engine.pids
        for worker in workers:
            os.kill(worker, number)
        with pytest.raises(Rejected) as refused:
            await slow
        assert (refused.value.status, refused.value.kind) == expected[number]
        while any(alive(worker) for worker in workers):
            await asyncio.sleep(0.01)
        assert await engine.ask("ASK {}")
        await asyncio.sleep(0.2)
        assert set(engine.pids) & before == {loader}
        assert len(engine.pids) == 3

    run(release, work, workers=1, query_seconds=20)


def test_a_loader_that_dies_is_started_again(release: Path) -> None:
    async def work(engine: Engine) -> None:
        loader, *workers = engine.pids
        os.kill(loader, signal.SIGKILL)
        await asyncio.sleep(0.05)
        assert await engine.ask("ASK {}")
        assert engine.pids[0] != loader
        assert [pid for pid in (loader, *workers) if alive(pid)] == []

    run(release, work, query_seconds=20)


def test_a_system_that_makes_no_process_now_costs_no_running_query(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "full"
    (tmp_path / "sitecustomize.py").write_text(
        "import errno, os\nfrom pathlib import Path\nfork = os.fork\n"
        "def limited():\n"
        f"    if Path({str(full)!r}).exists():\n"
        "        raise BlockingIOError(errno.EAGAIN, 'Resource temporarily unavailable')\n"
        "    return fork()\n"
        "os.fork = limited\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    async def work(engine: Engine) -> None:
        loader = engine.pids[0]
        slow = asyncio.ensure_future(engine.run(Query(SLOW, CSV)))
        await asyncio.sleep(0.5)
        full.touch()
        assert engine.counts().running == 1
        while engine.counts().ready:
            # All but the one that computes: the youngest.
            kill(engine.pids[2:])
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert (engine.counts().ready, engine.counts().running) == (0, 1)
        full.unlink()
        assert await engine.ask("ASK {}")
        assert engine.pids[0] == loader
        assert not slow.done()
        slow.cancel()

    run(release, work, workers=2, query_seconds=20)


def test_a_loader_is_started_again_once_there_are_descriptors(
    release: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(engine: Engine) -> None:
        loader = engine.pids[0]
        most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        try:
            os.kill(loader, signal.SIGKILL)
            while "the loader cannot be started" not in caplog.text:
                await asyncio.sleep(0.01)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        assert await engine.ask("ASK {}")
        assert engine.pids[0] != loader

    run(release, lambda engine: asyncio.wait_for(work(engine), 30), query_seconds=20)


def test_a_worker_answers_many_queries(release: Path) -> None:
    async def work(engine: Engine) -> None:
        await asyncio.sleep(0.3)
        before = sorted(engine.pids)
        for _ in range(50):
            assert await engine.ask("ASK {}")
        assert sorted(engine.pids) == before

    run(release, work)


def test_an_answer_that_ends_early_is_no_answer(release: Path) -> None:
    async def work(engine: Engine) -> None:
        answer = await engine.run(Query(ROWS, CSV))
        assert (answer.kind, answer.media, answer.length) == (Kind.BINDINGS, "text/csv", None)
        chunks = answer.chunks()
        size = len(await anext(chunks))
        for worker in engine.pids[1:]:
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(AnswerTruncated):
            async for chunk in chunks:
                size += len(chunk)
        assert 0 < size < 27_000_000_000 * len("http://example.org/n1,http://example.org/n1\r\n")

    run(release, work)


PAIRS = "CONSTRUCT { ?a ex:with ?b } { ?a ex:number ?x . ?b ex:number ?y }"


@pytest.mark.parametrize(
    ("query", "accept", "how"),
    [
        (ROWS, "application/sparql-results+json", "the worker dies"),
        (ROWS, "application/sparql-results+xml", "the worker dies"),
        (ROWS, "text/csv", "the worker dies"),
        (ROWS, "text/tab-separated-values", "the worker dies"),
        (PAIRS, "application/n-triples", "the worker dies"),
        (PAIRS, "text/turtle", "the worker dies"),
        (ROWS, "application/sparql-results+json", "the deadline comes"),
        (PAIRS, "application/n-triples", "the deadline comes"),
    ],
)
def test_a_stream_that_is_cut_never_reads_as_complete(
    shop: Shop, query: str, accept: str, how: str
) -> None:
    headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
    size = 0
    with (
        pytest.raises(httpx.RemoteProtocolError),
        web.stream("POST", f"{shop.url}sparql", content=query.encode(), headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert "content-length" not in answer.headers
        for chunk in answer.iter_raw():
            if size == 0 and how == "the worker dies":
                kill(shop.workers())
            size += len(chunk)
    assert size > 0


def test_a_client_that_leaves_takes_its_query_along(shop: Shop) -> None:
    for _ in range(4):
        with pytest.raises(httpx.ReadTimeout):
            shop.ask(SLOW, timeout=0.3)
    start = time.monotonic()
    assert shop.ask("ASK {}").status_code == 200
    # Else it would have waited for one of the four to meet its deadline.
    assert time.monotonic() - start < SHOP_SECONDS / 2


def test_a_big_answer_is_not_kept_in_memory(release: Path) -> None:
    with serve(release, DIALOGUE_QUERY_SECONDS="20") as shop:
        shop.ask("ASK {}")

        def resident() -> int:
            pages = Path(f"/proc/{shop.pid}/statm").read_text(encoding="ascii").split()[1]
            return int(pages) * os.sysconf("SC_PAGESIZE")

        before, size, most = resident(), 0, 0
        headers = {"Accept": "text/csv", "Content-Type": "application/sparql-query"}
        headers["Accept-Encoding"] = "identity"
        query = f"{ROWS} LIMIT 600000"
        with web.stream(
            "POST", f"{shop.url}sparql", content=query.encode(), headers=headers, timeout=30
        ) as answer:
            for chunk in answer.iter_raw():
                size += len(chunk)
                most = max(most, resident())
        assert size > 25_000_000
        assert most - before < 20_000_000


def test_a_fault_as_long_as_its_query_costs_no_worker(release: Path) -> None:
    async def work(engine: Engine) -> None:
        with pytest.raises(Rejected) as refused:
            await engine.run(Query(f"SELECT * {{ ?s {'é' * 45_000}:x ?o }}", CSV))
        prefix = f"{'é' * 59}…:"
        assert refused.value.to_json() == {
            "status": 400,
            "kind": "query-malformed",
            "detail": f"Line 1, column 15: the prefix “{prefix}” is not declared.",
            "members": {"line": 1, "column": 15, "expected": [f"PREFIX {prefix}"]},
        }
        graph = Query("ASK {}", {Kind.BOOLEAN: "text/csv"}, default_graphs=("é" * 100_000,))
        with pytest.raises(Rejected, match=r"^“é+…$"):
            await engine.run(graph)
        assert engine.counts().kills == {}

    run(release, work)


def test_the_data_of_the_tests_is_what_they_say() -> None:
    assert (DATA.count("\n"), MANY.count("\n")) == (9, 3000)
