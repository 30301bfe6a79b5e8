"""The description of a resource: what the released graph says of it, and what leads to it.

Each step asks one question for a whole set, so that a description costs as many questions whatever
it holds.
"""

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from app.catalog.completeness import STATES, completeness
from app.catalog.description import Assertion, Description, Incoming, is_evidence, mentioned
from app.catalog.graph import Properties, ReleasedGraph, Row
from app.namespaces import DLG
from app.rdf.terms import lexical, node

NESTED = 200
CONFLICTING = 50
LISTED = 10

Inner = Mapping[ox.NamedNode | ox.BlankNode, list[Assertion]]
Pair = frozenset[ox.NamedNode]


async def describe(
    graph: ReleasedGraph, subject: ox.NamedNode, *, whole: bool = False
) -> Description | None:
    """Return the description of a subject, or None where nothing is said of it.

    `whole`: with all that the evidence says, not only where it is in conflict. At most NESTED
    blank nodes, CONFLICTING pieces of evidence in one dispute and the first LISTED things that
    lead here by one property are looked at.
    """
    found = Description(subject, [])
    inner = await _statements(graph, found)
    await _nest(graph, found, inner)
    found.conflicts = await _conflicts(graph, found)
    await _evidence(graph, found, whole)
    if not found.statements and subject not in found.contents:
        return None
    found.incoming = _incoming(await graph.ask("incoming", subject=subject))
    if any(s.held and s.value in STATES for s in found.statements):
        found.lists = (await completeness(graph, [subject])).get(subject, ())
    found.names = await graph.names(mentioned(found))
    return found


async def parts(graph: ReleasedGraph, dataset: ox.NamedNode, within: ox.NamedNode) -> list[ox.Quad]:
    """Return what is said of the parts of a dataset that have names of their own.

    `within` is the graph that describes the dataset; its prefixes may be described elsewhere.
    """
    rows = await graph.ask("parts", dataset=dataset, graph=within)
    return [
        ox.Quad(row["thing"], row["property"], row["value"])  # type: ignore[arg-type]
        for row in rows
    ]


async def _statements(graph: ReleasedGraph, found: Description) -> Inner:
    """Find what is said of the subject; return what is said of unnamed things in it."""
    inner: dict[ox.NamedNode | ox.BlankNode, list[Assertion]] = {}
    things, anonymous = ox.Literal(graph.things), ox.Literal(graph.anonymous)
    rows = await graph.ask("statements", subject=found.subject, things=things, anonymous=anonymous)
    for row in rows:
        statement = Assertion(
            property=node(row["property"]) or DLG[""],
            value=row["value"],
            graph=node(row.get("graph")),
            held=lexical(row["held"]) == "true",
        )
        thing = row.get("inner")
        if isinstance(thing, ox.NamedNode | ox.BlankNode):
            inner.setdefault(thing, []).append(statement)
        else:
            found.statements.append(statement)
    return inner


async def _nest(graph: ReleasedGraph, found: Description, inner: Inner) -> None:
    """Take in what is said of blank nodes, and of things of ours that nobody named.

    Some of `inner` may have a name all the same, one that is put together: neither they nor what
    only they lead to belong here.
    """
    named = await graph.names(inner)
    waiting = [s.value for s in found.statements if s.held]
    while waiting and len(found.nested) < NESTED:
        value = waiting.pop()
        if not isinstance(value, ox.NamedNode | ox.BlankNode) or value not in inner:
            continue
        anonymous = str(value).startswith(f"<{graph.anonymous}")
        if value in found.nested or value == found.subject:
            continue
        if anonymous or value not in named:
            found.nested[value] = inner[value]
            waiting += [s.value for s in inner[value] if s.held]


