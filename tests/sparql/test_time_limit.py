"""The time that a client gives its answer."""

import time
from collections.abc import Iterator

import httpx
import pytest
from shop import DATA, Shop, lay, serve, web


def product(factors: int) -> str:
    """Return a pattern that fits every combination of so many triples, of which there are seven."""
    return " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(factors))


ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {product(12)} }}"
LONG = f"SELECT * {{ {product(5)} }}"
WRONG = ["-1", "1e3", "inf", "nan", "five", "1.", ".5", "1,5", " 1", "+1", "٣"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("limits"), DATA)) as found:
        yield found


def ask(shop: Shop, way: str, query: str, timeout: str) -> httpx.Response:
    asked = {"query": query, "timeout": timeout}
    if way == "get":
        return web.get(f"{shop.url}sparql", params=asked)
    if way == "form":
        return web.post(f"{shop.url}sparql", data=asked)
    headers = {"Content-Type": "application/sparql-query"}
    return web.request(
        way.upper(), f"{shop.url}sparql", params={"timeout": timeout}, content=query,
        headers=headers,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["get", "form", "post", "query"])
def test_a_query_is_given_up_when_its_client_has_waited_enough(shop: Shop, way: str) -> None:
    answer = ask(shop, way, ENDLESS, "0.3")
    assert answer.status_code == 503
    assert answer.json() == {
        "type": "http://dialogue.test/problems/query-timeout",
        "title": "The query takes too long",
        "status": 503,
        "detail": "The query was stopped after 0.3 seconds. Ask for less at a time: a narrower "
        "pattern, or a LIMIT.",
        "seconds": 0.3,
    }
    assert ask(shop, way, "ASK {}", "0.3").status_code in (200, 503)
    assert ask(shop, way, "ASK {}", "9").json() == {"head": {}, "boolean": True}


def test_nothing_goes_on_with_what_was_given_up(shop: Shop) -> None:
    before = set(shop.workers())
    assert ask(shop, "get", ENDLESS, "0.3").status_code == 503
    for _ in range(200):
        if not before <= set(shop.workers()):
            break
        time.sleep(0.05)
    assert not before <= set(shop.workers())


def test_the_server_s_own_limit_stays(tmp_path_factory: pytest.TempPathFactory) -> None:
    release = lay(tmp_path_factory.mktemp("own"), DATA)
    with serve(release, DIALOGUE_QUERY_SECONDS="0.5") as shop:
        for timeout in ("30", "0", ""):
            answer = ask(shop, "get", ENDLESS, timeout)
            assert (answer.status_code, answer.json()["seconds"]) == (503, 0.5)
        assert ask(shop, "get", ENDLESS, "0.2").json()["seconds"] == 0.2


def test_an_answer_that_has_begun_is_not_cut(shop: Shop) -> None:
    params = {"query": LONG, "timeout": "2", "format": "tsv"}
    with web.stream("GET", f"{shop.url}sparql", params=params) as answer:
        assert answer.status_code == 200
        parts = answer.iter_bytes()
        rows = next(parts).count(b"\n")
        time.sleep(2.1)
        rows += sum(part.count(b"\n") for part in parts)
    assert rows == 1 + 7**5


def test_the_page_waits_as_long(shop: Shop) -> None:
    params = {"query": ENDLESS, "timeout": "0.3", "format": "html"}
    answer = web.get(f"{shop.url}sparql", params=params)
    assert answer.status_code == 503
    assert "The query was stopped after 0.3 seconds." in answer.text


@pytest.mark.parametrize("timeout", WRONG)
def test_what_is_no_number_of_seconds_is_refused(shop: Shop, timeout: str) -> None:
    answer = ask(shop, "get", "ASK {}", timeout)
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "“timeout” is a number of seconds, such as 5 or 0.5; the server's own limit stays.",
    )
