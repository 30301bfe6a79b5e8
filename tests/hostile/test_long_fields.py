"""Long field values and texts, each made of a few characters over and over, stop nobody else.

What reads them is in the process that answers everybody, so the time must grow with the length
and not with its square.
"""

import http.client
import time
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from shop import Shop, lay, serve
from starlette.datastructures import Headers

from app.engine import analysis, columns, strikes
from app.sparql import protocol
from app.web import compression, negotiation, responses

# Seconds of this process that reading a value of so many characters may take on a slow machine:
# 16,000 take a tenth, and what grows with the square of the length takes ten times as long.
SIZES = {50: 0.5, 4_000: 0.75, 16_000: 1.5}
FIELD_BEGINNINGS = ["", "text/html;a=", 'a"']
QUERY_BEGINNINGS = ["", "SELECT * { ", "PREFIX a:"]
PIECES = [
    '"', "'", '"\\', "'\\", '"\\"', '"""', "'''", '\\"""\n', "\\'''\n", "<", "<a", "<\\u0041", "a",
    "é", "a.", "é.", "a:", "a:.", "_:a..", "·", "@a-", "%4", "#", "#\n", " ", "  ;  ", ";", ";a=",
    ',', "*/*;q=0.1,", 'a/b;c="\\,', "; charset", " charset =", 'W/"', '"a",', "gzip;q=", "1.", "?",
    "(", "\\", "=",
]  # fmt: skip


def _type(value: str) -> None:
    protocol._charset(Headers({"content-type": f"application/sparql-query;{value}"}))


Reader = Callable[[str], object]
FIELD_READERS: dict[str, Reader] = {
    "Accept": lambda value: negotiation.choose(value, ["text/html", "text/csv"]),
    "Content-Type": _type,
    "If-None-Match": responses.tags_of,
    "Accept-Encoding": compression.choose,
}
QUERY_READERS: dict[str, Reader] = {
    "its words": analysis.analyse,
    "its beginning": analysis.glance,
    "its columns": columns.star,
    "its shape": strikes.shape_of,
}
READERS = [
    *((name, FIELD_BEGINNINGS, read) for name, read in FIELD_READERS.items()),
    *((name, QUERY_BEGINNINGS, read) for name, read in QUERY_READERS.items()),
]


def seconds(read: Reader, value: str) -> float:
    begun = time.process_time()
    read(value)
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("beginnings", "read"), [one[1:] for one in READERS], ids=[one[0] for one in READERS]
)
def test_the_time_to_read_a_value_grows_with_its_length(
    beginnings: list[str], read: Reader
) -> None:
    slow = []
    for begin, piece in product(beginnings, PIECES):
        for size, most in SIZES.items():
            # Short ones first: of what grows faster yet, a long one would take years.
            if seconds(read, begin + piece * (size // len(piece)) + "=") > most:
                slow.append(begin + piece)
                break
    assert slow == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("fields") / "release")) as found:
        yield found


FIELDS = {
    "spaces round semicolons": ("Accept", "text/html" + "  ;  " * 2_000 + "="),
    "a quote that does not end": ("Accept", '"\\' * 25_000),
    "very many ranges": ("Accept", "*/*;q=0.1," * 5_000),
    "a charset that does not come": ("Content-Type", "application/sparql-query;" + " " * 50_000),
    "very many tags": ("If-None-Match", 'W/"' * 15_000),
    "very many codings": ("Accept-Encoding", "gzip;q=0.1," * 4_000),
    "very many addresses": ("X-Forwarded-For", "::1," * 12_000),
    "very many names": ("Forwarded", 'for="[::1]";' * 4_000),
}


def ask(shop: Shop, path: str, source: str, method: str = "GET", **sent: object) -> float:
    """Return how many seconds an answer took, whatever it was."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", shop.port, timeout=30, source_address=(source, 0)
    )
    begun = time.monotonic()
    connection.request(method, path, **sent)  # type: ignore[arg-type]
    connection.getresponse().read()
    connection.close()
    return time.monotonic() - begun


@pytest.mark.parametrize("name", FIELDS)
def test_a_long_field_costs_nobody_a_second(shop: Shop, name: str) -> None:
    field, value = FIELDS[name]
    for method, body in (("GET", None), ("POST", b"ASK {}")):
        kind = {} if field == "Content-Type" else {"Content-Type": "application/sparql-query"}
        path = "/sparql" if body else "/sparql?query=ASK%7B%7D"
        sent = {"headers": {**kind, field: value}, "body": body}
        # It is read in the process that answers all others, so its own time is theirs.
        assert ask(shop, path, "127.0.0.2", method, **sent) < 2
    assert ask(shop, "/live", "127.0.0.3") < 1


def test_a_list_that_is_cut_says_nothing_that_it_did_not_say() -> None:
    padding = ",".join(f"a/b{n}" for n in range(400))[:2_030]
    listed = f"text/html,{padding},text/csv;q=0.0001"
    # Cut within the weight, the last member would refuse the table.
    assert negotiation.choose(listed, ["text/csv"]) is None
    assert negotiation.choose(listed, ["text/csv", "text/html"]) == "text/html"
    assert negotiation.choose(f"text/html,{'a/b,' * 90}text/csv", ["text/csv"]) == "text/csv"
