"""What is kept between two starts: found as it was, or not at all; bounded; in nobody's way."""

import contextlib
import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small import lay

from app.errors import Fault
from app.record.record import FOLDERS
from app.release.cache import Cache, files_name, record_name, store_name

ROOT = Path(__file__).resolve().parents[2]


def of(text: str) -> Callable[[Path], None]:
    """Return what fills a folder with one file."""

    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "file").write_text(text)

    return make


def never(folder: Path) -> None:
    raise AssertionError(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_kept_is_found_with_all_that_is_in_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deep" / "cache", 1000)
    assert cache.find("a") is None
    made = cache.keep("a", of("a text"))
    assert made
    assert (made / "file").read_text() == "a text"
    assert cache.find("a") == made
    assert cache.find("b") is None


@pytest.mark.parametrize("damage", ["truncated", "longer", "garbage", "missing", "more", "stamp"])
def test_what_is_damaged_is_not_found_and_makes_room(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path, 1000)
    folder = cache.keep("a", of("a text"))
    neighbour = cache.keep("b", of("another"))
    assert folder
    file = folder / "file"
    os.utime(file, ns=(1, 1))
    assert cache.find("a") is None
    folder = cache.keep("a", of("a text"))
    assert folder
    if damage == "truncated":
        file.write_text("a te")
    elif damage == "longer":
        file.write_text("a text and more")
    elif damage == "garbage":
        file.write_bytes(b"\x00\xff\x00\xff\x00\xff")
    elif damage == "missing":
        file.unlink()
    elif damage == "more":
        (folder / "other").touch()
    else:
        (folder.parent / "stamp.json").write_text("{")
    assert cache.find("a") is None
    assert names(tmp_path) == ["b"]
    assert cache.find("b") == neighbour
    assert cache.keep("a", of("a text")) == folder


def test_the_ones_not_used_for_longest_go_when_room_is_short(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    for number, name in enumerate("abc"):
        assert cache.keep(name, of("x" * 200))
        stamp = tmp_path / name / "stamp.json"
        for path in (tmp_path / name / "content" / "file", stamp):
            os.utime(path, (number + 1, number + 1))
    # Found again, so that it is used later than the others. Its file has another time now.
    assert cache.find("a") is None
    assert cache.keep("a", of("x" * 200))
    assert cache.keep("d", of("y" * 500))
    assert names(tmp_path) == ["a", "d"]


def test_what_somebody_uses_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    used = cache.keep("a", of("x" * 400))
    assert used
    descriptor = os.open(used, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    assert cache.keep("b", of("y" * 500))
    assert names(tmp_path) == ["a", "b"]
    os.close(descriptor)
    assert cache.keep("c", of("z" * 500))
    assert names(tmp_path) == ["c"]


def test_what_somebody_uses_stays_when_it_is_damaged_or_forgotten(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    used = cache.keep("a", of("a text"))
    assert used
    descriptor = os.open(used, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    cache.forget("a")
    assert cache.find("a") is None
    (used / "more").touch()
    assert cache.find("a") is None
    assert names(used) == ["file", "more"]
    # Another is not kept in its place, and is not lost.
    spare = tmp_path / "spare"
    assert cache.keep("a", of("b text"), lambda made: made.rename(spare)) == spare
    assert ((spare / "file").read_text(), (used / "file").read_text()) == ("b text", "a text")
    assert cache.keep("a", of("b text")) is None
    os.close(descriptor)
    assert cache.keep("a", of("b text")) == used
    assert names(used) == ["file"]
    assert (used / "file").read_text() == "b text"


def test_what_is_added_to_is_found_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path, 1000)
    used = cache.keep("a", of("a text"))
    assert used
    replace, finders = Path.replace, []
    program = (
        "import sys; from pathlib import Path; from app.release.cache import Cache;"
        " print(Cache(Path(sys.argv[1]), 1000).find('a'))"
    )

    def slow(self: Path, target: Path) -> Path:
        done = replace(self, target)
        if target == used / "void.ttl":
            command = [sys.executable, "-c", program, str(tmp_path)]
            finders.append(
                subprocess.Popen(
                    command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
                )
            )
            # It has long looked, unless it waits.
            with contextlib.suppress(subprocess.TimeoutExpired):
                finders[0].wait(2)
        return done

    monkeypatch.setattr(Path, "replace", slow)
    cache.add(used, "void.ttl", b"added")
    (finder,) = finders
    assert finder.communicate(timeout=60)[0].decode() == f"{used}\n"
    assert cache.find("a") == used
    assert names(used) == ["file", "void.ttl"]


def test_what_is_larger_than_all_that_may_be_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    small = cache.keep("small", of("x"))
    assert cache.keep("a", of("x" * 101)) is None
    spare = tmp_path.with_name("spare")
    assert cache.keep("a", of("x" * 101), lambda made: made.rename(spare)) == spare
    assert names(spare) == ["file"]
    assert cache.keep("a", of("x" * 9), never) == tmp_path / "a/content"
    cache.forget("a")
    assert names(tmp_path) == ["small"]
    assert cache.find("small") == small


def test_nothing_is_kept_where_nothing_may_be(tmp_path: Path) -> None:
    assert Cache(tmp_path / "none", 0).keep("a", never) is None
    assert list(tmp_path.iterdir()) == []
    file = tmp_path / "file"
    file.touch()
    assert Cache(file / "below", 100).keep("a", never) is None
    assert Cache(file / "below", 100).find("a") is None


def test_what_could_not_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    def half(error: Exception) -> Callable[[Path], None]:
        def make(folder: Path) -> None:
            of("half")(folder)
            raise error

        return make

    cache = Cache(tmp_path, 100)
    assert cache.keep("a", half(OSError("no space"))) is None
    with pytest.raises(Fault, match=r"a\.ttl:1:1: wrong"):
        cache.keep("a", half(Fault("a.ttl:1:1: wrong")))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_half_made_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    (tmp_path / ".left").mkdir()
    (tmp_path / ".left" / "file").write_text("x" * 1000)
    assert cache.keep("a", of("x"))
    assert names(tmp_path) == ["a"]


def test_of_two_that_make_the_same_the_first_one_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)

    def meanwhile(folder: Path) -> None:
        assert Cache(tmp_path, 1000).keep("a", of("first"))
        of("second")(folder)

    made = cache.keep("a", meanwhile)
    assert made
    assert (made / "file").read_text() == "first"
    assert names(tmp_path) == ["a"]


def test_a_full_disk_is_no_failure(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from app.release.cache import Cache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (4096, {resource.RLIM_INFINITY}))\n"
        "def make(folder):\n"
        "    folder.mkdir()\n"
        "    (folder / 'file').write_bytes(bytes(int(sys.argv[2])))\n"
        "print(Cache(Path(sys.argv[1]), 10**6).keep('a', make) is not None)\n"
    )
    for size, expected in ((5000, "False"), (3000, "True")):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "cache"), str(size)],
            capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert (done.stdout.strip(), done.stderr) == (expected, "")
        assert names(tmp_path / "cache") == (["a"] if expected == "True" else [])


