"""The released graph, asked by fixed queries.

A value goes into a query by substitution. A set of IRIs cannot: it takes the place of the UNDEF in
a `VALUES` of the query. Each query starts at given terms, so that its cost is that of what it
finds.

Where a set is walked, a query says LATERAL (SPARQL Enhancement Proposal 6, which Oxigraph knows):
what follows is asked for each row, and is never joined with all that there is. A BIND does not see
a substituted variable, so what is to be bound comes from a pattern or from VALUES.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from app.catalog.labels import Label, Labelling, naming_of, own_names, put_together
from app.namespaces import GENID
from app.rdf.sparql.values import with_values
from app.rdf.terms import Term, node

Row = Mapping[str, Term]
Properties = dict[ox.NamedNode, list[Term]]

QUERIES = Path(__file__).parents[1] / "queries"
NAMES_KEPT = 20_000
# Names and parts of names.
AT_ONCE = 40_000


@cache
def _queries() -> Mapping[str, str]:
    """Return the queries by their names, as they lay there when they were first read."""
    return {path.stem: path.read_text(encoding="utf-8") for path in QUERIES.glob("*.rq")}


class QueryEngine(Protocol):
    """Whoever answers a SELECT query on the released graph."""

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        """Return the rows of a query whose variables are bound as `substitutions` say."""


class ReleasedGraph:
    """The released graph, asked by the queries of `app/queries/`."""

    MANY = 100

    def __init__(self, engine: QueryEngine, base: str) -> None:
        self._engine, self._base = engine, base
        self._queries = _queries()
        self._names: OrderedDict[ox.NamedNode, tuple[Label, ...]] = OrderedDict()
        self._all: Labelling | None = None
        self._too_many = False

    @property
    def things(self) -> str:
        """The beginning of the IRIs of things."""
        return f"{self._base}id/"

    @property
    def anonymous(self) -> str:
        """The beginning of the IRIs of what has no name but its content (RDF 1.1, 3.5)."""
        return f"{self._base}{GENID}"

    async def ask(self, query: str, **terms: Term | Iterable[Term]) -> Sequence[Row]:
        """Return the rows of `app/queries/<query>.rq` with `terms` for its variables.

        A variable is a term, or one of a set of IRIs; what is no IRI in a set is left out. Raises
        KeyError where the query takes no set for a variable.
        """
        text = self._queries[query]
        single: dict[str, Term] = {}
        for variable, value in terms.items():
            if isinstance(value, Term):
                single[variable] = value
            else:
                text = with_values(text, variable, value)
        return await self._engine.select(text, single)

    async def select(self, text: str, terms: Mapping[str, Term]) -> Sequence[Row]:
        """Return the rows of a SELECT query, with `terms` for its variables."""
        return await self._engine.select(text, terms)

    async def names(self, things: Iterable[Term]) -> dict[ox.NamedNode, tuple[Label, ...]]:
        """Return the names of those of `things` that are IRIs and have one, the best first."""
        wanted = [t for t in dict.fromkeys(things) if isinstance(t, ox.NamedNode)]
        names = {t: cached for t in wanted if (cached := self._names.get(t)) is not None}
        if missing := [t for t in wanted if t not in names]:
            naming = await self._naming(missing)
            names |= {thing: self._name(thing, naming) for thing in missing}
        for thing in wanted:
            self._names[thing] = names[thing]
            self._names.move_to_end(thing)
        while len(self._names) > NAMES_KEPT:
            self._names.popitem(last=False)
        return {thing: names[thing] for thing in wanted if names[thing]}

    async def _naming(self, things: Sequence[ox.NamedNode]) -> Labelling:
        """Return what names things: all of the release where it is few enough, else these."""
        if self._all is None and not self._too_many:
            rows = await self.ask("names", whole=())
            if len(rows) < AT_ONCE:
                self._all = naming_of(rows)
            else:
                self._too_many = True
        if self._all is not None:
            return self._all
        ours = [thing for thing in things if thing.value.startswith(self.things)]
        return naming_of(await self.ask("names", thing=things, whole=ours))

    def _name(self, thing: ox.NamedNode, naming: Labelling) -> tuple[Label, ...]:
        names = own_names(thing, naming)
        if not names and thing.value.startswith(self.things):
            return put_together(thing, naming)
        return names

    async def known(
        self, things: Iterable[ox.NamedNode]
    ) -> dict[ox.NamedNode, ox.NamedNode | None]:
        """Return those of `things` of which anything at all is said, each with its successor.

        That is the thing that it is replaced by (dcterms:isReplacedBy), if there is one.
        """
        known: dict[ox.NamedNode, ox.NamedNode | None] = {}
        for row in await self.ask("known", thing=things):
            if thing := node(row.get("thing")):
                known.setdefault(thing, node(row.get("successor")))
        return known

    async def linked(
        self, subject: ox.NamedNode, by: ox.NamedNode, after: str = ""
    ) -> list[ox.NamedNode]:
        """Return what leads to a subject by a property, in the order of IRIs, behind `after`.

        At most MANY and one more, which tells that there are more.
        """
        rows = await self.ask("incoming_by", subject=subject, property=by, after=ox.Literal(after))
        return [row["thing"] for row in rows if isinstance(row["thing"], ox.NamedNode)]

    async def innermost(self, thing: ox.NamedNode, properties: Properties) -> Properties:
        """Return what `properties` has of a thing, but no place within which another of them lies.

        Sources that name the city and the country both hold: the narrower one counts.
        """
        rows = await self.ask("around", subject=[thing])
        around = {(row["property"], row["value"]) for row in rows}
        return {
            property: [value for value in values if (property, value) not in around]
            for property, values in properties.items()
        }

    async def properties(self, thing: ox.NamedNode) -> Properties:
        """Return what we hold of a thing."""
        properties: Properties = {}
        for row in await self.ask("properties", thing=thing):
            if property := node(row["property"]):
                properties.setdefault(property, []).append(row["value"])
        return properties
