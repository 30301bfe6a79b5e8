"""What ontology and shapes say of the properties of a class.

Read from the dataset itself, where both stand as graphs, so that RDF of others has it too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.namespaces import OWL, RDF, RDFS, SCHEMA, SH
from app.rdf.terms import Term

Node = ox.NamedNode | ox.BlankNode
_LISTS = SH["and"], SH["or"], SH["xone"]
_SAME_FOCUS = SH.node, SH["not"]
_REPEATED = SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath
_PATHS = frozenset({RDF.first, SH.inversePath, SH.alternativePath, *_REPEATED})
PREDICATES = frozenset(
    {
        RDF.first, RDF.rest, OWL.unionOf, RDFS.domain, RDFS.range, RDFS.subClassOf,
        SCHEMA.domainIncludes,
        SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.property, SH.path,
        SH.inversePath, SH.alternativePath, SH.maxCount, SH.datatype, SH["class"],
        SH.uniqueLang, SH.languageIn,
        *_LISTS, *_SAME_FOCUS, *_REPEATED,
    }
)  # fmt: skip
"""What the schema is made of."""


@dataclass(frozen=True)
class Named:
    """A property as a shape or a domain names it; `single` where a shape allows one value only.

    It is `one_of` several where a path may go several ways, of which a thing need not have each,
    `translated` where its values are texts in languages: in `languages` alone, if it has them.
    """

    property: ox.NamedNode
    inverse: bool = False
    single: bool = False
    one_of: bool = False
    datatypes: frozenset[ox.NamedNode] = frozenset()
    classes: frozenset[ox.NamedNode] = frozenset()
    translated: bool = False
    languages: frozenset[str] = frozenset()


@dataclass
class Schema:
    """The triples that classes, domains and shapes are made of, by subject and predicate."""

    triples: dict[Node, dict[ox.NamedNode, list[Term]]] = field(default_factory=dict)

    def add(self, subject: Node, predicate: ox.NamedNode, value: Term) -> None:
        """Take a triple, if the schema is made of such."""
        if predicate in PREDICATES:
            values = self.triples.setdefault(subject, {}).setdefault(predicate, [])
            if value not in values:
                values.append(value)

    def values(self, subject: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the values of a property of a node."""
        if not isinstance(subject, ox.NamedNode | ox.BlankNode):
            return []
        return self.triples.get(subject, {}).get(predicate, [])

    def above(self, kind: ox.NamedNode) -> tuple[ox.NamedNode, ...]:
        """Return a class and all classes above it."""
        found = [kind]
        for one in found:
            found += [c for c in _iris(self.values(one, RDFS.subClassOf)) if c not in found]
        return tuple(found)

    def shapes(self) -> list[tuple[ox.NamedNode, ox.NamedNode, Node]]:
        """Return each target of a shape: the predicate that names it, what it names, the shape."""
        targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
        return [
            (predicate, value, shape)
            for shape, said in self.triples.items()
            for predicate in targets
            for value in _iris(said.get(predicate, []))
        ]

    def domains(self) -> dict[ox.NamedNode, list[ox.NamedNode]]:
        """Return the properties that the ontology gives to each class, unions taken apart."""
        found: dict[ox.NamedNode, list[ox.NamedNode]] = defaultdict(list)
        for subject in self.triples:
            named = (self.values(subject, link) for link in (RDFS.domain, SCHEMA.domainIncludes))
            for domain in (one for values in named for one in values):
                unions = [list(self.items(union)) for union in self.values(domain, OWL.unionOf)]
                for kind in _iris([domain, *(one for union in unions for one in union)]):
                    if isinstance(subject, ox.NamedNode):
                        found[kind].append(subject)
        return found

    def declared(self) -> set[ox.NamedNode]:
        """Return the properties that have a domain or a range, or that a shape names."""
        links = {RDFS.domain, RDFS.range, SCHEMA.domainIncludes}
        found = {RDF.type}
        for subject, said in self.triples.items():
            if isinstance(subject, ox.NamedNode) and not links.isdisjoint(said):
                found.add(subject)
        for predicate, target, shape in self.shapes():
            if predicate != SH.targetClass:
                found.add(target)
            found.update(named.property for named in self.named_by(shape))
        return found

    def classes(self) -> set[ox.NamedNode]:
        """Return the classes that shapes are about, or to which the ontology gives properties."""
        targets = (target for predicate, target, _ in self.shapes() if predicate == SH.targetClass)
        return {*targets, *self.domains()}

    def ranges(self, property: ox.NamedNode) -> list[ox.NamedNode]:
        """Return what the ontology says the values of a property are."""
        return _iris(self.values(property, RDFS.range))

    def items(self, at: Term) -> Iterator[Term]:
        """Yield the items of a list; of one that goes round in a circle, each once."""
        seen: set[Term] = set()
        while at != RDF.nil and at not in seen:
            seen.add(at)
            yield from self.values(at, RDF.first)
            rest = self.values(at, RDF.rest)
            if not rest:
                return
            at = rest[0]

    def named_by(self, shape: Node) -> list[Named]:
        """Return the properties that a shape names of the nodes that it is about."""
        found: list[Named] = []
        waiting, seen = [shape], {shape}
        while waiting:
            one = waiting.pop()
            found += self._paths(one)
            inner = [
                *self.values(one, SH.property),
                *(node for predicate in _SAME_FOCUS for node in self.values(one, predicate)),
                *(
                    node
                    for predicate in _LISTS
                    for start in self.values(one, predicate)
                    for node in self.items(start)
                ),
            ]
            if self.values(one, SH.path):
                # What a property shape has within it is about the values.
                continue
            for node in inner:
                if isinstance(node, ox.NamedNode | ox.BlankNode) and node not in seen:
                    seen.add(node)
                    waiting.append(node)
        return found

    def _paths(self, shape: Node) -> Iterator[Named]:
        single = any(
            isinstance(n, ox.Literal) and n.value == "1" for n in self.values(shape, SH.maxCount)
        )
        datatypes = frozenset(_iris(self.values(shape, SH.datatype)))
        classes = {*_iris(self.values(shape, SH["class"]))}
        for start in self.values(shape, SH["or"]):
            for node in self.items(start):
                classes.update(_iris(self.values(node, SH["class"])))
        tags = frozenset(
            tag.value
            for start in self.values(shape, SH.languageIn)
            for tag in self.items(start)
            if isinstance(tag, ox.Literal)
        )
        unique = any(
            isinstance(one, ox.Literal) and one.value in ("true", "1")
            for one in self.values(shape, SH.uniqueLang)
        )
        translated = unique or bool(tags) or RDF.langString in datatypes
        for path in self.values(shape, SH.path):
            steps = list(self._steps(path))
            for property, inverse in steps:
                # Of a path of several ways, no one has the bounds of the whole.
                one = single and len(steps) == 1
                several = len(steps) > 1
                yield Named(
                    property, inverse, one, several, datatypes, frozenset(classes), translated, tags
                )

    def _steps(self, path: Term, depth: int = 0) -> Iterator[tuple[ox.NamedNode, bool]]:
        """Yield the properties that a path may begin with, and whether it goes against them."""
        if depth > 50:
            return
        # What has no name but its content stands in a release by an IRI, and is no property.
        if isinstance(path, ox.NamedNode) and not _PATHS & self.triples.get(path, {}).keys():
            yield path, False
            return
        for inner in self.values(path, SH.inversePath):
            if isinstance(inner, ox.NamedNode):
                yield inner, True
        for start in self.values(path, SH.alternativePath):
            for way in self.items(start):
                yield from self._steps(way, depth + 1)
        for predicate in _REPEATED:
            for inner in self.values(path, predicate):
                yield from self._steps(inner, depth + 1)
        for first in self.values(path, RDF.first):
            yield from self._steps(first, depth + 1)


def _iris(terms: Iterable[Term]) -> list[ox.NamedNode]:
    return [term for term in terms if isinstance(term, ox.NamedNode)]
