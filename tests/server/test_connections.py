"""Who may be connected: shares of clients, what makes room, and a server that stays reachable."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from front import PARSERS, Answer, Front, answers, connect, front, listen_to, talk
from shop import DATA, alive, lay, serve, web
from website import website

from app.errors import Rejected
from app.server.front.connections import ConnectionLimits, Connections
from app.settings import load

DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "0"))
GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
NOTICE = (
    "from an address that is not trusted: all readers count as one; see DIALOGUE_TRUSTED_PROXIES"
)


def wait(seconds: float) -> bytes:
    return f"GET /wait?{seconds} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


@contextlib.contextmanager
def opened(
    shop: Front, count: int, source: str, sent: bytes = b"", *, settle: bool = True
) -> Iterator[list[socket.socket]]:
    """Hold so many connections of an address; `sent` is answered or begun on each.

    To `settle` is to wait until the server knows of each what it is at.
    """
    before = shop.counts() if settle and sent != GET else {}
    with contextlib.ExitStack() as stack:
        sockets = []
        for _ in range(count):
            sock = stack.enter_context(connect(shop.port, source))
            sock.sendall(sent)
            if sent == GET:
                answer = b""
                while not answer.endswith(b"}"):
                    answer += sock.recv(4096)
                assert answer.startswith(b"HTTP/1.1 200")
            sockets.append(sock)
        if before:
            idle = 0 if sent.endswith(b"\r\n\r\n") else count
            expected = before["open"] + count, before["idle"] + idle
            for _ in range(300):
                counts = shop.counts()
                if (counts["open"], counts["idle"]) == expected:
                    break
                time.sleep(0.02)
            else:
                raise AssertionError((expected, counts))
        yield sockets


def lost(sock: socket.socket) -> bool:
    """Return whether the server has ended a connection that it answers nothing on."""
    sock.settimeout(0.3)
    try:
        return sock.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def problem(answer: Answer) -> dict[str, Any]:
    """Return the problem that an answer tells of; it must close the connection."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    document: dict[str, Any] = json.loads(answer.body)
    return document


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("sent", [GET, b"", GET[:20]], ids=["kept alive", "silent", "half a head"])
def test_a_client_with_its_share_loses_its_oldest_idle_connection(
    tmp_path: Path, parser: str, sent: bytes
) -> None:
    with (
        front(tmp_path, parser, client_connections=8) as shop,
        opened(shop, 8, "127.0.0.3", sent) as others,
        opened(shop, 1, "127.0.0.2", wait(3)),
        opened(shop, 7, "127.0.0.2", sent) as mine,
        opened(shop, 3, "127.0.0.2", GET) as new,
    ):
        assert [lost(sock) for sock in mine] == [True] * 3 + [False] * 4
        assert [lost(sock) for sock in [*others, *new]] == [False] * 11
        counts = shop.counts()
        assert (counts["displaced"], counts["refused_client"]) == (3, 0)
        assert counts["clients"] == 3


@pytest.mark.parametrize("parser", PARSERS)
def test_a_client_whose_share_is_at_work_is_refused_and_nobody_else(
    tmp_path: Path, parser: str
) -> None:
    with (
        front(tmp_path, parser, client_connections=8) as shop,
        opened(shop, 8, "127.0.0.2", wait(4)) as mine,
    ):
        for sent in (b"", GET):
            with connect(shop.port, "127.0.0.2") as sock:
                sock.sendall(sent)
                (answer,) = listen_to(sock).answers
            assert (answer.status, answer.headers["retry-after"]) == (429, "5")
            assert problem(answer) == {
                "type": "http://dialogue.test/problems/too-many-requests",
                "title": "Too many requests",
                "status": 429,
                "detail": "This address has 8 connections in use.",
            }
        assert shop.get("/a", "127.0.0.3")["path"] == "/a"
        assert [listen_to(sock).statuses for sock in mine] == [[200]] * 8
        assert shop.get("/a", "127.0.0.2")["path"] == "/a"
        assert shop.counts()["refused_client"] == 2


def test_when_all_are_in_use_the_oldest_idle_one_of_the_heaviest_client_goes(
    tmp_path: Path,
) -> None:
    with (
        front(tmp_path, limits={"at_once": 12}) as shop,
        opened(shop, 2, "127.0.0.4", GET) as oldest,
        opened(shop, 2, "127.0.0.2", wait(5)) as at_work,
        opened(shop, 5, "127.0.0.2", GET) as heaviest,
        opened(shop, 3, "127.0.0.3", GET) as others,
        opened(shop, 2, "127.0.0.5", GET) as new,
    ):
        assert [lost(sock) for sock in heaviest] == [True, True, False, False, False]
        assert [lost(sock) for sock in [*oldest, *others, *new]] == [False] * 7
        assert [listen_to(sock).statuses for sock in at_work] == [[200]] * 2


