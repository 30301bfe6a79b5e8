"""Dates as sources say them (EDTF level 1) and the days between which they lie.

The `edtf` library knows the calendar; this module keeps to level 1, refuses intervals that run
backwards and days that do not exist, and gives no bound where an end is unknown, because a date
that is taken for more than it says would be held as a fact.

Source: Extended Date/Time Format, Library of Congress, 2019 (ISO 8601-2), levels 0 and 1.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from app.rdf.terms import quoted

_UNWRITTEN = "no day of it can be written as xsd:date"
_TIME = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]|24:00:00)"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)
_DATE = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)"
    r"(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?"
    r"[?~%]?"
)
_LEVEL_2 = (
    (re.compile(r"[\[{].*[\]}]"), "a set of dates is level 2: write one date for each passage"),
    (re.compile(r"Y?-?[0-9]+E.*"), "a year with an exponent is level 2: write four digits"),
    (re.compile(r"Y?-?[0-9]+S[0-9]+.*"), "significant digits (S) are level 2: write 19XX or 1950~"),
    (
        re.compile(r"[0-9X?~%-]*[?~%][0-9X?~%-]*"),
        "a mark within a date is level 2: put one of ? ~ % at its end, where it holds for the"
        " whole date",
    ),
    (
        re.compile(r"[0-9X]{4}(-[0-9X]{2}){0,2}"),
        "digits left open elsewhere than at the end are level 2: write 199X, 19XX, 2013-XX,"
        " 2013-12-XX or 2013-XX-XX",
    ),
)
_OTHER = (
    (
        re.compile(r"-[0-9]{4}.*|Y-.*"),
        f"a year before 0001: {_UNWRITTEN}",
    ),
    (re.compile(r"Y[0-9]{1,4}"), "Y begins a year of five digits or more: leave it out"),
    (re.compile(r"Y[0-9]+"), f"a year after 9999: {_UNWRITTEN}"),
    (re.compile(r"[0-9]{1,3}"), "a year has four digits: write 0476 for 476"),
    (re.compile(r"[0-9]{5,}"), "a year has four digits, a month and a day two: write 2013-12-05"),
    (re.compile(r"[0-9]{4}(-[0-9]{1,2}){1,2}"), "a month and a day have two digits: 2013-02-05"),
    (
        re.compile(r"[0-9]{1,4}[./][0-9]{1,2}(?:[./][0-9]{1,4})?|[0-9]{1,2}[./][0-9]{4}"),
        "write year, month, day: 2013-12-05",
    ),
    (
        re.compile(r"[0-9-]+T.*", re.DOTALL),
        "a time is complete to the second: 2013-12-05T09:30:00Z",
    ),
    (
        re.compile(r".*[0-9] ?- ?[0-9]{4}.*|.*[–—].*"),
        "between first and last stands a slash: 2003/2005",
    ),
)
# ISO 8601-2, 4.8: months 21 to 24 are seasons of whichever hemisphere the writer is in.
SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}


class Bounds(NamedTuple):
    """The first and the last day on which something may have been, both included.

    None where that side has no bound: it is open (`..`) or unknown (nothing is written).
    """

    first: date | None
    last: date | None
    open_start: bool = False
    open_end: bool = False

    @property
    def unknown_start(self) -> bool:
        """Whether there was a beginning that the source does not tell."""
        return self.first is None and not self.open_start

    @property
    def unknown_end(self) -> bool:
        """Whether there was an end that the source does not tell."""
        return self.last is None and not self.open_end

    def holds(self, other: "Bounds") -> bool:
        """Return whether no day of `other` lies outside; a side without bound reaches for ever."""
        return _span(self)[0] <= _span(other)[0] and _span(self)[1] >= _span(other)[1]


PRECISIONS = "day", "month", "season", "year", "decade", "century", "span", "approximate"
"""How exactly a date is told, the most exact first; `precision` says which is which."""


def _span(bounds: Bounds) -> tuple[date, date]:
    return bounds.first or date.min, bounds.last or date.max


@lru_cache(maxsize=4096)
def read(text: str) -> Bounds:
    """Return the days between which a date of EDTF level 0 or 1 lies.

    The bounds are strict: a mark of uncertainty (`?`, `~`, `%`) does not widen them. Winter
    begins in December of its year and ends in February of the next, as winters here do. A time
    of day counts as its day, as written.

    Raises ValueError that says which part is wrong, why, and what to write instead. Years before
    0001 and after 9999 are refused: the days computed from them could not be written.

    >>> read("2013-12")
    Bounds(first=datetime.date(2013, 12, 1), last=datetime.date(2013, 12, 31), open_start=False, \
open_end=False)
    """
    if not text.strip():
        raise ValueError("there is no date: write 2013, 2013-12 or 2013-12-05")
    if text != text.strip():
        raise ValueError(
            f"{quoted(text)} begins or ends with white space: write {quoted(text.strip())}"
        )
    if time := _TIME.fullmatch(text):
        return _single(time["day"])
    parts = text.split("/")
    if len(parts) == 1:
        return _single(text)
    if len(parts) > 2 or re.fullmatch(r"[0-9]{1,2}", parts[0]):
        raise ValueError(_reason(text))
    return _interval(*parts)


def _interval(start: str, end: str) -> Bounds:
    sides = [None if part in ("", "..") else _side(part) for part in (start, end)]
    lower, upper = sides
    if lower is None and upper is None:
        raise ValueError(
            f"{quoted(f'{start}/{end}')} has neither a first nor a last day: leave the date out"
        )
    bounds = Bounds(
        lower and lower.first, upper and upper.last, open_start=start == "..", open_end=end == ".."
    )
    if bounds.first and bounds.last and bounds.first > bounds.last:
        turned = quoted(f"{end}/{start}")
        raise ValueError(f"{quoted(f'{start}/{end}')} ends before it begins: is it {turned}?")
    return bounds


def _side(text: str) -> Bounds:
    if "T" in text:
        raise ValueError(f"{quoted(text)}: an interval is between dates: leave the time of day out")
    bounds = _single(text)
    if "X" in text:
        raise ValueError(
            f"{quoted(text)}: digits left open within an interval are level 2: write the year or"
            " the month alone, such as 2003 or 2003-12"
        )
    return bounds


def _single(text: str) -> Bounds:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(_reason(text))
    year, month, day = found.group("year", "month", "day")
    _in_calendar(text, year, month, day)
    plain = text.rstrip("?~%")
    if month in SEASONS:
        return _season(plain, month)
    if "X" not in plain:
        return _plain(int(year), month, day)
    # Each class has a small grammar of its own; the library's whole one takes ten times as long.
    return _strict("Unspecified", plain)


def _plain(year: int, month: str | None, day: str | None) -> Bounds:
    """Return the bounds of a year, a month or a day as the library does, in far less time."""
    if month is None:
        return Bounds(date(year, 1, 1), date(year, 12, 31))
    if day is not None:
        return Bounds(date(year, int(month), int(day)), date(year, int(month), int(day)))
    return Bounds(
        date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])
    )


def _strict(kind: str, text: str) -> Bounds:
    # Loaded by need: a check of other people's data hardly ever meets such a date.
    import edtf

    parsed = getattr(edtf, kind).parse(text)
    return Bounds(date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3]))


def _season(text: str, season: str) -> Bounds:
    bounds = _strict("Season", text)
    if SEASONS[season] != "winter" or bounds.first is None:
        return bounds
    year = bounds.first.year + 1
    if year > date.max.year:
        raise ValueError(f"{quoted(text)} ends after 9999: {_UNWRITTEN}")
    return bounds._replace(last=date(year, 2, monthrange(year, 2)[1]))


def _in_calendar(text: str, year: str, month: str | None, day: str | None) -> None:
    if year.startswith("00") and not year.strip("0X"):
        raise ValueError(
            f"{quoted(text)}: there is no year 0000; the first that can be dated is 0001"
        )
    if ("X" in year and month is not None) or (month == "XX" and day not in (None, "XX")):
        raise ValueError(_reason(text))
    if month is None or month == "XX":
        return
    if month in SEASONS:
        if day is not None:
            raise ValueError(
                f"{quoted(text)}: {month} means {SEASONS[month]}, which has no days here"
            )
    elif "25" <= month <= "41":
        raise ValueError(f"{quoted(text)}: the season {month} is level 2: level 1 has 21 to 24")
    elif not "01" <= month <= "12":
        raise ValueError(
            f"{quoted(text)}: there is no month {month}: months are 01 to 12, seasons 21 to 24"
        )
    elif day is not None and day != "XX":
        _in_month(text, int(year), int(month), int(day))


def _in_month(text: str, year: int, month: int, day: int) -> None:
    length = monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise ValueError(
            f"{quoted(text)}: there is no such day: the days of {year:04}-{month:02} are 01 to"
            f" {length}"
        )


def _reason(text: str) -> str:
    for pattern, reason in (*_OTHER, *_LEVEL_2):
        if pattern.fullmatch(text):
            return f"{quoted(text)}: {reason}"
    return (
        f"{quoted(text)} is no date of EDTF level 1: write 2013, 2013-12, 2013-12-05,"
        " 2013-12-05/2013-12-06, 2013-12~ or 2013-12/.."
    )


def precision(text: str) -> str:
    """Return how exactly a date of EDTF level 0 or 1 is told: one of `PRECISIONS`.

    Of an interval with one known side, how exactly that side is told. With two, it is "day" where
    both are days, else "span": of its days only the outermost are known. What is marked as
    uncertain or approximate, on either side, is "approximate" whatever its unit. Raises ValueError
    like `read`.

    >>> [precision(text) for text in ("2015-05-19", "2013-12/..", "2008-06/2011", "2004-06~")]
    ['day', 'month', 'span', 'approximate']
    """
    read(text)
    sides = [side for side in text.split("/") if side not in ("", "..")]
    if any(side[-1] in "?~%" for side in sides):
        return "approximate"
    units = [unit(side) for side in sides]
    return units[0] if len(units) == 1 or set(units) == {"day"} else "span"


def unit(text: str) -> str:
    """Return what a date without an interval is of: a day, month, season, year, decade or century.

    What is left open is not told, and marks of uncertainty change nothing. The date is one that
    `read` takes.

    >>> [unit(text) for text in ("2015-05-19~", "2015-05-XX", "2015-21", "2015-XX", "199X", "19XX")]
    ['day', 'month', 'season', 'year', 'decade', 'century']
    """
    if "T" in text:
        return "day"
    year, *rest = (part for part in text.rstrip("?~%").split("-") if part != "XX")
    if len(rest) == 2:
        return "day"
    if rest:
        return "season" if rest[0] in SEASONS else "month"
    return {0: "year", 1: "decade", 2: "century"}[year.count("X")]


def apart(texts: Iterable[str]) -> tuple[str, str] | None:
    """Return two of the dates of one thing that do not nest; None where all nest.

    Two dates nest where one of them holds every day of the other: 2015 and 2015-05-19 agree,
    2015-05-19 and 2015-05-20 do not. Raises ValueError like `read`.
    """
    ordered = _widest_first(texts)
    for wider, narrower in pairwise(ordered):
        if not read(wider).holds(read(narrower)):
            return wider, narrower
    return None


def narrowest(texts: Iterable[str]) -> Bounds:
    """Return the bounds of the narrowest among the dates of one thing, of which there is one.

    Raises ValueError like `read`, for dates that do not nest, and for no date at all.
    """
    ordered = _widest_first(texts)
    if not ordered:
        raise ValueError("there is no date")
    if pair := apart(ordered):
        raise ValueError(f"{quoted(pair[0])} and {quoted(pair[1])} do not nest")
    return read(ordered[-1])


def _widest_first(texts: Iterable[str]) -> list[str]:
    # By first day, and of two that begin together the longer one before: if each holds the next,
    # all nest, and if one does not, that one does not hold it either.
    def key(text: str) -> tuple[date, int, str]:
        first, last = _span(read(text))
        return first, -last.toordinal(), text

    return sorted(set(texts), key=key)
