"""What a check finds: a rule that is broken, by what, and where it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import pyoxigraph as ox

from app.rdf.parser import Place
from app.rdf.prefixes import Name
from app.rdf.terms import Term
from app.validation.engines.base import Ran, Result


class Severity(IntEnum):
    """How much a finding matters; a violation blocks a release."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True)
class Finding:
    """A rule that is broken.

    `rule` is what the shape demands, in plain words; `detail` what is the matter here, and may be
    empty. `places` is never empty; the first one is the place to mend, as far as can be told, and
    `also` are places on the way to it. `component` is the kind of constraint that is broken,
    `level` a severity of the shape's own, None for those of SHACL. `findings` is what failed
    inside, where the shape asks for other shapes. `messages` has what the shape says by language.
    `result` is what SHACL's own report has of it; None for a remark about a shape.
    """

    severity: Severity
    shape: Name
    rule: str
    detail: str
    focus: Name
    path: Name | None
    value: Name | None
    places: tuple[Place, ...]
    also: tuple[Place, ...] = ()
    component: Name | None = None
    level: Name | None = None
    findings: tuple["Finding", ...] = ()
    messages: tuple[tuple[str, str], ...] = ()
    result: Result | None = field(default=None, compare=False, repr=False)

    @property
    def order(self) -> tuple[object, ...]:
        """What findings are sorted by: their place, then the graver first."""
        value = self.value or Name("", "")
        return (*self.places[0], -self.severity, self.shape, self.detail, self.focus, value)


@dataclass(frozen=True)
class ShapesFault:
    """Why shapes could not be run, or not as they are meant: a sentence and its place."""

    place: Place
    shape: Name
    sentence: str


@dataclass(frozen=True)
class Checked:
    """What a check gives: its findings in the order of their places, and how much was run.

    `faults` are what kept shapes from being run: where there are some, nothing else counts as
    whole. `prefixes` shorten names.
    """

    findings: tuple[Finding, ...]
    ran: Ran = field(default_factory=Ran)
    faults: tuple[ShapesFault, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


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
