"""What the dataset says of itself: VoID and DCAT, counted, not written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.manifest import CATALOGUE, CONTEXT, DATASET, Release
from app.namespaces import (
    ADMS,
    ADMS_STATUS,
    DCAT,
    DCTERMS,
    DLG,
    FOAF,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SD,
    SH,
    VOID,
    XSD,
)
from app.rdf.formats import N_QUADS, is_rdf_file
from app.record.inference import DEFAULT, graph_of
from app.record.record import Record
from app.release.distributions import Distribution
from app.release.statistics import namespace, partitions
from app.versions import DIRTY


@dataclass(frozen=True)
class DatasetVersion:
    """One release of a dataset, as its description names it: the version and the day."""

    version: str
    date: str


_GRAPHS = {
    "ontology": "The vocabulary: what the terms of the record mean",
    "shapes": "The shapes: what the record is checked against",
    "dataset": "The description of the dataset: what it is made of, and its files",
}


def describe(
    record: Record,
    quads: Sequence[ox.Quad],
    distributions: Iterable[Distribution],
    version: str,
    date: str,
    earlier: Sequence[DatasetVersion] = (),
) -> list[ox.Triple]:
    """Return the description of a dataset (VoID, https://www.w3.org/TR/void/; DCAT 3).

    `quads` are the whole dataset but this description, which therefore counts itself out;
    `version` is the record's, `date` the day of the release as xsd:date, `earlier` are the
    releases before it, the newest first.
    """
    dataset, base = record.dataset, record.base
    default: list[ox.Triple] = []
    # Its blank nodes have other names in its own graph.
    vocabulary: set[object] = {quad.subject for d in record.ontology for quad in d.quads}
    sizes: Counter[object] = Counter()
    ontology = ox.NamedNode(f"{base}graph/ontology")
    for quad in quads:
        sizes[quad.graph_name] += 1
        if quad.graph_name == DEFAULT:
            default.append(quad.triple)
        elif quad.graph_name == ontology:
            vocabulary.add(quad.subject)
    description = _Description()
    description.dataset(dataset, base, version, date)
    description.versions(dataset, [DatasetVersion(version, date), *earlier])
    description.counts(dataset, base, default)
    description.triples += partitions(dataset, default, vocabulary)
    for distribution in distributions:
        description.distribution(dataset, base, distribution)
        if distribution.file == CATALOGUE:
            description.catalogue(dataset, base, default)
    for name, label in _GRAPHS.items():
        graph = ox.NamedNode(f"{base}graph/{name}")
        description.graph(graph, ox.NamedNode(base + name), label, sizes[graph])
    description.say(graph_of(base, "dates"), DLG.derivedBy, DLG.begins)
    for rule in record.rules:
        if (graph := graph_of(base, rule.name)) in sizes:
            file = ox.NamedNode(f"{base}dump/rules/{rule.path.name}")
            description.say(graph, DLG.derivedBy, file)
            description.say(file, RDF.type, FOAF.Document)
            description.say(file, RDFS.label, ox.Literal(f"The rule {rule.name}", language="en"))
    return description.triples


def of_any(released: Release, quads: Iterable[ox.Quad]) -> list[ox.Triple]:
    """Return the description of a release of any RDF, which has no record (VoID).

    What its default graph holds is counted; of the others it is said that there are so many.
    """
    default: list[ox.Triple] = []
    graphs: set[object] = set()
    for quad in quads:
        if quad.graph_name == DEFAULT:
            default.append(quad.triple)
        else:
            graphs.add(quad.graph_name)
    description, dataset = _Description(), ox.NamedNode(released.dataset)
    description.dataset(dataset, released.base, released.version, released.date)
    description.counts(dataset, released.base, default)
    description.triples += partitions(dataset, default)
    description.distribution(dataset, released.base, Distribution(DATASET, N_QUADS, "The dataset"))
    if graphs:
        description.say(dataset, DLG.graphCount, len(graphs))
    return description.triples


class _Description:
    """What is said of a dataset, triple by triple."""

    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []

    def say(self, subject: ox.NamedNode, predicate: ox.NamedNode, value: object) -> None:
        """Add a triple: a number is an integer, a text an IRI."""
        if isinstance(value, int):
            value = ox.Literal(str(value), datatype=XSD.integer)
        elif isinstance(value, str):
            value = ox.NamedNode(value)
        self.triples.append(ox.Triple(subject, predicate, value))  # type: ignore[arg-type]

    def dataset(self, dataset: ox.NamedNode, base: str, version: str, date: str) -> None:
        """Say what the dataset is, and where its description and its endpoint are."""
        for kind in (VOID.Dataset, DCAT.Dataset):
            self.say(dataset, RDF.type, kind)
        self.say(dataset, DCTERMS.modified, ox.Literal(date, datatype=XSD.date))
        self.say(dataset, OWL.versionInfo, ox.Literal(version))
        self.say(dataset, DCAT.landingPage, dataset)
        self.say(dataset, VOID.sparqlEndpoint, f"{base}sparql")
        page = ox.NamedNode(f"{base}.well-known/void")
        self.say(page, RDF.type, VOID.DatasetDescription)
        self.say(page, FOAF.primaryTopic, dataset)

    def catalogue(self, dataset: ox.NamedNode, base: str, default: Sequence[ox.Triple]) -> None:
        """Say which catalogue the dataset is in: that of the release, which is called as it is."""
        catalogue = ox.NamedNode(f"{base}dump/{CATALOGUE}#catalogue")
        self.say(catalogue, RDF.type, DCAT.Catalog)
        self.say(catalogue, DCAT.dataset, dataset)
        self.say(dataset, DCAT.inCatalog, catalogue)
        for triple in default:
            if triple.subject == dataset and triple.predicate == DCTERMS.title:
                self.say(catalogue, DCTERMS.title, triple.object)

    def versions(self, dataset: ox.NamedNode, editions: Sequence[DatasetVersion]) -> None:
        """Say which version this is, which were before it, and how far it got (DCAT 3, ADMS)."""
        current = editions[0].version
        status = ADMS_STATUS.UnderDevelopment if current.endswith(DIRTY) else ADMS_STATUS.Completed
        self.say(dataset, DCAT.version, ox.Literal(current))
        self.say(dataset, ADMS.status, status)
        names = [ox.NamedNode(f"{dataset.value}#version-{one.version}") for one in editions]
        for name, one in zip(names, editions, strict=True):
            self.say(dataset, DCAT.hasVersion, name)
            self.say(name, RDF.type, DCAT.Dataset)
            self.say(name, DCAT.isVersionOf, dataset)
            self.say(name, DCAT.version, ox.Literal(one.version))
            self.say(name, DCTERMS.issued, ox.Literal(one.date, datatype=XSD.date))
        self.say(dataset, DCAT.hasCurrentVersion, names[0])
        for older in names[1:2]:
            self.say(dataset, DCAT.previousVersion, older)

    def counts(self, dataset: ox.NamedNode, base: str, default: Sequence[ox.Triple]) -> None:
        """Say how much is held, of which kinds, in which vocabularies, and with which questions."""
        begin = f"{base}id/"
        subjects = {t.subject for t in default}
        things = [s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(begin)]
        self.say(dataset, VOID.triples, len(default))
        self.say(dataset, VOID.entities, len(things))
        self.say(dataset, VOID.distinctSubjects, len(subjects))
        self.say(dataset, VOID.distinctObjects, len({t.object for t in default}))
        # A property whose IRI has neither # nor / (urn:ex:p) is in no vocabulary that has a name.
        for vocabulary in sorted({namespace(t.predicate) for t in default} - {""}):
            # Ours has a name of its own, which answers: that of its ontology.
            name = vocabulary.rstrip("#") if vocabulary.startswith(base) else vocabulary
            self.say(dataset, VOID.vocabulary, name)
        kinds = Counter(thing.value[len(begin) :].partition("/")[0] for thing in things)
        for kind, number in sorted(kinds.items()):
            part = ox.NamedNode(f"{begin}{kind}/")
            self.say(dataset, VOID.subset, part)
            self.say(part, VOID.uriSpace, ox.Literal(part.value))
            self.say(part, VOID.entities, number)
        examples: dict[object, ox.NamedNode] = {}
        for thing, predicate, value in default:
            if predicate == RDF.type and isinstance(thing, ox.NamedNode):
                if value == SH.SPARQLExecutable:
                    self.say(thing, SCHEMA.target, f"{base}sparql")
                    # They are few, and whoever reads of them wants to have them all.
                    if above := thing.value.rpartition("/")[0]:
                        self.say(ox.NamedNode(f"{above}/"), RDFS.member, thing)
                if thing.value.startswith(begin):
                    first = examples.setdefault(value, thing)
                    if thing.value < first.value:
                        examples[value] = thing
        for example in sorted({e.value for e in examples.values()}):
            self.say(dataset, VOID.exampleResource, example)

    def distribution(self, dataset: ox.NamedNode, base: str, distribution: Distribution) -> None:
        """Say what a file of the release is."""
        file = ox.NamedNode(f"{base}dump/{distribution.file}")
        self.say(dataset, DCAT.distribution, file)
        # A dump is RDF (VoID, section 3.2), and a context is none of the dataset.
        if is_rdf_file(distribution.file) and distribution.file != CONTEXT:
            self.say(dataset, VOID.dataDump, file)
        self.say(file, RDF.type, DCAT.Distribution)
        self.say(file, DCTERMS.title, ox.Literal(distribution.title, language="en"))
        self.say(file, DCAT.downloadURL, file)
        media = f"https://www.iana.org/assignments/media-types/{distribution.media_type}"
        self.say(file, DCAT.mediaType, media)

    def graph(self, graph: ox.NamedNode, topic: ox.NamedNode, label: str, triples: int) -> None:
        """Say what a graph that is no evidence holds."""
        self.say(graph, RDF.type, SD.NamedGraph)
        self.say(graph, SD.name, graph)
        self.say(graph, RDFS.label, ox.Literal(label, language="en"))
        self.say(graph, FOAF.primaryTopic, topic)
        if triples:
            self.say(graph, VOID.triples, triples)
