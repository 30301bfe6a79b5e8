"""What is known and what is missing, counted from rows as the queries give them."""

import pyoxigraph as ox

from app.catalog.coverage import covered
from app.namespaces import XSD

FRAMEWORK, SERIES = ox.NamedNode("http://e.org/framework"), ox.NamedNode("http://e.org/series")


def edition(name: str, **values: str) -> dict[str, ox.NamedNode | ox.Literal]:
    row: dict[str, ox.NamedNode | ox.Literal] = {
        "framework": FRAMEWORK,
        "series": SERIES,
        "edition": ox.NamedNode(f"http://e.org/{name}"),
    }
    for key, value in values.items():
        kind = XSD.integer if key == "ordinal" else XSD.date
        iri = key in ("place", "document")
        row[key] = ox.NamedNode(value) if iri else ox.Literal(value, datatype=kind)
    return row


EDITIONS = [
    edition("one", ordinal="1", begins="2015-05-19", ends="2015-05-19", place="http://e.org/p"),
    edition("one", ordinal="1", begins="2015-05-19", ends="2015-05-19", document="http://e.org/d"),
    edition("four", ordinal="4", begins="2018-01-01", ends="2018-12-31"),
    edition("some"),
]


def names(editions: list) -> list[str]:  # type: ignore[type-arg]
    return [e.iri.value.rpartition("/")[2] for e in editions]


def test_an_edition_counts_once_however_many_rows_it_has() -> None:
    (known,) = covered(EDITIONS, [], [])
    assert names(known.editions) == ["one", "four", "some"]
    assert known.documents == 1


def test_a_year_is_no_day_and_what_is_missing_is_named() -> None:
    (known,) = covered(EDITIONS, [], [])
    assert names(known.without("day")) == ["four", "some"]
    assert names(known.without("place")) == ["four", "some"]
    assert names(known.without("number")) == ["some"]
    assert names(known.without("document")) == ["four", "some"]


def test_the_numbers_that_no_edition_bears_are_named() -> None:
    (known,) = covered(EDITIONS, [], [])
    assert known.gaps == [(SERIES, [2, 3])]


def test_facts_are_counted_by_their_sources() -> None:
    rows = [
        {
            "framework": FRAMEWORK,
            "sources": ox.Literal(str(sources), datatype=XSD.integer),
            "facts": ox.Literal(str(facts), datatype=XSD.integer),
        }
        for sources, facts in ((1, 10), (2, 5), (3, 2), (7, 1))
    ]
    (known,) = covered(EDITIONS, rows, [])
    assert [known.resting_on(1), known.resting_on(2), known.resting_on(3, more=True)] == [10, 5, 3]


def test_a_conflict_is_open_where_a_note_says_so() -> None:
    def conflict(name: str, said: str) -> dict[str, ox.NamedNode | ox.Literal]:
        return {
            "framework": FRAMEWORK,
            "one": ox.NamedNode(f"http://e.org/{name}"),
            "open": ox.Literal(said, datatype=XSD.boolean),
        }

    rows = [conflict("a", "false"), conflict("b", "true"), conflict("b", "false")]
    (known,) = covered(EDITIONS, [], rows)
    assert [node.value for node in known.decided] == ["http://e.org/a"]
    assert [node.value for node in known.undecided] == ["http://e.org/b"]


def test_what_is_no_number_and_no_day_is_not_known() -> None:
    rows = [
        edition("five", ordinal="five", begins="2015", ends="2015"),
        edition("six", ordinal="6", begins="2016-05-19", ends="2016-05-20"),
    ]
    (known,) = covered(rows, [], [])
    assert names(known.without("number")) == ["five"]
    assert names(known.without("day")) == ["five"]
