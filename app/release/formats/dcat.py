"""The release as a catalogue tells of it (DCAT 3; the application profile DCAT-AP 3.0.1).

The dataset describes itself in its own graph. Sizes and digests of files cannot stand there, since
that graph is in the files: they stand here, in a file that is written last.

There a file is named by the address at which the newest one always is, which says nothing of its
bytes. Here it is named by the address below its version, whose bytes never change: what is said of
them holds of an older release too.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from app.exports import files
from app.manifest import CATALOGUE, digest_of
from app.namespaces import (
    ADMS,
    ADMS_STATUS,
    DCAT,
    DCATAP,
    DCTERMS,
    FILE_TYPE,
    FOAF,
    OWL,
    RDF,
    RDFS,
    SKOS,
    SPDX,
    XSD,
)
from app.rdf import writer
from app.rdf.file_types import file_type
from app.rdf.formats import GZIP, GZIP_SUFFIX, TURTLE, of_file
from app.rdf.parser import Syntax
from app.rdf.prefixes import well_known
from app.rdf.terms import last_part, lexical
from app.record.inference import DEFAULT
from app.release.material import Advance, Distribution, Material, Writer

_MEDIA = "https://www.iana.org/assignments/media-types/"
_PROTOCOL = ox.NamedNode("https://www.w3.org/TR/sparql11-protocol/")
_THEMES = ox.NamedNode("http://publications.europa.eu/resource/authority/data-theme")
# How long a file is planned to be kept, in the table of the European Union: a release stays, what
# was built from files that no revision has does not.
_AVAILABILITY = "http://publications.europa.eu/resource/authority/planned-availability/"
_STABLE = ox.NamedNode(f"{_AVAILABILITY}STABLE"), "Stable"
_TEMPORARY = ox.NamedNode(f"{_AVAILABILITY}TEMPORARY"), "Temporary"
_OF_SERVICE = frozenset(
    {DCAT.contactPoint, DCAT.keyword, DCAT.theme, DCTERMS.license, DCTERMS.publisher}
)
_OF_ALL = frozenset(
    {
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.publisher,
        DCTERMS.language,
        DCTERMS.license,
        DCTERMS.modified,
        DCTERMS.issued,
        DCTERMS.spatial,
    }
)
"""What is said of the dataset and holds of a catalogue that has nothing else."""
# It has a day of its own on which it was issued; else it is what the dataset is, as of that day.
_OF_VERSION = (_OF_ALL - {DCTERMS.issued}) | {
    ADMS.status,
    DCAT.contactPoint,
    DCAT.keyword,
    DCAT.previousVersion,
    DCAT.theme,
    DCTERMS.conformsTo,
    DCTERMS.creator,
    DCTERMS.temporal,
}
# Each other version would have to be described as a dataset here: `releases.json` lists them.
_UNTOLD = frozenset({DCAT.distribution, DCAT.hasVersion, DCTERMS.rights})
# What a catalogue reads of a dataset; the rest is for those who query it.
_TOLD = tuple(str(space) for space in (DCAT, DCTERMS, ADMS, FOAF, OWL))
_KINDS = {
    DCAT.contactPoint: ox.NamedNode("http://www.w3.org/2006/vcard/ns#Kind"),
    DCAT.mediaType: DCTERMS.MediaType,
    DCAT.compressFormat: DCTERMS.MediaType,
    DCAT.theme: SKOS.Concept,
    DCAT.themeTaxonomy: SKOS.ConceptScheme,
    DCTERMS.accrualPeriodicity: DCTERMS.Frequency,
    DCTERMS.conformsTo: DCTERMS.Standard,
    DCTERMS.creator: FOAF.Agent,
    DCTERMS.format: DCTERMS.MediaTypeOrExtent,
    DCTERMS.language: DCTERMS.LinguisticSystem,
    DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.publisher: FOAF.Agent,
    DCTERMS.rights: DCTERMS.RightsStatement,
    DCTERMS.spatial: DCTERMS.Location,
    DCTERMS.temporal: DCTERMS.PeriodOfTime,
    DCTERMS.type: SKOS.Concept,
    DCATAP.availability: SKOS.Concept,
}
"""What the values of a property are: who reads this file alone must not look it up."""
_PREFIXES = "adms", "dcat", "dcatap", "dcterms", "foaf", "owl", "rdfs", "skos", "spdx", "xsd"
_NAMES = SKOS.prefLabel, RDFS.label, DCTERMS.title


class _Catalogue:
    """What is said of a release, triple by triple."""

    def __init__(self, material: Material) -> None:
        self._folder, self._base = material.folder, material.base
        self._newest = f"{self._base}dump/"
        self._place = f"{self._newest}{material.version}/"
        self._about: dict[object, list[ox.Triple]] = {}
        for quad in material.quads or material.read():
            if quad.graph_name == DEFAULT and isinstance(quad.subject, ox.NamedNode):
                self._about.setdefault(quad.subject, []).append(quad.triple)
        self.triples: dict[ox.Triple, None] = {}

    def say(self, subject: ox.NamedNode, predicate: ox.NamedNode, value: object) -> None:
        """Add a triple: a text is an IRI, a number one of bytes."""
        if isinstance(value, str):
            value = ox.NamedNode(value)
        elif isinstance(value, int):
            value = ox.Literal(str(value), datatype=XSD.nonNegativeInteger)
        self.triples[ox.Triple(subject, predicate, value)] = None  # type: ignore[arg-type]
        if kind := _KINDS.get(predicate):
            self._refer(value, kind)

    def describe(self, dataset: ox.NamedNode) -> None:
        """Say what the dataset, its files, its endpoint and the catalogue of it are."""
        common = self._dataset(dataset)
        versions = self._versions(dataset)
        about = self._about.get(dataset, ())
        paths = dict(self._files())
        titles = files.titles(self._folder, paths, self._described())
        for name, path in paths.items():
            self._distribution([dataset, *versions], name, path, titles.get(name, name), common)
        service = self._service(dataset)
        # It is the same catalogue, whichever release it tells of.
        catalogue = ox.NamedNode(f"{self._newest}{CATALOGUE}#catalogue")
        self.say(catalogue, RDF.type, DCAT.Catalog)
        self.say(catalogue, DCAT.dataset, dataset)
        self.say(catalogue, DCAT.service, service)
        self.say(catalogue, FOAF.homepage, self._base)
        self.say(ox.NamedNode(self._base), RDF.type, FOAF.Document)
        if any(triple.predicate == DCAT.theme for triple in about):
            self.say(catalogue, DCAT.themeTaxonomy, _THEMES)
            self.say(_THEMES, DCTERMS.title, ox.Literal("Data theme", language="en"))
        for triple in [triple for triple in self.triples if triple.subject == dataset]:
            if triple.predicate in _OF_ALL:
                self.say(catalogue, triple.predicate, triple.object)
            if triple.predicate in _OF_SERVICE:
                self.say(service, triple.predicate, triple.object)

    def _dataset(self, dataset: ox.NamedNode) -> list[ox.Triple]:
        """Say what the dataset is; return what holds of its files too."""
        unfinished = ox.Triple(dataset, ADMS.status, ADMS_STATUS.UnderDevelopment)
        about = self._about.get(dataset, [])
        planned, label = _TEMPORARY if unfinished in about else _STABLE
        common = [ox.Triple(dataset, DCATAP.availability, planned)]
        was_issued = any(triple.predicate == DCTERMS.issued for triple in about)
        self.say(planned, SKOS.prefLabel, ox.Literal(label, language="en"))
        for triple in about:
            told = triple.predicate.value.startswith(_TOLD)
            if told and triple.predicate not in _UNTOLD:
                self.say(dataset, triple.predicate, triple.object)
            if triple.predicate == DCTERMS.license:
                common.append(triple)
            elif triple.predicate == DCTERMS.modified:
                common.append(ox.Triple(dataset, DCTERMS.issued, triple.object))
                # The dataset may say itself since when it is there, and has one such day.
                if not was_issued:
                    self.say(dataset, DCTERMS.issued, triple.object)
            elif triple.predicate == DCTERMS.rights and isinstance(triple.object, ox.Literal):
                rights = ox.NamedNode(f"{self._place}{CATALOGUE}#rights")
                self.say(dataset, DCTERMS.accessRights, rights)
                self.say(rights, RDF.type, DCTERMS.RightsStatement)
                self.say(rights, RDFS.label, triple.object)
        self.say(dataset, RDF.type, DCAT.Dataset)
        self.say(dataset, DCTERMS.identifier, ox.Literal(dataset.value))
        self.say(dataset, RDF.type, FOAF.Document)
        return common

    def _versions(self, dataset: ox.NamedNode) -> list[ox.NamedNode]:
        """Say which version of the dataset this release is; return it, or nothing without one."""
        about = self._about.get(dataset, ())
        versions = [t.object for t in about if t.predicate == DCAT.hasCurrentVersion]
        named = [version for version in versions if isinstance(version, ox.NamedNode)]
        for version in named:
            self.say(dataset, DCAT.hasVersion, version)
            of_dataset = (t for t in about if t.predicate in _OF_VERSION)
            for triple in (*self._about.get(version, ()), *of_dataset):
                self.say(version, triple.predicate, triple.object)
        return named

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and path.name != CATALOGUE:
                yield path.relative_to(self._folder).as_posix(), path

    def _described(self) -> dict[str, str]:
        """Return what the dataset says that its files are, by their names."""
        start = self._newest
        return {
            subject.value.removeprefix(start): lexical(triple.object)
            for subject, triples in self._about.items()
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(start)
            for triple in triples
            if triple.predicate == DCTERMS.title
        }

    def _distribution(
        self,
        datasets: Iterable[ox.NamedNode],
        name: str,
        path: Path,
        title: str,
        common: list[ox.Triple],
    ) -> None:
        file = ox.NamedNode(f"{self._place}{name}")
        plain = name.removesuffix(GZIP_SUFFIX)
        for dataset in datasets:
            self.say(dataset, DCAT.distribution, file)
        self.say(file, RDF.type, DCAT.Distribution)
        self.say(file, DCTERMS.title, ox.Literal(title, language="en"))
        self.say(file, DCTERMS.description, ox.Literal(name))
        self.say(file, DCAT.accessURL, file)
        self.say(file, DCAT.downloadURL, file)
        self.say(file, DCAT.mediaType, _MEDIA + of_file(plain).partition(";")[0])
        self.say(file, DCTERMS.format, FILE_TYPE[file_type(name)])
        if name != plain:
            self.say(file, DCAT.compressFormat, _MEDIA + GZIP)
        self.say(file, DCAT.byteSize, path.stat().st_size)
        checksum = ox.NamedNode(f"{self._place}{CATALOGUE}#sha256-{name.replace('/', '-')}")
        self.say(file, SPDX.checksum, checksum)
        self.say(checksum, RDF.type, SPDX.Checksum)
        self.say(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        self.say(SPDX.checksumAlgorithm_sha256, RDF.type, SPDX.ChecksumAlgorithm)
        digest = ox.Literal(digest_of(path), datatype=XSD.hexBinary)
        self.say(checksum, SPDX.checksumValue, digest)
        for triple in common:
            self.say(file, triple.predicate, triple.object)

    def _service(self, dataset: ox.NamedNode) -> ox.NamedNode:
        service = ox.NamedNode(f"{self._base}sparql")
        # Its address is its name, and what one reads there describes it.
        for kind in (DCAT.DataService, RDFS.Resource):
            self.say(service, RDF.type, kind)
        self.say(service, DCTERMS.title, ox.Literal("SPARQL endpoint", language="en"))
        self.say(service, DCAT.endpointURL, service)
        self.say(service, DCAT.endpointDescription, service)
        self.say(service, DCAT.servesDataset, dataset)
        self.say(service, DCTERMS.conformsTo, _PROTOCOL)
        return service

    def _refer(self, value: object, kind: ox.NamedNode) -> None:
        """Say of what is referred to what it is, what it is called, and what dates it."""
        if not isinstance(value, ox.NamedNode) or ox.Triple(value, RDF.type, kind) in self.triples:
            return
        self.triples[ox.Triple(value, RDF.type, kind)] = None
        for triple in self._about.get(value, ()):
            if kind == SKOS.Concept and triple.predicate in _NAMES:
                self.triples[ox.Triple(value, SKOS.prefLabel, triple.object)] = None
            elif kind == FOAF.Agent and triple.predicate in (FOAF.name, *_NAMES):
                self.triples[ox.Triple(value, FOAF.name, triple.object)] = None
            elif kind == FOAF.Agent and triple.predicate == DCTERMS.type:
                # Only where the record says it: what kind of agent publishes is no guess.
                self.say(value, DCTERMS.type, triple.object)
                self._label(triple.object)
            elif triple.predicate in (DCAT.startDate, DCAT.endDate, *_NAMES) or (
                triple.predicate.value.startswith("http://www.w3.org/2006/vcard/ns#")
            ):
                self.triples[triple] = None

    def _label(self, kind: object) -> None:
        """Call a kind of agent what its IRI ends with, where the record does not name it."""
        named = any(triple.predicate in _NAMES for triple in self._about.get(kind, ()))
        if isinstance(kind, ox.NamedNode) and not named:
            self.say(kind, SKOS.prefLabel, ox.Literal(last_part(kind)))


def catalogue(material: Material) -> list[ox.Triple]:
    """Return the description of a release whose files all lie in its folder, but this one.

    What the dataset says of itself is taken over.
    """
    described = _Catalogue(material)
    described.describe(ox.NamedNode(f"{material.base}dataset"))
    return list(described.triples)


def _write(material: Material, advance: Advance) -> None:
    prefixes = well_known(*_PREFIXES)
    quads = [ox.Quad(*triple) for triple in catalogue(material)]
    text = writer.write(quads, {**material.prefixes, **prefixes}, Syntax.TURTLE)
    (material.folder / CATALOGUE).write_text(text, encoding="utf-8")
    advance(1)


FILE = Distribution(CATALOGUE, TURTLE, "The release as data portals read of it (DCAT-AP)")
WRITER = Writer("dcat", (FILE,), _write, of_record=True, of_files=True)
