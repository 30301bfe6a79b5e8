"""SPARQL constraints, constraint components and SPARQL targets, read from a shapes graph.

Source: SHACL, sections 5 and 6; SHACL Advanced Features, section 3 (custom targets).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import RDF, SH
from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind
from app.validation.engines.native.binding import Binder
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.prebinding import (
    SHAPES_VARIABLES,
    NoQuery,
    literals,
    read_query,
)
from app.validation.engines.native.query import ParsedQuery
from app.validation.engines.native.reader import TRUE, ShapeReader
from app.validation.engines.native.run import Constraint
from app.validation.engines.native.sparql import Ask, Select
from app.validation.engines.native.store import SHAPES_GRAPH
from app.validation.engines.native.vocabulary import why_unknown

_RESERVED = frozenset({"this", "value", "path", "PATH", *SHAPES_VARIABLES})
_NAME = re.compile(r"[^\W\d][\w\-.]*\Z")
_VARIABLE = re.compile(r"\w+\Z")
_COMPONENT = SH.SPARQLConstraintComponent


@dataclass(frozen=True)
class Parameter:
    """A parameter of a constraint component: `name` is that of its variable."""

    predicate: ox.NamedNode
    name: str
    optional: bool


@dataclass(frozen=True)
class Component:
    """A constraint component that the shapes graph declares."""

    node: ox.NamedNode
    parameters: tuple[Parameter, ...]


def is_deactivated(graph: Graph, node: Term) -> bool:
    """Return whether a shape or a constraint is switched off."""
    return TRUE in graph.objects(node, SH.deactivated)


def sparql_constraints(reader: ShapeReader) -> Iterator[Constraint]:
    """Yield the constraints of `sh:sparql`; one that cannot be run is reported."""
    graph = reader.graph
    for node in reader.values(SH.sparql):
        if not isinstance(node, ox.NamedNode | ox.BlankNode):
            reader.ill_formed(SH.sparql, f"sh:sparql names a constraint, not {node}")
        elif not is_deactivated(graph, node):
            check_terms(reader, node)
            if graph.objects(node, SH.resultAnnotation):
                reader.idle(
                    SH.resultAnnotation,
                    "sh:resultAnnotation (SHACL Advanced Features) adds nothing to results here",
                )
            try:
                query = read_query(graph, node, SH.select, reader.path, ["this"])
            except NoQuery as error:
                _report(reader, node, SH.select, error)
                continue
            yield Select(
                component=_COMPONENT,
                parameters=((SH.sparql, node),),
                node=node,
                messages=literals(graph, node, SH.message),
                query=query,
                binder=Binder(query),
                fixed=_fixed(reader),
                shape=reader.node,
                path=reader.path,
            )


def check_terms(reader: ShapeReader, node: Term) -> None:
    """Report the properties of a node that SHACL does not know."""
    for predicate in reader.graph.predicates:
        sentence = why_unknown(predicate)
        if sentence is not None and reader.graph.objects(node, predicate):
            reader.compiler.report(ProblemKind.UNKNOWN_TERM, node, predicate, sentence)


def _report(reader: ShapeReader, node: Term, term: Term, error: NoQuery) -> None:
    kind = ProblemKind.REFUSED if error.refused else ProblemKind.ILL_FORMED
    reader.compiler.report(kind, node, term, str(error))


def _fixed(reader: ShapeReader) -> dict[str, Term]:
    return {"currentShape": reader.node, "shapesGraph": SHAPES_GRAPH}


def components(graph: Graph) -> Iterator[tuple[Component | None, ox.NamedNode, str]]:
    """Yield the components that a shapes graph declares, with their node.

    Instead of an ill-formed one None is yielded, and a sentence. Those of SHACL itself are left
    out, since vocabularies repeat them.
    """
    for node in dict.fromkeys(graph.instances(SH.ConstraintComponent)):
        if not isinstance(node, ox.NamedNode) or node.value.startswith(str(SH)):
            continue
        try:
            yield Component(node, tuple(_parameters(graph, node))), node, ""
        except NoQuery as error:
            yield None, node, str(error)


def _parameters(graph: Graph, node: Term) -> Iterator[Parameter]:
    nodes = graph.objects(node, SH.parameter)
    parameters = []
    for parameter in nodes:
        iris = graph.objects(parameter, SH.path)
        if len(iris) != 1 or not isinstance(iris[0], ox.NamedNode):
            raise NoQuery("each sh:parameter needs one sh:path that is an IRI")
        name = _NAME.search(iris[0].value)
        if name is None or not _VARIABLE.match(name[0]) or name[0] in _RESERVED:
            raise NoQuery(f"{iris[0]} does not end in a name that a variable may have")
        optional = TRUE in graph.objects(parameter, SH.optional)
        parameters.append(Parameter(iris[0], name[0], optional))
    if all(parameter.optional for parameter in parameters):
        raise NoQuery("a constraint component needs a parameter that is not optional")
    yield from parameters


def component_constraints(
    reader: ShapeReader, declared: Iterable[Component]
) -> Iterator[Constraint]:
    """Yield the constraints of declared components for which a shape has the parameters."""
    for component in declared:
        needed = [p for p in component.parameters if not p.optional]
        if all(reader.values(parameter.predicate) for parameter in needed):
            yield from _of_component(reader, component)


def _of_component(reader: ShapeReader, component: Component) -> Iterator[Constraint]:
    several = [p for p in component.parameters if len(reader.values(p.predicate)) > 1]
    if several and len(component.parameters) > 1:
        reader.ill_formed(
            several[0].predicate,
            f"a shape has one value of {several[0].predicate} at most, "
            f"because {component.node} has several parameters",
        )
        return
    validator = _validator(reader, component)
    if validator is None:
        return
    node, predicate = validator
    names = {parameter.name for parameter in component.parameters}
    bound = {"this", *names} | ({"value"} if predicate == SH.ask else set())
    try:
        query = read_query(reader.graph, node, predicate, reader.path, bound)
    except NoQuery as error:
        _report(reader, node, predicate, error)
        return
    graph = reader.graph
    messages = literals(graph, node, SH.message) or literals(graph, component.node, SH.message)
    for values in _values(reader, component):
        named = {p.name: value for p, value in values.items()}
        kind = Select if predicate == SH.select else Ask
        yield kind(
            component=component.node,
            parameters=tuple((p.predicate, value) for p, value in values.items()),
            messages=messages,
            query=query,
            binder=Binder(query),
            fixed={**_fixed(reader), **named},
            shown=named,
            shape=reader.node,
            path=reader.path,
        )


def _values(reader: ShapeReader, component: Component) -> Iterator[Mapping[Parameter, Term]]:
    if len(component.parameters) == 1:
        (parameter,) = component.parameters
        for value in reader.values(parameter.predicate):
            yield {parameter: value}
    else:
        yield {
            parameter: value
            for parameter in component.parameters
            for value in reader.values(parameter.predicate)
        }


def _validator(reader: ShapeReader, component: Component) -> tuple[Term, ox.NamedNode] | None:
    """Return the validator for a shape and the property with its query.

    Source: SHACL, section 6.2.3 (a component without a validator that fits is ignored).
    """
    graph = reader.graph
    own = SH.nodeValidator if reader.path is None else SH.propertyValidator
    validators = [v for p in (own, SH.validator) for v in graph.objects(component.node, p)]
    for validator in validators:
        for predicate in (SH.select, SH.ask):
            if graph.objects(validator, predicate):
                return validator, predicate
    if any(graph.objects(validator, SH.jsFunctionName) for validator in validators):
        reader.compiler.report(
            ProblemKind.REFUSED,
            component.node,
            SH.jsFunctionName,
            f"{component.node} has a validator in JavaScript only, which is never run: "
            "write one in SPARQL",
        )
    else:
        kind = "node" if reader.path is None else "property"
        parameter = component.parameters[0].predicate
        reader.idle(
            parameter, f"{component.node} has no validator for {kind} shapes, so it does nothing"
        )
    return None


def target_query(reader: ShapeReader, node: Term) -> tuple[ParsedQuery, Mapping[str, Term]] | None:
    """Return the query of a SPARQL target, with the values of its parameters.

    None, after a report, where it cannot be run. Source: SHACL Advanced Features, section 3.
    """
    graph = reader.graph
    holder, bound = node, dict[str, Term]()
    if not graph.objects(node, SH.select):
        types = [t for t in graph.objects(node, RDF.type) if graph.objects(t, SH.select)]
        if len(types) != 1:
            reader.compiler.report(
                ProblemKind.REFUSED,
                reader.node,
                SH.target,
                "of sh:target, a sh:SPARQLTarget with a sh:select or an instance of a "
                "sh:SPARQLTargetType is run, and nothing else",
            )
            return None
        holder = types[0]
        try:
            parameters = (
                tuple(_parameters(graph, holder)) if graph.objects(holder, SH.parameter) else ()
            )
        except NoQuery as error:
            _report(reader, holder, SH.parameter, error)
            return None
        for parameter in parameters:
            values = graph.objects(node, parameter.predicate)
            if len(values) > 1 or not (values or parameter.optional):
                reader.ill_formed(
                    parameter.predicate, f"the target needs one {parameter.predicate}", node
                )
                return None
            bound.update((parameter.name, value) for value in values)
    try:
        query = read_query(graph, holder, SH.select, None, bound, prebinding=bool(bound))
    except NoQuery as error:
        _report(reader, holder, SH.select, error)
        return None
    return query, bound
