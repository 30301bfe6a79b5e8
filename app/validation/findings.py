"""What a check finds: a rule that is broken, by what, and where it is written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import pyoxigraph as ox

from app.rdf.parser import Place

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
"""What pyoxigraph may hand out as a subject or an object."""

_LOCAL = re.compile(r"[\w~.\-]*[\w~\-]|")
_IRI = re.compile(r"<?([a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+)>?", re.IGNORECASE)
_LONGEST = 120


class Severity(IntEnum):
    """How much a finding matters; a violation blocks a release."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


class Name(NamedTuple):
    """A term in full, for programs, and as people read it.

    An IRI in full is the bare IRI; a literal or blank node is written as in N-Triples.
    """

    full: str
    short: str


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


class PrefixMap:
    """The prefixes that shorten IRIs for people."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # The longest namespace fits best, and of two prefixes for one the first by name.
        self._known = sorted(
            ((space, prefix) for prefix, space in prefixes.items() if space),
            key=lambda pair: (-len(pair[0]), pair[1]),
        )

    def iri(self, iri: str) -> str:
        """Return an IRI as a prefixed name where a prefix fits, else between angle brackets."""
        for space, prefix in self._known:
            if iri.startswith(space) and _LOCAL.fullmatch(iri, len(space)):
                return f"{prefix}:{iri[len(space) :]}"
        return f"<{iri}>"

    def term(self, term: Term) -> Name:
        """Return the name of a term; a long literal is cut in its short form."""
        if isinstance(term, ox.NamedNode):
            return Name(term.value, self.iri(term.value))
        if isinstance(term, ox.BlankNode):
            return Name(str(term), "[ ]")
        if isinstance(term, ox.Literal):
            return Name(str(term), self._literal(term))
        return Name(str(term), str(term))

    def _literal(self, literal: ox.Literal) -> str:
        text = literal.value
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        shown = str(ox.Literal(text))
        if literal.language:
            return f"{shown}@{literal.language}"
        if shown == str(literal) or literal.datatype.value.endswith("XMLSchema#string"):
            return shown
        return f"{shown}^^{self.iri(literal.datatype.value)}"

    def plain(self, term: Term) -> str:
        """Return a term as it reads within a sentence: a literal is its text alone."""
        if isinstance(term, ox.Literal):
            return term.value if len(term.value) <= _LONGEST else term.value[: _LONGEST - 1] + "…"
        return self.term(term).short

    def within(self, text: str) -> str:
        """Return `text` with the IRIs in it shortened where a prefix fits."""

        def shorten(found: re.Match[str]) -> str:
            if found[0].startswith("<"):
                return self.iri(found[1]) if found[0].endswith(">") else found[0]
            # What ends a sentence is hardly part of an IRI.
            iri = found[1].rstrip(".,;:!?)")
            short = self.iri(iri)
            return found[0] if short.startswith("<") else short + found[0][len(iri) :]

        return _IRI.sub(shorten, text)


def unique(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return the places, each once, in the order in which they are given."""
    return tuple(dict.fromkeys(places))
