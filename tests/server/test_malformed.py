"""Requests that are bent out of shape, by the thousand, to the whole application on both parsers.

Each ends with a right answer or a refusal and a connection that closes; the two parsers answer
alike. `DIALOGUE_DRAWS` (10000, say) is how many; a failure names the number of its draw.
"""

import asyncio
import os
import random
import re

import pytest
from front import PARSERS, Answer, Front, answers, front
from shop import DATA, alive, lay

DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "0")) or 1000
AT_ONCE = 48
LIMITS = {
    "per_client": 200,
    "head_seconds": 1.5,
    "idle_seconds": 1.5,
    "body_seconds": 2,
    "linger_seconds": 1,
    "tick_seconds": 0.1,
}
# Those of 500 and above that tell of the request, not of us.
MEANT = {501, 505}
QUERY = b"query=ASK%7B%7D"
TYPE = b"Content-Type: application/x-www-form-urlencoded\r\n"
GOOD = [
    b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n",
    b"GET /sparql?%b HTTP/1.1\r\nHost: a\r\nAccept: */*;q=0.1, text/csv\r\n\r\n" % QUERY,
    b"GET http://a/sparql?%b HTTP/1.1\r\nHost: a\r\n\r\n" % QUERY,
    b"POST /sparql HTTP/1.1\r\nHost: a\r\n%bContent-Length: 15\r\n\r\n%b" % (TYPE, QUERY),
    b"POST /sparql HTTP/1.1\r\nHost: a\r\n%bTransfer-Encoding: chunked\r\n\r\n" % TYPE
    + b"8\r\nquery=AS\r\n7;x=y\r\nK%7B%7D\r\n0\r\nX: y\r\n\r\n",
    b"QUERY /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
    b"Content-Length: 5\r\n\r\nASK{}",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS /sparql HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n",
    b'GET /graphs?default HTTP/1.1\r\nHost: [::1]:80\r\nIf-None-Match: "a", W/"b"\r\n\r\n',
    b"GET /search?q=ana%20b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET /doc/ana HTTP/1.1\r\nHost: a\r\nRange: bytes=0-5\r\nCookie: a=b; c=d\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n%bContent-Length: 15\r\n\r\n%b"
    % (TYPE, QUERY),
    b"GET /dump/dialogue.nq HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=1, br\r\n\r\n",
    b"DELETE /graphs/x HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
]
ODD = [
    *(bytes([code]) for code in (0, 9, 10, 11, 13, 32, 127, 128, 233, 255)),
    *(b"\r\n", b"\n\n", b"\r\r\n", b"\r\n ", b":", b" :", b"%", b"%00", b"%ff", b"%2f..%2f", b"#"),
    *(b"-1", b"+1", b"0x1", b"99999999999999999999", b",", b";", b'"', b"\xc3\xa9", b"\\", b"//"),
    *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b"HTTP/1.1\r\n"),
    *(b"Transfer-Encoding: identity\r\n", b"Connection: close\r\n", b"Expect: x\r\n", b"{}"),
    *(b"X-Forwarded-For: 1.2.3.4\r\n", b"\x16\x03\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    *(b"Accept: " + b"a/b," * 400 + b"\r\n", b"x" * 5000, b"x: y\r\n" * 120),
]


def bent(number: int) -> bytes:
    """Return a request that is bent in one to three ways; the same for the same number."""
    draw = random.Random(number)
    text = draw.choice(GOOD)
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        at = draw.randint(0, len(text))
        end = min(len(text), at + draw.choice([1, 1, 2, 8, 40]))
        text = draw.choice(
            [
                text[:at] + draw.choice(ODD) + text[at:],
                text[:at] + draw.choice(ODD) + text[end:],
                text[:at] + bytes([draw.randrange(256)]) + text[at + 1 :],
                text[:at] + text[end:],
                text[:end] + text[at:],
                text[:at] + text[at:end].swapcase() + text[end:],
                text.replace(b"\r\n", draw.choice([b"\n", b"\r", b"\r\n\r\n", b"\r\n\t"]), 1),
                _line_twice(text, draw),
                text + draw.choice(GOOD),
                text[:at],
            ]
        )
    return text


def _line_twice(text: bytes, draw: random.Random) -> bytes:
    lines = text.split(b"\r\n")
    lines.insert(draw.randint(0, len(lines)), draw.choice(lines))
    return b"\r\n".join(lines)


async def _outcomes(port: int) -> list[list[Answer]]:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> list[Answer]:
        async with free:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            data = b""
            try:
                writer.write(bent(number))
                async with asyncio.timeout(60):
                    while piece := await reader.read(1 << 20):
                        data += piece
            except ConnectionResetError:
                pass
            except TimeoutError:
                raise AssertionError(f"draw {number} hangs: {bent(number)!r:.300}") from None
            finally:
                writer.close()
            return _answers_of(number, data)

    return list(await asyncio.gather(*(one(number) for number in range(DRAWS))))


def _answers_of(number: int, data: bytes) -> list[Answer]:
    """Return the answers; those to HEAD say a length and have none."""
    found: list[Answer] = []
    for part in re.split(rb"HTTP/1\.1 (?=\d{3} )", data)[1:]:
        found += answers(b"HTTP/1.1 " + part)
    return found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[Answer]]]:
    """What each parser's server answered, draw by draw."""
    collected = {}
    release = lay(tmp_path_factory.mktemp("release"), DATA)
    for parser in PARSERS:
        folder = tmp_path_factory.mktemp(parser)
        with front(folder, parser, limits=LIMITS, release=str(release)) as shop:
            collected[parser] = asyncio.run(_outcomes(shop.port))
            assert alive(shop.pid)
            _is_well(shop)
    return collected


def _is_well(shop: Front) -> None:
    assert shop.get("/ready")["status"] == "ready"
    text = shop.log.read_text("utf-8")
    assert "Traceback" not in text, text[text.index("Traceback") :][:3000]


@pytest.mark.parametrize("parser", PARSERS)
def test_no_request_however_bent_makes_the_server_fail(
    outcomes: dict[str, list[list[Answer]]], parser: str
) -> None:
    failed = {
        number: (answer.status, answer.body[:200], bent(number)[:300])
        for number, found in enumerate(outcomes[parser])
        for answer in found
        if answer.status >= 500 and answer.status not in MEANT
    }
    assert failed == {}


@pytest.mark.parametrize("parser", PARSERS)
def test_what_is_refused_is_refused_by_a_problem(
    outcomes: dict[str, list[list[Answer]]], parser: str
) -> None:
    plain = {
        number: (answer.status, answer.headers)
        for number, found in enumerate(outcomes[parser])
        for answer in found
        if answer.status >= 400
        and not answer.headers["content-type"].startswith(("application/problem+json", "text/html"))
    }
    assert plain == {}
    statuses = [answer.status for found in outcomes[parser] for answer in found]
    # The draws reach both sides: what is answered, and what is refused at the door or behind it.
    assert {200, 204, 400, 404, 408, 501} <= set(statuses)


def test_both_parsers_answer_alike(outcomes: dict[str, list[list[Answer]]]) -> None:
    one, other = (outcomes[parser] for parser in PARSERS)
    unlike = {
        number: (statuses(a), statuses(b), bent(number)[:300])
        for number, (a, b) in enumerate(zip(one, other, strict=True))
        if statuses(a) != statuses(b)
    }
    assert unlike == {}


def statuses(found: list[Answer]) -> list[int]:
    return [answer.status for answer in found]
