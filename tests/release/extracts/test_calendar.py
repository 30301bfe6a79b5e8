"""The calendar of a release, read by the programs of others and compared with the dataset."""

import json
import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from extract_facts import PREFIXES
from icalendar import Calendar
from node_packages import node_with

from app.release.extracts import answers
from app.release.material import Material

NODE = Path(__file__).parents[1] / "node"
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAYS = re.compile(f"{DAY}(/{DAY})?")
NAMED = """
  OPTIONAL { ?event skos:prefLabel ?name FILTER(LANG(?name) = "en") }
"""


@pytest.fixture(scope="module")
def calendar(folder: Path) -> Calendar:
    parsed = Calendar.from_ical((folder / "calendar.ics").read_bytes())
    assert isinstance(parsed, Calendar)
    return parsed


@pytest.fixture(scope="module")
def expected(facts: Any) -> dict[str, tuple[date, date]]:
    """The days of the events that a source gives by their days, the day after as the end."""
    rows = facts("""SELECT ?event ?date ?begins ?ends {
      ?event a/rdfs:subClassOf* dlg:Event ; dlg:date ?date ; dlg:begins ?begins ; dlg:ends ?ends
    }""")
    return {
        event: (date.fromisoformat(begins), date.fromisoformat(ends) + timedelta(days=1))
        for event, written, begins, ends in rows
        if DAYS.fullmatch(written)
    }


def test_the_calendar_has_every_event_whose_days_are_given_and_no_other(
    calendar: Calendar, expected: dict[str, tuple[date, date]], facts: Any
) -> None:
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert len(events) > 150
    assert {iri: (e["dtstart"].dt, e["dtend"].dt) for iri, e in events.items()} == expected
    every = {row[0] for row in facts("SELECT ?event { ?event a/rdfs:subClassOf* dlg:Event }")}
    left_out = len(every) - len(events)
    assert left_out > 30
    assert str(calendar["x-wr-caldesc"]) == (
        f"{left_out} events are left out: no source gives the day, only a month, a year or less."
    )


def test_no_event_lasts_as_long_as_a_month_that_stands_for_an_unknown_day(
    calendar: Calendar,
) -> None:
    spans = [(e["dtend"].dt - e["dtstart"].dt).days for e in calendar.walk("VEVENT")]
    assert min(spans) == 1
    assert max(spans) < 28


def test_names_places_and_stamps_are_those_of_the_dataset(calendar: Calendar, facts: Any) -> None:
    names = dict(facts(f"SELECT ?event ?name {{ ?event a/rdfs:subClassOf* dlg:Event {NAMED} }}"))
    places: dict[str, list[tuple[str, str | None, str | None]]] = {}
    for event, *place in facts("""SELECT DISTINCT ?event ?name ?lat ?long {
      ?event a/rdfs:subClassOf* dlg:Event ; dlg:place ?place .
      ?place skos:prefLabel ?name FILTER(LANG(?name) = "en")
      FILTER NOT EXISTS { ?event dlg:place/dlg:within+ ?place }
      OPTIONAL { ?place wgs84:lat ?lat ; wgs84:long ?long }
    }"""):
        places.setdefault(event, []).append(place)
    for event in calendar.walk("VEVENT"):
        iri = str(event["uid"])
        assert str(event["summary"]) == names[iri]
        assert str(event["url"]) == iri
        assert event["dtstamp"].dt == datetime(2026, 11, 30, tzinfo=UTC)
        assert event["sequence"] == date(2026, 11, 30).toordinal() * 100 + 1
        at = places.get(iri, [])
        shown = sorted(str(event.get("location", "")).split("; "))
        assert shown == sorted(name for name, *_ in at) or (shown, at) == ([""], [])
        point = event.get("geo")
        known = [(float(lat), float(long)) for _, lat, long in at if lat and long]
        assert (point and (point.latitude, point.longitude)) == (
            known[0] if len(at) == 1 and known else None
        )


def test_of_a_city_and_its_country_the_city_alone_is_the_location(calendar: Calendar) -> None:
    events = {str(e["uid"]).rpartition("/")[2]: e for e in calendar.walk("VEVENT")}
    assert str(events["5plus5-foreign-affairs-8"]["location"]) == "Tunis"
    assert "geo" in events["5plus5-foreign-affairs-8"]
    assert str(events["cimo-16"]["location"]) == "Lisbon"


def test_the_state_of_an_event_is_that_of_the_dataset(calendar: Calendar, facts: Any) -> None:
    words = {"held": "CONFIRMED", "planned": "TENTATIVE", "postponed": "CANCELLED"}
    words["cancelled"] = "CANCELLED"
    states = dict(facts("SELECT ?event ?status { ?event dlg:status ?status }"))
    shown = {str(e["uid"]): e.get("status") for e in calendar.walk("VEVENT")}
    assert shown == {
        iri: words[states[iri].rpartition("#")[2]] if iri in states else None for iri in shown
    }
    assert "CONFIRMED" in shown.values()


def test_each_state_has_the_word_that_calendars_know(tmp_path: Path) -> None:
    states = "held", "planned", "postponed", "cancelled", "unheard"
    lines = ["dlg:postponed skos:prefLabel 'postponed'@en .", "e:6 a skos:Concept ."]
    lines += [f"e:{n} a dlg:Event ; dlg:status dlg:{s} ." for n, s in enumerate(states)]
    heads = [f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items()]
    quads = ox.parse(
        "\n".join([*heads, "PREFIX e: <http://e.org/>", *lines]), format=ox.RdfFormat.TURTLE
    )
    (tmp_path / "dialogue.nq").write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    told = answers.told(Material(tmp_path, (), {}, "http://e.org/"), "calendar")
    assert [(one.text("status"), one.text("note")) for one in told] == [
        ("CONFIRMED", None),
        ("TENTATIVE", None),
        ("CANCELLED", "postponed"),
        ("CANCELLED", None),
    ]


def test_the_description_quotes_who_gives_the_date(calendar: Calendar, facts: Any) -> None:
    passages = facts("""SELECT ?event ?quote {
      GRAPH ?evidence { ?event dlg:date ?date } ?evidence dlg:quote ?quote ; dlg:stance ?stance
      FILTER(?stance IN (dlg:accepted, dlg:inferred, dlg:editorial))
    }""")
    shown = {str(e["uid"]): str(e.get("description", "")) for e in calendar.walk("VEVENT")}
    missing = [q for event, q in passages if event in shown and f"“{q}”" not in shown[event]]
    assert missing == []
    assert sum(text.count("“") for text in shown.values()) > 150
    # What is rejected is not told.
    rejected = facts("""SELECT ?event ?quote {
      GRAPH ?evidence { ?event dlg:date ?date }
      ?evidence dlg:quote ?quote ; dlg:stance dlg:rejected
    }""")
    others = set(passages)
    assert [q for e, q in rejected if (e, q) not in others and q in shown.get(e, "")] == []


def test_ical_js_reads_the_same(folder: Path, calendar: Calendar) -> None:
    node = node_with(NODE)
    asked = json.dumps([{"reader": "calendar", "file": str(folder / "calendar.ics")}])
    done = subprocess.run(
        [node, "readers.mjs"], cwd=NODE, input=asked, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    (read,) = json.loads(done.stdout)
    assert read["answer"] == [
        [
            str(e["uid"]),
            e["dtstart"].dt.isoformat(),
            e["dtend"].dt.isoformat(),
            str(e["summary"]),
            str(e["location"]) if "location" in e else None,
        ]
        for e in calendar.walk("VEVENT")
    ]
