"""A graph in memory: predicate, then subject, then objects, terms as they are written."""

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence

import pyoxigraph as ox

from app.namespaces import RDF, RDFS
from app.rdf.garbage import uncollected
from app.rdf.terms import Term

_Objects = dict[Term, tuple[Term, ...]]


class Graph:
    """The triples of a graph, each once, in the order in which they were given.

    Equal terms are one object: that takes half the memory and makes comparing faster. The index
    from objects to subjects is made for a predicate when it is first asked for.
    """

    def __init__(self, statements: Iterable[ox.Triple | ox.Quad]) -> None:
        with uncollected():
            self._objects = _index(statements)
        self._subjects: dict[ox.NamedNode, _Objects] = {}
        self._subclasses: dict[Term, KeysView[Term]] = {}

    def __len__(self) -> int:
        """Return the number of triples."""
        return sum(len(o) for objects in self._objects.values() for o in objects.values())

    def quads(
        self, predicates: Iterable[ox.NamedNode], name: ox.NamedNode | None = None
    ) -> Iterator[ox.Quad]:
        """Yield the triples of predicates, in the default graph or in that of a name."""
        # Naming the default graph too would double the time.
        graph = () if name is None else (name,)
        for predicate in predicates:
            for subject, objects in self.by_subject(predicate).items():
                for value in objects:
                    yield ox.Quad(subject, predicate, value, *graph)  # type: ignore[arg-type]

    @property
    def predicates(self) -> Iterable[ox.NamedNode]:
        """The predicates of the graph."""
        return self._objects.keys()

    def by_subject(self, predicate: ox.NamedNode) -> Mapping[Term, tuple[Term, ...]]:
        """Return the subjects of a predicate with their objects."""
        return self._objects.get(predicate) or {}

    def by_object(self, predicate: ox.NamedNode) -> Mapping[Term, tuple[Term, ...]]:
        """Return the objects of a predicate with their subjects."""
        if (made := self._subjects.get(predicate)) is None:
            turned: dict[Term, list[Term]] = {}
            for subject, objects in self.by_subject(predicate).items():
                for value in objects:
                    turned.setdefault(value, []).append(subject)
            made = {value: tuple(subjects) for value, subjects in turned.items()}
            self._subjects[predicate] = made
        return made

    def objects(self, subject: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the objects of a subject and a predicate."""
        return self.by_subject(predicate).get(subject, ())

    def subjects(self, value: Term, predicate: ox.NamedNode) -> Sequence[Term]:
        """Return the subjects of an object and a predicate."""
        return self.by_object(predicate).get(value, ())

    def subclasses(self, of: Term) -> KeysView[Term]:
        """Return a class and everything that is a subclass of it, over any number of steps.

        The class itself comes first; the order does not change from run to run.
        """
        if (classes := self._subclasses.get(of)) is None:
            reached, queue = dict.fromkeys([of]), [of]
            while queue:
                for below in self.subjects(queue.pop(), RDFS.subClassOf):
                    if below not in reached:
                        reached[below] = None
                        queue.append(below)
            classes = self._subclasses[of] = reached.keys()
        return classes

    def instances(self, of: Term) -> Iterator[Term]:
        """Yield the SHACL instances of a class; one with several types may come several times.

        Source: SHACL, section 1.4 (SHACL instance).
        """
        for one in self.subclasses(of):
            yield from self.subjects(one, RDF.type)


def _index(statements: Iterable[ox.Triple | ox.Quad]) -> dict[ox.NamedNode, _Objects]:
    index: dict[ox.NamedNode, dict[Term, tuple[Term, ...] | list[Term]]] = {}
    several: list[tuple[dict[Term, tuple[Term, ...] | list[Term]], Term]] = []
    terms: dict[Term, Term] = {}
    share = terms.setdefault
    last: Term | None = None
    for statement in statements:
        subject, value = statement[0], statement[2]
        # What is said of one subject mostly stands together.
        subject = last = last if subject == last else share(subject, subject)
        by_subject = index.get(statement[1])
        if by_subject is None:
            by_subject = index[statement[1]] = {}
        before = by_subject.get(subject)
        if before is None:
            by_subject[subject] = (share(value, value),)
        elif type(before) is list:
            before.append(share(value, value))
        else:
            by_subject[subject] = [*before, share(value, value)]
            several.append((by_subject, subject))
    for by_subject, subject in several:
        # Files repeat triples; a graph is a set.
        by_subject[subject] = tuple(dict.fromkeys(by_subject[subject]))
    return index  # type: ignore[return-value]
