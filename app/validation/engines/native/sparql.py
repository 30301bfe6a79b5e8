"""Constraints that are SPARQL queries, and components that are declared with queries.

Source: SHACL, sections 5 and 6.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.namespaces import XSD
from app.rdf.sparql.paths import Path, PredicatePath
from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind, ShapeProblem
from app.validation.engines.native.binding import Binder
from app.validation.engines.native.query import ParsedQuery
from app.validation.engines.native.run import Constraint, Failure, Pairs, Run
from app.validation.engines.native.store import QueryFailed, Solution

_TRUE = ox.Literal("true", datatype=XSD.boolean)
# To ask about all nodes at once pays from a few targets on, if they are no tiny part of the data.
_FEW = 4
_AT_MOST = 100
# What a solution means by the texts of literals, and not by their values.
_TEXT_FUNCTIONS = (
    "STR DATATYPE SAMETERM REGEX REPLACE STRLEN SUBSTR CONTAINS STRSTARTS STRENDS STRBEFORE "
    "STRAFTER CONCAT COUNT SUM AVG SAMPLE GROUP_CONCAT ENCODE_FOR_URI MD5 SHA1 SHA256 SHA512"
)
_BY_TEXT = frozenset(_TEXT_FUNCTIONS.split())


@dataclass(frozen=True, kw_only=True, eq=False)
class Queried(Constraint):
    """A constraint that a query decides.

    `fixed` are the variables that have the same value for every focus node, `shown` those of them
    that messages may name; `shape` is the node of the shape and `path` its path, None of a node
    shape.
    """

    query: ParsedQuery
    binder: Binder
    fixed: Mapping[str, Term]
    shown: Mapping[str, Term] = field(default_factory=dict)
    shape: Term
    path: Path | None

    def failed(self, error: QueryFailed, run: Run) -> None:
        """Remember that the query could not be run."""
        words = " ".join(str(error).split())[:200]
        sentence = f"the query could not be run, so that nothing is known of the rule: {words}"
        term = self.node if self.node is not None else self.component
        run.problems.append(ShapeProblem(ProblemKind.FAILED, self.shape, term, sentence))

    def look(self, run: Run) -> None:
        """Say if a query may see other texts than those of the data."""
        words = self.query.words & _BY_TEXT
        if words and run.store.rewrites(self.query.predicates):
            run.texts[str(self.shape)] = words


@dataclass(frozen=True, kw_only=True, eq=False)
class Select(Queried):
    """A SELECT query whose solutions are faults: `sh:sparql`, and validators of components."""

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield a fault for each solution.

        Source: SHACL, section 5.3.2.
        """
        try:
            self.look(run)
            for focus, solution in self._solutions(pairs, run):
                if solution.get("failure") == _TRUE:
                    raise QueryFailed(f"it says so itself by ?failure, for {focus}")
                yield from self._faults(focus, solution, run)
        except QueryFailed as error:
            self.failed(error, run)

    def _solutions(self, pairs: Pairs, run: Run) -> Iterator[tuple[Term, Solution]]:
        if self._at_once(pairs, run):
            text, functions = self.binder.bind(self.fixed, keep_this=True)
            by_focus: dict[Term, list[Solution]] = {focus: [] for focus in pairs.nodes}
            for solution in run.store.select(text, functions):
                this = solution.get("this")
                if this is not None and this in by_focus:
                    by_focus[this].append(solution)
            for focus, solutions in by_focus.items():
                for solution in solutions:
                    yield focus, solution
            return
        for focus in pairs.nodes:
            if self.query.may_be_empty:
                run.store.mention(focus)
            for solution in self._of_one(focus, run):
                yield focus, solution

    def _of_one(self, focus: Term, run: Run) -> Iterator[Solution]:
        if isinstance(focus, ox.BlankNode) and self.query.runs_once():
            # Then a value that is joined is as good as one that is written, and far quicker than
            # one from a function.
            text, functions = self.binder.bind(self.fixed, keep_this=True)
            return run.store.select(text, functions, {ox.Variable("this"): focus})
        text, functions = self.binder.bind({**self.fixed, "this": focus})
        return run.store.select(text, functions)

    def _at_once(self, pairs: Pairs, run: Run) -> bool:
        if len(pairs) < _FEW or not self.query.runs_once() or self.query.outer is None:
            return False
        predicate = self.query.outer.predicate
        size = len(run.store) if predicate is None else len(run.graph.by_subject(predicate))
        return size <= _AT_MOST * len(pairs)

    def _faults(self, focus: Term, solution: Solution, run: Run) -> Iterator[Failure]:
        known = {name: run.store.written(term) for name, term in solution.items()}
        plain = {name: terms[0] for name, terms in known.items() if len(terms) == 1}
        shown = {**self.shown, **solution, **plain, "this": focus}
        text = solution.get("message")
        messages = (text,) if isinstance(text, ox.Literal) else ()
        named = solution.get("path")
        path = PredicatePath(named) if isinstance(named, ox.NamedNode) else None
        value = solution.get("value")
        if value is None:
            # Of a node shape, the focus node itself is the value node.
            own = focus if self.path is None else None
            yield Failure(focus, own, path, shown, messages)
            return
        for term in self._as_written(focus, value, run):
            yield Failure(focus, term, path, {**shown, "value": term}, messages)

    def _as_written(self, focus: Term, value: Term, run: Run) -> Sequence[Term]:
        """Return the literals that a value stands for: those that the focus node has."""
        originals = run.store.written(value)
        if len(originals) == 1:
            return originals
        predicates = self.query.predicates or run.graph.predicates
        of_focus = {o for predicate in predicates for o in run.graph.objects(focus, predicate)}
        if mine := [term for term in originals if term in of_focus]:
            return mine
        forms = ", ".join(map(str, originals[:3]))
        run.notes[f"The query of {self.shape} means one of {forms}: the first is shown."] = None
        return originals[:1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask(Queried):
    """An ASK query that is true of the values that are right: validators of components.

    Source: SHACL, section 6.2.3.
    """

    def faults(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        """Yield the values of which the query is false."""
        try:
            self.look(run)
            yield from self._false(pairs, run)
        except QueryFailed as error:
            self.failed(error, run)

    def _false(self, pairs: Pairs, run: Run) -> Iterator[Failure]:
        by_focus = "this" in self.query.variables
        known: dict[tuple[Term | None, Term], bool] = {}
        for focus, values in pairs:
            for value in values:
                key = (focus if by_focus else None, value)
                if key not in known:
                    if self.query.may_be_empty:
                        run.store.mention(focus)
                        run.store.mention(value)
                    bindings = {**self.fixed, "this": focus, "value": value}
                    known[key] = run.store.ask(*self.binder.bind(bindings))
                if not known[key]:
                    shown = {**self.shown, "this": focus, "value": value}
                    yield Failure(focus, value, None, shown)
