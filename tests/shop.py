"""A shop to try: a release with few quads, served by a process of its own on a free port."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

# One client for all, since each new one reads the system's certificates; no connection is kept, so
# that every request is a stranger's.
web = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=30)

DATA = """\
<http://example.org/ana> <http://example.org/name> "Ana"@pt .
<http://example.org/ana> <http://example.org/knows> <http://example.org/zoé> .
<http://example.org/a%2Fb> <http://example.org/name> "a%2Fb" .
<http://example.org/odd> <http://example.org/holds> "bell \\u0007" .
<http://example.org/odd> <http://example.org/7> "seven" .
<http://example.org/odd> <http://example.org/part> _:inner .
_:inner <http://example.org/name> "inside" .
<http://example.org/ana> <http://example.org/born> "1950" <http://example.org/g1> .
<http://example.org/ana> <http://example.org/born> "1951" <http://example.org/g2> .
"""
PREFIXES = {"ex": "http://example.org/"}
MANY = "".join(
    f'<http://example.org/n{i}> <http://example.org/number> "{i}" .\n' for i in range(3000)
)
ROWS = "SELECT ?a ?b { ?a ex:number ?x . ?b ex:number ?y . ?c ex:number ?z }"
"""It gives 27,000 million rows: more than the fastest machine writes within any deadline here."""
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def lay(folder: Path, quads: str = DATA + MANY, prefixes: Mapping[str, str] = PREFIXES) -> Path:
    """Write a release with these N-Quads and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dialogue.nq").write_text(quads, encoding="utf-8")
    said = {
        "version": "0.1.0",
        "commit": "",
        "date": "2026-01-02",
        "digest": "0" * 64,
        "base": "https://w3id.org/dialogue/",
        "dataset": "https://w3id.org/dialogue/dataset",
        "quads": quads.count("\n"),
        "prefixes": dict(prefixes),
    }
    (folder / "release.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


@dataclass
class Shop:
    """A server that runs: where, as which process, and what it wrote."""

    url: str
    pid: int
    log: Path

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 80

    def ask(self, query: str, accept: str = "*/*", timeout: float = 30) -> httpx.Response:
        """Return the answer to a query by POST."""
        headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
        url = f"{self.url}sparql"
        return web.post(url, content=query.encode(), headers=headers, timeout=timeout)

    def workers(self) -> list[int]:
        """Return the processes that answer queries now."""
        return [worker for loader in children(self.pid) for worker in children(loader)]


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        except OSError:
            continue
        if int(after_name.split()[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Return whether any thread of a process runs (what waits to be buried does not)."""
    states = []
    try:
        stats = list(Path(f"/proc/{pid}/task").glob("*/stat"))
    except FileNotFoundError:  # it has ended since it was listed
        return False
    for stat in stats:
        with suppress(OSError):
            states.append(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0])
    return any(state not in "ZX" for state in states)


def kill(pids: list[int]) -> None:
    """Kill processes, and wait until they have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while any(alive(pid) for pid in pids):
        time.sleep(0.005)


@contextmanager
def serve(release: Path, **environment: str | None) -> Iterator[Shop]:
    """Serve a release until the block ends.

    `environment` are settings (`DIALOGUE_…`); None takes one away.
    """
    settings = {"DIALOGUE_PUBLIC_URL": "http://dialogue.test/", **environment}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = release / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, __file__, str(release), str(port)],
            stdout=output,
            stderr=output,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parent.parent),
                **{name: value for name, value in settings.items() if value is not None},
            },
        )
    try:
        _await(f"http://127.0.0.1:{port}/ready", process, log)
        yield Shop(f"http://127.0.0.1:{port}/", process.pid, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def command(
    *arguments: str | Path, cwd: Path, ready: bool = True, **settings: str
) -> Iterator[Shop]:
    """Run `dialogue serve` on a free port until the block ends; wait until it is `ready`.

    What it keeps, it keeps in `cwd/cache`.
    """
    log = cwd / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", "0", *map(str, arguments)],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parent.parent),
                "DIALOGUE_CACHE_DIR": str(cwd / "cache"),
                **settings,
            },
        )  # fmt: skip
    try:
        url = _address(process, log)
        shop = Shop(url, process.pid, log)
        _await(f"{url}{'ready' if ready else 'live'}", process, log)
        yield shop
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the address that a server says it listens on."""
    for _ in range(2400):
        if match := re.search(r"running on (http://[^/]+/)", log.read_text(encoding="utf-8")):
            return match[1]
        if process.poll() is not None:
            raise AssertionError(log.read_text(encoding="utf-8"))
        time.sleep(0.025)
    raise AssertionError("the server did not start: " + log.read_text(encoding="utf-8"))


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(2400):
        if process.poll() is not None:
            raise AssertionError(log.read_text(encoding="utf-8"))
        with suppress(httpx.TransportError):
            if web.get(url).status_code == 200:
                return
        time.sleep(0.025)
    raise AssertionError("the server did not start: " + log.read_text(encoding="utf-8"))


if __name__ == "__main__":
    from app import settings
    from app.server import run

    run.run(settings.load(), Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))
