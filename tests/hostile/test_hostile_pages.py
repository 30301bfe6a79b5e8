"""Pages that cost much: whoever asks for many of them waits for itself, and for nobody else."""

import asyncio
import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from front import connect, talk
from shop import DATA, MANY, Shop, lay
from website import Page, get, release, website

from app.exports import xlsx
from app.exports.tables import DataTable
from app.pages import sparql
from app.server.application import Application, create_app
from app.settings import Settings
from app.web import aside

ROOT = Path(__file__).parents[2]
PAGES = ["", "browse", "coverage", "ontology", "shapes", "dataset", "dump/", "docs", "graph/"]
PAGES += ["browse/conference", "browse/conference.csv", "browse/state.xlsx", "search?q=cimo"]
PAGES += ["sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D", "sparql?query=nothing"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("fair") / "release")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("pages") / "release") as found:
        yield found


def run(folder: Path, work: Callable[[Application, httpx.AsyncClient], Awaitable[None]]) -> None:
    """Ask an application in this process, which believes whom its requests are forwarded for."""
    settings = Settings(public_url="http://dialogue.test/", trusted_proxies="127.0.0.1")
    app = create_app(settings, folder)

    async def whole() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://here", timeout=60) as client,
        ):
            await work(app, client)

    asyncio.run(whole())


def ask(client: httpx.AsyncClient, path: str, name: str) -> Awaitable[httpx.Response]:
    return client.get(f"/{path}", headers={"Accept": "text/html", "X-Forwarded-For": name})


def test_of_one_client_one_page_is_made_at_a_time(folder: Path) -> None:
    async def work(app: Application, client: httpx.AsyncClient) -> None:
        answers = await asyncio.gather(*(ask(client, path, "192.0.2.1") for path in PAGES))
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses == {200: len(PAGES) - 2, 303: 1, 400: 1}
        assert app.aside.most == 1

    run(folder, work)


def test_of_many_clients_few_pages_are_made_at_a_time_and_all_of_them_in_the_end(
    folder: Path,
) -> None:
    async def work(app: Application, client: httpx.AsyncClient) -> None:
        asked = (
            ask(client, f"search?q=cimo{number}", f"192.0.2.{number % 20}") for number in range(60)
        )
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        # The same here as it is there: else this would see nothing.
        assert 1 < app.aside.most <= aside.AT_ONCE

    run(folder, work)


@pytest.mark.parametrize("path", ["/browse", "/sparql"])
def test_who_has_left_is_not_waited_for(folder: Path, path: str) -> None:
    """Whoever comes and leaves at once would else leave ever more behind."""
    query = quote("SELECT * { ?s ?p ?o }").encode()
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"query=" + query,
        "headers": [(b"accept", b"text/html")], "client": ("127.0.0.1", 1), "http_version": "1.1",
    }  # fmt: skip

    async def work(app: Application, _: httpx.AsyncClient) -> None:
        left, sent = asyncio.Event(), list[object]()

        async def receive() -> dict[str, object]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            sent.append(message)

        passed = await app.gate.enter("127.0.0.1")
        asked = [asyncio.create_task(app.front(scope, receive, send)) for _ in range(9)]  # type: ignore[arg-type]
        while app.gate.waiting < 9:
            await asyncio.sleep(0.001)
        left.set()
        await asyncio.wait_for(asyncio.gather(*asked), 30)
        assert (app.gate.waiting, sent) == (0, [])
        passed.leave()

    run(folder, work)


@pytest.mark.parametrize("path", ["/browse", "/browse/state.csv", "/browse/state.xlsx"])
def test_a_page_whose_client_has_left_is_made_no_further_but_for_others(
    folder: Path, path: str
) -> None:
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
        "client": ("127.0.0.1", 1), "http_version": "1.1",
    }  # fmt: skip

    async def work(app: Application, client: httpx.AsyncClient) -> None:
        left, sent = asyncio.Event(), list[object]()

        async def receive() -> dict[str, object]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            sent.append(message)

        async def endless() -> None:
            await asyncio.Event().wait()

        async def leave(others: int) -> None:
            """Ask for it, and leave while it waits for its turn to be made."""
            left.clear()
            asked = asyncio.create_task(app.front(scope, receive, send))  # type: ignore[arg-type]
            while app.cache.flights.shared < shared + others or not app.aside.waiting:
                await asyncio.sleep(0.001)
            left.set()
            await asyncio.wait_for(asked, 30)
            assert sent == []

        shared = app.cache.flights.shared
        before = [asyncio.create_task(app.aside.run(endless)) for _ in range(aside.AT_ONCE)]
        await leave(0)
        assert (app.aside.waiting, app.gate.waiting) == (0, 0)
        other = asyncio.ensure_future(client.get(path, headers={"X-Forwarded-For": "192.0.2.9"}))
        while not app.aside.waiting:
            await asyncio.sleep(0.001)
        await leave(1)
        assert app.aside.waiting == 1
        for one in before:
            one.cancel()
        assert (await other).status_code == 200

    run(folder, work)


