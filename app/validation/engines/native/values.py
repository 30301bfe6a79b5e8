"""What a value node is: its class, datatype, kind, order, or the value itself.

Source: SHACL, sections 4.1, 4.3, 4.8.2 and 4.8.3.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from app.namespaces import RDF, XSD
from app.rdf.datatypes import is_known, why_invalid
from app.rdf.terms import Term
from app.validation.engines.native.run import Constraint, Failure, Pairs, Run

# Every text is valid there; of addresses, XSD 1.1 rules none out (section 3.3.17).
_TEXTS = frozenset({XSD.string, XSD.anyURI, RDF.langString})
_REMEMBERED = 50_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Class(Constraint):
    """`sh:class`."""

    of: ox.NamedNode

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that are no instances of the class."""
        classes = run.graph.subclasses(self.of)
        types = run.graph.by_subject(RDF.type)
        for focus, values in pairs:
            for value in values:
                if classes.isdisjoint(types.get(value, ())):
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Datatype(Constraint):
    """`sh:datatype`."""

    datatype: ox.NamedNode

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values of another datatype, and literals that are not valid for it."""
        verdicts: dict[Term, bool] = {}
        for focus, values in pairs:
            for value in values:
                # Dates and numbers come again and again, and reading one takes far longer.
                verdict = verdicts.get(value)
                if verdict is None:
                    if len(verdicts) > _REMEMBERED:
                        verdicts.clear()
                    verdict = verdicts[value] = self._is_of(value)
                if not verdict:
                    yield Failure(focus, value)

    def _is_of(self, value: Term) -> bool:
        if type(value) is not ox.Literal or value.datatype != self.datatype:
            return False
        # Only of those that SPARQL knows does SHACL ask for a valid text (section 4.1.2).
        if self.datatype in _TEXTS or not self.datatype.value.startswith(str(XSD)):
            return True
        return not is_known(self.datatype) or why_invalid(value) is None


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeKind(Constraint):
    """`sh:nodeKind`."""

    kinds: frozenset[type[Any]]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values of another kind."""
        kinds = self.kinds
        for focus, values in pairs:
            for value in values:
                if type(value) not in kinds:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Range(Constraint):
    """`sh:minExclusive`, `sh:minInclusive`, `sh:maxExclusive`, `sh:maxInclusive`.

    `signs` are the outcomes of comparing a value with the bound that are right.
    """

    bound: ox.Literal
    signs: frozenset[int]

    def faults(self, pairs: Pairs, run: Run) -> Iterable[Failure]:
        """Yield the values out of range, and those that cannot be compared."""
        order, bound, signs = run.order, self.bound, self.signs
        order.learn((value, bound) for _, values in pairs for value in values)
        for focus, values in pairs:
            for value in values:
                if order.compare(value, bound) not in signs:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class In(Constraint):
    """`sh:in`."""

    members: frozenset[Term]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values that are no members of the list."""
        members = self.members
        for focus, values in pairs:
            for value in values:
                if value not in members:
                    yield Failure(focus, value)


@dataclass(frozen=True, kw_only=True, eq=False)
class HasValue(Constraint):
    """`sh:hasValue`."""

    value: Term

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the focus nodes without the value."""
        for focus, values in pairs:
            if self.value not in values:
                yield Failure(focus, None)
