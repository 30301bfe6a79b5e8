"""What follows from what is written: the held triples, dates, rules; together, the dataset.

The default graph is what we hold; the named graphs are who says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from app.namespaces import DLG, EDTF, XSD
from app.rdf import edtf
from app.rdf.parser import Document
from app.record.derivations import STRENGTH, Derivation, Evidence, name
from app.record.record import Record
from app.record.rule_parser import parse
from app.record.rules import Reasons, conclude
from app.record.skolem import skolemize

HELD = frozenset(STRENGTH)
DEFAULT = ox.DefaultGraph()
Triples = list[ox.Triple]
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


def quads(documents: Iterable[Document]) -> list[ox.Quad]:
    """Return the quads of documents, in their order."""
    return [quad for document in documents for quad in document.quads]


def put(triples: Iterable[ox.Triple], graph: Graph = DEFAULT) -> list[ox.Quad]:
    """Return triples as the quads of one graph."""
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]


def stances(written: Iterable[ox.Quad]) -> dict[object, frozenset[object]]:
    """Return the stances that the default graph gives to each evidence graph."""
    by_evidence: dict[object, set[object]] = {}
    for subject, predicate, value, graph in written:
        if predicate == DLG.stance and graph == DEFAULT:
            by_evidence.setdefault(subject, set()).add(value)
    return {evidence: frozenset(values) for evidence, values in by_evidence.items()}


def held(written: Sequence[ox.Quad]) -> Triples:
    """Return the triples that we hold, each once.

    These are the descriptions in the default graph and the contents of the evidence graphs whose
    stance is accepted, inferred or editorial.
    """
    stance = stances(written)
    triples = (
        quad.triple
        for quad in written
        if quad.graph_name == DEFAULT or stance.get(quad.graph_name, frozenset()) & HELD
    )
    return list(dict.fromkeys(triples))


def bounds(triples: Iterable[ox.Triple]) -> Reasons:
    """Return what follows from the dates of everything that has a `dlg:date`, and those dates.

    `dlg:begins` and `dlg:ends` are the first and the last day (xsd:date) of the narrowest date,
    `dlg:precision` is how exactly it is told. There is no end where it is open or unknown:
    `dlg:endStatus` says which. Each date that begins or ends on that day, is told as exactly, or
    lacks its end in that way, is a way to conclude it. A date that cannot be read gives nothing:
    `check` reports it.
    """
    written: dict[ox.NamedNode | ox.BlankNode, dict[str, ox.Triple]] = {}
    for triple in triples:
        value = triple.object
        if (
            triple.predicate == DLG.date
            and isinstance(value, ox.Literal)
            and value.datatype == EDTF
            and not isinstance(triple.subject, ox.Triple)
        ):
            written.setdefault(triple.subject, {})[value.value] = triple
    reasons: Reasons = {}
    for subject, dates in written.items():
        try:
            narrowest = edtf.narrowest(dates)
        except ValueError:
            continue
        for predicate, side in ((DLG.begins, "first"), (DLG.ends, "last")):
            day: date | None = getattr(narrowest, side)
            if day is not None:
                value = ox.Literal(day.isoformat(), datatype=XSD.date)
                reasons[ox.Triple(subject, predicate, value)] = tuple(
                    (dates[text],) for text in dates if getattr(edtf.read(text), side) == day
                )
        equal = [text for text in dates if edtf.read(text) == narrowest]
        precision = min(map(edtf.precision, equal), key=edtf.PRECISIONS.index)
        reasons[ox.Triple(subject, DLG.precision, DLG[precision])] = tuple(
            (dates[text],) for text in dates if edtf.precision(text) == precision
        )
        if narrowest.last is None:
            status = DLG.openEnd if narrowest.open_end else DLG.unknownEnd
            reasons[ox.Triple(subject, DLG.endStatus, status)] = tuple(
                (dates[text],)
                for text in dates
                if edtf.read(text).unknown_end == narrowest.unknown_end
            )
    return reasons


@dataclass(frozen=True)
class RuleGraph:
    """The graph that a rule fills: its name, what it names as its rule, what was concluded."""

    name: ox.NamedNode
    rule: ox.NamedNode
    reasons: Reasons

    @property
    def triples(self) -> Triples:
        """What was concluded."""
        return list(self.reasons)


def graph_of(base: str, rule: str) -> ox.NamedNode:
    """Return the graph that a rule fills, by the rule's name."""
    return ox.NamedNode(f"{base}graph/rule/{rule}")


def rule_graphs(record: Record, triples: Triples) -> list[RuleGraph]:
    """Return the graph that each rule fills, dates first, in the order of the rules.

    `triples` are what we hold; each rule reads them and what the rules before it concluded.
    Raises Fault or ParseFault for a rule that cannot be followed.
    """
    graphs = [RuleGraph(graph_of(record.base, "dates"), DLG.begins, bounds(triples))]
    store = ox.Store()
    store.extend(put(triples))
    store.extend(put(graphs[0].triples))
    for rule in record.rules:
        file = ox.NamedNode(f"{record.base}dump/rules/{rule.path.name}")
        reasons = conclude(parse(rule), store)
        graph = RuleGraph(graph_of(record.base, rule.name), file, reasons)
        store.extend(put(graph.triples))
        graphs.append(graph)
    return graphs


def derivations(
    base: str, graphs: Iterable[RuleGraph], written: Sequence[ox.Quad]
) -> list[Derivation]:
    """Return each fact of the rule graphs with the evidence that it rests on.

    `written` are the quads of the record, whose default graph gives evidence its stance.
    """
    evidence = Evidence(written, stances(written))
    return [
        Derivation(name(base, fact), fact, graph.rule, grounds)
        for graph in graphs
        for fact, grounds in evidence.derive(graph.reasons).items()
    ]


def dataset(record: Record) -> list[ox.Quad]:
    """Return the whole dataset but its description: default graph, evidence, rules, vocabulary.

    Each fact that a rule concluded stands in the graph of its rule and alone in one of its own,
    which the default graph describes. No node is anonymous: each has a name of its content.
    """
    data, ontology, shapes = (
        skolemize(quads(documents), record.base)
        for documents in (record.data, record.ontology, record.shapes)
    )
    triples = held([*data, *ontology])
    graphs = rule_graphs(record, triples)
    named = {ox.NamedNode(f"{record.base}graph/ontology"): [q.triple for q in ontology]}
    named[ox.NamedNode(f"{record.base}graph/shapes")] = [q.triple for q in shapes]
    whole = put(triples)
    whole += [q for q in data if q.graph_name != DEFAULT]
    for rule in graphs:
        whole += put(rule.triples) + put(rule.triples, rule.name)
    for derivation in derivations(record.base, graphs, data):
        whole += derivation.quads()
    for graph, vocabulary in named.items():
        whole += put(vocabulary, graph)
    return list(dict.fromkeys(whole))
