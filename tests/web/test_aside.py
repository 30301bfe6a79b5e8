"""What is done beside the event loop: it computes there, and the loop goes on."""

import asyncio
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from app.errors import not_found
from app.web.aside import AT_ONCE, Abandoned, Aside, AsideCache, in_thread
from app.web.cache import ByteCache

NAME: ContextVar[str] = ContextVar("name", default="")


def run(work: Callable[[Aside], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        aside = Aside()
        try:
            await work(aside)
        finally:
            await aside.stop()

    # Applications that other tests made in this process may have threads of the same name.
    before = set(threading.enumerate())
    asyncio.run(whole())
    assert "aside" not in [thread.name for thread in set(threading.enumerate()) - before]


def test_the_loop_goes_on_while_something_computes_and_never_waits() -> None:
    async def work(aside: Aside) -> None:
        begun, goes_on = threading.Event(), threading.Event()

        async def compute() -> str:
            begun.set()
            # Until the loop has had a turn: in the loop itself this would never end.
            assert goes_on.wait(30)
            return NAME.get()

        NAME.set("of who asked")
        task = asyncio.create_task(aside.run(compute))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        goes_on.set()
        assert await task == "of who asked"

    run(work)


def test_few_are_done_at_once_and_all_of_them_in_the_end() -> None:
    async def work(aside: Aside) -> None:
        async def wait() -> int:
            await asyncio.sleep(0.005)
            return 1

        assert sum(await asyncio.gather(*(aside.run(wait) for _ in range(20)))) == 20
        assert (aside.most, aside.running, aside.waiting) == (AT_ONCE, 0, 0)

    run(work)


def test_what_is_to_be_done_at_home_is_done_there() -> None:
    async def work(aside: Aside) -> None:
        async def place() -> str:
            return threading.current_thread().name

        async def inside() -> tuple[str, str]:
            return await place(), await aside.home(place)

        assert await aside.run(inside) == ("aside", "MainThread")
        assert await aside.home(place) == "MainThread"

    run(work)


def test_who_leaves_ends_it_and_what_it_raises_is_raised() -> None:
    async def work(aside: Aside) -> None:
        ended = threading.Event()

        async def endless() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async def refused() -> None:
            raise refusal

        task = asyncio.create_task(aside.run(endless))
        while not aside.running:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await asyncio.to_thread(ended.wait, 30)
        refusal = not_found()
        with pytest.raises(type(refusal)) as raised:
            await aside.run(refused)
        assert raised.value is refusal
        assert (aside.running, aside.waiting) == (0, 0)

    run(work)


def test_one_that_nobody_stops_ends_when_nobody_has_it() -> None:
    async def compute() -> threading.Thread:
        return threading.current_thread()

    async def used() -> threading.Thread:
        return await Aside().run(compute)

    thread = asyncio.run(used())
    gc.collect()
    thread.join(30)
    assert not thread.is_alive()


def test_a_content_is_made_aside_and_once() -> None:
    async def work(aside: Aside) -> None:
        cache, made = AsideCache(ByteCache(16_000), aside), list[str]()

        async def make() -> str:
            made.append(threading.current_thread().name)
            time.sleep(0.01)
            return "content"

        contents = await asyncio.gather(*(cache.through('"a"', make) for _ in range(9)))
        assert {content.body for content in contents} == {b"content"}
        assert made == ["aside"]
        assert cache.get('"a"') == contents[0]

    run(work)


def test_what_is_done_in_a_thread_is_told_when_nobody_waits_for_it() -> None:
    async def work(aside: Aside) -> None:
        begun, told = threading.Event(), threading.Event()

        def endless(go_on: Callable[[], None]) -> None:
            begun.set()
            try:
                while True:
                    go_on()
                    time.sleep(0.001)
            except Abandoned:
                told.set()
                raise

        def short(go_on: Callable[[], None]) -> str:
            go_on()
            return threading.current_thread().name

        def refused(_: Callable[[], None]) -> None:
            raise refusal

        task = asyncio.create_task(aside.run(lambda: in_thread(endless)))
        assert await asyncio.to_thread(begun.wait, 30)
        assert not told.is_set()
        assert await aside.run(lambda: in_thread(short)) not in ("aside", "MainThread")
        task.cancel()
        assert await asyncio.to_thread(told.wait, 30)
        refusal = not_found()
        with pytest.raises(type(refusal)) as raised:
            await aside.run(lambda: in_thread(refused))
        assert raised.value is refusal

    run(work)


ENDLESS = """
import asyncio, threading
from app.web.aside import Aside, in_thread

never, begun = threading.Event(), threading.Event()

def endless(_=None):
    begun.set()
    never.wait()

async def work():
    {work}

async def main():
    aside = Aside()
    task = asyncio.create_task(aside.run(work))
    await asyncio.to_thread(begun.wait)
    await aside.stop()
    print("stopped")

asyncio.run(main())
print("ended")
"""


@pytest.mark.parametrize("work", ["endless()", "await in_thread(endless)"], ids=["aside", "thread"])
def test_the_end_does_not_wait_for_what_does_not_end(work: str) -> None:
    program = [sys.executable, "-c", ENDLESS.format(work=work)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "stopped\nended\n"), ended.stderr
