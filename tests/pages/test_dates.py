"""Dates in words."""

import doctest

import pytest

from app.pages import dates


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2000", "2000"),
        ("2013-12", "December 2013"),
        ("2015-05-19", "19 May 2015"),
        ("2013-12/..", "since December 2013"),
        ("2013-12/", "from December 2013, end unknown"),
        ("../2015", "until 2015"),
        ("/2015", "until 2015, beginning unknown"),
        ("2004-06~", "about June 2004"),
        ("2004?", "2004 (uncertain)"),
        ("2004-06-01%", "about 1 June 2004 (uncertain)"),
        ("2003-12-05/2003-12-06", "5–6 December 2003"),
        ("2003-11-30/2003-12-01", "30 November to 1 December 2003"),
        ("2003-12-31/2004-01-01", "31 December 2003 to 1 January 2004"),
        ("2003-05/2003-06", "May to June 2003"),
        ("1999/2000", "1999–2000"),
        ("1999~/2000", "about 1999 to 2000"),
        ("2000/2000", "2000"),
        ("2012-22", "summer 2012"),
        ("198X", "the 1980s"),
        ("20XX", "2000–2099"),
        ("2004-XX", "some time in 2004"),
        ("2004-06-XX", "some day in June 2004"),
    ],
)
def test_a_date_of_edtf_is_told_in_words(text: str, said: str) -> None:
    assert dates.edtf(text) == said


@pytest.mark.parametrize(
    "text", ["", "2004-13", "2004-02-30", "../..", "/", "2004-6", "<b>", "١٩٩٠"]
)
def test_what_is_no_date_comes_back_as_it_was(text: str) -> None:
    assert dates.edtf(text) == text
    assert dates.day(text) == text


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("2015-05-19", "2015-05-19", "19 May 2015"),
        ("2003-12-05", "2003-12-06", "5–6 December 2003"),
        ("2004-02-01", "2004-02-29", "February 2004"),
        ("2003-12-01", "2003-12-31", "December 2003"),
        ("2000-01-01", "2000-12-31", "2000"),
        ("1996-01-01", "1999-12-31", "1996–1999"),
        ("2000-07-01", "2002-07-31", "July 2000 to July 2002"),
        ("2013-12-01", None, "since 1 December 2013"),
        ("9999-12-31", "9999-12-31", "31 December 9999"),
    ],
)
def test_the_days_between_are_told_as_the_month_or_year_that_they_fill(
    begins: str, ends: str | None, said: str
) -> None:
    assert dates.span(begins, ends) == said


def test_a_time_of_day_is_told_with_its_zone() -> None:
    assert dates.day("2018-01-16T15:14:00") == "16 January 2018, 15:14"
    assert dates.day("2018-01-16T15:14:00.5Z") == "16 January 2018, 15:14 UTC"
    assert dates.day("2018-01-16T15:14:00+01:00") == "16 January 2018, 15:14 +01:00"


def test_the_examples_in_the_documentation_are_right() -> None:
    assert doctest.testmod(dates).failed == 0
