"""One connection: what is answered on it, in which order, and when it ends."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from front import PARSERS, Front, Talk, connect, front, listen_to, talk
from heads import REFUSED
from uvicorn.server import ServerState

from app.server.front.connection import protocol
from app.server.front.connections import ConnectionLimits, Connections

QUICK = {
    "head_seconds": 1.0,
    "idle_seconds": 1.5,
    "body_seconds": 3.0,
    "body_grace": 1.0,
    "write_seconds": 3.0,
    "linger_seconds": 1.0,
    "tick_seconds": 0.1,
}
GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module", params=PARSERS)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("front"), request.param) as running:
        yield running


@pytest.fixture(scope="module", params=PARSERS)
def quick(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("quick"), request.param, limits=QUICK) as running:
        yield running


def refused(outcome: Talk, status: int, kind: str) -> None:
    """Hold an outcome against one refusal, told as a problem, and a connection that closes."""
    assert (outcome.statuses, outcome.end) == ([status], "closed")
    (answer,) = outcome.answers
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.whole
    problem = json.loads(answer.body)
    assert problem["type"] == f"http://dialogue.test/problems/{kind}"
    assert problem["status"] == status


KINDS = {
    400: "request-malformed",
    414: "address-too-long",
    431: "head-too-large",
    501: "not-implemented",
    505: "protocol-version",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_and_the_connection_closes(shop: Front, name: str) -> None:
    text, status = REFUSED[name]
    # What follows on the connection is never read: it could be the rest of what we did not see.
    refused(talk(shop.port, text + b"\r\n" + GET), status, KINDS[status])
    assert talk(shop.port, LAST).statuses == [200]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /\r\n", 400),
        (b"GET / HTTP/1.1\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\n\n", 400),
        (b"\nGET / HTTP/1.1\r\n", 400),
        (b"\0", 400),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 400),
        (b"PRI * HTTP/2.0\r\n", 505),
        (b"GET /" + b"a" * 30_000, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 12_000, 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 70_000, 431),
    ],
    ids=[
        "TLS",
        "HTTP/0.9",
        "LF",
        "LF LF",
        "LF first",
        "NUL",
        "SSH",
        "HTTP/2",
        "target",
        "fields",
        "field",
    ],
)
def test_what_will_never_be_a_request_is_refused_before_it_ends(
    shop: Front, text: bytes, status: int
) -> None:
    refused(talk(shop.port, text), status, KINDS[status])


def test_a_refusal_of_head_has_no_body(shop: Front) -> None:
    (answer,) = talk(shop.port, b"HEAD / HTTP/1.1\r\n\r\n").answers
    assert (answer.status, answer.body, answer.whole) == (400, b"", False)


@pytest.mark.parametrize("byte_by_byte", [False, True], ids=["at once", "byte by byte"])
def test_requests_are_answered_in_their_order_however_they_arrive(
    shop: Front, byte_by_byte: bool
) -> None:
    sent = (
        b"\r\n"
        + GET
        + b"POST /b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        + b"\r\nPOST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: z\r\n\r\n"
        + b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"
        + b"GET http://b:1/d?e HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
        + LAST
    )
    pieces = [sent[i : i + 1] for i in range(len(sent))] if byte_by_byte else [sent]
    outcome = talk(shop.port, *pieces)
    assert outcome.end == "closed"
    bodies = [json.loads(answer.body) for answer in outcome.answers]
    digest, none = {5: "2cf24dba", 6: "ce06092f"}, "e3b0c442"
    rows = [(b["method"], b["path"], b["query"], b["length"], b["digest"]) for b in bodies]
    assert rows == [
        ("GET", "/a", "", 0, none),
        ("POST", "/b", "c=d", 5, digest[5]),
        ("POST", "/c", "", 6, digest[6]),
        ("OPTIONS", "/", "", 0, none),
        ("GET", "/d", "e", 0, none),
        ("GET", "/last", "", 0, none),
    ]
    # A trailer never becomes a header field, an offer of another protocol is not passed on.
    assert bodies[2]["headers"] == ["transfer-encoding"]
    assert bodies[4]["headers"] == []
    assert [body["host"] for body in bodies] == [["a"]] * 4 + [["b:1"], ["a"]]


def test_many_requests_at_once_are_all_answered(shop: Front) -> None:
    outcome = talk(shop.port, GET * 3000 + LAST)
    assert (len(outcome.answers), set(outcome.statuses), outcome.end) == (3001, {200}, "closed")


def test_what_follows_a_last_request_is_not_read(shop: Front) -> None:
    outcome = talk(shop.port, LAST + GET + b"\0\0\0")
    assert outcome.statuses == [200]


def test_a_good_request_before_a_bad_one_is_answered_first(shop: Front) -> None:
    outcome = talk(shop.port, GET + b"GET /?x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    assert (outcome.statuses, outcome.end) == ([200, 400], "closed")


def test_one_point_zero_is_answered_and_closed(shop: Front) -> None:
    outcome = talk(shop.port, b"GET /x HTTP/1.0\r\n\r\n")
    assert (outcome.statuses, outcome.end) == ([200], "closed")


def test_who_waits_for_our_word_gets_it_before_sending_the_body(shop: Front) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
    with connect(shop.port) as sock:
        sock.sendall(head + b"Connection: close\r\n\r\n")
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        outcome = listen_to(sock)
    assert (outcome.statuses, json.loads(outcome.answers[0].body)["length"]) == ([200], 5)


def test_who_gets_an_answer_instead_of_our_word_sends_no_body_on_this_connection(
    shop: Front,
) -> None:
    head = b"POST /eager HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with connect(shop.port) as sock:
        sock.sendall(head)
        outcome = listen_to(sock)
    assert (outcome.statuses, outcome.end) == ([200], "closed")


def test_a_body_that_nobody_reads_does_not_cost_its_sender_the_answer(shop: Front) -> None:
    head = b"POST /eager HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n"
    outcome = talk(shop.port, head + b"\r\n", b"x" * 3_000_000 + LAST)
    assert (outcome.statuses, outcome.end) == ([200, 200], "closed")
    outcome = talk(shop.port, head + b"Connection: close\r\n\r\n", b"x" * 3_000_000)
    assert outcome.statuses == [200]


def test_a_body_without_end_that_nobody_reads_ends(shop: Front) -> None:
    with connect(shop.port) as sock:
        sock.sendall(b"POST /eager HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(1000):
                sock.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    "body", [b"5\r\nhello", b"x\r\n", b"1\r\nab\r\n"], ids=["cut", "size", "end"]
)
def test_a_body_that_breaks_off_or_is_badly_chunked_is_no_request(shop: Front, body: bytes) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    if body.startswith(b"5"):
        with connect(shop.port) as sock:
            sock.sendall(head + body)
            sock.shutdown(socket.SHUT_WR)
            assert listen_to(sock) == Talk([], "closed")
    else:
        refused(talk(shop.port, head + body), 400, "request-malformed")
    assert talk(shop.port, LAST).statuses == [200]


def test_packets_are_sent_at_once(shop: Front) -> None:
    with connect(shop.port) as other:
        other.sendall(GET)
        other.recv(1)
        assert shop.get("/nodelay")[:2] == [1, 1]


def test_silence_ends_without_a_word_and_half_a_head_with_one(quick: Front) -> None:
    begin = time.monotonic()
    with connect(quick.port) as silent, connect(quick.port) as half, connect(quick.port) as idle:
        half.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        idle.sendall(GET)
        refused(listen_to(half), 408, "request-timeout")
        assert listen_to(silent) == Talk([], "closed")
        outcome = listen_to(idle)
        assert (outcome.statuses, outcome.end) == ([200], "closed")
        assert time.monotonic() - begin >= QUICK["idle_seconds"]
    counts = quick.counts()
    assert (counts["expired_idle"], counts["expired_heads"]) == (2, 1)


def test_the_time_of_a_head_runs_from_its_first_byte_whatever_follows(quick: Front) -> None:
    with connect(quick.port) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")
        sock.settimeout(0.2)
        sent = 0
        while sent < 100:
            sock.sendall(b"x: y\r\n"[sent % 6 : sent % 6 + 1])
            sent += 1
            try:
                assert sock.recv(12) == b"HTTP/1.1 408"
                break
            except TimeoutError:
                continue
        assert sent < 50


def test_a_body_must_keep_its_rate_and_its_time(quick: Front) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
    before = quick.counts()["expired_bodies"]
    # Too slow after a moment of grace.
    refused(talk(quick.port, head, b"x" * 100), 408, "request-timeout")
    # Quick enough, but without end; slower than that is not what this end allows.
    outcome = talk(quick.port, head, *[b"x" * 4000] * 60, pause=0.1)
    refused(outcome, 408, "request-timeout")
    # A body of the same length that arrives in time is read.
    (answer,) = talk(quick.port, head, b"x" * 900_000, wait=1).answers
    assert (answer.status, json.loads(answer.body)["length"]) == (200, 900_000)
    assert quick.counts()["expired_bodies"] - before == 2


def test_the_time_of_an_answer_is_not_the_connections(quick: Front) -> None:
    head = b"GET /wait?4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert talk(quick.port, head).statuses == [200]


def small(port: int) -> socket.socket:
    """Return a connection whose own side holds little, so that reading slowly is felt."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(30)
    sock.connect(("127.0.0.1", port))
    return sock


