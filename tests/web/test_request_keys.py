"""Keys for queries: what an address does not read tells no answers apart."""

import re

import pytest

from app.web.request_keys import QueryKeys

KEYS = QueryKeys(
    [
        (re.compile("^/list/[^/]+$"), frozenset({"after", "of"})),
        (re.compile("^/plain$"), frozenset()),
        (re.compile("^/list"), frozenset({"never"})),
    ]
)
LIST = [b"", b"after=a", b"after=b", b"of=a", b"after=a&of=b", b"of=b&after=a", b"after=a&after=b"]


def test_what_is_read_tells_apart() -> None:
    assert len({KEYS.key("/list/a", query) for query in [*LIST, b"x=1", b"after=a&x=1"]}) == 9


@pytest.mark.parametrize("read", LIST)
def test_what_is_not_read_tells_nothing_apart_but_that_it_is_there(read: bytes) -> None:
    begin = read + b"&" if read else b""
    others = [begin + other for other in (b"x=1", b"x=2", b"y", b"x=1&z=%ff", b"a%66=1", b"&&")]
    (key,) = {KEYS.key("/list/a", query) for query in others}
    assert key != KEYS.key("/list/a", read)


def test_a_name_is_the_same_however_it_is_spelled() -> None:
    # Spelled otherwise it is another key, of the same answer: what is read is never left out.
    assert KEYS.key("/list/a", b"%61fter=a") != KEYS.key("/list/a", b"x=a")
    assert KEYS.key("/plain", b"after=a") == KEYS.key("/plain", b"x=a")


def test_of_an_unknown_address_all_counts() -> None:
    assert KEYS.key("/sparql", b"query=a&x=1") == b"query=a&x=1"
    assert KEYS.key("/list/a/b", b"x=1") == KEYS.key("/list/a/b", b"x=2")
