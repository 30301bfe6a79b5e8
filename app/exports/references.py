"""What a reference is made of, whatever it is written in: its key, its names, its dates."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from app.exports import dates
from app.exports.things import Thing
from app.rdf.language_codes import tag_of
from app.rdf.terms import last_part

_MARKS = re.compile(r"[?~%]")
_TIME = re.compile(r"T[^/]*")
_SEASON = re.compile(r"([0-9]{4})-2([1-4])")
_KEY = re.compile(r"[^A-Za-z0-9:._-]")
ELSEWHERE = "document"
"""What it is where nothing says what."""


def keys(iris: Sequence[str], base: str) -> list[str]:
    """Return the keys of things: kind and name as their IRIs have them.

    They are of characters that TeX and the names of XML know. What two would share is
    told apart by a number.

    >>> keys(["http://e.org/id/state/PRT", "http://e.org/id/a b", "http://e.org/id/a_b"],
    ...      "http://e.org/")
    ['state:PRT', 'a_b', 'a_b_2']
    """
    made = [_KEY.sub("_", iri.removeprefix(f"{base}id/").replace("/", ":")) for iri in iris]
    numbers: Counter[str] = Counter()
    unique: dict[str, None] = {}
    for key in made:
        name = key
        # What a number makes of one may be what another is called.
        while name in unique:
            numbers[key] += 1
            name = f"{key}_{numbers[key] + 1}"
        unique[name] = None
    return [*unique]


def named(thing: Thing, member: str) -> list[str]:
    """Return the name of each part that has one as a member."""
    return [name for part in thing.with_member(member) if (name := part.text(member))]


def link(thing: Thing) -> str:
    """Return where a thing can be read; where nothing says so, its IRI, which describes it."""
    return next(iter(thing.texts("link")), thing.iri)


def language(thing: Thing) -> str | None:
    """Return the tag of the one language that a thing is in (BCP 47); None of several.

    That is what CSL asks for, and by it a processor tells in which language a title is.
    """
    tags = [tag_of(last_part(iri)) for iri in thing.members.get("language", ())]
    return tags[0] if len(tags) == 1 else None


def finest(thing: Thing, member: str) -> str | None:
    """Return the date of a member that says most."""
    return dates.finest(thing.texts(member))


def parts(date: str) -> list[list[int]]:
    """Return the year, month and day of each side of a date, as far as they are given.

    Nothing for one that has an open side, a season or fewer digits of the year than four, and for
    what is no date.

    >>> parts("2015-05-19/2015-06"), parts("2015-XX"), parts("201X"), parts("2015/..")
    ([[2015, 5, 19], [2015, 6]], [[2015]], [], [])
    >>> parts("2015-13"), parts("2015-XX-05")
    ([], [])
    """
    date = _TIME.sub("", date)
    if not is_date(date):
        return []
    sides = [_side(side) for side in date.split("/")]
    return sides if all(sides) else []


def _side(text: str) -> list[int]:
    plain = _MARKS.sub("", text)
    written = [part for part in plain.split("-") if part != "XX"]
    if _SEASON.fullmatch(plain) or not all(part.isdecimal() for part in written):
        return []
    return [int(part) for part in written]


def is_date(text: str) -> bool:
    """Return whether a text is a date (EDTF level 1)."""
    return dates.precision(text) is not None


def season(date: str) -> tuple[int, int] | None:
    """Return the year and the season of a date, 1 for spring; None of one that has none."""
    match = _SEASON.fullmatch(_MARKS.sub("", date))
    return (int(match[1]), int(match[2])) if match else None


def is_uncertain(date: str) -> bool:
    """Return whether a date is marked as uncertain or approximate."""
    return bool(_MARKS.search(date))


def present(members: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return the members that have a value."""
    return {name: value for name, value in members if value}
