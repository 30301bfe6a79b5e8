"""What the programs of search engines find: where they may go, and every page that there is."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pyoxigraph as ox
import pytest
from lxml import etree
from shop import Shop, lay, serve
from website import get, website

from app.namespaces import RDF
from app.pages.sitemap import MOST

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
BASE = "https://w3id.org/dialogue/"
# Where the server is told that it is reached.
PUBLIC = "http://dialogue.test/"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("sitemap") / "release") as found:
        yield found


def listed(shop: Shop, path: str, root: str) -> list[tuple[str, str]]:
    """Return the addresses of a site map, below the server's, with their days."""
    answer = get(shop, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml"
    assert len(answer.content) <= 50 * 1024 * 1024
    document = etree.fromstring(answer.content)
    assert etree.QName(document) == etree.QName(NAMESPACE["s"], root)
    assert 0 < len(document) <= MOST
    entries = []
    for entry in document:
        [address] = entry.findall("s:loc", NAMESPACE)
        [day] = entry.findall("s:lastmod", NAMESPACE)
        assert len(address.text) < 2048
        assert address.text.startswith(PUBLIC)
        entries.append((address.text.removeprefix(PUBLIC), day.text))
    return entries


def test_every_document_is_in_the_site_map_and_answers(shop: Shop) -> None:
    day = get(shop, "dump/release.json").json()["date"]
    index = listed(shop, "sitemap.xml", "sitemapindex")
    assert index[0] == ("sitemap/pages.xml", day)
    pages: list[str] = []
    for path, dated in index:
        assert dated == day
        entries = listed(shop, path, "urlset")
        assert {dated for _, dated in entries} == {day}
        pages += [path for path, _ in entries]
    assert len(pages) == len(set(pages))
    triples = ox.parse(get(shop, "dump/dialogue.ttl").content, format=ox.RdfFormat.TURTLE)
    things = {
        q.subject.value.removeprefix(f"{BASE}id/")
        for q in triples
        if q.predicate == RDF.type and str(q.subject).startswith(f"<{BASE}id/")
    }
    assert {path.removeprefix("doc/") for path in pages if path.startswith("doc/")} == things
    for path in [path for path in pages if not path.startswith("doc/")] + pages[-3:]:
        assert get(shop, path, "text/html").status_code == 200, path


def test_a_kind_that_is_not_there_has_no_site_map(shop: Shop) -> None:
    for path in ("sitemap/nothing.xml", "sitemap/conference.xml?after=zzz"):
        answer = get(shop, path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            404,
            "application/problem+json",
        )


def test_robots_are_told_what_not_to_ask(shop: Shop) -> None:
    answer = get(shop, "robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [f"{PUBLIC}sitemap.xml"]
    allowed = ["", "browse", "doc/conference/cimo-16", "dump/dialogue.nq", "static/style.css"]
    refused = ["sparql?query=ASK%7B%7D", "graphs?default", "search?q=a", "links?to=a", "metrics"]
    refused += ["version/2026-11-30/doc/conference/cimo-16"]
    assert [path for path in allowed if not robots.can_fetch("any", PUBLIC + path)] == []
    assert [path for path in refused if robots.can_fetch("any", PUBLIC + path)] == []


def test_the_icon_that_browsers_look_for_is_there(shop: Shop) -> None:
    answer = get(shop, "favicon.ico")
    assert answer.status_code == 308
    icon = get(shop, urlsplit(answer.headers["location"]).path)
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")


def test_more_than_a_site_map_may_hold_goes_into_several(tmp_path: Path) -> None:
    kind = ox.NamedNode("http://example.org/Thing")
    quads = [
        ox.Quad(ox.NamedNode(f"{BASE}id/x/{number:06}é"), RDF.type, kind)
        for number in range(MOST + 2)
    ]
    data = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    assert data
    with serve(lay(tmp_path / "release", data.decode())) as shop:
        index = [path for path, _ in listed(shop, "sitemap.xml", "sitemapindex")]
        assert len(index) == 3
        first, second = (listed(shop, path, "urlset") for path in index[1:])
    assert (len(first), len(second)) == (MOST, 2)
    assert second == [(f"doc/x/{n:06}%C3%A9", "2026-01-02") for n in (MOST, MOST + 1)]
