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
        # A parameter that no type here has asks for a variant that there is not.
        ("text/html;level=1", "text/html"),
        ("text/html;level=1;q=0", None),
        ("text/html;level=1;q=0, text/html", "text/html"),
        ("text/html;level=1, text/turtle;q=0.9", "text/html"),
        ("text/html;level=1;q=0.1, text/turtle;q=0.9", "text/turtle"),
        ("text/html;level=1;q=0.1, */*;q=0.9", "text/turtle"),
        ("text/html;level=1, text/html;q=0.5, text/turtle;q=0.4", "text/html"),
        ("text/html;level=1, text/html;q=0.3, text/turtle;q=0.4", "text/turtle"),
        ('application/ld+json;profile="http://a/b", */*;q=0.1', "application/ld+json"),
        ("text/turtle;version=1.2", "text/turtle"),
        ("*/*;v=1", "text/turtle"),
        ("text/csv", "text/csv; header=present"),
        ("text/csv;header=present", "text/csv; header=present"),
        ('text/csv;header="present"', "text/csv; header=present"),
        # This one does have that parameter, and not with this value.
        ("text/csv;header=absent", None),
        ("text/csv;header=absent, text/html;q=0.1", "text/html"),
        ("text/csv;header=present;q=0, text/csv", None),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("text/turtle;charset=UTF-8", "text/turtle"),
        ('text/turtle;charset="utf-8"', "text/turtle"),
        ("text/turtle;charset=latin1", "text/turtle"),
        ("text/turtle;charset=latin1;q=0, text/turtle;q=0.1", "text/turtle"),
        ("text/turtle;charset=utf-8;q=0, text/turtle", None),
        ("application/ld+json;charset=utf-8", "application/ld+json"),
        ('image/png;title="a, text/html", text/turtle;q=0.5', "text/turtle"),
        ('image/png;title="a\\", text/html"', None),
        ("text/html;q=high, text/turtle;q=0.5", "text/turtle"),
        ("text/html;q=2", None),
        ("nonsense", None),
        ("nonsense, text/html", "text/html"),
        (",,text/html,,", "text/html"),
        # What is named counts for more than what only a wildcard fits.
        ("application/json, text/html, */*", "text/html"),
        ("*/*, text/html", "text/html"),
        ("text/*, application/ld+json", "application/ld+json"),
        ("*/*, text/*", "text/turtle"),
        ("application/*, text/html;q=0.9, */*", "application/ld+json"),
        # Other names of the same formats.
        ("application/x-turtle", "text/turtle"),
        ("TEXT/N3", "text/turtle"),
        ("text/rdf+n3;q=0.5, text/html;q=0.4", "text/turtle"),
        ("application/x-turtle;q=0", None),
        ("application/x-turtle;q=0, */*", "application/ld+json"),
        ("application/x-json+ld", "application/ld+json"),
        ("application/xhtml+xml", "text/html"),
        ("application/x-unknown", None),
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
    # Once more, from memory; and a list too long to be remembered.
    assert choose(accept, OFFERED) == chosen
    if accept and accept.strip():
        assert choose(accept + ", image/gif" * 60, OFFERED) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("text/csv", "text/csv"),
        ("text/csv;header=present", "text/csv"),
        ("text/csv;header=present;q=0, */*;q=0.5", "text/tab-separated-values"),
        ("text/csv;header=absent", None),
        ("text/csv;charset=utf-8;header=present", "text/csv"),
    ],
)
def test_what_the_answer_will_say_of_a_type_is_known(accept: str, chosen: str | None) -> None:
    assert choose(accept, ["text/csv", "text/tab-separated-values"]) == chosen


def test_ties_go_to_our_own_order() -> None:
    assert choose("text/html, text/turtle", ["text/turtle", "text/html"]) == "text/turtle"
    assert choose("text/html, text/turtle", ["text/html", "text/turtle"]) == "text/html"


def test_nothing_offered_is_nothing_chosen() -> None:
    assert choose("*/*", []) is None
    assert choose(None, []) is None


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(negotiation).failed == 0
