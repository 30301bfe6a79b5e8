"""Events as a calendar: what is left out, what is called off, what a text may hold."""

from datetime import UTC, date, datetime

import pyoxigraph as ox
import pytest
from icalendar import Calendar

from app.exports import calendar
from app.exports.things import Origin, Thing, things

ORIGIN = Origin("A record", date(2026, 1, 2), "http://e.org/")


def stamp(day: date, of_day: int) -> tuple[int, datetime]:
    """Return by what programs tell which release of a calendar is the newer."""
    origin = Origin("A record", day, "http://e.org/", of_day=of_day)
    dated = event(date="2015-05-19", begins="2015-05-19", ends="2015-05-19")
    (one,) = Calendar.from_ical(calendar.write([dated], origin)).walk("VEVENT")
    return one["sequence"], one["dtstamp"].dt


def test_each_release_of_a_day_is_newer_than_the_one_before() -> None:
    day, tomorrow = date(2026, 11, 30), date(2026, 12, 1)
    stamps = [stamp(day, 1), stamp(day, 2), stamp(day, 99), stamp(tomorrow, 1)]
    assert stamps == sorted(set(stamps))
    assert stamps[0] == (73_995_001, datetime(2026, 11, 30, tzinfo=UTC))
    assert stamps[1] == (73_995_002, datetime(2026, 11, 30, 0, 1, tzinfo=UTC))
    # Greater than what was given before there were several of a day, and never of the next day.
    assert stamps[0][0] > tomorrow.toordinal()
    assert stamp(day, 1000) < stamp(tomorrow, 1)
    assert stamp(date.max, 99)[0] < 2**31


def event(**members: str) -> Thing:
    return Thing("http://e.org/1", {name: [ox.Literal(text)] for name, text in members.items()})


def read(*events: Thing) -> Calendar:
    parsed = Calendar.from_ical(calendar.write(events, ORIGIN))
    assert isinstance(parsed, Calendar)
    return parsed


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [
        ("2015-05-19", "2015-05-19", "2015-05-19"),
        ("2015-05-19/2015-05-20", "2015-05-19", "2015-05-20"),
        ("2015-05-19T10:00:00Z", "2015-05-19", "2015-05-19"),
    ],
)
def test_days_are_told_and_the_end_is_the_day_after(written: str, begins: str, ends: str) -> None:
    (one,) = read(event(date=written, begins=begins, ends=ends)).walk("VEVENT")
    assert one["dtstart"].dt == date.fromisoformat(begins)
    assert (one["dtend"].dt - date.fromisoformat(ends)).days == 1


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2015-05", "2015-05-01", "2015-05-31"),
        ("2015-05/2015-06", "2015-05-01", "2015-06-30"),
        ("2015-05-19/2015-06", "2015-05-19", "2015-06-30"),
        ("2015-05-19~", "2015-05-19", "2015-05-19"),
        ("2015-05-19/..", "2015-05-19", ""),
        ("2015-05-XX", "2015-05-01", "2015-05-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        ("2015-05-19", "2015-05-19", "2015-05-18"),
        ("soon", "soon", "later"),
        ("2015-05-19", "", ""),
    ],
)
def test_what_no_source_dates_by_its_days_is_left_out_and_counted(
    written: str, begins: str, ends: str
) -> None:
    made = read(event(date=written, begins=begins, ends=ends), Thing("http://e.org/2"))
    assert made.walk("VEVENT") == []
    assert made["x-wr-caldesc"] == (
        "2 events are left out: no source gives the day, only a month, a year or less."
    )


def test_of_several_dates_the_finest_counts() -> None:
    one = event(begins="2015-05-19", ends="2015-05-20")
    one.members["date"] = [ox.Literal(text) for text in ("2015", "2015-05-19/2015-05-20")]
    assert len(read(one).walk("VEVENT")) == 1
    one.members["date"] = [ox.Literal(text) for text in ("2015", "2015-05")]
    assert read(one).walk("VEVENT") == []


def test_what_was_put_off_is_cancelled_and_says_so() -> None:
    days = {"date": "2015-05-19", "begins": "2015-05-19", "ends": "2015-05-19"}
    (one,) = read(event(**days, status="CANCELLED", note="postponed", reason="No quorum")).walk(
        "VEVENT"
    )
    assert (one["status"], one["description"]) == ("CANCELLED", "postponed\n\nNo quorum")
    (other,) = read(event(**days)).walk("VEVENT")
    assert "status" not in other
    assert "description" not in other


def test_a_text_may_hold_what_the_format_has_marks_for() -> None:
    text = "Äé, “x”; y\\z: \n BEGIN:VEVENT\nEND:VCALENDAR " + "ü" * 200
    (one,) = read(event(date="2015-05-19", begins="2015-05-19", ends="2015-05-19", name=text)).walk(
        "VEVENT"
    )
    assert one["summary"] == text
    lines = calendar.write(
        [event(date="2015-05-19", begins="2015-05-19", ends="2015-05-19", name=text)], ORIGIN
    ).split(b"\r\n")
    assert max(map(len, lines)) <= 75


def test_two_places_have_their_names_and_no_point() -> None:
    def row(part: str, member: str, value: str) -> dict[str, ox.NamedNode | ox.Literal]:
        return {
            "subject": ox.NamedNode("http://e.org/1"),
            "part": ox.NamedNode(f"http://e.org/{part}"),
            "member": ox.Literal(member),
            "value": ox.Literal(value),
        }

    at = [("place", "A"), ("latitude", "1.5"), ("longitude", "-2.25")]
    rows = [row("a", *one) for one in at]
    days = event(date="2015-05-19", begins="2015-05-19", ends="2015-05-19")
    (alone,) = things(rows)
    (one,) = read(Thing(alone.iri, days.members, alone.parts)).walk("VEVENT")
    assert (one["location"], one["geo"].to_ical()) == (
        "A",
        "1.5;-2.25",
    )
    (both,) = things([*rows, *(row("b", name, value) for name, value in at)])
    (one,) = read(Thing(both.iri, days.members, both.parts)).walk("VEVENT")
    assert one["location"] == "A; A"
    assert "geo" not in one
