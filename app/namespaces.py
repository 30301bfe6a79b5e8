"""The namespaces and the few terms that the program itself works with.

Diplomacy is not here: classes and properties of the domain live in `ontology/`. What is here are
the standards' own terms and those of our vocabulary that carry evidence and time.
"""

from pyoxigraph import NamedNode


class Namespace:
    """The beginning that the IRIs of one vocabulary share.

    No string itself, because the methods of strings (`title`, `format`) are terms of vocabularies.

    >>> Namespace("http://example.org/#").title
    <NamedNode value=http://example.org/#title>
    """

    def __init__(self, start: str) -> None:
        self._start = start

    def __str__(self) -> str:
        return self._start

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("_"):
            raise AttributeError(name)
        term = self.__dict__[name] = NamedNode(self._start + name)
        return term

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self._start + name)


BASE = "https://w3id.org/dialogue/"
GENID = ".well-known/genid/"
"""What follows the base in the IRI of a thing that is named by its content (RDF 1.1, 3.5)."""
DLG = Namespace(BASE + "ontology#")
DSH = Namespace(BASE + "shapes#")

ADMS = Namespace("http://www.w3.org/ns/adms#")
ADMS_STATUS = Namespace("http://purl.org/adms/status/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DCTERMS = Namespace("http://purl.org/dc/terms/")
FILE_TYPE = Namespace("http://publications.europa.eu/resource/authority/file-type/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA = Namespace("https://schema.org/")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
VOID = Namespace("http://rdfs.org/ns/void#")
VOID_EXT = Namespace("http://ldf.fi/void-ext#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

EDTF = NamedNode("http://id.loc.gov/datatypes/edtf/EDTF-level1")
