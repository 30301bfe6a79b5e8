"""The release of the bundled record in the formats of everybody's tools, and its facts."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from extract_facts import PREFIXES

from app.record.record import read_record
from app.release.build import build
from app.release.extracts.writers import WRITERS

ROOT = Path(__file__).parents[3]
Facts = Callable[[str], list[tuple[str | None, ...]]]


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release, proved as it is built."""
    out = tmp_path_factory.mktemp("extracts") / "release"
    formats = [writer.name for writer in WRITERS]
    build(read_record(ROOT), out, as_of=date(2026, 11, 30), formats=formats, prove=True)
    return out


@pytest.fixture(scope="package")
def facts(folder: Path) -> Facts:
    """Return a function that asks the N-Quads of the release, and returns the sorted rows."""
    store = ox.Store()
    store.bulk_load(path=str(folder / "dialogue.nq"), format=ox.RdfFormat.N_QUADS)

    def ask(query: str) -> list[tuple[str | None, ...]]:
        rows = store.query(query, prefixes=PREFIXES)
        assert isinstance(rows, ox.QuerySolutions)
        found = [tuple(None if term is None else term.value for term in row) for row in rows]
        return sorted(found, key=lambda row: [one or "" for one in row])

    return ask
