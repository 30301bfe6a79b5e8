"""The servers that are compared: how each is started on a graph, and where it answers.

What is not there is passed over by name: `Absent` says why.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import trees

ROOT = Path(__file__).resolve().parents[2]
OTHERS = Path(os.environ.get("DIALOGUE_BENCH", ROOT / ".bench"))
"""A virtual environment `venv` and unpacked packages of Debian, `root`; `setup.py` makes both."""
_BIN = OTHERS / "venv" / "bin"
GRAPH = "http://graph.example/"


class Absent(Exception):
    """A server is not installed; the message says what is missing."""


@dataclass(frozen=True)
class Server:
    """A server that runs: its name with its version, its process, where it answers queries."""

    name: str
    pid: int
    port: int
    path: str
    seconds: float
    """From its start to its first answer, the loading of the graph included."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(port: int, path: str, query: str, timeout: float = 60) -> bytes:
    """Return the answer to a query as JSON. Raises OSError."""
    joint = "&" if "?" in path else "?"
    quoted = urllib.parse.urlencode({"query": query})
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}{joint}{quoted}",
        headers={"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(asked, timeout=timeout) as answer:
        body: bytes = answer.read()
        return body


@contextmanager
def started(command: list[str], log: Path, **environment: str) -> Iterator[int]:
    """Run a server until the block ends; give its process."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answered(pid: int, port: int, path: str, seconds: float = 300) -> None:
    """Wait until a server answers a query. Raises TimeoutError, or OSError where it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2][0] == "Z":
            raise OSError("the server has ended")
        try:
            ask(port, path, "ASK {}")
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"no answer in {seconds:g} s")


@contextmanager
def ours(data: Path, folder: Path, **environment: str) -> Iterator[Server]:
    """Serve a file by `dialogue serve`; what it keeps, it keeps in `folder`."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), str(data)]
    cache = {"XDG_CACHE_HOME": str(folder / "cache")}
    before = time.monotonic()
    with started(command, folder / "ours.log", **cache, **environment) as pid:
        answered(pid, port, "/sparql")
        yield Server("dialogue", pid, port, "/sparql", time.monotonic() - before)


@contextmanager
def oxigraph(data: Path, folder: Path) -> Iterator[Server]:
    """Serve a file by `oxigraph serve`, from memory."""
    program = _BIN / "oxigraph"
    if not program.exists():
        raise Absent("oxigraph is not installed (--setup)")
    port = free_port()
    command = [str(program), "serve", "--bind", f"127.0.0.1:{port}"]
    before = time.monotonic()
    with started(command, folder / "oxigraph.log") as pid:
        answered(pid, port, "/query")
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/store?default",
            data=data.read_bytes(),
            headers={"Content-Type": "application/n-triples"},
            method="POST",
        )
        urllib.request.urlopen(request, timeout=300).close()
        version = _version([str(program), "--version"])
        yield Server(version, pid, port, "/query", time.monotonic() - before)


NGINX = """\
{user}daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/kept keys_zone=kept:16m max_size=256m use_temp_path=off;
    upstream behind {{ server 127.0.0.1:{upstream}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 100000000;
        location / {{
            proxy_pass http://behind;
            proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_cache kept; proxy_cache_key $request_uri$http_accept;
            proxy_cache_valid 200 1h; proxy_cache_lock on;
        }}
    }}
}}
"""


@contextmanager
def behind_nginx(server: Server, folder: Path) -> Iterator[Server]:
    """Put nginx with a cache before a server that runs."""
    unpacked = OTHERS / "root/usr/sbin/nginx"
    program = str(unpacked) if unpacked.exists() else shutil.which("nginx")
    if not program:
        raise Absent("nginx is not installed (--setup)")
    port = free_port()
    home = folder / f"nginx-{port}"
    home.mkdir()
    settings = home / "nginx.conf"
    # Its workers would else be nobody, who may not write into the folder.
    user = "user root; " if os.geteuid() == 0 else ""
    settings.write_text(NGINX.format(folder=home, port=port, upstream=server.port, user=user))
    command = [program, "-c", str(settings), "-e", str(home / "start.err")]
    before = time.monotonic()
    with started(command, home / "nginx.log") as pid:
        answered(pid, port, server.path, 20)
        version = subprocess.run([program, "-v"], capture_output=True, text=True).stderr
        name = f"{server.name} behind nginx {version.strip().rpartition('/')[2]}’s cache"
        yield Server(name, pid, port, server.path, time.monotonic() - before)


@contextmanager
def rdflib_endpoint(data: Path, folder: Path) -> Iterator[Server]:
    """Serve a file by rdflib-endpoint."""
    program = _BIN / "rdflib-endpoint"
    if not program.exists():
        raise Absent("rdflib-endpoint is not installed (--setup)")
    port = free_port()
    command = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]
    before = time.monotonic()
    with started(command, folder / "rdflib.log") as pid:
        answered(pid, port, "/")
        code = "from importlib.metadata import version as v; print('rdflib-endpoint', "
        name = _version([str(_BIN / "python"), "-c", code + "v('rdflib-endpoint'))"])
        yield Server(name, pid, port, "/", time.monotonic() - before)


VIRTUOSO = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.err
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso.tdb
TransactionFile = {folder}/virtuoso.ttr
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ServerThreads = 100
DirsAllowed = {folder}, {data}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 40
MaxKeepAlives = 40
KeepAliveTimeout = 60
HTTPLogFile =
[SPARQL]
ResultSetMaxRows = 10000000
DefaultGraph = {graph}
"""


@contextmanager
def virtuoso(data: Path, folder: Path) -> Iterator[Server]:
    """Serve a file by Virtuoso."""
    unpacked = OTHERS / "root/usr/bin"
    programs = [
        str(unpacked / name) if (unpacked / name).exists() else shutil.which(name)
        for name in ("virtuoso-t", "isql-vt")
    ]
    program, client = programs
    if not program or not client:
        raise Absent("Virtuoso is not installed (--setup)")
    port, sql = free_port(), free_port()
    home = folder / f"virtuoso-{port}"
    home.mkdir()
    settings = home / "virtuoso.ini"
    settings.write_text(
        VIRTUOSO.format(folder=home, data=data.parent, port=port, sql=sql, graph=GRAPH)
    )
    libraries = ":".join(
        str(OTHERS / "root" / part / f"{os.uname().machine}-linux-gnu")
        for part in ("usr/lib", "lib")
    )
    path = f"/sparql?default-graph-uri={urllib.parse.quote(GRAPH, safe='')}"
    before = time.monotonic()
    with started(
        [program, "+foreground", "+configfile", str(settings)],
        home / "output.log",
        LD_LIBRARY_PATH=libraries,
    ) as pid:
        answered(pid, port, path, 60)
        loading = (
            f"ld_dir('{data.parent}', '{data.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        )
        subprocess.run(
            [client, f"127.0.0.1:{sql}", "dba", "dba", f"exec={loading}"],
            check=True,
            capture_output=True,
            timeout=300,
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
        )
        done = subprocess.run(
            [program, "--help"],
            capture_output=True,
            text=True,
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
        )
        version = (done.stdout + done.stderr).partition("Version ")[2].partition("-")[0]
        yield Server(f"Virtuoso {version}", pid, port, path, time.monotonic() - before)


def _version(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def memory_of(server: Server) -> int:
    """Return the bytes that a server and its descendants take, what they share counted once."""
    return sum(process.proportional for process in trees.memory(server.pid))
