"""A shapes graph compiled: what is run, and what is the matter with it.

Source: SHACL, section 1.3 (shapes graph), 2.1 (shapes), 3.4.3 (recursion) and appendix C.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyoxigraph as ox

from app.namespaces import OWL, RDF, SH
from app.rdf.sparql import paths
from app.rdf.sparql.paths import IllFormed, Path
from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind, ShapeProblem
from app.validation.engines.native.declarations import (
    Component,
    check_terms,
    component_constraints,
    components,
    sparql_constraints,
)
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.parameters import PARAMETERS, core_constraints
from app.validation.engines.native.prebinding import literals
from app.validation.engines.native.query import ParsedQuery
from app.validation.engines.native.reader import FALSE, TRUE, ShapeReader
from app.validation.engines.native.run import Constraint, Shape
from app.validation.engines.native.sparql import Queried
from app.validation.engines.native.targets import TARGETS, Target, is_class, targets
from app.validation.engines.native.vocabulary import (
    is_drafted,
    short,
    why_refused,
    why_unknown,
)

_DEEPEST = 60
_SHAPE_CLASSES = (SH.NodeShape, SH.PropertyShape, SH.Parameter)
_ONE_SHAPE = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_SEVERITIES = frozenset({SH.Violation, SH.Warning, SH.Info})


@dataclass(frozen=True)
class Root:
    """A shape with the targets that it is run for."""

    shape: Shape
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Plan:
    """What a shapes graph asks for.

    `roots` are run; `problems` say what is not and why, and what is idle; `shapes` is how many
    shapes there are, with targets or without. `shared` are the nodes of shapes that several others
    ask about; `queries` are all queries that are run.
    """

    graph: Graph
    roots: tuple[Root, ...]
    problems: tuple[ShapeProblem, ...]
    shapes: int
    shared: frozenset[Term]
    queries: tuple[ParsedQuery, ...]


def compile_shapes(shapes: Iterable[ox.Triple | ox.Quad]) -> Plan:
    """Return the plan of a shapes graph; what is wrong with it is in its `problems`."""
    return _Compiler(Graph(shapes)).plan()


class _Compiler:
    """The shapes of a graph, each read once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._components: list[Component] = []
        self._shapes: dict[Term, Shape] = {}
        self._targets: dict[Term, tuple[Target, ...]] = {}
        self._stack: list[Term] = []
        self._heights: dict[Term, int] = {}
        self._parts: dict[Term, dict[Term, int]] = {}
        self._problems: dict[ShapeProblem, dict[Term, None]] = {}

    def plan(self) -> Plan:
        """Read everything."""
        for component, at, sentence in components(self.graph):
            if component is None:
                self.report(ProblemKind.ILL_FORMED, at, SH.parameter, sentence)
            else:
                self._components.append(component)
        nodes = list(self._nodes())
        for node in nodes:
            self.shape(node)
        self._check_vocabulary(nodes)
        return self._finished(len(nodes))

    def report(
        self,
        kind: ProblemKind,
        node: Term,
        term: Term | None,
        sentence: str,
        *,
        blocking: bool = True,
    ) -> None:
        """Add a problem of the shape that is being read; one of terms does not stop the shape."""
        problem = ShapeProblem(kind, node, term, sentence, (), blocking)
        owners = self._problems.setdefault(problem, {})
        owners[self._stack[-1] if self._stack else node] = None

    def shape(self, node: Term) -> Shape | None:
        """Return the shape that a node is; None if it is being read, or too deep."""
        if self._stack:
            parts = self._parts.setdefault(self._stack[-1], {})
            parts[node] = parts.get(node, 0) + 1
        if node in self._stack:
            self.report(
                ProblemKind.RECURSIVE,
                node,
                None,
                "the shape refers to itself, and SHACL does not say what that means: "
                "break the circle",
            )
            return None
        if (shape := self._shapes.get(node)) is not None:
            return shape
        if len(self._stack) >= _DEEPEST:
            self._refuse_depth(node)
            return None
        self._stack.append(node)
        self._shapes[node] = shape = self._read(node)
        parts = self._parts.get(node, {})
        self._heights[node] = height = 1 + max((self._heights.get(p, 0) for p in parts), default=0)
        if height > _DEEPEST:
            self._refuse_depth(node)
            # Who asks about it is refused for that: once is enough.
            self._heights[node] = 0
        self._stack.pop()
        return shape

    def _refuse_depth(self, node: Term) -> None:
        sentence = f"shapes are nested more than {_DEEPEST} deep"
        self.report(ProblemKind.REFUSED, node, None, sentence)

    def _nodes(self) -> Iterator[Term]:
        """Yield the shapes. Source: SHACL, section 2.1."""
        graph = self.graph
        parameters = PARAMETERS | {
            parameter.predicate
            for component in self._components
            for parameter in component.parameters
        }
        nodes: dict[Term, None] = {}
        for kind in _SHAPE_CLASSES:
            nodes.update(dict.fromkeys(graph.instances(kind)))
        for predicate in graph.predicates:
            if predicate in parameters or predicate in TARGETS:
                nodes.update(dict.fromkeys(graph.by_subject(predicate)))
        for predicate in _ONE_SHAPE:
            nodes.update(dict.fromkeys(graph.by_object(predicate)))
        for node in nodes:
            if isinstance(node, ox.NamedNode | ox.BlankNode):
                yield node

    def _read(self, node: Term) -> Shape:
        graph = self.graph
        path = self._path(node)
        reader = ShapeReader(self, node, path)
        self._check_kind(reader)
        constraints: list[Constraint] = [
            *core_constraints(reader),
            *sparql_constraints(reader),
            *component_constraints(reader, self._components),
        ]
        self._targets[node] = tuple(targets(reader))
        messages = reader.values(SH.message)
        if any(not _is_text(message) for message in messages):
            reader.ill_formed(SH.message, "sh:message is a text, with a language or without")
        return Shape(
            node=node,
            path=path,
            constraints=tuple(constraints),
            severity=self._severity(reader),
            messages=literals(graph, node, SH.message),
            deactivated=self._deactivated(reader),
        )

    def _path(self, node: Term) -> Path | None:
        values = self.graph.objects(node, SH.path)
        if not values:
            return None
        if len(values) > 1:
            self.report(
                ProblemKind.ILL_FORMED, node, SH.path, "a property shape has one sh:path only"
            )
        try:
            path = paths.read(self.graph, values[0])
        except IllFormed as error:
            self.report(ProblemKind.ILL_FORMED, node, SH.path, str(error))
            return None
        if paths.is_ambiguous(self.graph, values[0]):
            self.report(
                ProblemKind.ILL_FORMED,
                node,
                SH.path,
                "the path is a list and something else besides: it is read as the list",
                blocking=False,
            )
        return path

    def _check_kind(self, reader: ShapeReader) -> None:
        graph, node = self.graph, reader.node
        types = graph.objects(node, RDF.type)
        has_path = bool(reader.values(SH.path))
        if has_path and not graph.subclasses(SH.NodeShape).isdisjoint(types):
            reader.ill_formed(SH.path, "a sh:NodeShape has no sh:path: make it a sh:PropertyShape")
        if not has_path and not graph.subclasses(SH.PropertyShape).isdisjoint(types):
            reader.ill_formed(SH.path, "a property shape needs a path: add sh:path with a property")
        if not any(graph.objects(node, predicate) for predicate in graph.predicates):
            reader.idle(node, f"nothing in the shapes describes {node}: every node conforms to it")
        if (
            OWL.Class in types
            and not is_class(graph, node)
            and not any(reader.values(target) for target in TARGETS)
        ):
            reader.idle(
                RDF.type,
                "a shape that is an owl:Class has its instances as targets only if it is also an "
                "rdfs:Class",
            )

    def _severity(self, reader: ShapeReader) -> ox.NamedNode:
        severity = reader.iri(SH.severity)
        if severity is None:
            return SH.Violation
        if severity.value.startswith(str(SH)) and severity not in _SEVERITIES:
            sentence = why_unknown(severity) or f"{short(severity)} is no severity of SHACL"
            self.report(ProblemKind.UNKNOWN_TERM, reader.node, severity, sentence)
        return severity

    def _deactivated(self, reader: ShapeReader) -> bool:
        value = reader.single(SH.deactivated)
        if value is not None and value not in (TRUE, FALSE):
            reader.ill_formed(SH.deactivated, f"sh:deactivated is true or false, not {value}")
        return value == TRUE

    def _check_vocabulary(self, nodes: Iterable[Term]) -> None:
        """Report what looks like SHACL and is not, and what is not evaluated."""
        graph = self.graph
        for predicate in graph.predicates:
            unknown, refused = why_unknown(predicate), why_refused(predicate)
            if unknown is None and refused is None:
                continue
            subjects = graph.by_subject(predicate)
            if not predicate.value.startswith(str(SH)):
                # Who mistook the namespace has no shape at all.
                node = next(iter(subjects))
                self.report(ProblemKind.UNKNOWN_TERM, node, predicate, unknown or "")
                continue
            if predicate == SH.entailment:
                nodes = list(subjects)
            kind = ProblemKind.REFUSED if refused else ProblemKind.UNKNOWN_TERM
            for node in nodes:
                if node in subjects:
                    self.report(kind, node, predicate, refused or unknown or "")
        for type_, instances in graph.by_object(RDF.type).items():
            if isinstance(type_, ox.NamedNode) and (sentence := why_unknown(type_)) is not None:
                for node in instances:
                    self.report(ProblemKind.UNKNOWN_TERM, node, type_, sentence)
        reader = None
        for predicate in (SH.declare, SH.parameter, SH.validator, SH.nodeValidator):
            for node in graph.by_object(predicate):
                reader = ShapeReader(self, node, None)
                check_terms(reader, node)

    def _finished(self, count: int) -> Plan:
        with_targets = [
            n for n, t in self._targets.items() if t and not self._shapes[n].deactivated
        ]
        reached = {node: self._reach(node) for node in with_targets}
        roots_of: dict[Term, list[Term]] = {}
        for node in with_targets:
            for part in reached[node]:
                roots_of.setdefault(part, []).append(node)
        problems = []
        faulty: set[Term] = set()
        for problem, owners in self._problems.items():
            # Inference would change the data for all.
            roots = (
                with_targets
                if problem.term == SH.entailment
                else list(
                    dict.fromkeys(node for owner in owners for node in roots_of.get(owner, ()))
                )
            )
            if problem.blocking and not _is_of_terms(problem):
                problem = replace(problem, shapes=tuple(roots))
                faulty.update(roots)
            problems.append(problem)
        sound = [node for node in with_targets if node not in faulty]
        asked: dict[Term, int] = {}
        for parts in self._parts.values():
            for part, times in parts.items():
                asked[part] = asked.get(part, 0) + times
        running = {part for node in sound for part in reached[node]}
        queries = [
            constraint.query
            for node, shape in self._shapes.items()
            if node in running
            for constraint in shape.constraints
            if isinstance(constraint, Queried)
        ]
        queries += [t.query for n in sound for t in self._targets[n] if t.query is not None]
        return Plan(
            graph=self.graph,
            roots=tuple(Root(self._shapes[node], self._targets[node]) for node in sound),
            problems=tuple(problems),
            shapes=count,
            shared=frozenset(node for node, number in asked.items() if number > 1),
            queries=tuple(queries),
        )

    def _reach(self, node: Term) -> dict[Term, None]:
        """Return a shape and all shapes that it is made of."""
        reached = {node: None}
        queue = [node]
        while queue:
            for part in self._parts.get(queue.pop(), ()):
                if part not in reached:
                    reached[part] = None
                    queue.append(part)
        return reached


def _is_of_terms(problem: ShapeProblem) -> bool:
    """Return whether a problem is a term that asks for something more, which is not known.

    What else the shape asks for is run: who uses the shapes of others cannot mend them, and would
    know nothing of the data.
    """
    return problem.kind == ProblemKind.UNKNOWN_TERM or (
        isinstance(problem.term, ox.NamedNode) and is_drafted(problem.term)
    )


def _is_text(term: Term) -> bool:
    return isinstance(term, ox.Literal) and (
        term.language is not None or term.datatype.value.endswith("XMLSchema#string")
    )
