"""The start: the port first, then what is served; what was kept only saves time."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import generated
import pyoxigraph as ox
import pytest
from shop import Shop, alive, children, command, web

ROOT = Path(__file__).resolve().parents[2]
TRIPLES = "".join(f'<http://e.org/s{i % 7}> <http://e.org/p{i % 3}> "{i}" .\n' for i in range(50))
ROWS = "SELECT * { ?s ?p ?o }"


def lay(folder: Path, text: str = TRIPLES, name: str = "a.nt") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def ready(shop: Shop) -> dict[str, object]:
    """Return what the server says of itself."""
    answer = web.get(f"{shop.url}ready")
    assert answer.status_code == 200
    return dict(answer.json())


def until_memory(shop: Shop) -> None:
    """Wait until the release is served from memory."""
    for _ in range(2400):
        if ready(shop)["store"] == "memory":
            return
        time.sleep(0.025)
    raise AssertionError(ready(shop))


def rows(shop: Shop) -> list[str]:
    """Return all triples, in an order of their own."""
    return sorted(shop.ask(ROWS, accept="text/csv").text.splitlines())


def kept(folder: Path, kind: str) -> list[Path]:
    """Return the contents of one kind that are kept."""
    return sorted((folder / "cache").glob(f"{kind}-*/content"))


def all_children(pid: int) -> list[int]:
    return [c for child in children(pid) for c in [child, *all_children(child)]]


def feed(pipe: Path) -> None:
    """Give a pipe's reader a text, and put a file with the same text in the place of the pipe."""
    file = lay(pipe.parent, TRIPLES, "b.nt")
    with pipe.open("w") as writing:
        file.replace(pipe)
        writing.write(TRIPLES)


def test_the_port_answers_before_anything_is_loaded(tmp_path: Path) -> None:
    # Nobody writes into this file yet, so that to read it takes until then.
    os.mkfifo(tmp_path / "a.nt")
    with command("a.nt", cwd=tmp_path, ready=False) as shop:
        live = web.get(f"{shop.url}live")
        assert (live.status_code, live.json()) == (200, {"status": "live"})
        assert web.head(f"{shop.url}live").status_code == 200
        for path in ("ready", "sparql?query=ASK%7B%7D", "", "doc/a/b"):
            answer = web.get(f"{shop.url}{path}")
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.json() == {
                "type": f"{shop.url}problems/not-ready",
                "title": "The server is not ready",
                "status": 503,
                "detail": "Starting.",
            }
        assert web.post(f"{shop.url}live").status_code == 503
        feed(tmp_path / "a.nt")
        for _ in range(2400):
            if web.get(f"{shop.url}ready").status_code == 200:
                break
            time.sleep(0.025)
        assert len(rows(shop)) == 51
        assert web.get(f"{shop.url}doc/a/b").status_code == 404


def test_a_server_that_is_ended_while_it_loads_ends_at_once_with_all_it_started(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "a.nt")
    with command("a.nt", cwd=tmp_path, ready=False) as shop:
        started = all_children(shop.pid)
        assert started != []
        os.kill(shop.pid, signal.SIGTERM)
        for _ in range(400):
            if not alive(shop.pid):
                break
            time.sleep(0.025)
        assert not alive(shop.pid)
        assert [pid for pid in started if alive(pid)] == []
    assert "Traceback" not in shop.log.read_text()
    assert kept(tmp_path, "rdf") == []


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    # To read this would never end.
    os.mkfifo(tmp_path / "a.nt")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "serve", "--port", port, "a.nt"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"dialogue: port {port} of 127.0.0.1 cannot be had: another program listens there; "
        "choose another with --port\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<x:a> <x:b> .", "dialogue: a.ttl:1:13: "),
        ("", "dialogue: a.ttl: the file is empty\n"),
    ],
    ids=["broken", "empty"],
)
def test_what_cannot_be_read_ends_the_server_with_its_place(
    tmp_path: Path, text: str, words: str
) -> None:
    lay(tmp_path, text, "a.ttl")
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--port", "0", "a.ttl"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DIALOGUE_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(words.strip())
    assert "Traceback" not in done.stderr


def test_what_kills_its_reader_is_told_and_leaves_no_release(tmp_path: Path) -> None:
    # A term within a term, so often that a parser which recurses ends its process.
    depth = 200_000
    text = f"<x:s> <x:p> {'<<( <x:s> <x:p> ' * depth}<x:o>{' )>>' * depth} ."
    lay(tmp_path, text)
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--port", "0", "a.nt"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DIALOGUE_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("dialogue: ")
    assert kept(tmp_path, "rdf") == []


