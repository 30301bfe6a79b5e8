"""Files of RDF, read fast; where something in them is written is looked up when it is asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from app.errors import Fault
from app.rdf import places
from app.rdf.parser import Document, Place, Syntax
from app.rdf.places import Wanted
from app.rdf.source import Source, read_source
from app.rdf.sparql.paths import Triple
from app.rdf.terms import Term
from app.record.record import find

_NAMES = 5
"""How many graphs are named to whoever asked for one that is not there."""


class Sources:
    """The statements of several files; blank nodes of two files are never the same.

    `graphs` are those that count, all where it is empty. `names` are the graphs in the files,
    `without_statements` the files in which nothing is stated: both are known when all statements
    have been taken.
    """

    def __init__(self, sources: Sequence[Source], graphs: Iterable[str] = ()) -> None:
        self.sources = sources
        self._graphs = {ox.NamedNode(graph) for graph in graphs}
        self._several = len(sources) > 1
        self._anonymous: list[list[ox.Quad]] = [[] for _ in sources]
        self.prefixes: dict[str, str] = {}
        self.names: set[object] = set()
        self.without_statements: list[str] = []

    def quads(self) -> Iterator[ox.Quad]:
        """Yield the statements that count, file after file. To be taken whole, once.

        Raises one Fault that has a line for each file that cannot be read.
        """
        faults: list[str] = []
        for number, source in enumerate(self.sources):
            try:
                parsed = source.read()
                statements = 0
                for statements, quad in enumerate(parsed, 1):  # noqa: B007
                    graph = quad.graph_name
                    self.names.add(graph)
                    if _is_anonymous(quad):
                        self._anonymous[number].append(quad)
                        quad = self._apart(quad, number)
                    if not self._graphs or graph in self._graphs:
                        yield quad
                if not statements:
                    self.without_statements.append(source.path)
                self.prefixes = {**parsed.prefixes, **self.prefixes}
            except Fault as fault:
                faults.append(str(fault))
        if faults:
            raise Fault("\n".join(faults))

    def absent(self) -> list[str]:
        """Return, of the graphs that count, those that are in no file."""
        return sorted(str(graph) for graph in self._graphs if graph not in self.names)

    def as_one(self) -> str:
        """Return which graphs were read as one, in a sentence; nothing where there is one alone."""
        named = sum(isinstance(name, ox.NamedNode | ox.BlankNode) for name in self.names)
        if self._graphs or not named:
            return ""
        many = "1 named graph was" if named == 1 else f"{named:,} named graphs were"
        return f"The default graph and {many} read as one; --graph IRI takes one alone."

    def nothing(self) -> str:
        """Return why there is no statement that counts."""
        files = ", ".join(self.paths)
        if not self._graphs or not self.names:
            return f"{files}: nothing is stated in it: nothing was checked"
        names = sorted(str(name) for name in self.names if isinstance(name, ox.NamedNode))
        others = ", ".join(names[:_NAMES]) or "the default graph alone"
        chosen = ", ".join(sorted(str(graph) for graph in self._graphs))
        return f"{files}: nothing is stated in {chosen}: nothing was checked; there is {others}"

    def documents(
        self, triples: Iterable[Triple], subjects: Iterable[Term], objects: Iterable[Term] = ()
    ) -> list[Document]:
        """Return, of each file, the statements that are sought, each with its place.

        Sought are triples, everything said about `subjects`, and for each of `objects` the first
        triple in a file that has it as its object.
        """
        asked = set(triples), set(subjects), set(objects)
        found = []
        for number, source in enumerate(self.sources):
            wanted = self._wanted(source, number, *asked)
            if not (wanted.triples or wanted.subjects):
                continue
            located = places.statements(source, wanted, lambda n=number: self._anonymous[n])  # type: ignore[misc]
            counting = [
                statement._replace(quad=self._apart(statement.quad, number))
                for statement in located
                if not self._graphs or statement.quad.graph_name in self._graphs
            ]
            found.append(Document(source.path, source.text, Syntax.TRIG, {}, counting))
        return found

    def introduced(self, node: Term) -> Place | None:
        """Return where a node is introduced; None where it is nowhere."""
        asked: tuple[tuple[list[Term], list[Term]], ...] = (([node], []), ([], [node]))
        for subjects, objects in asked:
            for document in self.documents((), subjects, objects):
                offsets = places.introduction(document.statements, node)  # type: ignore[arg-type]
                if offsets:
                    return document.place(offsets[0])
        return None

    def _wanted(
        self,
        source: Source,
        number: int,
        triples: set[Triple],
        subjects: set[Term],
        objects: set[Term],
    ) -> Wanted:
        """Return what of that which is sought is in one of the files, as that file calls it."""
        if not self._several and not objects:
            # All of it can only be here.
            return Wanted(frozenset(triples), _nodes(subjects), as_written=True)  # type: ignore[arg-type]
        own: set[Triple] = set()
        about: set[Term] = set()
        # What has blank nodes is called as it was when it was read, and comes in its own order.
        plain = (quad for quad in source.quads() if not _is_anonymous(quad))
        for quads in plain, self._anonymous[number]:
            ends = set(objects)
            for quad in quads:
                if self._graphs and quad.graph_name not in self._graphs:
                    continue
                subject, predicate, value, _ = self._apart(quad, number)
                if value in ends or (subject, predicate, value) in triples:
                    own.add((quad.subject, quad.predicate, quad.object))
                    ends.discard(value)
                if subject in subjects:
                    about.add(quad.subject)
        return Wanted(frozenset(own), _nodes(about), as_written=True)  # type: ignore[arg-type]

    def _apart(self, quad: ox.Quad, number: int) -> ox.Quad:
        if not self._several or not _is_anonymous(quad):
            return quad
        terms = (
            ox.BlankNode(f"f{number}.{term.value}") if isinstance(term, ox.BlankNode) else term
            for term in quad
        )
        return ox.Quad(*terms)  # type: ignore[arg-type]

    @cached_property
    def paths(self) -> list[str]:
        """The files as their user named them."""
        return [source.path for source in self.sources]


def _nodes(terms: Iterable[Term]) -> frozenset[ox.NamedNode | ox.BlankNode]:
    return frozenset(t for t in terms if isinstance(t, ox.NamedNode | ox.BlankNode))


def _is_anonymous(quad: ox.Quad) -> bool:
    return isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)


def read_sources(
    paths: Sequence[Path],
    *,
    format: ox.RdfFormat | None = None,
    contexts: Mapping[str, str] | None = None,
) -> list[Source]:
    """Return the RDF files at and below paths; compressed ones unpacked.

    Raises one Fault that has a line for each file that cannot be opened.
    """
    sources: list[Source] = []
    faults: list[str] = []
    for path in find(list(paths)):
        try:
            sources.append(read_source(path, format=format, contexts=contexts))
        except Fault as fault:
            faults.append(str(fault))
    if faults:
        raise Fault("\n".join(faults))
    return sources
