"""EDTF level 1 is read strictly, and the dates of one thing nest."""

import doctest
from datetime import date, timedelta
from itertools import permutations

import pytest
from edtf import Date, parse_edtf
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.rdf import edtf
from app.rdf.edtf import Bounds

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9998, 12, 31))
MARKS = st.sampled_from(["", "?", "~", "%"])


@st.composite
def single(draw: st.DrawFn) -> str:
    day = draw(DAYS)
    form = draw(st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "season"]))
    if form == "season":
        return f"{day.year:04}-{draw(st.integers(21, 24))}"
    # strftime leaves out the zeros that a year before 1000 begins with.
    return day.isoformat()[: {"%Y": 4, "%Y-%m": 7, "%Y-%m-%d": 10}[form]]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2000", "2000-01-01", "2000-12-31"),
        ("2013-12", "2013-12-01", "2013-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2015-05-19", "2015-05-19", "2015-05-19"),
        ("2012-02-29", "2012-02-29", "2012-02-29"),
        ("2003-12-05/2003-12-06", "2003-12-05", "2003-12-06"),
        ("2013-12/2013", "2013-12-01", "2013-12-31"),
        ("2004-06~", "2004-06-01", "2004-06-30"),
        ("1984?", "1984-01-01", "1984-12-31"),
        ("2004-06-11%", "2004-06-11", "2004-06-11"),
        ("1984~/2004-06%", "1984-01-01", "2004-06-30"),
        ("2001-21", "2001-03-01", "2001-05-31"),
        ("2001-22", "2001-06-01", "2001-08-31"),
        ("2001-23?", "2001-09-01", "2001-11-30"),
        ("2001-24", "2001-12-01", "2002-02-28"),
        ("2003-24", "2003-12-01", "2004-02-29"),
        ("2001-24/2003-21~", "2001-12-01", "2003-05-31"),
        ("199X", "1990-01-01", "1999-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
        ("199X?", "1990-01-01", "1999-12-31"),
        ("2013-XX", "2013-01-01", "2013-12-31"),
        ("2013-02-XX", "2013-02-01", "2013-02-28"),
        ("2012-XX-XX", "2012-01-01", "2012-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
        ("1985-04-12T23:20:30", "1985-04-12", "1985-04-12"),
        ("1985-04-12T23:20:30Z", "1985-04-12", "1985-04-12"),
        ("1985-04-12T24:00:00+01:00", "1985-04-12", "1985-04-12"),
    ],
)
def test_a_date_lies_between_its_first_and_its_last_day(text: str, first: str, last: str) -> None:
    assert edtf.read(text) == Bounds(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2015-05-19", "day"),
        ("1985-04-12T23:20:30Z", "day"),
        ("2003-12-05/2003-12-06", "day"),
        ("2015-05-19/", "day"),
        ("../2015-05-19", "day"),
        ("2013-12", "month"),
        ("2013-12-XX", "month"),
        ("2013-12/..", "month"),
        ("2012-22", "season"),
        ("2013", "year"),
        ("2013-XX-XX", "year"),
        ("2013/", "year"),
        ("198X", "decade"),
        ("19XX", "century"),
        ("1996/1999", "span"),
        ("2008-06/2011", "span"),
        ("2013-04-16/2015-10", "span"),
        ("2013/2013", "span"),
        ("2004-06~", "approximate"),
        ("198X?", "approximate"),
        ("2015-04-28/2017-07-03~", "approximate"),
        ("2017-07-03%/", "approximate"),
    ],
)
def test_a_date_is_told_more_or_less_exactly(text: str, precision: str) -> None:
    assert edtf.precision(text) == precision


def test_the_precision_of_a_wrong_date_is_refused() -> None:
    with pytest.raises(ValueError, match=r"there is no month 13"):
        edtf.precision("2013-13")


