"""The generated graph: as many triples as asked for, all different, and the same every time."""

import hashlib
from itertools import islice

import generated
import pyoxigraph as ox
import pytest


@pytest.mark.parametrize("n", [0, 1, 20_000])
def test_each_triple_is_another_and_each_is_one(n: int) -> None:
    lines = list(generated.triples(n))
    assert len(set(lines)) == len(lines) == n
    text = "".join(lines)
    assert text.count("\n") == n
    parsed = list(ox.parse(text, ox.RdfFormat.N_TRIPLES))
    assert len({str(quad) for quad in parsed}) == n


def test_a_smaller_graph_is_the_beginning_of_a_larger_one() -> None:
    assert list(generated.triples(1000)) == list(islice(generated.triples(5000), 1000))


def test_the_graph_is_the_same_on_every_machine() -> None:
    digest = hashlib.sha256("".join(generated.triples(10_000)).encode()).hexdigest()
    assert digest == "88c814124b6fdca905e39cf11272639b8c9f14c064bec0968dbe27d47146652a"


def test_what_is_asked_of_it_is_there() -> None:
    store = ox.Store()
    store.extend(ox.parse("".join(generated.triples(20_000)), ox.RdfFormat.N_TRIPLES))
    prefixes = {"dlg": f"{generated.BASE}ontology#", "id": f"{generated.BASE}id/"}
    skos = "http://www.w3.org/2004/02/skos/core#"

    def number(pattern: str) -> int:
        query = f"PREFIX skos: <{skos}> SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
        (row,) = store.query(query, prefixes=prefixes)
        return int(row["n"].value)

    assert number("?topic skos:broader+ <https://w3id.org/dialogue/id/topic/0>") == 149
    assert number("<https://w3id.org/dialogue/id/document/4> dlg:reaffirms+ ?d") == 4
    # Everything that is named is described.
    assert (
        number("?s ?p ?o FILTER(STRSTARTS(STR(?o), STR(id:))) FILTER NOT EXISTS { ?o ?q ?r }") == 0
    )
