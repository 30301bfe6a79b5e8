"""What the queries of the program answer on the dataset of a release that is being made."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from app.exports.extracts import ORIGIN
from app.exports.things import Origin, Row, Thing, things
from app.rdf.sparql.values import with_values
from app.release.material import Material

QUERIES = Path(__file__).parents[2] / "queries"
_STORE = "store"


def told(material: Material, query: str, **iris: Iterable[str]) -> list[Thing]:
    """Return the things of which `app/queries/<query>.rq` tells, all of them or those named.

    A set of IRIs takes the place of the UNDEF in a `VALUES` of the query. Raises KeyError where
    there is none for it, TypeError for a query that is no SELECT.
    """
    return things(rows(material, query, **iris))


def rows(material: Material, query: str, **iris: Iterable[str]) -> list[Row]:
    """Return the rows of a query, as `told` asks it."""
    text = (QUERIES / f"{query}.rq").read_text(encoding="utf-8")
    for variable, among in iris.items():
        text = with_values(text, variable, map(ox.NamedNode, among))
    answer = _store(material).query(text)
    if not isinstance(answer, ox.QuerySolutions):
        raise TypeError(query)
    names = answer.variables
    return [
        {name.value: value for name in names if (value := row[name]) is not None} for row in answer
    ]


def origin(material: Material, day: date) -> Origin:
    """Return where the things of a release come from; `day` is that of the release."""
    dataset = material.record.dataset.value if material.record else material.base
    prefixes = material.record.prefixes if material.record else {}
    named = told(material, ORIGIN, subject=[dataset])
    title = named[0].text("title") if named else None
    return Origin(title or dataset, day, material.base, prefixes, material.of_day)


def _store(material: Material) -> ox.Store:
    """Return the dataset in a store; made once, by whoever asks first."""
    store = material.memory.get(_STORE)
    if not isinstance(store, ox.Store):
        store = ox.Store()
        store.extend(material.read())
        material.memory[_STORE] = store
    return store
