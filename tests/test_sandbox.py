"""The jail: whatever a query says and however it says it, nothing leaves the machine."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hostile.spellings import FROMS, SERVICES, UPDATES, Listener, spelt
from shop import DATA, Shop, lay, serve, web

from app import sandbox
from app.engine.query import Kind, Query
from app.engine.snapshot import Snapshot
from app.errors import Rejected

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's jail is Linux's")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("jail"), DATA)) as found:
        yield found


@pytest.mark.parametrize("spelling", SERVICES)
@pytest.mark.parametrize("way", ["post", "get"])
def test_no_spelling_of_service_reaches_a_socket(
    shop: Shop, listener: Listener, spelling: str, way: str
) -> None:
    query = spelt(SERVICES[spelling], listener)
    before = listener.hits
    if way == "post":
        answer = shop.ask(query)
    else:
        answer = web.get(f"{shop.url}sparql", params={"query": query}, timeout=30)
    assert listener.hits == before
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "http://dialogue.test/problems/federation-disabled",
        "title": "Federated queries are off",
        "status": 403,
        "detail": "SERVICE is off: a query is answered from this dataset alone, and nothing leaves "
        "this machine.",
    }


RAW = """\
import sys, pyoxigraph
from app import sandbox
if sys.argv[1] == "jailed":
    assert sandbox.close_network()
for query in sys.stdin.read().split("\\0"):
    store = pyoxigraph.Store()
    store.load("<a:a> <a:b> <a:c> <a:g> .", pyoxigraph.RdfFormat.N_QUADS)
    store.load("<a:a> <a:b> <a:c> .", pyoxigraph.RdfFormat.N_QUADS)
    try:
        found = store.query(query)
        list(found) if hasattr(found, "__iter__") else bool(found)
    except (OSError, RuntimeError, SyntaxError) as error:
        assert "secret" not in str(error) or sys.argv[1] != "jailed"
print("done")
"""


@pytest.mark.parametrize("how", ["jailed", "free"])
def test_the_kernel_alone_keeps_every_spelling_in(listener: Listener, how: str) -> None:
    # Free, the engine does call: else the listener would prove nothing.
    queries = "\0".join(spelt(text, listener) for text in SERVICES.values())
    before = listener.hits
    done = subprocess.run(
        [sys.executable, "-c", RAW, how],
        input=queries,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr
    assert (listener.hits == before) is (how == "jailed")


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_refused_by_every_door(shop: Shop, listener: Listener, text: str) -> None:
    before, update, url = listener.hits, spelt(text, listener), f"{shop.url}sparql"
    as_update = {"Content-Type": "application/sparql-update"}
    answers = [
        shop.ask(update),
        web.get(url, params={"query": update}),
        web.get(url, params={"update": update}),
        web.post(url, data={"query": update}),
        web.post(url, data={"update": update}),
        web.post(url, content=update.encode(), headers=as_update),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert {answer.json()["type"] for answer in answers} == {
        "http://dialogue.test/problems/updates-disabled"
    }
    assert listener.hits == before


@pytest.mark.parametrize("text", FROMS)
def test_a_graph_from_elsewhere_is_an_empty_one_and_never_fetched(
    shop: Shop, listener: Listener, text: str
) -> None:
    before = listener.hits
    answer = shop.ask(spelt(text, listener), "application/sparql-results+json, text/csv;q=0.1, */*")
    assert answer.status_code == 200
    # What is ours is answered all the same, and an ASK of nothing is true.
    rows = ["1950"] if "ex:g1" in text else []
    if answer.headers["content-type"] == "application/sparql-results+json":
        bindings = answer.json().get("results", {"bindings": []})["bindings"]
        assert [row["o"]["value"] for row in bindings] == rows
    else:
        assert answer.text.strip() == ""
    assert listener.hits == before


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("graph", ["HERE", "file:///etc/hostname", "http://example.org/none"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_graph_that_the_protocol_names_and_we_lack_is_an_empty_one(
    shop: Shop, listener: Listener, name: str, graph: str, method: str
) -> None:
    before = listener.hits
    fields = {"query": "SELECT * { ?s ?p ?o }", name: spelt(graph, listener)}
    answer = web.request(
        method, f"{shop.url}sparql", **{"params" if method == "GET" else "data": fields}
    )
    assert answer.status_code == 200
    assert answer.json()["results"]["bindings"] == []
    assert listener.hits == before


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("graph", ["relative", "a b"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_the_protocol_names_as_a_graph_must_be_an_iri(
    shop: Shop, name: str, graph: str, method: str
) -> None:
    fields = {"query": "SELECT * { ?s ?p ?o }", name: graph}
    answer = web.request(
        method, f"{shop.url}sparql", **{"params" if method == "GET" else "data": fields}
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "http://dialogue.test/problems/parameters",
        "title": "The parameters are wrong",
        "status": 400,
        "detail": f"“{name}” is an absolute IRI.",
    }


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_a_graph_that_the_protocol_names_with_nothing_is_none(shop: Shop, name: str) -> None:
    plain = {"query": "SELECT ?o { ex:ana ex:name ?o }"}
    answers = [web.get(f"{shop.url}sparql", params={**plain, name: v}) for v in ("", "x:absent")]
    values = [[r["o"]["value"] for r in a.json()["results"]["bindings"]] for a in answers]
    assert values == [["Ana"], []]


JAILED = """\
import os, socket, sys, threading
from app import sandbox
attempts = {
    "socket": socket.socket,
    "file": lambda: open("/etc/hostname"),
    "new file": lambda: os.open("/tmp/x", os.O_CREAT),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "process": os.fork,
    "signal": lambda: os.kill(os.getppid(), 0),
    "deletion": lambda: os.unlink("/tmp/x"),
}
def attempt():
    try:
        attempts[sys.argv[1]]()
    except PermissionError:
        os.write(1, b"refused")
    os._exit(0)
