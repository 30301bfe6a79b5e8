"""The partitions of a dataset: what is counted of it, and how the parts are named."""

from collections import defaultdict

import pyoxigraph as ox

from app.namespaces import VOID, VOID_EXT
from app.release.statistics import partitions

DATASET = ox.NamedNode("http://example.org/data")
PREFIXES = """
@prefix a: <http://a.example/ns#> .
@prefix b: <http://b.example/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def counted(turtle: str, skip: frozenset[object] = frozenset()) -> dict[str, dict[str, list[str]]]:
    """Return what is said of each part, by local names; `<>` is the dataset."""
    parsed = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for subject, predicate, value in partitions(DATASET, (q.triple for q in parsed), skip):
        name = predicate.value.rpartition("#")[2]
        short = value.value.removeprefix(DATASET.value)  # type: ignore[union-attr]
        part = subject.value.removeprefix(DATASET.value) or "<>"  # type: ignore[union-attr]
        found[part].setdefault(name, []).append(short)
    return dict(found)


def test_classes_hold_properties_and_these_the_classes_and_datatypes_of_values() -> None:
    found = counted(
        """
        a:one a a:Cat ; a:likes a:two , a:dog ; a:age 3 , "old"@en , <http://x.example/> .
        a:two a a:Cat .
        a:dog a a:Dog ; a:age 7 .
        a:none a:age 9 .
        """
    )
    age, likes = "#class-Cat.age-ns", "#class-Cat.likes-ns"
    assert found["<>"] == {
        "properties": ["3"],
        "classes": ["2"],
        "propertyPartition": [
            "#property-age-ns",
            "#property-likes-ns",
            "#property-type-22-rdf-syntax-ns",
        ],
        "classPartition": ["#class-Cat", "#class-Dog"],
    }
    assert found["#property-age-ns"] == {"property": ["http://a.example/ns#age"], "triples": ["5"]}
    assert found["#class-Cat"] == {
        "class": ["http://a.example/ns#Cat"],
        "entities": ["2"],
        "propertyPartition": [age, likes, "#class-Cat.type-22-rdf-syntax-ns"],
    }
    assert found[age] == {
        "property": ["http://a.example/ns#age"],
        "triples": ["3"],
        "datatypePartition": [f"{age}.as-langString", f"{age}.as-integer"],
    }
    assert found[f"{age}.as-integer"] == {
        "datatype": ["http://www.w3.org/2001/XMLSchema#integer"],
        "triples": ["1"],
    }
    assert found[likes] == {
        "property": ["http://a.example/ns#likes"],
        "triples": ["2"],
        "classPartition": [f"{likes}.Cat", f"{likes}.Dog"],
    }
    assert found[f"{likes}.Dog"] == {"class": ["http://a.example/ns#Dog"], "triples": ["1"]}
    # Of what kind a class is says nothing of its things.
    assert set(found["#class-Dog.type-22-rdf-syntax-ns"]) == {"property", "triples"}


def test_a_thing_of_two_classes_counts_in_both() -> None:
    found = counted("a:x a a:A , a:B ; a:p a:y . a:y a a:A , a:B .")
    for kind in "AB":
        assert found[f"#class-{kind}"]["entities"] == ["2"]
        assert found[f"#class-{kind}.p-ns"]["triples"] == ["1"]
        assert found[f"#class-{kind}.p-ns"]["classPartition"] == [
            f"#class-{kind}.p-ns.A",
            f"#class-{kind}.p-ns.B",
        ]


def test_terms_of_one_local_name_have_parts_of_different_names() -> None:
    found = counted("a:x a a:A ; a:p 1 . a:y a b:A ; b:p 2 . a:z a <http://c.example/ns#A> .")
    classes = {part: about["class"] for part, about in found.items() if "entities" in about}
    assert classes == {
        "#class-A": ["http://a.example/ns#A"],
        "#class-A-ns": ["http://b.example/ns#A"],
        "#class-A-ns-2": ["http://c.example/ns#A"],
    }
    assert found["#class-A.p-ns"]["property"] == ["http://a.example/ns#p"]
    assert found["#class-A-ns.p-ns-2"]["property"] == ["http://b.example/ns#p"]


def test_terms_of_a_vocabulary_are_values_but_no_members() -> None:
    vocabulary = frozenset({ox.NamedNode("http://a.example/ns#term")})
    found = counted("a:x a a:A ; a:p a:term . a:term a a:Term ; a:p 1 .", vocabulary)
    assert found["<>"]["classPartition"] == ["#class-A"]
    assert found["#class-A.p-ns"]["classPartition"] == ["#class-A.p-ns.Term"]
    assert found["#property-p-ns"]["triples"] == ["2"]


def test_blank_nodes_and_triple_terms_are_counted_and_nothing_is_nothing() -> None:
    found = counted("[] a a:A ; a:p [ a a:B ] ; a:q <<( a:s a:p a:o )>> .")
    assert found["#class-A.p-ns"]["classPartition"] == ["#class-A.p-ns.B"]
    assert found["#class-A.q-ns"] == {"property": ["http://a.example/ns#q"], "triples": ["1"]}
    assert counted("") == {"<>": {"properties": ["0"], "classes": ["0"]}}


def test_the_order_of_triples_changes_nothing_and_no_part_is_said_twice() -> None:
    text = "a:x a a:A , b:A ; a:p 1 , a:y . a:y a b:A ; b:p a:x ."
    quads = list(ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE))
    one = partitions(DATASET, [q.triple for q in quads])
    assert one == partitions(DATASET, [q.triple for q in reversed(quads)])
    assert len(one) == len(set(one))
    assert {t.predicate for t in one} >= {VOID.classPartition, VOID_EXT.datatypePartition}
