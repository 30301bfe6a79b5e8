"""What is the head of a request, and what is not; the chunks of a body."""

import random

import pytest
from heads import HOST, REFUSED

from app.errors import Rejected
from app.server.front.request_body import ChunkedBody
from app.server.front.request_head import RequestHead, read_head


def head(text: bytes) -> RequestHead:
    return read_head(text + b"\r\n")


def status(text: bytes) -> int:
    try:
        head(text)
    except Rejected as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (b"GET / HTTP/1.1\r\n" + HOST, 0),
        (b"GET / HTTP/1.0\r\n", 0),
        (b"GET /a%20b?c=|d&e={} HTTP/1.1\r\nhost:a\r\nX:\r\nY: \xe9 \t z \r\n", 0),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 007\r\n", 7),
        (b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: Chunked\r\n", None),
        (b"QUERY / HTTP/1.1\r\n" + HOST, 0),
        (b"GET / HTTP/1.1\r\nHost:\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n", 0),
        (b"GET / HTTP/1.1\r\n" + HOST + b"x: y\r\n" * 99, 0),
    ],
    ids=range(9),
)
def test_a_head_that_can_be_read_in_one_way_is_passed_on_as_it_is(
    text: bytes, length: int | None
) -> None:
    assert head(text) == RequestHead(text + b"\r\n", length, False, False)


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        (
            b"GET http://b:8/c?d HTTP/1.1\r\nHost: a\r\nX: y\r\n",
            b"GET /c?d HTTP/1.1|x: y|host: b:8",
        ),
        (b"GET HTTPS://b HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1|host: b"),
        (b"GET http://b?c HTTP/1.0\r\n", b"GET /?c HTTP/1.0|host: b"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n", b"OPTIONS / HTTP/1.1|host: a"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMA\r\nAccept: */*\r\n",
            b"GET / HTTP/1.1|accept: */*|host: a|connection: close",
        ),
    ],
    ids=["absolute", "no path", "no host", "asterisk", "upgrade"],
)
def test_the_other_forms_are_passed_on_in_the_one_form(text: bytes, passed_on: bytes) -> None:
    assert head(text).text == passed_on.replace(b"|", b"\r\n") + b"\r\n\r\n"


def test_a_head_that_names_another_sender_or_waits_for_our_word_says_so() -> None:
    get = b"GET / HTTP/1.1\r\n" + HOST
    assert head(get + b"X-FORWARDED-FOR: b\r\n").forwarded
    assert head(get + b"Forwarded: for=b\r\n").forwarded
    assert not head(get + b"X-Forwarded-Host: b\r\n").forwarded
    assert head(get + b"Expect: 100-Continue\r\n").expects
    assert not head(get + b"Expect: something-else\r\n").expects


@pytest.mark.parametrize("name", REFUSED)
def test_a_head_that_is_none_or_can_be_read_in_two_ways_is_refused(name: str) -> None:
    text, expected = REFUSED[name]
    assert status(text) == expected


def test_a_long_head_is_read_in_no_time() -> None:
    """What grows with the square of a length would take minutes here."""
    spaces = b" " * 60_000
    assert status(b"GET / HTTP/1.1\r\n" + HOST + b"x: a" + spaces + b"\0\r\n") == 400
    assert status(b"GET / HTTP/1.1\r\n" + HOST + b"transfer-encoding: a" + spaces + b"b\r\n") == 400
    assert status(b"GET / HTTP/1.1\r\nHost: " + b"a" * 60_000 + b"/\r\n") == 400


def chunked(text: bytes, sizes: random.Random | None = None) -> tuple[bytes, bytes] | int:
    """Return the content of a body and what stands behind it, or the status of its refusal."""
    body, content, at = ChunkedBody(), b"", 0
    try:
        while at < len(text) and not body.done:
            end = at + (sizes.randint(1, 5) if sizes else len(text))
            part, used = body.feed(text[at:end])
            content, at = content + part, at + used
    except Rejected as problem:
        return problem.status
    return (content, text[at:]) if body.done else 0


WHOLE = b"4;a=b\r\nab\r\n\r\n00A\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET"


def test_chunks_are_put_together_however_they_arrive() -> None:
    expected = (b"ab\r\n0123456789", b"GET")
    assert chunked(WHOLE) == expected
    for seed in range(200):
        assert chunked(WHOLE, random.Random(seed)) == expected
    for length in range(len(WHOLE) - 3):
        assert chunked(WHOLE[:length]) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"\r\n", 400),
        (b"g\r\n", 400),
        (b"-1\r\n", 400),
        (b"0x1\r\n", 400),
        (b" 1\r\n", 400),
        (b"1_0\r\n", 400),
        (b"123456789\r\n", 400),
        (b"ffffffffffffffff1\r\n", 400),
        (b"1\nab", 400),
        (b"1\r\nab\r\n", 400),
        (b"1\r\na\n0\r\n\r\n", 400),
        (b"1;" + b"a" * 300 + b"\r\n", 400),
        (b"1;\0\r\n", 400),
        (b"0\r\n x\r\n\r\n", 400),
        (b"0\r\nx\r\n\r\n", 400),
        (b"0\r\nx: y\n\r\n", 400),
        (b"0\r\n" + b"x: y\r\n" * 101, 431),
        (b"0\r\n" + b"x: " + b"y" * 66000 + b"\r\n", 400),
    ],
    ids=range(18),
)
def test_a_body_that_is_not_well_chunked_is_refused(text: bytes, expected: int) -> None:
    assert chunked(text) == expected
    assert chunked(text, random.Random(1)) == expected
