"""Generations: a new release takes over from the old one, and nobody who asks notices."""

import asyncio
import hashlib
import http.client
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop import MANY, ROWS, Shop, alive, children, command, web

from app.errors import Fault
from app.manifest import Release
from app.release.folder import write
from app.server.lifespan import Lifespan
from app.server.releases import holds_releases, releases

BASE = "https://w3id.org/dialogue/"
PREFIXES = {"ex": "http://example.org/"}


def release(folder: Path, name: str, mark: str, date: str = "2026-01-02") -> Path:
    """Write a whole release in which one triple has this mark."""
    lines = f'<http://example.org/a> <http://example.org/mark> "{mark}" .\n{MANY}'
    digest = hashlib.sha256(lines.encode()).hexdigest()
    manifest = Release("0.1.0", digest, BASE, f"{BASE}dataset", date, "", 3001, PREFIXES)
    write({"dialogue.nq": lines.encode()}, manifest, folder / name)
    return folder / name


def mark(shop: Shop) -> str:
    """Return the mark of the release that answers."""
    answer = shop.ask("SELECT ?m { ?a ex:mark ?m }", accept="text/csv")
    assert answer.status_code == 200
    return answer.text.split()[1]


def until(condition: Callable[[], bool]) -> None:
    for _ in range(2400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError


def generation(shop: Shop) -> dict[str, object]:
    """Return what the server says of its generations."""
    return dict(web.get(f"{shop.url}ready").json()["generation"])


def test_the_newest_whole_release_of_a_folder_is_served(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    release(folder, "b", "older", "2026-01-01")
    release(folder, "a", "newest", "2026-02-01")
    (folder / "c").mkdir()
    shutil.copy2(folder / "a" / "release.json", folder / "c")
    with command(folder, cwd=tmp_path) as shop:
        assert mark(shop) == "newest"
        assert generation(shop)["release"] == "a"
        assert generation(shop)["faults"] == []
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "c"]


def test_one_that_appears_whole_takes_over_and_a_damaged_one_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    release(folder, "1", "one")
    with command(folder, cwd=tmp_path) as shop:
        assert mark(shop) == "one"
        loader = children(shop.pid)
        # It is copied piece by piece, its list before its data.
        made = release(tmp_path / "made", "2", "two", "2026-01-03")
        (folder / "2").mkdir()
        for name in ("SHA256SUMS", "release.json"):
            shutil.copy2(made / name, folder / "2" / name)
        until(lambda: generation(shop)["faults"] != [])
        assert generation(shop)["faults"] == [
            "2: not whole: dialogue.nq: No such file or directory"
        ]
        assert mark(shop) == "one"
        shutil.copy2(made / "dialogue.nq", folder / "2" / "dialogue.nq")
        until(lambda: mark(shop) == "two")
        # The old one has no processes any more.
        until(lambda: not any(alive(pid) for pid in loader))
        # Which is known a moment after they have ended.
        until(lambda: generation(shop)["draining"] == 0)
        assert generation(shop) | {"digest": ""} == {
            "number": 2,
            "release": "2",
            "digest": "",
            "store": "memory",
            "draining": 0,
            "doing": "",
            "faults": [],
            "opened": [],
        }
        # One that is damaged changes nothing, and is told of until it is mended.
        made = release(tmp_path / "made", "3", "three", "2026-01-04")
        (made / "dialogue.nq").write_bytes((made / "dialogue.nq").read_bytes()[:-1])
        made.rename(folder / "3")
        until(lambda: generation(shop)["faults"] != [])
        assert generation(shop)["faults"] == ["3: damaged: dialogue.nq is not what SHA256SUMS says"]
        assert (mark(shop), generation(shop)["number"]) == ("two", 2)
        assert shop.log.read_text().count("damaged: dialogue.nq is not") == 1
        # An older one is no reason to change.
        release(folder, "0", "zero", "2026-01-01")
        shutil.rmtree(folder / "3")
        until(lambda: generation(shop)["faults"] == [])
        assert (mark(shop), generation(shop)["number"]) == ("two", 2)


def test_a_folder_without_a_whole_release_is_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    (release(folder, "1", "one") / "dialogue.nq").write_text("")
    with (
        pytest.raises(AssertionError, match="holds no whole release") as error,
        command(folder, cwd=tmp_path),
    ):
        pass
    assert f"dialogue: {folder}/1: damaged: dialogue.nq is not what SHA256SUMS says" in str(
        error.value
    )


def test_a_signal_loads_all_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.nt"
    file.write_text('<x:a> <http://example.org/mark> "one" .')
    query = "SELECT ?m { ?a <http://example.org/mark> ?m }"
    with command("a.nt", cwd=tmp_path) as shop:
        assert shop.ask(query, accept="text/csv").text.split() == ["m", "one"]
        file.write_text('<x:a> <http://example.org/mark> "two" .')
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: generation(shop)["number"] == 2)
        assert shop.ask(query, accept="text/csv").text.split() == ["m", "two"]
        # What cannot be read changes nothing.
        file.write_text("<x:a> <x:b> .")
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: generation(shop)["faults"] != [])
        (fault,) = generation(shop)["faults"]  # type: ignore[misc]
        assert fault.startswith("a.nt:1:13: ")
        assert shop.ask(query, accept="text/csv").text.split() == ["m", "two"]
        file.write_text('<x:a> <http://example.org/mark> "three" .')
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: generation(shop)["number"] == 3)
        assert generation(shop)["faults"] == []
        assert shop.ask(query, accept="text/csv").text.split() == ["m", "three"]


