"""What a dataset is made of, counted in one pass (VoID, https://www.w3.org/TR/void/).

Editors that configure themselves read from it which properties the things of a class have, and of
which classes and datatypes the values are: `void:classPartition`, in each `void:propertyPartition`,
in each of these `void:classPartition` and `void-ext:datatypePartition` (http://ldf.fi/void-ext).
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from itertools import chain, count

import pyoxigraph as ox

from app.namespaces import RDF, VOID, VOID_EXT, XSD
from app.rdf.terms import Term

Classes = tuple[ox.NamedNode, ...]
_NO_CLASS: Classes = ()


def partitions(
    dataset: ox.NamedNode, triples: Iterable[ox.Triple], skip: Container[object] = ()
) -> list[ox.Triple]:
    """Return the partitions of a dataset that has these triples in its default graph.

    Each is named `<dataset>#…`. Subjects in `skip` are no members of the classes that are counted,
    only values of what these have: so the terms of a vocabulary are told from what is described
    with it.
    """
    listed = list(triples)
    known = _classes(listed)
    classes = {thing: of for thing, of in known.items() if thing not in skip}
    properties: Counter[ox.NamedNode] = Counter()
    values: Counter[tuple[Classes, ox.NamedNode, object]] = Counter()
    for subject, predicate, value in listed:
        properties[predicate] += 1
        if of := classes.get(subject):
            # Of what kind a class is tells nothing of the things in it.
            kind = None if predicate == RDF.type else _kind(value, known)
            values[of, predicate, kind or _NO_CLASS] += 1
    return _Partitions(dataset).describe(classes, properties, values)


def _kind(value: Term, classes: dict[object, Classes]) -> ox.NamedNode | Classes | None:
    return value.datatype if isinstance(value, ox.Literal) else classes.get(value)


def _classes(triples: list[ox.Triple]) -> dict[object, Classes]:
    found: dict[object, list[ox.NamedNode]] = defaultdict(list)
    for subject, predicate, value in triples:
        if predicate == RDF.type and isinstance(value, ox.NamedNode):
            found[subject].append(value)
    # Things of the same classes share one tuple.
    shared: dict[Classes, Classes] = {}
    return {
        thing: shared.setdefault(of, of)
        for thing, kinds in found.items()
        for of in [tuple(sorted(set(kinds), key=_iri))]
    }


class _Partitions:
    def __init__(self, dataset: ox.NamedNode) -> None:
        self._dataset = dataset
        self._names: dict[tuple[str, ox.NamedNode], str] = {}
        self._taken: set[tuple[str, str]] = set()
        self._described: list[ox.Triple] = []

    def describe(
        self,
        classes: dict[object, Classes],
        properties: Counter[ox.NamedNode],
        values: Counter[tuple[Classes, ox.NamedNode, object]],
    ) -> list[ox.Triple]:
        """Return what is said of the partitions, the same for the same counts."""
        entities = Counter(kind for of in classes.values() for kind in of)
        within: dict[ox.NamedNode, Counter[ox.NamedNode]] = defaultdict(Counter)
        inner: dict[tuple[ox.NamedNode, ox.NamedNode], Counter[ox.NamedNode]]
        inner = defaultdict(Counter)
        types: dict[tuple[ox.NamedNode, ox.NamedNode], Counter[ox.NamedNode]]
        types = defaultdict(Counter)
        for (of, predicate, kind), number in values.items():
            for one in of:
                within[one][predicate] += number
                if isinstance(kind, ox.NamedNode):
                    types[one, predicate][kind] += number
                elif isinstance(kind, tuple):
                    inner[one, predicate].update(dict.fromkeys(kind, number))
        self._say(self._dataset, VOID.properties, len(properties))
        self._say(self._dataset, VOID.classes, len(entities))
        for predicate in sorted(properties, key=_iri):
            part = self._part(f"property-{self._name('p', predicate)}")
            self._say(self._dataset, VOID.propertyPartition, part)
            self._say(part, VOID.property, predicate)
            self._say(part, VOID.triples, properties[predicate])
        for kind in sorted(entities, key=_iri):
            name = f"class-{self._name('c', kind)}"
            part = self._part(name)
            self._say(self._dataset, VOID.classPartition, part)
            self._say(part, VOID["class"], kind)
            self._say(part, VOID.entities, entities[kind])
            for predicate in sorted(within[kind], key=_iri):
                own = self._property(name, part, predicate, within[kind][predicate])
                self._values(own, inner[kind, predicate], types[kind, predicate])
        return self._described

    def _property(
        self, name: str, part: ox.NamedNode, predicate: ox.NamedNode, triples: int
    ) -> str:
        """Describe the partition of a property within that of a class; return its name."""
        own = f"{name}.{self._name('p', predicate)}"
        self._say(part, VOID.propertyPartition, self._part(own))
        self._say(self._part(own), VOID.property, predicate)
        self._say(self._part(own), VOID.triples, triples)
        return own

    def _values(
        self, own: str, classes: Counter[ox.NamedNode], datatypes: Counter[ox.NamedNode]
    ) -> None:
        part = self._part(own)
        for kind in sorted(classes, key=_iri):
            of = self._part(f"{own}.{self._name('c', kind)}")
            self._say(part, VOID.classPartition, of)
            self._say(of, VOID["class"], kind)
            self._say(of, VOID.triples, classes[kind])
        for kind in sorted(datatypes, key=_iri):
            of = self._part(f"{own}.as-{self._name('d', kind)}")
            self._say(part, VOID_EXT.datatypePartition, of)
            self._say(of, VOID_EXT.datatype, kind)
            self._say(of, VOID.triples, datatypes[kind])

    def _part(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(f"{self._dataset.value}#{name}")

    def _name(self, sort: str, term: ox.NamedNode) -> str:
        """Return what names a term here; two of a sort never share a name."""
        known = self._names.get((sort, term))
        if known is not None:
            return known
        local, mark = _local(term), _mark(term)
        # Two vocabularies may share a local name; a property always tells its own.
        candidates = chain(
            () if sort == "p" else (local,),
            (f"{local}-{mark}",),
            (f"{local}-{mark}-{number}" for number in count(2)),
        )
        name = next(name for name in candidates if (sort, name) not in self._taken)
        self._taken.add((sort, name))
        self._names[sort, term] = name
        return name

    def _say(
        self, subject: ox.NamedNode, predicate: ox.NamedNode, value: ox.NamedNode | int
    ) -> None:
        if isinstance(value, int):
            said: ox.NamedNode | ox.Literal = ox.Literal(str(value), datatype=XSD.integer)
        else:
            said = value
        self._described.append(ox.Triple(subject, predicate, said))


def namespace(term: ox.NamedNode) -> str:
    """Return the part of an IRI that its vocabulary shares."""
    return term.value[: _split(term)]


def _local(term: ox.NamedNode) -> str:
    return term.value[_split(term) :] or "all"


def _split(term: ox.NamedNode) -> int:
    return max(term.value.rfind("#"), term.value.rfind("/")) + 1


def _mark(term: ox.NamedNode) -> str:
    """A short mark of the vocabulary."""
    return namespace(term).rstrip("#/").rpartition("/")[2].lower().replace(".", "-")


def _iri(term: ox.NamedNode) -> str:
    return term.value
