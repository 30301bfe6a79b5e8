"""What waits for a client: in order, in bounds, and given up without a trace."""

import asyncio
import os
import random
import tempfile
from pathlib import Path

import pytest

from app.web.spool import Backlog, SpoolFull, SpoolRoom


def parts(count: int, seed: int) -> list[bytes]:
    chance = random.Random(seed)
    return [os.urandom(1) * chance.randrange(1, 80_000) for _ in range(count)]


async def read(backlog: Backlog, pause: float = 0) -> bytes:
    content = b""
    while (data := await backlog.get()) is not None:
        content += data
        await asyncio.sleep(pause)
    return content


@pytest.mark.parametrize("limit", [0, 100_000, 1_000_000, 10**9])
@pytest.mark.parametrize("pause", [0, 0.002], ids=["quick", "slow"])
def test_what_is_written_is_read_in_order_within_the_room(limit: int, pause: float) -> None:
    written = parts(120, limit)

    async def run() -> int:
        room = SpoolRoom(limit)
        backlog = Backlog(room)
        reader = asyncio.create_task(read(backlog, pause))
        most = 0
        for part in written:
            await backlog.put(part)
            most = max(most, room.used)
            assert room.used * 4 <= limit
        backlog.finish()
        assert await reader == b"".join(written)
        assert backlog.size == sum(map(len, written))
        backlog.close()
        assert room.used == 0
        return most

    most = asyncio.run(run())
    if pause and limit == 10**9:
        assert most > 1_000_000


def test_who_has_no_reader_is_told_that_the_room_is_full() -> None:
    async def run() -> None:
        room = SpoolRoom(4_000_000)
        backlog = Backlog(room, whole=True)
        with pytest.raises(SpoolFull):
            while True:
                await backlog.put(b"x" * 50_000)
        # Some in memory, and a quarter of the room.
        assert 1_400_000 < backlog.size < 1_700_000
        backlog.close()
        assert room.used == 0

    asyncio.run(run())


def test_who_waits_to_write_is_told_when_nobody_will_read() -> None:
    async def run() -> None:
        backlog = Backlog(SpoolRoom(0))
        await backlog.put(b"x" * 600_000)
        writer = asyncio.create_task(backlog.put(b"y"))
        await asyncio.sleep(0.01)
        assert not writer.done()
        backlog.close()
        with pytest.raises(SpoolFull):
            await writer

    asyncio.run(run())


def test_a_disk_that_takes_nothing_is_as_no_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))

    async def run() -> None:
        room = SpoolRoom(10**9)
        backlog = Backlog(room)
        reader = asyncio.create_task(read(backlog, 0.001))
        written = parts(60, 7)
        for part in written:
            await backlog.put(part)
            assert room.used == 0
        backlog.finish()
        assert await reader == b"".join(written)

    asyncio.run(run())


def test_what_is_given_up_in_the_middle_leaves_nothing() -> None:
    before = descriptors()

    async def run() -> None:
        room = SpoolRoom(10**9)
        for _ in range(20):
            backlog = Backlog(room)
            await backlog.put(b"x" * 600_000)
            await backlog.put(b"y" * 90_000)
            writer = asyncio.create_task(backlog.put(b"z" * 90_000))
            await asyncio.sleep(0)
            backlog.close()
            await asyncio.gather(writer, return_exceptions=True)
        assert room.used == 0
        await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(run())
    assert [file for file in descriptors() - before if "(deleted)" in file] == []


def descriptors() -> set[str]:
    links = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            links.add(str(link.readlink()))
        except OSError:
            continue
    return links