def test_a_workbook_whose_client_has_left_is_written_no_further(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def write(tables: Sequence[DataTable], *_: object) -> None:
        """Write as many rows as there ever are, which is more than anybody waits for."""
        begun.set()
        try:
            while True:
                assert [*tables[0].rows()]
        finally:
            ended.set()

    async def work(_: Application, client: httpx.AsyncClient) -> None:
        asked = asyncio.ensure_future(client.get("/browse/state.xlsx"))
        assert await asyncio.to_thread(begun.wait, 30)
        asked.cancel()
        assert await asyncio.to_thread(ended.wait, 30)

    monkeypatch.setattr(xlsx, "write", write)
    run(folder, work)


def test_the_same_asked_in_other_words_is_kept_once(folder: Path) -> None:
    async def work(app: Application, client: httpx.AsyncClient) -> None:
        for path in ("", "coverage", "ontology"):
            answers = [await ask(client, f"{path}?x=0", "192.0.2.1")]
            before = app.cache.counts()
            for number in range(1, 20):
                answers.append(await ask(client, f"{path}?x={number}&y", "192.0.2.1"))
            after = app.cache.counts()
            assert (after.entries, after.misses) == (before.entries, before.misses)
            assert after.hits == before.hits + 19
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
        # A list refuses what it does not know, before anything is made.
        for path in ("browse", "browse/conference.csv", "browse/state.xlsx"):
            assert (await ask(client, f"{path}?x=0", "192.0.2.1")).status_code == 400
        # What an address does read is another thing each time.
        listed = {(await ask(client, f"search?q={text}", "a")).text for text in ("cimo", "lisbon")}
        assert len(listed) == 2

    run(folder, work)


def test_what_a_page_reads_of_an_address_its_route_declares() -> None:
    reading = re.compile(r"\bquery_params\b|\burl\.query\b|query_string")
    pages = (ROOT / "app" / "pages").glob("*.py")
    assert [page.name for page in pages if reading.search(page.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("columns", "rows"),
    [(1, 1000), (5, 1000), (6, 833), (60, 83), (100, 50), (101, 50), (800, 50)],
)
def test_a_page_shows_no_more_cells_than_it_may(columns: int, rows: int) -> None:
    names = "\t".join(f"?v{number}" for number in range(columns))
    line = "\t".join(["1"] * columns) + "\n"
    table, whole = sparql.table_of(f"{names}\n{line * 1200}".encode(), True)
    shown = min(columns, sparql.SHOWN_COLUMNS)
    assert (len(table.names), table.columns, len(table.rows)) == (shown, columns, rows)
    assert {len(row) for row in table.rows} == {shown}
    assert len(table.rows) * shown <= sparql.SHOWN_CELLS
    assert not whole
    few, whole = sparql.table_of(f"{names}\n{line}".encode(), True)
    assert (len(few.rows), whole) == (1, True)


def test_a_wide_answer_is_shown_in_part_and_says_so(shop: Shop) -> None:
    values = " ".join(f"(1 AS ?v{number})" for number in range(300))
    query = quote(f"SELECT {values} {{ ?s ?p ?o }} LIMIT 200")
    found = Page(get(shop, f"sparql?query={query}", "text/html").text)
    assert len(found.all("th")) == 100
    assert len(found.all("td")) == 5000
    cut = found.texts("p", "cut")
    assert "the beginning of the answer only" in cut[0]
    assert cut[1] == "It has 300 columns; these are the first 100."
    narrow = Page(get(shop, f"sparql?query={quote('SELECT (1 AS ?a) {}')}", "text/html").text)
    assert (len(narrow.all("td")), narrow.texts("p", "cut")) == (1, [])


def test_an_answer_that_is_shown_in_part_costs_no_worker(tmp_path: Path) -> None:
    async def work(app: Application, client: httpx.AsyncClient) -> None:
        query = quote("SELECT * { ?a ?b ?c . ?d ?e ?f }")
        for _ in range(4):
            assert (await ask(client, f"sparql?query={query}", "192.0.2.1")).status_code == 200
        counts = app.engine.counts()
        assert counts.kills == {}
        assert {*counts.outcomes} == {"answered"}

    run(lay(tmp_path / "r", DATA + MANY), work)


def test_whether_the_server_lives_is_told_while_pages_are_made_for_others(shop: Shop) -> None:
    """A bound that a busy machine keeps too: in the event loop each of these took seconds."""
    values = " ".join(f"(1 AS ?v{number})" for number in range(60))
    query = quote(f"SELECT {values} {{ ?s ?p ?o }} LIMIT 1000")
    head = f"GET /sparql?query={query} HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n".encode()
    socks = [connect(shop.port, "127.0.0.3") for _ in range(20)]
    stop = threading.Event()

    def flood() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                for sock in socks:
                    sock.sendall(head)
                for sock in socks:
                    sock.recv(1 << 20)

    hostile = threading.Thread(target=flood)
    hostile.start()
    times = []
    try:
        for _ in range(30):
            before = time.monotonic()
            answer = talk(
                shop.port,
                b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                source="127.0.0.2",
            )
            times.append(time.monotonic() - before)
            assert answer.statuses == [200]
            time.sleep(0.05)
    finally:
        stop.set()
        for sock in socks:
            sock.shutdown(2)
        hostile.join(60)
        for sock in socks:
            sock.close()
    assert max(times) < 2
