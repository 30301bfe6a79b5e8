"""The context that a dataset makes: which name a property has, and what stands under it."""

import json

import pyoxigraph as ox
import pytest

from app.rdf.jsonld.compaction import Compactor
from app.release.formats import context

BASE = "http://e.org/"
HEAD = """\
@prefix e: <http://e.org/ontology#> .
@prefix o: <http://o.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix thing: <http://e.org/id/thing/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def made(turtle: str) -> dict[str, object]:
    parsed = ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE)
    quads = sorted(parsed, key=str)
    return context.make(context.survey(quads), parsed.prefixes, BASE)


@pytest.mark.parametrize(
    ("facts", "key", "definition"),
    [
        ("thing:a e:p thing:b .", "p", {"@id": "e:p", "@type": "@id", "@container": "@set"}),
        ("thing:a e:p 1 .", "p", {"@id": "e:p", "@container": "@set"}),
        ('thing:a e:p "2015-01-01"^^xsd:date .', "p",
         {"@id": "e:p", "@type": "xsd:date", "@container": "@set"}),
        ('thing:a e:p "a"@en, "b" .', "p", {"@id": "e:p", "@container": ["@language", "@set"]}),
        ("thing:a e:p thing:b, 1 .", "p", {"@id": "e:p", "@container": "@set"}),
        ("thing:a e:p thing:b . o:s sh:path e:p ; sh:maxCount 1 .", "p",
         {"@id": "e:p", "@type": "@id"}),
        ("thing:a e:p thing:b . o:s sh:path e:p ; sh:maxCount 2 .", "p",
         {"@id": "e:p", "@type": "@id", "@container": "@set"}),
        # Where the data have more than a shape allows, there may be several.
        ("thing:a e:p thing:b, thing:c . o:s sh:path e:p ; sh:maxCount 1 .", "p",
         {"@id": "e:p", "@type": "@id", "@container": "@set"}),
        ('thing:a e:p "a"@en, "b"@fr . o:s sh:path e:p ; sh:uniqueLang true .', "p",
         {"@id": "e:p", "@container": "@language"}),
        ('thing:a e:p "a"@en, "b"@en . o:s sh:path e:p ; sh:uniqueLang true .', "p",
         {"@id": "e:p", "@container": ["@language", "@set"]}),
        # Of what nobody uses, the range says it.
        ("e:p a owl:DatatypeProperty ; rdfs:range xsd:date .", "p",
         {"@id": "e:p", "@type": "xsd:date", "@container": "@set"}),
        ("e:p a owl:ObjectProperty ; rdfs:range e:Thing .", "p",
         {"@id": "e:p", "@type": "@id", "@container": "@set"}),
        ("e:p a owl:DatatypeProperty ; rdfs:range rdf:langString .", "p",
         {"@id": "e:p", "@container": ["@language", "@set"]}),
        ("thing:a a e:Thing .", "Thing", "e:Thing"),
        ("e:Thing a owl:Class .", "Thing", "e:Thing"),
    ],
)  # fmt: skip
def test_a_key_says_what_its_values_are(facts: str, key: str, definition: object) -> None:
    assert made(facts)[key] == definition


def test_the_own_vocabulary_has_its_names_and_of_others_who_is_used_more() -> None:
    found = made(
        'thing:a e:source thing:b ; o:source thing:b, thing:c ; skos:prefLabel "A"@en ;'
        ' o:name "a", "b" ; o:member 1 ; rdfs:member 1, 2 .'
    )
    ids = {key: value["@id"] for key, value in found.items() if isinstance(value, dict)}
    assert ids == {
        "type": "@type",
        "source": "e:source",
        "o:source": "o:source",
        "name": "skos:prefLabel",
        "o:name": "o:name",
        "member": "rdfs:member",
        "o:member": "o:member",
    }


def test_the_prefixes_are_those_of_vocabularies_that_are_no_key_and_no_scheme() -> None:
    found = made("@prefix urn: <http://u.org/> . thing:a e:p <urn:x> ; o:thing 1 ; urn:p 1 .")
    spaces = {key for key, value in found.items() if isinstance(value, str) and value[-1] in "#/"}
    # thing: is of things, urn: would be taken for the scheme of an IRI.
    assert spaces == {"e", "o", "xsd"}
    assert "urn" not in found


@pytest.mark.parametrize(
    "facts",
    [
        "thing:a geo:p <geo:38.7,-9.1> .",
        "<geo:38.7,-9.1> geo:p 1 .",
        "thing:a geo:p 1 ; <geo:q> 1 .",
        'thing:a geo:p "a"^^<geo:q> .',
        "thing:a a geo:P, <geo:Q> .",
        "geo:p rdfs:range <geo:q> .",
        "<geo:graph> { thing:a geo:p 1 }",
    ],
)
def test_no_prefix_is_the_scheme_of_an_iri_wherever_it_stands(facts: str) -> None:
    text = f"{HEAD}@prefix geo: <http://g.org/> . {facts}"
    parsed = ox.parse(text, format=ox.RdfFormat.TRIG)
    quads = sorted(parsed, key=str)
    found = context.make(context.survey(quads), parsed.prefixes, BASE)
    assert "geo" not in found
    written = [*Compactor(found).graphs(quads)]
    document = json.dumps({"@context": found, "@graph": written})
    assert set(ox.parse(document, ox.RdfFormat.JSON_LD)) == set(quads)


def test_the_file_has_a_line_for_each_key_and_is_json() -> None:
    context_made = made("thing:a e:p thing:b .")
    text = context.text(context_made)
    assert json.loads(text) == {"@context": context_made}
    assert len(text.splitlines()) == len(context_made) + 4
