"""The description of a resource: what is said of it, by whom, in which words, and what leads to it.

Everything is asked by the fixed queries of `app/queries/`; a value goes in by substitution, never
into the text. Each of them starts at a given term, so that its cost is that of what it finds.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from app.names import DLG

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = Mapping[str, Term]
Properties = dict[ox.NamedNode, list[Term]]

QUERIES = Path(__file__).parent / "queries"
NAMES_KEPT = 20_000
NESTED = 200
CONFLICTING = 50
LISTED = 10
MANY = 100


class Engine(Protocol):
    """Whoever answers a SELECT query on the released graph."""

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        """Return the rows of a query whose variables are bound as `substitutions` say."""


@dataclass(frozen=True)
class Name:
    """What a thing is called; `property` says so, or nothing does and we put it together."""

    text: ox.Literal
    property: ox.NamedNode | None = None


Names = Mapping[ox.NamedNode, tuple[Name, ...]]


@dataclass(frozen=True)
class Statement:
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

    `statements` are sorted by nothing. `nested` are the statements of the blank nodes in them,
    `graphs` the descriptions of the graphs that speak here and of the evidence that conflicts
    with them, `sources` those of their sources, `contents` what evidence says, in whole; `names`
    name everything that is mentioned.
    """

    subject: ox.NamedNode
    statements: list[Statement]
    nested: dict[ox.BlankNode, list[Statement]] = field(default_factory=dict)
    graphs: dict[ox.NamedNode, Properties] = field(default_factory=dict)
    sources: dict[ox.NamedNode, Properties] = field(default_factory=dict)
    contents: dict[ox.NamedNode, list[ox.Triple]] = field(default_factory=dict)
    conflicts: set[frozenset[ox.NamedNode]] = field(default_factory=set)
    incoming: list[Incoming] = field(default_factory=list)
    names: dict[ox.NamedNode, tuple[Name, ...]] = field(default_factory=dict)

    def near(self) -> list[ox.NamedNode]:
        """Return the evidence that speaks of the subject, or is it; in the order of IRIs."""
        own = {s.graph for s in self._statements() if s.graph in self.graphs}
        own |= {self.subject} & self.contents.keys()
        return sorted((g for g in own if g and is_evidence(self.graphs.get(g, {}))), key=str)

    def _statements(self) -> list[Statement]:
        return [*self.statements, *(s for inner in self.nested.values() for s in inner)]


def is_evidence(properties: Properties) -> bool:
    """Return whether a graph described so is evidence, which alone has a stance."""
    return DLG.stance in properties


