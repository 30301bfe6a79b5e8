"""The engine, as it is asked for pages: it answers at home, and its rows are read aside."""

from collections.abc import Mapping, Sequence

from app.catalog.graph import Row
from app.engine.engine import Engine, rows_of
from app.rdf.terms import Term
from app.web.aside import Aside


class EngineAside:
    """Answers queries wherever it is asked, aside or not."""

    def __init__(self, engine: Engine, aside: Aside) -> None:
        self._engine, self._aside = engine, aside

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        """Return the rows of a query, as `Engine.select` does."""
        data = await self._aside.home(lambda: self._engine.select_bytes(text, substitutions))
        return rows_of(data)
