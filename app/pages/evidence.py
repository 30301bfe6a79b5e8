"""What a page says of a subject: facts with their citations, disputes, and what is not held."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.catalog.description import HELD, Assertion, Description, is_derivation, is_evidence
from app.namespaces import DCAT, DCTERMS, DLG, FOAF, RDF, SCHEMA, SKOS, XSD
from app.pages.display import Display, Shown
from app.rdf.terms import Term, node

# What `citation` shows of evidence.
CITED = frozenset({RDF.type, DLG.quote, DLG.record, DLG.source, DLG.stance, SKOS.editorialNote})
# For searches and for the check of quotes, and no name to read.
UNSHOWN = frozenset({SKOS.hiddenLabel})
MOST = 8
_ADDRESS = SCHEMA.url, FOAF.page, DCAT.landingPage, DCTERMS.identifier


@dataclass
class Fact:
    """A value that we hold, with the evidence that says so and the rules that give it.

    `derivation` is the conclusion of a rule that gives it, `premises` the evidence that this rests
    on; `stance` is that of the strongest evidence, or of the derivation. `inner` tells of a value
    that has no name, `disputed` that other evidence says something else in its place.
    """

    value: Term
    evidence: list[ox.NamedNode] = field(default_factory=list)
    rules: list[ox.NamedNode] = field(default_factory=list)
    derivation: ox.NamedNode | None = None
    premises: list[ox.NamedNode] = field(default_factory=list)
    stance: ox.NamedNode | None = None
    inner: list["Facts"] = field(default_factory=list)
    disputed: bool = False


@dataclass
class Facts:
    """The values of one property."""

    property: ox.NamedNode
    facts: list[Fact]


@dataclass
class FactGroup:
    """Properties that a page shows together."""

    title: str
    properties: list[Facts]


@dataclass
class Claim:
    """Evidence in a dispute or not held, with what it says that matters there.

    `more` is the number of triples that are left out.
    """

    evidence: ox.NamedNode
    triples: list[ox.Triple]
    more: int = 0


@dataclass(frozen=True)
class Cited:
    """A source as a citation names it: `address` leads to the original, where one is known."""

    source: Shown
    address: str | None
    read: Shown | None


@dataclass(frozen=True)
class Citation:
    """One piece of evidence in the words of its source; `plain` if it is simply accepted."""

    evidence: Shown
    stance: Shown | None
    plain: bool
    held: bool
    quotes: list[Shown]
    records: list[Shown]
    notes: list[Shown]
    sources: list[Cited]


def citation(view: Display, found: Description, graph: ox.NamedNode) -> Citation:
    """Return evidence as a page cites it."""
    properties = found.graphs.get(graph, {})

    def show(property: ox.NamedNode) -> list[Shown]:
        return [view.show(v) for v in sorted(properties.get(property, []), key=view.order)]

    stances = properties.get(DLG.stance, [])
    sources = (node(value) for value in properties.get(DLG.source, []))
    return Citation(
        evidence=view.name(graph),
        stance=view.name(stances[0]) if stances else None,
        plain=stances == [DLG.accepted],
        held=any(stance in HELD for stance in stances),
        quotes=show(DLG.quote),
        records=show(DLG.record),
        notes=show(SKOS.editorialNote),
        sources=[_cited(view, found, source) for source in sources if source],
    )


def _cited(view: Display, found: Description, source: ox.NamedNode) -> Cited:
    properties = found.sources.get(source, {})
    addresses = (view.show(v).href for p in _ADDRESS for v in properties.get(p, []))
    read = properties.get(DLG.read, [])
    return Cited(
        source=view.name(source),
        address=next((a for a in addresses if a and a.startswith("http")), None),
        read=view.show(read[0]) if read else None,
    )


def rule(view: Display, found: Description, graph: ox.NamedNode) -> Shown:
    """Return the rule that fills a graph, by the last part of the graph's name."""
    name = view.property(graph).text.replace("-", " ")
    by = [node(value) for value in found.graphs.get(graph, {}).get(DLG.derivedBy, [])]
    iri = by[0] if by else None
    return Shown(name, "iri", iri and view.href(iri.value), None, (iri or graph).value)


def groups(
    view: Display, found: Description, without: Container[ox.NamedNode] = ()
) -> list[FactGroup]:
    """Return what we hold of the subject, in the groups and the order of the layout.

    Properties in `without` are left out, because the page shows them elsewhere.
    """
    titled: dict[str, FactGroup] = {}
    shown = [s for s in found.statements if s.property not in without]
    for facts in _facts(view, found, found.subject, shown, frozenset()):
        title = view.group(facts.property)
        titled.setdefault(title, FactGroup(title, [])).properties.append(facts)
    return list(titled.values())


