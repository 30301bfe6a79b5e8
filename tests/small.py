"""A record small enough to see at a glance, for tests that change it."""

from pathlib import Path

DATASET = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/dialogue/dataset>
    a void:Dataset ;
    dcterms:title "A small record"@en ;
    sh:declare [
        sh:namespace "https://w3id.org/dialogue/ontology#"^^xsd:anyURI ;
        sh:prefix "dlg" ;
    ] ;
    void:uriSpace "https://w3id.org/dialogue/" ;
.
"""

HEAD = """\
@prefix conf: <https://w3id.org/dialogue/id/conference/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix ev: <https://w3id.org/dialogue/id/evidence/> .
@prefix place: <https://w3id.org/dialogue/id/place/> .
@prefix source: <https://w3id.org/dialogue/id/source/> .

"""

CONFERENCE = (
    HEAD
    + """\
ev:page.001 {
    conf:one
        a dlg:Conference ;
        dlg:date "2015-05-19"^^edtf:EDTF-level1 ;
        dlg:place place:lisbon ;
    .
}

ev:page.001
    a dlg:Evidence ;
    dlg:quote "the first conference took place in Lisbon on May 19, 2015"@en ;
    dlg:source source:page ;
    dlg:stance dlg:accepted ;
.

ev:page.002 {
    conf:one
        dlg:date "2016"^^edtf:EDTF-level1 ;
    .
}

ev:page.002
    a dlg:Evidence ;
    dlg:quote "in 2016"@en ;
    dlg:source source:page ;
    dlg:stance dlg:rejected ;
.
"""
)

RULE = """\
# The inverse of dlg:place, for the test.
PREFIX dlg: <https://w3id.org/dialogue/ontology#>
CONSTRUCT { ?place dlg:hosted ?event } WHERE { ?event dlg:place ?place }
"""


def lay(root: Path) -> Path:
    """Write the small record into `root` and return it."""
    files = {
        "data/dataset.ttl": DATASET,
        "data/conferences/one.trig": CONFERENCE,
        "ontology/rules/10-hosted.rq": RULE,
        "ontology/events.ttl": (
            "@prefix dlg: <https://w3id.org/dialogue/ontology#> .\n"
            "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n\n"
            "dlg:Conference\n    a owl:Class ;\n.\n"
        ),
        "shapes/events.ttl": (
            "@prefix dlg: <https://w3id.org/dialogue/ontology#> .\n"
            "@prefix dsh: <https://w3id.org/dialogue/shapes#> .\n"
            "@prefix sh: <http://www.w3.org/ns/shacl#> .\n\n"
            "dsh:Conference\n    a sh:NodeShape ;\n"
            "    sh:targetSubjectsOf dlg:date ;\n    sh:targetSubjectsOf dlg:place ;\n.\n\n"
            "dsh:Evidence\n    a sh:NodeShape ;\n    sh:targetSubjectsOf dlg:quote ;\n"
            "    sh:targetSubjectsOf dlg:source ;\n    sh:targetSubjectsOf dlg:stance ;\n.\n"
        ),
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root
