"""The days and the precision of dates as sources write them (EDTF level 1)."""

from collections.abc import Iterable
from functools import lru_cache

from app.namespaces import DLG
from app.rdf import edtf


@lru_cache(maxsize=4096)
def precision(text: str) -> str | None:
    """Return how exactly a date is told: the IRI of a degree of `dlg:precisionScheme`.

    It is what a record says of its things by `dlg:precision`, so that one word means one thing in
    all tables. None for what is no date.

    >>> precision("2015-XX")
    'https://w3id.org/dialogue/ontology#year'
    """
    try:
        return DLG[edtf.precision(text)].value
    except ValueError:
        return None


def days(text: str) -> tuple[str | None, str | None]:
    """Return the first and the last day of a date (ISO 8601); None where it has no bound."""
    try:
        bounds = edtf.read(text)
    except ValueError:
        return None, None
    first, last = bounds.first, bounds.last
    return first.isoformat() if first else None, last.isoformat() if last else None


def finest(texts: Iterable[str]) -> str | None:
    """Return the date that says most: the one with the fewest days, of several the first.

    One that cannot be read comes behind all that can.

    >>> finest(["1995", "1995-01-20/1995-01-21", "1995-01"])
    '1995-01-20/1995-01-21'
    """

    def width(text: str) -> tuple[int, str]:
        try:
            bounds = edtf.read(text)
        except ValueError:
            return 10**9, text
        if bounds.first is None or bounds.last is None:
            return 10**8, text
        return (bounds.last - bounds.first).days, text

    return min(texts, key=width, default=None)
