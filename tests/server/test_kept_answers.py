"""Answers that are kept: the same bytes as computed ones, for everybody, and computed once."""

import asyncio
import gzip
import hashlib
import itertools
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from shop import DATA, MANY, Shop, lay, serve, web
from website import release, website

from app.engine.client import CLIENT
from app.engine.engine import Answer
from app.engine.query import Query
from app.server.application import Application, create_app
from app.settings import Settings

ACCEPTS = (
    "",
    "*/*",
    "text/html",
    "application/json",
    "text/turtle",
    "application/ld+json",
    "application/rdf+xml",
    "application/sparql-results+xml",
    "text/csv;q=0.5, text/tab-separated-values;q=0.4",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "application/n-quads, */*;q=0.1",
    "image/png",
)
RESOURCES = (
    "",
    "sparql",
    "sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Fo%20%7D%20LIMIT%20100",
    "sparql?query=CONSTRUCT%20WHERE%20%7B%20%3Fs%20a%20%3Fo%20%7D%20LIMIT%20100",
    "graphs?default",
    "doc/conference/cimo-16",
    "ontology",
    "static/style.css",
    "dump/void.ttl",
)
CODINGS = (
    # Who likes a coding best may take another, in which a file lies ready, or not.
    "identity, gzip;q=0.5",
    "gzip, deflate, br, zstd",
    "",
    "gzip",
    "br",
    "zstd",
    "identity;q=0, gzip;q=0.1",
)
# None of these changes an answer, and none comes back.
OTHERS = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "evil",
    "X-Forwarded-For": "198.51.100.7",
    "Forwarded": "host=evil.example",
    "Origin": "http://evil.example",
    "Referer": "http://evil.example/",
    "Cookie": "session=evil.example",
    "Authorization": "Basic ZXZpbDpldmls",
    "Accept-Language": "fr",
    "User-Agent": "evil.example",
    "X-Original-URL": "/evil.example",
    "X-HTTP-Method-Override": "DELETE",
}
# One names the response, and one the second in which a server began, which differs between the two.
PASSING = {"date", "server-timing", "x-request-id", "last-modified"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("kept") / "release") as shop:
        yield shop


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same site, which keeps nothing."""
    folder = tmp_path_factory.mktemp("forgetful") / "release"
    with website(folder, DIALOGUE_CACHE_MEMORY="0") as shop:
        yield shop


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as found:
        yield found


Response = tuple[int, dict[str, str], bytes]


def ask(
    client: httpx.Client, shop: Shop, path: str, headers: dict[str, str], method: str = "GET"
) -> tuple[Response, str]:
    """Return status, lasting headers and bytes as they were sent, and what tells of the cache."""
    request = client.build_request(method, f"{shop.url}{path}", headers=headers)
    # Only what is said here: a header that is empty is absent.
    for name in ("accept", "accept-encoding", "user-agent"):
        if name not in {key.lower() for key, value in headers.items() if value}:
            request.headers.pop(name, None)
    answer = client.send(request, stream=True)
    body = b"".join(answer.iter_raw())
    lasting = {k: v for k, v in answer.headers.items() if k not in PASSING}
    return (answer.status_code, lasting, body), answer.headers.get("server-timing", "")


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.partition("%20")[0] or "home")
def test_the_same_key_gives_the_same_bytes_kept_or_computed_to_everybody(
    site: Shop, forgetful: Shop, client: httpx.Client, path: str
) -> None:
    named: dict[str, bytes] = {}
    kept = 0
    for accept, coding in itertools.product(ACCEPTS, CODINGS):
        headers = {"Accept": accept, "Accept-Encoding": coding}
        first, _ = ask(client, site, path, headers)
        again, timing = ask(client, site, path, headers)
        other, timing_of_other = ask(client, site, path, {**headers, **OTHERS})
        computed, timing_of_computed = ask(client, forgetful, path, headers)
        assert first == again == other == computed
        assert b"evil" not in other[2]
        assert "evil" not in str(other[1])
        status, sent, body = first
        if "etag" in sent:
            assert status == 200
            assert timing == timing_of_other == "cache;desc=hit"
            assert timing_of_computed.startswith("cache;desc=miss;dur=")
            # A tag names these bytes and no others.
            assert named.setdefault(sent["etag"], body) == body
            assert "Accept-Encoding" in sent["vary"]
            kept += 1
        head, _ = ask(client, site, path, headers, "HEAD")
        assert head == (status, sent, b"")
    assert kept >= 5


def test_who_has_an_answer_that_is_kept_gets_none(site: Shop, client: httpx.Client) -> None:
    for path, coding in itertools.product(RESOURCES, CODINGS):
        headers = {"Accept": "*/*", "Accept-Encoding": coding}
        whole, _ = ask(client, site, path, headers)
        tag = whole[1]["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            answer, timing = ask(client, site, path, {**headers, "If-None-Match": known})
            assert (answer[0], answer[2], timing) == (304, b"", "cache;desc=hit")
            assert answer[1]["etag"] == tag
            assert answer[1]["vary"] == whole[1]["vary"]
            assert answer[1]["cache-control"] == whole[1]["cache-control"]
            # It changes nothing of what the client has, a page's policy least of all.
            assert {n for n in answer[1] if n.startswith("content-")} <= {"content-location"}
        answer, _ = ask(client, site, path, {**headers, "If-None-Match": '"other"'})
        assert answer == whole


@pytest.mark.parametrize(
    "path",
    [*RESOURCES, "browse/state.csv", "browse/state.xlsx", "browse/conference.ics", "dictionary"],
    ids=lambda path: path.partition("%20")[0] or "home",
)
def test_who_has_an_answer_is_told_nothing_of_its_content_kept_or_not(
    site: Shop, forgetful: Shop, client: httpx.Client, path: str
) -> None:
    headers = {"Accept": "*/*", "Accept-Encoding": "gzip"}
    whole, _ = ask(client, site, path, headers)
    assert (whole[0], "content-type" in whole[1]) == (200, True)
    known = {**headers, "If-None-Match": whole[1]["etag"]}
    again, timing = ask(client, site, path, known)
    computed, other = ask(client, forgetful, path, known)
    assert (timing, other[:15]) == ("cache;desc=hit", "cache;desc=miss")
    for status, sent, body in (again, computed):
        assert (status, body, sent["etag"]) == (304, b"", whole[1]["etag"])
        # RFC 9110, section 15.4.5.
        of_content = {name for name in sent if name.startswith(("content-", "accept-"))}
        assert of_content <= {"content-location"}


@pytest.mark.parametrize("path", ["browse/state.csv", "browse/state.xlsx"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_head_of_what_is_sent_as_it_is_made_is_that_of_the_answer(
    forgetful: Shop, client: httpx.Client, path: str, coding: str
) -> None:
    headers = {"Accept-Encoding": coding}
    whole, _ = ask(client, forgetful, path, headers)
    # Where nothing is kept, every list is too long to be.
    assert (whole[0], whole[1].pop("transfer-encoding")) == (200, "chunked")
    for _ in range(3):
        head, _ = ask(client, forgetful, path, headers, "HEAD")
        assert head == (200, whole[1], b"")
    assert "Traceback" not in forgetful.log.read_text("utf-8")


def test_nobody_is_sent_a_file_that_lies_ready_in_a_coding_that_it_does_not_take(
    site: Shop, client: httpx.Client
) -> None:
    # It is kept for who takes it, and for nobody else who likes the same coding best.
    for takes, other in (("identity, gzip;q=0.4", ""), ("zstd, gzip;q=0.4", "zstd")):
        for _ in range(2):
            packed, timing = ask(client, site, "dump/void.ttl", {"Accept-Encoding": takes})
            assert packed[1]["content-encoding"] == "gzip"
        assert timing == "cache;desc=hit"
        answer, _ = ask(client, site, "dump/void.ttl", {"Accept-Encoding": other})
        assert answer[1].get("content-encoding", "") == other


def test_what_is_taken_may_be_said_in_several_headers(site: Shop, client: httpx.Client) -> None:
    several = [("Accept-Encoding", "identity"), ("Accept-Encoding", "gzip;q=0.3")]
    answer = client.get(f"{site.url}dump/void.ttl", headers=several)
    assert answer.headers["content-encoding"] == "gzip"


def test_a_tag_of_another_coding_is_no_reason_to_send_nothing(
    site: Shop, client: httpx.Client
) -> None:
    other, _ = ask(client, site, "ontology", {"Accept-Encoding": "gzip"})
    headers = {"Accept-Encoding": "br", "If-None-Match": other[1]["etag"]}
    answer, _ = ask(client, site, "ontology", headers)
    assert (answer[0], answer[1]["content-encoding"]) == (200, "br")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_what_is_short_or_is_no_text_is_not_coded(site: Shop, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    long = web.get(f"{site.url}ontology", headers={**headers, "Accept": "text/turtle"})
    bare = web.get(f"{site.url}ontology", headers={"Accept-Encoding": "", "Accept": "text/turtle"})
    assert long.headers["content-encoding"] == coding
    assert int(long.headers["content-length"]) < len(bare.content) / 2
    assert long.content == bare.content
    short = web.get(f"{site.url}sparql?query=ASK%7B%7D", headers=headers)
    assert "content-encoding" not in short.headers
    assert short.headers["vary"] == "Accept, Accept-Encoding"
    must = {"Accept-Encoding": f"{coding}, identity;q=0"}
    coded = web.get(f"{site.url}sparql?query=ASK%7B%7D", headers=must)
    assert (coded.headers["content-encoding"], coded.json()["boolean"]) == (coding, True)


def test_who_takes_no_coding_at_all_is_told_which_there_are(site: Shop) -> None:
    answer = web.get(f"{site.url}ontology", headers={"Accept-Encoding": "identity;q=0"})
    assert answer.status_code == 406
    assert answer.json()["offered"] == ["zstd", "br", "gzip"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_part_of_a_file_is_never_coded_nor_kept(site: Shop, client: httpx.Client) -> None:
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
    whole, _ = ask(client, site, "dump/void.ttl", {})
    for _ in range(2):
        part, timing = ask(client, site, "dump/void.ttl", headers)
        assert (part[0], part[2], timing) == (206, whole[2][:10], "")
        assert "content-encoding" not in part[1]
    coded, _ = ask(client, site, "dump/void.ttl", {"Accept-Encoding": "gzip"})
    assert coded[1]["content-encoding"] == "gzip"


def test_a_file_that_lies_ready_in_gzip_is_sent_so(tmp_path: Path, client: httpx.Client) -> None:
    folder = release(tmp_path / "release")
    content = (folder / "dialogue.nq").read_bytes()
    # Longer than what is compressed for one request.
    large = content * (400_000 // len(content) + 1)
    (folder / "large.nq").write_bytes(large)
    (folder / "large.nq.gz").write_bytes(gzip.compress(large))
    (folder / "other.nq").write_bytes(large)
    digest = hashlib.sha256(large).hexdigest()
    with (folder / "SHA256SUMS").open("a", encoding="utf-8") as sums:
        sums.write(f"{digest}  large.nq\n{digest}  other.nq\n")
    with serve(folder) as shop:
        for accepted in ("gzip", "gzip, br, zstd"):
            packed, _ = ask(client, shop, "dump/large.nq", {"Accept-Encoding": accepted})
            assert packed[1]["content-encoding"] == "gzip"
            assert packed[1]["etag"] == f'"{digest}-gzip"'
            assert gzip.decompress(packed[2]) == large
            known = {"Accept-Encoding": accepted, "If-None-Match": packed[1]["etag"]}
            again, _ = ask(client, shop, "dump/large.nq", known)
            assert (again[0], again[2], again[1]["etag"]) == (304, b"", f'"{digest}-gzip"')
            part, _ = ask(
                client, shop, "dump/large.nq", {"Accept-Encoding": accepted, "Range": "bytes=5-99"}
            )
            # A part is one of the plain file, whatever else may be had.
            assert (part[0], part[2]) == (206, large[5:100])
            assert "content-encoding" not in part[1]
        for path, accepted in (("large", ""), ("large", "gzip;q=0"), ("other", "gzip")):
            bare, _ = ask(client, shop, f"dump/{path}.nq", {"Accept-Encoding": accepted})
            assert (bare[1]["etag"], bare[2] == large) == (f'"{digest}"', True)
            assert "content-encoding" not in bare[1]
        # Who must have it coded has it.
        must = {"Accept-Encoding": "gzip, identity;q=0"}
        coded, _ = ask(client, shop, "dump/other.nq", must)
        assert gzip.decompress(coded[2]) == large
        assert web.get(f"{shop.url}dump/large.nq.gz").status_code == 404


def test_what_asks_on_another_condition_is_not_answered_from_the_cache(
    site: Shop, client: httpx.Client
) -> None:
    path = "doc/conference/cimo-16"
    whole, _ = ask(client, site, path, {})
    assert ask(client, site, path, {})[1] == "cache;desc=hit"
    long_ago, later = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    for name, value in (
        ("If-Match", whole[1]["etag"]),
        ("If-Range", long_ago),
        ("If-Unmodified-Since", later),
        ("If-Modified-Since", long_ago),
    ):
        answer, _ = ask(client, site, path, {name: value})
        assert answer == whole
    for name, value in (("If-Match", '"x"'), ("If-Unmodified-Since", long_ago)):
        answer, _ = ask(client, site, path, {name: value})
        assert answer[0] == 412
    # A tag says more than a time.
    both = {"If-None-Match": whole[1]["etag"], "If-Modified-Since": long_ago}
    answer, timing = ask(client, site, path, both)
    assert (answer[0], timing) == (304, "cache;desc=hit")


def test_a_query_counts_for_who_asked_and_not_for_a_proxy_that_is_trusted(tmp_path: Path) -> None:
    settings = Settings(public_url="http://dialogue.test/", trusted_proxies="127.0.0.1")
    app = create_app(settings, lay(tmp_path / "r", DATA))

    async def run() -> None:
        client = await running(app)
        counted = Counted(app)
        try:
            for number, forwarded in enumerate(["192.0.2.1", "2001:db8::1", "x, 192.0.2.2"]):
                query = f"SELECT ({number} AS ?n) {{}}"
                headers = {"X-Forwarded-For": forwarded}
                await client.get("/sparql", params={"query": query}, headers=headers)
                # From the cache it counts for nobody.
                await client.get("/sparql", params={"query": query})
            assert counted.clients == ["192.0.2.1", "2001:db8::/64", "192.0.2.2"]
        finally:
            await client.aclose()
            await app.engine.stop()

    asyncio.run(run())


async def running(app: Application) -> httpx.AsyncClient:
    await app.engine.start()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


class Counted:
    """The engine's queries, counted as they go by."""

    def __init__(self, app: Application) -> None:
        self._run, self.texts, self.clients = app.engine.run, list[str](), list[str]()
        app.engine.run = self.run  # type: ignore[method-assign]

    async def run(self, query: Query, *, deadline: float | None = None) -> Answer:
        self.texts.append(query.text)
        self.clients.append(CLIENT.get())
        return await self._run(query, deadline=deadline)


