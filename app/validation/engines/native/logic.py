"""Whether value nodes conform to other shapes.

Source: SHACL, sections 4.6 and 4.7.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.engines.native.run import Constraint, Failure, Pairs, Run, Shape

# Why values fail a qualified shape is told of so many only: any one of them may be the one meant.
_QUALIFIED_SHOWN = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class _OfValues(Constraint):
    """A constraint of each value by itself."""

    shapes: tuple[Shape, ...]

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values at fault."""
        bad = self._bad(list(pairs.values()), run)
        for focus, values in pairs:
            for value in values:
                if value in bad:
                    yield Failure(focus, value, reasons=(value,))

    def inner(self, fault: Failure, run: Run) -> tuple[Result, ...]:
        """Return what failed in each shape that was asked."""
        return tuple(
            result
            for value in fault.reasons
            for shape in self.shapes
            for result in run.inside(shape, value)
        )

    def _bad(self, values: list[Term], run: Run) -> set[Term]:
        raise NotImplementedError


class Node(_OfValues):
    """`sh:node` and `sh:and`: a value conforms to every shape."""

    def _bad(self, values: list[Term], run: Run) -> set[Term]:
        bad: set[Term] = set()
        for shape in self.shapes:
            bad |= run.failing(shape, [value for value in values if value not in bad])
        return bad


class Not(_OfValues):
    """`sh:not`: a value does not conform."""

    def inner(self, fault: Failure, run: Run) -> tuple[Result, ...]:
        """Return nothing: that the shape is met is the fault."""
        return ()

    def _bad(self, values: list[Term], run: Run) -> set[Term]:
        return set(values) - run.failing(self.shapes[0], values)


class Or(_OfValues):
    """`sh:or`: a value conforms to one shape at least."""

    def _bad(self, values: list[Term], run: Run) -> set[Term]:
        for shape in self.shapes:
            bad = run.failing(shape, values)
            values = [value for value in values if value in bad]
        return set(values)


class Xone(_OfValues):
    """`sh:xone`: a value conforms to exactly one shape."""

    def _bad(self, values: list[Term], run: Run) -> set[Term]:
        met = dict.fromkeys(values, 0)
        for shape in self.shapes:
            bad = run.failing(shape, values)
            for value in values:
                if value not in bad:
                    met[value] += 1
        return {value for value, number in met.items() if number != 1}

    def inner(self, fault: Failure, run: Run) -> tuple[Result, ...]:
        """Return what failed in each shape, if none is met."""
        if all(run.failing(shape, fault.reasons) for shape in self.shapes):
            return super().inner(fault, run)
        return ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Qualified(Constraint):
    """`sh:qualifiedValueShape` with the least or the greatest number of values that conform.

    Values that conform to one of `siblings` do not count.
    """

    shape: Shape
    siblings: tuple[Shape, ...]
    least: int | None = None
    most: int | None = None

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the focus nodes with too few or too many values that conform."""
        values = list(pairs.values())
        bad = run.failing(self.shape, values)
        good = [value for value in values if value not in bad]
        for sibling in self.siblings:
            failing = run.failing(sibling, good)
            good = [value for value in good if value in failing]
        counted = set(good)
        for focus, of_focus in pairs:
            number = sum(value in counted for value in of_focus)
            if self.least is not None and number < self.least:
                reasons = [value for value in of_focus if value in bad]
                yield Failure(focus, None, reasons=tuple(reasons[:_QUALIFIED_SHOWN]))
            elif self.most is not None and number > self.most:
                surplus = (value for value in of_focus if value in counted)
                # Named as a query would name them, so that they are blamed and not the others.
                bindings = {f"_{n}": value for n, value in enumerate(surplus)}
                yield Failure(focus, None, bindings=bindings)

    def inner(self, fault: Failure, run: Run) -> tuple[Result, ...]:
        """Return what failed in the values that do not count, of a few of them."""
        return tuple(r for value in fault.reasons for r in run.inside(self.shape, value))
