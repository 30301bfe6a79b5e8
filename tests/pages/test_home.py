"""The first page of any data: what it is called, its conferences, and nothing that is not there."""

from pathlib import Path

import pytest
from shop import DATA, Shop, lay, serve
from website import BASE, Page, get, tidy, walk, website

A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DLG = f"{BASE}ontology#"
DAY = "http://www.w3.org/2001/XMLSchema#date"


def conferences(number: int, beginning: str) -> str:
    """Return so many conferences, one a month from 1990 on."""
    lines = []
    for n in range(number):
        thing, day = f"<{beginning}{n:03}>", f"{1990 + n // 12}-{n % 12 + 1:02}-09"
        lines.append(f"{thing} {A} <{DLG}Conference> .")
        lines += [
            f'{thing} <{DLG}{property}> "{day}"^^<{DAY}> .' for property in ("begins", "ends")
        ]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("number", "beginning", "leads"),
    [
        (200, f"{BASE}id/meeting/", None),
        (203, f"{BASE}id/meeting/", "/browse/meeting"),
        (203, "http://example.org/meeting/", "/sparql"),
    ],
    ids=["all", "more", "elsewhere"],
)
def test_the_newest_conferences_are_shown_and_where_the_earlier_ones_are(
    tmp_path: Path, number: int, beginning: str, leads: str | None
) -> None:
    with serve(lay(tmp_path / "many", conferences(number, beginning))) as shop:
        found = Page(get(shop, "", "text/html").text)
    days = [tidy(e.text) for e in found.all("span", "when")]
    assert (len(days), days[-1]) == (200, f"9 {'August' if number == 200 else 'November'} 2006")
    assert days[0] == ("9 January 1990" if number == 200 else "9 April 1990")
    opened = [e for e in found.all("details", "decade") if "open" in e.attributes]
    assert [tidy(found.inside(e, "summary")[0].text) for e in opened] == [
        f"2000s {80 if number == 200 else 83}"
    ]
    section = next(
        e for e in found.all("section") if e.attributes.get("aria-labelledby") == "timeline"
    )
    told = [tidy(p.text) for p in found.inside(section, "p") if "earlier ones" in p.text]
    assert bool(told) == (leads is not None)
    if leads:
        assert leads in [e.attributes["href"] for e in found.inside(section, "a")]
        assert told[0].startswith("These are the newest 200; the earlier ones are ")


DATASET, TERMS = f"<{BASE}dataset>", "http://purl.org/dc/terms/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
HOUSE = "https://example.org/house-licence"
NAMED = f"""\
{DATASET} <{TERMS}title> "Dados do clube"@pt .
{DATASET} <{TERMS}description> "Tudo o que se sabe. E mais."@pt .
{DATASET} <{TERMS}license> <{BY_SA}> .
{DATASET} <{TERMS}license> <{HOUSE}> .
<{HOUSE}> <http://www.w3.org/2000/01/rdf-schema#label> "House licence"@en .
"""


def foot(shop: Shop, path: str) -> tuple[str, dict[str, str]]:
    """Return the text at the foot of a page, and its links by their words."""
    found = Page(get(shop, path, "text/html").text)
    (footer,) = found.all("footer")
    links = {tidy(e.text): e.attributes["href"] for e in found.inside(footer, "a")}
    return tidy(footer.text), links


def opening(shop: Shop) -> tuple[str, list[str]]:
    """Return the heading of the first page and the paragraphs below it."""
    found = Page(get(shop, "", "text/html").text)
    (section,) = found.all("section", "opening")
    assert found.texts("title") == [f"{found.texts('h1')[0]} · Dialogue"]
    return found.texts("h1")[0], [tidy(e.text) for e in found.inside(section, "p")]


WAYS = "Read it here, follow it as linked data, ask it in SPARQL, or take the whole of it away."


def test_data_that_say_nothing_of_themselves_are_said_nothing_of(tmp_path: Path) -> None:
    things = (
        f"<{BASE}id/thing/one> {A} <http://e.org/Thing> .\n"
        f"<{BASE}id/alice> {A} <http://e.org/Person> .\n"
    )
    with serve(lay(tmp_path / "bare", DATA + things)) as shop:
        assert opening(shop) == ("A graph to read and to ask", [WAYS])
        text, links = foot(shop, "browse")
        assert "under" not in text
        assert "quotations" not in text.lower()
        assert "about the data" not in links
        seen = dict(walk(shop))
        assert {path: a.status_code for path, a in seen.items() if a.status_code >= 400} == {}
        assert {"/browse/thing", "/browse/thing.csv", "/doc/thing/one"} <= set(seen)
        assert "/browse/" not in seen
        assert "dictionary" not in seen["/browse/thing"].text
        kinds = get(shop, "browse.json").json()
        assert [one["kind"] for one in kinds] == ["thing"]
        for path in ("graph/", ".well-known/void"):
            answer = get(shop, path, "text/html")
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), path
        assert "/sitemap/.xml" not in get(shop, "sitemap.xml").text
        assert "/dataset<" not in get(shop, "sitemap/pages.xml").text


def test_data_are_called_described_and_licensed_as_they_say(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "named", DATA + NAMED)) as shop:
        assert opening(shop) == ("Dados do clube", ["Tudo o que se sabe. E mais.", WAYS])
        found = Page(get(shop, "", "text/html").text)
        assert [e.attributes["lang"] for e in (*found.all("h1"), *found.all("p", "lead"))] == [
            "pt",
            "pt",
        ]
        text, links = foot(shop, "browse")
        assert text.endswith("The data are under CC BY-SA 4.0 and House licence.")
        assert links["CC BY-SA 4.0"] == BY_SA
        assert links["House licence"] == HOUSE
        assert links["about the data"] == "/dataset"
        for path in ("graph/", ".well-known/void"):
            assert get(shop, path, "text/html").headers["location"] == "/dataset", path
        assert "/dataset<" in get(shop, "sitemap/pages.xml").text


def test_a_record_is_under_its_licence_and_its_quotations_are_not(tmp_path: Path) -> None:
    with website(tmp_path / "release") as shop:
        assert opening(shop) == ("A record to test pages with", [WAYS])
        text, links = foot(shop, "doc/conference/cimo-16")
        assert text.endswith(
            "The record is under CC BY 4.0; quotations belong to the holders of the rights in "
            "their sources."
        )
        assert links["CC BY 4.0"] == "https://creativecommons.org/licenses/by/4.0/"
        assert links["about the record"] == "/dataset"
