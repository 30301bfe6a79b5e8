"""Which blank node of one reading is which of another."""

import random
import time

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rdf.matching import match, renamed
from app.rdf.parser import read

P, Q = (ox.NamedNode(f"http://e/{name}") for name in "pq")


def shuffled(quads: list[ox.Quad], seed: int) -> tuple[list[ox.Quad], dict[object, object]]:
    """Return the quads in another order with other blank nodes, and which is which."""
    chance = random.Random(seed)
    own = sorted({t for q in quads for t in q if isinstance(t, ox.BlankNode)}, key=str)
    others = [ox.BlankNode(f"other{number}") for number in range(len(own))]
    chance.shuffle(others)
    names = dict(zip(own, others, strict=True))
    result = [renamed(quad, names) for quad in quads]
    chance.shuffle(result)
    return result, dict(names)


def parsed(text: str) -> list[ox.Quad]:
    return list(read(f"@prefix : <http://e/> . {text}").quads)


DISTINCT = {
    "by what is said of them": ":a :p [ :q 1 ] , [ :q 2 ] , [ :r 1 ] .",
    "by who speaks of them": ":a :p [ :q 1 ] . :b :p [ :q 1 ] . :c :r [ :q 1 ] .",
    "by how far they are": ":a :p [ :p [ :p [ :p [] ] ] ] .",
    "by their place in a list": ":a :p ( 1 1 1 1 [] [] [] ) .",
    "by their graph": "_:g { :a :p [] } _:h { :a :q [] } { _:g :r 1 . _:h :r 2 }",
    "by themselves": "_:x :p _:x . _:y :p _:z . _:y :q 1 .",
    "by a circle and a way into it": "_:a :p _:b . _:b :p _:c . _:c :p _:a ; :q 1 .",
}


@pytest.mark.parametrize("text", DISTINCT.values(), ids=list(DISTINCT))
def test_nodes_that_can_be_told_apart_are_matched(text: str) -> None:
    quads = parsed(text)
    for seed in range(5):
        others, names = shuffled(quads, seed)
        assert match(quads, others) == names


ALIKE = {
    "two that say the same": ":a :p [ :q 1 ] , [ :q 1 ] , [] , [] .",
    "two that hold alike ones": ":a :p [ :q [ :q 1 ] , [ :q 1 ] ] , [ :q [ :q 1 ] , [ :q 1 ] ] .",
    "two circles": "_:a :p _:b . _:b :p _:a . _:c :p _:d . _:d :p _:c .",
    "lists that say the same": ":a :p ( 1 [] 1 ) , ( 1 [] 1 ) .",
}


@pytest.mark.parametrize("text", ALIKE.values(), ids=list(ALIKE))
def test_nodes_that_look_alike_are_matched_so_that_everything_fits(text: str) -> None:
    quads = parsed(text)
    for seed in range(5):
        others, _ = shuffled(quads, seed)
        names = match(quads, others)
        assert len(set(names.values())) == len(names)
        assert {renamed(quad, names) for quad in quads} == set(others)


def test_a_node_without_a_counterpart_is_left_out() -> None:
    one = parsed(":a :p [ :q 1 ] , [ :q 2 ] .")
    other = [q for q in shuffled(one, 1)[0] if q.object != ox.Literal(2)]
    names = match(one, other)
    kept = {q.subject for q in one if q.object == ox.Literal(1)}
    assert set(names) == kept
    assert match(one, []) == {}
    assert match([ox.Quad(P, P, Q)], [ox.Quad(P, P, Q)]) == {}


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([P, Q]), st.integers(0, 7)), max_size=12),
    st.integers(0, 99),
)
def test_trees_and_tangles_drawn_at_random_fit(
    edges: list[tuple[int, ox.NamedNode, int]], seed: int
) -> None:
    nodes: list[ox.BlankNode | ox.NamedNode] = [ox.BlankNode(f"n{n}") for n in range(6)]
    nodes += [P, Q]
    # Edges go upwards: without circles, colours tell apart whatever can be.
    quads = [ox.Quad(nodes[s], p, nodes[o]) for s, p, o in edges if s < o]
    others, _ = shuffled(quads, seed)
    names = match(quads, others)
    assert {renamed(quad, names) for quad in quads} == set(others)


def cpu(count: int, text: str) -> float:
    quads = parsed(" ".join(text.replace("#", str(n)) for n in range(count)))
    others, _ = shuffled(quads, 3)
    start = time.process_time()
    names = match(quads, others)
    spent = time.process_time() - start
    assert {renamed(quad, names) for quad in quads} == set(others)
    return spent


@pytest.mark.parametrize(
    "text",
    [":a :p [ :q 1 ] .", ":a# :p ( 1 [ :q # ] [] ) .", "_:x# :p _:y . _:y :q _:x# ."],
    ids=["alike", "different", "around one"],
)
def test_the_time_grows_about_as_the_text(text: str) -> None:
    small, large = (min(cpu(count, text) for _ in range(2)) for count in (300, 2400))
    # Eight times as much: a square would be 64 times.
    assert large < 30 * max(small, 0.002)


def test_a_long_list_of_the_same_is_matched_to_its_end() -> None:
    quads = parsed(":a :p ( " + "1 " * 3000 + ") .")
    others, names = shuffled(quads, 5)
    assert match(quads, others) == names
