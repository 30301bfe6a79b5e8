"""Prefixes, and the names that they make of IRIs."""

import doctest
import io
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from app.engine import serializer
from app.rdf import formats, prefixes
from app.rdf.formats import RDF_XML, TURTLE
from app.rdf.prefixes import PrefixMap, longest_first


def test_the_examples_are_true() -> None:
    assert doctest.testmod(prefixes) == (0, 4)


def test_the_longest_namespace_comes_first_and_of_two_prefixes_the_first_by_name() -> None:
    known = {"": "", "z": "http://e/a/", "b": "http://e/", "a": "http://e/a/"}
    assert [prefix for prefix, _ in longest_first(known)] == ["a", "z", "b", ""]
    assert PrefixMap(known).iri("http://e/a/x") == "a:x"
    # A shorter namespace makes no name where the rest of the IRI holds a stroke.
    assert PrefixMap(known).iri("http://e/c/x") == "<http://e/c/x>"


@pytest.mark.parametrize("prefix", ["xml", "xmlns", "e"])
def test_answers_in_xml_declare_no_prefix_that_xml_keeps_for_itself(prefix: str) -> None:
    a, p = ox.NamedNode("http://e/a"), ox.NamedNode("http://e/v#p")
    known = {prefix: "http://e/v#"}
    store = ox.Store()
    store.add(ox.Quad(a, p, a))
    for media in (RDF_XML, TURTLE):
        answer, into = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"), io.BytesIO()
        assert isinstance(answer, ox.QueryTriples)
        serializer.serialise(answer, media, into, known)
        for document in (into.getvalue(), formats.serialise([*store], media, known)):
            if media == RDF_XML:
                ((element,),) = ElementTree.fromstring(document)
                assert element.tag == "{http://e/v#}p"
            declared = f"xmlns:{prefix}=" if media == RDF_XML else f"@prefix {prefix}:"
            assert (declared.encode() in document) is (media == TURTLE or prefix == "e")
