"""The habits of those who ask with curl."""

import gzip
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import truth
from shop import Shop

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
QUERY = truth.ROWS["signs"]
JSON = "application/sparql-results+json"


def curl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["curl", "-sS", *arguments], input=given, capture_output=True, timeout=60, check=True
    )
    return done.stdout


def rows(content: bytes) -> Counter[truth.Row]:
    return truth.of_json(json.loads(content))


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A query in a file."""
    path = tmp_path / "query.rq"
    path.write_text(QUERY, encoding="utf-8")
    return str(path)


def test_a_query_in_the_address(endpoint: str) -> None:
    assert rows(curl("-G", endpoint, "--data-urlencode", f"query={QUERY}")) == truth.rows(QUERY)


def test_a_query_from_a_file(endpoint: str, file: str) -> None:
    assert rows(curl("-G", endpoint, "--data-urlencode", f"query@{file}")) == truth.rows(QUERY)
    assert rows(curl(endpoint, "--data-urlencode", f"query@{file}")) == truth.rows(QUERY)
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{file}")
    assert rows(curl(endpoint, *direct)) == truth.rows(QUERY)
    given = QUERY.encode()
    assert rows(curl(endpoint, *direct[:2], "--data-binary", "@-", given=given)) == truth.rows(
        QUERY
    )


def test_a_short_query_as_it_is(endpoint: str) -> None:
    query = "SELECT ?name { ?s ex:name ?name }"
    expected = truth.rows(truth.PREFIX + query)
    assert rows(curl(endpoint, "-d", f"query={query}")) == expected
    assert (
        rows(curl("-X", "POST", "-G", endpoint, "--data-urlencode", f"query={query}")) == expected
    )


def test_a_query_that_is_called_a_form_is_told_of_its_type(endpoint: str, file: str) -> None:
    problem = json.loads(curl(endpoint, "--data-binary", f"@{file}"))
    assert problem["status"] == 400
    assert problem["detail"] == (
        "The body has no parameter “query”. A query that is the whole body has the type "
        "application/sparql-query."
    )


def test_many_parts_are_told_of_the_types_that_are_read(endpoint: str) -> None:
    problem = json.loads(curl(endpoint, "-F", "query=ASK {}"))
    assert (problem["status"], problem["accepted"]) == (
        415,
        ["application/sparql-query", "application/x-www-form-urlencoded"],
    )


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", JSON),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("application/xml", "application/xml"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/json", "application/json"),
    ],
)
def test_a_format_is_asked_for(endpoint: str, accept: str, media: str) -> None:
    written = curl(
        "-G", endpoint, "--data-urlencode", f"query={QUERY}", "-H", f"Accept: {accept}",
        "-o", "/dev/null", "-w", "%{http_code} %{content_type}",
    )  # fmt: skip
    assert written.decode() == f"200 {media}"


def test_only_the_head(endpoint: str) -> None:
    head = curl("-I", "-G", endpoint, "--data-urlencode", f"query={QUERY}").decode().lower()
    whole = curl("-G", endpoint, "--data-urlencode", f"query={QUERY}")
    assert head.startswith("http/1.1 200")
    assert f"content-type: {JSON}\r\n" in head
    assert f"content-length: {len(whole)}\r\n" in head
    assert head.endswith("\r\n\r\n")


def test_what_is_compressed_reads_the_same(shop: Shop) -> None:
    for path in ("sparql", "graphs?default", "sparql?format=nt"):
        assert curl("--compressed", shop.url + path) == curl(shop.url + path)
    # Who takes nothing else gets nothing else.
    plain = curl("-H", "Accept-Encoding: identity", f"{shop.url}graphs?default")
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(plain)


def test_a_thing_is_followed_to_its_description(documents: Shop) -> None:
    turtle = curl("-L", "-H", "Accept: text/turtle", f"{documents.url}id/state/PRT")
    assert turtle == curl(f"{documents.url}doc/state/PRT.ttl")
    written = curl(
        "-L", f"{documents.url}id/state/PRT", "-H", "Accept: text/plain",
        "-w", "\n%{num_redirects} %{http_code} %{content_type}",
    )  # fmt: skip
    content, _, told = written.decode().rpartition("\n")
    assert told == "1 200 text/plain; charset=utf-8"
    assert content.encode() == curl(f"{documents.url}doc/state/PRT.nt")


def test_a_stroke_too_many_is_no_matter(endpoint: str) -> None:
    asked = ("--data-urlencode", f"query={QUERY}")
    assert rows(curl("-L", f"{endpoint}/", *asked)) == truth.rows(QUERY)
    assert rows(curl("-G", f"{endpoint}/", *asked)) == truth.rows(QUERY)


def test_what_is_refused_fails(endpoint: str) -> None:
    asked = ["curl", "-sSf", "-G", endpoint, "--data-urlencode"]
    done = subprocess.run([*asked, "query=ASK {"], capture_output=True, timeout=60)
    assert done.returncode == 22
    assert subprocess.run([*asked, "query=ASK {}"], capture_output=True, timeout=60).returncode == 0