@pytest.mark.parametrize(
    ("text", "bounds", "unknown"),
    [
        ("2013-12/..", Bounds(date(2013, 12, 1), None, open_end=True), (False, False)),
        ("2013-12/", Bounds(date(2013, 12, 1), None), (False, True)),
        ("../2013-12", Bounds(None, date(2013, 12, 31), open_start=True), (False, False)),
        ("/2013-12", Bounds(None, date(2013, 12, 31)), (True, False)),
        ("2013~/..", Bounds(date(2013, 1, 1), None, open_end=True), (False, False)),
    ],
)
def test_an_open_and_an_unknown_side_have_no_bound_and_differ(
    text: str, bounds: Bounds, unknown: tuple[bool, bool]
) -> None:
    read = edtf.read(text)
    assert (read, (read.unknown_start, read.unknown_end)) == (bounds, unknown)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no date"),
        (" ", "there is no date"),
        (" 2000", "“ 2000” begins or ends with white space: write “2000”"),
        ("2000\n", "“2000\\n” begins or ends with white space: write “2000”"),
        ("2013-02-30", "there is no such day: the days of 2013-02 are 01 to 28"),
        ("2011-02-29", "there is no such day: the days of 2011-02 are 01 to 28"),
        ("1900-02-29", "there is no such day: the days of 1900-02 are 01 to 28"),
        ("2013-04-31", "there is no such day: the days of 2013-04 are 01 to 30"),
        ("2013-12-00", "there is no such day: the days of 2013-12 are 01 to 31"),
        ("9999-12-32", "there is no such day: the days of 9999-12 are 01 to 31"),
        ("2013-02-30T10:00:00Z", "“2013-02-30”: there is no such day"),
        ("2013-13", "there is no month 13"),
        ("2013-00-05", "there is no month 00"),
        ("2013-13/2014", "“2013-13”: there is no month 13"),
        ("2013-1", "a month and a day have two digits"),
        ("20131205", "a year has four digits, a month and a day two"),
        ("476", "a year has four digits"),
        ("2013-12-06/2013-12-05", "ends before it begins: is it “2013-12-05/2013-12-06”?"),
        ("2014/2013", "ends before it begins"),
        ("../..", "neither a first nor a last day"),
        ("/", "neither a first nor a last day"),
        ("2013/2014/2015", "is no date of EDTF level 1"),
        ("2013 /2014", "is no date of EDTF level 1"),
        ("2013-12-05T10:00:00/2013-12-06", "leave the time of day out"),
        ("2013-12-05T10:00", "a time is complete to the second"),
        ("2001-25", "the season 25 is level 2"),
        ("2001-21-04", "21 means spring, which has no days here"),
        ("9999-24", "ends after 9999"),
        ("1XXX", "digits left open elsewhere than at the end are level 2"),
        ("XXXX", "digits left open elsewhere than at the end are level 2"),
        ("199X-12", "digits left open elsewhere than at the end are level 2"),
        ("2013-XX-05", "digits left open elsewhere than at the end are level 2"),
        ("2013-1X", "digits left open elsewhere than at the end are level 2"),
        ("2004-06-XX/2004-07-03", "digits left open within an interval are level 2"),
        ("2004-06~-11", "a mark within a date is level 2"),
        ("2004-06-%11", "a mark within a date is level 2"),
        ("?2004", "a mark within a date is level 2"),
        ("2004?~", "a mark within a date is level 2"),
        ("[2000,2001]", "a set of dates is level 2"),
        ("{2000..2003}", "a set of dates is level 2"),
        ("1950S2", "significant digits (S) are level 2"),
        ("Y17E7", "a year with an exponent is level 2"),
        ("0000", "there is no year 0000"),
        ("00XX", "there is no year 0000"),
        ("-0044", "a year before 0001: no day of it can be written as xsd:date"),
        ("-0044/2000", "“-0044”: a year before 0001"),
        ("Y-170000", "a year before 0001"),
        ("Y17000", "a year after 9999: no day of it can be written as xsd:date"),
        ("Y1700", "Y begins a year of five digits or more"),
        ("5/12/2013", "write year, month, day: 2013-12-05"),
        ("05.12.2013", "write year, month, day: 2013-12-05"),
        ("2015-2016", "between first and last stands a slash"),
        ("2015–2016", "between first and last stands a slash"),
        ("19 May 2015", "is no date of EDTF level 1: write 2013, 2013-12"),
        ("２０１３", "is no date of EDTF level 1"),
    ],
)
def test_a_wrong_date_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        edtf.read(text)
    assert reason in str(refused.value)


