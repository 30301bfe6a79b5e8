"""What is asked of terms, whatever they stand for."""

import doctest

from app.rdf import terms


def test_the_examples_are_true() -> None:
    assert doctest.testmod(terms) == (0, 3)
