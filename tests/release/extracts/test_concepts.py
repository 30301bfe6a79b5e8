"""The topics of a release in SKOS alone, read by Skosify and by an independent reader."""

import logging
from pathlib import Path
from typing import Any

import pytest
import skosify  # type: ignore[import-untyped]
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import SKOS

SCHEMES = """SELECT DISTINCT ?thing ?property ?value (LANG(?value) AS ?tag) {
  VALUES ?sort { skos:Concept skos:ConceptScheme skos:Collection }
  ?thing a ?sort ; ?property ?value
  FILTER(
    STRSTARTS(STR(?property), STR(skos:))
    || (STRENDS(STR(?property), "#type") && STRSTARTS(STR(?value), STR(skos:)))
  )
}"""


@pytest.fixture(scope="module")
def graph(folder: Path) -> Graph:
    return Graph().parse(folder / "topics.ttl")


def test_it_has_what_the_dataset_says_of_its_concepts_in_skos(graph: Graph, facts: Any) -> None:
    expected = {(s, p, v, tag or "") for s, p, v, tag in facts(SCHEMES)}
    shown = {
        (str(s), str(p), str(v), (v.language or "") if isinstance(v, Literal) else "")
        for s, p, v in graph
    }
    assert shown == expected
    assert len(set(graph.subjects(RDF.type, SKOS.Concept))) > 200


def test_it_says_nothing_in_other_words_than_those_of_skos(graph: Graph) -> None:
    others = {p for p in graph.predicates() if not p.startswith(str(SKOS))}
    assert others == {RDF.type}
    assert {t for t in graph.objects(None, RDF.type) if not str(t).startswith(str(SKOS))} == set()


def test_skosify_reports_nothing_of_any_scheme(
    graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    schemes = sorted(graph.subjects(RDF.type, SKOS.ConceptScheme))
    assert len(schemes) > 10
    assert {s: reports(part(graph, s), tmp_path, caplog) for s in schemes} == {
        s: [] for s in schemes
    }


def test_skosify_would_report_a_flaw(
    graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scheme = sorted(graph.subjects(RDF.type, SKOS.ConceptScheme))[0]
    flawed = part(graph, scheme)
    flawed.add((URIRef("http://e.org/loose"), RDF.type, SKOS.Concept))
    flawed.add((URIRef("http://e.org/loose"), SKOS.inScheme, scheme))
    flawed.add((URIRef("http://e.org/loose"), SKOS.prefLabel, Literal("loose", "en")))
    assert reports(flawed, tmp_path, caplog) == [
        f"Marking loose concept http://e.org/loose as top concept of scheme {scheme}"
    ]


def part(graph: Graph, scheme: Any) -> Graph:
    """Return a scheme and its concepts: Skosify reads one vocabulary at a time."""
    found = Graph()
    for member in {scheme, *graph.subjects(SKOS.inScheme, scheme)}:
        found += graph.triples((member, None, None))
    return found


def reports(graph: Graph, folder: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Skosify says beside the steps of its work."""
    file = folder / "scheme.ttl"
    graph.serialize(file, format="turtle")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        skosify.skosify(str(file))
    return [record.getMessage() for record in caplog.records]
