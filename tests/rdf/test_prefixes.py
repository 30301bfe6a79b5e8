"""Prefixes, and the names that they make of IRIs."""

import doctest

from app.rdf import prefixes
from app.rdf.prefixes import PrefixMap, longest_first


def test_the_examples_are_true() -> None:
    assert doctest.testmod(prefixes) == (0, 3)


def test_the_longest_namespace_comes_first_and_of_two_prefixes_the_first_by_name() -> None:
    known = {"": "", "z": "http://e/a/", "b": "http://e/", "a": "http://e/a/"}
    assert [prefix for prefix, _ in longest_first(known)] == ["a", "z", "b", ""]
    assert PrefixMap(known).iri("http://e/a/x") == "a:x"
    # A shorter namespace makes no name where the rest of the IRI holds a stroke.
    assert PrefixMap(known).iri("http://e/c/x") == "<http://e/c/x>"
