"""Compact JSON-LD: which key a value stands under, in which form, and that nothing is lost."""

import json

import pyoxigraph as ox
import pytest

from app.rdf.jsonld.compaction import Compactor, NotInJsonLd, document

E = "http://e.org/"
CONTEXT: dict[str, object] = {
    "@version": 1.1,
    "e": E,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": {"@id": "@type", "@container": "@set"},
    "Place": "e:Place",
    "place": {"@id": "e:place", "@type": "@id", "@container": "@set"},
    "capital": {"@id": "e:capital", "@type": "@id"},
    "name": {"@id": "e:name", "@container": "@language"},
    "title": {"@id": "e:title", "@container": ["@language", "@set"]},
    "day": {"@id": "e:day", "@type": "xsd:date"},
    "number": {"@id": "e:number", "@container": "@set"},
    "e:other": {"@id": "e:other", "@type": "@id"},
}
A = ox.NamedNode(f"{E}a")


def about(turtle: str) -> dict[str, object]:
    """Return the object of e:a, from what Turtle says of it."""
    text = f"@prefix e: <{E}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . {turtle}"
    quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    made = document(Compactor(CONTEXT), quads, A)
    again = ox.parse(json.dumps(made), format=ox.RdfFormat.JSON_LD)
    assert set(again) == set(quads)
    return made


@pytest.mark.parametrize(
    ("fact", "members"),
    [
        ("a e:Place", {"type": ["Place"]}),
        ("a e:Other", {"type": ["e:Other"]}),
        ("e:place e:b", {"place": ["e:b"]}),
        ("e:capital e:b", {"capital": "e:b"}),
        ("e:capital e:b, e:c", {"capital": ["e:b", "e:c"]}),
        ("e:capital <http://e.org/>", {"capital": "http://e.org/"}),
        ("e:capital <http://x.org/b>", {"capital": "http://x.org/b"}),
        ('e:capital "b"', {"e:capital": "b"}),
        ('e:name "A"@en, "Á"@pt', {"name": {"en": "A", "pt": "Á"}}),
        ('e:name "A", "B"@en, "C"@en', {"name": {"@none": "A", "en": ["B", "C"]}}),
        ('e:title "A"@en', {"title": {"en": ["A"]}}),
        ("e:name 5, e:b", {"e:name": [5, {"id": "e:b"}]}),
        ('e:day "2015-05-19"^^xsd:date', {"day": "2015-05-19"}),
        ('e:day "2015"^^xsd:gYear', {"e:day": {"@type": "xsd:gYear", "@value": "2015"}}),
        ('e:day "2015"', {"e:day": "2015"}),
        ("e:number 16, true", {"number": [16, True]}),
        ("e:number 016", {"number": [{"@type": "xsd:integer", "@value": "016"}]}),
        ('e:number "1"^^xsd:boolean', {"number": [{"@type": "xsd:boolean", "@value": "1"}]}),
        (
            "e:number 9007199254740993",
            {"number": [{"@type": "xsd:integer", "@value": "9007199254740993"}]},
        ),
        ("e:number e:b", {"number": [{"id": "e:b"}]}),
        ("e:number 1.50", {"number": [{"@type": "xsd:decimal", "@value": "1.50"}]}),
        ('e:number "e:b"', {"number": ["e:b"]}),
        ('e:number "b"@en', {"number": [{"@language": "en", "@value": "b"}]}),
        ("e:other e:b", {"e:other": "e:b"}),
        ('e:other "b"', {f"{E}other": "b"}),
        ('<http://x.org/p> "b"@en', {"http://x.org/p": {"@language": "en", "@value": "b"}}),
    ],
)  # fmt: skip
def test_a_value_has_the_form_that_its_term_fits(fact: str, members: dict[str, object]) -> None:
    made = about(f"e:a {fact} .")
    del made["@context"]
    assert made == {"id": "e:a", **members}


def test_a_document_has_the_part_of_the_context_that_it_needs() -> None:
    made = about('e:a e:day "2015-05-19"^^xsd:date .')
    assert made["@context"] == {
        key: CONTEXT[key] for key in ("@version", "e", "xsd", "id", "type", "day")
    }


def test_what_a_thing_points_to_stands_in_it_once_and_the_rest_follows() -> None:
    made = about('e:a e:place e:b ; e:capital e:b . e:b e:name "B"@en . e:c e:place e:a, e:b .')
    del made["@context"]
    assert made == {
        "id": "e:a",
        "place": [{"id": "e:b", "name": {"en": "B"}}],
        "capital": "e:b",
        "@included": [{"id": "e:c", "place": ["e:a", "e:b"]}],
    }


def test_a_graph_and_what_is_said_of_it_are_one_object() -> None:
    text = f"@prefix e: <{E}> . e:a e:capital e:b . e:g e:place e:c . e:g {{ e:a e:capital e:b }}"
    quads = list(ox.parse(text, format=ox.RdfFormat.TRIG))
    made = document(Compactor(CONTEXT), quads, A)
    assert made["@included"] == [
        {"id": "e:g", "place": ["e:c"], "@graph": [{"id": "e:a", "capital": "e:b"}]}
    ]
    assert set(ox.parse(json.dumps(made), format=ox.RdfFormat.JSON_LD)) == set(quads)
    graph = document(Compactor(CONTEXT), quads, ox.NamedNode(f"{E}g"))
    assert graph["@graph"] == [{"id": "e:a", "capital": "e:b"}]
    assert set(ox.parse(json.dumps(graph), format=ox.RdfFormat.JSON_LD)) == set(quads)


@pytest.mark.parametrize(
    "fact",
    [
        "e:capital <e:38.7,-9.1>",
        "<e:x> 1",
        "a <e:x>",
        'e:number "1"^^<e:x>',
    ],
)
def test_an_iri_that_reads_as_a_name_with_a_prefix_is_refused(fact: str) -> None:
    # For the parser here, e: in angle brackets is a scheme and no prefix.
    with pytest.raises(NotInJsonLd, match="reads as a name with the prefix e:"):
        about(f"e:a {fact} .")


@pytest.mark.parametrize("iri", ["e://x.org/b", "E:b", "place:b", "Place:b", "id:b"])
def test_an_iri_that_only_looks_like_a_name_is_written(iri: str) -> None:
    made = about(f"e:a e:capital <{iri}> ; <{iri}> 1 ; a <{iri}> .")
    assert made["capital"] == iri


@pytest.mark.parametrize("value", ["<<( e:b e:p e:c )>>", '"b"@ar--rtl'])
def test_what_is_of_rdf_1_2_is_refused(value: str) -> None:
    with pytest.raises(NotInJsonLd):
        about(f"e:a e:number {value} .")
