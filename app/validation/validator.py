"""The shapes run over what a record holds, and each result brought home to its place."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property

import pyoxigraph as ox

from app.namespaces import DLG, SH, XSD
from app.rdf.parser import Graph as GraphName
from app.rdf.prefixes import PrefixMap
from app.record import inference
from app.record.record import Record
from app.validation.blame import Blame, Located
from app.validation.engines.engine import run
from app.validation.engines.native import Graph
from app.validation.findings import Breach, Checked, Finding
from app.validation.locations import Index
from app.validation.provenance import Premises
from app.validation.shapes import STANDARD, Shapes

Advance = Callable[[float], None]
_DEFAULT = ox.DefaultGraph()


class Validation:
    """One validation of what a record holds.

    `written` finds the statements that are held, `names` shortens IRIs.
    """

    def __init__(
        self,
        record: Record,
        as_of: date | None,
        *,
        languages: Sequence[str] = (),
        engine: str = "native",
    ) -> None:
        written = inference.quads((*record.data, *record.ontology))
        stances = inference.stances(written)

        def counts(graph: GraphName) -> bool:
            return graph == _DEFAULT or bool(stances.get(graph, frozenset()) & inference.HELD)

        kept = {graph: counts(graph) for graph in {quad.graph_name for quad in written}}
        self._record, self._as_of, self._engine = record, as_of, engine
        self._held = list(dict.fromkeys(q.triple for q in written if kept[q.graph_name]))
        self._derived = inference.rule_graphs(record, self._held)
        self.written = Index((*record.data, *record.ontology), counts)
        self._shapes = Shapes(
            (quad for document in record.shapes for quad in document.quads),
            lambda node: next(iter(self._in_shapes.subject(node)), None),
        )
        self._premises = Premises(lambda: Index(record.data, counts), self._derived)
        self.names = PrefixMap(_prefixes(record))
        self._blame = Blame(self._shapes, self.names, str(record.root), languages)

    @cached_property
    def _in_shapes(self) -> Index:
        return Index(self._record.shapes)

    def check(self, advance: Advance) -> Checked:
        """Return what the shapes find, in the order of the places."""
        advance(0.1)
        graph = Graph(self.graph())
        outcome = run(self._shapes.triples, graph, self._engine)
        advance(0.9)
        located = Located(self.written, self._premises)
        found = dict.fromkeys(
            self._blame.finding(result, graph, located) for result in outcome.results
        )
        advance(1)
        return Checked(
            tuple(sorted(found, key=lambda finding: finding.order)),
            outcome.ran,
            self._blame.faults(outcome.problems),
            _prefixes(self._record),
            tuple(map(self.names.within, outcome.notes)),
        )

    def graph(self) -> list[ox.Triple]:
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
        return self._blame.declared(breach)


def _prefixes(record: Record) -> dict[str, str]:
    """Return the prefixes that shorten names: the dataset's, then those of any file."""
    known = dict(STANDARD)
    for document in reversed(record.documents):
        known |= document.prefixes
    return known | record.prefixes
