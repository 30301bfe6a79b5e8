"""What is written of requests: one line for each, nothing personal in it, and an id to find it."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from shop import DATA, MANY, SLOW, Shop, lay, serve, web
from starlette.types import Message, Receive, Scope, Send

from app.server.logs import facts_of
from app.server.request_log import RequestCounts, RequestLog
from app.web.notes import note

MADE = re.compile(r"[0-9a-f]{16}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    release = lay(tmp_path_factory.mktemp("shop") / "release")
    with serve(release, DIALOGUE_QUERY_SECONDS="1") as running:
        yield running


def lines(shop: Shop) -> list[dict[str, Any]]:
    """Return the lines of the log that tell of requests."""
    text = shop.log.read_text(encoding="ascii")
    return [
        line for line in map(json.loads, text.splitlines()) if line["logger"] == "dialogue.request"
    ]


def line(shop: Shop, request: str) -> dict[str, Any]:
    """Return the one line that tells of a request."""
    for _ in range(400):
        if found := [line for line in lines(shop) if line["request"] == request]:
            assert len(found) == 1
            return found[0]
        time.sleep(0.01)
    raise AssertionError(f"no line tells of {request}")


def hashed(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:12]


def test_a_request_has_a_line_with_all_that_may_be_known_of_it(shop: Shop) -> None:
    query = "SELECT ?secret { ?secret ?p ?o } LIMIT 3"
    answer = shop.ask(query)
    found = line(shop, answer.headers["x-request-id"])
    moment, took = found.pop("time"), found.pop("ms")
    assert found.pop("cache") in ("hit", "miss")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    assert 0 < took < 30_000
    assert found == {
        "level": "info",
        "logger": "dialogue.request",
        "message": "POST /sparql 200 ok",
        "request": answer.headers["x-request-id"],
        "method": "POST",
        "path": "/sparql",
        "status": 200,
        "outcome": "ok",
        "bytes": len(answer.content),
        "query": hashed(query),
        "query_length": len(query),
    }


@pytest.mark.parametrize(
    ("query", "status", "outcome", "level"),
    [
        ("ASK {}", 200, "ok", "info"),
        ("ASK {", 400, "query-malformed", "info"),
        ("ASK { SERVICE <http://a/> {} }", 403, "federation-disabled", "info"),
        (SLOW, 503, "query-timeout", "warning"),
    ],
)
def test_the_line_tells_how_a_query_ended(
    shop: Shop, query: str, status: int, outcome: str, level: str
) -> None:
    answer = shop.ask(query)
    found = line(shop, answer.headers["x-request-id"])
    assert (answer.status_code, found["status"]) == (status, status)
    assert (found["outcome"], found["level"], found["query"]) == (outcome, level, hashed(query))


def test_what_the_engine_says_of_a_request_carries_its_id(shop: Shop) -> None:
    answer = shop.ask(SLOW)
    request = answer.headers["x-request-id"]
    line(shop, request)
    told = [json.loads(text) for text in shop.log.read_text("ascii").splitlines()]
    (ended,) = [t for t in told if t["logger"] == "dialogue.engine" and t["request"] == request]
    assert re.fullmatch(r"worker \d+ ended: deadline, -9", ended["message"])


@pytest.mark.parametrize(
    ("path", "outcome"), [("no/such", "not-found"), ("sparql?query=ASK", "query-malformed")]
)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_the_kind_of_a_problem_is_known_of_its_page_too(
    shop: Shop, path: str, outcome: str, accept: str
) -> None:
    answer = web.get(shop.url + path, headers={"Accept": accept})
    found = line(shop, answer.headers["x-request-id"])
    assert (found["outcome"], found["path"]) == (outcome, "/" + path.partition("?")[0])
    assert found["bytes"] == len(answer.content)


def test_of_head_no_byte_is_counted(shop: Shop) -> None:
    answer = web.head(f"{shop.url}sparql?query=ASK%7B%7D")
    found = line(shop, answer.headers["x-request-id"])
    assert (found["method"], found["bytes"], found["outcome"]) == ("HEAD", 0, "ok")


@pytest.mark.parametrize("own", ["abcdefgh", "A-1-" * 16, "0" * 8])
def test_an_id_of_the_clients_own_is_used(shop: Shop, own: str) -> None:
    answer = web.get(f"{shop.url}no/such", headers={"X-Request-Id": own})
    assert answer.headers["x-request-id"] == own


@pytest.mark.parametrize(
    "own",
    [
        "",
        "short",
        "a" * 65,
        "abcdefgh\x1b[31m",
        "abcd efgh",
        "abcdefgh\xe9",
        '"abcdefgh"',
        "a" * 9000,
    ],
    ids=range(8),
)
def test_an_id_that_is_none_is_not(shop: Shop, own: str) -> None:
    connection = HTTPConnection("127.0.0.1", shop.port, timeout=10)
    connection.putrequest("GET", "/no/such")
    connection.putheader("X-Request-Id", own.encode("latin-1"))
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 404 or "\x1b" in own  # A parser may refuse a control character.
    if answer.status == 404:
        assert MADE.fullmatch(answer.headers["X-Request-Id"])


def test_two_ids_are_none(shop: Shop) -> None:
    connection = HTTPConnection("127.0.0.1", shop.port, timeout=10)
    connection.putrequest("GET", "/no/such")
    for own in ("abcdefgh", "ijklmnop"):
        connection.putheader("X-Request-Id", own)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    assert MADE.fullmatch(answer.headers["X-Request-Id"])


@pytest.mark.parametrize("path", ["live", "ready", "metrics"])
def test_what_probes_ask_has_an_id_and_no_line(shop: Shop, path: str) -> None:
    request = web.get(shop.url + path).headers["x-request-id"]
    line(shop, web.get(f"{shop.url}no/such").headers["x-request-id"])
    assert request not in shop.log.read_text("ascii")


PAYLOADS = {
    "line feed": "%0aFAKE%20line",
    "carriage return": "%0d%0aFAKE%20line",
    "escape": "%1b%5b2J%1b%5b31mFAKE",
    "string terminator": "%c2%9cFAKE%c2%9b31m",
    "line separator": "%e2%80%a8FAKE%e2%80%a9",
    "right to left": "%e2%80%aeFAKE",
    "not utf-8": "%ff%feFAKE",
    "nul": "%00FAKE",
    "json": "%22%2c%22status%22%3a200%7d",
    "long": "a" * 5000,
}


@pytest.mark.parametrize("choice", ["json", "text"])
def test_whatever_is_asked_is_one_line_of_what_can_be_seen(tmp_path: Path, choice: str) -> None:
    with serve(lay(tmp_path / "release", DATA), DIALOGUE_LOG=choice) as shop:
        web.get(f"{shop.url}no/such")
        before = settled(shop)
        for payload in PAYLOADS.values():
            connection = HTTPConnection("127.0.0.1", shop.port, timeout=10)
            connection.request("GET", f"/{payload}?{payload}", headers={"User-Agent": "Spy"})
            connection.getresponse().read()
            connection.close()
            after = settled(shop, before.count("\n"))
            new = after[len(before) :]
            assert new.count("\n") == 1
            assert new[:-1].isprintable()
            assert len(new) < 1500
            assert "Spy" not in new
            before = after


def settled(shop: Shop, more_than: int = 0) -> str:
    """Return the log once it has more lines than that and grows no more."""
    text, same = "", 0
    for _ in range(400):
        time.sleep(0.02)
        now = shop.log.read_text("utf-8")
        # Lines wait for others for a moment.
        same = same + 1 if now == text else 0
        if same > 9 and now.count("\n") > more_than:
            return now
        text = now
    raise AssertionError(f"no line came: {text}")


def test_nothing_personal_is_written(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA + MANY), DIALOGUE_LOG_REQUESTS="all") as shop:
        headers = {
            "User-Agent": "PrivateBrowser/1",
            "X-Forwarded-For": "203.0.113.77",
            "Referer": "http://private.example/",
            "Cookie": "name=private",
            "Authorization": "Bearer private",
        }
        query = "SELECT * { ?s ?p 'Private Person' }"
        asked = web.get(f"{shop.url}sparql", params={"query": query}, headers=headers)
        web.post(f"{shop.url}sparql", data={"query": query}, headers=headers)
        web.get(f"{shop.url}search", params={"q": "Private Person"}, headers=headers)
        web.get(f"{shop.url}sparql", params={"query": f"{query} oops"}, headers=headers)
        line(shop, asked.headers["x-request-id"])
        text = settled(shop)
        assert text.count('"dialogue.request"') >= 4
        for word in ("rivate", "203.0.113", "127.0.0.1:" + str(shop.port + 1)):
            assert word not in text.replace(f"http://127.0.0.1:{shop.port}", "")


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Shop]:
    with serve(lay(folder / "release", DATA), **settings) as shop:
        yield shop


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("none", []), ("ran", ["/no/such"]), ("all", ["/ready", "/no/such"])],
)
def test_which_requests_have_a_line_is_a_setting(
    tmp_path: Path, choice: str, expected: list[str]
) -> None:
    with served(tmp_path, DIALOGUE_LOG_REQUESTS=choice) as shop:
        asked = [web.get(shop.url + path).headers["x-request-id"] for path in ("ready", "no/such")]
        settled(shop)
        assert [each["path"] for each in lines(shop) if each["request"] in asked] == expected


def test_text_is_for_people(tmp_path: Path) -> None:
    with served(tmp_path, DIALOGUE_LOG="text") as shop:
        answer = shop.ask("ASK {}")
        text = settled(shop)
        (found,) = [each for each in text.splitlines() if "/sparql" in each]
        request = answer.headers["x-request-id"]
        wanted = (
            rf"\d\d:\d\d:\d\d INFO    POST /sparql 200 ok [\d.]+ ms, \d+ bytes miss \({request}\)"
        )
        assert re.fullmatch(wanted, found)
        assert "Uvicorn running on" in text


def test_a_wrong_choice_stops_the_start(tmp_path: Path) -> None:
    wrong: Mapping[str, str] = {"DIALOGUE_LOG": "xml"}
    with (
        pytest.raises(AssertionError, match="DIALOGUE_LOG: Input should be 'text' or 'json'"),
        served(tmp_path, **wrong),
    ):
        pass


def answering(*sent: dict[str, Any], notes: dict[str, object] | None = None) -> dict[str, Any]:
    """Return the facts that are written of a request that an application answers so."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        note(scope, **(notes or {}))
        for message in sent:
            await send(message)

    async def ignore(_: Message) -> None:
        pass

    async def nothing() -> Message:
        return {"type": "http.request"}

    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("dialogue.request")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        scope = {"type": "http", "method": "GET", "path": "/sparql", "headers": []}
        asyncio.run(RequestLog(app, RequestCounts(), ["/sparql"])(scope, nothing, ignore))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    (record,) = records
    return dict(facts_of(record))


