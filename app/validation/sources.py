"""Files of RDF, read fast; where something in them is written is looked up when it is asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
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


class Sources:
    """The statements of several files; blank nodes of two files are never the same.

    `graphs` are those that count, all where it is empty.
    """

    def __init__(self, sources: Sequence[Source], graphs: Iterable[str] = ()) -> None:
        self.sources = sources
        self._graphs: set[object] = {ox.NamedNode(graph) for graph in graphs}
        self._several = len(sources) > 1
        self._anonymous: list[list[ox.Quad]] = [[] for _ in sources]
        self.prefixes: dict[str, str] = {}
        self.names: set[object] = set()

    def quads(self) -> Iterator[ox.Quad]:
        """Yield the statements that count, file after file. To be taken whole, once.

        Raises one Fault that has a line for each file that cannot be read.
        """
        faults: list[str] = []
        for number, source in enumerate(self.sources):
            try:
                parsed = source.read()
                for quad in parsed:
                    if _is_anonymous(quad):
                        quad = self._apart(quad, number)
                        self._anonymous[number].append(quad)
                    graph = quad.graph_name
                    self.names.add(graph)
                    if not self._graphs or graph in self._graphs:
                        yield quad
                self.prefixes = {**parsed.prefixes, **self.prefixes}
            except Fault as fault:
                faults.append(str(fault))
        if faults:
            raise Fault("\n".join(faults))

    def require_graphs(self) -> None:
        """Raise Fault if one of the graphs that count is in no file; once `quads` is taken."""
        missing = sorted(g.value for g in self._graphs - self.names if isinstance(g, ox.NamedNode))
        if missing:
            there = ", ".join(f"<{name}>" for name in self.named()[:5]) or "no named graph"
            more = ", …" if len(self.named()) > 5 else ""
            lines = [
                f"--graph {name}: no graph has this name; there is {there}" for name in missing
            ]
            raise Fault("\n".join(line + more for line in lines))

    def named(self) -> list[str]:
        """Return the names of the named graphs that were met, sorted."""
        return sorted(n.value for n in self.names if isinstance(n, ox.NamedNode | ox.BlankNode))

    @property
    def whole(self) -> bool:
        """Whether every graph counts."""
        return not self._graphs

    def documents(self, triples: Iterable[Triple], subjects: Iterable[Term]) -> list[Document]:
        """Return, of each file, the statements that are sought, each with its place."""
        wanted = Wanted(
            frozenset(triples),  # type: ignore[arg-type]
            frozenset(s for s in subjects if isinstance(s, ox.NamedNode | ox.BlankNode)),
            as_written=not self._several,
        )
        found = []
        for number, source in enumerate(self.sources):
            own = self._own(source, number, wanted)
            if not (own.triples or own.subjects):
                continue
            located = places.statements(source, own, lambda n=number: self._anonymous[n])  # type: ignore[misc]
            found.append(Document(source.path, source.text, Syntax.TRIG, {}, located))
        return found

    def introduced(self, node: Term) -> Place | None:
        """Return where a node is introduced; None where it is nowhere."""
        for document in self.documents((), [node]):
            offsets = places.introduction(document.statements, node)  # type: ignore[arg-type]
            if offsets:
                return document.place(offsets[0])
        return None

    def _own(self, source: Source, number: int, wanted: Wanted) -> Wanted:
        """Return what of that which is sought is in one of the files."""
        if not self._several:
            return wanted
        triples: set[Triple] = set()
        subjects: set[ox.NamedNode | ox.BlankNode] = set()
        plain = (q for q in source.quads() if not _is_anonymous(q))
        for subject, predicate, value, _ in chain(plain, self._anonymous[number]):
            if (triple := (subject, predicate, value)) in wanted.triples:
                triples.add(triple)
            if subject in wanted.subjects and not isinstance(subject, ox.Triple):
                subjects.add(subject)
        return Wanted(frozenset(triples), frozenset(subjects))  # type: ignore[arg-type]

    def _apart(self, quad: ox.Quad, number: int) -> ox.Quad:
        if not self._several:
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
