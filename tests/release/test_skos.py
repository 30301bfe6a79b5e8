"""The schemes and topics of a release, read by Skosify, which knows no program of ours.

It reads one scheme at a time, as the vocabulary that it is to its readers, and mends and reports
what SKOS forbids or leaves hanging. It finds nothing to mend.
"""

import logging
from functools import cache
from pathlib import Path

import pytest
import skosify  # type: ignore[import-untyped]
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS

from app.record import inference
from app.record.record import read_record

ROOT = Path(__file__).resolve().parents[2]
HIERARCHY = (SKOS.broader, SKOS.narrower, SKOS.related, SKOS.broaderTransitive)
PREFIXES = f"@prefix skos: <{SKOS}> . @base <http://example.org/> .\n"
SOUND = """
<scheme> a skos:ConceptScheme ; skos:prefLabel "Waters"@en .
<sea> a skos:Concept ; skos:inScheme <scheme> ; skos:prefLabel "sea"@en ;
    skos:topConceptOf <scheme> .
<bay> a skos:Concept ; skos:inScheme <scheme> ; skos:prefLabel "bay"@en ; skos:broader <sea> .
"""
"""A scheme with nothing to report; each flaw is added to it."""
FLAWS = {
    '<lake> a skos:Concept ; skos:inScheme <scheme> ; skos:prefLabel "lake"@en .': [
        "Marking loose concept http://example.org/lake as top concept of scheme "
        "http://example.org/scheme"
    ],
    '<bay> skos:prefLabel "gulf"@en .': [
        "Resource http://example.org/bay has more than one prefLabel@en: choosing bay "
        "(policy: shortest)"
    ],
    '<bay> skos:altLabel "bay"@en .': [
        "Resource http://example.org/bay has 'bay'@en as both prefLabel and altLabel; "
        "removing altLabel"
    ],
    '<bay> skos:altLabel " cove"@en .': [
        "Stripping whitespace from label of http://example.org/bay: ' cove'"
    ],
    "<sea> skos:broader <bay> .": [
        "Hierarchy cycle detected at bay -> sea, but not removed because break_cycles is not active"
    ],
}


@cache
def served() -> Graph:
    """What a release holds of SKOS in its default graph: the record, the rules, the ontology."""
    quads = inference.dataset(read_record(ROOT))
    graph = Graph()
    lines = [
        f"{quad.triple} ."
        for quad in quads
        if quad.graph_name == inference.DEFAULT
        and (quad.predicate.value.startswith(str(SKOS)) or str(SKOS) in str(quad.object))
    ]
    graph.parse(data="\n".join(lines), format="nt")
    return graph


def in_scheme(scheme: URIRef) -> Graph:
    """A scheme and its concepts, with all that is said of them."""
    part = Graph()
    for member in {scheme, *served().subjects(SKOS.inScheme, scheme)}:
        part += served().triples((member, None, None))
    return part


def schemes() -> list[URIRef]:
    found = served().subjects(RDF.type, SKOS.ConceptScheme)
    return sorted(scheme for scheme in found if isinstance(scheme, URIRef))


def reports(graph: Graph, folder: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What Skosify says, at whatever it logs beside the steps of its work."""
    file = folder / "scheme.ttl"
    graph.serialize(file, format="turtle")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        skosify.skosify(str(file))
    return [record.getMessage() for record in caplog.records]


def test_skosify_has_nothing_to_report_of_the_schemes_as_released(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = {scheme: reports(in_scheme(scheme), tmp_path, caplog) for scheme in schemes()}
    assert {scheme: texts for scheme, texts in found.items() if texts} == {}
    # None of them was empty.
    assert len(found) > 10
    assert [s for s in found if not list(served().subjects(SKOS.inScheme, s))] == []


def test_every_concept_is_in_one_of_the_schemes_and_nothing_leads_out_of_it() -> None:
    home = dict(served().subject_objects(SKOS.inScheme))
    concepts = set(served().subjects(RDF.type, SKOS.Concept))
    assert concepts - set(home) == set()
    assert len(concepts) > 150
    leaving = [
        (one, other)
        for predicate in HIERARCHY
        for one, other in served().subject_objects(predicate)
        if home.get(one) != home.get(other)
    ]
    assert leaving == []


def test_a_sound_scheme_gives_no_report(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert reports(Graph().parse(data=PREFIXES + SOUND), tmp_path, caplog) == []


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_broken_scheme_gives_a_report(
    flaw: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    graph = Graph().parse(data=PREFIXES + SOUND + flaw)
    assert reports(graph, tmp_path, caplog) == FLAWS[flaw]
