"""From a derived triple to the written statements that it rests on."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice

import pyoxigraph as ox

from app.namespaces import RDF
from app.rdf.sparql.paths import Triple
from app.record.inference import RuleGraph
from app.record.rules import Way
from app.validation.locations import Index, Occurrence

_MOST = 10
"""As many ways to conclude a triple are followed; who mends it needs the first."""


class Premises:
    """What the rules of a record concluded, to be asked for the reasons.

    `derived` are the graphs that they filled, in their order; `written` makes the index of where
    statements stand. Nothing is prepared before the first question.
    """

    def __init__(self, written: Callable[[], Index], derived: Sequence[RuleGraph]) -> None:
        self._index, self._derived = written, derived
        self._known: dict[Triple, tuple[Occurrence, ...]] = {}

    def of(self, triple: Triple) -> tuple[Occurrence, ...]:
        """Return the written statements from which a triple was concluded.

        Those about its own subject come first, those of types last, else in the order of their
        places. A written triple is its own premise; nothing for one that no rule concluded.
        """

        def order(entry: Occurrence) -> tuple[object, ...]:
            subject, predicate, _ = entry.triple
            return predicate == RDF.type, subject != triple[0], entry.object

        return tuple(sorted(dict.fromkeys(self._follow(triple)), key=order))

    @cached_property
    def _written(self) -> Index:
        return self._index()

    @cached_property
    def _ways(self) -> dict[Triple, Iterable[Way]]:
        return {tuple(t): ways for graph in self._derived for t, ways in graph.reasons.items()}

    def _follow(self, triple: Triple) -> tuple[Occurrence, ...]:
        """Return the statements behind a triple: a rule read what stood before it, so this ends."""
        if triple in self._known:
            return self._known[triple]
        if written := self._stated(triple):
            return tuple(written)
        reasons = {
            tuple(reason): None
            for way in islice(self._ways.get(triple, ()), _MOST)
            for reason in way
        }
        entries = dict.fromkeys(entry for reason in reasons for entry in self._follow(reason))
        self._known[triple] = tuple(entries)
        return self._known[triple]

    def _stated(self, triple: Triple) -> Sequence[Occurrence]:
        subject, predicate, value = triple
        if (exact := self._written.triple(triple)) or not isinstance(value, ox.Literal):
            return exact
        # The store in which rules are run writes some literals in a shorter way than files do.
        return [e for e in self._written.of(subject, predicate) if _stored(e.triple) == triple]


def _stored(triple: Triple) -> Triple:
    store = ox.Store()
    store.add(ox.Quad(*triple))  # type: ignore[arg-type]
    return tuple(next(iter(store)).triple)
