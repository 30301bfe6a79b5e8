"""What `/ready` tells of a system that lacks what keeps queries apart."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import shop as shops
from proxies import free_port
from shop import DATA, MANY, SLOW, Shop, lay, web

from app import sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
# Refuses calls to this process and all that it starts, as an older kernel or a container would.
POORER = """
import os, sys
from app import sandbox
sandbox._ALIKE["pidfd_open"] = 434
sandbox._ALIKE["madvise"] = {"x86_64": 28, "aarch64": 233}[os.uname().machine]
lacking = sys.argv[1].split(",")
if not sandbox._install(dict.fromkeys(lacking, sandbox.KernelAction.REFUSE)):
    sys.exit("no seccomp here")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


# With and without the kernel's help: nothing may leave the machine, however it is written.
WAYS_OUT = (
    "SELECT * { SERVICE <PLACE> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <PLACE> { ?s ?p ?o } }",
    "PREFIX p: <PLACE> SELECT * { FILTER(1<2)SERVICE p:#>\n { ?s ?p ?o } }",
    "SELECT * { FILTER EXISTS { ServicE <PLACE> { ?s ?p ?o } } }",
)


@contextmanager
def poorer(folder: Path, lacking: str) -> Iterator[Shop]:
    """Serve on a system that lacks these calls, until the block ends."""
    release, port = lay(folder / "release", DATA + MANY), free_port()
    log = release / "server.log"
    root = str(Path(__file__).resolve().parents[2])
    arguments = [lacking, shops.__file__, str(release), str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", POORER, *arguments],
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": root, "DIALOGUE_QUERY_SECONDS": "1"},
        )
    try:
        shops._await(f"http://127.0.0.1:{port}/live", process, log)
        yield Shop(f"http://127.0.0.1:{port}/", process.pid, log)
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    ("lacking", "missing", "isolation"),
    [
        ("ptrace", [], "kernel"),
        ("seccomp", ["seccomp"], "text"),
        ("pidfd_open", ["pidfd"], "kernel"),
        ("madvise", ["memory pre-touch"], "kernel"),
        ("pidfd_open,seccomp", ["pidfd", "seccomp"], "text"),
    ],
)
def test_what_is_missing_is_told_and_queries_are_answered_and_stopped_all_the_same(
    tmp_path: Path, lacking: str, missing: list[str], isolation: str
) -> None:
    here = list(sandbox.missing())
    with poorer(tmp_path, lacking) as shop:
        for _ in range(400):
            if (answer := web.get(f"{shop.url}ready")).status_code == 200:
                break
            time.sleep(0.05)
        state = answer.json()
        assert (state["status"], state["isolation"]) == ("ready", isolation)
        assert sorted(state["missing"]) == sorted({*missing, *here})
        assert shop.ask("ASK {}").status_code == 200
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            elsewhere.settimeout(0.2)
            place = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
            for query in WAYS_OUT:
                assert shop.ask(query.replace("PLACE", place)).status_code == 403, query
            with pytest.raises(TimeoutError):
                elsewhere.accept()
        assert shop.ask(SLOW).status_code == 503
        assert shop.ask("ASK {}").status_code == 200


def test_here_a_process_has_a_handle_and_what_has_ended_has_none() -> None:
    handle = sandbox.handle_of(os.getpid())
    assert (handle is None) == ("pidfd" in sandbox.missing())
    if handle is not None:
        os.close(handle)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert sandbox.handle_of(child.pid) is None
