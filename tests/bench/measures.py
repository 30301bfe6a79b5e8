"""The measurements: requests with their CPU, a long answer, good beside hostile, the start."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import queries, servers, trees
from bench.load import Job, Outcome
from bench.servers import Server

_LOAD = Path(__file__).with_name("load.py")


@dataclass(frozen=True)
class Rate:
    """What a server did: answers a second, CPU ms of its processes for each, times in ms."""

    a_second: float
    cpu: float
    p50: float
    p99: float
    refused: int
    load: float
    """The share of a core that the load itself took."""


@dataclass(frozen=True)
class Long:
    """A long answer: ms to its first byte, seconds, bytes, bytes by which the front grew."""

    first: float
    seconds: float
    received: int
    grown: int
    rows: int


@dataclass(frozen=True)
class Start:
    """A start: CPU seconds and seconds to the first SPARQL answer, CPU s until all is quiet."""

    cpu: float
    seconds: float
    settled: float


def start_load(job: Job) -> subprocess.Popen[str]:
    """Start a load in a process of its own."""
    fast = servers.OTHERS / "venv/bin/python"
    process = subprocess.Popen(
        [str(fast) if fast.exists() else sys.executable, str(_LOAD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(json.dumps(asdict(job)))
    process.stdin.close()
    process.stdin = None
    return process


def outcome(process: subprocess.Popen[str], seconds: float = 120) -> Outcome:
    """Return what came of a load, waiting for its end.

    Raises ValueError where requests were refused as bad: that says nothing of what they were to
    ask.
    """
    try:
        output, _ = process.communicate(timeout=seconds)
    finally:
        process.kill()
    came = Outcome(**json.loads(output))
    # That a client asks for too much is what some are to be told.
    if bad := [status for status in came.statuses if status.startswith("4") and status != "429"]:
        raise ValueError(f"requests were refused as bad: {', '.join(bad)}")
    return came


def load(job: Job) -> Outcome:
    """Carry a job out in a process of its own."""
    return outcome(start_load(job), job.seconds + 120)


def rate(
    server: Server, texts: list[str], seconds: float, things: int, pids: tuple[int, ...] = ()
) -> Rate:
    """Return how many of these queries a server answers, and their CPU in it and in `pids`."""
    requests = [queries.request(server.path, text) for text in texts]
    before = [trees.cpu(pid) for pid in (server.pid, *pids)]
    came = load(Job(server.port, requests, seconds, modulo=things))
    spent = sum(trees.cpu(pid) for pid in (server.pid, *pids)) - sum(before)
    answers = max(came.answers, 1)
    return Rate(
        came.answers / came.seconds,
        1000 * spent / answers,
        came.p50,
        came.p99,
        came.refused,
        came.cpu / came.seconds,
    )


def listening(port: int) -> None:
    """Wait until somebody listens on a port. Raises TimeoutError after a minute."""
    for _ in range(3000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def ceiling(folder: Path, seconds: float) -> float:
    """Return how many answers a second the load reads where the server does nothing."""
    port = servers.free_port()
    fast = servers.OTHERS / "venv/bin/python"
    python = str(fast) if fast.exists() else sys.executable
    command = [python, str(_LOAD.with_name("constant.py")), str(port)]
    with servers.started(command, folder / "constant.log"):
        listening(port)
        came = load(Job(port, [queries.request("/", queries.same(queries.COUNT))], seconds))
    return came.answers / came.seconds


def answers(server: Server) -> list[list[str]]:
    """Return the rows of each query of the mix, in an order and a form that all servers share."""
    tables = []
    for query in queries.MIX:
        body = json.loads(servers.ask(server.port, server.path, _whole(query)))
        rows = []
        for row in body["results"]["bindings"]:
            terms = []
            for name, term in sorted(row.items()):
                kind = term["type"].replace("typed-literal", "literal")
                datatype = term.get("datatype", "").removesuffix("XMLSchema#string")
                language = term.get("xml:lang", "").lower()
                terms.append(f"{name} {kind} {term['value']} {datatype} {language}".strip())
            rows.append("; ".join(terms))
        tables.append(sorted(rows))
    return tables


def _whole(query: str) -> str:
    return queries.PREFIXES + queries.same(query)


def long_answer(server: Server, rest: float = 0.0) -> Long:
    """Read a million rows; after the first megabyte the reader rests for so many seconds."""
    before = trees.resident(server.pid)
    most, done = before, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.01):
            most = max(most, trees.resident(server.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        # Never the same, so that nobody has it already.
        text = queries.same(queries.MILLION) + f" # {time.time_ns()}"
        start = time.perf_counter()
        _, target, _ = queries.request(server.path, text).split(" ", 2)
        connection.request("GET", target, headers={"Accept": "application/sparql-results+json"})
        answer = connection.getresponse()
        piece = answer.read1(2**18)
        first = time.perf_counter() - start
        received, rows, rested, tail = 0, 0, False, b""
        while piece:
            received += len(piece)
            # What stands across two pieces counts with the second.
            rows += (tail + piece).count(b'"a":{')
            tail = piece[-4:]
            if rest and not rested and received > 2**20:
                rested = True
                time.sleep(rest)
            piece = answer.read1(2**18)
        seconds = time.perf_counter() - start
        connection.close()
    finally:
        done.set()
        watcher.join()
    return Long(1000 * first, seconds, received, most - before, rows)


def beside(
    server: Server,
    seconds: float,
    hostile: int,
    things: int,
    requests: list[str],
    *,
    fresh: bool = False,
) -> tuple[Outcome, Outcome | None]:
    """Return what two good connections get beside hostile ones, and what those get.

    The good ones come from 127.0.0.2 with queries that all differ; the hostile ones send
    `requests` without end, from 127.0.0.3, or each time from an address that is new.
    """
    bad = None
    if hostile:
        bad = start_load(
            Job(
                server.port,
                requests,
                seconds + 1,
                connections=hostile,
                sources=["127.1.*"] if fresh else ["127.0.0.3"],
                fresh=fresh,
                pause=0.05,
                modulo=things,
            )
        )
        time.sleep(0.3)
    good = load(
        Job(
            server.port,
            [queries.request(server.path, text) for text in queries.MIX],
            seconds,
            connections=2,
            sources=["127.0.0.2"],
            modulo=things,
        )
    )
    return good, outcome(bad) if bad else None


def start(make: Callable[[], AbstractContextManager[Server]]) -> Start:
    """Start a server, and return what its first SPARQL answer and all of its start cost."""
    with make() as server:
        first = trees.cpu(server.pid)
        trees.quiet(server.pid, 60)
        return Start(first, server.seconds, trees.cpu(server.pid))
