"""pySHACL as the referee: its results in the form of ours."""

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pyoxigraph as ox
import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError as ReportableRuntimeError
from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from app.namespaces import RDFS
from app.namespaces import SH as SHACL
from app.rdf.sparql import paths
from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.engines.native import compile_shapes, evaluate
from app.validation.engines.native.comparison import Order
from app.validation.engines.rdflib_terms import graph, to_ox

Row = tuple[str, ...]


def our_rows(shapes: Iterable[ox.Triple], data: Iterable[ox.Triple]) -> Counter[Row]:
    """Return our results; raises ValueError if anything stood in their way."""
    plan = compile_shapes(shapes)
    evaluation = evaluate(plan, data)
    results = Counter(map(_row, evaluation))
    problems = [p for p in (*plan.problems, *evaluation.problems) if p.blocking]
    if problems:
        raise ValueError(problems)
    return results


def _row(result: Result) -> Row:
    terms = (
        result.focus,
        None if result.path is None else paths.text(result.path),
        result.value,
        result.shape,
        result.component,
        result.severity,
        result.constraint,
    )
    return tuple(str(term) for term in terms)


@contextmanager
def _as_written() -> Iterator[None]:
    before, logger = rdflib.NORMALIZE_LITERALS, logging.getLogger("rdflib.term")
    rdflib.NORMALIZE_LITERALS, disabled, logger.disabled = False, logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        rdflib.NORMALIZE_LITERALS, logger.disabled = before, disabled


def their_rows(
    shapes: Iterable[ox.Triple], data: Iterable[ox.Triple], *, advanced: bool = False
) -> Counter[Row]:
    """Return pySHACL's results, of literals as they are written; what it raises is passed on."""
    with _as_written():
        shapes_graph = graph(shapes)
        _, report, text = pyshacl.validate(
            graph(data),
            shacl_graph=shapes_graph,
            inference="none",
            do_owl_imports=False,
            advanced=advanced,
        )
        if not isinstance(report, Graph):
            raise TypeError(text)
        return Counter(_their_row(report, node) for node in report.objects(None, SH.result))


def _their_row(report: Graph, node: Node) -> Row:
    def one(predicate: rdflib.URIRef) -> Term | None:
        value = report.value(node, predicate)
        return None if value is None else to_ox(value)

    path = report.value(node, SH.resultPath)
    terms = (
        one(SH.focusNode),
        None if path is None else paths.text(_path(report, path)),
        one(SH.value),
        one(SH.sourceShape),
        one(SH.sourceConstraintComponent),
        one(SH.resultSeverity),
        one(SH.sourceConstraint),
    )
    return tuple(str(term) for term in terms)


def _path(report: Graph, node: Node) -> paths.Path:
    if isinstance(node, rdflib.URIRef):
        return paths.PredicatePath(ox.NamedNode(str(node)))
    if (node, RDF.first, None) in report:
        return paths.SequencePath(tuple(_path(report, part) for part in Collection(report, node)))
    if (parts := report.value(node, SH.alternativePath)) is not None:
        return paths.AlternativePath(
            tuple(_path(report, part) for part in Collection(report, parts))
        )
    for predicate, kind in {
        SH.inversePath: paths.InversePath,
        SH.zeroOrMorePath: paths.ZeroOrMorePath,
        SH.oneOrMorePath: paths.OneOrMorePath,
        SH.zeroOrOnePath: paths.ZeroOrOnePath,
    }.items():
        if (inner := report.value(node, predicate)) is not None:
            return kind(_path(report, inner))
    raise ValueError(f"{node} is no path")


def _parameters(shapes: Iterable[ox.Triple], *names: str) -> list[Term]:
    return [t.object for t in shapes if t.predicate in [SHACL[name] for name in names]]


def _terms(shapes: list[ox.Triple], data: list[ox.Triple]) -> list[Term]:
    targets = [t.object for t in shapes if t.predicate == SHACL.targetNode]
    return [*targets, *(term for t in data for term in (t.subject, t.object))]


