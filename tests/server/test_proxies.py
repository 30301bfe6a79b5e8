"""Behind nginx and Caddy, with the files of `deploy/`: a reader sees what it sees without them."""

import asyncio
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from programs import program
from proxies import NAMES, proxy
from shop import DATA, MANY, ROWS, Shop, kill, lay, serve, web
from website import release

# What the way changes: the date, and whether the connection goes on.
OF_THE_WAY = {"date", "server", "via", "connection", "keep-alive", "transfer-encoding"}
READERS, ADDRESSES = 200, 20


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The small record, served to be behind a proxy on this machine."""
    out = release(tmp_path_factory.mktemp("site") / "release")
    with serve(out, DIALOGUE_TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module", params=NAMES)
def front(
    request: pytest.FixtureRequest, shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A proxy before the small record."""
    with proxy(request.param, tmp_path_factory.mktemp(request.param), shop.port) as url:
        yield url


def plain(answer: httpx.Response) -> dict[str, str]:
    """Return the headers of an answer, but for those that the way changes."""
    own = OF_THE_WAY | {"x-request-id", "server-timing"}
    return {name: value for name, value in answer.headers.items() if name not in own}


RESOURCES = {
    "page": ("", {"Accept": "text/html"}),
    "list": ("browse/conference", {"Accept": "text/html"}),
    "absent": ("no/such", {}),
    "problem": ("sparql?query=ASK", {}),
    "rows": ("sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D", {"Accept": "text/csv"}),
    "graph": ("graphs?default", {"Accept": "text/turtle"}),
    "dump": ("dump/dialogue.nq", {}),
    "vocabulary": ("ontology", {"Accept": "text/turtle"}),
    "live": ("live", {}),
}


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", RESOURCES)
def test_an_answer_is_the_same_through_the_proxy(
    shop: Shop, front: str, name: str, method: str, coding: str
) -> None:
    path, headers = RESOURCES[name]
    headers = {**headers, "Accept-Encoding": coding}
    straight = web.request(method, shop.url + path, headers=headers)
    passed = web.request(method, front + path, headers=headers)
    assert (passed.status_code, plain(passed)) == (straight.status_code, plain(straight))
    assert passed.content == straight.content
    if "etag" not in straight.headers:
        return
    kept = {**headers, "If-None-Match": straight.headers["etag"]}
    again = web.request(method, front + path, headers=kept)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == straight.headers["etag"]


def test_a_part_of_a_dump_is_that_part(shop: Shop, front: str) -> None:
    headers = {"Range": "bytes=10-29", "Accept-Encoding": "identity"}
    whole = web.get(f"{shop.url}dump/dialogue.nq", headers={"Accept-Encoding": "identity"})
    part = web.get(f"{front}dump/dialogue.nq", headers=headers)
    assert (part.status_code, part.content) == (206, whole.content[10:30])
    assert part.headers["content-range"] == f"bytes 10-29/{len(whole.content)}"


def test_a_query_of_the_greatest_length_arrives(front: str) -> None:
    query = "ASK {} #" + "x" * 255_000
    headers = {"Content-Type": "application/sparql-query"}
    posted = web.post(f"{front}sparql", content=query, headers=headers)
    assert (posted.status_code, posted.json()["boolean"]) == (200, True)
    long = web.get(f"{front}sparql", params={"query": "ASK {} #" + "x" * 23_000})
    assert (long.status_code, long.json()["boolean"]) == (200, True)


def test_many_readers_from_many_addresses_are_all_answered(shop: Shop, front: str) -> None:
    paths = ["", "browse/conference", "ontology", "sparql?query=SELECT%20*%20%7B%3Fs%20a%20%3Fo%7D"]

    async def read() -> Counter[int]:
        clients = [
            httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(local_address=f"127.0.0.{2 + number}"),
                timeout=120,
            )
            for number in range(ADDRESSES)
        ]
        try:
            answers = await asyncio.gather(
                *(clients[n % ADDRESSES].get(front + paths[n % len(paths)]) for n in range(READERS))
            )
        finally:
            for client in clients:
                await client.aclose()
        assert all(answer.content for answer in answers)
        return Counter(answer.status_code for answer in answers)

    assert asyncio.run(read()) == {200: READERS}


def test_the_figures_are_no_business_of_those_behind_the_proxy(shop: Shop, front: str) -> None:
    assert web.get(f"{shop.url}metrics").status_code == 200
    away = httpx.HTTPTransport(local_address="127.0.0.1")
    with httpx.Client(transport=away) as client:
        for headers in ({}, {"X-Forwarded-For": "127.0.0.5"}):
            answer = client.get(f"{front}metrics", headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (403, 403)


def test_the_id_of_a_request_goes_through(front: str) -> None:
    own = {"X-Request-Id": "of-the-reader-1"}
    assert web.get(f"{front}no/such", headers=own).headers["x-request-id"] == "of-the-reader-1"


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose answers can be long."""
    folder = lay(tmp_path_factory.mktemp("long") / "release", DATA + MANY)
    with serve(folder, DIALOGUE_TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module", params=NAMES)
def long_front(
    request: pytest.FixtureRequest, long: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A proxy before a shop whose answers can be long."""
    with proxy(request.param, tmp_path_factory.mktemp(request.param), long.port) as url:
        yield url


@pytest.fixture
def honest_front(long_front: str, request: pytest.FixtureRequest) -> str:
    """A proxy whose version hands on that an answer was cut; an older one is passed over."""
    if "caddy" in request.node.name:
        told = subprocess.run([program("caddy"), "version"], capture_output=True, text=True)
        version = tuple(map(int, re.findall(r"\d+", told.stdout)[:2]))
        if version < (2, 8):
            pytest.skip(f"docs/operate.md asks for Caddy 2.8 or newer, and here is {told.stdout}")
    return long_front


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_answer_that_is_cut_stays_cut(
    long: Shop, honest_front: str, accept: str, coding: str
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": coding}
    request = {"params": {"query": ROWS}, "headers": headers}
    with web.stream("GET", f"{honest_front}sparql", **request) as answer:  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert "content-length" not in answer.headers
        chunks = answer.iter_raw(1000)
        # The beginning is here long before the end, which is nine million rows away.
        assert next(chunks)
        kill(long.workers())
        with pytest.raises(httpx.RemoteProtocolError):
            for _ in chunks:
                pass


def test_a_reader_that_leaves_frees_its_worker(long: Shop, long_front: str) -> None:
    def left() -> float:
        lines = web.get(f"{long.url}metrics").text.splitlines()
        name = 'dialogue_queries_total{outcome="client-left"} '
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    before = left()
    params = {"query": ROWS}
    with web.stream("GET", f"{long_front}sparql", params=params) as answer:
        next(answer.iter_raw(1000))
    for _ in range(500):
        if left() == before + 1:
            break
        time.sleep(0.02)
    assert left() == before + 1


@pytest.mark.parametrize("name", NAMES)
def test_the_file_names_the_default_port_and_the_trust_it_needs(name: str, tmp_path: Path) -> None:
    file = {"nginx": "nginx.conf", "caddy": "Caddyfile"}[name]
    text = (Path(__file__).resolve().parents[2] / "deploy" / file).read_text("utf-8")
    assert "127.0.0.1:8000" in text
    assert "DIALOGUE_TRUSTED_PROXIES=127.0.0.1" in text
