"""Events as a calendar (iCalendar, RFC 5545), each over its whole days.

A calendar that has an event on days that no source gives would tell more than is known, so what is
dated by a month, a year or not at all is left out, and counted in the description.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from app.exports import dates
from app.exports.things import Origin, Thing

_PRODUCER = "-//Dialogue//dialogue-graph//EN"
# So many releases of one day are told apart, and SEQUENCE stays below 2^31, as it has to.
_OF_DAY = 100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?")


def days(thing: Thing) -> tuple[date, date] | None:
    """Return the first and the last day of an event; None where no source gives both as days.

    The member `date` is what sources say (EDTF), `begins` and `ends` what was made of all of it.
    """
    finest = dates.finest(thing.texts("date"))
    sides = finest.split("/") if finest else [""]
    begins, ends = thing.text("begins"), thing.text("ends")
    if not begins or not ends or not all(_DAY.fullmatch(side) for side in sides):
        return None
    try:
        first, last = date.fromisoformat(begins), date.fromisoformat(ends)
    except ValueError:
        return None
    # The day after is the end of an event of whole days, and there is none after the last.
    return None if last < first or last == date.max else (first, last)


def write(things: Sequence[Thing], origin: Origin) -> bytes:
    """Return a calendar of those things whose days are known."""
    # A library that takes a while to load; a program that writes no calendar does without.
    from icalendar import Calendar

    dated = [(thing, span) for thing in things if (span := days(thing))]
    dated.sort(key=lambda one: (one[1], one[0].iri))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCER)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", origin.title)
    calendar.add("x-wr-caldesc", left_out(len(things) - len(dated)))
    for thing, span in dated:
        calendar.add_component(_event(thing, span, origin))
    return bytes(calendar.to_ical(sorted=False))


def left_out(count: int) -> str:
    """Return what the description of a calendar says of the events that it has not."""
    what = "1 event is" if count == 1 else f"{count} events are"
    return f"{what} left out: no source gives the day, only a month, a year or less."


def _event(thing: Thing, span: tuple[date, date], origin: Origin) -> "Event":  # type: ignore[name-defined] # noqa: F821
    from icalendar import Event, vText

    first, last = span
    # A later release has the greater number, so that who has an older one takes the newer.
    number = min(origin.of_day, _OF_DAY - 1)
    event = Event()
    event.add("uid", thing.iri)
    event.add("dtstamp", datetime.combine(origin.day, time(), UTC) + timedelta(minutes=number - 1))
    event.add("sequence", origin.day.toordinal() * _OF_DAY + number)
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("summary", thing.text("name") or thing.iri)
    if status := thing.text("status"):
        event.add("status", status)
    places = thing.with_member("place")
    if names := [name for place in places if (name := place.text("place"))]:
        event.add("location", vText("; ".join(names)))
    if len(places) == 1 and (at := _position(places[0])):
        event.add("geo", at)
    event.add("url", thing.iri)
    if text := "\n\n".join(_description(thing)):
        event.add("description", text)
    event.add("transp", "TRANSPARENT")
    return event


def _position(place: Thing) -> tuple[float, float] | None:
    latitude, longitude = place.text("latitude"), place.text("longitude")
    return (float(latitude), float(longitude)) if latitude and longitude else None


def _description(thing: Thing) -> Iterable[str]:
    """Yield the paragraphs on an event: why it is not as it was, and who gives its day."""
    notes = [*dict.fromkeys(chain([thing.text("note")], thing.texts("reason")))]
    yield from (note for note in notes if note)
    for passage in thing.with_member("quote"):
        quotes = " … ".join(f"“{quote}”" for quote in passage.texts("quote"))
        told = [passage.text("source"), *passage.texts("link")]
        yield "\n".join([quotes, ", ".join(one for one in told if one)])
