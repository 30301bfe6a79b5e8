"""Any RDF against any shapes."""

from collections.abc import Callable, Iterator, Sequence

from pyoxigraph import Literal

from app.errors import Fault, NothingChecked
from app.namespaces import SH, XSD
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation.blame import Blame, Located
from app.validation.causes import Cause, cause
from app.validation.engines.base import Outcome, Ran, Result
from app.validation.engines.engine import run
from app.validation.engines.native import Graph
from app.validation.engines.native.targets import TARGETS
from app.validation.findings import Checked
from app.validation.locations import Index
from app.validation.remarks import remarks
from app.validation.shapes import STANDARD, Shapes
from app.validation.sources import Sources

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
    advance(0.4)
    # One of several that is misspelt would go unnoticed.
    if not graph or data.absent():
        raise Fault(data.nothing())
    outcome = run(described.triples, graph, engine)
    if not any(p.blocking for p in outcome.problems) and not _asked(outcome.ran, engine):
        raise _nothing(shapes, described)
    results = [r for r in outcome.results if not beside or _is_own(r, own, graph)]
    advance(0.7)
    causes = [c for result in results for c in _causes(result, graph)]
    nodes = {c.node for c in causes} | {result.focus for result in results}
    subjects = {n for n in nodes if (n in own if beside else _describes(graph, n))}
    documents = data.documents({t for c in causes for t in c.triples}, subjects, nodes - subjects)
    advance(0.9)
    prefixes = {**STANDARD, **shapes.prefixes, **data.prefixes}
    names, root = PrefixMap(prefixes), data.sources[0].path
    blame = Blame(described, names, root, languages)
    located = Located(Index(documents))
    findings = [blame.finding(result, graph, located) for result in results]
    findings += remarks(outcome, described, names, root)
    advance(1)
    return Checked(
        tuple(sorted(findings, key=lambda finding: finding.order)),
        outcome.ran,
        blame.faults(outcome.problems),
        prefixes,
        tuple(_notes(outcome, data, names)),
    )


def _notes(outcome: Outcome, data: Sources, names: PrefixMap) -> Iterator[str]:
    yield from map(names.within, outcome.notes)
    yield from (f"{path}: nothing is stated in it" for path in data.without_statements)
    if as_one := data.as_one():
        yield as_one


def _asked(ran: Ran, engine: str) -> bool:
    """Return whether anything was asked; the referee does not count what it asks."""
    unasked = engine == "native" and ran.focus_nodes and not ran.constraints
    return bool(ran.shapes and not unasked)


def _nothing(shapes: Sources, described: Shapes) -> Fault:
    """Return why nothing was run."""
    files = ", ".join(shapes.paths)
    predicates = {predicate for _, predicate, _ in described.triples}
    if not any(predicate.value.startswith(str(SH)) for predicate in predicates):
        return Fault(f"{files}: there is no shape in it: nothing was checked")
    selecting = {s for s, predicate, _ in described.triples if predicate in TARGETS}
    active = [
        s
        for s in selecting
        if Literal("true", datatype=XSD.boolean) not in described.about(s, SH.deactivated)
    ]
    if selecting and not active:
        return NothingChecked(
            f"{files}: every shape with a target is deactivated: nothing was checked"
        )
    if active:
        return NothingChecked(f"{files}: no shape with a target asks anything: nothing was checked")
    return Fault(
        f"{files}: no shape has a target: nothing was checked; say what a shape is for with "
        "sh:targetClass, sh:targetNode, sh:targetSubjectsOf or sh:targetObjectsOf"
    )


def _is_own(result: Result, own: set[Term], graph: Graph) -> bool:
    if result.focus in own:
        return True
    # What the data name without describing it is theirs too, but not what others describe.
    return not _describes(graph, result.focus)


def _describes(graph: Graph, node: Term) -> bool:
    return any(node in graph.by_subject(predicate) for predicate in graph.predicates)


def _causes(result: Result, graph: Graph) -> Iterator[Cause]:
    yield cause(result, graph)
    for inner in result.inner:
        yield from _causes(inner, graph)