class Graph:
    """The released graph, asked by the queries of `app/queries/`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queries = {p.stem: p.read_text(encoding="utf-8") for p in QUERIES.glob("*.rq")}
        self._names: OrderedDict[ox.NamedNode, tuple[Name, ...]] = OrderedDict()

    async def ask(self, query: str, **terms: Term) -> Sequence[Row]:
        """Return the rows of `app/queries/<query>.rq` with `terms` for its variables."""
        return await self._engine.select(self._queries[query], terms)

    async def names(self, things: Iterable[Term]) -> dict[ox.NamedNode, tuple[Name, ...]]:
        """Return the names of those of `things` that are IRIs and have one, the best first."""
        found: dict[ox.NamedNode, tuple[Name, ...]] = {}
        for thing in dict.fromkeys(things):
            if isinstance(thing, ox.NamedNode) and (names := await self._names_of(thing)):
                found[thing] = names
        return found

    async def _names_of(self, thing: ox.NamedNode) -> tuple[Name, ...]:
        if (kept := self._names.get(thing)) is not None:
            self._names.move_to_end(thing)
            return kept
        rows = await self.ask("label", thing=thing)
        names = tuple(
            Name(row["label"], node(row["name"]))
            for row in rows
            if isinstance(row["label"], ox.Literal)
        )
        names = names or await self._put_together(thing)
        self._names[thing] = names
        while len(self._names) > NAMES_KEPT:
            self._names.popitem(last=False)
        return names

    async def _put_together(self, thing: ox.NamedNode) -> tuple[Name, ...]:
        words: list[str] = []
        rows = await self.ask("parts", thing=thing)
        for row in rows:
            part = row["part"]
            if isinstance(part, ox.NamedNode) and part != thing:
                # Only names of its own: parts of parts could go round in a circle.
                own = await self.ask("label", thing=part)
                texts = [r["label"] for r in own if isinstance(r["label"], ox.Literal)]
                words += [best(texts).value] if texts else []
        words += dict.fromkeys(str(row["suffix"].value) for row in rows if row.get("suffix"))  # type: ignore[union-attr]
        return (Name(ox.Literal(" · ".join(words), language="en")),) if len(words) > 1 else ()

    async def is_described(self, subject: ox.NamedNode) -> bool:
        """Return whether anything at all is said of a subject."""
        return bool(await self.ask("known", subject=subject))

    async def describe(self, subject: ox.NamedNode) -> Description | None:
        """Return the description of a subject, or None where nothing is said of it."""
        statements = [s async for s in self._statements(subject)]
        contents = await self.contents(subject)
        if not statements and not contents:
            return None
        found = Description(subject, statements)
        if contents:
            found.contents[subject] = contents
        await self._nest(found)
        await self._evidence(found)
        found.incoming = [i async for i in self._incoming(subject)]
        found.names = await self.names(mentioned(found))
        return found

    async def contents(self, graph: ox.NamedNode) -> list[ox.Triple]:
        """Return what a named graph says, in a stable order."""
        rows = await self.ask("contents", graph=graph)
        return [ox.Triple(row["s"], row["p"], row["o"]) for row in rows]  # type: ignore[arg-type]

    async def linked(
        self, subject: ox.NamedNode, by: ox.NamedNode, after: str = ""
    ) -> list[ox.NamedNode]:
        """Return what leads to a subject by a property, in the order of IRIs, behind `after`.

        At most MANY and one more, which tells that there are more.
        """
        rows = await self.ask("incoming_by", subject=subject, property=by, after=ox.Literal(after))
        return [row["thing"] for row in rows if isinstance(row["thing"], ox.NamedNode)]

    async def _statements(self, subject: ox.NamedNode | ox.BlankNode) -> AsyncIterator[Statement]:
        for row in await self.ask("statements", subject=subject):
            held = row["held"]
            yield Statement(
                property=node(row["property"]) or DLG[""],
                value=row["value"],
                graph=node(row.get("graph")),
                held=isinstance(held, ox.Literal) and held.value == "true",
            )

    async def _nest(self, found: Description) -> None:
        waiting = [s.value for s in found.statements]
        while waiting and len(found.nested) < NESTED:
            value = waiting.pop()
            if isinstance(value, ox.BlankNode) and value not in found.nested:
                found.nested[value] = [s async for s in self._statements(value)]
                waiting += [s.value for s in found.nested[value]]

    async def _evidence(self, found: Description) -> None:
        for row in await self.ask("evidence", subject=found.subject):
            if (graph := node(row["evidence"])) and (property := node(row["property"])):
                properties = found.graphs.setdefault(graph, {})
                properties.setdefault(property, []).append(row["value"])
        if found.subject in found.contents:
            found.graphs[found.subject] = await self._properties(found.subject)
        # What conflicts with conflicting evidence belongs to the same dispute.
        waiting = [g for g in found.graphs if is_evidence(found.graphs[g])]
        seen = set(waiting)
        while waiting and len(seen) < CONFLICTING + len(found.graphs):
            graph = waiting.pop()
            properties = found.graphs.get(graph) or await self._properties(graph)
            others = [node(value) for value in properties.get(DLG.conflictsWith, [])]
            others += [node(row["other"]) for row in await self.ask("conflicts", thing=graph)]
            found.graphs[graph] = properties
            for other in (o for o in others if o):
                found.conflicts.add(frozenset((graph, other)))
                waiting += [] if other in seen else [other]
                seen.add(other)
        for graph, properties in found.graphs.items():
            for source in properties.get(DLG.source, []):
                if isinstance(source, ox.NamedNode) and source not in found.sources:
                    found.sources[source] = await self._properties(source)
            if is_evidence(properties) and graph not in found.contents:
                found.contents[graph] = await self.contents(graph)

    async def _properties(self, thing: ox.NamedNode) -> Properties:
        properties: Properties = {}
        for row in await self.ask("properties", thing=thing):
            if property := node(row["property"]):
                properties.setdefault(property, []).append(row["value"])
        return properties

    async def _incoming(self, subject: ox.NamedNode) -> AsyncIterator[Incoming]:
        for row in await self.ask("incoming", subject=subject):
            count = row["count"]
            if (property := node(row.get("property"))) and isinstance(count, ox.Literal):
                things = await self.linked(subject, property)
                yield Incoming(property, int(count.value), tuple(things[:LISTED]))


def node(term: object) -> ox.NamedNode | None:
    """Return a term if it is an IRI."""
    return term if isinstance(term, ox.NamedNode) else None


def best(names: Sequence[ox.Literal]) -> ox.Literal:
    """Return the name for a reader of English: English, else French, Portuguese, any.

    >>> best([ox.Literal("Lisboa", language="pt"), ox.Literal("Lisbon", language="en")]).value
    'Lisbon'
    """
    order = ("en", "fr", "pt", None)

    def rank(name: ox.Literal) -> int:
        tag = name.language.partition("-")[0] if name.language else None
        return order.index(tag) if tag in order else len(order)

    return min(names, key=rank)


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


def _datatype(value: Term) -> Iterable[ox.NamedNode]:
    return (value.datatype,) if isinstance(value, ox.Literal) else ()


def quads(found: Description, *, evidence: bool) -> list[ox.Quad]:
    """Return a description as quads, each once.

    The default graph has what we hold of the subject and of the blank nodes in it, what leads to
    it (the first LISTED by each property) and what everything mentioned there is called. With
    `evidence` come the graphs that speak of it, whatever their stance, and the descriptions of
    that evidence and of its sources.
    """
    kept: dict[ox.Quad, None] = {}
    said: list[tuple[ox.NamedNode | ox.BlankNode, Statement]] = [
        (found.subject, s) for s in found.statements
    ]
    said += [(blank, s) for blank, inner in found.nested.items() for s in inner]
    for subject, statement in said:
        triple = (subject, statement.property, statement.value)
        if statement.held:
            kept[ox.Quad(*triple)] = None
        if evidence and statement.graph:
            kept[ox.Quad(*triple, statement.graph)] = None
    for link in found.incoming:
        for thing in link.things:
            kept[ox.Quad(thing, link.property, found.subject)] = None
    for quad in list(kept):
        kept.update((named, None) for named in _named(quad, found.names))
    if evidence:
        kept.update((quad, None) for quad in _evidence_quads(found))
    return list(kept)


def _named(quad: ox.Quad, names: Names) -> Iterable[ox.Quad]:
    for term in quad.triple:
        for name in names.get(term, ()) if isinstance(term, ox.NamedNode) else ():
            if name.property:
                yield ox.Quad(term, name.property, name.text)


def _evidence_quads(found: Description) -> Iterable[ox.Quad]:
    sources: dict[Term, None] = {}
    for graph in found.near():
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