def test_what_was_read_is_kept_by_its_content(tmp_path: Path) -> None:
    file = lay(tmp_path)
    with command("a.nt", cwd=tmp_path) as shop:
        first, digest = rows(shop), ready(shop)["release"]
    (release,) = kept(tmp_path, "rdf")
    made = (release / "release.json").stat().st_mtime_ns
    os.utime(file)
    with command("a.nt", cwd=tmp_path) as shop:
        assert (rows(shop), ready(shop)["release"]) == (first, digest)
    assert kept(tmp_path, "rdf") == [release]
    assert (release / "release.json").stat().st_mtime_ns == made
    lay(tmp_path, TRIPLES.replace('"1"', '"one"'))
    with command("a.nt", cwd=tmp_path) as shop:
        assert rows(shop) != first
    assert len(kept(tmp_path, "rdf")) == 2
    # Nothing was written beside what was read.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nt", "cache", "serve.log"]


@pytest.mark.parametrize("damage", ["truncated", "garbage", "unseen", "gone"])
def test_a_kept_release_that_is_damaged_is_made_anew(tmp_path: Path, damage: str) -> None:
    lay(tmp_path)
    with command("a.nt", cwd=tmp_path) as shop:
        first = rows(shop)
    (release,) = kept(tmp_path, "rdf")
    file = release / "dialogue.nq"
    stat = file.stat()
    content = file.read_bytes()
    if damage == "truncated":
        file.write_bytes(content[:200])
    elif damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content.replace(b'"1"', b'"8"'))
    if damage == "unseen":
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with command("a.nt", cwd=tmp_path) as shop:
        assert rows(shop) == first
    assert file.read_bytes() == content


