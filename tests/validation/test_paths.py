"""Property paths: read, walked, written, and the way that was taken."""

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from app.namespaces import SH, Namespace
from app.rdf.terms import Term
from app.validation import paths
from app.validation.engines.native import Graph
from app.validation.paths import (
    AlternativePath,
    InversePath,
    OneOrMorePath,
    Path,
    PredicatePath,
    SequencePath,
    ZeroOrMorePath,
    ZeroOrOnePath,
)

E = Namespace("http://example.org/")
P, Q = PredicatePath(E.p), PredicatePath(E.q)
NODES = [E[name] for name in "abcd"]
PREFIXES = (
    "@prefix e: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
)


def graph(turtle: str) -> Graph:
    return Graph(ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("turtle", "path", "text"),
    [
        ("e:p", P, "e:p"),
        ("[ sh:inversePath e:p ]", InversePath(P), "^e:p"),
        ("( e:p e:q )", SequencePath((P, Q)), "e:p/e:q"),
        ("[ sh:alternativePath ( e:p e:q ) ]", AlternativePath((P, Q)), "e:p|e:q"),
        ("[ sh:zeroOrMorePath e:p ]", ZeroOrMorePath(P), "e:p*"),
        ("[ sh:oneOrMorePath e:p ]", OneOrMorePath(P), "e:p+"),
        ("[ sh:zeroOrOnePath e:p ]", ZeroOrOnePath(P), "e:p?"),
        (
            "[ sh:inversePath ( e:p [ sh:zeroOrMorePath [ sh:inversePath e:q ] ] ) ]",
            InversePath(SequencePath((P, ZeroOrMorePath(InversePath(Q))))),
            "^(e:p/((^e:q)*))",
        ),
    ],
)
def test_paths_are_read_and_written(turtle: str, path: Path, text: str) -> None:
    shapes = graph(f"e:s sh:path {turtle} .")
    assert paths.read(shapes, shapes.objects(E.s, SH.path)[0]) == path
    assert paths.text(path, lambda iri: iri.value.replace("http://example.org/", "e:")) == text
    assert set(paths.predicates(path)) <= {E.p, E.q}


@pytest.mark.parametrize(
    "turtle",
    [
        '"p"',
        "[]",
        "( e:p )",
        "( e:p 1 )",
        "[ sh:alternativePath e:p ]",
        "[ sh:alternativePath ( e:p ) ]",
        "[ sh:inversePath e:p, e:q ]",
        "[ sh:inversePath e:p ; sh:oneOrMorePath e:p ]",
        "_:p . _:p sh:inversePath [ sh:zeroOrMorePath _:p ]",
        "[ rdf:first e:p ]",
        "[ rdf:first e:p ; rdf:rest e:q ]",
        "[ rdf:first e:p, e:q ; rdf:rest ( e:p ) ]",
        "_:l . _:l rdf:first e:p ; rdf:rest _:l",
    ],
)
def test_what_is_no_path_is_told(turtle: str) -> None:
    shapes = graph(f"e:s sh:path {turtle} .")
    with pytest.raises(paths.IllFormed):
        paths.read(shapes, shapes.objects(E.s, SH.path)[0])


def test_deep_paths_end() -> None:
    def nested(depth: int) -> Graph:
        steps = " ".join(f"_:p{n} sh:inversePath _:p{n + 1} ." for n in range(depth))
        return graph(f"e:s sh:path _:p0 . {steps} _:p{depth} sh:inversePath e:p .")

    shapes = nested(5000)
    with pytest.raises(paths.IllFormed, match="deep"):
        paths.read(shapes, shapes.objects(E.s, SH.path)[0])
    shapes = nested(50)
    assert paths.read(shapes, shapes.objects(E.s, SH.path)[0])


def test_a_list_that_is_something_else_besides_is_the_list() -> None:
    shapes = graph(
        "e:s sh:path [ rdf:first e:p ; rdf:rest ( e:q ) ; sh:inversePath e:p ], ( e:p e:q ) ."
    )
    strange, plain = shapes.objects(E.s, SH.path)
    assert paths.read(shapes, strange) == SequencePath((P, Q))
    assert paths.is_ambiguous(shapes, strange)
    assert not paths.is_ambiguous(shapes, plain)


