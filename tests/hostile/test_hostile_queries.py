"""Hostile queries through a real server: each ends, in time, with an answer or with a problem.

Here each class in one size; with DIALOGUE_DRAWS every class in sizes from 16 to 65,536, and beside
them as many queries as it says, of a class and a size that are drawn by lot.
"""

import math
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from _pytest.mark import ParameterSet
from bench import trees
from hostile.queries import CLASSES
from shop import DATA, MANY, PREFIXES, SLOW, Shop, alive, lay, serve

from app.web.problems import KINDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")

DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "0"))
SECONDS = 1.0
GOOD = "SELECT * { ex:ana ex:name ?name }"
EX = "http://example.org/"
NODES = 3_000
# A chain, and a graph that looks drawn by lot, for paths to get lost in.
LINKS = "".join(f"<{EX}n{i}> <{EX}next> <{EX}n{i + 1}> .\n" for i in range(NODES)) + "".join(
    f"<{EX}n{i % NODES}> <{EX}q> <{EX}n{i * 7919 % NODES * 31 % NODES}> .\n"
    for i in range(3 * NODES)
)


def drawn(number: int) -> ParameterSet:
    """Return a case by its number: a class and a size, small ones as often as large ones."""
    lot = random.Random(number)
    kind = lot.choice(sorted(CLASSES))
    name = lot.choice(sorted(CLASSES[kind]))
    size = round(2 ** lot.uniform(0, math.log2(CLASSES[kind][name].largest)))
    return pytest.param(kind, name, size, id=f"drawn-{number}-{kind}-{name}-{size}")


CASES = [
    pytest.param(kind, name, size, id=f"{kind}-{name}-{size}")
    for kind, classes in CLASSES.items()
    for name, hostile in classes.items()
    for size in hostile.sizes(DRAWS > 0)
] + [drawn(number) for number in range(DRAWS)]


@dataclass
class Stand:
    """A server under attack, and what is known of it from before."""

    shop: Shop
    endless: float
    """Seconds until a query without end has been refused, measured here and now."""
    resident: int
    callers: int = 0

    def ask(self, query: str, address: str) -> tuple[int | None, str, float]:
        """Return status and kind of what a client at an address gets, and how long it took.

        The status is None where the answer was cut, the kind empty where it is no problem.
        """
        start = time.monotonic()
        headers = {"Content-Type": "application/sparql-query"}
        # Ten times as long as a query without end takes, and then it is a hang.
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(transport=transport, timeout=60) as client:
            try:
                answer = client.post(f"{self.shop.url}sparql", content=query, headers=headers)
            except httpx.RemoteProtocolError:
                return None, "", time.monotonic() - start
        kind = ""
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["cache-control"] == "no-store"
            problem = answer.json()
            assert problem["status"] == answer.status_code
            kind = problem["type"].removeprefix("http://dialogue.test/problems/")
            assert str(Path.cwd()) not in answer.text
            assert "panicked" not in answer.text
        return answer.status_code, kind, time.monotonic() - start

    def stranger(self) -> str:
        """Return an address that has not asked yet, so that nobody pays for another's queries."""
        self.callers += 1
        return f"127.2.{self.callers // 250}.{1 + self.callers % 250}"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    release = lay(tmp_path_factory.mktemp("hostile"), DATA + MANY + LINKS)
    settings = {"DIALOGUE_QUERY_SECONDS": f"{SECONDS:g}", "DIALOGUE_WORKER_MEMORY": "256 MiB"}
    with serve(release, **settings) as shop:
        found = Stand(shop, 0, 0)
        for _ in range(2):
            status, kind, found.endless = found.ask(SLOW, found.stranger())
            assert (status, kind) == (503, "query-timeout")
        found.resident = trees.resident(shop.pid)
        yield found
        log = shop.log.read_text("utf-8", errors="replace")
        assert "Traceback" not in log


@pytest.mark.parametrize(("kind", "name", "size"), CASES)
def test_a_hostile_query_ends_in_time_and_harms_nobody(
    stand: Stand, kind: str, name: str, size: int
) -> None:
    query = CLASSES[kind][name].make(size)
    status, problem, seconds = stand.ask(query, stand.stranger())
    if status not in (200, None):
        assert problem in KINDS
        assert problem != "internal"
    # A machine that does other things too is slower with everything.
    assert seconds < 10 * max(stand.endless, SECONDS)
    assert alive(stand.shop.pid)
    assert stand.ask(GOOD, "127.0.0.2")[:2] == (200, "")
    assert trees.resident(stand.shop.pid) - stand.resident < 50_000_000


def test_every_class_tries_what_its_name_says() -> None:
    texts = [h.make(h.size) for classes in CLASSES.values() for h in classes.values()]
    assert len(texts) == len(set(texts)) >= 80
    # What is larger than a query may be is refused unread, and would try nothing.
    assert [text[:60] for text in texts if len(text.encode()) > 256_000] == []
    assert PREFIXES == {"ex": EX}
