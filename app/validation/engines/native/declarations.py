"""SPARQL constraints, constraint components and SPARQL targets, read from a shapes graph.

Source: SHACL, sections 5 and 6; SHACL Advanced Features, section 3 (custom targets).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import OWL, RDF, SH, XSD
from app.rdf import paths
from app.rdf.paths import Path
from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind
from app.validation.engines.native.binding import Binder
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.query import Query
from app.validation.engines.native.reader import TRUE, ShapeReader
from app.validation.engines.native.run import Constraint
from app.validation.engines.native.sparql import Ask, Select
from app.validation.engines.native.store import SHAPES_GRAPH
from app.validation.engines.native.vocabulary import short, why_unknown

_OPTIONAL_BOUND = frozenset({"shapesGraph", "currentShape"})
_RESERVED = frozenset({"this", "value", "path", "PATH", *_OPTIONAL_BOUND})
_NAME = re.compile(r"[^\W\d][\w\-.]*\Z")
_VARIABLE = re.compile(r"\w+\Z")
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?\Z")
_PLACE = re.compile(r"error at (\d+):(\d+)")
_COMPONENT = SH.SPARQLConstraintComponent


class NoQuery(Exception):
    """A query cannot be used; the message says why.

    `refused` says that it is in order, but will not be run.
    """

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence)
        self.refused = refused


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


def literals(graph: Graph, node: Term, predicate: ox.NamedNode) -> tuple[ox.Literal, ...]:
    """Return the values of a property that are literals."""
    return tuple(v for v in graph.objects(node, predicate) if isinstance(v, ox.Literal))


def prefixes(graph: Graph, node: Term) -> dict[str, str]:
    """Return the prefixes for the query of a node, with those that its ontologies import.

    Raises NoQuery for a declaration that is ill-formed. Source: SHACL, section 5.2.1.
    """
    known: dict[str, str] = {}
    seen = dict.fromkeys(graph.objects(node, SH.prefixes))
    queue = list(seen)
    while queue:
        ontology = queue.pop(0)
        for declaration in graph.objects(ontology, SH.declare):
            names = literals(graph, declaration, SH.prefix)
            spaces = literals(graph, declaration, SH.namespace)
            if len(names) != 1 or len(spaces) != 1 or not _PREFIX.match(names[0].value):
                raise NoQuery(
                    "each sh:declare needs one sh:prefix, such as “ex”, and one sh:namespace"
                )
            name, space = names[0].value, spaces[0].value
            if known.setdefault(name, space) != space:
                raise NoQuery(f"the prefix “{name}:” is declared twice, for different namespaces")
        for imported in graph.objects(ontology, OWL.imports):
            if imported not in seen:
                seen[imported] = None
                queue.append(imported)
    return known


def read_query(
    graph: Graph,
    node: Term,
    predicate: ox.NamedNode,
    path: Path | None,
    bound: Iterable[str],
    *,
    prebinding: bool = True,
) -> Query:
    """Return the query of a node: the value of `sh:select` or `sh:ask`.

    `bound` are the variables that will be bound beforehand. Raises NoQuery if the query cannot be
    used: not one text, not SPARQL, or against the restrictions of SHACL, section 5.2.1 and
    appendix A.
    """
    form = short(predicate)[3:].upper()
    values = graph.objects(node, predicate)
    texts = [v for v in literals(graph, node, predicate) if v.datatype == XSD.string]
    if len(texts) != 1 or len(values) != 1:
        raise NoQuery(f"a query has one {short(predicate)}, a text in quotes")
    known = prefixes(graph, node)
    prologue = "".join(f"PREFIX {name}: <{space}> " for name, space in known.items())
    query = Query(prologue + texts[0].value, known)
    if "PATH" in query.variables:
        query = Query(_with_path(query, path), known)
    _check_words(query)
    if (prefix := query.undeclared()) is not None:
        raise NoQuery(f"the prefix “{prefix}:” of the query is not declared: add it by sh:prefixes")
    _check_syntax(query, form, len(prologue))
    if prebinding:
        _check_binding(query, frozenset(bound))
    return query


def _with_path(query: Query, path: Path | None) -> str:
    if path is None:
        raise NoQuery("$PATH stands for the path of a property shape, and this is a node shape")
    written = paths.text(path)
    if not isinstance(path, paths.PredicatePath):
        written = f"({written})"
    text, position = "", 0
    for token in query.tokens:
        if token.variable == "PATH":
            text += f"{query.text[position : token.start]} {written} "
            position = token.end
    return text + query.text[position:]


def _check_words(query: Query) -> None:
    for word in ("SERVICE", "FROM"):
        if word in query.words:
            raise NoQuery(f"a query asks the data alone: take {word} out", refused=True)


def _check_syntax(query: Query, form: str, prologue: int) -> None:
    if query.form != form:
        raise NoQuery(f"it has to be {'an' if form == 'ASK' else 'a'} {form} query")
    try:
        ox.Store().query(query.text)
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        place = _PLACE.search(str(error))
        if place is None:
            raise NoQuery(
                f"the query is no SPARQL: {' '.join(str(error).split())[:200]}"
            ) from error
        line, column = int(place[1]), int(place[2]) - (prologue if place[1] == "1" else 0)
        raise NoQuery(f"the query is no SPARQL near its line {line}, column {column}") from error


def _check_binding(query: Query, bound: frozenset[str]) -> None:
    """Raise NoQuery for what cannot be combined with variables bound beforehand."""
    for word in ("MINUS", "VALUES"):
        if word in query.words:
            raise NoQuery(f"SHACL allows no {word}: write FILTER NOT EXISTS or FILTER (… IN (…))")
    tokens = query.tokens
    for number, token in enumerate(tokens[:-1]):
        name = tokens[number + 1].variable
        if token.word == "AS" and name in bound | _OPTIONAL_BOUND:
            raise NoQuery(f"?{name} has a value already: let AS name another variable")
    for start, end in list(query.selections())[1:]:
        projected = {token.variable for token in tokens[start:end]}
        missing = sorted((bound - _OPTIONAL_BOUND) - projected)
        if missing or tokens[start].text == "*":
            names = " ".join(f"${name}" for name in missing or sorted(bound - _OPTIONAL_BOUND))
            raise NoQuery(f"an inner SELECT has to name what is bound beforehand: add {names}")


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


def target_query(reader: ShapeReader, node: Term) -> tuple[Query, Mapping[str, Term]] | None:
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
