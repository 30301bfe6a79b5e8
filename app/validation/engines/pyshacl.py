"""SHACL validation by pySHACL, kept from what it would change in the process around it.

Cursor reach it as they are written: a reader that rewrites literals makes `sh:datatype` fail, or
pass, wrongly. Nothing is fetched, nothing is inferred.
"""

import logging
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, cast

import pyoxigraph as ox
import pyshacl
import pyshacl.shape
import rdflib
import rdflib.query
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.errors import ShapeRecursionWarning
from rdflib import Graph, URIRef
from rdflib.collection import Collection as RdfList
from rdflib.namespace import RDF, SH
from rdflib.paths import (
    AlternativePath,
    InvPath,
    MulPath,
    OneOrMore,
    Path,
    SequencePath,
    ZeroOrMore,
    ZeroOrOne,
)
from rdflib.term import Node

from app.errors import Fault
from app.namespaces import DCTERMS, RDFS, SKOS
from app.namespaces import SH as SHACL
from app.rdf.terms import Term
from app.validation.engines.rdflib_terms import fill, graph, to_ox, to_rdflib

_MARK = "\N{SYMBOL FOR SUBSTITUTE}"
_MESSAGE, _TARGET = SHACL.message, SHACL.target
_ASIDE = frozenset(
    {
        SHACL.name,
        SHACL.description,
        SHACL.order,
        SHACL.group,
        RDFS.label,
        RDFS.comment,
        RDFS.isDefinedBy,
        DCTERMS.source,
        SKOS.note,
        SKOS.example,
    }
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SERVICE = re.compile(r"(?<![\w:?$#/.-])SERVICE", re.IGNORECASE)
_SILENCED = "rdflib.term", "pyshacl-validate"
_REPEATED = {
    SH.zeroOrMorePath: ZeroOrMore,
    SH.oneOrMorePath: OneOrMore,
    SH.zeroOrOnePath: ZeroOrOne,
}


class Result(NamedTuple):
    """One validation result.

    `path` is an IRI, an rdflib path where it is longer, or None. `shape` and `constraint` are
    nodes of the shapes (`constraint` of a SPARQL constraint only), `component` says what kind of
    constraint is broken, `bindings` is what a SPARQL constraint's query found. `message` is what
    pySHACL itself says, in English, of a shape without a message.
    """

    focus: Term
    path: ox.NamedNode | Path | None
    value: Term | None
    shape: Term
    component: Term
    constraint: Term | None
    severity: Term
    bindings: Mapping[str, Term]
    message: str


class _Data(Graph):
    """A graph whose SPARQL is answered by Oxigraph.

    The same engine answers the queries of constraints, of rules and of readers, and fast.
    """

    def __init__(self, triples: Collection[ox.Triple]) -> None:
        super().__init__(bind_namespaces="none")
        fill(self, triples)
        self._store = ox.Store()
        self._store.bulk_extend(ox.Quad(*triple) for triple in triples)

    def query(self, query: Any, *_: Any, **given: Any) -> rdflib.query.Result:  # type: ignore[override]
        """Answer SELECT or ASK; `initBindings` are bound before it runs.

        Source: SHACL (W3C Recommendation of 2017-07-20), section 5.3.1.
        """
        text = str(query)
        if _SERVICE.search(_CODEPOINT.sub(_character, text)):
            raise ValueError("a constraint cannot ask another SPARQL service")
        bound: dict[ox.Variable, Term | ox.Triple] = {
            ox.Variable(str(name)): to_ox(term)
            for name, term in (given.get("initBindings") or {}).items()
        }
        answer = self._store.query(text, substitutions=bound)
        if isinstance(answer, ox.QueryBoolean):
            result = rdflib.query.Result("ASK")
            result.askAnswer = bool(answer)
            return result
        if not isinstance(answer, ox.QuerySolutions):
            raise ValueError("a constraint is a SELECT or an ASK query")
        result = rdflib.query.Result("SELECT")
        names = [variable.value for variable in answer.variables]
        result.vars = [rdflib.Variable(name) for name in names]
        result.bindings = [
            {
                variable: to_rdflib(term)
                for name, variable in zip(names, result.vars, strict=True)
                if (term := solution[name]) is not None
            }
            for solution in answer
        ]
        return result


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))


def validate(data: Iterable[ox.Triple], shapes: Iterable[ox.Triple]) -> list[Result]:
    """Return the results of validating a graph against shapes, in no particular order.

    SPARQL constraints are run, SPARQL targets too where the shapes have some. Raises Fault if
    pySHACL could not run to its end, whatever the reason: what was not validated does not conform.
    """
    given = list(shapes)
    advanced = any(predicate == _TARGET for _, predicate, _ in given)
    with _contained(advanced) as found, warnings.catch_warnings():
        # What validation of recursive shapes means is left open (SHACL, 3.4.3): we refuse them.
        warnings.simplefilter("error", ShapeRecursionWarning)
        shapes_graph = fill(Graph("SimpleMemory", bind_namespaces="none"), _constraints(given))
        try:
            conforms, report, text = pyshacl.validate(
                # What SHACL-AF adds are functions that Oxigraph does not know.
                graph(data) if advanced else _Data(list(data)),
                shacl_graph=shapes_graph,
                advanced=advanced,
                inference="none",
                do_owl_imports=False,
            )
        except ShapeRecursionWarning as error:
            raise _failed("a shape is recursive, which SHACL does not define") from error
        except Exception as error:
            # Shapes that are wrong make a foreign library raise nearly anything.
            raise _failed(error) from error
        if not isinstance(report, Graph):
            raise _failed(report if isinstance(report, Exception) else text)
        results = [
            _result(report, shapes_graph, node, found) for node in report.objects(None, SH.result)
        ]
    if not conforms and not results:
        raise _failed("it reports that the data do not conform, but not why")
    return results


