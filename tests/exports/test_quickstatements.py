"""Commands for Wikidata: what can be told, and why the rest cannot."""

import pyoxigraph as ox
import pytest

from app.exports import quickstatements as wikidata
from app.exports.things import Members, Thing

EDTF = ox.NamedNode("http://id.loc.gov/datatypes/edtf/EDTF-level1")
PLACE = ox.NamedNode("http://e.org/id/place/1")


def source(link: str, read: str = "2026-11-23") -> Thing:
    return Thing(f"http://e.org/{link}", {"link": [ox.Literal(link)], "read": [ox.Literal(read)]})


def fact(value: ox.NamedNode | ox.Literal, *sources: Thing, **names: str) -> Thing:
    given = {"item": "Q1", "property": "P2", "class": "Q5", **names}
    members: Members = {
        name: [ox.NamedNode(f"http://www.wikidata.org/entity/{id}")]
        for name, id in given.items()
        if id
    }
    return Thing("a fact", {**members, "value": [value]}, sources)


def test_a_fact_is_a_command_for_each_of_its_sources() -> None:
    told = fact(PLACE, source('https://e.org/a"b|c'), source("http://e.org/é", "2026"), target="Q3")
    assert wikidata.why_not(told) is None
    assert wikidata.write([told]).decode() == (
        'Q1\tP2\tQ3\tS854\t"https://e.org/a%22b%7Cc"\tS813\t+2026-11-23T00:00:00Z/11\n'
        'Q1\tP2\tQ3\tS854\t"http://e.org/%C3%A9"\tS813\t+2026-00-00T00:00:00Z/9\n'
    )


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2015-05-19", "+2015-05-19T00:00:00Z/11"),
        ("2015-05", "+2015-05-00T00:00:00Z/10"),
        ("2015", "+2015-00-00T00:00:00Z/9"),
        ("0476", "+0476-00-00T00:00:00Z/9"),
    ],
)
def test_a_date_has_the_precision_of_its_source(written: str, time: str) -> None:
    told = fact(ox.Literal(written, datatype=EDTF), source("http://e.org/"))
    assert wikidata.write([told]).decode() == (
        f'Q1\tP2\t{time}\tS854\t"http://e.org/"\tS813\t+2026-11-23T00:00:00Z/11\n'
    )


@pytest.mark.parametrize(
    ("untold", "reason"),
    [
        (fact(PLACE, source("http://e.org/"), target="Q3", **{"class": ""}), wikidata.UNFIT),
        (fact(PLACE, source("http://e.org/"), item="", target="Q3"), wikidata.NO_ITEM),
        (fact(PLACE, source("http://e.org/")), wikidata.NO_TARGET),
        (fact(ox.Literal("minister", language="en"), source("http://e.org/")), wikidata.TEXT),
        (fact(PLACE, target="Q3"), wikidata.UNSOURCED),
        (fact(PLACE, source("https://fr.wikipedia.org/wiki/A"), target="Q3"), wikidata.UNSOURCED),
        (fact(PLACE, source("https://www.wikidata.org/wiki/Q1"), target="Q3"), wikidata.UNSOURCED),
        *(
            (fact(ox.Literal(date, datatype=EDTF), source("http://e.org/")), wikidata.VAGUE)
            for date in ("2015/2016", "2015~", "201X", "2015-21", "2015/..", "2015-13", "2001-34")
        ),
    ],
)
def test_what_cannot_be_told_is_left_out_with_its_reason(untold: Thing, reason: str) -> None:
    assert wikidata.why_not(untold) == reason
    assert wikidata.write([untold]) == b""
    (_, row) = wikidata.left_out([untold]).decode().splitlines()
    assert row.endswith(f'"{reason}"' if "," in reason else reason)


def test_what_can_be_told_is_not_left_out() -> None:
    told = fact(PLACE, source("http://e.org/"), target="Q3")
    assert wikidata.left_out([told]) == (b"thing,property,value,wikidata_property,reason\r\n")
