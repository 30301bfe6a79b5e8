"""The text of a value node: its length, pattern and language.

Source: SHACL, section 4.4.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from app.rdf.terms import Term
from app.validation.engines.native.run import Constraint, Failure, Pairs, Run


def _text(value: Term) -> str | None:
    """Return what SPARQL's STR makes of a value; None for a blank node, which has no text."""
    return value.value if isinstance(value, ox.Literal | ox.NamedNode) else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Length(Constraint):
    """`sh:minLength` and `sh:maxLength`, in characters."""

    least: int | None = None
    most: int | None = None

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that are too short or too long, and blank nodes."""
        least = 0 if self.least is None else self.least
        most = float("inf") if self.most is None else self.most
        for focus, values in pairs:
            for value in values:
                text = _text(value)
                if text is None or not least <= len(text) <= most:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern(Constraint):
    """`sh:pattern` with `sh:flags`."""

    pattern: str
    flags: str

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that do not match, and blank nodes."""
        texts = (t for _, values in pairs for v in values if (t := _text(v)) is not None)
        matches = run.patterns.learn(self.pattern, self.flags, texts)
        for focus, values in pairs:
            for value in values:
                text = _text(value)
                if text is None or not matches[text]:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class LanguageIn(Constraint):
    """`sh:languageIn`; `ranges` are in lower case.

    Source: RFC 4647, section 3.3.1 (basic filtering), as SPARQL's langMatches.
    """

    ranges: tuple[str, ...]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values in another language, and those in none."""
        allowed: dict[str | None, bool] = {None: False}
        for focus, values in pairs:
            for value in values:
                tag = value.language if isinstance(value, ox.Literal) else None
                if tag not in allowed:
                    allowed[tag] = any(_matches(tag or "", one) for one in self.ranges)
                if not allowed[tag]:
                    yield Failure(focus, value)


def _matches(tag: str, language_range: str) -> bool:
    tag = tag.lower()
    return language_range in ("*", tag) or tag.startswith(f"{language_range}-")


@dataclass(frozen=True, kw_only=True, eq=False)
class UniqueLang(Constraint):
    """`sh:uniqueLang`."""

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield a fault for each language of several values; its `lang` is bound."""
        for focus, values in pairs:
            if len(values) < 2:
                continue
            tags = Counter(v.language for v in values if isinstance(v, ox.Literal) and v.language)
            for tag, number in tags.items():
                if number > 1:
                    yield Failure(focus, None, bindings={"lang": ox.Literal(tag)})
