"""The term that a mistyped one resembles, in a time that hardly grows with the vocabulary."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from heapq import nsmallest

# One slip in a short name, and hardly more in a long one.
_SHORT, _SHORT_CUTOFF, _CUTOFF = 6, 0.75, 0.85
_COMPARED = 40
_TELLING = 3
_LONGEST = 200
_DIGITS = re.compile(r"[0-9]+")
_SPACE = re.compile(r"(?s)(.*[#/:])(.*)")


class Nearest:
    """Terms among which a near miss is looked for.

    With `whole`, they are words; else IRIs, which are compared by their last part.
    """

    def __init__(self, terms: Iterable[str], *, whole: bool = False) -> None:
        self._whole = whole
        self._terms = [t for t in dict.fromkeys(terms) if 0 < len(t) <= _LONGEST]
        self._known = frozenset(self._terms)
        self._names: list[str] = []
        self._alike: dict[str, list[str]] = defaultdict(list)
        self._named: dict[str, list[str]] = defaultdict(list)
        self._pairs: dict[str, list[int]] = defaultdict(list)
        for number, term in enumerate(self._terms):
            name = self._split(term)[1].casefold()
            self._names.append(name)
            self._alike[_plain(term)].append(term)
            self._named[name].append(term)
            for pair in _letters(name):
                self._pairs[pair].append(number)

    def to(self, term: str) -> str | None:
        """Return the term that is meant by another; None where it is known or none is near.

        The nearest is the same but for `http` or `https`, `#` or `/` and capital letters; then
        comes the same name in another namespace, then a similar name, best in the same one. Names
        that differ in their numbers only are different on purpose.
        """
        if term in self._known or not term or len(term) > _LONGEST:
            return None
        space, name = self._split(term)
        name = name.casefold()
        if not name:
            return None
        # Short names, and numbers, are the same by chance.
        telling = len(_DIGITS.sub("", name)) >= _TELLING
        for same in (self._alike.get(_plain(term)), telling and self._named.get(name)):
            if same:
                return max(same, key=lambda other: (_common(space, other), -len(other)))
        return self._similar(space, name)

    def _similar(self, space: str, name: str) -> str | None:
        shared: Counter[int] = Counter()
        for pair in _letters(name):
            shared.update(self._pairs.get(pair, ()))
        matcher = SequenceMatcher(None, b=name, autojunk=False)
        candidates: list[tuple[float, bool, int]] = []
        length = len(name)
        cutoff = _SHORT_CUTOFF if length <= _SHORT else _CUTOFF
        likely = nsmallest(
            _COMPARED, shared, lambda n: (-shared[n], abs(len(self._names[n]) - length), n)
        )
        for number in likely:
            other = self._names[number]
            if _DIGITS.sub("", other) == _DIGITS.sub("", name):
                continue
            matcher.set_seq1(other)
            if matcher.quick_ratio() >= cutoff and (ratio := matcher.ratio()) >= cutoff:
                candidates.append((ratio, self._split(self._terms[number])[0] == space, -number))
        if not candidates:
            return None
        same_space = [one for one in candidates if one[1]]
        return self._terms[-max(same_space or candidates)[2]]

    def _split(self, term: str) -> tuple[str, str]:
        """Return the namespace of a term and its name there."""
        parts = None if self._whole else _SPACE.fullmatch(term)
        return (parts[1], parts[2]) if parts else ("", term)


def _letters(name: str) -> set[str]:
    """Return the pairs of neighbouring letters."""
    return {name[i : i + 2] for i in range(len(name) - 1)} or {name}


def _plain(term: str) -> str:
    """Return a term without what is easily confused."""
    text = term.casefold()
    if text.startswith(("http://", "https://")):
        text = text.partition("://")[2].removeprefix("www.").replace("#", "/").rstrip("/")
    return text


def _common(space: str, term: str) -> int:
    """Return how much of a namespace a term begins with."""
    return next(
        (i for i, (a, b) in enumerate(zip(space, term, strict=False)) if a != b), len(space)
    )
