"""A graph that is asked in the process of its test."""

from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from app.catalog.graph import Row
from app.rdf.terms import Term


class SmallStore:
    """What a text holds, asked as the engine is."""

    def __init__(self, text: str, syntax: ox.RdfFormat) -> None:
        self.store = ox.Store()
        self.store.load(text.encode(), syntax)

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        given = {ox.Variable(name): term for name, term in substitutions.items()}
        rows = self.store.query(text, substitutions=given)
        assert isinstance(rows, ox.QuerySolutions)
        names = [variable.value for variable in rows.variables]
        return [{n: row[n] for n in names if row[n] is not None} for row in rows]