def test_who_takes_nothing_of_an_answer_loses_it_and_who_takes_little_does_not(
    quick: Front,
) -> None:
    before = quick.counts()["expired_writes"]
    head = b"GET /stream?120 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with small(quick.port) as nothing, small(quick.port) as little:
        nothing.sendall(head)
        little.sendall(head)
        taken = 0
        # The one that reads takes about five times what it must, for longer than the other has.
        for _ in range(60):
            taken += len(little.recv(2048))
            time.sleep(0.1)
        assert quick.counts()["expired_writes"] - before == 1
        with pytest.raises(ConnectionResetError):
            while nothing.recv(65536):
                pass
        last = b""
        while piece := little.recv(65536):
            taken, last = taken + len(piece), (last + piece)[-7:]
        assert (last, taken > 120 * 65536) == (b"\r\n0\r\n\r\n", True)


def test_a_stream_that_is_read_is_whole_however_long_it_is(quick: Front) -> None:
    head = b"GET /stream?200 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    (answer,) = talk(quick.port, head).answers
    assert (answer.whole, len(answer.body)) == (True, 200 * 65536)


@pytest.mark.parametrize("parser", PARSERS)
def test_what_waits_behind_a_request_is_bounded(parser: str) -> None:
    """A client that asks quicker than it is answered waits, whatever it has sent."""

    class Wire(asyncio.Transport):
        reading, closing, written = True, False, 0

        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.written += data.count(b"HTTP/1.1 200")  # type: ignore[union-attr]

        def is_closing(self) -> bool:
            return self.closing

        def pause_reading(self) -> None:
            self.reading = False

        def resume_reading(self) -> None:
            self.reading = True

        def get_write_buffer_size(self) -> int:
            return 0

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    async def most() -> tuple[int, int]:
        config = uvicorn.Config(application, http="h11", access_log=False)
        config.load()
        connections = Connections(ConnectionLimits(at_once=10))
        client, wire = connections.admit("127.0.0.1"), Wire()
        state = ServerState()
        connection = protocol(connections, parser)(
            client, config=config, server_state=state, app_state={}
        )
        connection.connection_made(wire)
        most = 0
        for _ in range(2000):
            if wire.reading:
                connection.data_received(GET * 2000)
            most = max(most, len(connection._input))
            await asyncio.sleep(0)
        return most, wire.written

    waiting, answered = asyncio.run(most())
    assert answered > 200
    assert waiting < 3 * len(GET) * 2000
