"""What is said of a resource, by whom and in which words; the same as quads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.catalog.completeness import Completeness
from app.catalog.graph import Properties
from app.catalog.labels import Label, Labels
from app.namespaces import DLG, RDF, RDFS
from app.rdf.terms import Term

HELD = DLG.accepted, DLG.inferred, DLG.editorial
"""The stances of what we hold, the strongest first."""


@dataclass(frozen=True)
class Assertion:
    """A triple about a subject: `graph` says it (None: the default graph alone)."""

    property: ox.NamedNode
    value: Term
    graph: ox.NamedNode | None
    held: bool


@dataclass(frozen=True)
class Incoming:
    """What leads to a subject by one property: how many things, and the first of them."""

    property: ox.NamedNode
    count: int
    things: tuple[ox.NamedNode, ...]


@dataclass
class Description:
    """What the released graph holds about a subject.

    `statements` are sorted by nothing. `nested` tells of blank nodes and unnamed things in them,
    `graphs` the descriptions of the graphs that speak here and of the evidence that conflicts
    with them, and of the premises of derivations; `sources` those of their sources, `contents`
    what evidence says, in whole; `lists` say how much is known of the lists of the subject;
    `names` name everything that is mentioned.
    """

    subject: ox.NamedNode
    statements: list[Assertion]
    nested: dict[ox.NamedNode | ox.BlankNode, list[Assertion]] = field(default_factory=dict)
    graphs: dict[ox.NamedNode, Properties] = field(default_factory=dict)
    sources: dict[ox.NamedNode, Properties] = field(default_factory=dict)
    contents: dict[ox.NamedNode, list[ox.Triple]] = field(default_factory=dict)
    conflicts: set[frozenset[ox.NamedNode]] = field(default_factory=set)
    incoming: list[Incoming] = field(default_factory=list)
    lists: Sequence[Completeness] = ()
    names: dict[ox.NamedNode, tuple[Label, ...]] = field(default_factory=dict)

    def near(self) -> list[ox.NamedNode]:
        """Return the evidence that speaks of the subject, or is it; in the order of IRIs."""
        own = {s.graph for s in self._statements() if s.graph in self.graphs}
        own |= {self.subject} & self.contents.keys()
        return sorted((g for g in own if g and is_evidence(self.graphs.get(g, {}))), key=str)

    def _statements(self) -> list[Assertion]:
        return [*self.statements, *(s for inner in self.nested.values() for s in inner)]


def is_evidence(properties: Properties) -> bool:
    """Return whether a graph described so is evidence: it has a stance and is no derivation."""
    return DLG.stance in properties and not is_derivation(properties)


def is_derivation(properties: Properties) -> bool:
    """Return whether a graph described so is one conclusion of a rule."""
    return DLG.Derivation in properties.get(RDF.type, ())


def mentioned(found: Description) -> Iterable[Term]:
    """Yield everything that a description mentions and that may have a name."""
    yield found.subject
    for inner in (found.statements, *found.nested.values()):
        for statement in inner:
            yield from (statement.property, statement.value, *_datatype(statement.value))
            if statement.graph:
                yield statement.graph
    for described in (found.graphs, found.sources):
        for thing, properties in described.items():
            yield thing
            for property, values in properties.items():
                yield from (property, *values)
    for triples in found.contents.values():
        for triple in triples:
            yield from triple
    for link in found.incoming:
        yield from (link.property, *link.things)
    for known in found.lists:
        yield from known.terms()


def _datatype(value: Term) -> Iterable[ox.NamedNode]:
    return (value.datatype,) if isinstance(value, ox.Literal) else ()


def quads(found: Description, *, evidence: bool) -> list[ox.Quad]:
    """Return a description as quads, each once.

    The default graph has what we hold of the subject and of the blank nodes in it, what leads to
    it (the first by each property) and what everything mentioned there is called. Of a subject of
    which nothing is held it has what graphs say that are no evidence, as those of the shapes, and
    names the evidence that speaks of it.
    With
    `evidence` come the graphs that speak of it, whatever their stance, and the descriptions of
    that evidence and of its sources.
    """
    chosen: dict[ox.Quad, None] = {}
    assertions: list[tuple[ox.NamedNode | ox.BlankNode, Assertion]] = [
        (found.subject, s) for s in found.statements
    ]
    assertions += [(blank, s) for blank, inner in found.nested.items() for s in inner]
    nothing = not any(statement.held for statement in found.statements)
    for subject, statement in assertions:
        triple = (subject, statement.property, statement.value)
        if statement.held or (nothing and _is_apart(statement.graph, found)):
            chosen[ox.Quad(*triple)] = None
        elif nothing and statement.graph and subject == found.subject:
            chosen[ox.Quad(subject, RDFS.seeAlso, statement.graph)] = None
        if evidence and statement.graph:
            chosen[ox.Quad(*triple, statement.graph)] = None
    for link in found.incoming:
        for thing in link.things:
            chosen[ox.Quad(thing, link.property, found.subject)] = None
    for quad in list(chosen):
        chosen.update((named, None) for named in _named(quad, found.names))
    if evidence:
        chosen.update((quad, None) for quad in _evidence_quads(found))
    return _in_order(found, list(chosen))


def _is_apart(graph: ox.NamedNode | None, found: Description) -> bool:
    """Return whether a graph is none of evidence or of a conclusion."""
    described = found.graphs.get(graph, {}) if graph else {}
    return graph is not None and not (is_evidence(described) or is_derivation(described))


def _in_order(found: Description, listed: list[ox.Quad]) -> list[ox.Quad]:
    """Sort quads and name their blank nodes, so that the same release gives the same bytes.

    The default graph comes first, in it the subject; types come before other properties. A store
    gives blank nodes names by chance: they are told apart by what is said of them.
    """
    marks: dict[object, str] = {
        blank: "_"
        + " ".join(sorted(f"{s.property} {s.value}" for s in inner if _is_fixed(s.value)))
        for blank, inner in found.nested.items()
        if isinstance(blank, ox.BlankNode)
    }

    def key(quad: ox.Quad) -> tuple[bool, str, bool, str, bool, str, str]:
        subject, predicate, value = quad.triple
        return (
            not isinstance(quad.graph_name, ox.DefaultGraph),
            str(quad.graph_name),
            subject != found.subject,
            marks.get(subject, str(subject)),
            predicate != RDF.type,
            predicate.value,
            marks.get(value, str(value)),
        )

    return numbered(sorted(listed, key=key))


def numbered(content: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return quads with their blank nodes named in the order in which they come."""
    content = list(content)
    names: dict[object, ox.BlankNode] = {}
    for quad in content:
        for term in quad.triple:
            if isinstance(term, ox.BlankNode):
                names.setdefault(term, ox.BlankNode(f"b{len(names)}"))
    return [
        ox.Quad(
            names.get(q.subject, q.subject),
            q.predicate,
            names.get(q.object, q.object),
            q.graph_name,
        )
        for q in content
    ]