def test_a_record_is_known_by_its_files_and_its_commit(tmp_path: Path) -> None:
    root = lay(tmp_path)
    parts = [root / folder for folder in FOLDERS]
    first = record_name(parts, ("abc", None))
    assert record_name(parts, ("abc", None)) == first
    assert record_name(parts, ("abd", None)) != first
    (root / "README.md").write_text("is no part of it")
    assert record_name(parts, ("abc", None)) == first
    file = root / "data/conferences/one.trig"
    file.write_text(file.read_text().replace("May 19", "May 20"))
    assert record_name(parts, ("abc", None)) != first


@pytest.mark.parametrize("name", ["build.py", "queries/layout.rq", "templates/release.html"])
def test_a_record_is_known_by_all_that_builds_its_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    program = tmp_path / "app"
    monkeypatch.setattr("app.release.cache._PROGRAM", program)
    for other in (name, "static/style.css"):
        (program / other).parent.mkdir(parents=True, exist_ok=True)
        (program / other).write_text("one")
    first = record_name([], ("abc", None))
    (program / "static/style.css").write_text("another")
    assert record_name([], ("abc", None)) == first
    (program / name).write_text("two")
    assert record_name([], ("abc", None)) != first


def test_files_are_known_by_their_content_and_their_place(tmp_path: Path) -> None:
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text("<> <x:p> 1 .")
    two.write_text("<> <x:p> 1 .")
    base = "http://example.org/"
    first = files_name([one], base)
    os.utime(one, (1, 1))
    assert files_name([one], base) == first
    # A relative IRI in it means another thing there.
    assert files_name([two], base) != first
    assert files_name([one, two], base) != files_name([two, one], base)
    assert files_name([one], "http://example.com/") != first
    one.write_text("<> <x:p> 2 .")
    assert files_name([one], base) != first
    with pytest.raises(FileNotFoundError):
        files_name([tmp_path / "gone"], base)


def test_a_store_is_known_by_its_dataset_and_its_engine() -> None:
    assert store_name("a" * 64, "1") != store_name("b" * 64, "1")
    assert store_name("a" * 64, "1") != store_name("a" * 64, "2")


def test_it_lies_where_the_system_has_caches(tmp_path: Path) -> None:
    program = (
        "from app.release.cache import Cache; Cache(None, 9**9).keep('a', lambda f: f.mkdir())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "xdg")}
    environment["HOME"] = str(tmp_path)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert [path.name for path in tmp_path.rglob("a")] == ["a"]
