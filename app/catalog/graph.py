"""The released graph, asked by fixed queries; what things are called in it.

A value goes into a query by substitution, never into its text. Each query starts at a given term,
so that its cost is that of what it finds.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from app.rdf.terms import Term, node

Row = Mapping[str, Term]
Properties = dict[ox.NamedNode, list[Term]]

QUERIES = Path(__file__).parents[1] / "queries"
NAMES_KEPT = 20_000
AT_ONCE = 20_000


class Engine(Protocol):
    """Whoever answers a SELECT query on the released graph."""

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        """Return the rows of a query whose variables are bound as `substitutions` say."""


@dataclass(frozen=True)
class Name:
    """What a thing is called; `property` says so, or nothing does and we put it together."""

    text: ox.Literal
    property: ox.NamedNode | None = None


Labels = Mapping[ox.NamedNode, tuple[Name, ...]]


class Graph:
    """The released graph, asked by the queries of `app/queries/`."""

    MANY = 100

    def __init__(self, engine: Engine, base: str) -> None:
        self._engine, self._base = engine, base
        self._queries = {p.stem: p.read_text(encoding="utf-8") for p in QUERIES.glob("*.rq")}
        self._names: OrderedDict[ox.NamedNode, tuple[Name, ...]] = OrderedDict()
        self._all: dict[str, dict[ox.NamedNode, list[Row]] | None] = {}

    @property
    def things(self) -> str:
        """The beginning of the IRIs of things."""
        return f"{self._base}id/"

    def is_rule(self, graph: ox.NamedNode) -> bool:
        """Return whether a graph holds what a rule gave."""
        return graph.value.startswith(f"{self._base}graph/rule/")

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
        names = await self._own_names(thing)
        if not names and thing.value.startswith(self.things):
            names = await self._put_together(thing)
        self._names[thing] = names
        while len(self._names) > NAMES_KEPT:
            self._names.popitem(last=False)
        return names

    async def _own_names(self, thing: ox.NamedNode) -> tuple[Name, ...]:
        known = await self._at_once("label")
        rows = await self.ask("label", thing=thing) if known is None else known.get(thing, [])
        return tuple(
            Name(row["label"], node(row["name"]))
            for row in sorted(rows, key=lambda row: (str(row["rank"]), str(row["label"])))
            if isinstance(row["label"], ox.Literal)
        )

    async def _put_together(self, thing: ox.NamedNode) -> tuple[Name, ...]:
        known = await self._at_once("parts")
        rows = await self.ask("parts", thing=thing) if known is None else known.get(thing, [])
        words: list[str] = []
        suffixes: list[str] = []
        for row in sorted(rows, key=lambda row: (str(row["order"]), str(row["part"]))):
            if isinstance(suffix := row.get("suffix"), ox.Literal):
                suffixes.append(suffix.value)
            part = node(row["part"])
            # Only names of its own: parts of parts could go round in a circle.
            if part and (own := await self._own_names(part)):
                words.append(best([name.text for name in own]).value)
        words += dict.fromkeys(suffixes)
        return (Name(ox.Literal(" · ".join(words), language="en")),) if len(words) > 1 else ()

    async def _at_once(self, query: str) -> dict[ox.NamedNode, list[Row]] | None:
        """Return the rows for all things: one question in the place of hundreds.

        None where there are too many of them, so that each thing must be asked for.
        """
        if query not in self._all:
            rows = await self.ask(query)
            found: dict[ox.NamedNode, list[Row]] = {}
            for row in rows:
                if thing := node(row["thing"]):
                    found.setdefault(thing, []).append(row)
            self._all[query] = found if len(rows) < AT_ONCE else None
        return self._all[query]

    async def is_described(self, subject: ox.NamedNode) -> bool:
        """Return whether anything at all is said of a subject."""
        return bool(await self.ask("known", subject=subject))

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

    async def properties(self, thing: ox.NamedNode) -> Properties:
        """Return what we hold of a thing."""
        properties: Properties = {}
        for row in await self.ask("properties", thing=thing):
            if property := node(row["property"]):
                properties.setdefault(property, []).append(row["value"])
        return properties


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
