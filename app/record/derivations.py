"""What a derived fact rests on: the evidence of its premises, and the weakest stance among it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import DLG, RDF, RDFS
from app.record.rules import Reasons, Way

STRENGTH = DLG.accepted, DLG.inferred, DLG.editorial
"""The stances of what we hold, the strongest first."""

Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_UNASKED = frozenset({RDF.type, RDFS.subClassOf})
"""No grounds: that a thing is of a class is how the record files it, and that a class is below
another is how the ontology does; no passage claims either, and an editor's filing would weaken
what every passage says of the thing."""


@dataclass(frozen=True)
class Grounds:
    """Evidence, and how strong the weakest of it is: the place of its stance in STRENGTH."""

    weakest: int
    evidence: frozenset[Graph]

    @property
    def stance(self) -> ox.NamedNode:
        """The stance of what rests on this evidence."""
        return STRENGTH[self.weakest]


@dataclass(frozen=True)
class Derivation:
    """A fact that a rule concluded, alone in the graph `name`.

    `rule` is what the rule's graph names as its rule. There are no `grounds` where no evidence
    says anything of the premises.
    """

    name: ox.NamedNode
    fact: ox.Triple
    rule: ox.NamedNode
    grounds: Grounds | None

    def quads(self) -> Iterator[ox.Quad]:
        """Yield the fact in its graph and, in the default graph, what is said of the two."""
        yield ox.Quad(self.fact.subject, self.fact.predicate, self.fact.object, self.name)
        yield ox.Quad(self.name, RDF.type, DLG.Derivation)
        yield ox.Quad(self.name, DLG.derivedBy, self.rule)
        if self.grounds:
            yield ox.Quad(self.name, DLG.stance, self.grounds.stance)
            for evidence in sorted(self.grounds.evidence, key=str):
                yield ox.Quad(self.name, DLG.premise, evidence)  # type: ignore[arg-type]


class Evidence:
    """The evidence of triples: written, or of what a triple was concluded from."""

    def __init__(
        self, written: Iterable[ox.Quad], stances: Mapping[object, frozenset[object]]
    ) -> None:
        # In a store, which writes literals as the conclusions of rules do.
        self._store = ox.Store()
        self._strength = {
            graph: max(STRENGTH.index(stance) for stance in held)
            for graph, given in stances.items()
            if (held := given.intersection(STRENGTH))
        }
        self._store.extend(q for q in written if q.graph_name in self._strength)
        self._derived: dict[ox.Triple, Grounds | None] = {}

    def derive(self, reasons: Reasons) -> dict[ox.Triple, Grounds | None]:
        """Return on what each conclusion rests, and remember it for conclusions from these.

        A conclusion is as strong as the strongest way to it, and rests on all that are.
        """
        grounds = {triple: self._best(ways) for triple, ways in reasons.items()}
        self._derived |= grounds
        return grounds

    def _best(self, ways: Iterable[Way]) -> Grounds | None:
        grounds = [found for way in ways if (found := self._of_way(way))]
        if not grounds:
            return None
        strongest = min(one.weakest for one in grounds)
        tied = [one.evidence for one in grounds if one.weakest == strongest]
        return Grounds(strongest, frozenset().union(*tied))

    def _of_way(self, way: Way) -> Grounds | None:
        asked = (self._of(triple) for triple in way if triple.predicate not in _UNASKED)
        grounds = [one for one in asked if one]
        if not grounds:
            return None
        evidence = frozenset[Graph]().union(*(one.evidence for one in grounds))
        return Grounds(max(one.weakest for one in grounds), evidence)

    def _of(self, triple: ox.Triple) -> Grounds | None:
        """Return the strongest evidence of a triple, all that is equally strong."""
        if triple in self._derived:
            return self._derived[triple]
        subject, predicate, value = triple
        quads = self._store.quads_for_pattern(subject, predicate, value, None)
        graphs = [quad.graph_name for quad in quads]
        if not graphs:
            return None
        strongest = min(self._strength[graph] for graph in graphs)
        return Grounds(strongest, frozenset(g for g in graphs if self._strength[g] == strongest))


def name(base: str, fact: ox.Triple) -> ox.NamedNode:
    """Return the graph in which a derived fact stands alone: named by what it says.

    It is `graph/derivation/` and the first 16 digits of the SHA-256 of the fact's line of
    N-Triples, without its end.
    """
    subject, predicate, value = fact
    line = f"{subject} {predicate} {value} ."
    return ox.NamedNode(f"{base}graph/derivation/{hashlib.sha256(line.encode()).hexdigest()[:16]}")
