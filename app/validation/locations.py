"""Where things are written: from a triple to its places."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import RDF
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


class Index:
    """The statements of documents, found by subject and predicate.

    Only the graphs that `counts` accepts are in it: a rejected claim is no place of what we hold.
    With `predicates`, only statements with one of them are.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        counts: Callable[[Graph], bool] = lambda _: True,
        predicates: Container[ox.NamedNode] | None = None,
    ) -> None:
        self._entries: dict[Term, dict[ox.NamedNode, list[Occurrence]]] = {}
        self._objects: dict[Term, list[Occurrence]] = {}
        graphs: dict[Graph, bool] = {}
        for document in documents:
            for statement in document.statements:
                subject, predicate, value, graph = statement.quad
                if predicates is not None and predicate not in predicates:
                    continue
                if graph not in graphs:
                    graphs[graph] = counts(graph)
                if graphs[graph]:
                    entry = Occurrence(document, statement)
                    self._entries.setdefault(subject, {}).setdefault(predicate, []).append(entry)
                    self._objects.setdefault(value, []).append(entry)

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


def _offset(entry: Occurrence) -> tuple[str, int]:
    return entry.document.path, entry.statement.subject
