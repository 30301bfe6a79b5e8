"""Any RDF against any shapes."""

from collections.abc import Callable, Iterator, Sequence

from app.errors import Fault
from app.namespaces import SH
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation.blame import Blame, Located
from app.validation.causes import Cause, cause
from app.validation.engines.base import Outcome, Result
from app.validation.engines.engine import run
from app.validation.engines.native import Graph
from app.validation.findings import Checked
from app.validation.locations import Index
from app.validation.shapes import Shapes
from app.validation.sources import Sources
from app.validation.validator import STANDARD

_LISTED = 5

Advance = Callable[[float], None]


def check_sources(
    data: Sources,
    shapes: Sources,
    beside: Sources | None = None,
    *,
    languages: Sequence[str] = (),
    engine: str = "native",
    advance: Advance = lambda _: None,
) -> Checked:
    """Return what breaks shapes in any RDF, in the order of the places.

    All graphs of the data that count are one. What is written `beside` is joined to them: classes
    and labels that they use, which are not validated themselves. Raises Fault for what cannot be
    read.
    """
    described = Shapes(list(shapes.quads()), shapes.introduced)
    advance(0.1)
    own: set[Term] = set()
    if beside:
        quads = list(data.quads())
        own = {quad.subject for quad in quads}
        graph = Graph([*quads, *beside.quads()])
    else:
        graph = Graph(data.quads())
    data.require_graphs()
    advance(0.4)
    outcome = run(described.triples, graph, engine)
    if not (outcome.ran.shapes or outcome.problems or described.values(SH.deactivated)):
        raise Fault(_nothing(shapes, described))
    results = [r for r in outcome.results if not beside or _is_own(r, own, graph)]
    advance(0.7)
    causes = [c for result in results for c in _causes(result, graph)]
    nodes = {c.node for c in causes} | {result.focus for result in results}
    documents = data.documents({t for c in causes for t in c.triples}, nodes)
    advance(0.9)
    prefixes = {**STANDARD, **shapes.prefixes, **data.prefixes}
    names = PrefixMap(prefixes)
    blame = Blame(described, names, data.sources[0].path, languages)
    located = Located(Index(documents))
    findings = [blame.finding(result, graph, located) for result in results]
    advance(1)
    return Checked(
        tuple(sorted(findings, key=lambda finding: finding.order)),
        outcome.ran,
        blame.faults(outcome.problems),
        tuple(results),
        prefixes,
        (*map(names.within, outcome.notes), *_remarks(outcome, data, names)),
    )


def _remarks(outcome: Outcome, data: Sources, names: PrefixMap) -> Iterator[str]:
    """Yield what nobody sees in the findings: what was read as one, and what was asked of none."""
    if data.whole and (graphs := data.named()):
        many = "1 named graph" if len(graphs) == 1 else f"{len(graphs):,} named graphs"
        yield f"The default graph and {many} were read as one; --graph IRI takes one alone."
    if not outcome.ran.shapes:
        yield "No shape was run: those that have a target are deactivated, or at fault."
    idle = [f"{names.term(s).short} ({names.term(t).short})" for s, t in outcome.ran.idle_targets]
    if idle:
        more = f" and {len(idle) - _LISTED:,} more" if len(idle) > _LISTED else ""
        yield f"Nothing in the data is a target of {', '.join(idle[:_LISTED])}{more}."
    for problem in outcome.problems:
        if not problem.blocking:
            yield f"{names.term(problem.node).short}: {names.within(problem.sentence)}."


def _nothing(shapes: Sources, described: Shapes) -> str:
    """Return why nothing was run."""
    files = ", ".join(shapes.paths)
    if not any(p.value.startswith(str(SH)) for _, p, _ in described.triples):
        return f"{files}: there is no shape in it: nothing was checked"
    return (
        f"{files}: no shape has a target: nothing was checked; say what a shape is for with "
        "sh:targetClass, sh:targetNode, sh:targetSubjectsOf or sh:targetObjectsOf"
    )


def _is_own(result: Result, own: set[Term], graph: Graph) -> bool:
    if result.focus in own:
        return True
    # What the data name without describing it is theirs too, but not what others describe.
    return not any(result.focus in graph.by_subject(p) for p in graph.predicates)


def _causes(result: Result, graph: Graph) -> Iterator[Cause]:
    yield cause(result, graph)
    for inner in result.inner:
        yield from _causes(inner, graph)