@given(st.text(max_size=80) | st.text(alphabet="0123456789XY-/.?~%T:Z[],S\n ", max_size=24))
@example("9" * 100_000)
@example("2013-12-05" + "T" * 50_000)
def test_whatever_the_text_it_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        first, last, *_ = edtf.read(text)
    except ValueError as refused:
        assert str(refused).isprintable()
        assert len(str(refused)) < 300
    else:
        assert first is None or last is None or first <= last


@given(DAYS)
def test_a_day_its_month_and_its_year_nest(day: date) -> None:
    texts = [day.isoformat()[:length] for length in (4, 7, 10)]
    assert edtf.apart(texts) is None
    assert edtf.narrowest(texts) == Bounds(day, day)
    assert all(edtf.read(text).holds(Bounds(day, day)) for text in texts)


@given(single(), MARKS)
def test_a_mark_of_uncertainty_keeps_the_bounds(text: str, mark: str) -> None:
    assert edtf.read(text + mark) == edtf.read(text)


@given(single())
def test_the_bounds_of_one_date_are_those_of_the_library_but_for_winter(text: str) -> None:
    assume(not text.endswith("-24"))
    parsed = parse_edtf(text)
    strict = tuple(date(*b[:3]) for b in (parsed.lower_strict(), parsed.upper_strict()))
    assert edtf.read(text)[:2] == strict


@given(single(), single())
def test_an_interval_reaches_from_the_first_day_to_the_last(start: str, end: str) -> None:
    first, last = edtf.read(start).first, edtf.read(end).last
    assert first is not None
    assert last is not None
    if first <= last:
        assert edtf.read(f"{start}/{end}") == Bounds(first, last)
    else:
        with pytest.raises(ValueError, match="ends before it begins"):
            edtf.read(f"{start}/{end}")


@given(DAYS, st.integers(1, 400))
def test_two_different_days_do_not_nest(day: date, days: int) -> None:
    assume(day < date(9990, 1, 1))
    other = (day + timedelta(days=days)).isoformat()
    assert edtf.apart([other, day.isoformat()]) == (day.isoformat(), other)
    with pytest.raises(ValueError, match="do not nest"):
        edtf.narrowest([day.isoformat(), other])


@given(st.lists(single(), min_size=2, max_size=4))
def test_dates_are_apart_exactly_where_two_of_them_are(texts: list[str]) -> None:
    pairs = {(a, b) for a, b in permutations(texts, 2) if not edtf.read(a).holds(edtf.read(b))}
    unnested = {(a, b) for a, b in pairs if (b, a) in pairs}
    found = edtf.apart(texts)
    assert (found in unnested) if unnested else found is None
    assert all(edtf.apart(order) == found for order in permutations(texts))


def test_a_date_within_an_open_interval_is_the_narrower_one() -> None:
    assert edtf.apart(["2013-12/..", "2013-12/", "2013-12/2015"]) is None
    assert edtf.narrowest(["2013-12/..", "2013-12/2015"]).last == date(2015, 12, 31)
    assert edtf.apart(["2013-12/..", "2013"]) == ("2013", "2013-12/..")


def test_no_date_at_all_has_no_narrowest() -> None:
    with pytest.raises(ValueError, match="there is no date"):
        edtf.narrowest([])


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_plain_dates_have_the_bounds_that_the_library_gives(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    theirs = Date.parse(text)
    assert edtf.read(text)[:2] == (
        date(*theirs.lower_strict()[:3]),
        date(*theirs.upper_strict()[:3]),
    )


def test_the_examples_are_true() -> None:
    assert doctest.testmod(edtf) == (0, 3)