def test_endless_lists_end() -> None:
    class Endless:
        """A list without an end."""

        def __init__(self) -> None:
            self.number = 0

        def objects(self, subject: Term, predicate: ox.NamedNode) -> Sequence[Term]:
            self.number += 1
            return (ox.BlankNode(f"n{self.number}"),)

        subjects = objects

    with pytest.raises(paths.IllFormed, match="more than 1,000,000 members"):
        paths.members(Endless(), ox.BlankNode())


_PATHS = st.recursive(
    st.sampled_from([P, Q]),
    lambda inner: st.one_of(
        st.builds(InversePath, inner),
        st.builds(SequencePath, st.tuples(inner, inner)),
        st.builds(AlternativePath, st.tuples(inner, inner)),
        st.builds(ZeroOrMorePath, inner),
        st.builds(OneOrMorePath, inner),
        st.builds(ZeroOrOnePath, inner),
    ),
    max_leaves=6,
)
_TRIPLES = st.lists(
    st.builds(ox.Triple, *map(st.sampled_from, (NODES, [E.p, E.q], NODES))), min_size=1, max_size=9
)


@given(_PATHS, _TRIPLES)
def test_value_nodes_are_those_of_sparql(path: Path, triples: list[ox.Triple]) -> None:
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples)
    store.extend(ox.Quad(node, E.r, node) for node in NODES)
    step = paths.follow(path, Graph(triples))
    for node in NODES:
        answer = store.query(f"SELECT DISTINCT ?x {{ {node} {paths.text(path)} ?x }}")
        values = step(node)
        assert len(values) == len(set(values))
        assert set(values) == {solution["x"] for solution in answer}


@given(_PATHS, _TRIPLES)
def test_a_way_leads_to_each_value_node_and_to_no_other(
    path: Path, triples: list[ox.Triple]
) -> None:
    data = Graph(triples)
    for start in NODES:
        values = paths.follow(path, data)(start)
        for end in NODES:
            way = paths.way(path, start, end, data)
            assert (way is not None) is (end in values)
            if way is None:
                continue
            note(way)
            along = [ox.Triple(*triple) for triple in way]
            assert set(along) <= set(triples)
            # The triples of the way are enough for it.
            assert end in paths.follow(path, Graph(along))(start)


def test_the_way_is_a_shortest_one_and_its_triples_are_as_they_are_written() -> None:
    data = graph("e:a e:p e:b . e:b e:p e:c . e:d e:p e:c . e:d e:q e:a . e:c e:q e:c .")
    anywhere = ZeroOrMorePath(AlternativePath((P, InversePath(P), InversePath(Q))))
    assert paths.way(anywhere, E.a, E.c, data) == ((E.d, E.q, E.a), (E.d, E.p, E.c)) or paths.way(
        anywhere, E.a, E.c, data
    ) == ((E.a, E.p, E.b), (E.b, E.p, E.c))
    assert paths.way(InversePath(SequencePath((P, Q))), E.c, E.b, data) == (
        (E.c, E.q, E.c),
        (E.b, E.p, E.c),
    )
    assert paths.way(ZeroOrMorePath(P), E.a, E.a, data) == ()
    assert paths.way(OneOrMorePath(P), E.a, E.a, data) is None


def test_a_walk_takes_no_more_time_than_there_is_graph() -> None:
    # Of each node to the next there are two ways: two to the power of sixty in all.
    steps = [ox.Triple(E[f"n{n}"], p, E[f"n{n + 1}"]) for n in range(60) for p in (E.p, E.q)]
    either: Path = AlternativePath((P, Q))
    for _ in range(6):
        either = SequencePath((either, either))
    data = Graph(steps)
    assert paths.follow(either, data)(E.n0) == []
    assert len(paths.follow(ZeroOrMorePath(ZeroOrMorePath(either)), data)(E.n0)) == 1
