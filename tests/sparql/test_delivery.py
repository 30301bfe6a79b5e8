"""The way of long answers to their clients: none that is cut reads as whole, none that is slow is
cut, and nobody waits for another's slowness.

DIALOGUE_DRAWS says how many answers are cut (500 for the long form).
"""

import gzip
import http.client
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from shop import DATA, MANY, Shop, kill, lay, serve, web

SEED = 20261129
DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "20"))
# For /graphs, whose answer is no longer than the data.
BULK = "".join(
    f'<http://example.org/bulk{i}> <http://example.org/text> "{"x" * 200} {i}" .\n'
    for i in range(60_000)
)
ROWS = "SELECT ?a ?b { ?a ex:number ?x . ?b ex:number ?y }"
TRIPLES = "CONSTRUCT { ?a ex:with ?b } { ?a ex:number ?x . ?b ex:number ?y }"
TABLES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
    "application/ld+json",
)


@dataclass(frozen=True)
class Cut:
    """An answer to cut: its way, its media type, the version of HTTP, what codings are accepted."""

    way: str
    media: str
    version: str
    coding: str

    def __str__(self) -> str:
        return f"{self.way}-{self.media.rpartition('/')[2]}-{self.version}-{self.coding}"

    def request(self) -> tuple[str, str, dict[str, str], bytes | None]:
        """Return method, target, headers and body."""
        headers = {"Accept": self.media, "Accept-Encoding": self.coding}
        query = ROWS if self.media in TABLES else TRIPLES
        if self.way == "graphs":
            return "GET", "/graphs?default", headers, None
        if self.way == "post":
            headers["Content-Type"] = "application/sparql-query"
            return "POST", "/sparql", headers, query.encode()
        params = {"query": query}
        if self.way == "download":
            headers["Accept"] = "text/html"
            params["format"] = self.media
        return "GET", f"/sparql?{httpx.QueryParams(params)}", headers, None


def cuts() -> list[Cut]:
    """Return every format by both versions and codings, by ways that are drawn."""
    chance = random.Random(SEED)
    every = [
        Cut("", media, version, coding)
        for version in ("1.1", "1.0")
        for coding in ("identity", "gzip")
        for media in (*TABLES, *GRAPHS)
    ]
    chance.shuffle(every)
    drawn = []
    for number in range(DRAWS):
        one = every[number % len(every)]
        ways = ["get", "post", "download"] + ["graphs"] * (one.media in GRAPHS)
        drawn.append(Cut(chance.choice(ways), one.media, one.version, one.coding))
    return drawn


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = lay(tmp_path_factory.mktemp("delivery"), DATA + MANY + BULK)
    with serve(folder, DIALOGUE_QUERY_SECONDS="60", DIALOGUE_SPOOL="200 MB") as found:
        yield found


def connect(shop: Shop, version: str = "1.1", buffer: int = 0) -> http.client.HTTPConnection:
    """Return a connection; `buffer` is how many bytes wait at the client's, unread."""
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=120)
    if version == "1.0":
        connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
    if buffer:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(120)
        sock.connect(("127.0.0.1", shop.port))
        connection.sock = sock
    return connection


def kill_workers(shop: Shop) -> None:
    """Kill the workers that there are, and wait until they have ended."""
    kill(shop.workers())


def read_while_cut(shop: Shop, cut: Cut, delay: float) -> tuple[str, bytes]:
    """Return what a client makes of an answer whose workers are killed: how it ends, and its bytes.

    The kill comes `delay` after the head by HTTP/1.1, and by HTTP/1.0 after the first bytes
    that the server holds back for its length.
    """
    method, target, headers, body = cut.request()
    answered = threading.Event()

    def kill_when_begun() -> None:
        wait_for(lambda: kept_in_files(shop) > 0 or answered.is_set())
        time.sleep(delay)
        kill_workers(shop)

    with closing(connect(shop, cut.version)) as connection:
        connection.request(method, target, body, headers)
        killing = threading.Thread(target=kill_when_begun)
        if cut.version == "1.0":
            killing.start()
        answer = connection.getresponse()
        answered.set()
        if cut.version == "1.0":
            killing.join()
        else:
            time.sleep(delay)
            kill_workers(shop)
        if answer.status != 200:
            return "refused", answer.read()
        if cut.version == "1.0":
            assert answer.headers["content-length"] is not None
        try:
            return "whole", answer.read()
        except http.client.IncompleteRead as partial:
            return "cut", partial.partial


