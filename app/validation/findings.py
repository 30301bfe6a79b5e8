"""What a check finds: a rule that is broken, by what, and where it is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import pyoxigraph as ox

from app.rdf.parser import Place
from app.rdf.prefixes import Name
from app.rdf.terms import Term


class Severity(IntEnum):
    """How much a finding matters; a violation blocks a release."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True)
class Finding:
    """A rule that is broken.

    `rule` is what the shape demands, in plain words; `detail` what is the matter here, and may be
    empty. `places` is never empty; the first one is the place to mend, as far as can be told.
    """

    severity: Severity
    shape: Name
    rule: str
    detail: str
    focus: Name
    path: Name | None
    value: Name | None
    places: tuple[Place, ...]

    @property
    def order(self) -> tuple[object, ...]:
        """What findings are sorted by: their place, then the graver first."""
        value = self.value or Name("", "")
        return (*self.places[0], -self.severity, self.shape, self.detail, self.focus, value)


class Breach(NamedTuple):
    """A finding as the rule of the program that makes it knows it: `shape` declares the rule."""

    shape: ox.NamedNode
    detail: str
    focus: Term
    places: tuple[Place, ...]
    path: ox.NamedNode | None = None
    value: Term | None = None


def unique(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return the places, each once, in the order in which they are given."""
    return tuple(dict.fromkeys(places))
