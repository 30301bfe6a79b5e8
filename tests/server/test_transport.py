"""What a connection hands to the system: an answer at once, not its head and then its body."""

import http.client
import sys
from pathlib import Path

import pytest
from shop import DATA, lay, serve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="system calls are counted in /proc")
REQUESTS = 300


def writes(pid: int) -> int:
    """Return how often a process has written, to whatever."""
    lines = Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["syscw"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sparql?query=ASK%7B%7D", 200),
        ("HEAD", "/sparql?query=ASK%7B%7D", 200),
    ],
    ids=["from memory", "without a body"],
)
def test_an_answer_is_written_at_once(method: str, path: str, status: int, tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA)) as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)

        def ask() -> None:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            assert (answer.status, body == b"") == (status, method == "HEAD")

        for _ in range(20):
            ask()
        before = writes(shop.pid)
        for _ in range(REQUESTS):
            ask()
        # A head by itself would make it twice as many. What is kept is not logged, so that nothing
        # else is written but now and then.
        assert REQUESTS <= writes(shop.pid) - before < 1.5 * REQUESTS
        connection.close()
