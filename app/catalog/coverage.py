"""What is known of each framework's editions and what is missing: the curators' work list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.catalog.graph import Row
from app.catalog.listing import days_of
from app.rdf.datatypes import whole_number
from app.rdf.terms import Term, lexical


@dataclass
class Edition:
    """One edition: its number if known, and whether its day, a place and a document are."""

    iri: Term
    ordinal: int | None = None
    days: set[str] = field(default_factory=set)
    places: set[Term] = field(default_factory=set)
    documents: set[Term] = field(default_factory=set)

    @property
    def to_the_day(self) -> bool:
        """Whether it is dated to the day, or to a few days on end."""
        if len(self.days) not in (1, 2):
            return False
        try:
            first, last = (date.fromisoformat(day) for day in (min(self.days), max(self.days)))
        except ValueError:
            # A text that is typed as a day and is none.
            return False
        return (last - first).days < 14

    @property
    def missing(self) -> set[str]:
        """What is not known of it, among number, day, place and document."""
        known = {
            "number": self.ordinal is not None,
            "day": self.to_the_day,
            "place": bool(self.places),
            "document": bool(self.documents),
        }
        return {what for what, is_known in known.items() if not is_known}


@dataclass
class Coverage:
    """What is known of one framework.

    `facts` counts the held facts about its editions by the number of independent sources that
    say so; `decided` and `undecided` are the evidence that is in a conflict. `lists` counts the
    things of which so much of a list is known, by the list and by how much.
    """

    framework: Term
    series: dict[Term, dict[Term, Edition]] = field(default_factory=dict)
    facts: dict[int, int] = field(default_factory=dict)
    decided: set[Term] = field(default_factory=set)
    undecided: set[Term] = field(default_factory=set)
    lists: dict[Term, dict[Term, int]] = field(default_factory=dict)

    @property
    def editions(self) -> list[Edition]:
        """The known editions of all its series."""
        return [edition for editions in self.series.values() for edition in editions.values()]

    @property
    def documents(self) -> int:
        """How many documents its editions adopted."""
        return len({document for edition in self.editions for document in edition.documents})

    def without(self, what: str) -> list[Edition]:
        """Return the editions of which `what` (number, day, place, document) is not known."""
        return [edition for edition in self.editions if what in edition.missing]

    @property
    def gaps(self) -> list[tuple[Term, list[int]]]:
        """The numbers below the highest of each series that no edition bears."""
        found = []
        for series, editions in self.series.items():
            numbers = {e.ordinal for e in editions.values() if e.ordinal is not None}
            missing = sorted(set(range(1, max(numbers, default=0))) - numbers)
            if missing:
                found.append((series, missing))
        return found

    def listed(self, listing: Term, states: Sequence[Term]) -> list[int]:
        """Return of how many things so much of a list is known, for each of `states`."""
        return [self.lists.get(listing, {}).get(state, 0) for state in states]

    def resting_on(self, sources: int, *, more: bool = False) -> int:
        """Return how many facts rest on just so many sources; with `more`, on so many or more."""
        return sum(
            n for count, n in self.facts.items() if count == sources or (more and count > sources)
        )


def covered(
    editions: Iterable[Row],
    facts: Iterable[Row],
    conflicts: Sequence[Row],
    lists: Iterable[Row] = (),
) -> list[Coverage]:
    """Return the coverage of each framework, from the rows of the four queries of their names."""
    found: dict[Term, Coverage] = {}
    for row in editions:
        known = found.setdefault(row["framework"], Coverage(row["framework"]))
        edition = known.series.setdefault(row["series"], {}).setdefault(
            row["edition"], Edition(row["edition"])
        )
        if (ordinal := whole_number(row.get("ordinal"))) is not None:
            edition.ordinal = ordinal
        edition.days |= {day for day in days_of(row) if day}
        edition.places |= {row["place"]} if "place" in row else set()
        edition.documents |= {row["document"]} if "document" in row else set()
    for row in facts:
        if row["framework"] in found:
            found[row["framework"]].facts[int(lexical(row["sources"]))] = int(lexical(row["facts"]))
    for row in conflicts:
        if row["framework"] in found:
            known = found[row["framework"]]
            (known.undecided if lexical(row["open"]) == "true" else known.decided).add(row["one"])
    for row in lists:
        if row["framework"] in found:
            states = found[row["framework"]].lists.setdefault(row["list"], {})
            states[row["state"]] = int(lexical(row["things"]))
    for known in found.values():
        known.decided -= known.undecided
    return sorted(found.values(), key=lambda known: -len(known.editions))