@pytest.mark.parametrize("cut", cuts(), ids=lambda cut: str(cut))
def test_an_answer_that_is_cut_never_reads_as_whole(shop: Shop, cut: Cut) -> None:
    delay = random.Random(f"{SEED} {cut}").uniform(0.02, 0.4)
    ending, content = read_while_cut(shop, cut, delay)
    if cut.way == "graphs" and ending == "whole":
        # The kill came late; then it is whole indeed.
        method, target, headers, _ = cut.request()
        with closing(connect(shop)) as connection:
            connection.request(method, target, None, headers)
            assert connection.getresponse().read() == content
        return
    assert ending in ("cut", "refused")
    if ending == "refused":
        assert b'"type": "http://dialogue.test/problems/' in content
    # Others are not touched by it.
    assert shop.ask("ASK {}").json()["boolean"] is True


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
@pytest.mark.parametrize("media", [TABLES[0], GRAPHS[1]])
def test_another_client_sees_the_cut_too(shop: Shop, coding: str, media: str) -> None:
    method, target, headers, _ = Cut("get", media, "1.1", coding).request()
    parts: list[bytes] = []
    with (
        web.stream(method, f"{shop.url}{target[1:]}", headers=headers) as answer,
        pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
    ):
        assert answer.status_code == 200
        assert answer.headers.get("content-encoding", "identity") == coding
        for part in answer.iter_bytes():
            parts.append(part)
            if len(parts) == 1:
                kill_workers(shop)
    assert parts
    assert shop.ask("ASK {}").status_code == 200


@pytest.mark.parametrize("query", [ROWS, TRIPLES], ids=["rows", "triples"])
def test_a_page_with_an_answer_that_was_cut_says_so(shop: Shop, query: str) -> None:
    target = f"/sparql?{httpx.QueryParams(query=query)}"
    with closing(connect(shop)) as connection:
        connection.request("GET", target, headers={"Accept": "text/html"})
        kill_workers(shop)
        answer = connection.getresponse()
        page = answer.read().decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    cut = "This is the beginning of the answer only." in page
    assert cut if answer.status == 200 else answer.status in (500, 503, 507)
    assert wait_for(lambda: shop.ask("ASK {}").status_code == 200)
    whole = web.get(f"{shop.url}sparql?query=ASK%7B%7D", headers={"Accept": "text/html"})
    assert "This is the beginning of the answer only." not in whole.text


def limited(rows: int) -> str:
    return f"/sparql?{httpx.QueryParams(query=f'{ROWS} LIMIT {rows}')}"


def test_who_speaks_http_1_0_gets_a_long_answer_with_its_length(shop: Shop) -> None:
    bodies = []
    for version, coding in (("1.1", ""), ("1.0", ""), ("1.0", "gzip"), ("1.1", "gzip")):
        with closing(connect(shop, version)) as connection:
            connection.request("GET", limited(20_000), headers={"Accept-Encoding": coding})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200
            length = answer.headers["content-length"]
            assert length == (str(len(body)) if version == "1.0" else None)
            assert answer.headers["content-encoding"] == (coding or None)
            bodies.append(body)
    assert bodies[0] == bodies[1]
    assert bodies[0].count(b'"a":{') == 20_000
    assert gzip.decompress(bodies[2]) == bodies[0]
    # The same tag, and so the same bytes.
    assert bodies[2] == bodies[3]


def test_an_answer_for_which_there_is_no_room_is_refused_by_http_1_0_alone(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA + MANY), DIALOGUE_SPOOL="1 MB") as shop:
        with closing(connect(shop, "1.0")) as connection:
            connection.request("GET", limited(50_000))
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == 505
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert b'"type": "http://dialogue.test/problems/http-version"' in content
        short, long = (web.get(f"{shop.url}{limited(n)[1:]}") for n in (10, 50_000))
        assert short.status_code == long.status_code == 200
        assert long.content.count(b'"a":{') == 50_000


