"""What an engine gives: results, what was run, and what is the matter with the shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pyoxigraph as ox

from app.rdf.terms import Term
from app.validation.paths import Path

Parameters = tuple[tuple[ox.NamedNode, Term], ...]
"""Parameters of a constraint with their values, such as `sh:minCount` with 1."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result.

    `shape` is the node of the shape whose constraint is broken, `component` the kind of constraint,
    `parameters` what the constraint asks for. `constraint` is the node of a SPARQL constraint, None
    for any other; `bindings` the solution of its query, by variable, with `this` and the
    parameters of a component, None for any other. `messages` are literals of `sh:message` with
    their placeholders: those of the constraint or of its validator, else those of the shape.

    `inner` are the results that made a shape fail that the constraint asks about (`sh:or`,
    `sh:xone`, `sh:and`, `sh:node`, `sh:qualifiedMinCount`); of those, `within` is the shape that
    was asked, such as one alternative of `sh:or`. There are some of them where there are many, and
    none more than three steps inwards. Where the fault is that a shape is met (`sh:not`,
    `sh:qualifiedMaxCount`, a second alternative of `sh:xone`), there are none.

    Source: SHACL (W3C Recommendation of 2017-07-20), sections 3.6 and 5.3.2.
    """

    focus: Term
    path: Path | None
    value: Term | None
    shape: Term
    component: ox.NamedNode
    constraint: Term | None
    severity: ox.NamedNode
    parameters: Parameters = ()
    messages: tuple[ox.Literal, ...] = ()
    bindings: Mapping[str, Term] | None = None
    inner: tuple["Result", ...] = ()
    within: Term | None = None


class ProblemKind(StrEnum):
    """What is the matter with a shape."""

    UNKNOWN_TERM = "unknown-term"
    """A term in the namespace of SHACL that it does not define."""
    ILL_FORMED = "ill-formed"
    """What SHACL rules out."""
    RECURSIVE = "recursive"
    """A shape that refers to itself, which SHACL leaves undefined."""
    REFUSED = "refused"
    """What SHACL or an extension of it defines and this engine does not evaluate."""
    FAILED = "failed"
    """A query that could not be run."""
    IDLE = "idle"
    """What SHACL defines to do nothing."""


@dataclass(frozen=True, slots=True)
class ShapeProblem:
    """What is the matter with a shape, in one sentence that says how to mend it.

    `node` is the node of the shapes graph that is described wrongly, `term` the predicate or the
    term at fault. `shapes` are the shapes that are not run for it: those with targets that `node`
    belongs to. A shape with a term that is not known is run without it, and has no part in this.
    Where `blocking` is false, it is a remark; else data without a result do not conform.
    """

    kind: ProblemKind
    node: Term
    term: Term | None
    sentence: str
    shapes: tuple[Term, ...] = ()
    blocking: bool = True


@dataclass(slots=True)
class Ran:
    """What was run; complete once all results have been taken.

    `shapes` have targets and were run, `focus_nodes` are distinct nodes that their targets select,
    `constraints` are those of shapes that at least one node reached, and `checks` is how often one
    was asked about a focus node. `idle_targets` are the targets that select no node, as pairs of
    the shape and the value of the target (the shape itself for an implicit class target).
    """

    shapes: int = 0
    focus_nodes: int = 0
    constraints: int = 0
    checks: int = 0
    idle_targets: list[tuple[Term, Term]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine gives: results in a fixed order, what was run, and what was not and why.

    `notes` are sentences on where the outcome may differ from the specification.
    """

    results: tuple[Result, ...]
    ran: Ran
    problems: tuple[ShapeProblem, ...] = ()
    notes: tuple[str, ...] = ()
