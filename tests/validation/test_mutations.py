"""The record with random mutations: our results equal the referee's, result by result.

Fifty independent ones are made to a copy of the graph that is validated. One copy is tried, always
the same; DIALOGUE_DRAWS says how many others are as well (20 copies are a thousand mutations).
"""

import os
import random
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from app.namespaces import RDF, SH, XSD
from app.rdf.datatypes import why_invalid
from app.record.record import read_record
from app.validation.validator import Validation

from .engines.native import referee

PROJECT = Path(__file__).parents[2]
COPIES = int(os.environ.get("DIALOGUE_DRAWS", "0"))
MUTATIONS = 50

Triples = dict[ox.Triple, None]


@cache
def graphs() -> tuple[list[ox.Triple], list[ox.Triple]]:
    """Return the shapes of the record, and the graph that they are run over."""
    record = read_record(PROJECT)
    validation = Validation(record, date(2026, 11, 30))
    shapes = [quad.triple for document in record.shapes for quad in document.quads]
    return shapes, validation.graph()


def _drop(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    del triples[triple]


def _double(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    """Give a subject another value, one that somebody else has."""
    other = draw.choice([t for t in triples if t.predicate == triple.predicate])
    triples[ox.Triple(triple.subject, triple.predicate, other.object)] = None


def _replace(triples: Triples, triple: ox.Triple, value: object) -> None:
    del triples[triple]
    triples[ox.Triple(triple.subject, triple.predicate, value)] = None  # type: ignore[arg-type]


def _of_another_kind(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    kinds: list[object] = [
        ox.Literal("words"),
        ox.Literal("mots", language="fr"),
        ox.Literal("7", datatype=XSD.integer),
        ox.NamedNode("https://example.org/nowhere"),
        ox.BlankNode(f"mutant{draw.randrange(10**6)}"),
    ]
    _replace(triples, triple, draw.choice([k for k in kinds if k != triple.object]))


def _another_type(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    typed = [t for t in triples if t.predicate == RDF.type]
    _replace(triples, draw.choice(typed), draw.choice(typed).object)


def _broken_date(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    dated = [
        t
        for t in triples
        if isinstance(t.object, ox.Literal) and "date" in str(t.predicate).lower()
    ]
    chosen = draw.choice(dated)
    assert isinstance(chosen.object, ox.Literal)
    text = draw.choice(["2015-13-45", "soon", "9999-01-01"])
    _replace(triples, chosen, ox.Literal(text, datatype=chosen.object.datatype))


def _turned(triples: Triples, triple: ox.Triple, draw: random.Random) -> None:
    links = [t for t in triples if isinstance(t.object, ox.NamedNode) and t.predicate != RDF.type]
    chosen = draw.choice(links)
    del triples[chosen]
    triples[ox.Triple(chosen.object, chosen.predicate, chosen.subject)] = None  # type: ignore[arg-type]


KINDS: tuple[Callable[[Triples, ox.Triple, random.Random], None], ...] = (
    _drop,
    _double,
    _of_another_kind,
    _another_type,
    _broken_date,
    _turned,
)


def mutated(seed: int) -> tuple[list[ox.Triple], list[str]]:
    """Return a copy of the graph with mutations, and what these are."""
    draw = random.Random(seed)
    triples: Triples = dict.fromkeys(graphs()[1])
    done = []
    for _ in range(MUTATIONS):
        kind, triple = draw.choice(KINDS), draw.choice(list(triples))
        done.append(f"{kind.__name__} {triple}")
        kind(triples, triple, draw)
    return list(triples), done


def compares_what_is_no_value(row: referee.Row, data: list[ox.Triple]) -> bool:
    """SPARQL 1.1, 17.3: to compare a day or a number with what is none is an error.

    Such a solution falls away; the referee's library compares the two all the same. The row is a
    query's, and is about a node that has something else where days or numbers stand, or a
    neighbour of one.
    """
    if row[4] != str(SH.SPARQLConstraintComponent):
        return False
    broken = {t.subject for t in data if _kind(t.object) not in _ordered().get(t.predicate, _ANY)}
    near = {t.subject for t in data if t.object in broken}
    near |= {t.object for t in data if t.subject in broken}
    return not {row[0], row[2]}.isdisjoint({str(node) for node in broken | near})


class _Anything:
    def __contains__(self, _: object) -> bool:
        return True


_ANY = _Anything()


@cache
def _ordered() -> dict[ox.NamedNode, set[ox.NamedNode | None]]:
    """Return the predicates that have days alone, or numbers alone, with their datatype."""
    kinds: dict[ox.NamedNode, set[ox.NamedNode | None]] = {}
    for triple in graphs()[1]:
        kinds.setdefault(triple.predicate, set()).add(_kind(triple.object))
    return {p: k for p, k in kinds.items() if k in ({XSD.date}, {XSD.integer})}


def _kind(term: object) -> ox.NamedNode | None:
    """Return the datatype of a term that is a value of it."""
    if not isinstance(term, ox.Literal) or why_invalid(term) is not None:
        return None
    return term.datatype


@pytest.mark.parametrize("seed", range(1, 2 + COPIES))
def test_a_copy_with_fifty_mutations_is_judged_as_the_referee_judges_it(seed: int) -> None:
    shapes, _ = graphs()
    data, done = mutated(seed)
    print(f"seed {seed}:", *done, sep="\n  ")
    ours = referee.our_rows(shapes, data)
    # SHACL, 5.3.2: each solution is a result; pySHACL drops those that are equal.
    theirs = referee.their_rows(
        shapes, data, advanced=any(t.predicate == SH.target for t in shapes)
    )
    assert set(ours) - set(theirs) == set()
    more = set(theirs) - set(ours)
    assert {row for row in more if not compares_what_is_no_value(row, data)} == set()
    # A graph in which nothing is wrong would prove nothing.
    assert len(set(ours) - set(referee.our_rows(shapes, graphs()[1]))) > MUTATIONS // 5
