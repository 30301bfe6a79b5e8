"""The application as a whole: what every response has, and the addresses of those who run it."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from shop import DATA, MANY, Shop, alive, children, lay, serve, web

from app.errors import Fault
from app.server.application import create_app
from app.settings import Settings
from app.web.problems import KINDS

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Dialogue-Rows-Capped, ETag, Link, Retry-After, Server-Timing, X-Request-Id"
    ),
}
DATA_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": "cross-origin",
}
PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src "
    "'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("main"), DATA)) as found:
        yield found


def framed(answer: httpx.Response) -> bool:
    """Return whether a response carries its headers; they must be those of data or of a page."""
    page = answer.headers.get("content-type", "").startswith("text/html")
    expected = {**EVERYWHERE, **(PAGE_HEADERS if page else DATA_HEADERS)}
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "access-control-allow-credentials" not in answer.headers
    assert "server" not in answer.headers
    return page


@pytest.mark.parametrize(
    ("path", "accept", "status", "page"),
    [
        ("live", "*/*", 200, False),
        ("ready", "*/*", 200, False),
        ("openapi.json", "*/*", 200, False),
        ("docs", "text/html", 200, True),
        ("problems/busy", "*/*", 200, False),
        ("problems/busy", "text/html", 200, True),
        ("problems/none", "*/*", 404, False),
        ("problems/none", "text/html", 404, True),
        ("sparql", "*/*", 200, False),
        ("sparql", "text/html", 200, True),
        ("sparql?query=ASK%7B%7D", "*/*", 200, False),
        ("sparql?query=ASK%7B%7D", "text/html", 200, True),
        ("sparql?query=ASK%7B", "*/*", 400, False),
        ("sparql?query=ASK%7B", "text/html", 400, True),
        ("no/such/address", "*/*", 404, False),
        ("no/such/address", "text/html", 404, True),
    ],
)
def test_every_response_is_framed_for_what_it_is(
    shop: Shop, path: str, accept: str, status: int, page: bool
) -> None:
    for method in ("GET", "HEAD"):
        answer = web.request(method, shop.url + path, headers={"Accept": accept})
        assert answer.status_code == status
        assert framed(answer) is page
        assert bool(answer.content) is (method == "GET")


def test_a_server_that_runs_says_so(shop: Shop) -> None:
    answer = web.get(f"{shop.url}live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})
    assert answer.headers["cache-control"] == "no-store"


def test_a_server_that_answers_queries_says_so_and_of_which_release(shop: Shop) -> None:
    answer = web.get(f"{shop.url}ready")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "ready",
        "version": "0.1.0",
        "release": "0" * 64,
        "quads": 9,
        "isolation": "kernel" if sys.platform == "linux" else "text",
        "store": "memory",
        "generation": {
            "number": 1,
            "release": shop.log.parent.name,
            "digest": "0" * 64,
            "store": "memory",
            "draining": 0,
            "doing": "",
            "faults": [],
            "opened": [],
        },
        "missing": answer.json()["missing"],
    }
    # What a kernel lacks is its own; ours has all that keeps processes apart.
    assert set(answer.json()["missing"]) <= {"memory pre-touch", "pidfd"}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_a_server_whose_workers_do_not_answer_is_live_but_not_ready(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release")) as shop:
        stopped: set[int] = set()
        # A worker may be begun meanwhile, until what begins them is stopped as well.
        while running := {*children(shop.pid), *shop.workers()} - stopped:
            for pid in running:
                os.kill(pid, signal.SIGSTOP)
            stopped |= running
        answer = web.get(f"{shop.url}ready", timeout=5)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert answer.json() == {
            "type": "http://dialogue.test/problems/not-ready",
            "title": "The server is not ready",
            "status": 503,
            "detail": "No worker answers.",
        }
        assert web.get(f"{shop.url}live").status_code == 200
        for pid in stopped:
            # Those that were asked have been given up.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_is_explained_at_its_own_address(shop: Shop, kind: str) -> None:
    title, meaning = KINDS[kind]
    answer = web.get(f"{shop.url}problems/{kind}")
    assert answer.json() == {"kind": kind, "title": title, "meaning": meaning}
    assert title.isascii()
    assert meaning.endswith(".")


class Page(HTMLParser):
    """The text of a page, and the addresses that a browser would load for it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag in ("script", "img", "iframe") or (tag == "link" and "href" in given):
            self.loaded.append(given.get("src") or given.get("href") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_for_programmers_loads_nothing_from_elsewhere(shop: Shop) -> None:
    answer = web.get(f"{shop.url}docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert "script" not in page.tags
    for address in page.loaded:
        assert address.startswith("http://dialogue.test/static/") or address.startswith("/static/")
    document = web.get(f"{shop.url}openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert {"/live", "/ready", "/sparql", "/problems/{kind}"} <= document["paths"].keys()
    for path, operations in document["paths"].items():
        assert path in page.text
        for operation in operations.values():
            assert operation["summary"] in page.text
            assert "422" not in operation["responses"]
    problem = document["paths"]["/problems/{kind}"]["get"]["responses"]["400"]
    assert problem["content"] == {"application/problem+json": {}}
    assert document["paths"]["/sparql"].keys() == {"get", "post"}


@pytest.mark.parametrize("path", ["live", "ready", "docs", "openapi.json", "problems/busy"])
def test_options_and_other_methods_are_answered_everywhere(shop: Shop, path: str) -> None:
    options = web.options(shop.url + path)
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == "GET, HEAD, OPTIONS"
    assert framed(options) is False
    refused = web.post(shop.url + path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert refused.json() == {
        "type": "http://dialogue.test/problems/method-not-allowed",
        "title": "The method is not allowed here",
        "status": 405,
        "detail": "This address does not answer to that method; Allow lists those it answers to.",
    }


@pytest.mark.parametrize(
    "path", ["/live", "/ready", "/docs", "/sparql", "/sparql?query=ASK%7B", "/x", "/live/", "//x"]
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_what_a_client_says_of_our_name_is_never_repeated(
    shop: Shop, path: str, accept: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    for name in ("Host", "X-Forwarded-Host", "X-Forwarded-Server"):
        connection.putheader(name, "evil.example")
    connection.putheader("Forwarded", "host=evil.example")
    connection.putheader("Accept", accept)
    connection.endheaders()
    answer = connection.getresponse()
    assert b"evil.example" not in answer.read()
    assert "evil.example" not in str(answer.headers)
    assert not 300 <= answer.status < 400


def test_where_no_address_was_told_it_is_the_one_that_is_listened_on(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA), DIALOGUE_PUBLIC_URL=None) as shop:
        assert web.get(f"{shop.url}x").json()["type"] == f"{shop.url}problems/not-found"


def test_a_bug_of_ours_is_told_without_a_detail(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(public_url="http://dialogue.test/"), lay(tmp_path / "release", DATA))

    @app.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError("the secret place")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/bug")

    answer = asyncio.run(ask())
    assert (answer.status_code, framed(answer)) == (500, False)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "type": "http://dialogue.test/problems/internal",
        "title": "The server made a mistake",
        "status": 500,
        "detail": "The mistake is ours, and has been noted.",
    }
    assert "ZeroDivisionError: the secret place" in caplog.text


def test_to_make_the_application_starts_nothing(tmp_path: Path) -> None:
    before, threads = children(os.getpid()), threading.active_count()
    create_app(Settings(), lay(tmp_path / "release", DATA))
    assert children(os.getpid()) == before
    assert threading.active_count() == threads


def test_a_folder_that_is_no_release_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"not a release: release\.json is missing or damaged"):
        create_app(Settings(), tmp_path)


def ticks(pid: int) -> int:
    """Return how long a process has computed, in the clock ticks of the system."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def test_a_server_that_is_told_to_end_finishes_first_and_leaves_nothing(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA + MANY), DIALOGUE_QUERY_SECONDS="60") as shop:
        pids = [shop.pid, *children(shop.pid), *shop.workers()]
        answers: list[httpx.Response] = []
        query = "SELECT (COUNT(*) AS ?n) { ?a ex:number ?x . ?b ex:number ?y }"
        ask = threading.Thread(target=lambda: answers.append(shop.ask(query, "text/csv", 90)))
        before = sum(map(ticks, shop.workers()))
        ask.start()
        # Until a worker has computed for a while: however busy the machine is, the query runs.
        for _ in range(6000):
            if sum(map(ticks, shop.workers())) > before + 5:
                break
            time.sleep(0.01)
        os.kill(shop.pid, signal.SIGTERM)
        ask.join()
        assert [(a.status_code, a.text) for a in answers] == [(200, "n\r\n9000000\r\n")]
        for _ in range(3000):
            if not any(alive(pid) for pid in pids):
                break
            time.sleep(0.02)
        assert [pid for pid in pids if alive(pid)] == []


HOSTILE_REQUESTS = [
    ("GET", "/sparql?query=%00", {}, b""),
    ("GET", "/sparql?query=" + "%ED%A0%80", {}, b""),
    ("GET", "/sparql?query=ASK%7B%7D&" + "a=b&" * 3000, {}, b""),
    ("GET", "/sparql?" + "&" * 5000, {}, b""),
    ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=%22%3E", {}, b""),
    ("GET", "/sparql?query=ASK%7B%7D", {"Accept": "a" * 8000}, b""),
    ("GET", "/sparql?query=ASK%7B%7D", {"Accept": '"' * 1000}, b""),
    ("GET", "/sparql?query=ASK%7B%7D", {"Accept": "*/*;" * 1000}, b""),
    ("GET", "/sparql?query=ASK%7B%7D", {"If-None-Match": '"' * 999}, b""),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query;" * 100}, b"ASK {}"),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query; charset="}, b"ASK {}"),
    ("POST", "/sparql", {"Content-Type": "application/x-www-form-urlencoded"}, b"&=&==&%&%%%"),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, bytes(range(256))),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"<" * 200_000),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b'"""' + b'"' * 100_000),
    ("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"a-" * 100_000),
    ("GET", "/problems/..%2f..%2fetc%2fpasswd", {}, b""),
    ("GET", "/problems/%00", {}, b""),
    ("OPTIONS", "*", {}, b""),
]


@pytest.mark.parametrize("request_", HOSTILE_REQUESTS, ids=range(len(HOSTILE_REQUESTS)))
def test_no_request_makes_the_server_fail_or_tell_of_itself(
    shop: Shop, request_: tuple[str, str, dict[str, str], bytes]
) -> None:
    method, target, headers, body = request_
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=15)
    connection.request(method, target, body or None, headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    assert answer.status != 500
    assert str(Path(__file__).parents[2]) not in content
    assert "Traceback" not in content
    if answer.status >= 400:
        assert json.loads(content)["status"] == answer.status
    log = shop.log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in log
