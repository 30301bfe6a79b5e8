"""What follows from what is written: the held triples, dates, rules; together, the dataset.

The default graph is what we hold; the named graphs are who says so.
"""

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import DLG, EDTF, XSD
from app.rdf import edtf
from app.rdf.parser import Document
from app.record.record import Record, Rule

HELD = frozenset({DLG.accepted, DLG.inferred, DLG.editorial})
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


def bounds(triples: Iterable[ox.Triple]) -> Triples:
    """Return `dlg:begins` and `dlg:ends` of everything that has a `dlg:date`.

    They are the first and the last day (xsd:date) of the narrowest date; there is no end where it
    is open or unknown. A date that cannot be read gives nothing: `check` reports it.
    """
    written: dict[ox.NamedNode | ox.BlankNode, list[str]] = {}
    for subject, predicate, value in triples:
        if predicate == DLG.date and isinstance(value, ox.Literal) and value.datatype == EDTF:
            written.setdefault(subject, []).append(value.value)
    derived: Triples = []
    for subject, texts in written.items():
        try:
            narrowest = edtf.narrowest(texts)
        except ValueError:
            continue
        for predicate, day in ((DLG.begins, narrowest.first), (DLG.ends, narrowest.last)):
            if day is not None:
                value = ox.Literal(day.isoformat(), datatype=XSD.date)
                derived.append(ox.Triple(subject, predicate, value))
    return derived


def apply(rule: Rule, store: ox.Store) -> Triples:
    """Return what a rule concludes from the default graph of a store and is not there yet.

    Raises Fault for a rule that is no CONSTRUCT query.
    """
    try:
        conclusions = store.query(rule.text)
    except SyntaxError as error:
        raise Fault(f"{rule.path}: {error}") from None
    if not isinstance(conclusions, ox.QueryTriples):
        raise Fault(f"{rule.path}: a rule is a CONSTRUCT query")
    return [q.triple for q in put(dict.fromkeys(conclusions)) if q not in store]


def rule_graphs(record: Record, triples: Triples) -> dict[ox.NamedNode, Triples]:
    """Return the graph that each rule fills, dates first, in the order of the rules.

    `triples` are what we hold; each rule reads them and what the rules before it concluded.
    """
    prefix = f"{record.base}graph/rule/"
    graphs = {ox.NamedNode(prefix + "dates"): bounds(triples)}
    store = ox.Store()
    store.extend(put(triples))
    for graph in graphs.values():
        store.extend(put(graph))
    for rule in record.rules:
        derived = apply(rule, store)
        store.extend(put(derived))
        graphs[ox.NamedNode(prefix + rule.name)] = derived
    return graphs


def dataset(record: Record) -> list[ox.Quad]:
    """Return the whole dataset but its description: default graph, evidence, rules, vocabulary.

    The blank nodes of the ontology are others in its named graph than in the default graph, so
    that each graph can be written by itself.
    """
    data, ontology = quads(record.data), quads(record.ontology)
    triples = held([*data, *ontology])
    graphs = rule_graphs(record, triples)
    named = {ox.NamedNode(f"{record.base}graph/ontology"): [q.triple for q in ontology]}
    named[ox.NamedNode(f"{record.base}graph/shapes")] = [q.triple for q in quads(record.shapes)]
    whole = put(triples)
    whole += [q for q in data if q.graph_name != DEFAULT]
    for graph, derived in graphs.items():
        whole += put(derived) + put(derived, graph)
    for number, (graph, vocabulary) in enumerate(named.items()):
        whole += put(_apart(vocabulary, f"g{number}"), graph)
    return list(dict.fromkeys(whole))


def _apart(triples: Triples, mark: str) -> Triples:
    def own(term: ox.NamedNode | ox.BlankNode) -> ox.NamedNode | ox.BlankNode:
        return ox.BlankNode(mark + term.value) if isinstance(term, ox.BlankNode) else term

    return [ox.Triple(own(s), p, own(o)) for s, p, o in triples]