@pytest.mark.parametrize("place", ["/proc/nothing", "/dev/null"])
def test_where_nothing_can_be_kept_all_is_served_the_same(tmp_path: Path, place: str) -> None:
    lay(tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    settings = {"DIALOGUE_CACHE_DIR": place, "TMPDIR": str(temporary)}
    for store in ("auto", "disk"):
        with command("a.nt", cwd=tmp_path, DIALOGUE_STORE=store, **settings) as shop:
            assert len(rows(shop)) == 51
            assert ready(shop)["store"] == "memory"
            assert [path.name[:9] for path in temporary.iterdir()] == ["dialogue-"]
        assert list(temporary.iterdir()) == []


def test_a_store_on_disk_answers_at_once_and_memory_takes_over(tmp_path: Path) -> None:
    generated.write(tmp_path / "a.nt", 100_000)
    question = "SELECT (COUNT(*) AS ?n) (MIN(?o) AS ?least) { ?s ?p ?o }"
    with command("a.nt", cwd=tmp_path) as shop:
        assert ready(shop)["store"] == "memory"
        expected = shop.ask(question).json()
        for _ in range(2400):
            if kept(tmp_path, "store"):
                break
            time.sleep(0.025)
    assert len(kept(tmp_path, "store")) == 1
    with command("a.nt", cwd=tmp_path) as shop:
        state = ready(shop)
        assert (state["store"], state["quads"]) == ("disk", 100_000)
        # It is being loaded, and every question is answered meanwhile, whoever answers it.
        answered = 0
        while ready(shop)["store"] == "disk":
            assert shop.ask(question).json() == expected
            answered += 1
        assert answered
        assert shop.ask(question).json() == expected
        # Those who had asked the store are answered by it still.
        for _ in range(2400):
            if dict(ready(shop)["generation"])["draining"] == 0:  # type: ignore[call-overload]
                break
            time.sleep(0.025)
        assert ready(shop)["generation"] == {
            "number": 2,
            "release": kept(tmp_path, "rdf")[0].parent.name,
            "digest": ready(shop)["release"],
            "store": "memory",
            "draining": 0,
            "doing": "",
            "faults": [],
            "opened": [],
        }


def test_a_smaller_release_needs_no_store(tmp_path: Path) -> None:
    lay(tmp_path)
    with command("a.nt", cwd=tmp_path) as shop:
        assert ready(shop)["store"] == "memory"
        time.sleep(2)
    assert kept(tmp_path, "store") == []


def test_answers_from_disk_and_from_memory_never_claim_to_be_the_same_bytes(
    tmp_path: Path,
) -> None:
    lay(tmp_path)
    found = {}
    for store in ("memory", "disk"):
        with command("a.nt", cwd=tmp_path, DIALOGUE_STORE=store) as shop:
            assert ready(shop)["store"] == store
            found[store] = shop.ask(ROWS, accept="text/csv"), shop.ask("ASK {}")
            url = f"{shop.url}sparql"
            for other in found:
                tag = found[other][0].headers["etag"]
                again = web.get(
                    url,
                    params={"query": ROWS},
                    headers={"Accept": "text/csv", "If-None-Match": tag},
                )
                assert again.status_code == (304 if other == store else 200)
    memory, disk = found["memory"][0], found["disk"][0]
    assert sorted(memory.text.splitlines()) == sorted(disk.text.splitlines())
    # The order of rows is another one: the same tag would be a lie.
    assert memory.content != disk.content
    assert memory.headers["etag"] != disk.headers["etag"]


@pytest.mark.parametrize("damage", ["truncated", "garbage", "unseen", "empty"])
def test_a_store_that_is_damaged_is_not_asked(tmp_path: Path, damage: str) -> None:
    lay(tmp_path)
    with command("a.nt", cwd=tmp_path, DIALOGUE_STORE="disk") as shop:
        assert ready(shop)["store"] == "disk"
        expected = rows(shop)
    (store,) = kept(tmp_path, "store")
    for file in [path for path in store.iterdir() if path.stat().st_size]:
        stat = file.stat()
        if damage == "empty":
            file.unlink()
        elif damage == "truncated":
            file.write_bytes(file.read_bytes()[: stat.st_size // 2])
        else:
            file.write_bytes(b"\xaa" * stat.st_size)
            if damage == "unseen":
                os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with command("a.nt", cwd=tmp_path, DIALOGUE_STORE="disk") as shop:
        assert rows(shop) == expected
        # What cannot be opened is left out for this time; what was seen to be damaged was remade.
        assert ready(shop)["store"] == ("memory" if damage == "unseen" else "disk")
    with command("a.nt", cwd=tmp_path, DIALOGUE_STORE="disk") as shop:
        assert (rows(shop), ready(shop)["store"]) == (expected, "disk")


def test_a_worker_on_disk_that_is_killed_is_replaced(tmp_path: Path) -> None:
    lay(tmp_path)
    with command("a.nt", cwd=tmp_path, DIALOGUE_STORE="disk") as shop:
        expected = rows(shop)
        for worker in shop.workers():
            os.kill(worker, signal.SIGKILL)
        for _ in range(2400):
            if web.get(f"{shop.url}ready").status_code == 200:
                break
            time.sleep(0.025)
        assert rows(shop) == expected
        refused = shop.ask("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
        assert refused.status_code == 403


def test_a_record_is_kept_in_the_users_cache_and_nothing_is_written_into_it(tmp_path: Path) -> None:
    from small import lay as lay_record

    record = tmp_path / "record"
    lay_record(record)
    before = sorted(record.rglob("*"))
    with command(record, cwd=tmp_path) as shop:
        assert "Building a release of the record" in shop.log.read_text()
        assert shop.ask("ASK { ?c a dlg:Conference }").json()["boolean"] is True
        assert "doing" in json.dumps(ready(shop))
    with command(record, cwd=tmp_path) as shop:
        assert "Building a release of the record" not in shop.log.read_text()
    assert len(kept(tmp_path, "record")) == 1
    assert sorted(record.rglob("*")) == before


def test_a_terminal_is_shown_what_is_loaded_and_a_pipe_is_not(tmp_path: Path) -> None:
    generated.write(tmp_path / "a.nt", 60_000)
    master, slave = os.openpty()
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", "0", "a.nt"],
        cwd=tmp_path, stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DIALOGUE_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    os.close(slave)
    shown = ""
    try:
        while "Loading the release" not in shown:
            shown += os.read(master, 4096).decode()
    finally:
        server.terminate()
        server.wait(20)
        os.close(master)
    assert "Reading a.nt" in shown
    assert "%" in shown
    with command("a.nt", cwd=tmp_path) as shop:
        assert ready(shop)["status"] == "ready"
    assert "Reading" not in shop.log.read_text()
    assert "Loading" not in shop.log.read_text()


def test_what_any_rdf_is_made_of_is_told_after_the_first_answers(tmp_path: Path) -> None:
    lay(tmp_path)

    def description(shop: Shop) -> str:
        for _ in range(2400):
            answer = web.get(f"{shop.url}.well-known/void", headers={"Accept": "text/turtle"})
            if answer.status_code == 200:
                return answer.text
            assert answer.status_code == 404
            time.sleep(0.025)
        raise AssertionError(shop.log.read_text(encoding="utf-8"))

    with command("a.nt", cwd=tmp_path) as shop:
        told = description(shop)
        store = ox.Store()
        store.load(told.encode(), ox.RdfFormat.TURTLE)
        count = len({line for line in TRIPLES.splitlines() if line})
        ask = (
            "PREFIX void: <http://rdfs.org/ns/void#> ASK {{ ?d a void:Dataset ; void:triples {} }}"
        )
        assert bool(store.query(ask.format(count)))
        assert not bool(store.query(ask.format(count + 1)))
    # What was added to what is kept is kept with it.
    with command("a.nt", cwd=tmp_path) as shop:
        first = web.get(f"{shop.url}.well-known/void", headers={"Accept": "text/turtle"})
        assert (first.status_code, first.text) == (200, told)
