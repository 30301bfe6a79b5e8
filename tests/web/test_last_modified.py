"""Since when an answer is as it is, for clients that know no entity tags."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from shop import Shop, serve, web
from website import release, website

QUERY = "sparql?query=SELECT+*+%7B+%3Fs+a+%3Fo+%7D+ORDER+BY+%3Fs+LIMIT+3"
# A page, a document, a list, a graph, the endpoint's description, a query, a file of the release.
FILE = "dump/dialogue.nq"
KEPT = ["", "doc/state/PRT.ttl", "browse", "graphs?default", "sparql", QUERY, FILE]
NOT_KEPT = ["sparql?query=SELECT+(NOW()+AS+%3Fn)+%7B%7D", "live", "sparql?query=nonsense", "absent"]


# When the checksums of the release were written, in seconds since 1970.
MADE = 1_790_000_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = release(tmp_path_factory.mktemp("modified"))
    os.utime(folder / "SHA256SUMS", (MADE, MADE))
    with serve(folder) as found:
        yield found


def get(shop: Shop, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.request(method, shop.url + path, headers=sent)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.partition("?")[0] or "home")
def test_who_names_the_second_has_it_already(shop: Shop, path: str) -> None:
    answer = get(shop, path)
    since = answer.headers["last-modified"]
    assert answer.status_code == 200
    assert parsedate_to_datetime(since) <= parsedate_to_datetime(answer.headers["date"])
    for method in ("GET", "HEAD"):
        again = get(shop, path, method, If_Modified_Since=since)
        assert (again.status_code, again.content) == (304, b""), method
        assert "content-type" not in again.headers
        assert "content-length" not in again.headers
        for name in ("etag", "cache-control", "last-modified", "access-control-allow-origin"):
            assert again.headers[name] == answer.headers[name]
        assert again.headers.get("vary") == answer.headers.get("vary")


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.partition("?")[0] or "home")
def test_another_second_is_another_answer(shop: Shop, path: str) -> None:
    answer = get(shop, path)
    second = parsedate_to_datetime(answer.headers["last-modified"]).timestamp()
    for other in (second - 1, second + 1, second + 86_400):
        again = get(shop, path, If_Modified_Since=formatdate(other, usegmt=True))
        assert (again.status_code, again.content) == (200, answer.content)
    again = get(shop, path, If_Modified_Since="yesterday")
    assert (again.status_code, again.content) == (200, answer.content)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.partition("?")[0] or "home")
def test_an_entity_tag_counts_for_more(shop: Shop, path: str) -> None:
    answer = get(shop, path)
    since = answer.headers["last-modified"]
    other = get(shop, path, If_Modified_Since=since, If_None_Match='"other"')
    assert (other.status_code, other.content) == (200, answer.content)
    old = formatdate(0, usegmt=True)
    same = get(shop, path, If_Modified_Since=old, If_None_Match=answer.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize("path", NOT_KEPT, ids=["now", "live", "malformed", "absent"])
def test_what_nobody_may_keep_has_no_such_second(shop: Shop, path: str) -> None:
    answer = get(shop, path)
    assert "last-modified" not in answer.headers
    since = get(shop, "").headers["last-modified"]
    again = get(shop, path, If_Modified_Since=since)
    assert again.status_code == answer.status_code
    assert (again.status_code == 200) == bool(path.startswith(("sparql?query=SELECT", "live")))
    assert again.content


def test_a_post_is_always_answered(shop: Shop) -> None:
    since = get(shop, QUERY).headers["last-modified"]
    answer = web.post(
        f"{shop.url}sparql", data={"query": "ASK {}"}, headers={"If-Modified-Since": since}
    )
    assert (answer.status_code, answer.json()["boolean"]) == (200, True)


def test_a_file_of_a_release_is_of_when_the_release_was_made(shop: Shop) -> None:
    made = formatdate(MADE, usegmt=True)
    began = get(shop, "").headers["last-modified"]
    named = httpx.URL(get(shop, FILE).headers["content-location"]).path.removeprefix("/")
    assert named != FILE
    for path in (FILE, named):
        assert get(shop, path).headers["last-modified"] == made
        packed = get(shop, path, If_Modified_Since=made, Accept_Encoding="gzip")
        assert (packed.status_code, packed.content) == (304, b"")
    # When the server began says nothing of the file that moves.
    assert get(shop, FILE, If_Modified_Since=began).status_code == 200
    # A part goes on only with the same file.
    part = get(shop, FILE, Range="bytes=1-4", If_Range=made)
    assert (part.status_code, part.headers["last-modified"]) == (206, made)
    assert get(shop, FILE, Range="bytes=1-4", If_Range=began).status_code == 200


def test_of_what_never_changes_every_later_day_is_as_good(shop: Shop) -> None:
    made, day = formatdate(MADE, usegmt=True), 86_400
    path = httpx.URL(get(shop, FILE).headers["content-location"]).path.removeprefix("/")
    for method in ("GET", "HEAD"):
        for later in (MADE, MADE + 1, MADE + day):
            since = formatdate(later, usegmt=True)
            answer = get(shop, path, method, If_Modified_Since=since)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["last-modified"] == made
        earlier = formatdate(MADE - 1, usegmt=True)
        assert get(shop, path, method, If_Modified_Since=earlier).status_code == 200
    for wrong in ("yesterday", "", "Sat, 31 Feb 2099 00:00:00 GMT", "2099-01-01"):
        assert get(shop, path, If_Modified_Since=wrong).status_code == 200, wrong
    # A tag counts for more.
    later = formatdate(MADE + day, usegmt=True)
    other = get(shop, path, If_Modified_Since=later, If_None_Match='"other"')
    assert other.status_code == 200


def test_a_book_made_when_asked_is_of_when_the_server_began(shop: Shop) -> None:
    began = get(shop, "").headers["last-modified"]
    for method in ("GET", "HEAD"):
        answer = get(shop, "browse/state.xlsx", method)
        assert (answer.status_code, answer.headers["last-modified"]) == (200, began)


def test_one_release_served_again_is_asked_for_again(tmp_path: Path, shop: Shop) -> None:
    first = get(shop, "doc/state/PRT.ttl").headers["last-modified"]
    with website(tmp_path / "again") as other:
        answer = get(other, "doc/state/PRT.ttl")
        assert parsedate_to_datetime(first) < parsedate_to_datetime(answer.headers["last-modified"])
        assert get(other, "doc/state/PRT.ttl", If_Modified_Since=first).status_code == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_fetches_a_file_again_only_if_it_changed(tmp_path: Path, shop: Shop) -> None:
    file = tmp_path / "portugal.ttl"

    def fetch() -> str:
        command = ["curl", "-s", "-R", "-o", file.name, "-w", "%{http_code}"]
        once = ["-z", file.name] if file.exists() else []
        done = subprocess.run(
            [*command, *once, f"{shop.url}doc/state/PRT.ttl"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    assert fetch() == "200"
    content = file.read_bytes()
    assert b"PRT" in content
    assert fetch() == "304"
    assert file.read_bytes() == content
