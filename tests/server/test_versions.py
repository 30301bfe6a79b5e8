"""Releases that are not the newest: their files, documents and queries, while others go on."""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
import small
from shop import Shop, alive, children, command, web
from succession import lay, release, three, write

BASE = "https://w3id.org/dialogue/"
DATES = "SELECT ?d { ?s dlg:date ?d }"
NEVER = "public, max-age=31536000, immutable"
DAYS = ["2026-01-03", "2026-01-02", "2026-01-01"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three(tmp_path_factory.mktemp("versions"))


@pytest.fixture(scope="module")
def shop(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serving(folder, tmp_path_factory.mktemp("served")) as found:
        yield found


def serving(folder: Path, cwd: Path, **settings: str) -> AbstractContextManager[Shop]:
    """Serve releases; a busy machine may take long to open one."""
    return command(folder, cwd=cwd, **{"DIALOGUE_QUERY_SECONDS": "60", **settings})


def get(shop: Shop, path: str, accept: str = "*/*", **headers: str) -> httpx.Response:
    return web.get(f"{shop.url}{path}", headers={"Accept": accept, **headers})


def dates(shop: Shop, version: str) -> list[str]:
    """Return the days that a release knows, by its endpoint."""
    place = f"version/{version}/sparql" if version else "sparql"
    answer = web.post(
        f"{shop.url}{place}",
        content=DATES,
        headers={"Accept": "text/csv", "Content-Type": "application/sparql-query"},
    )
    assert answer.status_code == 200, answer.text
    return answer.text.split()[1:]


def opened(shop: Shop) -> list[str]:
    return list(get(shop, "ready").json()["generation"]["opened"])


def held(shop: Shop) -> list[tuple[str, bool]]:
    """Return the releases that are known, and whether they lie here."""
    known = get(shop, "releases.json").json()["releases"]
    return [(one["version"], one["held"]) for one in known]


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError


def test_the_files_of_the_newest_may_change_and_name_those_that_never_do(
    shop: Shop, folder: Path
) -> None:
    newest = get(shop, "dump/dialogue.nq")
    assert newest.status_code == 200
    assert newest.content == (folder / "2026-01-03/dialogue.nq").read_bytes()
    assert newest.headers["cache-control"] == "public, no-cache"
    assert newest.headers["content-location"] == "/dump/2026-01-03/dialogue.nq"
    never = get(shop, "dump/2026-01-03/dialogue.nq")
    assert (never.status_code, never.content) == (200, newest.content)
    assert never.headers["cache-control"] == NEVER
    assert "content-location" not in never.headers
    assert never.headers["etag"] == newest.headers["etag"]


@pytest.mark.parametrize("version", DAYS)
def test_every_file_of_a_release_can_be_had(shop: Shop, folder: Path, version: str) -> None:
    listed = get(shop, f"dump/{version}/", "application/json").json()
    there = {
        path.relative_to(folder / version).as_posix()
        for path in (folder / version).rglob("*")
        if path.is_file()
    }
    assert {file["name"] for file in listed} == there - {"SHA256SUMS"}
    for name in sorted(there):
        answer = get(shop, f"dump/{version}/{name}")
        assert answer.content == (folder / version / name).read_bytes(), name
        assert answer.headers["cache-control"] == NEVER
    known = get(shop, f"dump/{version}/dialogue.nq").headers["etag"]
    again = get(shop, f"dump/{version}/dialogue.nq", **{"If-None-Match": known})
    assert (again.status_code, again.content) == (304, b"")


def test_a_patch_is_a_file_and_no_coded_answer(shop: Shop, folder: Path) -> None:
    answer = get(shop, "dump/2026-01-02/from-2026-01-01.patch.gz")
    assert answer.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in answer.headers
    file = folder / "2026-01-02/from-2026-01-01.patch.gz"
    assert answer.content == file.read_bytes()


def test_the_list_tells_of_every_release_and_where_it_lies(shop: Shop, folder: Path) -> None:
    answer = get(shop, "releases.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache"
    listed = json.loads((folder / "releases.json").read_text())
    for entry in listed["releases"]:
        version = entry["version"]
        entry |= {
            "held": True,
            "dump": f"/dump/{version}/",
            "documents": f"/version/{version}/",
        }
    assert answer.json() == listed


def test_the_feed_is_that_of_the_newest(shop: Shop, folder: Path) -> None:
    answer = get(shop, "feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    assert answer.headers["content-location"] == "/dump/2026-01-03/feed.atom"
    assert answer.content == (folder / "2026-01-03/feed.atom").read_bytes()


def test_each_release_answers_what_it_says_itself(shop: Shop) -> None:
    assert dates(shop, "") == dates(shop, "2026-01-03") == []
    assert dates(shop, "2026-01-02") == ["2015-05-20"]
    assert dates(shop, "2026-01-01") == ["2015-05-19"]
    turtle = get(shop, "version/2026-01-01/doc/conference/one", "text/turtle")
    assert turtle.status_code == 200
    assert '"2015-05-19"' in turtle.text
    assert "2015-05-20" not in turtle.text
    led = get(shop, "version/2026-01-01/id/conference/one")
    assert led.status_code == 303
    assert led.headers["location"] == "/version/2026-01-01/doc/conference/one"
    # The same thing in the newest release, where less is held of it.
    assert '"2015-05-19"' not in get(shop, "doc/conference/one", "text/turtle").text


NOTICES = {
    "2026-01-02": "This is an earlier release of the record, 2026-01-02.",
    "2026-01-03": (
        "This is release 2026-01-03 of the record, the newest, at the address that it keeps."
    ),
}


@pytest.mark.parametrize("version", NOTICES)
def test_pages_of_a_release_say_which_it_is_and_lead_to_each_other(
    shop: Shop, version: str
) -> None:
    for path in ("", "doc/conference/one", "browse", "dump/", "docs", "sparql"):
        page = get(shop, f"version/{version}/{path}", "text/html").text
        notice = f'<p class="notice">{NOTICES[version]} <a href="/">To the newest</a></p>'
        assert [line for line in page.splitlines() if 'class="notice"' in line] == [notice], path
        addresses = {part.partition('"')[0] for part in page.split('href="/')[1:]}
        assert {a for a in addresses if a and not a.startswith(f"version/{version}/")} == set()
        assert 'class="notice"' not in get(shop, path, "text/html").text


@pytest.mark.parametrize("version", DAYS)
def test_nothing_leads_out_of_the_version_that_one_cites(shop: Shop, version: str) -> None:
    led = get(shop, f"version/{version}/id/conference/one")
    document = f"/version/{version}/doc/conference/one"
    assert (led.status_code, led.headers["location"]) == (303, document)
    # From memory too, whichever of the two is asked first.
    for place in (f"version/{version}/", "", f"version/{version}/", ""):
        for accept, suffix in [("text/html", ".html"), ("text/turtle", ".ttl")]:
            answer = get(shop, f"{place}doc/conference/one", accept)
            assert answer.status_code == 200
            assert answer.headers["content-location"] == f"/{place}doc/conference/one{suffix}"
            if accept == "text/html":
                assert f'href="/{place}place/lisbon' in answer.text.replace("/doc/", "/")
    tags = [
        get(shop, f"{place}doc/conference/one", "text/html").headers["etag"]
        for place in ("", f"version/{version}/")
    ]
    assert len({*tags}) == 2


def test_a_page_of_a_release_is_to_be_listed_where_the_newest_is(shop: Shop) -> None:
    def canonical(path: str, accept: str = "text/html") -> list[str]:
        answer = get(shop, path, accept)
        assert answer.status_code == 200
        return re.findall(r'<([^>]*)>; rel="canonical"', answer.headers.get("link", ""))

    for version in DAYS:
        place = f"version/{version}/"
        for accept in ("text/html", "text/turtle"):
            assert canonical(f"{place}doc/conference/one", accept) == [f"{BASE}doc/conference/one"]
        assert canonical(place) == [shop.url]
        # What somebody writes into an address stays in it.
        odd = f'{place}search?q=%3E%22a>; rel="canonical"'
        assert canonical(odd) == [f"{shop.url}search?q=%3E%22a%3E;%20rel=%22canonical%22"]
        assert canonical(f"{place}browse", "application/json") == []
    assert canonical("") == canonical("browse") == []
    assert "Disallow: /version/" in get(shop, "robots.txt").text.splitlines()


@pytest.mark.parametrize(
    "path",
    ["version/2025-01-01/doc/conference/one", "version/2025-01-01/sparql", "version/2025-01-01",
     "dump/2025-01-01/dialogue.nq", "dump/2025-01-01/"],
)  # fmt: skip
def test_a_release_that_is_not_here_is_told_with_those_that_are(shop: Shop, path: str) -> None:
    answer = get(shop, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"{shop.url}problems/version-unknown",
        "title": "There is no such release here",
        "status": 404,
        "detail": (
            "Release 2025-01-01 does not lie here; these do: 2026-01-03, 2026-01-02, 2026-01-01."
        ),
        "version": "2025-01-01",
        "versions": DAYS,
    }
    page = get(shop, path, "text/html")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Release 2025-01-01 does not lie here; these do: 2026-01-03," in page.text
    by_post = web.post(f"{shop.url}{path}", data={"query": "ASK {}"})
    assert by_post.status_code == (404 if path.startswith("version/") else 405)


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("version/2026-01-01/nothing", "Nothing has this address."),
        ("version/2026-01-01/doc/conference/two", "The record says nothing of this address."),
        ("version/2026-01-01/metrics", "This tells of the server, not of one release."),
        ("version/2026-01-01/ready", "This tells of the server, not of one release."),
        ("version/2026-01-01/version/2026-01-02/", "This tells of the server, not of one release."),
        ("dump/2026-01-01/nothing", "The release has no such file."),
        ("dump/2026-01-01/../../record/data/dataset.ttl", "Nothing has this address."),
    ],
)
def test_what_a_release_does_not_have_is_not_found(shop: Shop, path: str, detail: str) -> None:
    answer = get(shop, path)
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


def test_an_address_that_is_spelled_otherwise_is_no_way_around_what_is_kept(shop: Shop) -> None:
    odd = get(shop, "version/2026-01-01%2Fdoc/conference/one", "text/turtle")
    assert odd.status_code == 404
    plain = get(shop, "version/2026-01-01/conference/one", "text/turtle")
    assert (plain.status_code, plain.json()["detail"]) == (404, "Nothing has this address.")


def test_the_methods_of_an_earlier_release_are_those_of_the_newest(shop: Shop) -> None:
    for place in ("", "version/2026-01-01/"):
        head = web.head(f"{shop.url}{place}doc/conference/one", headers={"Accept": "text/turtle"})
        assert (head.status_code, head.content) == (200, b"")
        options = web.options(f"{shop.url}{place}sparql")
        assert options.status_code == 204
        assert options.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
        update = web.post(f"{shop.url}{place}sparql", data={"update": "DROP ALL"})
        assert update.json()["type"] == f"{shop.url}{place}problems/updates-disabled"
        service = web.post(
            f"{shop.url}{place}sparql", data={"query": "SELECT * { SERVICE <http://x/> { } }"}
        )
        assert service.json()["type"] == f"{shop.url}{place}problems/federation-disabled"
    bare = get(shop, "version/2026-01-01")
    assert (bare.status_code, bare.headers["location"]) == (308, "/version/2026-01-01/")


def test_one_worker_is_started_when_asked_and_ended_when_nobody_asks(
    folder: Path, tmp_path: Path
) -> None:
    with serving(folder, tmp_path, DIALOGUE_VERSION_SECONDS="3") as shop:
        (loader,) = children(shop.pid)
        assert dates(shop, "2026-01-01") == ["2015-05-19"]
        assert opened(shop) == ["2026-01-01"]
        (older,) = (pid for pid in children(shop.pid) if pid != loader)
        assert len(children(older)) == 1
        until(lambda: opened(shop) == [])
        until(lambda: not alive(older))
        # And again, when asked again.
        assert dates(shop, "2026-01-01") == ["2015-05-19"]
        figures = web.get(f"{shop.url}metrics").text
        assert "\ndialogue_versions_open 1.0\n" in figures
        (older,) = (pid for pid in children(shop.pid) if pid != loader)
    assert not alive(older)


def test_few_are_open_at_once_and_the_one_asked_longest_ago_makes_room(
    folder: Path, tmp_path: Path
) -> None:
    with serving(folder, tmp_path, DIALOGUE_OPEN_VERSIONS="1") as shop:
        for version, days in [("2026-01-01", "19"), ("2026-01-02", "20")] * 2:
            until(lambda version=version: get(shop, f"version/{version}/").status_code == 200)
            assert dates(shop, version) == [f"2015-05-{days}"]
            assert opened(shop) == [version]
        # One that was asked just now is not ended for another.
        refused = get(shop, "version/2026-01-01/")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.json()["type"] == f"{shop.url}problems/busy"
        assert opened(shop) == ["2026-01-02"]
        # The newest is open anyhow, and takes nobody's place.
        assert dates(shop, "2026-01-03") == []
        assert opened(shop) == ["2026-01-02"]


def test_where_none_may_be_open_the_newest_alone_answers(folder: Path, tmp_path: Path) -> None:
    with serving(folder, tmp_path, DIALOGUE_OPEN_VERSIONS="0") as shop:
        assert dates(shop, "2026-01-03") == []
        refused = get(shop, "version/2026-01-02/sparql")
        assert (refused.status_code, refused.json()["versions"]) == (404, ["2026-01-03"])
        assert get(shop, "dump/2026-01-02/dialogue.nq").status_code == 200


def test_a_query_to_an_earlier_release_ends_at_the_same_deadline(
    folder: Path, tmp_path: Path
) -> None:
    many = f"SELECT (COUNT(*) AS ?n) {{ {'?a%d ?b%d ?c%d . ' * 6} }}" % tuple(
        n for m in range(6) for n in (m, m, m)
    )
    with serving(folder, tmp_path, DIALOGUE_QUERY_SECONDS="1") as shop:
        until(lambda: get(shop, "version/2026-01-01/doc/conference/one").status_code == 200)
        place = f"{shop.url}version/2026-01-01/sparql"
        slow = web.post(place, data={"query": many})
        assert slow.status_code == 503
        assert slow.json()["type"] == f"{shop.url}version/2026-01-01/problems/query-timeout"
        # Its worker was replaced, and the newest did not notice.
        assert dates(shop, "2026-01-01") == ["2015-05-19"]
        assert dates(shop, "") == []


def test_many_who_ask_first_share_one_opening(folder: Path, tmp_path: Path) -> None:
    with serving(folder, tmp_path) as shop, ThreadPoolExecutor(8) as pool:
        (loader,) = children(shop.pid)
        answers = list(pool.map(lambda n: dates(shop, f"2026-01-0{n % 2 + 1}"), range(16)))
        assert answers == [["2015-05-19"], ["2015-05-20"]] * 8
        assert len(children(shop.pid)) == 3
        assert loader in children(shop.pid)
        # The log is written by the way, a moment later.
        until(lambda: shop.log.read_text().count("is open: it was asked for") >= 2)
        assert shop.log.read_text().count("is open: it was asked for") == 2


def test_a_new_release_takes_over_and_the_one_before_stays_at_its_address(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    with serving(folder, tmp_path) as shop:
        assert dates(shop, "") == dates(shop, "2026-01-01") == ["2015-05-19"]
        assert get(shop, "dump/").status_code == 200
        write(record, small.CONFERENCE.replace('"2015-05-19"', '"2015-05-20"'))
        release(record, folder, "2026-01-02")
        os.kill(shop.pid, signal.SIGHUP)
        until(lambda: dates(shop, "") == ["2015-05-20"])
        assert dates(shop, "2026-01-01") == ["2015-05-19"]
        assert held(shop) == [("2026-01-02", True), ("2026-01-01", True)]
        # One that is taken away is told of, and not served.
        shutil.rmtree(folder / "2026-01-01")
        gone = [("2026-01-02", True), ("2026-01-01", False)]
        until(lambda: held(shop) == gone)
        for path in ("dump/2026-01-01/dialogue.nq", "version/2026-01-01/doc/conference/one"):
            answer = get(shop, path)
            assert (answer.status_code, answer.json()["versions"]) == (404, ["2026-01-02"])


def test_what_is_damaged_or_not_what_the_list_tells_of_is_not_served(tmp_path: Path) -> None:
    folder = three(tmp_path)
    # One file of one release was changed; another release was put in the place of another.
    (folder / "2026-01-01/dialogue.nq").write_text("")
    shutil.rmtree(folder / "2026-01-02")
    other = release(small.lay(tmp_path / "other"), tmp_path / "others", "2026-01-02")
    shutil.copytree(other, folder / "2026-01-02")
    with serving(folder, tmp_path) as shop:
        damaged = get(shop, "version/2026-01-01/doc/conference/one")
        assert (damaged.status_code, damaged.json()["versions"]) == (404, ["2026-01-03"])
        replaced = get(shop, "dump/2026-01-02/dialogue.nq")
        assert replaced.status_code == 404
        assert replaced.json()["versions"] == ["2026-01-03", "2026-01-01"]
        assert dates(shop, "") == []
        log = shop.log.read_text()
        assert "2026-01-01: damaged: dialogue.nq is not what SHA256SUMS says; it is not" in log
        assert "2026-01-02: another release than releases.json tells of; it is not served" in log


def test_a_damaged_list_hides_nothing_that_lies_here(tmp_path: Path) -> None:
    folder = three(tmp_path)
    (folder / "releases.json").write_text("{")
    with serving(folder, tmp_path) as shop:
        assert held(shop) == [(day, True) for day in DAYS]
        assert dates(shop, "2026-01-02") == ["2015-05-20"]
        assert shop.log.read_text().count("releases.json: damaged: not a list of releases") == 1
