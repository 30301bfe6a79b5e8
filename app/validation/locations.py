"""Where things are written: from a triple to its places, from what is derived to its premises."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib.paths import (
    AlternativePath,
    InvPath,
    MulPath,
    NegatedPath,
    Path,
    SequencePath,
    ZeroOrMore,
    ZeroOrOne,
)
from rdflib.term import URIRef

from app.namespaces import RDF
from app.rdf.parser import Document, Graph, Place, Statement
from app.rdf.terms import Term

Triple = tuple[Term, ox.NamedNode, Term]
Step = tuple[Term, tuple[Triple, ...]]


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
    """

    def __init__(
        self, documents: Iterable[Document], counts: Callable[[Graph], bool] = lambda _: True
    ) -> None:
        self._entries: dict[Term, dict[ox.NamedNode, list[Occurrence]]] = {}
        self._objects: dict[Term, list[Occurrence]] = {}
        graphs: dict[Graph, bool] = {}
        for document in documents:
            for statement in document.statements:
                subject, predicate, value, graph = statement.quad
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


class Triples:
    """Triples, found by subject or object, to walk property paths along."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._forward: dict[tuple[Term, ox.NamedNode], list[Term]] = defaultdict(list)
        self._back: dict[tuple[Term, ox.NamedNode], list[Term]] = defaultdict(list)
        for subject, predicate, value in triples:
            self._forward[subject, predicate].append(value)
            self._back[value, predicate].append(subject)

    def along(self, start: Term, path: object, end: Term) -> tuple[Triple, ...]:
        """Return the triples of a shortest way from `start` to `end` along an rdflib path.

        Nothing where there is no way, or one without a triple.
        """
        return next((way for term, way in self._walk(start, path) if term == end), ())

    def _walk(self, start: Term, path: object) -> Iterator[Step]:
        if isinstance(path, URIRef):
            predicate = ox.NamedNode(str(path))
            for value in self._forward.get((start, predicate), ()):
                yield value, ((start, predicate, value),)
        elif isinstance(path, InvPath):
            yield from self._back_along(start, path.arg)
        elif isinstance(path, SequencePath):
            yield from self._in_sequence(start, path.args)
        elif isinstance(path, AlternativePath):
            for one in path.args:
                yield from self._walk(start, one)
        elif isinstance(path, MulPath):
            yield from self._repeatedly(start, path)
        elif isinstance(path, NegatedPath):
            # Which triple was meant cannot be told from what it was not.
            return

    def _back_along(self, start: Term, path: object) -> Iterator[Step]:
        if isinstance(path, URIRef):
            predicate = ox.NamedNode(str(path))
            for subject in self._back.get((start, predicate), ()):
                yield subject, ((subject, predicate, start),)
        else:
            yield from self._walk(start, turned(path))

    def _in_sequence(self, start: Term, parts: Sequence[object]) -> Iterator[Step]:
        if not parts:
            yield start, ()
            return
        for middle, way in self._walk(start, parts[0]):
            for end, rest in self._in_sequence(middle, parts[1:]):
                yield end, way + rest

    def _repeatedly(self, start: Term, path: MulPath) -> Iterator[Step]:
        if path.mod in (ZeroOrMore, ZeroOrOne):
            yield start, ()
        seen: set[Term] = set()
        front: list[Step] = [(start, ())]
        while front:
            reached: list[Step] = []
            for node, way in front:
                for end, step in self._walk(node, path.path):
                    if end not in seen:
                        seen.add(end)
                        reached.append((end, way + step))
                        yield end, way + step
            front = [] if path.mod == ZeroOrOne else reached


def turned(path: object) -> object:
    """Return the path that leads back along an rdflib path."""
    if isinstance(path, InvPath):
        return path.arg
    if isinstance(path, SequencePath):
        return SequencePath(*(turned(part) for part in reversed(path.args)))  # type: ignore[arg-type]
    if isinstance(path, AlternativePath):
        return AlternativePath(*(turned(part) for part in path.args))  # type: ignore[arg-type]
    if isinstance(path, MulPath):
        return MulPath(turned(path.path), path.mod)  # type: ignore[arg-type]
    if isinstance(path, Path | URIRef):
        return InvPath(path)
    raise TypeError(f"no path: {path!r}")
