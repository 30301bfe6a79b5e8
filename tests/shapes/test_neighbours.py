"""Beside whatever breaks a rule over the whole graph, something of its kind stays silent.

Such a rule stands on one target and looks for what is at fault itself; a query that lost what
ties it to a node would blame everything alike. So each has a case with a neighbour, and
`test_cases.py` holds the findings to the nodes at fault.
"""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from overlay import base, breaking, expected, laid_over, name

from app.namespaces import BASE, DLG, RDF, RDFS, SH
from app.record import inference

BOUND = re.compile(r"BIND\((\S+) AS \?path\)")


def queries() -> dict[str, str]:
    """The query of each rule over the whole graph, by the name of the rule."""
    triples = [quad.triple for quad in inference.quads(base().shapes)]
    texts = {t.subject: t.object.value for t in triples if t.predicate == SH.select}
    asked = [t for t in triples if t.predicate == SH.sparql and t.object in texts]
    return {t.subject.value.rpartition("#")[2]: texts[t.object] for t in asked}


QUERIES = queries()


def full(short: str) -> ox.NamedNode:
    """The whole name of a node at fault, or of a property."""
    if short.startswith("<"):
        return ox.NamedNode(short[1:-1])
    spaces = {prefix: space for d in base().documents for prefix, space in d.prefixes.items()}
    prefix, _, local = short.partition(":")
    return ox.NamedNode((spaces | base().prefixes)[prefix] + local)


def alike(case: Path, blamed: set[ox.NamedNode]) -> set[object]:
    """What of a case the rule looks at as it does at the nodes at fault, and blames for nothing.

    That is what has the property that the rule finds fault with; where it names none, what is of
    one of our classes with each node at fault.
    """
    record = laid_over(case)
    triples = inference.held(inference.quads((*record.data, *record.ontology)))
    if bound := BOUND.search(QUERIES[case.parent.name]):
        return {t.subject for t in triples if t.predicate == full(bound[1])} - blamed
    kinds = [
        {t.object for t in triples if t.subject == n and t.predicate == RDF.type} for n in blamed
    ]
    wider = {(t.subject, t.object) for t in triples if t.predicate == RDFS.subClassOf}
    for classes in kinds:
        while more := {above for below, above in wider if below in classes} - classes:
            classes |= more
    shared = {kind for kind in set.intersection(*kinds) if str(kind).startswith(f"<{DLG}")}
    below = shared | {below for below, above in wider if above in shared}
    return {t.subject for t in triples if t.predicate == RDF.type and t.object in below} - blamed


@pytest.mark.parametrize("shape", sorted(QUERIES))
def test_a_rule_over_the_whole_graph_has_a_case_with_a_neighbour_that_is_sound(shape: str) -> None:
    cases = breaking(shape)
    blamed = {case: {full(node) for node in expected()[name(case)]} for case in cases}
    assert [case for case in cases if alike(case, blamed[case])], "each case blames all there is"


def test_the_neighbours_of_a_case_are_what_its_rule_looks_at_and_does_not_blame() -> None:
    (case,) = (case for case in breaking("Document-reaffirms") if case.stem == "what-comes-later")
    blamed = {ox.NamedNode(BASE + "id/document/lisbon-declaration-2015")}
    other = ox.NamedNode(BASE + "id/document/paris-conclusions-2016")
    assert alike(case, blamed) == {other}
    assert alike(case, blamed | {other}) == set()
