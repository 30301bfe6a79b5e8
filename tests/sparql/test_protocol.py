"""Recorded requests: what is sent, and the status, the type and the body that come back.

Each file of `tests/protocol/` is one exchange as it goes over the wire. The headers that are
written down must be there as they are; line ends of bodies count as line feeds.
"""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from shop import DATA, Shop, lay, serve, web

from app.sparql.protocol import parameters_of

FOLDER = Path(__file__).parents[1] / "protocol"


class Exchange(NamedTuple):
    method: str
    target: str
    sent: dict[str, str]
    content: str
    status: int
    got: dict[str, str]
    body: str


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("recorded"), DATA)) as found:
        yield found


def read(path: Path) -> Exchange:
    request, _, response = path.read_text(encoding="utf-8").partition("\n\nHTTP/1.1 ")
    first, sent, content = _parts(request)
    method, target = first.split(" ")[:2]
    status, got, body = _parts(response)
    return Exchange(method, target, sent, content, int(status[:3]), got, body.removesuffix("\n"))


def _parts(text: str) -> tuple[str, dict[str, str], str]:
    head, _, body = text.partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    return first, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.http")), ids=lambda path: path.stem)
def test_the_answer_is_the_one_that_was_recorded(shop: Shop, path: Path) -> None:
    exchange = read(path)
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
    content = exchange.content.encode() or None
    connection.request(exchange.method, exchange.target, content, exchange.sent)
    answer = connection.getresponse()
    body = answer.read().decode().replace("\r\n", "\n").removesuffix("\n")
    got = {name: answer.headers[name] for name in exchange.got}
    assert (answer.status, got, body) == (exchange.status, exchange.got, exchange.body)
    connection.close()


def test_there_are_recordings() -> None:
    assert len(list(FOLDER.glob("*.http"))) >= 20


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"q=%41%c3%A9+b%2B", [("q", "Aé b+")]),
        (b"q=a%3D%3db=c%25", [("q", "a==b=c%")]),
        (b"q=%zz%4&p=%", [("q", "%zz%4"), ("p", "%")]),
        (b"q=%3D%0D%0A%0a=\t%20_%5F", [("q", "=\r\n\n=\t __")]),
        (b"q==\r\n%41=", [("q", "=\r\nA=")]),
        (b"%71=%2541", [("q", "%41")]),
    ],
    ids=["usual", "equals", "bare percent", "line ends", "unescaped line end", "once"],
)
def test_a_text_is_decoded_once_whatever_is_in_it(
    data: bytes, expected: list[tuple[str, str]]
) -> None:
    assert parameters_of(data) == expected


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("", 200),
        (' ;  Charset = "UTF-8"', 200),
        (";charset=utf8", 200),
        (";charset=", 200),
        (";charset=utf-8;charset=utf-16", 200),
        (";charset=utf-16;charset=utf-8", 415),
        (';charset="iso-8859-1"', 415),
        (";notcharset=utf-16", 200),
    ],
)
def test_the_first_charset_that_is_named_counts(shop: Shop, parameters: str, status: int) -> None:
    headers = {"Content-Type": f"application/sparql-query{parameters}"}
    answer = web.post(f"{shop.url}sparql", content=b"ASK {}", headers=headers)
    assert answer.status_code == status
