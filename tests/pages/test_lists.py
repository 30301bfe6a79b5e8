"""How much of a list is known, as pages and JSON say it."""

import pyoxigraph as ox
import pytest

from app.catalog.completeness import Completeness
from app.catalog.labels import Label
from app.namespaces import DLG
from app.pages.display import Display
from app.pages.lists import beside, members, words

LIST, PROPERTY = ox.NamedNode("http://e.org/guests"), ox.NamedNode("http://e.org/guest")
LAND = ox.NamedNode("http://e.org/Land")
NAMES = {
    DLG.wholeList: "whole list",
    DLG.partialList: "partial list",
    DLG.unknownList: "not known",
    LAND: "Land",
}
VIEW = Display(
    {thing: (Label(ox.Literal(name, language="en")),) for thing, name in NAMES.items()},
    {},
    "http://e.org/",
)


def known(
    state: ox.NamedNode, count: int, stated: int | None = None, only: ox.NamedNode | None = None
) -> Completeness:
    return Completeness(LIST, PROPERTY, False, only, state, count, stated)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (known(DLG.wholeList, 10), "10 known, whole list"),
        (known(DLG.wholeList, 9, 9, LAND), "Land: 9 of 9 known, whole list"),
        (known(DLG.partialList, 5, 27), "5 of 27 known, partial list"),
        (known(DLG.partialList, 3), "3 known, partial list"),
        (known(DLG.partialList, 3, 2), "3 known where a source counts 2, partial list"),
        (known(DLG.unknownList, 0, 4, LAND), "not known"),
    ],
)
def test_how_much_is_known_is_said_in_a_few_words(one: Completeness, expected: str) -> None:
    assert words(VIEW, one) == expected


def test_a_list_stands_beside_the_property_that_it_counts_and_beside_no_other() -> None:
    one = known(DLG.wholeList, 10)
    assert beside([one], PROPERTY, inverse=False) == one
    assert beside([one], PROPERTY, inverse=True) is None
    assert beside([one], LIST, inverse=False) is None


def test_json_has_the_numbers_and_the_words() -> None:
    assert members(VIEW, known(DLG.wholeList, 9, 9, LAND)) == {
        "list": "http://e.org/guests",
        "property": "http://e.org/guest",
        "inverse": False,
        "only": "http://e.org/Land",
        "state": DLG.wholeList.value,
        "known": 9,
        "stated": 9,
        "words": "Land: 9 of 9 known, whole list",
    }