def test_when_all_are_at_work_who_comes_is_told_so(tmp_path: Path) -> None:
    with (
        front(tmp_path, limits={"at_once": 6}) as shop,
        opened(shop, 3, "127.0.0.2", wait(4)),
        opened(shop, 3, "127.0.0.3", wait(4), settle=False) as others,
    ):
        time.sleep(0.6)
        (answer,) = talk(shop.port, GET, source="127.0.0.4").answers
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        assert problem(answer)["type"] == "http://dialogue.test/problems/busy"
        assert [listen_to(sock).statuses for sock in others] == [[200]] * 3
        assert shop.get("/a", "127.0.0.4")["path"] == "/a"


def ticks(pid: int) -> float:
    """Return the processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to read the time from")
@pytest.mark.parametrize("parser", PARSERS)
def test_a_system_without_descriptors_does_not_make_the_server_spin(
    tmp_path: Path, parser: str
) -> None:
    # The bound is told wrongly, so that the system's own is met.
    with front(tmp_path, parser, descriptors=48, limits={"at_once": 1000}) as shop:
        with opened(shop, 40, "127.0.0.2", settle=False):
            with opened(shop, 12, "127.0.0.3", settle=False):
                time.sleep(0.5)
                before = ticks(shop.pid)
                time.sleep(2)
                assert ticks(shop.pid) - before < 1
            # Who comes last is served, since idle ones go.
            assert shop.get("/a", "127.0.0.4")["path"] == "/a"
        assert shop.counts()["starved"] > 0
    # Each of them, and each try, is told at most a few times.
    assert shop.log.read_text("utf-8").count("No connection can be taken") < 60


def test_connections_are_bounded_by_what_the_system_lets_us_hold(tmp_path: Path) -> None:
    with front(tmp_path, descriptors=200) as shop:
        at_once = shop.counts()["at_once"]
        assert 60 < at_once < 140
        with contextlib.ExitStack() as stack:
            for number in range(2, 8):
                stack.enter_context(opened(shop, 60, f"127.0.0.{number}", GET))
            assert shop.get("/a")["path"] == "/a"
            counts = shop.counts()
        assert (counts["starved"], counts["refused_full"], counts["refused_client"]) == (0, 0, 0)
        assert counts["displaced"] >= 360 - at_once


@pytest.mark.parametrize("parser", PARSERS)
def test_silent_sockets_of_one_address_do_not_slow_others(tmp_path: Path, parser: str) -> None:
    """The long form holds 1,200, as many as took the server down once."""
    many, descriptors = (1200, None) if DRAWS else (250, 150)

    def median(port: int) -> float:
        times = []
        for _ in range(60):
            begin = time.perf_counter()
            assert talk(port, wait(0), source="127.0.0.3").statuses == [200]
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    with front(tmp_path, parser, descriptors) as shop:
        before = median(shop.port)
        with opened(shop, many, "127.0.0.2", settle=False):
            time.sleep(0.4)
            meanwhile = median(shop.port)
            counts = shop.counts()
        assert meanwhile < 5 * before + 0.01
        assert (counts["refused_client"] + counts["displaced"], counts["open"]) == (many - 64, 64)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_trusted_proxy_has_no_share_and_each_whom_it_names_has_one(
    tmp_path: Path, parser: str
) -> None:
    def asked(path: str, name: str) -> bytes:
        head = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: {name}"
        return head.encode() + b"\r\n\r\n"

    settings = {"client_connections": 4, "trusted_proxies": "127.0.0.2"}
    with (
        front(tmp_path, parser, **settings) as shop,
        opened(shop, 20, "127.0.0.2", GET) as idle,
        opened(shop, 4, "127.0.0.2", asked("/wait?4", "198.51.100.1")) as at_work,
    ):
        named = [("198.51.100.1", 429), ("198.51.100.2", 200), ("198.51.100.1, 127.0.0.2", 429)]
        for name, status in named:
            (answer,) = talk(shop.port, asked("/a", name), source="127.0.0.2").answers
            assert answer.status == status
        assert json.loads(answer.body)["detail"] == "4 requests of this address run already."
        assert answer.headers["retry-after"] == "2"
        # A page of another origin may read it, and nobody takes it for anything else.
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        # Who is no proxy cannot take the share of somebody else, nor more than its own.
        assert talk(shop.port, asked("/a", "198.51.100.1"), source="127.0.0.3").statuses == [200]
        assert [lost(sock) for sock in idle] == [False] * 20
        assert [listen_to(sock).statuses for sock in at_work] == [[200]] * 4
        answer = talk(shop.port, asked("/a", "198.51.100.1"), source="127.0.0.2").answers[0]
        assert answer.status == 200


def test_what_a_stranger_forwards_is_told_once(tmp_path: Path) -> None:
    head = b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    with front(tmp_path, trusted_proxies="127.0.0.2") as shop:
        talk(shop.port, head + b"X-Forwarded-For: 192.0.2.1\r\n\r\n", source="127.0.0.2")
        talk(shop.port, head + b"\r\n", source="127.0.0.3")
        counts = shop.get("/counts")
        assert (counts["forwarded"], counts["notice"]) == (0, None)
        for name in (b"X-Forwarded-For: 192.0.2.1", b"forwarded: for=192.0.2.1"):
            talk(shop.port, head + name + b"\r\n\r\n", source="127.0.0.3")
        counts = shop.get("/counts")
        assert (counts["forwarded"], counts["notice"]) == (2, NOTICE)
    assert shop.log.read_text("utf-8").count(f"Forwarded requests come {NOTICE}.") == 1


def test_a_server_behind_a_proxy_that_it_does_not_trust_says_so(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA)) as shop:
        assert "forwarded" not in web.get(f"{shop.url}ready").json()
        web.get(f"{shop.url}live", headers={"X-Forwarded-For": "192.0.2.1"})
        assert web.get(f"{shop.url}ready").json()["forwarded"] == NOTICE
    trusted = {"DIALOGUE_TRUSTED_PROXIES": "127.0.0.0/8"}
    with serve(lay(tmp_path / "again", DATA), **trusted) as shop:
        web.get(f"{shop.url}live", headers={"X-Forwarded-For": "192.0.2.1"})
        assert "forwarded" not in web.get(f"{shop.url}ready").json()


def test_four_hundred_readers_at_once_from_twenty_addresses_are_all_answered(
    tmp_path: Path,
) -> None:
    paths = ["/", "/browse", "/search?q=cimo", "/sparql?query=ASK%7B%7D", "/sparql", "/live"]
    paths += [f"/doc/conference/cimo-16{suffix}" for suffix in ("", ".ttl", ".jsonld", ".html")]

    async def read(port: int, number: int) -> tuple[str, int, bool]:
        path = paths[number // 20 % len(paths)]
        source = (f"127.0.0.{2 + number % 20}", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=source)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        (answer,) = answers(await reader.read())
        writer.close()
        return path, answer.status, answer.whole

    async def crowd(port: int) -> list[tuple[str, int, bool]]:
        return await asyncio.gather(*(read(port, number) for number in range(400)))

    with website(tmp_path / "release") as shop:
        outcomes = asyncio.run(crowd(shop.port))
    assert [outcome for outcome in outcomes if outcome[1:] != (200, True)] == []
    assert len(outcomes) == 400


@pytest.mark.parametrize("parser", PARSERS)
def test_a_server_that_ends_lets_finish_what_can_and_cuts_what_does_not_end(
    tmp_path: Path, parser: str
) -> None:
    stream = b"GET /stream?100000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    with front(tmp_path, parser, drain_seconds=6) as shop:
        with (
            opened(shop, 1, "127.0.0.2", wait(4)) as at_work,
            opened(shop, 3, "127.0.0.2", GET) as idle,
            opened(shop, 3, "127.0.0.2", GET[:20]) as half,
            opened(shop, 1, "127.0.0.2", stream, settle=False) as endless,
        ):
            reading = threading.Thread(target=_drain, args=(endless[0],))
            reading.start()
            os.kill(shop.pid, signal.SIGTERM)
            assert listen_to(at_work[0]).statuses == [200]
            with pytest.raises(ConnectionRefusedError):
                connect(shop.port, "127.0.0.4")
            assert [lost(sock) for sock in [*idle, *half]] == [True] * 6
            reading.join(60)
            assert not reading.is_alive()
        deadline = time.monotonic() + 60
        while alive(shop.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(shop.pid)


def _drain(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while sock.recv(1 << 20):
            pass


def test_the_proxies_that_are_trusted_are_a_list_of_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load().trusted_proxies == ()
    monkeypatch.setenv("DIALOGUE_TRUSTED_PROXIES", "127.0.0.1, fd00::/8")
    assert [str(network) for network in load().trusted_proxies] == ["127.0.0.1/32", "fd00::/8"]


def test_of_more_readers_than_the_share_the_first_are_answered_and_the_rest_are_told(
    tmp_path: Path,
) -> None:
    """Whose request is on its way is never cut off for one that comes later."""

    async def read(port: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(wait(2))
        (answer,) = answers(await reader.read())
        writer.close()
        return answer.status

    async def crowd(port: int) -> list[int]:
        return await asyncio.gather(*(read(port) for _ in range(100)))

    with front(tmp_path) as shop:
        statuses = asyncio.run(crowd(shop.port))
    assert sorted(statuses) == [200] * 64 + [429] * 36


def test_addresses_of_one_household_have_one_share() -> None:
    connections = Connections(ConnectionLimits(at_once=100, per_client=2))
    clients = [connections.admit(f"2001:db8:0:1::{end}") for end in (1, 2)]
    assert clients[0] is clients[1]
    assert clients[0] is not connections.admit("2001:db8:0:2::1")
    assert connections.admit("::ffff:192.0.2.1") is connections.admit("192.0.2.1")
    for address in ("2001:db8:0:1:ffff::", "192.0.2.1"):
        with pytest.raises(Rejected) as refused:
            connections.admit(address)
        assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "5"})
    assert connections.counts().refused_client == 2