def _is_fixed(value: Term) -> bool:
    return not isinstance(value, ox.BlankNode)


def _named(quad: ox.Quad, names: Labels) -> Iterable[ox.Quad]:
    for term in quad.triple:
        for name in names.get(term, ()) if isinstance(term, ox.NamedNode) else ():
            if name.property:
                yield ox.Quad(term, name.property, name.text)


def _evidence_quads(found: Description) -> Iterable[ox.Quad]:
    sources: dict[Term, None] = {}
    # A derivation is described with the fact that it names, as evidence is with its facts.
    own = [found.subject] if is_derivation(found.graphs.get(found.subject, {})) else []
    for graph in (*found.near(), *own):
        for triple in found.contents.get(graph, ()):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
        yield from _described(graph, found.graphs.get(graph, {}))
        sources |= dict.fromkeys(found.graphs.get(graph, {}).get(DLG.source, ()))
    for graph, properties in found.graphs.items():
        if not is_evidence(properties):
            yield from _described(graph, properties)
    for source in sources:
        if isinstance(source, ox.NamedNode):
            yield from _described(source, found.sources.get(source, {}))


def _described(thing: ox.NamedNode, properties: Properties) -> Iterable[ox.Quad]:
    for property, values in properties.items():
        for value in values:
            yield ox.Quad(thing, property, value)
