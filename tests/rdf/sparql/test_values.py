"""Sets of IRIs in queries."""

import doctest

import pyoxigraph as ox
import pytest

from app.rdf.sparql import values
from app.rdf.sparql.values import with_values

QUERY = "SELECT * { VALUES ?s { UNDEF } ?s ?p ?o }"


def test_the_examples_are_true() -> None:
    assert doctest.testmod(values) == (0, 2)


def test_what_no_query_can_ask_for_is_left_out() -> None:
    # As a store hands it out that was loaded without checks.
    [quad] = ox.parse(
        "<http://e/a b> <http://e/p> _:x .", format=ox.RdfFormat.N_TRIPLES, lenient=True
    )
    asked = with_values(QUERY, "s", [quad.subject, quad.object, ox.Literal("a"), quad.predicate])
    assert asked == "SELECT * { VALUES ?s { <http://e/p> } ?s ?p ?o }"


def test_a_query_that_takes_no_set_for_a_variable_is_refused() -> None:
    with pytest.raises(KeyError, match="o"):
        with_values(QUERY, "o", [])
