"""The networks of a release, read by another's program and compared with the dataset."""

import csv
from pathlib import Path
from typing import Any

import networkx
import pytest

NETWORKS = ["participation", "membership", "documents"]
EDGES = {
    "participation": """SELECT ?edge ?source ?target {
      ?edge dlg:agent ?source ; dlg:event ?target
    }""",
    "membership": """SELECT ?edge ?source ?target {
      ?edge a dlg:Membership ; org:member ?source ; org:organization ?target
    }""",
    "documents": """SELECT ?edge ?source ?target {
      ?source ?property ?target .
      ?source a/rdfs:subClassOf* dlg:Document . ?target a/rdfs:subClassOf* dlg:Document
      BIND(CONCAT(STR(?source), " ", STR(?property), " ", STR(?target)) AS ?edge)
    }""",
}


def graph(folder: Path, name: str) -> Any:
    read = networkx.read_graphml(folder / f"networks/{name}.graphml", force_multigraph=True)
    assert read.is_directed()
    return read


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"networks/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_edges_are_those_of_the_dataset(folder: Path, facts: Any, name: str) -> None:
    expected = {edge: (source, target) for edge, source, target in facts(EDGES[name])}
    assert len(expected) > 20
    listed = rows(folder, name)
    assert {row["edge"]: (row["source"], row["target"]) for row in listed} == expected
    assert len(listed) == len(expected)
    read = graph(folder, name)
    iris = dict(read.nodes(data="iri"))
    edges = [(iris[source], iris[target]) for source, target in read.edges()]
    assert sorted(edges) == sorted(expected.values())
    assert set(iris.values()) == {iri for both in expected.values() for iri in both}


@pytest.mark.parametrize("name", NETWORKS)
def test_nodes_have_the_names_and_classes_of_the_dataset(
    folder: Path, facts: Any, name: str
) -> None:
    names = {
        (iri, text)
        for iri, text in facts("SELECT ?t ?n { ?t skos:prefLabel ?n FILTER(LANG(?n) = 'en') }")
    }
    # Who has several names, or none in English, has one of them.
    named_in_english = {iri for iri, _ in names}
    others = {(i, t) for i, t in facts("SELECT ?t ?n { ?t skos:prefLabel ?n }")}
    kinds = set(facts("SELECT ?t ?k { ?t a/rdfs:label ?k FILTER(LANG(?k) = 'en') }"))
    for _, node in graph(folder, name).nodes(data=True):
        allowed = names if node["iri"] in named_in_english else others
        assert (node["iri"], node["name"]) in allowed
        assert (node["iri"], node["kind"]) in kinds


def test_roles_and_evidence_of_participation_are_those_of_the_dataset(
    folder: Path, facts: Any
) -> None:
    def known(query: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for edge, value in facts(query):
            found.setdefault(edge, set()).add(value)
        return found

    roles = known("""SELECT ?edge ?role {
      ?edge dlg:agent ?agent ; org:role/skos:prefLabel ?role FILTER(LANG(?role) = "en")
    }""")
    evidence = known("""SELECT ?edge ?evidence {
      VALUES ?property { dlg:agent dlg:event org:role }
      ?edge a dlg:Participation
      GRAPH ?evidence { ?edge ?property ?any }
      ?evidence dlg:stance ?stance
      FILTER(?stance IN (dlg:accepted, dlg:inferred, dlg:editorial))
    }""")
    assert (len(roles), len(evidence)) > (1000, 1000)
    edges = [data for *_, data in graph(folder, "participation").edges(data=True)]
    assert {e["iri"]: set(e["role"].split(" | ")) for e in edges if "role" in e} == roles
    assert {e["iri"]: set(e["evidence"].split(" | ")) for e in edges if "evidence" in e} == evidence
    listed = rows(folder, "participation")
    assert {r["edge"]: set(r["role"].split(" | ")) for r in listed if r["role"]} == roles
    # Another role would be seen.
    some = next(iter(roles))
    assert {**roles, some: {"nobody"}} != roles


def test_ids_are_names_that_xml_knows_and_say_what_they_stand_for(folder: Path) -> None:
    read = graph(folder, "participation")
    assert read.nodes["state:PRT"]["name"] == "Portugal"
    assert all(" " not in key and "/" not in key for key in read.nodes)
    assert read.edges["state:PRT", "conference:cimo-16", "participation:cimo-16.PRT"]["rank"] == (
        "minister"
    )
