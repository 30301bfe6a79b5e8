"""The text for a reader, and the tag that was meant."""

import pyoxigraph as ox
import pytest

from app.validation.languages import best, usual_tag


def texts(*tags: str) -> list[ox.Literal]:
    """Return a text in each language, its tag the text; in none for an empty tag."""
    return [ox.Literal(tag, language=tag) if tag else ox.Literal("") for tag in tags]


@pytest.mark.parametrize(
    ("tags", "languages", "chosen"),
    [
        (["en", "fr", "fr-CA"], ["fr-CA"], "fr-CA"),
        (["en", "fr", "fr-FR"], ["fr-CA"], "fr"),
        (["en", "fr-FR", ""], ["fr-CA"], "fr-FR"),
        (["en", "de", ""], ["fr-CA"], ""),
        (["de", "en"], ["fr-CA"], "en"),
        (["de", "en-GB"], ["fr-CA"], "en-GB"),
        (["pt", "de"], ["fr-CA"], "de"),
        (["en", "de"], ["fr", "de", "en"], "de"),
        (["zh-Hant", "zh", "en"], ["zh-Hant-x-cant-TW"], "zh-Hant"),
        (["EN", "de"], ["en_GB"], "EN"),
        (["en", "de"], [], "en"),
        (["en", "de"], ["*"], "en"),
        (["frr", "en"], ["fr"], "en"),
    ],
)
def test_the_text_is_that_of_the_nearest_language(
    tags: list[str], languages: list[str], chosen: str
) -> None:
    for order in (tags, tags[::-1]):
        text = best(texts(*order), languages)
        assert text is not None
        assert text.value == chosen


def test_the_first_of_several_in_one_language_is_taken() -> None:
    both = [ox.Literal("b", language="en"), ox.Literal("a", language="en")]
    assert best(both, ["en"]) == both[0]


def test_where_there_is_no_text_there_is_none() -> None:
    assert best([], ["en"]) is None


@pytest.mark.parametrize(
    ("tag", "usual"),
    [
        ("eng", "en"),
        ("ger", "de"),
        ("deu-AT", "de-AT"),
        ("en_GB", "en-GB"),
        ("ENG", "en"),
        ("fre", "fr"),
        ("en", None),
        ("de-AT", None),
        ("frr", None),
        ("sgn-ase", None),
    ],
)
def test_three_letters_are_two_where_there_are_two(tag: str, usual: str | None) -> None:
    assert usual_tag(tag) == usual
