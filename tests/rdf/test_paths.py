"""Property paths: where they lead and by which triples, against rdflib."""

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

from app.rdf import paths
from app.rdf.terms import Term

EX = "http://example.org/"
NAMES = "abcde"
PATHS = st.recursive(
    st.sampled_from("pq").map(lambda name: paths.PredicatePath(ox.NamedNode(EX + name))),
    lambda inner: st.one_of(
        inner.map(paths.InversePath),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: paths.SequencePath(tuple(p))),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: paths.AlternativePath(tuple(p))),
        inner.map(paths.ZeroOrMorePath),
        inner.map(paths.OneOrMorePath),
        inner.map(paths.ZeroOrOnePath),
    ),
    max_leaves=4,
)
TRIPLES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from("pq"), st.sampled_from(NAMES)), max_size=8
)


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


class Walked:
    """Triples by name, to be walked."""

    def __init__(self, names: list[tuple[str, str, str]]) -> None:
        self.triples = [(node(s), node(p), node(o)) for s, p, o in names]

    def objects(self, subject: Term, predicate: ox.NamedNode) -> list[Term]:
        return [o for s, p, o in self.triples if (s, p) == (subject, predicate)]

    def subjects(self, value: Term, predicate: ox.NamedNode) -> list[Term]:
        return [s for s, p, o in self.triples if (o, p) == (value, predicate)]


def theirs(path: paths.Path) -> object:
    """Return the same path for rdflib."""
    if isinstance(path, paths.PredicatePath):
        return URIRef(path.iri.value)
    if isinstance(path, paths.InversePath):
        return InvPath(theirs(path.path))  # type: ignore[arg-type]
    if isinstance(path, paths.SequencePath):
        return SequencePath(*map(theirs, path.parts))  # type: ignore[arg-type]
    if isinstance(path, paths.AlternativePath):
        return AlternativePath(*map(theirs, path.parts))  # type: ignore[arg-type]
    marks = {paths.ZeroOrMorePath: "*", paths.OneOrMorePath: "+", paths.ZeroOrOnePath: "?"}
    return MulPath(theirs(path.path), marks[type(path)])  # type: ignore[arg-type]


def pairs(triples: list[tuple[Term, ox.NamedNode, Term]], path: paths.Path) -> set[tuple[str, str]]:
    graph = Graph()
    for triple in triples:
        graph.add(tuple(URIRef(term.value) for term in triple))  # type: ignore[arg-type, union-attr]
    return {(str(s), str(o)) for s, o in graph.subject_objects(theirs(path))}  # type: ignore[arg-type]


@given(TRIPLES, PATHS)
def test_a_path_leads_where_rdflib_says_and_by_triples_that_are_enough(
    names: list[tuple[str, str, str]], path: paths.Path
) -> None:
    walked = Walked(names)
    ends = pairs(walked.triples, path)
    for start in map(node, NAMES):
        for end in map(node, NAMES):
            way = paths.way(path, start, end, walked)
            if way is None:
                assert (start.value, end.value) not in ends
                continue
            assert set(way) <= set(walked.triples)
            # rdflib finds no way of no step from a node that no triple names.
            assert (start.value, end.value) in (
                pairs(list(way), path) if way else {*ends, (start.value, start.value)}
            )


@given(TRIPLES, PATHS)
def test_no_shorter_way_leads_to_the_same_end(
    names: list[tuple[str, str, str]], path: paths.Path
) -> None:
    walked = Walked(names)
    for start in map(node, NAMES):
        for end in map(node, NAMES):
            for triple in (way := paths.way(path, start, end, walked) or ()):
                fewer = [step for step in way if step != triple]
                assert not fewer or (start.value, end.value) not in pairs(fewer, path)
