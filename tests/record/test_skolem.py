"""Names for what is anonymous: of its content, the same wherever it stands."""

import random

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record.skolem import skolemize

BASE = "https://example.org/"
PREFIX = f"{BASE}.well-known/genid/"


def read(text: str) -> list[ox.Quad]:
    return [*ox.parse(text, format=ox.RdfFormat.TRIG, base_iri=BASE, rename_blank_nodes=True)]


def named(text: str) -> set[str]:
    return {str(quad) for quad in skolemize(read(text), BASE)}


def anonymous(quads: list[ox.Quad]) -> bool:
    return "BlankNode" in repr(quads)


LISTS = """
<s> <p> ( "a" "b" ) .
<t> <p> [ <q> [ <r> "deep" ] ; <q> "x" ] .
"""


def test_nothing_stays_anonymous_and_nothing_else_changes() -> None:
    quads = read(LISTS + "<u> <p> <o> .")
    names = skolemize(quads, BASE)
    assert not anonymous(names)
    # The shape of the graph is the same: each of the nodes has got one name.
    assert len(names) == len(quads)
    # What has a name already keeps it.
    kept = (ox.NamedNode(f"{BASE}{name}") for name in "upo")
    assert ox.Quad(*kept) in names
    made = {q.subject.value for q in names if q.subject.value.startswith(PREFIX)}
    assert len(made) == 4


def test_a_name_depends_on_content_alone() -> None:
    backwards = '<t> <p> [ <q> "x" ; <q> [ <r> "deep" ] ] . <s> <p> ( "a" "b" ) .'
    assert named(LISTS) == named(backwards)


@pytest.mark.parametrize(
    ("change", "renamed"),
    [
        # The node itself, and those that hold it.
        (('"deep"', '"deeper"'), 2),
        (('"x"', '"y"'), 1),
        (('"b"', '"c"'), 2),
        (('"a"', '"c"'), 1),
        (("<s>", "<v>"), 0),
    ],
)
def test_a_change_renames_what_it_is_about_and_nothing_else(
    change: tuple[str, str], renamed: int
) -> None:
    def names(text: str) -> set[str]:
        return {q.subject.value for q in skolemize(read(text), BASE) if PREFIX in q.subject.value}

    assert len(names(LISTS) - names(LISTS.replace(*change))) == renamed


def test_two_of_the_same_content_are_one() -> None:
    assert len(skolemize(read('<s> <p> [ <q> "x" ] . <t> <p> [ <q> "x" ] .'), BASE)) == 3


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("_:a <p> _:b . _:b <p> _:a .", 2),
        ("_:a <p> _:a .", 1),
        ("_:a <p> _:b . _:b <p> _:c . _:c <p> _:a . _:a <q> 'x' .", 3),
        # Two pairs that nothing tells apart: who belongs to whom must not be lost.
        ("_:a <p> _:b . _:b <p> _:a . _:c <p> _:d . _:d <p> _:c . _:a <q> _:c .", 4),
        ("_:a <p> _:b . _:b <p> _:a . <s> <p> [ <q> 'beside' ] .", 3),
        ("_:g { <s> <p> _:a . _:a <q> 'x' }", 2),
        ("<s> <p> <<( _:a <p> _:b )>> . _:a <q> 'x' .", 2),
    ],
)
def test_circles_graphs_and_triples_have_names_too(text: str, nodes: int) -> None:
    quads = read(text)
    names = skolemize(quads, BASE)
    assert not anonymous(names)
    assert len(names) == len(quads)
    assert len({match for q in names for match in str(q).split() if PREFIX in match}) == nodes
    shuffled = [*quads]
    random.Random(1).shuffle(shuffled)
    assert set(skolemize(shuffled, BASE)) == set(names)


_NODES = [ox.BlankNode(f"n{i}") for i in range(4)]
_TERMS = [*_NODES, ox.Literal("x"), ox.NamedNode("https://example.org/o")]


@given(
    st.lists(
        st.tuples(st.sampled_from(_NODES), st.sampled_from("pq"), st.sampled_from(_TERMS)),
        max_size=7,
    ),
    st.permutations(range(4)),
)
def test_labels_and_order_never_matter(
    drawn: list[tuple[ox.BlankNode, str, ox.BlankNode]], order: list[int]
) -> None:
    renamed = dict(zip(_NODES, [ox.BlankNode(f"m{i}") for i in order], strict=True))

    def quads(names: dict[ox.BlankNode, ox.BlankNode]) -> list[ox.Quad]:
        return [
            ox.Quad(names.get(s, s), ox.NamedNode(f"https://example.org/{p}"), names.get(o, o))
            for s, p, o in drawn
        ]

    plain = skolemize(quads({}), BASE)
    assert not anonymous(plain)
    assert set(skolemize(quads(renamed)[::-1], BASE)) == set(plain)
    # Nothing that was not said: back with blank nodes, it is the same or says less twice.
    assert len(plain) <= len(set(quads({})))
