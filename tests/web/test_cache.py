"""What is kept stays within its bound, and what many ask for at once is made once."""

import asyncio
import gc
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Rejected, not_found, too_many_requests
from app.web.cache import ByteCache, Content, Head
from app.web.flights import Flights

KEYS = st.sampled_from([f'"{n}"' for n in range(12)])
SIZES = st.integers(0, 3000)


@given(st.lists(st.tuples(st.booleans(), KEYS, SIZES)), st.integers(0, 12_000))
def test_what_is_kept_never_takes_more_than_its_room(
    steps: list[tuple[bool, str, int]], limit: int
) -> None:
    cache = ByteCache(limit)
    # The same by its definition: what was used last stays, as far as there is room.
    model: OrderedDict[str, int] = OrderedDict()
    for put, key, size in steps:
        if put:
            room = size + 400 + len(key)
            assert cache.put(key, Content(b"x" * size)) is (room * 8 <= limit)
            if room * 8 <= limit and key not in model:
                model[key] = size
                while sum(s + 400 + len(k) for k, s in model.items()) > limit:
                    model.popitem(last=False)
        else:
            content = cache.get(key)
            assert (content and content.size) == model.get(key)
            if key in model:
                model.move_to_end(key)
        counts = cache.counts()
        assert counts.entries == len(model)
        assert counts.bytes == sum(s + 400 + len(k) for k, s in model.items())
        assert counts.bytes <= counts.limit == limit


def test_heads_and_contents_share_the_room() -> None:
    cache = ByteCache(16_000)
    head = Head([(b"etag", b'"0"')], [], '"0"', '"0"')
    for number in range(20):
        assert cache.put((str(number),), head)
        assert cache.put(f'"{number}"', Content(b"x" * 1000))
    counts = cache.counts()
    assert 14_000 < counts.bytes <= 16_000
    assert counts.entries + counts.evicted == 40
    assert cache.get(("19",)) == head
    assert cache.get(("0",)) is None


def test_what_a_tag_names_is_never_replaced() -> None:
    cache = ByteCache(16_000)
    assert cache.put('"a"', Content(b"first"))
    assert cache.put('"a"', Content(b"second"))
    assert cache.get('"a"') == Content(b"first")


def test_what_many_ask_for_at_once_is_made_once() -> None:
    made = []

    async def make() -> str:
        made.append(1)
        await asyncio.sleep(0.01)
        return "content"

    async def run() -> None:
        cache = ByteCache(16_000)
        contents = await asyncio.gather(*(cache.through('"a"', make) for _ in range(9)))
        assert {content.body for content in contents} == {b"content"}
        assert (len(made), cache.counts().shared) == (1, 8)
        assert (await cache.through('"a"', make)).body == b"content"
        assert len(made) == 1

    asyncio.run(run())


def test_work_goes_on_when_who_began_it_leaves_and_ends_with_the_last() -> None:
    async def run() -> None:
        flights, gate = Flights(), asyncio.Event()
        begun, ended = [], []

        async def work() -> int:
            begun.append(1)
            try:
                await gate.wait()
            finally:
                ended.append(1)
            return len(begun)

        first, second = (asyncio.create_task(flights.join("a", work)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0.01)
        assert (begun, ended, first.cancelled()) == ([1], [], True)
        gate.set()
        assert await second == 1
        assert not flights.is_under_way("a")
        gate.clear()
        alone = asyncio.create_task(flights.join("a", work))
        await asyncio.sleep(0.01)
        assert (len(begun), len(ended)) == (2, 1)
        alone.cancel()
        # Who comes when the last has left begins anew.
        await asyncio.sleep(0)
        after = asyncio.create_task(flights.join("a", work))
        await asyncio.sleep(0.01)
        gate.set()
        assert (await after, len(ended)) == (3, 3)

    asyncio.run(run())


@pytest.mark.parametrize("turns", range(1, 6))
def test_a_result_that_nobody_is_left_to_take_is_handed_back_and_no_other(turns: int) -> None:
    async def run() -> tuple[list[str], bool, list[str]]:
        flights, made, unclaimed = Flights(), list[str](), list[str]()

        async def work() -> str:
            await asyncio.sleep(0)
            made.append("result")
            return "result"

        task = asyncio.create_task(flights.join("a", work, unclaimed.append))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)
        assert not flights.is_under_way("a")
        return made, task.cancelled(), unclaimed

    made, cancelled, unclaimed = asyncio.run(run())
    # Whenever they leave: what was made and not taken comes back, once.
    assert unclaimed == (made if cancelled else [])


def test_nobody_is_told_twice_of_what_the_work_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        flights, gate = Flights(), asyncio.Event()

        async def work() -> str:
            await gate.wait()
            raise ValueError("of the work")

        tasks = [asyncio.create_task(flights.join("a", work)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gate.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[0].cancel()
        came = await asyncio.gather(*tasks, return_exceptions=True)
        assert [str(error) for error in came[1:]] == ["of the work"] * 2
        assert isinstance(came[0], asyncio.CancelledError | ValueError)
        assert flights.shared == 2

    asyncio.run(run())
    gc.collect()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("refusal", "made"), [(not_found(), 1), (too_many_requests("Wait.", 3), 5)], ids=str
)
def test_what_is_refused_to_one_client_is_not_refused_to_another(
    refusal: Rejected, made: int
) -> None:
    asked = []

    async def make() -> str:
        asked.append(1)
        await asyncio.sleep(0.001)
        raise refusal

    async def run() -> None:
        cache = ByteCache(16_000)
        work = (cache.through('"a"', make) for _ in range(5))
        refused = await asyncio.gather(*work, return_exceptions=True)
        assert refused == [refusal] * 5
        assert len(asked) == made

    asyncio.run(run())
