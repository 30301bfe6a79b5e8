"""The first page of any data: what it is called, its conferences, and nothing that is not there."""

from pathlib import Path

import pytest
from shop import lay, serve
from website import BASE, Page, get, tidy

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
