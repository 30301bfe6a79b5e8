"""Strikes: who has lately cost others something, by client and by the shape of a query."""

import hashlib
import math
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import islice
from typing import Generic, TypeVar

from app.engine.analysis import QUERY_FORMS, TOKEN

HALF_LIFE = 30.0
# From so many strikes on, a client or a shape is suspect: not from the first.
SUSPECT = 1.5
# A shape is made of so many tokens of a query, and of so many characters at most.
_TOKENS, _CHARACTERS = 2_000, 16_000
# Less than this is nothing any more.
_NOTHING = 0.05
K = TypeVar("K", bound=Hashable)


class Strikes(Generic[K]):
    """Strikes by key; each counts half after `HALF_LIFE` seconds of `clock`.

    The `most` keys that were struck last are remembered.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self._struck: OrderedDict[K, tuple[float, float]] = OrderedDict()

    def __bool__(self) -> bool:
        """Return whether anybody has a strike that still counts."""
        while self._struck:
            key = next(iter(self._struck))
            if self.of(key):
                return True
        return False

    def add(self, key: K, strikes: float = 1.0) -> None:
        """Add strikes to a key; a negative number takes some away."""
        count = self.of(key) + strikes
        if count < _NOTHING:
            self._struck.pop(key, None)
            return
        self._struck[key] = (count, self._clock())
        if strikes > 0:
            self._struck.move_to_end(key)
        while len(self._struck) > self._most:
            self._struck.popitem(last=False)

    def of(self, key: K) -> float:
        """Return how many strikes a key has now."""
        if key not in self._struck:
            return 0.0
        count, since = self._struck[key]
        count *= math.exp2((since - self._clock()) / HALF_LIFE)
        if count >= _NOTHING:
            return count
        del self._struck[key]
        return 0.0

    def is_suspect(self, key: K) -> bool:
        """Return whether a key has so many strikes that it is suspect."""
        return bool(self._struck) and self.of(key) >= SUSPECT

    def seconds(self, key: K) -> int:
        """Return after how many seconds a key is not suspect any more, if nothing is added."""
        count = self.of(key)
        return math.ceil(HALF_LIFE * math.log2(count / SUSPECT)) if count > SUSPECT else 0


# A number, where none of the other tokens can begin with a digit.
_PIECE = re.compile(rf"(?P<number>[0-9]+(?:\.[0-9]+)?)|{TOKEN.pattern}", TOKEN.flags)
_CONSTANTS = frozenset({"number", "string", "iri", "pname"})


def shape_of(text: str) -> bytes:
    """Return what is left of a query without its constants, the names in it and its prologue.

    So the queries of one writer who only changes the numbers, texts, IRIs, variables or spaces
    have one shape, from whatever address they come. A long list of constants is like a short one.

    >>> shape_of("SELECT ?a { ?a <a:p> 1 }") == shape_of("select*{?x  a:q 'no'@en, 5.1 }")
    False
    >>> shape_of("SELECT ?a { ?a <a:p> 1 }") == shape_of("select ?b {?b  a:q 'no'@en, 5.1 }")
    True
    """
    names: dict[str, str] = {}
    shape: list[str] = []
    begun = False
    for match in islice(_PIECE.finditer(text[:_CHARACTERS]), _TOKENS):
        group, written = match.lastgroup or "", match.group()
        word = written.upper() if group == "word" else ""
        if not begun:
            # What stands before the form is the prologue.
            begun = word in QUERY_FORMS
            shape += [word] * begun
        elif group in _CONSTANTS or word in ("TRUE", "FALSE"):
            if shape[-2:] == ["0", ","]:
                shape.pop()
            elif shape[-3:] == ["0", "^", "^"]:
                del shape[-2:]
            elif shape[-1] != "0":
                shape.append("0")
        elif group in ("variable", "blank"):
            shape.append(names.setdefault(written.lstrip("?$"), f"?{len(names)}"))
        elif group in ("word", "mark"):
            shape.append(word or written)
    return hashlib.blake2b("\0".join(shape).encode(errors="replace"), digest_size=16).digest()
