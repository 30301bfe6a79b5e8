"""The way between the front and a worker: what goes in comes out, whole or not at all."""

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.query import Kind, Query
from app.engine.wire import (
    PART,
    WHOLE,
    AnswerHead,
    Channel,
    WorkerEnd,
    decode_head,
    decode_query,
    encode_head,
    encode_query,
    frame,
    parts_of,
    problem_of,
)
from app.errors import parameters_wrong, query_failed

HEAD = AnswerHead(Kind.BINDINGS, "text/csv", volatile=True, capped=7)


def exchange(work: Callable[[WorkerEnd], None], read: Callable[[Channel], Awaitable[None]]) -> None:
    """Let a worker's end work in a thread, while the front's end reads in a loop."""

    async def front() -> None:
        ours, theirs = socket.socketpair()
        worker = threading.Thread(target=lambda: (work(WorkerEnd(theirs.fileno())), theirs.close()))
        worker.start()
        channel = await Channel.open(ours)
        try:
            await asyncio.wait_for(read(channel), 20)
        finally:
            channel.close()
            await asyncio.to_thread(worker.join)

    asyncio.run(front())


def write(end: WorkerEnd, content: bytes, piece: int) -> None:
    end.begin(HEAD.kind, HEAD.media, volatile=True, unchanged=False, capped=7)
    for at in range(0, len(content), piece):
        assert end.write(content[at : at + piece]) == len(content[at : at + piece])


async def answer(channel: Channel) -> tuple[str, bytes]:
    """Return the letters of the frames of one answer, and its bytes."""
    letters, content = "", b""
    while not letters or letters[-1] not in "WEXwex":
        letter, data = await channel.receive()
        letters += letter.decode()
        if letter in b"Ww":
            head, content = parts_of(data)
            assert head == HEAD
        elif letter == b"H":
            assert decode_head(data) == HEAD
        elif letter == b"D":
            assert len(data) <= PART
            content += data
    return letters, content