def passes_what_has_no_order(shapes: list[ox.Triple], data: list[ox.Triple]) -> bool:
    """SHACL, 4.3: a value that SPARQL cannot compare with the bound is a violation."""
    order, terms = Order(), _terms(shapes, data)
    bounds = _parameters(shapes, "minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
    return any(
        order.compare(term, bound) is None
        for bound in bounds
        for term in terms
        if isinstance(term, ox.Literal)
    )


def passes_pairs_without_order(shapes: list[ox.Triple], data: list[ox.Triple]) -> bool:
    """SHACL, 4.5.3: a value that SPARQL cannot compare with the other is a violation."""
    if not _parameters(shapes, "lessThan", "lessThanOrEquals"):
        return False
    order, terms = Order(), _terms(shapes, data)
    return any(order.compare(one, other) is None for one in terms for other in terms)


def passes_short_blank_nodes(shapes: list[ox.Triple], data: list[ox.Triple]) -> bool:
    """SHACL, 4.4.1: a blank node breaks sh:minLength, whatever the length."""
    least = [term.value for term in _parameters(shapes, "minLength")]
    return "0" in least and any(isinstance(t, ox.BlankNode) for t in _terms(shapes, data))


def takes_any_literal_for_rdfs_literal(shapes: list[ox.Triple], data: list[ox.Triple]) -> bool:
    """SHACL, 4.1.2: the datatype of a literal equals the parameter, and none is rdfs:Literal."""
    return RDFS.Literal in _parameters(shapes, "datatype")


def writes_nested_paths_without_brackets(shapes: list[ox.Triple], _: list[ox.Triple]) -> bool:
    """SHACL, 5.2.1: $PATH becomes a path of SPARQL, and neither `e:p?*` nor `^^e:p` is one."""
    repeated = [
        SHACL[f"{name}Path"] for name in ("zeroOrMore", "oneOrMore", "zeroOrOne", "inverse")
    ]
    nodes = {t.subject for t in shapes if t.predicate in repeated}
    asks = any("$PATH" in term.value for term in _parameters(shapes, "select"))
    return asks and any(t.object in nodes for t in shapes if t.predicate in repeated)


Failure = Callable[[list[ox.Triple], list[ox.Triple]], bool]
FAULTS: tuple[Failure, ...] = (
    passes_what_has_no_order,
    passes_pairs_without_order,
    passes_short_blank_nodes,
    takes_any_literal_for_rdfs_literal,
    writes_nested_paths_without_brackets,
)
"""Where pySHACL differs from the specification, each with the passage: may it, of these pairs?"""


def excuse(shapes: list[ox.Triple], data: list[ox.Triple]) -> str | None:
    """Return the fault of the referee that may be why it differs, None if none may."""
    return next((fault.__name__ for fault in FAULTS if fault(shapes, data)), None)


def _triples(turtle: str) -> list[ox.Triple]:
    text = (
        "@prefix e: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . " + turtle
    )
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


_BLANK = _triples("e:a e:p _:x . e:a e:q 1 .")
EXAMPLES = {
    passes_what_has_no_order: (
        _triples('e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:minExclusive "x" ] .'),
        _triples('e:a e:p "y"@en .'),
    ),
    passes_pairs_without_order: (
        _triples("e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:lessThan e:q ] ."),
        _BLANK,
    ),
    passes_short_blank_nodes: (
        _triples("e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:minLength 0 ] ."),
        _BLANK,
    ),
    takes_any_literal_for_rdfs_literal: (
        _triples(
            "e:s sh:targetNode e:a ; sh:property [ sh:path e:q ; sh:datatype rdfs:Literal ] ."
        ),
        _BLANK,
    ),
    writes_nested_paths_without_brackets: (
        _triples(
            "e:s sh:targetNode e:a ; sh:property [ sh:path [ sh:zeroOrMorePath [ sh:oneOrMorePath "
            "e:p ] ] ; sh:sparql [ sh:select 'SELECT $this ?value { $this $PATH ?value "
            "FILTER(isBlank(?value)) }' ] ] ."
        ),
        _BLANK,
    ),
}