# A third of the pairs: on a slow machine all of them would take longer than the server allows.
HEAVY = (
    "SELECT (COUNT(*) AS ?n)"
    " { ?a ex:number ?x . ?b ex:number ?y FILTER(STRLEN(?y) < 4 && ?x < ?y) }"
)


def test_a_query_that_many_ask_at_once_is_computed_once(tmp_path: Path) -> None:
    app = create_app(Settings(public_url="http://dialogue.test/"), lay(tmp_path / "r", DATA + MANY))

    async def run() -> None:
        client = await running(app)
        counted = Counted(app)
        try:
            # By several ways: the query is the same.
            get = [client.get("/sparql", params={"query": HEAVY}) for _ in range(10)]
            post = [client.post("/sparql", data={"query": HEAVY}) for _ in range(10)]
            answers = await asyncio.gather(*get, *post)
            assert {(a.status_code, a.content) for a in answers} == {(200, answers[0].content)}
            assert counted.texts == [HEAVY]
            assert counted.clients == ["127.0.0.1"]
            assert app.cache.counts().shared == 19
            # One that may differ next time is computed for each.
            rand = "SELECT (RAND() AS ?r) {}"
            asked = (client.get("/sparql", params={"query": rand}) for _ in range(5))
            answers = await asyncio.gather(*asked)
            assert len({a.content for a in answers}) == 5
            again = await client.get("/sparql", params={"query": rand})
            assert again.headers["cache-control"] == "no-store"
            assert told(again) == "uncacheable"
            assert len(counted.texts) == 1 + 5 + 1
        finally:
            await client.aclose()
            await app.engine.stop()

    asyncio.run(run())


