"""Work for a client that may leave: it ends with the client, and otherwise nothing is disturbed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.types import Message, Send

from app.errors import Rejected, busy
from app.web import cancellation
from app.web.cancellation import ClientDisconnected, begun_unless_disconnected, unless_disconnected


class Client:
    """Who has sent a request, and leaves once `leaves` is set."""

    def __init__(self) -> None:
        self.leaves, self.listened = asyncio.Event(), 0

    async def receive(self) -> Message:
        """Return the next message from the client."""
        self.listened += 1
        if self.listened == 1:
            return {"type": "http.request", "body": b""}
        await self.leaves.wait()
        return {"type": "http.disconnect"}


def undisturbed() -> None:
    """Tell that nobody wants the current task to end."""
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    assert asyncio.all_tasks() == {task}


async def waits(client: Client, ended: list[str]) -> str:
    """Let the client leave, and wait for what never comes."""
    client.leaves.set()
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("work")
    return "never"


def test_what_is_done_at_once_is_returned_and_nobody_listens() -> None:
    async def scenario() -> None:
        client = Client()

        async def work() -> str:
            await asyncio.sleep(0)
            return "answer"

        assert await unless_disconnected(client.receive, work()) == "answer"
        await asyncio.sleep(2 * cancellation._WATCH_AFTER)
        assert client.listened == 0
        undisturbed()

    asyncio.run(scenario())


def test_what_takes_long_is_returned_to_who_stays() -> None:
    async def scenario() -> None:
        client = Client()

        async def work() -> str:
            while client.listened < 2:
                await asyncio.sleep(0.001)
            return "answer"

        assert await unless_disconnected(client.receive, work()) == "answer"
        await asyncio.sleep(0)
        undisturbed()

    asyncio.run(scenario())


def test_who_leaves_ends_the_work_and_the_task_goes_on() -> None:
    async def scenario() -> None:
        client, ended = Client(), list[str]()
        with pytest.raises(ClientDisconnected):
            await unless_disconnected(client.receive, waits(client, ended))
        assert ended == ["work"]
        await asyncio.sleep(0)
        undisturbed()

    asyncio.run(scenario())


def _refuse() -> str:
    raise busy("all the same")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(lambda: "answer", "answer"), (_refuse, ClientDisconnected)],
    ids=["answers", "refuses"],
)
def test_work_that_ends_otherwise_as_the_client_leaves_leaves_no_trace(
    answer: Callable[[], str], expected: object
) -> None:
    async def scenario() -> None:
        client = Client()

        async def work() -> str:
            try:
                await waits(client, [])
            except asyncio.CancelledError:
                return answer()
            return "never"

        try:
            outcome: object = await unless_disconnected(client.receive, work())
        except ClientDisconnected as left:
            outcome = type(left)
        assert outcome == expected
        await asyncio.sleep(0)
        undisturbed()

    asyncio.run(scenario())


def _raising(error: BaseException) -> Coroutine[Any, Any, str]:
    async def work() -> str:
        raise error

    return work()


@pytest.mark.parametrize("error", [busy("now"), ValueError("x")], ids=["refused", "failed"])
def test_what_the_work_raises_is_raised(error: Exception) -> None:
    async def scenario() -> None:
        with pytest.raises((Rejected, ValueError)) as raised:
            await unless_disconnected(Client().receive, _raising(error))
        assert raised.value is error
        undisturbed()

    asyncio.run(scenario())


def test_who_is_cancelled_by_others_is_cancelled() -> None:
    async def scenario() -> None:
        client, ended = Client(), list[str]()

        async def work() -> str:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("work")
            return "never"

        task = asyncio.create_task(unless_disconnected(client.receive, work()))
        while client.listened < 2:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["work"]
        await asyncio.sleep(0)
        undisturbed()

    asyncio.run(scenario())


START: Message = {"type": "http.response.start", "status": 200, "headers": []}


def test_who_leaves_before_an_answer_begins_ends_it() -> None:
    async def scenario() -> None:
        client, ended, sent = Client(), list[str](), list[Message]()

        async def send(message: Message) -> None:
            sent.append(message)

        async def answer(_: Send) -> None:
            await waits(client, ended)

        with pytest.raises(ClientDisconnected):
            await begun_unless_disconnected(client.receive, send, answer)
        assert (ended, sent) == (["work"], [])
        await asyncio.sleep(0)
        undisturbed()

    asyncio.run(scenario())


def test_from_its_beginning_on_an_answer_goes_on_and_nobody_listens_here() -> None:
    async def scenario() -> None:
        client, sent = Client(), list[Message]()

        async def send(message: Message) -> None:
            sent.append(message)

        async def answer(send: Send) -> None:
            while client.listened < 2:
                await asyncio.sleep(0.001)
            await send(START)
            client.leaves.set()
            await asyncio.sleep(2 * cancellation._WATCH_AFTER)
            undisturbed()
            await send({"type": "http.response.body", "body": b"all"})

        await begun_unless_disconnected(client.receive, send, answer)
        assert sent == [START, {"type": "http.response.body", "body": b"all"}]
        undisturbed()

    asyncio.run(scenario())
