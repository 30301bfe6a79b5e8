"""What the benchmark of the endpoint counts: tried, since its figures are believed."""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import generated
import pytest
from bench import measures, queries, servers, trees
from bench.load import Framing, Job, Outcome
from bench.servers import ROOT, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")

SIZED = b"HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"7\r\n0\r\n\r\n12\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("answer", "status"), [(SIZED, 200), (CHUNKED, 503)], ids=["sized", "chunked"]
)
def test_an_answer_ends_where_it_says_and_not_where_it_looks_so(answer: bytes, status: int) -> None:
    for place in range(1, len(answer)):
        framing = Framing()
        assert framing.feed(answer[:place]) is None
        assert framing.feed(answer[place:]) == status
    framing = Framing()
    assert [framing.feed(bytes([byte])) for byte in answer][-1] == status
    assert framing.feed(answer) == status
    assert framing.closing is (status == 503)


def test_more_than_an_answer_is_none() -> None:
    with pytest.raises(ValueError, match="more bytes"):
        Framing().feed(SIZED + b"x")
    with pytest.raises(ValueError, match="without a length"):
        Framing().feed(b"HTTP/1.1 200 OK\r\n\r\n")


def test_a_request_has_its_query_whole_and_its_numbers_to_fill_in() -> None:
    text = queries.request("/sparql?x=1", queries.POINT, close=True)
    line, *fields = text.replace("{n}", "9").replace("{m}", "7").split("\r\n")
    target = line.removeprefix("GET ").removesuffix(" HTTP/1.1")
    asked = dict(urllib.parse.parse_qsl(target.partition("?")[2]))
    whole = queries.PREFIXES + "SELECT ?p ?o { conf:7 ?p ?o } LIMIT 9"
    assert (asked, "Connection: close" in fields) == ({"x": "1", "query": whole}, True)


def test_the_cpu_of_a_tree_has_what_its_children_took() -> None:
    busy = "import time\nwhile time.process_time() < 0.7: pass\n"
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-c', {busy!r}])\n"
        f"child = subprocess.Popen([sys.executable, '-c', {busy + 'time.sleep(60)'!r}])\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    pids = [process.pid]
    try:
        # One child has ended and one has not: both count.
        for _ in range(1200):
            if trees.cpu(process.pid) >= 1:
                break
            time.sleep(0.05)
        assert 1 <= trees.cpu(process.pid) < 3
        pids = trees.tree(process.pid)
        assert len(pids) == 2
        sizes = trees.memory(process.pid)
        assert [size.pid for size in sizes] == pids
        assert all(0 < size.proportional <= size.resident for size in sizes)
    finally:
        for pid in reversed(pids):
            os.kill(pid, 9)
        process.wait()


def constant(folder: Path, job: Job) -> Outcome:
    """Return what a job comes to where every request gets the same bytes."""
    port = servers.free_port()
    script = str(ROOT / "tests/bench/constant.py")
    with started([sys.executable, script, str(port)], folder / "log"):
        measures.listening(port)
        return measures.load(Job(**{**vars(job), "port": port}))


@pytest.mark.parametrize("fresh", [False, True])
def test_a_load_counts_what_it_gets(fresh: bool, tmp_path: Path) -> None:
    requests = [queries.request("/", text, close=fresh) for text in queries.MIX]
    sources = ["127.1.*"] if fresh else ["127.0.0.2", "127.0.0.3"]
    job = Job(0, requests, 0.3, connections=3, sources=sources, fresh=fresh)
    came = constant(tmp_path, job)
    assert came.statuses == {"200": came.answers}
    assert (came.refused, came.cut) == (0, 0)
    assert 0 < came.p50 <= came.p99 <= came.longest
    assert came.received >= 2000 * came.answers
    assert came.seconds >= 0.3


@pytest.mark.parametrize(
    ("statuses", "bad"),
    [
        ({"200": 5, "429": 2, "503": 1}, False),
        ({"200": 5, "400": 1}, True),
        ({"404": 7}, True),
        ({"500": 1}, False),
    ],
)
def test_a_load_whose_requests_are_bad_has_no_figures(statuses: dict[str, int], bad: bool) -> None:
    came = Outcome(1.0, statuses, 0, 1.0, 1.0, 1.0, 100, 0.1)
    program = [sys.executable, "-c", f"print({json.dumps(json.dumps(vars(came)))})"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    if bad:
        with pytest.raises(ValueError, match="refused as bad"):
            measures.outcome(process)
    else:
        assert measures.outcome(process) == came


def test_what_is_asked_of_pages_is_answered_each_time(tmp_path: Path) -> None:
    data = generated.write(tmp_path / "graph.nt", 2000)
    with servers.ours(data, tmp_path) as server:
        for targets in queries.PAGES.values():
            for target, number in itertools.product(targets, (3, 7)):
                # Another address each time, or it would be measured what is kept.
                assert "{n}" in target or "{m}" in target
                text = queries.page(target)
                request = text.replace("{n}", f"{number}").replace("{m}", f"{number}")
                with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
                    sock.sendall(request.encode())
                    framing, status = Framing(), None
                    while status is None:
                        status = framing.feed(sock.recv(2**16))
                assert (target, status) == (target, 200)


def test_who_rests_asks_no_more_often_than_that(tmp_path: Path) -> None:
    job = Job(0, [queries.request("/", queries.POINT)], 1, connections=2, pause=0.2)
    assert 2 <= constant(tmp_path, job).answers <= 12


def test_a_short_run_prints_its_tables(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "tests/benchmark_endpoint.py", "--short", "rows"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "DIALOGUE_TRIPLES": "2000", "DIALOGUE_BENCH": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(" | ") for line in done.stdout.splitlines()]
    rows = [row for row in lines if row[0][2:] in queries.ROWS and row[1].startswith("dialogue")]
    memory = {"repeated": ", from memory"}
    assert [row[:2] for row in rows] == [
        [f"| {name}", f"dialogue{memory.get(name, '')}"] for name in queries.ROWS
    ]
    # Nothing refused, and CPU in all of them.
    assert [row[7] for row in rows] == ["0"] * 4
    assert all(float(row[4]) > 0 for row in rows)
    for name in ("oxigraph", "rdflib-endpoint", "Virtuoso"):
        assert f"- {name}: " in done.stdout