async def _conflicts(graph: ReleasedGraph, found: Description) -> set[Pair]:
    """Return the pairs in conflict that touch what speaks here, and those in the same disputes."""
    outer, inner = _speaking(found)
    against: dict[ox.NamedNode, set[ox.NamedNode]] = {}
    by: dict[ox.NamedNode, set[ox.NamedNode]] = {}
    for row in await graph.ask("disputes", graph=outer | inner | {found.subject}):
        if (evidence := node(row["evidence"])) and (other := node(row["other"])):
            against.setdefault(evidence, set()).add(other)
            by.setdefault(other, set()).add(evidence)

    def pairs(one: ox.NamedNode, others: Mapping[ox.NamedNode, set[ox.NamedNode]]) -> set[Pair]:
        return {frozenset((one, other)) for other in others.get(one, ())}

    conflicts = {pair for one in outer for pair in pairs(one, by)}
    conflicts |= {pair for one in outer | inner for pair in pairs(one, against)}
    # What conflicts with conflicting evidence belongs to the same dispute.
    waiting = sorted({e for pair in conflicts for e in pair} | {found.subject}, key=str)
    seen = set(waiting)
    while waiting:
        evidence = waiting.pop(0)
        if len(seen) > CONFLICTING:
            break
        more = pairs(evidence, against) | pairs(evidence, by)
        conflicts |= more
        further = sorted({e for pair in more for e in pair} - seen, key=str)
        waiting += further
        seen.update(further)
    return conflicts


def _speaking(found: Description) -> tuple[set[ox.NamedNode], set[ox.NamedNode]]:
    """Return the graphs that speak of the subject, and those that speak of what is in it."""
    inner = {s.graph for about in found.nested.values() for s in about if s.graph}
    return {s.graph for s in found.statements if s.graph}, inner


async def _evidence(graph: ReleasedGraph, found: Description, whole: bool) -> None:
    """Find the descriptions of all evidence and of its sources, and what it says.

    With those of derivations come those of their premises.
    """
    outer, inner = _speaking(found)
    disputed = {evidence for pair in found.conflicts for evidence in pair}
    shown = disputed | outer | inner if whole else disputed
    rows = await graph.ask(
        "evidence",
        subject=found.subject,
        evidence=outer | inner | disputed | {found.subject},
        graph=shown | {found.subject},
    )
    described, contents = _apart(rows)
    own = {found.subject} & contents.keys()
    shown = {e for e in shown if is_evidence(described.get(e, {}))}
    found.contents = {e: contents.get(e, []) for e in own | shown}
    built_on = {
        evidence
        for speaking in outer | inner
        for evidence in map(node, described.get(speaking, {}).get(DLG.premise, []))
        if evidence
    }
    # A graph that nothing is said of is no evidence, unless something else points at it.
    graphs = (outer & described.keys()) | own | inner | disputed | built_on
    found.graphs = {e: described.get(e, {}) for e in graphs}
    found.sources = {
        source: described.get(source, {})
        for properties in found.graphs.values()
        for source in map(node, properties.get(DLG.source, []))
        if source
    }


def _apart(
    rows: Sequence[Row],
) -> tuple[dict[ox.NamedNode, Properties], dict[ox.NamedNode, list[ox.Triple]]]:
    """Return what is said of things, and what graphs say, from the rows of `evidence.rq`."""
    described: dict[ox.NamedNode, Properties] = {}
    contents: dict[ox.NamedNode, list[ox.Triple]] = {}
    for row in rows:
        thing, property, value = row["thing"], node(row["property"]), row["value"]
        if isinstance(thing, ox.Literal) or property is None:
            continue
        if graph := node(row.get("graph")):
            contents.setdefault(graph, []).append(ox.Triple(thing, property, value))
        elif isinstance(thing, ox.NamedNode):
            described.setdefault(thing, {}).setdefault(property, []).append(value)
    return described, contents


def _incoming(rows: Sequence[Row]) -> list[Incoming]:
    things: dict[tuple[ox.NamedNode, int], list[ox.NamedNode]] = {}
    for row in rows:
        if (property := node(row.get("property"))) and (thing := node(row.get("thing"))):
            things.setdefault((property, int(lexical(row["count"]))), []).append(thing)
    return [
        Incoming(property, count, tuple(first[:LISTED]))
        for (property, count), first in things.items()
    ]
