"""Dates and languages in words, for people who read English."""

import re
from datetime import date, timedelta

from app.rdf.edtf import SEASONS

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "mt": "Maltese",
    "nl": "Dutch",
    "pt": "Portuguese",
}
_SINGLE = re.compile(r"(\d{2}(?:\d\d|\dX|XX))(?:-(\d\d|XX)(?:-(\d\d|XX))?)?([?~%]?)")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
_QUALIFIED = {"": "{}", "~": "about {}", "?": "{} (uncertain)", "%": "about {} (uncertain)"}


def language(tag: str) -> str:
    """Return the English name of a language tag, or the tag where we have none.

    >>> language("pt-BR"), language("tzm")
    ('Portuguese', 'tzm')
    """
    return _LANGUAGES.get(tag.partition("-")[0].lower(), tag)


def edtf(text: str) -> str:
    """Return a date of EDTF level 1 (ISO 8601-2) in words; any other text comes back as it is.

    >>> edtf("2003-12-05/2003-12-06"), edtf("2013-12/..")
    ('5–6 December 2003', 'since December 2013')
    """
    first, interval, last = text.partition("/")
    if not interval:
        return _single(first) or text
    start, end = _single(first), _single(last)
    if start and end:
        return start if first == last else _between(first, last)
    if start and last in ("", ".."):
        return f"since {start}" if last else f"from {start}, end unknown"
    if end and first in ("", ".."):
        return f"until {end}" if first else f"until {end}, beginning unknown"
    return text


def day(text: str) -> str:
    """Return an xsd:date or xsd:dateTime in words; any other text comes back as it is.

    >>> day("2015-05-19"), day("2026-11-24T09:05:00Z")
    ('19 May 2015', '24 November 2026, 09:05 UTC')
    """
    if stamp := _STAMP.fullmatch(text):
        zone = {"Z": " UTC", None: ""}.get(stamp[3], f" {stamp[3]}")
        return f"{_single(stamp[1]) or stamp[1]}, {stamp[2]}{zone}"
    return _single(text) or text


def _single(text: str) -> str | None:
    match = _SINGLE.fullmatch(text)
    if match is None:
        return None
    year, month, of_month, mark = match.groups()
    if "X" in year:
        decade = f"the {year[:3]}0s" if year[2] != "X" else f"{year[:2]}00–{year[:2]}99"
        words = decade if month is None else None
    elif of_month is not None and month != "XX":
        words = _day(year, month, of_month)
    elif of_month is None or of_month == "XX":
        words = _month(year, month)
    else:
        words = None
    return words and _QUALIFIED[mark].format(words)


def _month(year: str, month: str | None) -> str | None:
    if month is None:
        return year
    if month == "XX":
        return f"some time in {year}"
    if month in SEASONS:
        return f"{SEASONS[month]} {year}"
    return f"{MONTHS[int(month) - 1]} {year}" if 1 <= int(month) <= 12 else None


def _day(year: str, month: str, of_month: str) -> str | None:
    if of_month == "XX":
        words = _month(year, month)
        return words and f"some day in {words}"
    try:
        found = date(int(year), int(month), int(of_month))
    except ValueError:
        return None
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def _between(first: str, last: str) -> str:
    """Say what two dates share once, where both are plain days or plain months."""
    start, end = _single(first) or first, _single(last) or last
    plain = re.fullmatch(r"[\d-]+", first + last) is not None
    if plain and len(first) == len(last) == len("YYYY"):
        return f"{first}–{last}"
    if plain and len(first) == len(last) == len("YYYY-MM-DD") and first[:7] == last[:7]:
        return f"{int(first[8:])}–{end}"
    if plain and len(first) == len(last) and first[:4] == last[:4]:
        return f"{start.rpartition(' ')[0]} to {end}"
    return f"{start} to {end}"


def span(begins: str, ends: str | None) -> str:
    """Return the days from one to another in words, as a year or a month where they fill it.

    >>> span("2000-01-01", "2000-12-31"), span("2013-12-01", None)
    ('2000', 'since 1 December 2013')
    """
    if ends is None:
        return f"since {day(begins)}"
    if (begins[5:], ends[5:]) == ("01-01", "12-31"):
        return edtf(f"{begins[:4]}/{ends[:4]}")
    try:
        after = date.fromisoformat(ends) + timedelta(days=1)
    except (ValueError, OverflowError):
        return edtf(f"{begins}/{ends}")
    if begins.endswith("-01") and after.day == 1:
        return edtf(f"{begins[:7]}/{ends[:7]}")
    return edtf(f"{begins}/{ends}")
