"""The proxies of `deploy/`, run for real: on a free port, in a folder of their own."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from programs import program

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
NAMES = ("nginx", "caddy")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def site(name: str, listen: int, port: int) -> str:
    """Return the site of `deploy/`, listening elsewhere and before another port."""
    text = (DEPLOY / {"nginx": "nginx.conf", "caddy": "Caddyfile"}[name]).read_text("utf-8")
    ours = {
        "nginx": [(r"listen 80;", f"listen 127.0.0.1:{listen};"), (r"127.0.0.1:8000", "BACK")],
        "caddy": [(r"(?m)^dialogue\.example\.org ", f"http://127.0.0.1:{listen} ")],
    }[name]
    for pattern, replacement in [*ours, (r"127\.0\.0\.1:8000|BACK", f"127.0.0.1:{port}")]:
        assert re.search(pattern, text), f"{pattern} is not in the file of {name}"
        text = re.sub(pattern, replacement, text)
    return text


def _nginx(folder: Path, text: str) -> list[str]:
    (folder / "site.conf").write_text(text, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    # Started by root, its processes would be nobody's, who may not enter the folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log warn;\n"
        "events { worker_connections 2048; }\n"
        "http {\naccess_log off;\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        + f"include {folder}/site.conf;\n}}\n",
        encoding="utf-8",
    )
    own = ["-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    return [program("nginx"), *own]


def _caddy(folder: Path, text: str) -> list[str]:
    # Its own port for administration would be the same for every test.
    text = re.sub(r"(?m)^\{$", "{\n\tadmin off\n\tauto_https off", text, count=1)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [
        program("caddy"),
        "run",
        "--config",
        str(folder / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ]


@contextmanager
def proxy(name: str, folder: Path, port: int) -> Iterator[str]:
    """Run a proxy before the server at `port` until the block ends; yield its address."""
    listen = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = {"nginx": _nginx, "caddy": _caddy}[name](folder, site(name, listen, port))
    log = folder / "output.log"
    with log.open("wb") as output:
        home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=home, cwd=folder)
    try:
        for _ in range(400):
            assert process.poll() is None, log.read_text("utf-8")
            try:
                httpx.get(f"http://127.0.0.1:{listen}/live")
            except httpx.TransportError:
                time.sleep(0.025)
            else:
                break
        else:
            raise AssertionError(f"{name} did not start: {log.read_text('utf-8')}")
        yield f"http://127.0.0.1:{listen}/"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
