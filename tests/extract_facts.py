"""The prefixes with which tests ask for the facts that a format of a release is compared with."""

PREFIXES = {
    "dcterms": "http://purl.org/dc/terms/",
    "dlg": "https://w3id.org/dialogue/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
}
