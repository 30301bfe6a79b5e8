"""The gate: one piece of work of each client at a time, however many it asks for."""

import asyncio
from collections import Counter

import pytest

from app.web.gate import ClientGate


def test_one_of_each_client_goes_on_at_a_time_in_the_order_in_which_they_came() -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    order: list[tuple[str, int]] = []

    async def work(gate: ClientGate, client: str, number: int) -> None:
        async with gate.entered(client):
            running[client] += 1
            most[client] = max(most[client], running[client])
            order.append((client, number))
            await asyncio.sleep(0.001)
            running[client] -= 1

    async def run() -> None:
        gate = ClientGate()
        await asyncio.gather(*(work(gate, client, n) for n in range(9) for client in "ab"))
        assert gate.waiting == 0

    asyncio.run(run())
    assert most == {"a": 1, "b": 1}
    assert [n for client, n in order if client == "a"] == [*range(9)]
    # Nobody waits for the other's.
    assert order[:4] == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_who_leaves_while_it_waits_keeps_nobody_out() -> None:
    async def run() -> None:
        gate = ClientGate()
        first = await gate.enter("a")
        leaving, staying = (asyncio.create_task(gate.enter("a")) for _ in range(2))
        await asyncio.sleep(0)
        assert gate.waiting == 2
        leaving.cancel()
        first.leave()
        first.leave()
        await asyncio.wait_for(staying, 5)
        last = asyncio.create_task(gate.enter("a"))
        await asyncio.sleep(0)
        assert not last.done()
        # One that leaves as it is let in passes its turn on.
        after = asyncio.create_task(gate.enter("a"))
        await asyncio.sleep(0)
        (await staying).leave()
        last.cancel()
        (await asyncio.wait_for(after, 5)).leave()
        assert gate.waiting == 0

    asyncio.run(run())


def test_what_fails_leaves_the_gate_open() -> None:
    async def run() -> None:
        gate = ClientGate()
        with pytest.raises(ValueError, match="x"):
            async with gate.entered("a"):
                raise ValueError("x")
        await asyncio.wait_for(gate.enter("a"), 5)

    asyncio.run(run())
