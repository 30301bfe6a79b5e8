"""Where things are written: from a triple to its places."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from app.namespaces import RDF
from app.rdf.garbage import uncollected
from app.rdf.parser import Document, Graph, Place, Statement
from app.rdf.sparql.paths import Triple
from app.rdf.terms import Term


@dataclass(frozen=True, eq=False, slots=True)
class Occurrence:
    """A statement and the document in which it stands; an index has one of each."""

    document: Document
    statement: Statement

    @property
    def subject(self) -> Place:
        """Where the subject is written."""
        return self.document.place(self.statement.subject)

    @property
    def triple(self) -> Triple:
        """The triple that is stated."""
        subject, predicate, value = self.statement.quad.triple
        return subject, predicate, value

    @property
    def object(self) -> Place:
        """Where the object is written."""
        return self.document.place(self.statement.object)


_Entries = dict[Term, dict[ox.NamedNode, list[Occurrence]]]


class Index:
    """The statements of documents, found by subject and predicate; made when it is first asked.

    Only the graphs that `counts` accepts are in it: a rejected claim is no place of what we hold.
    Where `predicates` are named, only their statements are in it.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        counts: Callable[[Graph], bool] = lambda _: True,
        predicates: Collection[ox.NamedNode] | None = None,
    ) -> None:
        self._documents, self._counts, self._predicates = tuple(documents), counts, predicates

    def _occurrences(self) -> Iterator[Occurrence]:
        graphs: dict[Graph, bool] = {}
        for document in self._documents:
            for statement in document.statements:
                quad = statement.quad
                graph = quad.graph_name
                if graph not in graphs:
                    graphs[graph] = self._counts(graph)
                if graphs[graph] and (
                    self._predicates is None or quad.predicate in self._predicates
                ):
                    yield Occurrence(document, statement)

    @cached_property
    def _entries(self) -> _Entries:
        entries: _Entries = {}
        with uncollected():
            for entry in self._occurrences():
                quad = entry.statement.quad
                entries.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(entry)
        return entries

    @cached_property
    def _objects(self) -> dict[Term, list[Occurrence]]:
        objects: dict[Term, list[Occurrence]] = {}
        with uncollected():
            for by_predicate in self._entries.values():
                for entries in by_predicate.values():
                    for entry in entries:
                        objects.setdefault(entry.statement.quad.object, []).append(entry)
        for entries in objects.values():
            entries.sort(key=_order)
        return objects

    def __contains__(self, subject: Term) -> bool:
        return subject in self._entries

    def of(self, subject: Term, predicate: ox.NamedNode) -> Sequence[Occurrence]:
        """Return the statements with a subject and a predicate, in the order of the files."""
        return self._entries.get(subject, {}).get(predicate, ())

    def by_predicate(self, predicate: ox.NamedNode) -> Iterator[tuple[Term, Sequence[Occurrence]]]:
        """Yield each subject that has a predicate, with its statements."""
        for subject, described in self._entries.items():
            if predicate in described:
                yield subject, described[predicate]

    def triple(self, triple: Triple) -> list[Occurrence]:
        """Return every statement of a triple."""
        subject, predicate, value = triple
        return [e for e in self.of(subject, predicate) if e.statement.quad.object == value]

    def between(self, subject: Term, value: Term) -> list[Occurrence]:
        """Return every statement that links a subject with an object."""
        return [e for e in self._objects.get(value, ()) if e.statement.quad.subject == subject]

    def subject(self, term: Term) -> list[Place]:
        """Return where a term is introduced.

        That is every place where it is typed; else the first where it is a subject; else the
        first where it is an object; else nothing.
        """
        if typed := self.of(term, RDF.type):
            return [entry.subject for entry in typed]
        if described := self._entries.get(term):
            return [min((entries[0] for entries in described.values()), key=_offset).subject]
        return [entry.object for entry in self._objects.get(term, ())[:1]]


def _order(entry: Occurrence) -> tuple[str, int]:
    return entry.document.path, entry.statement.object


def _offset(entry: Occurrence) -> tuple[str, int]:
    return entry.document.path, entry.statement.subject