def test_the_first_who_asks_may_leave_and_the_others_are_answered(tmp_path: Path) -> None:
    app = create_app(Settings(public_url="http://dialogue.test/"), lay(tmp_path / "r", DATA + MANY))

    async def run() -> None:
        client = await running(app)
        counted = Counted(app)
        try:
            first, *others = (
                asyncio.create_task(client.get("/sparql", params={"query": HEAVY}))
                for _ in range(4)
            )
            while not counted.texts:
                await asyncio.sleep(0.001)
            first.cancel()
            answers = await asyncio.gather(*others)
            assert {a.status_code for a in answers} == {200}
            assert counted.texts == [HEAVY]
        finally:
            await client.aclose()
            await app.engine.stop()

    asyncio.run(run())


def test_a_page_that_many_ask_at_once_is_made_once(site: Shop) -> None:
    answers: list[httpx.Response] = []
    address = f"{site.url}search?q=once"
    threads = [threading.Thread(target=lambda: answers.append(web.get(address))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({a.content for a in answers}) == 1
    assert {a.status_code for a in answers} == {200}


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    release = lay(tmp_path / "r", DATA + MANY)
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serve(release, DIALOGUE_QUERY_SECONDS="0.5") as shop:
        for _ in range(2):
            answer = shop.ask(endless)
            assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
            assert "server-timing" not in answer.headers
    # It was the time that was short.
    with serve(release) as shop:
        capped = "SELECT ?x { ?s ex:number ?x } LIMIT 3"
        first, second = shop.ask(capped), shop.ask(capped)
        assert first.content == second.content
        assert second.headers["server-timing"] == "cache;desc=hit"


def told(answer: httpx.Response) -> str | None:
    """Return what Server-Timing tells of the cache, whose time is a number of milliseconds."""
    timing = answer.headers.get("server-timing", "")
    match = re.fullmatch(r"cache;desc=(hit|(?:miss|uncacheable);dur=\d+\.\d)", timing)
    return match[1].partition(";")[0] if match else None


def test_whether_an_answer_was_kept_is_told_however_it_was_asked(site: Shop) -> None:
    volatile, again = "SELECT (NOW() AS ?x) {}", "SELECT (41 + 1 AS ?x) {}"
    url = f"{site.url}sparql"

    def each(query: str) -> Iterator[str | None]:
        yield told(web.get(url, params={"query": query}))
        yield told(web.head(url, params={"query": query}))
        yield told(web.post(url, data={"query": query}))
        # A condition is not looked at where answers are kept, nor is a body that is long.
        yield told(web.get(url, params={"query": query}, headers={"If-Match": "*"}))
        yield told(web.post(url, data={"query": query + " " * 20_000}))

    assert [*each(volatile)] == ["uncacheable"] * 5
    assert [*each(again)] == ["miss", *["hit"] * 4]
    # A refusal tells nothing.
    assert told(web.get(url, params={"query": "nonsense"})) is None


def test_rows_that_were_cut_by_the_setting_say_so_from_the_cache_too(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "r", DATA + MANY), DIALOGUE_MAX_ROWS="5") as shop:
        query = "SELECT ?x { ?s ex:number ?x }"
        by_post = [shop.ask(query) for _ in range(2)]
        by_get = [web.get(f"{shop.url}sparql", params={"query": query}) for _ in range(2)]
        for answer in (*by_post, *by_get):
            assert answer.headers["dialogue-rows-capped"] == "5"
            assert answer.content == by_post[0].content
        assert by_get[0].headers["server-timing"] == "cache;desc=hit"


def test_memory_that_is_kept_is_bounded_and_counted(tmp_path: Path) -> None:
    settings = Settings(public_url="http://dialogue.test/", cache_memory="200 KB")
    app = create_app(settings, lay(tmp_path / "r", DATA + MANY))

    async def run() -> None:
        client = await running(app)
        try:
            for number in range(60):
                query = f"SELECT ?x {{ ?s ex:number ?x }} LIMIT {number + 40}"
                for _ in range(2):
                    answer = await client.get("/sparql", params={"query": query})
                    assert answer.status_code == 200
                counts = app.cache.counts()
                assert counts.bytes <= counts.limit == 200_000
            assert (counts.hits, counts.misses) == (60, 60)
            assert counts.evicted > 0
        finally:
            await client.aclose()
            await app.engine.stop()

    asyncio.run(run())
