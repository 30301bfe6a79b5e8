"""Good readers beside hostile ones, each from an address of its own, over HTTP."""

import http.client
import json
import os
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from shop import SLOW, Shop, lay, serve

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux answers at every address of 127.0.0.0/8 by itself"
)

# How many answers the good ones want; make it longer to look at the far end of what they wait.
DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "60"))
SECONDS = "5"
GOOD, BAD = "127.0.0.2", "127.0.0.3"
NAME = "SELECT ?name { ex:ana ex:name ?name }"
CSV = "text/csv"
EVICTED = 0
Refusal = tuple[bytes, http.client.HTTPMessage]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def shop(release: Path) -> Iterator[Shop]:
    with serve(release, DIALOGUE_QUERY_SECONDS=SECONDS, DIALOGUE_WORKERS="3") as found:
        yield found


def ask(
    shop: Shop, query: str, address: str, path: str = "/sparql"
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Return the status, the body and the headers of an answer to a client at an address."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", shop.port, timeout=60, source_address=(address, 0)
    )
    try:
        if path == "/sparql":
            headers = {"Content-Type": "application/sparql-query", "Accept": CSV}
            connection.request("POST", path, query.encode(), headers)
        else:
            connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


@contextmanager
def hostile(
    shop: Shop, number: int, address: Callable[[], str], refusals: list[Refusal]
) -> Iterator[Counter[int]]:
    """Ask endless queries, `number` at a time, as fast as they are refused, until the block ends.

    Yields how many answers of each status there were, and how many queries were stopped since
    others waited; puts those with 429 into `refusals`.
    """
    statuses: Counter[int] = Counter()
    ended = threading.Event()
    fresh = count()

    def attack() -> None:
        while not ended.is_set():
            status, body, headers = ask(shop, f"{SLOW} # {next(fresh)}", address())
            statuses[status] += 1
            statuses[EVICTED] += b"stopped to make room" in body
            if status == 429:
                refusals.append((body, headers))
                assert int(headers["Retry-After"]) >= 1
                ended.wait(0.5)

    threads = [threading.Thread(target=attack) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.3)
        yield statuses
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def waits(shop: Shop, number: int) -> list[float]:
    """Return how long the good one waits for each of its answers, all of which are right."""
    seconds = []
    for turn in range(number):
        start = time.monotonic()
        status, body, _ = ask(shop, f"{NAME} # {turn} {time.monotonic_ns()}", GOOD)
        seconds.append(time.monotonic() - start)
        assert (status, body) == (200, b"name\r\nAna\r\n")
    return seconds


def strangers() -> Callable[[], str]:
    numbers = count(256)
    return lambda: f"127.1.{(number := next(numbers)) // 256 % 256}.{number % 256}"


@pytest.mark.parametrize(
    ("number", "address"),
    [(4, lambda: BAD), (20, lambda: BAD), (20, strangers())],
    ids=["4 of one", "20 of one", "20 of ever new ones"],
)
def test_good_readers_are_answered_beside_endless_queries(
    shop: Shop, number: int, address: Callable[[], str]
) -> None:
    waits(shop, 10)
    alone = waits(shop, DRAWS)
    with hostile(shop, number, address, []) as statuses:
        # Until the first have been stopped, nobody knows who is who.
        waits(shop, 10)
        before = statuses[EVICTED]
        beside = waits(shop, DRAWS)
        evicted = statuses[EVICTED] - before
    assert set(statuses) <= {429, 503, EVICTED}
    assert statuses[429] + statuses[503] >= number
    # Without strikes, almost every good answer would cost a bad one its worker; without lanes, each
    # would wait for a deadline, a thousand times as long as alone.
    assert evicted < DRAWS / 4
    alone += waits(shop, DRAWS)
    print(
        f"alone {statistics.median(alone):.4f}, beside {statistics.median(beside):.4f}, {evicted}"
    )
    assert statistics.median(beside) < 100 * statistics.median(alone)


def test_pages_and_readiness_go_on_beside_endless_queries_of_the_same_address(shop: Shop) -> None:
    with hostile(shop, 12, lambda: BAD, []):
        for path in ("/ready", "/", "/problems/busy"):
            assert ask(shop, "", BAD, path)[0] == 200
        for _ in range(10):
            status, body, _ = ask(shop, "", BAD, "/ready")
            assert (status, json.loads(body)["status"]) == (200, "ready")


def test_a_client_whose_queries_were_stopped_is_told_when_to_come_again(shop: Shop) -> None:
    refusals: list[Refusal] = []
    with hostile(shop, 14, lambda: BAD, refusals):
        for _ in range(1200):
            if refusals:
                break
            time.sleep(0.05)
        assert ask(shop, NAME, GOOD)[0] == 200
    body, headers = refusals[0]
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert 1 <= int(headers["Retry-After"]) <= 300
    assert json.loads(body) == {
        "type": "http://dialogue.test/problems/too-many-requests",
        "title": "Too many requests",
        "status": 429,
        "detail": "Queries of yours were stopped lately, and others wait already.",
    }


def test_killed_idle_workers_cost_no_client_an_answer(shop: Shop) -> None:
    for _ in range(5):
        for pid in shop.workers():
            # One that was replaced by another may be gone since it was listed.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert ask(shop, "ASK {}", GOOD)[:2] == (200, b"true")