def _facts(
    view: Display,
    found: Description,
    subject: Term,
    statements: Sequence[Assertion],
    above: frozenset[Term],
) -> list[Facts]:
    by_property: dict[ox.NamedNode, dict[Term, Fact]] = {}
    for statement in statements:
        value, graph = statement.value, statement.graph
        if not statement.held:
            continue
        fact = by_property.setdefault(statement.property, {}).setdefault(value, Fact(value))
        if graph:
            _support(view, found, fact, graph)
        if isinstance(value, ox.NamedNode | ox.BlankNode) and value not in above:
            fact.inner = _facts(view, found, value, found.nested.get(value, []), above | {value})
    against = _at_issue(found)
    for property, values in by_property.items():
        for fact in values.values():
            point = subject, property
            fact.disputed = any(point in against.get(graph, ()) for graph in fact.evidence)
    return [
        Facts(property, sorted(values.values(), key=lambda f: (view.order(f.value), _inside(f))))
        for property, values in sorted(by_property.items(), key=lambda item: view.rank(item[0]))
    ]


def _support(view: Display, found: Description, fact: Fact, graph: ox.NamedNode) -> None:
    """Add to a fact one of the graphs in which it stands."""
    described = found.graphs.get(graph, {})
    if is_evidence(described):
        fact.evidence = sorted({*fact.evidence, graph}, key=str)
    elif is_derivation(described):
        fact.derivation = graph
        fact.premises = sorted(filter(None, map(node, described.get(DLG.premise, []))), key=str)
    elif view.is_rule(graph):
        fact.rules.append(graph)
    if is_evidence(described) or is_derivation(described):
        stances = {fact.stance, *described.get(DLG.stance, [])}
        fact.stance = next((stance for stance in HELD if stance in stances), None)


def _inside(fact: Fact) -> str:
    """What tells blank nodes apart: what is said of them, since their names come by chance."""
    parts = [
        f"{one.property} {inner.value if not inner.inner else _inside(inner)}"
        for one in fact.inner
        for inner in one.facts
    ]
    return " ".join(parts)


def disputes(found: Description) -> list[list[Claim]]:
    """Return the conflicts that touch the subject, each as its claims, the held ones first."""
    against = _at_issue(found)

    def claim(graph: ox.NamedNode) -> Claim:
        points = against[graph]
        triples = [
            triple
            for triple in found.contents.get(graph, [])
            if not points or (triple.subject, triple.predicate) in points
        ]
        triples.sort(key=lambda triple: triple.subject != found.subject)
        return Claim(graph, triples[:MOST], max(len(triples) - MOST, 0))

    def order(graph: ox.NamedNode) -> tuple[bool, bool, str]:
        stances = found.graphs.get(graph, {}).get(DLG.stance, [])
        speaks = any(t.subject == found.subject for t in found.contents.get(graph, ()))
        return not any(stance in HELD for stance in stances), not speaks, graph.value

    ordered = [sorted(cluster, key=order) for cluster in _clusters(found)]
    return [[claim(graph) for graph in c] for c in sorted(ordered, key=lambda c: c[0].value)]


def _clusters(found: Description) -> list[set[ox.NamedNode]]:
    clusters: list[set[ox.NamedNode]] = []
    for pair in found.conflicts:
        touching = [cluster for cluster in clusters if cluster & pair]
        clusters = [cluster for cluster in clusters if cluster not in touching]
        clusters.append(set(pair).union(*touching))
    return clusters


Point = tuple[Term, ox.NamedNode]
"""A subject and a property: what a claim speaks of."""


def _at_issue(found: Description) -> dict[ox.NamedNode, set[Point]]:
    """The points of each piece of evidence of which one that it conflicts with says else.

    If values differ it is these; if only texts do, those. Where two claims speak of different
    things, as when dates do not fit a rule, no single fact is at issue.
    """
    spoken = {g: _said(found.contents.get(g, ())) for pair in found.conflicts for g in pair}
    against: dict[ox.NamedNode, set[Point]] = {}
    for graph, own in spoken.items():
        others = [spoken[o] for pair in found.conflicts if graph in pair for o in pair - {graph}]
        shared = {point for point in own if any(point in other for other in others)}
        apart = {
            point
            for point in shared
            if any(own[point].isdisjoint(other[point]) for other in others if point in other)
        }
        values = {point for point in apart if not all(map(_is_text, own[point]))}
        against[graph] = values or apart
    return against


def _said(triples: Iterable[ox.Triple]) -> dict[Point, set[Term]]:
    """Return what triples say of each point; of what class a thing is says nothing at issue."""
    points: dict[Point, set[Term]] = {}
    for subject, property, value in triples:
        if property != RDF.type:
            points.setdefault((subject, property), set()).add(value)
    return points


def _is_text(value: Term) -> bool:
    return isinstance(value, ox.Literal) and value.datatype in (XSD.string, RDF.langString)


def not_held(found: Description) -> list[Claim]:
    """Return what is said of the subject, not held and in no dispute, by evidence."""
    disputed = {graph for pair in found.conflicts for graph in pair}
    claims: dict[ox.NamedNode, Claim] = {}
    for s in found.statements:
        graph = s.graph
        if s.held or graph is None or graph in disputed:
            continue
        if is_evidence(found.graphs.get(graph, {})):
            triple = ox.Triple(found.subject, s.property, s.value)
            claims.setdefault(graph, Claim(graph, [])).triples.append(triple)
    return [claims[graph] for graph in sorted(claims, key=str)]
