"""The referee: SHACL validation by pySHACL on rdflib, kept from what it would change around it.

Terms reach it as they are written: a reader that rewrites literals makes `sh:datatype` fail, or
pass, wrongly. Nothing is fetched, nothing is inferred.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pyoxigraph as ox
import pyshacl
import rdflib
from pyshacl.errors import ShapeRecursionWarning
from rdflib import Graph, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from app.errors import Fault
from app.namespaces import SH as SHACL
from app.rdf.terms import Term
from app.validation import paths
from app.validation.engines import native
from app.validation.engines.base import Outcome, ProblemKind, Ran, Result, ShapeProblem
from app.validation.engines.rdflib_terms import graph, to_ox

_SILENCED = "rdflib.term", "pyshacl-validate"
_QUERIES = frozenset({SHACL.select, SHACL.ask, SHACL.construct, SHACL.update})
# Escapes could hide it: a query with one is refused as well.
_SERVICE = re.compile(r"SERVICE|\\\\u", re.IGNORECASE)
_TARGETS = (
    SH.targetNode,
    SH.targetClass,
    SH.targetSubjectsOf,
    SH.targetObjectsOf,
    SH.target,
)


def validate(shapes: Iterable[ox.Triple], data: native.Graph) -> Outcome:
    """Return the results of validating a graph against shapes. Raises Fault for SERVICE.

    SHACL-AF is on where the shapes use it. What keeps pySHACL from running to its end is a
    problem: what was not validated does not conform. It does not tell how much it ran: the shapes
    with targets are counted, and no constraints.
    """
    triples = list(shapes)
    if any(p in _QUERIES and _SERVICE.search(str(o)) for _, p, o in triples):
        raise Fault("SERVICE is off: shapes are run on the data alone")
    advanced = any(predicate == SHACL.target for _, predicate, _ in triples)
    with _contained(), warnings.catch_warnings():
        # What validation of recursive shapes means is left open (SHACL, 3.4.3): we refuse them.
        warnings.simplefilter("error", ShapeRecursionWarning)
        shapes_graph = graph(triples)
        data_graph = graph(quad.triple for quad in data.quads(data.predicates))
        ran = Ran(shapes=len({s for p in _TARGETS for s in shapes_graph.subjects(p)}))
        try:
            conforms, report, text = pyshacl.validate(
                data_graph,
                shacl_graph=shapes_graph,
                advanced=advanced,
                inference="none",
                do_owl_imports=False,
            )
        except ShapeRecursionWarning:
            return _failed("a shape is recursive, which SHACL does not define", ran)
        except Exception as error:  # noqa: BLE001
            # Shapes that are wrong make a foreign library raise nearly anything.
            return _failed(error, ran)
        if not isinstance(report, Graph):
            return _failed(report if isinstance(report, Exception) else text, ran)
        plan = native.Graph(triples)
        results = [_result(report, plan, node) for node in report.objects(None, SH.result)]
    if not conforms and not results:
        return _failed("it reports that the data do not conform, but not why", ran)
    ran.focus_nodes = len({result.focus for result in results})
    return Outcome(tuple(sorted(results, key=str)), ran)


def _failed(reason: object, ran: Ran) -> Outcome:
    words = " ".join(str(reason).split()) or type(reason).__name__
    sentence = f"pySHACL could not run the shapes: {words[:500]}"
    return Outcome((), ran, (ShapeProblem(ProblemKind.FAILED, SHACL.Shape, None, sentence),))


@contextmanager
def _contained() -> Iterator[None]:
    """Undo, at the end, what pySHACL and its use change in the process."""
    with ExitStack() as after:

        def swap(owner: object, name: str, value: object) -> None:
            after.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        converters = rdflib.term._toPythonMapping
        after.callback(converters.update, dict(converters))
        swap(rdflib, "NORMALIZE_LITERALS", False)
        for logger in map(logging.getLogger, _SILENCED):
            swap(logger, "handlers", list(logger.handlers))
            swap(logger, "level", logger.level)
            swap(logger, "disabled", True)
        yield


def _result(report: Graph, shapes: native.Graph, node: Node) -> Result:
    def one(predicate: URIRef) -> Term | None:
        value = report.value(node, predicate)
        return None if value is None else to_ox(value)

    path = one(SH.resultPath)
    messages = sorted(report.objects(node, SH.resultMessage), key=str)
    return Result(
        focus=one(SH.focusNode),  # type: ignore[arg-type]
        path=None if path is None else paths.read(shapes, path),
        value=one(SH.value),
        shape=one(SH.sourceShape),  # type: ignore[arg-type]
        component=one(SH.sourceConstraintComponent),  # type: ignore[arg-type]
        constraint=one(SH.sourceConstraint),
        severity=one(SH.resultSeverity),  # type: ignore[arg-type]
        messages=tuple(to_ox(message) for message in messages),  # type: ignore[misc]
    )