START = {"type": "http.response.start", "status": 200}
PART = {"type": "http.response.body", "body": b"abc", "more_body": True}
END = {"type": "http.response.body", "body": b"d"}


@pytest.mark.parametrize(
    ("headers", "cache"),
    [
        ([(b"etag", b'"a"'), (b"server-timing", b"cache;desc=hit")], "hit"),
        ([(b"etag", b'"a"'), (b"server-timing", b"cache;desc=miss;dur=1.0")], "miss"),
        ([(b"etag", b'"a"')], "miss"),
        ([(b"server-timing", b"cache;desc=uncacheable;dur=1.0")], None),
        ([(b"server-timing", b"db;dur=1")], None),
        ([], None),
    ],
    ids=range(6),
)
def test_whether_an_answer_was_kept_is_written(
    headers: list[tuple[bytes, bytes]], cache: str | None
) -> None:
    found = answering({**START, "headers": headers}, END)
    assert (found.get("cache"), found["bytes"], found["outcome"]) == (cache, 1, "ok")


@pytest.mark.parametrize(
    ("sent", "notes", "outcome", "size"),
    [
        ((START, PART, END), {}, "ok", 4),
        ((START, PART), {}, "cut", 3),
        ((START, PART), {"cause": "query-memory"}, "cut", 3),
        ((START, PART), {"left": True}, "client-left", 3),
        ((), {}, "client-left", 0),
        (({**START, "status": 500}, END), {}, "status-500", 1),
        (({**START, "status": 503}, END), {"outcome": "busy"}, "busy", 1),
        (({**START, "status": 304}, END), {}, "not-modified", 1),
        (({**START, "status": 303}, END), {}, "ok", 1),
    ],
    ids=range(9),
)
def test_how_a_request_ended_is_seen_in_what_was_sent(
    sent: tuple[dict[str, Any], ...], notes: dict[str, object], outcome: str, size: int
) -> None:
    found = answering(*sent, notes=notes)
    assert (found["outcome"], found["bytes"]) == (outcome, size)
    assert found.get("cause") == notes.get("cause")