go = threading.Event()
thread = threading.Thread(target=lambda: (go.wait(), attempt()))
thread.start()
assert sandbox.close()
go.set()
thread.join()
"""


@pytest.mark.parametrize(
    ("attempt", "output", "code"),
    [
        ("socket", "", -signal.SIGSYS),
        ("file", "refused", 0),
        ("new file", "refused", 0),
        ("program", "refused", 0),
        ("process", "refused", 0),
        ("signal", "refused", 0),
        ("deletion", "refused", 0),
    ],
)
def test_a_closed_process_can_do_nothing_but_compute(attempt: str, output: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", JAILED, attempt],
        capture_output=True,
        text=True,
        timeout=20,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.stdout, done.stderr, done.returncode) == (output, "", code)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_call_that_is_forbidden_has_a_number_on_each_machine(machine: str) -> None:
    numbers = {**sandbox._NUMBERS[machine], **sandbox._ALIKE}
    assert sandbox._NETWORK | sandbox._COMMANDS | {"openat", "clone", "kill", "seccomp"} <= set(
        numbers
    )
    assert len(set(numbers.values())) == len(numbers)


class Nowhere:
    """A sink of which nothing is expected."""

    def begin(self, kind: Kind, media: str, *, volatile: bool, unchanged: bool) -> None:
        raise AssertionError("the query was run")

    def write(self, data: bytes) -> int:
        raise AssertionError("the query was answered")


@pytest.mark.parametrize("spelling", SERVICES)
def test_where_the_kernel_does_not_help_the_very_word_is_refused(spelling: str) -> None:
    snapshot = Snapshot(ox.Store(), "https://w3id.org/dialogue/", {})
    assert not snapshot.sealed
    query = SERVICES[spelling].replace("HERE", "http://127.0.0.1:9/").replace("PORT", "9")
    with pytest.raises(Rejected) as refused:
        snapshot.evaluate(Query(query, dict.fromkeys(Kind, "text/csv")), Nowhere())
    assert (refused.value.status, refused.value.kind) == (403, "federation-disabled")


def test_a_worker_has_no_file_of_its_own_and_cannot_outgrow_its_limits(shop: Shop) -> None:
    shop.ask("ASK {}")
    for worker in shop.workers():
        limits = Path(f"/proc/{worker}/limits").read_text(encoding="ascii").splitlines()
        values = {line[:26].strip(): line[26:].split()[0] for line in limits[1:]}
        assert values["Max file size"] == "0"
        assert values["Max core file size"] == "0"
        assert 2**30 < int(values["Max address space"]) < 3 * 2**30
        status = Path(f"/proc/{worker}/status").read_text(encoding="utf-8")
        assert "NoNewPrivs:\t1" in status
        threads = [*Path(f"/proc/{worker}/task").iterdir()]
        assert len(threads) == 2
        opened = sorted(str(file.readlink()) for file in Path(f"/proc/{worker}/fd").iterdir())
        assert opened[:3] == ["/dev/null"] * 3
