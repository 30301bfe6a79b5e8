"""The shapes run over what a record holds, and each result brought home to its place."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pyoxigraph as ox
from rdflib.paths import Path as PropertyPath

from app.namespaces import DLG, SH, XSD
from app.rdf.parser import Graph, Place
from app.rdf.prefixes import Name, PrefixMap, well_known
from app.rdf.terms import Term
from app.record import inference
from app.record.record import Record
from app.validation.engines import pyshacl
from app.validation.engines.pyshacl import Result
from app.validation.findings import Breach, Finding, unique
from app.validation.locations import Index, Occurrence, Triple
from app.validation.provenance import Premises
from app.validation.shapes import Shapes, fill, severity

Advance = Callable[[float], None]

_MISSING = frozenset(
    SH[f"{kind}ConstraintComponent"] for kind in ("MinCount", "QualifiedMinCount", "HasValue")
)
_DEFAULT = ox.DefaultGraph()


class Validation:
    """One validation of what a record holds; with `any_graph`, of every graph without a stance.

    `written` finds the statements that are held, `names` shortens IRIs.
    """

    def __init__(self, record: Record, as_of: date | None, *, any_graph: bool = False) -> None:
        written = inference.quads((*record.data, *record.ontology))
        stances = inference.stances(written)

        def counts(graph: Graph) -> bool:
            if graph == _DEFAULT or (any_graph and graph not in stances):
                return True
            return bool(stances.get(graph, frozenset()) & inference.HELD)

        kept = {graph: counts(graph) for graph in {quad.graph_name for quad in written}}
        self._record, self._as_of = record, as_of
        self._held = list(dict.fromkeys(q.triple for q in written if kept[q.graph_name]))
        self._derived = inference.rule_graphs(record, self._held)
        self.written = Index((*record.data, *record.ontology), counts)
        self._shapes = Shapes(record.shapes)
        self._premises = Premises(Index(record.data, counts), self._held, self._derived)
        self.names = PrefixMap(_prefixes(record))

    def findings(self, advance: Advance) -> list[Finding]:
        """Return what the shapes find, in the order of the places.

        Raises Fault if they cannot be run.
        """
        advance(0.1)
        results = pyshacl.validate(self._graph(), self._shapes.triples)
        advance(0.9)
        found = dict.fromkeys(self._finding(result) for result in results)
        advance(1)
        return sorted(found, key=lambda finding: finding.order)

    def _graph(self) -> list[ox.Triple]:
        """Return what is validated: what we hold, what follows from it, and the day.

        A rule's conclusion is left out where a shape looks at its property: such a shape asks
        what sources say, and would else be answered by our own rule.
        """
        shaped = self._shapes.values(SH.path)
        computed, *concluded = self._derived
        graph = [*self._held, *computed.reasons]
        graph += (t for rule in concluded for t in rule.reasons if t.predicate not in shaped)
        if self._as_of and self._shapes.mentions(DLG.asOf):
            day = ox.Literal(self._as_of.isoformat(), datatype=XSD.date)
            graph.append(ox.Triple(self._record.dataset, DLG.asOf, day))
        return graph

    def declared(self, breach: Breach) -> Finding:
        """Return the finding that a breach is, in the words of the shape that declares it."""
        name = self.names.term(breach.shape)
        return Finding(
            severity=self._shapes.severity(breach.shape),
            shape=name,
            rule=self._shapes.message(breach.shape) or f"{name.short} is kept.",
            detail=breach.detail,
            focus=self.names.term(breach.focus),
            path=breach.path and self.names.term(breach.path),
            value=None if breach.value is None else self.names.term(breach.value),
            places=breach.places,
        )

    def _finding(self, result: Result) -> Finding:
        shape = self._shapes.named(result.shape)
        bound = {"this": result.focus, **result.bindings}
        if result.value is not None:
            bound.setdefault("value", result.value)
        own = self._shapes.message(result.shape) or self._shapes.message(shape)
        told = self._shapes.message(result.constraint)
        name = self.names.term(shape)
        messages = [fill(text, bound, self.names) for text in (own, told) if text]
        rule, *details = messages or [
            self.names.within(result.message) or f"{name.short} is broken."
        ]
        focus, value = self._offender(result, shape)
        triples = self._triples(result, focus, value)
        entries = [entry for triple in triples for entry in self._statements(triple)]
        places = [entry.object for entry in entries] or self._introduced(focus, result, shape)
        if focus != result.focus and len(triples) == 1:
            value = triples[0][2]
        return Finding(
            severity=severity(result.severity),
            shape=name,
            rule=rule,
            detail=" ".join(details),
            focus=self.names.term(focus),
            path=self._path(result.path),
            value=None if value is None or value == focus else self.names.term(value),
            places=unique(places),
        )

    def _offender(self, result: Result, shape: Term) -> tuple[Term, Term | None]:
        """Return focus node and value; those of a rule over the whole graph from its value.

        Such a rule stands on one target node, which is not at fault; its value is.
        """
        value, path = result.value, result.path
        if (
            result.constraint is None
            or value is None
            or isinstance(value, ox.Literal)
            or result.focus not in self._shapes.about(shape, SH.targetNode)
        ):
            return result.focus, value
        if isinstance(path, ox.NamedNode) and self.written.triple((result.focus, path, value)):
            return result.focus, value
        return value, None

    def _triples(self, result: Result, focus: Term, value: Term | None) -> list[Triple]:
        """Return the triples at fault; none where one is missing.

        Where a rule over the whole graph leaves open which value is at fault, it is one that its
        query has bound, if there is such a one.
        """
        path = result.path
        if path is None or (value is None and result.component in _MISSING):
            return []
        if not isinstance(path, ox.NamedNode):
            return [] if value is None else list(self._premises.along(focus, path, value))
        if value is not None:
            return [(focus, path, value)]
        written = [entry.triple for entry in self.written.of(focus, path)]
        derived = self._premises.derived(focus, path)
        bound = {
            term for name, term in result.bindings.items() if name not in ("this", "path", "value")
        }
        named = ([t for t in triples if t[2] in bound] for triples in (written, derived))
        return next((triples for triples in (*named, written, derived) if triples), [])

    def _statements(self, triple: Triple) -> Sequence[Occurrence]:
        """Return where a triple is written, or what it follows from."""
        subject, _, value = triple
        return (
            self.written.triple(triple)
            or self._premises.of(triple)
            or self.written.between(subject, value)
        )

    def _introduced(self, focus: Term, result: Result, shape: Term) -> Iterator[Place]:
        found = self.written.subject(focus) or self.written.subject(result.focus)
        declared = self._shapes.place(shape)
        # A target that nothing describes is missing where the shape asks for it.
        yield from found or ([declared] if declared else [Place(str(self._record.root), 1, 1)])

    def _path(self, path: ox.NamedNode | PropertyPath | None) -> Name | None:
        if path is None:
            return None
        if isinstance(path, ox.NamedNode):
            return self.names.term(path)
        full = path.n3()
        return Name(full, re.sub("<([^>]*)>", lambda found: self.names.iri(found[1]), full))


def _prefixes(record: Record) -> dict[str, str]:
    """Return the prefixes that shorten names: the dataset's, then those of any file."""
    known = well_known("owl", "rdf", "rdfs", "sh", "xsd")
    for document in reversed(record.documents):
        known |= document.prefixes
    return known | record.prefixes
