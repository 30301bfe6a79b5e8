"""Which of two values is less, by the operators of SPARQL.

Plain values of common datatypes are compared here; all others by Oxigraph, many in one query. What
SPARQL cannot compare has no order: IRIs, texts with a language, moments with and without a zone
that are too close.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

import pyoxigraph as ox

from app.namespaces import XSD
from app.rdf.datatypes import NUMBERS, why_invalid
from app.rdf.terms import Term
from app.validation.engines.native.patterns import select

_BATCH = 1000
_QUERY = (
    "SELECT ?number (?a < ?b AS ?less) (?a = ?b AS ?equal) (?a > ?b AS ?greater) "
    "{ VALUES (?number ?a ?b) { %s } }"
)
_XSD = str(XSD)
_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
# Of a fixed width and in the same zone, the order of the texts is that of the times.
_FIXED = {
    "dateTime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}" + _ZONE),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}" + _ZONE),
}
_Key = tuple[str, int | Decimal | float | str] | None
_MISSING = object()


class Order:
    """The order of values, each pair asked once."""

    def __init__(self) -> None:
        self._store = ox.Store()
        self._keys: dict[ox.Literal, _Key] = {}
        self._known: dict[tuple[Term, Term], int | None] = {}

    def learn(self, pairs: Iterable[tuple[Term, Term]]) -> None:
        """Ask about pairs at once that `compare` would else ask about one by one."""
        open_pairs = iter([p for p in dict.fromkeys(pairs) if self._quick(*p) is _MISSING])
        while batch := list(islice(open_pairs, _BATCH)):
            rows = " ".join(f"({number} {a} {b})" for number, (a, b) in enumerate(batch))
            for solution in select(self._store, _QUERY % rows):
                pair = batch[int(solution["number"].value)]
                signs = {"less": -1, "equal": 0, "greater": 1}
                true = [s for name, s in signs.items() if _is_true(solution[name])]
                # Equal terms are equal even where their datatype has no order.
                ordered = solution["less"] is not None
                self._known[pair] = true[0] if true and ordered else None

    def compare(self, a: Term, b: Term) -> int | None:
        """Return -1, 0 or 1 as `a` is less than, equal to or greater than `b`.

        None where SPARQL's operators raise an error or are all false (as with NaN), and where a
        literal is not valid for its datatype.
        Source: SPARQL 1.1, section 17.3.
        """
        quick = self._quick(a, b)
        if quick is not _MISSING:
            return quick  # type: ignore[return-value]
        self.learn([(a, b)])
        return self._known[a, b]

    def _quick(self, a: Term, b: Term) -> object:
        if not isinstance(a, ox.Literal) or not isinstance(b, ox.Literal):
            return None
        left, right = self._key(a), self._key(b)
        if left is None or right is None:
            return None
        if left[0] == right[0] and left[0]:
            x, y = left[1], right[1]
            # The same family has the same Python type.
            return -1 if x < y else 0 if x == y else 1 if x > y else None  # type: ignore[operator]
        return self._known.get((a, b), _MISSING)

    def _key(self, literal: ox.Literal) -> _Key:
        """Return family and value; None without an order, an empty family where Oxigraph knows."""
        key = self._keys.get(literal, _MISSING)
        if key is _MISSING:
            key = self._keys[literal] = _key_of(literal)
        return key  # type: ignore[return-value]


def _key_of(literal: ox.Literal) -> _Key:
    if literal.language is not None or why_invalid(literal) is not None:
        return None
    text, datatype = literal.value, literal.datatype.value
    if not datatype.startswith(_XSD):
        return "", ""
    name = datatype[len(_XSD) :]
    if name == "string":
        return "string", text
    if name in NUMBERS:
        # Not int(): Python refuses texts of thousands of digits.
        return "number", Decimal(text)
    if name == "double":
        return "double", float(text)
    if name == "boolean":
        return "boolean", int(text in ("true", "1"))
    if (fixed := _FIXED.get(name)) and (parts := fixed.fullmatch(text)) and "T24" not in text:
        return f"{name}{parts['zone'] or ''}", text
    return "", ""


def _is_true(term: Term | None) -> bool:
    return isinstance(term, ox.Literal) and term.value == "true"