def test_a_reader_who_is_slow_is_not_cut_and_holds_no_worker(tmp_path: Path) -> None:
    settings = {"DIALOGUE_QUERY_SECONDS": "8", "DIALOGUE_WORKERS": "1"}
    release = lay(tmp_path / "release", DATA + MANY)
    with serve(release, **settings, DIALOGUE_SLOW_WORKERS="1") as shop:
        whole = web.get(f"{shop.url}{limited(100_000)[1:]}").content
        with closing(connect(shop, buffer=8192)) as connection:
            begun = time.monotonic()
            connection.request("GET", limited(100_000))
            answer = connection.getresponse()
            content = answer.read(1000)
            # The only worker answers others, though this answer has not been taken.
            assert shop.ask("ASK {}").status_code == 200
            assert kept_in_files(shop) > 1_000_000
            time.sleep(max(0.0, begun + 9 - time.monotonic()))
            content += answer.read()
        assert content == whole
        assert wait_for(lambda: kept_in_files(shop) == 0)


def kept_in_files(shop: Shop) -> int:
    """Return how many bytes the server keeps in files that have no name."""
    size = 0
    for link in Path(f"/proc/{shop.pid}/fd").iterdir():
        try:
            if "(deleted)" in str(link.readlink()):
                size += link.stat().st_size
        except OSError:
            continue
    return size


def wait_for(condition: Callable[[], bool]) -> bool:
    for _ in range(400):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_room_for_what_waits_is_bounded_and_then_the_worker_waits(tmp_path: Path) -> None:
    settings = {"DIALOGUE_SPOOL": "4 MB", "DIALOGUE_QUERY_SECONDS": "60"}
    with serve(lay(tmp_path / "release", DATA + MANY), **settings) as shop:
        most = 0
        with closing(connect(shop, buffer=8192)) as connection:
            connection.request("GET", limited(100_000))
            answer = connection.getresponse()
            content = answer.read(1000)
            assert wait_for(lambda: kept_in_files(shop) > 0)
            while part := answer.read(200_000):
                content += part
                most = max(most, kept_in_files(shop))
                time.sleep(0.002)
        # One answer has a quarter of the room.
        assert 0 < most <= 1_000_000
        assert content.count(b'"a":{') == 100_000
        assert content.endswith(b"]}}")


def test_a_reader_who_takes_next_to_nothing_is_cut(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA + MANY), DIALOGUE_MIN_RATE="8 MB") as shop:
        whole = web.get(f"{shop.url}{limited(100_000)[1:]}").content
        with closing(connect(shop, buffer=8192)) as connection:
            connection.request("GET", limited(100_000))
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read(1000)
            assert wait_for(lambda: kept_in_files(shop) > 0)
            # Until the server has given up.
            assert wait_for(lambda: kept_in_files(shop) == 0)
            with pytest.raises(http.client.IncompleteRead) as error:
                answer.read()
        assert len(error.value.partial) < len(whole) / 2


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_million_rows_take_no_memory_of_the_server(shop: Shop) -> None:
    target = f"{shop.url}sparql?{httpx.QueryParams(query=f'{ROWS} LIMIT 1000000')}"
    headers = {"Accept": "text/csv", "Accept-Encoding": "identity"}
    web.get(f"{shop.url}{limited(10_000)[1:]}")
    before, most, rows, rest = resident(shop.pid), 0, 0, b""
    with web.stream("GET", target, headers=headers) as answer:
        for number, part in enumerate(answer.iter_raw()):
            rows += part.count(b"\n")
            if number % 50 == 0:
                most = max(most, resident(shop.pid))
            rest = part
    assert (rows, rest[-2:]) == (1_000_001, b"\r\n")
    assert most - before < 20 * 2**20


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_head_of_a_long_answer_is_that_of_get(shop: Shop, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    with web.stream("GET", f"{shop.url}{limited(50_000)[1:]}", headers=headers) as got:
        pass
    head = web.head(f"{shop.url}{limited(50_000)[1:]}", headers=headers)
    passing = {"date", "server-timing", "transfer-encoding", "x-request-id"}
    lasting = [{k: v for k, v in a.headers.items() if k not in passing} for a in (got, head)]
    assert lasting[0] == lasting[1]
    assert head.headers["vary"] == "Accept, Accept-Encoding"
    ending = "" if coding == "identity" else f"-{coding}"
    assert head.headers["etag"].endswith(f'{ending}"')
    # What is streamed in a coding has a tag of its own, and is known by it.
    for tag in (head.headers["etag"], f"W/{head.headers['etag']}"):
        again = web.get(
            f"{shop.url}{limited(50_000)[1:]}", headers={**headers, "If-None-Match": tag}
        )
        assert (again.status_code, again.headers["etag"]) == (304, head.headers["etag"])
