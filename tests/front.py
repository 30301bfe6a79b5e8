"""A front to try: a small application behind the server's own connections, and raw clients."""

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PARSERS = ("httptools", "h11")
LOOPS = {"httptools": "auto", "h11": "asyncio"}


@dataclass
class Front:
    """A server that runs."""

    port: int
    pid: int
    log: Path

    def get(self, path: str, source: str = "127.0.0.1") -> Any:
        """Return the JSON that a path answers to a connection of its own."""
        head = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        (answer,) = talk(self.port, head, source=source).answers
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def counts(self) -> dict[str, int]:
        """Return the counts of connections, the one that asks left out."""
        counts = self.get("/counts", "127.0.0.99")
        return {**counts, "open": counts["open"] - 1}


@dataclass
class Answer:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True


@dataclass
class Talk:
    """What came back, and how it ended: `closed`, `reset` or `open`."""

    answers: list[Answer] = field(default_factory=list)
    end: str = "open"

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    """Return a connection from an address of this machine."""
    return socket.create_connection(("127.0.0.1", port), 30, (source, 0))


def talk(
    port: int, *pieces: bytes, source: str = "127.0.0.1", wait: float = 30, pause: float = 0
) -> Talk:
    """Send pieces and return what comes back until the server closes, or is silent for `wait`."""
    with connect(port, source) as sock:
        with contextlib.suppress(OSError):
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(pause)
        return listen_to(sock, wait)


def listen_to(sock: socket.socket, wait: float = 30) -> Talk:
    """Return what comes back until the server closes, or is silent for `wait` seconds."""
    pieces, end = [], "closed"
    sock.settimeout(wait)
    try:
        while piece := sock.recv(65536):
            pieces.append(piece)
    except TimeoutError:
        end = "open"
    except OSError:
        end = "reset"
    return Talk(list(answers(b"".join(pieces))), end)


def answers(data: bytes) -> Iterator[Answer]:
    """Yield the answers in what a server sent; those to HEAD have no body by their own word."""
    while data:
        head, found, rest = data.partition(b"\r\n\r\n")
        assert found, data[:100]
        start, *lines = head.decode("latin-1").split("\r\n")
        assert start.startswith("HTTP/1.1 "), start[:100]
        status = int(start.split(" ")[1])
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
        if status == 100:
            data = rest
            continue
        if "content-length" in headers and status != 304:
            length = int(headers["content-length"])
            whole, body, data = len(rest) >= length, rest[:length], rest[length:]
        elif headers.get("transfer-encoding") == "chunked":
            whole, body, data = _chunks(rest)
        else:
            whole, body, data = True, b"", rest
        yield Answer(status, headers, body, whole)


def _chunks(data: bytes) -> tuple[bool, bytes, bytes]:
    parts, at = [], 0
    while (end := data.find(b"\r\n", at)) >= 0:
        length = int(data[at:end], 16)
        at = end + 2
        if not length:
            return True, b"".join(parts), data[at + 2 :]
        parts.append(data[at : at + length])
        at += length + 2
    return False, b"".join(parts), b""


@contextlib.contextmanager
def front(
    folder: Path, parser: str = "httptools", descriptors: int | None = None, **options: Any
) -> Iterator[Front]:
    """Serve the small application until the block ends.

    `options` are settings, `limits` (of ConnectionLimits), `drain_seconds`, and `release`, a folder
    to serve in its place; `descriptors` bounds what the system gives the process.
    """
    log = folder / f"front-{parser}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, __file__, parser, json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
            preexec_fn=None if descriptors is None else _Bound(descriptors),
        )
    assert process.stdout
    line = process.stdout.readline()
    try:
        assert line, log.read_text("utf-8")
        yield Front(int(line), process.pid, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@dataclass
class _Bound:
    descriptors: int

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer what the tests ask."""
    if scope["type"] == "lifespan":
        for name in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{name}.complete"})
        return
    path, query = scope["path"], scope["query_string"].decode()
    connections = scope["state"]["connections"]
    if path == "/counts":
        said = {
            **dataclasses.asdict(connections.counts()),
            "notice": connections.forwarded_notice(),
            "at_once": connections.limits.at_once,
        }
    elif path == "/nodelay":
        sockets = [m.transport.get_extra_info("socket") for m in connections._members()]
        said = [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for s in sockets]
    elif path == "/eager":  # Answers before it has read anything.
        said = {"method": scope["method"]}
    elif path == "/wait":
        await asyncio.sleep(float(query))
        said = {"waited": query}
    elif path == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(int(query)):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})
        return
    else:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message.get("more_body", False)
        said = {
            "method": scope["method"],
            "path": path,
            "query": query,
            "length": len(body),
            "digest": hashlib.sha256(body).hexdigest()[:8],
            "headers": sorted(
                name.decode() for name, _ in scope["headers"] if name not in (b"host",)
            ),
            "host": [v.decode() for n, v in scope["headers"] if n == b"host"],
        }
    text = json.dumps(said).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def main(arguments: Sequence[str]) -> None:
    """Serve until told to end; write the port on standard output."""
    from app.server.front import descriptors
    from app.server.front import server as front
    from app.server.front.connections import ConnectionLimits
    from app.server.port import bind
    from app.settings import Settings

    parser, options = arguments[0], json.loads(arguments[1])
    chosen = {"at_once": descriptors.for_connections(descriptors.raise_limit())}
    chosen |= options.pop("limits", {})
    release = options.pop("release", None)
    drain = options.pop("drain_seconds", 30)
    settings = Settings(public_url="http://dialogue.test/", **options)
    chosen.setdefault("per_client", settings.client_connections)
    sock = bind("127.0.0.1", 0)
    served: Any = application
    if release:
        from app.server.application import create_app

        served = create_app(settings, Path(release))
    server = front.server(
        served,
        settings,
        ConnectionLimits(**chosen),
        parser=parser,
        loop=LOOPS[parser],
        drain_seconds=drain,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(sock.getsockname()[1], flush=True)
    server.run(sockets=[sock])


if __name__ == "__main__":
    main(sys.argv[1:])