def test_what_is_sent_inside_is_not_changed() -> None:
    start = {**START, "headers": [(b"etag", b'"a"')]}
    answering(start, END)
    assert start == {**START, "headers": [(b"etag", b'"a"')]}


def test_an_answer_from_memory_carries_no_id_of_another_request(shop: Shop) -> None:
    ids = []
    for own in ("first-of-all", "second-of-all"):
        params = {"query": "ASK { ?a ?b ?c }"}
        answer = web.get(f"{shop.url}sparql", params=params, headers={"X-Request-Id": own})
        ids.append(answer.headers.get("x-request-id"))
    assert ids == ["first-of-all", None]
    assert "cache;desc=hit" in answer.headers["server-timing"]
    assert line(shop, "first-of-all")["cache"] == "miss"
    assert "second-of-all" not in shop.log.read_text("ascii")


def test_an_answer_from_memory_has_its_line_where_all_have_one(tmp_path: Path) -> None:
    with served(tmp_path, DIALOGUE_LOG_REQUESTS="all") as shop:
        for own, cache in (("first-of-all", "miss"), ("second-of-all", "hit")):
            params = {"query": "ASK { ?a ?b ?c }"}
            answer = web.get(f"{shop.url}sparql", params=params, headers={"X-Request-Id": own})
            assert answer.headers["x-request-id"] == own
            assert line(shop, own)["cache"] == cache
