"""Conditions on which a request is to be answered at all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime

import httpx
import pytest
from shop import Shop, serve, web
from website import release

from app.web.preconditions import Preconditions, preconditions

ROWS = "sparql?query=SELECT+*+%7B+%3Fs+a+%3Fo+%7D+ORDER+BY+%3Fs+LIMIT+"
# A page, a document, a list, a graph, the endpoint's description, queries, a file of the release:
# of all that has a tag. The second query is long enough for a coding.
TAGGED = [
    "", "doc/state/PRT.ttl", "browse", "graphs?default", "sparql", f"{ROWS}3", f"{ROWS}300",
    "dump/dialogue.nq", "static/style.css",
]  # fmt: skip
VOLATILE = "sparql?query=SELECT+(NOW()+AS+%3Fn)+%7B%7D"
LONG_AGO, LATER = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
UNMET = "None of the tags of If-Match is that of the present answer."
CHANGED = "The answer has changed since the date of If-Unmodified-Since."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(release(tmp_path_factory.mktemp("conditions"))) as found:
        yield found


def get(shop: Shop, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.request(method, shop.url + path, headers=sent)


def refuses(answer: httpx.Response, detail: str) -> None:
    """Hold an answer to be the whole refusal."""
    assert answer.status_code == 412
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "etag" not in answer.headers
    if answer.request.method == "HEAD":
        assert answer.content == b""
        return
    assert answer.json() == {
        "type": "http://dialogue.test/problems/precondition-failed",
        "title": "The condition of the request is not met",
        "status": 412,
        "detail": detail,
    }


@pytest.mark.parametrize("path", TAGGED, ids=lambda path: path or "home")
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_only_the_present_answer_is_given(shop: Shop, path: str, coding: str) -> None:
    whole = get(shop, path, Accept_Encoding=coding)
    tag = whole.headers["etag"]
    for method in ("GET", "HEAD"):
        for unmet in ('"x"', f"W/{tag}", f'"x", W/{tag}', "x"):
            answer = get(shop, path, method, If_Match=unmet, Accept_Encoding=coding)
            refuses(answer, UNMET)
        for met in (tag, f'W/"x", {tag}', "*"):
            answer = get(shop, path, method, If_Match=met, Accept_Encoding=coding)
            assert (answer.status_code, answer.headers["etag"]) == (200, tag)
            assert answer.content == (whole.content if method == "GET" else b"")


@pytest.mark.parametrize("path", TAGGED, ids=lambda path: path or "home")
def test_only_what_has_not_changed_is_given(shop: Shop, path: str) -> None:
    whole = get(shop, path)
    date = whole.headers["last-modified"]
    second = parsedate_to_datetime(date).timestamp()
    for method in ("GET", "HEAD"):
        for unmet in (LONG_AGO, formatdate(second - 1, usegmt=True)):
            refuses(get(shop, path, method, If_Unmodified_Since=unmet), CHANGED)
        # What is no date is no condition.
        for met in (date, LATER, "yesterday", f"{LONG_AGO}, {LONG_AGO}"):
            answer = get(shop, path, method, If_Unmodified_Since=met)
            assert (answer.status_code, answer.headers["etag"]) == (200, whole.headers["etag"])


def test_conditions_are_looked_at_in_their_order(shop: Shop) -> None:
    path = f"{ROWS}3"
    tag = get(shop, path).headers["etag"]
    # A tag that is not met comes before one that is held, and a tag that is met before a date.
    refuses(get(shop, path, If_Match='"x"', If_None_Match=tag), UNMET)
    refuses(get(shop, path, If_Unmodified_Since=LONG_AGO, If_None_Match=tag), CHANGED)
    answer = get(shop, path, If_Match=tag, If_Unmodified_Since=LONG_AGO)
    assert (answer.status_code, answer.headers["etag"]) == (200, tag)
    assert get(shop, path, If_Match=tag, If_None_Match=tag).status_code == 304
    date = get(shop, path).headers["last-modified"]
    refuses(get(shop, path, If_Match='"x"', If_Modified_Since=date), UNMET)
    assert get(shop, path, If_Match=tag, If_Modified_Since=date).status_code == 304


def test_a_query_in_a_body_has_conditions_where_the_method_is_safe(shop: Shop) -> None:
    url, headers = f"{shop.url}sparql", {"Content-Type": "application/sparql-query"}
    for method, status in (("QUERY", 412), ("POST", 200)):
        sent = {**headers, "If-Match": '"x"'}
        answer = web.request(method, url, content="ASK {}", headers=sent)
        assert answer.status_code == status, method


def test_what_is_a_refusal_anyway_or_has_no_tag_is_as_without_a_condition(shop: Shop) -> None:
    for path, status in (("absent", 404), ("sparql?query=nonsense", 400), (VOLATILE, 200)):
        for condition in ({"If_Match": '"x"'}, {"If_Unmodified_Since": LONG_AGO}):
            assert get(shop, path, **condition).status_code == status, path


def test_a_long_answer_is_not_computed_to_its_end_for_nobody(shop: Shop) -> None:
    rows = "+".join(f"%3F{name}+%3Fp{name}+%3Fo{name}+." for name in "abc")
    path = f"sparql?query=SELECT+*+%7B+{rows}+%7D&format=csv"
    refuses(get(shop, path, If_Match='"x"'), UNMET)
    # Its worker was stopped with it: the others, and another in its place, go on.
    for _ in range(3):
        assert shop.ask("ASK {}").status_code == 200


def test_headers_are_read_as_the_specification_has_them() -> None:
    match, since = b"if-match", b"if-unmodified-since"
    assert preconditions([(b"accept", b"*/*"), (b"if-none-match", b'"a"')]) is None
    assert preconditions([(match, b'"a", W/"b"'), (match, b'"c,d"')]) == Preconditions(
        frozenset({b'"a"', b'"c,d"'}), None
    )
    assert preconditions([(match, b" * ")]) == Preconditions(frozenset({b"*"}), None)
    assert preconditions([(match, b'"*"')]) == Preconditions(frozenset({b'"*"'}), None)
    day = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    for written in (
        b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"Sunday, 06-Nov-94 08:49:37 GMT",
        b"Sun Nov  6 08:49:37 1994",
    ):
        assert preconditions([(since, written)]) == Preconditions(None, day)
        assert preconditions([(since, written), (since, written)]) is None
        assert preconditions([(since, written), (match, b"*")]) == Preconditions(
            frozenset({b"*"}), None
        )