def test_a_signal_where_there_is_nothing_new_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    release(folder, "1", "one", "2026-01-01")
    release(folder, "2", "two", "2026-01-02")

    def signalled() -> tuple[object, str, list[int]]:
        """Return the number of the generation, its mark and its processes after one more signal."""
        lines = shop.log.read_text().count
        before = lines("no other release"), lines("what was read of it stays")
        os.kill(shop.pid, signal.SIGHUP)
        until(
            lambda: (
                (lines := shop.log.read_text().count)
                and (lines("no other release"), lines("what was read of it stays")) != before
            )
        )
        until(lambda: generation(shop)["doing"] == "")
        return generation(shop)["number"], mark(shop), children(shop.pid)

    with command(folder, cwd=tmp_path) as shop:
        unchanged = 1, mark(shop), children(shop.pid)
        assert signalled() == unchanged
        # A newer one that is damaged is no reason, and is told of.
        made = release(tmp_path / "made", "3", "three", "2026-01-03")
        (made / "dialogue.nq").write_bytes(b"")
        made.rename(folder / "3")
        assert signalled() == unchanged
        fault = "damaged: dialogue.nq is not what SHA256SUMS says"
        assert generation(shop)["faults"] == [f"3: {fault}"]
        shutil.rmtree(folder / "3")
        # Nor is one that was read whole and is damaged since: an older one is no better.
        (folder / "2" / "dialogue.nq").write_bytes(b"")
        assert signalled() == unchanged
        assert generation(shop)["faults"] == [f"2: {fault}"]
        # To go back, it is removed.
        shutil.rmtree(folder / "2")
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: mark(shop) == "one")
        assert generation(shop)["number"] == 2


def test_a_file_that_is_the_same_is_loaded_once(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text('<x:a> <http://example.org/mark> "one" .')
    with command("a.nt", cwd=tmp_path) as shop:
        # What it says of itself is written a second later.
        until(lambda: bool([*(tmp_path / "cache").rglob("void.ttl")]))
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: "no other release" in shop.log.read_text())
        assert generation(shop)["number"] == 1


@contextmanager
def asking(shop: Shop, clients: int) -> Iterator[list[tuple[int, str]]]:
    """Let clients ask all the time, each by its own connection, and yield what they get."""
    answers: list[tuple[int, str]] = []
    stop = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
        query = "SELECT ?m (COUNT(*) AS ?n) { ?a ex:mark ?m . ?b ex:number ?x } GROUP BY ?m"
        headers = {"Accept": "text/csv", "Content-Type": "application/sparql-query"}
        number = 0
        while not stop.is_set():
            number += 1
            text = f"{query} # {threading.get_ident()} {number}"
            try:
                connection.request("POST", "/sparql", text, headers)
                response = connection.getresponse()
                answers.append((response.status, response.read().decode()))
            except OSError as error:
                answers.append((0, repr(error)))
                return
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_ten_swaps_under_load_fail_nobody(tmp_path: Path) -> None:
    swaps = int(os.environ.get("DIALOGUE_DRAWS", "10"))
    folder = tmp_path / "releases"
    release(folder, "0", "m0")
    with command(folder, cwd=tmp_path, DIALOGUE_QUERY_SECONDS="60") as shop:
        with asking(shop, 3) as answers:
            for number in range(1, swaps + 1):
                release(folder, f"{number:04}", f"m{number}", f"2026-02-{number % 28 + 1:02}")
                shutil.rmtree(folder / (f"{number - 1:04}" if number > 1 else "0"))
                # Whoever has copied a release says so; to be found takes two looks.
                os.kill(shop.pid, signal.SIGHUP)
                count = len(answers)
                until(lambda number=number: mark(shop) == f"m{number}")
                until(lambda count=count: len(answers) > count)
        assert {status for status, _ in answers} == {200}
        # Each answer is whole, and of one release.
        texts = {f"m,n\r\nm{number},3000\r\n" for number in range(swaps + 1)}
        assert {text for _, text in answers} <= texts
        assert len({text for _, text in answers}) > swaps // 2
        until(lambda: generation(shop)["draining"] == 0)
        # One loader is left, that of the last one.
        assert len(children(shop.pid)) == 1


