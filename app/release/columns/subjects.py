"""The dataset of a release read thing by thing: its lines are sorted, so nothing is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from app.rdf.terms import Term

_DEFAULT = ox.DefaultGraph()
Fact = tuple[ox.NamedNode, Term]
_BATCH = 20_000


@dataclass
class Subject:
    """All that is said of a thing: what is held, in order, and the named graphs that say so.

    `graphs` has the graphs by fact; what stands only in graphs is not held.
    """

    term: ox.NamedNode | ox.BlankNode
    held: dict[ox.NamedNode, list[Term]] = field(default_factory=dict)
    graphs: dict[Fact, list[ox.NamedNode | ox.BlankNode]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its IRI, or the label of a blank node."""
        return self.term.value if isinstance(self.term, ox.NamedNode) else str(self.term)


def subjects(
    dataset: Path, advance: Callable[[float], None] = lambda share: None, total: int = 0
) -> Iterator[Subject]:
    """Yield what a file of sorted N-Quads says of each thing.

    `advance` is told the share that is read of `total` quads.
    """
    current: Subject | None = None
    quads = ox.parse(path=str(dataset), format=ox.RdfFormat.N_QUADS)
    for read, (term, predicate, value, graph) in enumerate(quads, 1):
        if current is None or term != current.term:
            if current is not None:
                yield current
            current = Subject(term)
        if graph == _DEFAULT:
            current.held.setdefault(predicate, []).append(value)
        else:
            current.graphs.setdefault((predicate, value), []).append(graph)
        if read % _BATCH == 0:
            advance(min(read / max(total, read), 1.0))
    if current is not None:
        yield current
