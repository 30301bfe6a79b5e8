"""The namespaces and the few terms that the program itself works with.

Diplomacy is not here: classes and properties of the domain live in `ontology/`. What is here are
the standards' own terms and those of our vocabulary that carry evidence and time.
"""

from pyoxigraph import NamedNode


class Namespace(str):
    """The beginning that the IRIs of one vocabulary share.

    >>> Namespace("http://example.org/#").thing
    <NamedNode value=http://example.org/#thing>
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(self + name)

    def __getitem__(self, name: object) -> NamedNode:  # type: ignore[override]
        return NamedNode(f"{self}{name}")


BASE = "https://w3id.org/dialogue/"
DLG = Namespace(BASE + "ontology#")
DSH = Namespace(BASE + "shapes#")

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
VOID = Namespace("http://rdfs.org/ns/void#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

EDTF = NamedNode("http://id.loc.gov/datatypes/edtf/EDTF-level1")
