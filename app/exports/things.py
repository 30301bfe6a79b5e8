"""Things as the rows of a query tell of them: each value under what a format calls it.

Which property of which vocabulary that is, says the query; nothing here knows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyoxigraph as ox

from app.exports import names
from app.rdf.terms import Term, lexical

Row = Mapping[str, Term]
Members = dict[str, list[Term]]


@dataclass(frozen=True)
class Origin:
    """Where things come from: what the dataset is called, the day of its release, its base.

    `prefixes` shorten its IRIs; `of_day` is which release of that day it is, counted from 1.
    """

    title: str
    day: date
    base: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    of_day: int = 1


@dataclass(frozen=True)
class Thing:
    """A thing with its values, in the order of their characters, and what is told beside it."""

    iri: str
    members: Members = field(default_factory=dict)
    parts: tuple["Thing", ...] = ()

    def text(self, member: str) -> str | None:
        """Return the best of the texts of a member, the English one first; None without any."""
        values = self.members.get(member, ())
        chosen = names.choose(value for value in values if isinstance(value, ox.Literal))
        return chosen if chosen is not None else next(map(lexical, values), None)

    def texts(self, member: str) -> list[str]:
        """Return the characters of all values of a member."""
        return [lexical(value) for value in self.members.get(member, ())]

    def with_member(self, member: str) -> list["Thing"]:
        """Return the parts that have a member."""
        return [part for part in self.parts if member in part.members]


def things(rows: Iterable[Row]) -> list[Thing]:
    """Return the things that rows tell of, in the order of their IRIs.

    A row has `subject`, and either `member` and `value`, with `part` where it tells of something
    beside the subject, or a column for each member. What comes twice counts once.
    """
    own: dict[str, Members] = defaultdict(lambda: defaultdict(list))
    beside: dict[str, dict[str, Members]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in rows:
        subject, part = lexical(row["subject"]), row.get("part")
        members = own[subject] if part is None else beside[subject][lexical(part)]
        for member, value in _members(row):
            if value not in members[member]:
                members[member].append(value)
    return [
        Thing(
            iri,
            _sorted(own.get(iri, {})),
            tuple(Thing(part, _sorted(told)) for part, told in sorted(beside[iri].items())),
        )
        for iri in sorted({*own, *beside})
    ]


def _members(row: Row) -> Iterable[tuple[str, Term]]:
    if "member" in row:
        return [(lexical(row["member"]), row["value"])]
    return [(name, value) for name, value in row.items() if name not in ("subject", "part")]


def _sorted(members: Members) -> Members:
    return {name: sorted(values, key=str) for name, values in sorted(members.items())}