@pytest.mark.parametrize("spent", [False, True], ids=["stays", "spent"])
@pytest.mark.parametrize(
    "size", [0, 1, PART - 1, PART, PART + 1, WHOLE - 1, WHOLE, WHOLE + 1, 5 * WHOLE + 13]
)
@pytest.mark.parametrize("piece", [999, PART - 16, 3 * WHOLE])
def test_an_answer_arrives_to_the_byte_in_one_frame_as_far_as_it_fits(
    size: int, piece: int, spent: bool
) -> None:
    content = os.urandom(1024) * (size // 1024 + 1)

    def work(end: WorkerEnd) -> None:
        write(end, content[:size], piece)
        end.end(spent=spent)

    async def read(channel: Channel) -> None:
        letters, arrived = await answer(channel)
        assert arrived == content[:size]
        if size <= WHOLE:
            assert letters == ("w" if spent else "W")
        else:
            assert letters == "H" + "D" * (len(letters) - 2) + ("e" if spent else "E")

    exchange(work, read)


def test_a_refusal_leaves_nothing_of_a_short_answer_and_ends_a_long_one() -> None:
    def work(end: WorkerEnd) -> None:
        write(end, b"a" * 1000, 1000)
        end.refuse(query_failed("no"), spent=False)
        write(end, b"a" * 2 * WHOLE, 1000)
        end.refuse(query_failed("no"), spent=True)
        write(end, b"b", 1)
        end.end(spent=False)

    async def read(channel: Channel) -> None:
        letter, data = await channel.receive()
        assert (letter, problem_of(data).to_json()) == (b"X", query_failed("no").to_json())
        letters, _ = await answer(channel)
        assert (letters[0], letters[-1]) == ("H", "x")
        assert await answer(channel) == ("W", b"b")
        with pytest.raises(EOFError):
            await channel.receive()
        with pytest.raises(EOFError):
            await channel.receive()

    exchange(work, read)


@pytest.mark.parametrize("size", [900, 250_000])
def test_a_problem_that_repeats_a_long_query_is_told_in_short(size: int) -> None:
    problem = parameters_wrong(f"“{'é' * size}” names no graph.")
    problem.members["offered"] = ["é" * size]

    def work(end: WorkerEnd) -> None:
        end.refuse(problem, spent=False)

    async def read(channel: Channel) -> None:
        letter, data = await channel.receive()
        told = problem_of(data)
        assert (letter, told.status, told.kind) == (b"X", 400, "parameters")
        if size < 1000:
            assert told.to_json() == problem.to_json()
        else:
            assert told.detail == f"“{'é' * 1022}…"
            assert told.members == {}

    exchange(work, read)


@pytest.mark.parametrize("step", [1, 3, 5, 1000, 100_000])
def test_frames_arrive_however_their_bytes_are_parted(step: int) -> None:
    frames = [(b"R", b"sealed"), (b"D", b""), (b"D", os.urandom(20_000)), (b"E", b"")]
    sent = b"".join(frame(*one) for one in frames)
    pieces = [sent[at : at + step] for at in range(0, len(sent), step)]

    async def front(ours: socket.socket) -> None:
        channel = await Channel.open(ours)
        assert [await channel.receive() for _ in frames] == frames

    ours, theirs = socket.socketpair()
    with theirs:
        thread = threading.Thread(target=lambda: [theirs.sendall(piece) for piece in pieces])
        thread.start()
        asyncio.run(front(ours))
        thread.join()


def test_what_is_no_frame_of_ours_ends_the_way() -> None:
    async def front() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            channel = await Channel.open(ours)
            theirs.sendall(b"D\xff\xff\xff\xff" + b"a" * 100)
            with pytest.raises(EOFError):
                await channel.receive()
            with pytest.raises(OSError):
                channel.send(b"Q", b"")

    asyncio.run(front())


def test_what_nobody_reads_stays_with_the_worker() -> None:
    sent = 0

    def work(end: WorkerEnd) -> None:
        nonlocal sent
        end.begin(HEAD.kind, HEAD.media, volatile=True, unchanged=False, capped=7)
        for _ in range(400):
            sent += end.write(bytes(PART))
        end.end(spent=False)

    async def read(channel: Channel) -> None:
        assert (await channel.receive())[0] == b"H"
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        # What the front takes in, what the kernel holds, and the piece that is being sent.
        assert sent < 40 * PART
        size = 0
        while (frame := await channel.receive())[0] == b"D":
            size += len(frame[1])
        assert size == 400 * PART

    exchange(work, read)


def test_a_worker_takes_one_query_after_another_and_stops_when_the_front_has_closed() -> None:
    texts = ["ASK {}", "é" * 100_000, "", "ASK { ?s ?p 'x' }"]
    taken: list[bytes | None] = []
    ours, theirs = socket.socketpair()
    with theirs:
        end = WorkerEnd(theirs.fileno())
        with ours:
            for text in texts:
                sender = threading.Thread(
                    target=lambda text=text: ours.sendall(frame(b"Q", text.encode()))  # type: ignore[misc]
                )
                sender.start()
                taken.append(end.receive())
                sender.join()
            ours.sendall(frame(b"Q", b"half of it")[:8])
        taken.append(end.receive())
    assert taken == [*(text.encode() for text in texts), None]


QUERIES = st.builds(
    Query,
    st.text(st.characters()),
    st.dictionaries(st.sampled_from(Kind), st.sampled_from(["text/csv", "a/b"])),
    st.lists(st.text(), max_size=2).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
    st.dictionaries(
        st.sampled_from(["x", "y"]),
        st.sampled_from([ox.NamedNode("a:é"), ox.Literal('"', language="pt"), ox.BlankNode("b")]),
    ),
    st.frozensets(st.sampled_from(Kind)),
    st.none() | st.integers(1, 10),
)


@given(QUERIES)
def test_a_query_is_the_same_on_the_other_side(query: Query) -> None:
    assert decode_query(encode_query(query)) == query


@given(
    st.builds(
        AnswerHead,
        st.sampled_from(Kind),
        st.text(),
        st.booleans(),
        st.booleans(),
        st.none() | st.integers(0),
    )
)
def test_what_an_answer_is_is_the_same_on_the_other_side(head: AnswerHead) -> None:
    assert decode_head(encode_head(head)) == head