def _constraints(shapes: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield what pySHACL needs of shapes.

    For each focus node it compares each property of a shape with each constraint that there is:
    labels and notes in three languages would take more time than the constraints. Of the messages
    one is left, as the vessel of what a constraint found.
    """
    with_message: set[Term] = set()
    for triple in shapes:
        subject, predicate, _ = triple
        if predicate == _MESSAGE:
            if subject not in with_message:
                with_message.add(subject)
                yield ox.Triple(subject, predicate, ox.Literal(_MARK))
        elif predicate not in _ASIDE:
            yield triple


def _failed(reason: object) -> Fault:
    words = " ".join(str(reason).split()) or type(reason).__name__
    return Fault(f"the shapes could not be run: {words[:500]}")


@contextmanager
def _contained(advanced: bool) -> Iterator[list[dict[str, Term]]]:
    """Undo, at the end, what pySHACL and its use change in the process.

    Yields the list to which each message of a SPARQL constraint adds the bindings that it is about;
    the message itself becomes their number, so that we can tell IRIs from literals when we fill
    it ourselves.
    """
    bindings: list[dict[str, Term]] = []
    seen: list[object] = []

    def number(_: object, __: str, bound: object) -> str:
        # One result asks for each of its messages twice.
        if not seen or seen[-1] is not bound:
            seen.append(bound)
            bindings.append(_bindings(bound))
        return f"{_MARK}{len(bindings) - 1}"

    with ExitStack() as after:

        def swap(owner: object, name: str, value: object) -> None:
            after.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)

        converters = rdflib.term._toPythonMapping
        after.callback(converters.update, dict(converters))
        swap(rdflib, "NORMALIZE_LITERALS", False)
        swap(ConstraintComponent, "_format_sparql_based_result_message", number)
        # Nobody reads it, and it is made even for what only answers whether a shape is met.
        swap(ConstraintComponent, "make_v_result_description", lambda *_, **__: "")
        # Looked up for each property of a shape and each focus node: a list takes far longer.
        parameters = (frozenset(ALL_CONSTRAINT_PARAMETERS), CONSTRAINT_PARAMETERS_MAP)
        if not advanced:
            vars(pyshacl.shape).setdefault("CONSTRAINT_PARAMS", (None, None))
            swap(pyshacl.shape, "CONSTRAINT_PARAMS", parameters)
        for logger in map(logging.getLogger, _SILENCED):
            swap(logger, "handlers", list(logger.handlers))
            swap(logger, "level", logger.level)
            swap(logger, "disabled", True)
        yield bindings


def _bindings(bound: object) -> dict[str, Term]:
    if isinstance(bound, dict):
        given: dict[str, Node | None] = bound
    else:
        this, path, value, *rest = cast("tuple[Any, ...]", bound)
        given = {"this": this, "path": path, "value": value} | dict(*rest)
    return {str(name): to_ox(term) for name, term in given.items() if term is not None}


def _result(report: Graph, shapes: Graph, node: Node, found: list[dict[str, Term]]) -> Result:
    def one(predicate: URIRef) -> Term | None:
        value = report.value(node, predicate)
        return None if value is None else to_ox(value)

    messages = sorted(str(m) for m in report.objects(node, SH.resultMessage))
    numbers = [m[len(_MARK) :] for m in messages if m.startswith(_MARK)]
    path = report.value(node, SH.resultPath)
    return Result(
        focus=cast("Term", one(SH.focusNode)),
        path=None if path is None else read_path(shapes, path),
        value=one(SH.value),
        shape=cast("Term", one(SH.sourceShape)),
        component=cast("Term", one(SH.sourceConstraintComponent)),
        constraint=one(SH.sourceConstraint),
        severity=cast("Term", one(SH.resultSeverity)),
        bindings=found[int(numbers[0])] if any(numbers) else {},
        message=next((m for m in messages if not m.startswith(_MARK)), ""),
    )


def read_path(shapes: Graph, node: Node) -> ox.NamedNode | Path:
    """Return a SHACL property path: an IRI, or the rdflib path that means the same.

    Source: SHACL (W3C Recommendation of 2017-07-20), section 2.3.1.
    """
    path = _path(shapes, node)
    return ox.NamedNode(str(path)) if isinstance(path, URIRef) else path


def _path(shapes: Graph, node: Node) -> URIRef | Path:
    if isinstance(node, URIRef):
        return node
    if (node, RDF.first, None) in shapes:
        return SequencePath(*(_path(shapes, part) for part in RdfList(shapes, node)))
    if (parts := shapes.value(node, SH.alternativePath)) is not None:
        return AlternativePath(*(_path(shapes, part) for part in RdfList(shapes, parts)))
    if (inner := shapes.value(node, SH.inversePath)) is not None:
        return InvPath(_path(shapes, inner))
    for predicate, mark in _REPEATED.items():
        if (inner := shapes.value(node, predicate)) is not None:
            return MulPath(_path(shapes, inner), mark)  # type: ignore[arg-type]
    raise Fault(f"the shapes could not be run: {node} is no property path")
