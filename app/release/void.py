"""What the dataset says of itself: VoID and DCAT, counted, not written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import DCAT, DCTERMS, DLG, OWL, RDF, VOID, XSD
from app.record.inference import DEFAULT, graph_of
from app.record.record import Record


@dataclass(frozen=True)
class Distribution:
    """One file of a release: its name, media type and title."""

    file: str
    media_type: str
    title: str


def describe(
    record: Record,
    quads: Sequence[ox.Quad],
    distributions: Iterable[Distribution],
    version: str,
    date: str,
) -> list[ox.Triple]:
    """Return the description of a dataset (VoID, https://www.w3.org/TR/void/; DCAT 3).

    `quads` are the whole dataset but this description, which therefore counts itself out; `date`
    is the day of the release as xsd:date.
    """
    dataset, base = record.dataset, record.base
    default = [q for q in quads if q.graph_name == DEFAULT]
    things = [q for q in default if str(q.subject).startswith(f"<{base}id/")]
    classes = Counter(
        q.object.value
        for q in things
        if q.predicate == RDF.type and isinstance(q.object, ox.NamedNode)
    )
    examples = {
        q.object: q.subject
        for q in sorted(things, key=str, reverse=True)
        if q.predicate == RDF.type
    }
    properties = Counter(q.predicate for q in default)
    graphs = {q.graph_name for q in quads} - {DEFAULT}

    described: list[ox.Triple] = []

    def say(subject: ox.NamedNode, predicate: ox.NamedNode, value: object) -> None:
        if isinstance(value, int):
            value = ox.Literal(str(value), datatype=XSD.integer)
        elif isinstance(value, str):
            value = ox.NamedNode(value)
        described.append(ox.Triple(subject, predicate, value))  # type: ignore[arg-type]

    for kind in (VOID.Dataset, DCAT.Dataset):
        say(dataset, RDF.type, kind)
    say(dataset, DCTERMS.modified, ox.Literal(date, datatype=XSD.date))
    say(dataset, OWL.versionInfo, ox.Literal(version))
    say(dataset, VOID.triples, len(default))
    say(dataset, VOID.entities, len({q.subject for q in things}))
    say(dataset, VOID.distinctSubjects, len({q.subject for q in default}))
    say(dataset, VOID.distinctObjects, len({q.object for q in default}))
    say(dataset, VOID.properties, len(properties))
    say(dataset, VOID.classes, len(classes))
    say(dataset, VOID.sparqlEndpoint, f"{base}sparql")
    for vocabulary in sorted({_namespace(p) for p in properties}):
        say(dataset, VOID.vocabulary, vocabulary)
    for name, count in sorted(classes.items()):
        kind = ox.NamedNode(name)
        part = ox.NamedNode(f"{dataset.value}#class-{_local(kind)}")
        say(dataset, VOID.classPartition, part)
        say(dataset, VOID.exampleResource, examples[kind])
        say(part, VOID["class"], kind)
        say(part, VOID.entities, count)
    for predicate, count in sorted(properties.items(), key=lambda item: str(item[0])):
        part = ox.NamedNode(f"{dataset.value}#property-{_local(predicate)}-{_mark(predicate)}")
        say(dataset, VOID.propertyPartition, part)
        say(part, VOID.property, predicate)
        say(part, VOID.triples, count)
    for distribution in distributions:
        file = ox.NamedNode(f"{base}dump/{distribution.file}")
        say(dataset, DCAT.distribution, file)
        say(dataset, VOID.dataDump, file)
        say(file, RDF.type, DCAT.Distribution)
        say(file, DCTERMS.title, ox.Literal(distribution.title, language="en"))
        say(file, DCAT.downloadURL, file)
        media = f"https://www.iana.org/assignments/media-types/{distribution.media_type}"
        say(file, DCAT.mediaType, media)
    say(graph_of(base, "dates"), DLG.derivedBy, DLG.begins)
    for rule in record.rules:
        graph = graph_of(base, rule.name)
        if graph in graphs:
            say(graph, DLG.derivedBy, f"{base}dump/rules/{rule.path.name}")
    return described


def _namespace(predicate: ox.NamedNode) -> str:
    return predicate.value[: _split(predicate)]


def _local(term: ox.NamedNode) -> str:
    return term.value[_split(term) :] or "all"


def _split(term: ox.NamedNode) -> int:
    return max(term.value.rfind("#"), term.value.rfind("/")) + 1


def _mark(term: ox.NamedNode) -> str:
    """A short mark of the vocabulary, because two of them may share a local name."""
    return _namespace(term).rstrip("#/").rpartition("/")[2].lower().replace(".", "-")