def test_an_answer_that_is_being_read_runs_on_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    release(folder, "1", "one")
    with command(folder, cwd=tmp_path, DIALOGUE_QUERY_SECONDS="60") as shop:
        body = f"{ROWS} LIMIT 300000"
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
        headers = {"Accept": "text/tab-separated-values"}
        headers["Content-Type"] = "application/sparql-query"
        connection.request("POST", "/sparql", body, headers)
        response = connection.getresponse()
        read = response.read(1000)
        (loader,) = children(shop.pid)
        release(folder, "2", "two", "2026-01-03")
        until(lambda: mark(shop) == "two")
        assert generation(shop)["draining"] == 1
        assert alive(loader)
        read += response.read()
        assert read.count(b"\n") == 300_001
        connection.close()
        until(lambda: generation(shop)["draining"] == 0)
        until(lambda: not alive(loader))


def test_a_server_that_ends_ends_the_generations_that_drain_too(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    release(folder, "1", "one")
    with command(folder, cwd=tmp_path) as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
        headers = {"Content-Type": "application/sparql-query"}
        connection.request("POST", "/sparql", ROWS, headers)
        connection.getresponse().read(1000)
        release(folder, "2", "two", "2026-01-03")
        until(lambda: mark(shop) == "two")
        processes = [pid for loader in children(shop.pid) for pid in [loader, *children(loader)]]
        assert len(children(shop.pid)) == 2
        connection.close()
    assert [pid for pid in processes if alive(pid)] == []


def test_releases_are_in_the_order_of_their_days_and_then_of_their_times(tmp_path: Path) -> None:
    assert not holds_releases(tmp_path)
    for name, date, time_ in (
        ("a", "2026-01-02", 3),
        ("b", "2026-01-02", 5),
        ("c", "2026-01-01", 9),
    ):
        os.utime(release(tmp_path, name, name, date) / "SHA256SUMS", (time_, time_))
    (release(tmp_path, "d", "d", "2026-01-09") / "SHA256SUMS").unlink()
    (tmp_path / "e").mkdir()
    assert [found.path.name for found in releases(tmp_path)] == ["b", "a", "c"]
    # One whose manifest is damaged is looked at, by the day on which it was written.
    (tmp_path / "c" / "release.json").write_text("{")
    os.utime(tmp_path / "c" / "SHA256SUMS", (2**31, 2**31))
    assert [found.path.name for found in releases(tmp_path)] == ["c", "b", "a"]
    assert holds_releases(tmp_path)
    assert not holds_releases(tmp_path / "a")


def lives(*, fails: BaseException | None = None, silent: bool = False) -> Callable[..., object]:
    """Return an application whose life goes this way."""
    seen: list[str] = []

    async def app(scope: dict, receive: Callable, send: Callable) -> None:  # type: ignore[type-arg]
        assert scope["type"] == "lifespan"
        seen.append((await receive())["type"])
        if fails:
            await send({"type": "lifespan.startup.failed", "message": "told"})
            raise fails
        if silent:
            return
        await send({"type": "lifespan.startup.complete"})
        seen.append((await receive())["type"])
        await send({"type": "lifespan.shutdown.complete"})

    app.seen = seen  # type: ignore[attr-defined]
    return app


def test_the_life_of_an_application_goes_from_start_to_end() -> None:
    app = lives()

    async def live() -> None:
        life = Lifespan(app)  # type: ignore[arg-type]
        await life.start()
        await life.stop()
        await life.stop()

    asyncio.run(live())
    assert app.seen == ["lifespan.startup", "lifespan.shutdown"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (lives(fails=Fault("the release is damaged")), "the release is damaged"),
        (lives(silent=True), "the application ended by itself"),
    ],
    ids=["fails", "silent"],
)
def test_an_application_that_does_not_start_is_a_fault(
    app: Callable[..., object], words: str
) -> None:
    with pytest.raises(Fault, match=words):
        asyncio.run(Lifespan(app).start())  # type: ignore[arg-type]
