"""Content negotiation: RFC 9110, section 12.5.1."""

import doctest

import pytest

from app.web import negotiation
from app.web.negotiation import choose

OFFERED = ["text/turtle", "application/ld+json", "text/html", "text/csv; header=present"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("  ", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/*", "text/turtle"),
        ("application/*", "application/ld+json"),
        ("text/html, text/turtle", "text/turtle"),
        ("text/html;q=0.9, text/turtle;q=0.8", "text/html"),
        ("text/html;Q=0.9,text/turtle;Q=0.8", "text/html"),
        ("text/html ; q=0.9 , text/turtle ; q=0.8", "text/html"),
        ("text/html;q=0.1, text/*", "text/turtle"),
        ("text/turtle;q=0.1, */*", "application/ld+json"),
        ("text/turtle;q=0.1, text/*;q=0.2, */*;q=0.3", "application/ld+json"),
        ("*/*, text/turtle;q=0", "application/ld+json"),
        ("*/*, text/*;q=0", "application/ld+json"),
        ("text/*;q=0, text/html", "text/html"),
        ("text/html;q=0.001", "text/html"),
        ("text/html;q=0", None),
        ("text/html;q=0.000", None),
        ("*/*;q=0", None),
        ("image/png", None),
        ("image/*", None),
        ("text/html;level=1", None),
        ("text/html;level=1, text/html;q=0.5, text/turtle;q=0.4", "text/html"),
        ("text/csv", "text/csv; header=present"),
        ("text/csv;header=present", "text/csv; header=present"),
        ('text/csv;header="present"', "text/csv; header=present"),
        ("text/csv;header=absent", None),
        ("text/csv;header=present;q=0, text/csv", None),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("text/turtle;charset=UTF-8", "text/turtle"),
        ('text/turtle;charset="utf-8"', "text/turtle"),
        ("text/turtle;charset=latin1", None),
        ('image/png;title="a, text/html", text/turtle;q=0.5', "text/turtle"),
        ('image/png;title="a\\", text/html"', None),
        ("text/html;q=high, text/turtle;q=0.5", "text/turtle"),
        ("text/html;q=2", None),
        ("nonsense", None),
        ("nonsense, text/html", "text/html"),
        (",,text/html,,", "text/html"),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "text/html"),
        ("*;q=.2", "text/turtle"),
        ("text/html;q=0.5, text/html;q=0.9, text/turtle;q=0.8", "text/html"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "text/html",
        ),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen


def test_ties_go_to_our_own_order() -> None:
    assert choose("text/html, text/turtle", ["text/turtle", "text/html"]) == "text/turtle"
    assert choose("text/html, text/turtle", ["text/html", "text/turtle"]) == "text/html"


def test_nothing_offered_is_nothing_chosen() -> None:
    assert choose("*/*", []) is None
    assert choose(None, []) is None


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(negotiation).failed == 0
