"""Strikes: what is remembered of whom, for how long, and what two queries have in common."""

import doctest

import pytest
from clock import Clock
from hypothesis import given
from hypothesis import strategies as st

from app.engine import strikes
from app.engine.strikes import HALF_LIFE, SUSPECT, Strikes, shape_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_strike_makes_nobody_suspect_and_two_do(clock: Clock) -> None:
    found: Strikes[str] = Strikes(10, clock)
    assert not found.is_suspect("a")
    found.add("a")
    assert not found.is_suspect("a")
    found.add("a")
    assert found.is_suspect("a")
    assert not found.is_suspect("b")
    assert (found.of("a"), found.of("b")) == (2.0, 0.0)


def test_a_strike_counts_half_after_its_half_life(clock: Clock) -> None:
    found: Strikes[str] = Strikes(10, clock)
    found.add("a", 2)
    clock.now += HALF_LIFE
    assert found.of("a") == pytest.approx(1.0)
    clock.now += HALF_LIFE
    assert found.of("a") == pytest.approx(0.5)
    found.add("a")
    assert found.of("a") == pytest.approx(1.5)
    assert found.is_suspect("a")


def test_one_kill_every_minute_makes_nobody_suspect_and_one_in_half_a_minute_does(
    clock: Clock,
) -> None:
    found: Strikes[str] = Strikes(10, clock)
    for _ in range(100):
        found.add("now and then")
        assert not found.is_suspect("now and then")
        clock.now += 2 * HALF_LIFE
    for _ in range(10):
        found.add("again and again")
        clock.now += HALF_LIFE / 2
    assert found.is_suspect("again and again")


def test_it_is_known_when_a_client_is_not_suspect_any_more(clock: Clock) -> None:
    found: Strikes[str] = Strikes(10, clock)
    for _ in range(4):
        found.add("a")
    seconds = found.seconds("a")
    assert seconds == 43  # 30 × log2(4 / 1.5)
    clock.now += seconds - 1
    assert found.is_suspect("a")
    clock.now += 1
    assert not found.is_suspect("a")
    assert (found.seconds("a"), found.seconds("b")) == (0, 0)


def test_strikes_that_are_taken_away_or_old_are_forgotten(clock: Clock) -> None:
    found: Strikes[str] = Strikes(10, clock)
    assert not found
    found.add("a")
    assert found
    for _ in range(10):
        found.add("a", -0.1)
    assert not found
    found.add("a", -1)
    assert not found
    found.add("b")
    clock.now += 10 * HALF_LIFE
    assert not found


def test_only_so_many_are_remembered_those_who_were_struck_last(clock: Clock) -> None:
    found: Strikes[int] = Strikes(100, clock)
    for number in range(1000):
        found.add(0, 2)
        found.add(number, 2)
    remembered = [number for number in range(1000) if found.of(number)]
    assert remembered == [0, *range(901, 1000)]


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 3), st.floats(0, 100)), max_size=60))
def test_strikes_are_never_negative_and_only_fall_by_themselves(
    events: list[tuple[int, float, float]],
) -> None:
    clock = Clock()
    found: Strikes[int] = Strikes(4, clock)
    for key, count, seconds in events:
        found.add(key, count)
        before = [found.of(key) for key in range(6)]
        assert sum(map(bool, before)) <= 4
        clock.now += seconds
        after = [found.of(key) for key in range(6)]
        assert all(0 <= then <= now for now, then in zip(before, after, strict=True))
        assert all((n > SUSPECT) == (found.seconds(k) > 0) for k, n in enumerate(after))


ONE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(?c != 'x') } LIMIT 10"


@pytest.mark.parametrize(
    "text",
    [
        ONE.replace("'x'", '"""another "text" """'),
        ONE.replace("'x'", "'x'@pt-BR"),
        ONE.replace("'x'", "'x'^^<http://a/b>"),
        ONE.replace("'x'", "<http://a/b>"),
        ONE.replace("'x'", "ex:name"),
        ONE.replace("'x'", "42"),
        ONE.replace("'x'", "4.25"),
        ONE.replace("'x'", "false"),
        ONE.replace("LIMIT 10", "LIMIT 1000000"),
        ONE.replace("?a", "?zoé").replace("?f", "$other"),
        ONE.lower().replace("as ?n", "as ?N"),
        ONE.replace(" ", "\n\n\t"),
        ONE.replace("{", "{ # why\n"),
        "PREFIX ex: <http://example.org/>\nBASE <http://a/>\n# 1\n" + ONE,
    ],
    ids=str,
)
def test_a_query_with_other_constants_names_and_spaces_has_the_same_shape(text: str) -> None:
    assert text != ONE
    assert shape_of(text) == shape_of(ONE)


@pytest.mark.parametrize(
    "text",
    [
        ONE.replace("?d", "?c"),
        ONE.replace("?d ?e", "?d <http://a/b>"),
        ONE.replace("!=", "="),
        ONE.replace("COUNT", "SUM"),
        ONE.replace("LIMIT 10", ""),
        ONE.replace(" . ", " OPTIONAL { ?x ?y ?z } "),
        "ASK { ?a ?b ?c }",
        "",
    ],
    ids=str,
)
def test_a_query_that_does_something_else_has_another_shape(text: str) -> None:
    assert shape_of(text) != shape_of(ONE)


def test_a_long_list_of_constants_is_like_a_short_one() -> None:
    query = "SELECT * { ?s ?p ?o FILTER(?o IN (%s)) }"
    short = shape_of(query % "1, 2")
    assert shape_of(query % ", ".join(map(str, range(200)))) == short
    assert shape_of(query % "1, ?x") != short


def test_what_is_too_long_to_be_looked_at_has_the_shape_of_its_beginning() -> None:
    padding = "PREFIX a: <http://a/>\n" * 10_000
    assert shape_of(padding + ONE) == shape_of(padding + "ASK {}")
    assert shape_of(padding + ONE) != shape_of(ONE)


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(strikes).failed == 0
