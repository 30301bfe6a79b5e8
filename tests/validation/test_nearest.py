"""Near misses: found where they are near, and quickly in large vocabularies."""

import itertools
import time

import pytest

from app.validation.nearest import Nearest

TERMS = [
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/terms/modified",
    "http://xmlns.com/foaf/0.1/name",
    "https://schema.org/Person",
    "http://a.example/o#held",
    "http://a.example/o#hold",
    "http://a.example/o#item12",
    "http://a.example/o#x",
    "urn:a:startDate",
]


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("http://purl.org/dc/terms/titel", "http://purl.org/dc/terms/title"),
        ("http://purl.org/dc/terms/Title", "http://purl.org/dc/terms/title"),
        ("http://purl.org/dc/elements/1.1/title", "http://purl.org/dc/terms/title"),
        ("http://schema.org/Person", "https://schema.org/Person"),
        ("https://www.schema.org/person", "https://schema.org/Person"),
        ("http://a.example/o/held", "http://a.example/o#held"),
        ("http://a.example/o#helt", "http://a.example/o#held"),
        ("http://purl.org/dc/terms/modifed", "http://purl.org/dc/terms/modified"),
        ("urn:a:startDates", "urn:a:startDate"),
        # Known, another number, too short, and far away.
        ("http://purl.org/dc/terms/title", None),
        ("http://a.example/o#item13", None),
        ("http://b.example/x", None),
        ("http://purl.org/dc/terms/spatial", None),
        ("http://purl.org/dc/terms/", None),
        ("", None),
        ("http://a.example/" + "x" * 5000, None),
    ],
)
def test_the_nearest_term_is_found(term: str, meant: str | None) -> None:
    assert Nearest(TERMS).to(term) == meant


def test_the_namespace_decides_between_terms_that_are_as_near() -> None:
    terms = ["http://b.example/o#label", "http://a.example/o#labels", "http://a.example/o#lable"]
    assert Nearest(terms).to("http://a.example/o#labelz") == "http://a.example/o#labels"


def test_words_are_compared_whole() -> None:
    words = Nearest(["dcterms", "dcat", "http://a.example/a b"], whole=True)
    assert words.to("dcterm") == "dcterms"
    assert words.to("DCAT") == "dcat"
    assert words.to("skos") is None


def test_a_vocabulary_of_ten_thousand_terms_takes_little_longer_than_a_small_one() -> None:
    parts = ["pro", "per", "con", "ty", "has", "is", "of", "date", "na", "me"]
    names = ["".join(four) for four in itertools.product(parts, repeat=4)]
    assert len(names) == 10_000

    def seconds(count: int) -> float:
        near = Nearest(f"http://a.example/o#{name}" for name in names[:: 10_000 // count])
        start = time.process_time()
        for name in names[::500]:
            near.to(f"http://a.example/o#{name}x")
        return time.process_time() - start

    # A hundred times the terms; to compare with each of them would take a hundred times the time.
    assert seconds(10_000) < 60 * seconds(100)
