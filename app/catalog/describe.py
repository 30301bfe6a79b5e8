"""The description of a resource: what the released graph says of it, and what leads to it."""

from collections.abc import AsyncIterator

import pyoxigraph as ox

from app.catalog.description import HELD, Description, Incoming, Statement, is_evidence, mentioned
from app.catalog.graph import Graph, Properties
from app.namespaces import DLG
from app.rdf.terms import node

NESTED = 200
CONFLICTING = 50
DERIVED = 100
LISTED = 10


async def describe(
    graph: Graph, subject: ox.NamedNode, *, whole: bool = False
) -> Description | None:
    """Return the description of a subject, or None where nothing is said of it.

    `whole`: with all that the evidence says, not only where it is in conflict. At most NESTED
    blank nodes, CONFLICTING pieces of evidence in one dispute, premises for DERIVED facts and the
    first LISTED things that lead here by one property are looked at.
    """
    statements = [s async for s in _statements(graph, subject)]
    contents = await graph.contents(subject)
    if not statements and not contents:
        return None
    found = Description(subject, statements)
    if contents:
        found.contents[subject] = contents
    await _nest(graph, found)
    await _evidence(graph, found, whole)
    await _premises(graph, found)
    found.incoming = [i async for i in _incoming(graph, subject)]
    found.names = await graph.names(mentioned(found))
    return found


async def _statements(
    graph: Graph, subject: ox.NamedNode | ox.BlankNode
) -> AsyncIterator[Statement]:
    for row in await graph.ask("statements", subject=subject):
        held = row["held"]
        yield Statement(
            property=node(row["property"]) or DLG[""],
            value=row["value"],
            graph=node(row.get("graph")),
            held=isinstance(held, ox.Literal) and held.value == "true",
        )


async def _nest(graph: Graph, found: Description) -> None:
    """Find what is told of blank nodes, and of things of ours that nobody named."""
    waiting = [s.value for s in found.statements if s.held]
    while waiting and len(found.nested) < NESTED:
        value = waiting.pop()
        if not isinstance(value, ox.NamedNode | ox.BlankNode) or value in found.nested:
            continue
        if isinstance(value, ox.NamedNode) and (
            value == found.subject
            or not value.value.startswith(graph.things)
            or await graph.names([value])
        ):
            continue
        found.nested[value] = [s async for s in _statements(graph, value)]
        waiting += [s.value for s in found.nested[value] if s.held]


async def _evidence(graph: Graph, found: Description, whole: bool) -> None:
    for row in await graph.ask("evidence", subject=found.subject):
        if (evidence := node(row["evidence"])) and (property := node(row["property"])):
            properties = found.graphs.setdefault(evidence, {})
            properties.setdefault(property, []).append(row["value"])
    if found.subject in found.contents:
        await _add(graph, found, found.subject)
    inner = {s.graph for said in found.nested.values() for s in said if s.graph}
    for evidence in sorted(inner - found.graphs.keys(), key=str):
        await _add(graph, found, evidence)
    for properties in found.graphs.values():
        await _cite(graph, found, properties)
    await _conflicts(graph, found)
    disputed = {evidence for pair in found.conflicts for evidence in pair}
    for evidence in found.graphs if whole else disputed:
        if is_evidence(found.graphs.get(evidence, {})) and evidence not in found.contents:
            found.contents[evidence] = await graph.contents(evidence)


async def _conflicts(graph: Graph, found: Description) -> None:
    for row in await graph.ask("conflicts", subject=found.subject):
        if (evidence := node(row["evidence"])) and (other := node(row.get("other"))):
            found.conflicts.add(frozenset((evidence, other)))
    for evidence, properties in found.graphs.items():
        found.conflicts |= _pairs(evidence, properties)
    # What conflicts with conflicting evidence belongs to the same dispute.
    own = {found.subject} & found.contents.keys()
    waiting = sorted({e for pair in found.conflicts for e in pair} | own, key=str)
    seen = set(waiting)
    while waiting:
        evidence = waiting.pop(0)
        properties = found.graphs.get(evidence) or await _add(graph, found, evidence)
        if len(seen) > CONFLICTING:
            continue
        pairs = _pairs(evidence, properties)
        for row in await graph.ask("conflicting", thing=evidence):
            pairs |= {frozenset((evidence, other))} if (other := node(row["other"])) else set()
        found.conflicts |= pairs
        further = sorted({e for pair in pairs for e in pair} - seen, key=str)
        waiting += further
        seen.update(further)


def _pairs(evidence: ox.NamedNode, properties: Properties) -> set[frozenset[ox.NamedNode]]:
    others = map(node, properties.get(DLG.conflictsWith, []))
    return {frozenset((evidence, other)) for other in others if other}


async def _premises(graph: Graph, found: Description) -> None:
    """Find the evidence that rules built on."""
    derived = [s for s in found.statements if s.graph and graph.is_rule(s.graph)]
    for statement in derived[:DERIVED]:
        rows = await graph.ask(
            "premises",
            subject=found.subject,
            property=statement.property,
            value=statement.value,
        )
        for evidence in filter(None, (node(row["evidence"]) for row in rows)):
            properties = found.graphs.get(evidence) or await _add(graph, found, evidence)
            if any(stance in HELD for stance in properties.get(DLG.stance, [])):
                found.premises.setdefault(statement, []).append(evidence)


async def _add(graph: Graph, found: Description, evidence: ox.NamedNode) -> Properties:
    found.graphs[evidence] = await graph.properties(evidence)
    await _cite(graph, found, found.graphs[evidence])
    return found.graphs[evidence]


async def _cite(graph: Graph, found: Description, properties: Properties) -> None:
    for source in properties.get(DLG.source, []):
        if isinstance(source, ox.NamedNode) and source not in found.sources:
            found.sources[source] = await graph.properties(source)


async def _incoming(graph: Graph, subject: ox.NamedNode) -> AsyncIterator[Incoming]:
    for row in await graph.ask("incoming", subject=subject):
        count = row["count"]
        if (property := node(row.get("property"))) and isinstance(count, ox.Literal):
            things = await graph.linked(subject, property)
            yield Incoming(property, int(count.value), tuple(things[:LISTED]))
