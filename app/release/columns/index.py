"""What must be known of a dataset before its tables can be written: one pass over its lines."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from app.exports import names
from app.namespaces import DLG, RDF, SCHEMA, SKOS, VOID
from app.rdf.terms import Term
from app.record.inference import HELD
from app.release.columns.schema import Schema
from app.release.columns.subjects import Subject, subjects
from app.release.statistics import namespace

Kinds = tuple[ox.NamedNode, ...]


class Passage(NamedTuple):
    """What evidence says of itself: its stances, sources, words and notes."""

    stances: tuple[str, ...]
    sources: tuple[str, ...]
    quotes: tuple[ox.Literal, ...]
    notes: tuple[str, ...]


class Derived(NamedTuple):
    """The evidence that a derived fact rests on, the rule that concluded it, its stances."""

    premises: tuple[str, ...]
    rules: tuple[str, ...]
    stances: tuple[str, ...]


@dataclass
class SubjectIndex:
    """Classes, names and evidence of all that a dataset describes.

    `things` begins the IRIs of the record's own things; RDF of others has none, and all counts.
    `languages` are those that a dataset says it is in.
    """

    things: str | None
    schema: Schema = field(default_factory=Schema)
    passages: dict[str, Passage] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    tables: dict[ox.NamedNode, int] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    _kinds: dict[str, Kinds] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _closures: dict[Kinds, Kinds] = field(default_factory=dict)
    _short: dict[Kinds, ox.NamedNode | None] = field(default_factory=dict)
    table_names: Mapping[ox.NamedNode, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember the graph in which the dataset describes itself."""
        self._description = f"{(self.things or '').removesuffix('id/')}graph/dataset"

    def kinds(self, thing: str) -> Kinds:
        """Return the classes of a thing as they are written."""
        return self._kinds.get(thing, ())

    def rows_in(self, kinds: Kinds) -> Kinds:
        """Return the classes in whose tables a thing of these classes has a row."""
        known = self._closures.get(kinds)
        if known is None:
            closure = dict.fromkeys(above for kind in kinds for above in self._own_above(kind))
            known = self._closures[kinds] = tuple(c for c in closure if c in self.tables)
        return known

    def narrowest(self, kinds: Kinds) -> ox.NamedNode | None:
        """Return the one of several classes that says most: the one that has the fewest things."""
        if kinds not in self._short:

            def rank(kind: ox.NamedNode) -> tuple[bool, int, str]:
                return kind not in self.tables, self.tables.get(kind, 0), kind.value

            self._short[kinds] = min(kinds, key=rank, default=None)
        return self._short[kinds]

    def label(self, iri: str) -> str | None:
        """Return what a thing is called, in English if it has an English name."""
        return self._labels.get(iri)

    def kind(self, iri: str) -> str | None:
        """Return the short name of the class of a thing."""
        narrow = self.narrowest(self.kinds(iri))
        return self.table_names.get(narrow) if narrow else None

    def evidence(self, graphs: Iterable[ox.NamedNode | ox.BlankNode]) -> tuple[str, ...]:
        """Return the passages that a held fact rests on, by the graphs that it stands in."""
        found: dict[str, None] = {}
        for graph in graphs:
            name = graph.value
            if (passage := self.passages.get(name)) is not None:
                if _HELD.intersection(passage.stances):
                    found[name] = None
            elif (derived := self.derived.get(name)) is not None:
                found.update(dict.fromkeys(derived.premises))
        return tuple(sorted(found))

    def is_derived(self, graphs: Iterable[ox.NamedNode | ox.BlankNode]) -> bool:
        """Return whether a rule concluded a fact, by the graphs that it stands in.

        What the dataset says of itself is written by the program, which is as good as a rule.
        """
        return any(g.value in self.derived or g.value == self._description for g in graphs)

    def sources(self, evidence: Iterable[str]) -> set[str]:
        """Return the sources of passages."""
        return {
            source
            for name in evidence
            if (passage := self.passages.get(name)) is not None
            for source in passage.sources
        }

    def take(self, subject: Subject) -> Kinds:
        """Take what is said of a thing, and return its classes."""
        facts = subject.held
        for predicate, value in subject.graphs:
            self.schema.add(subject.term, predicate, value)
        for predicate, values in facts.items():
            self.properties.add(predicate.value)
            for value in values:
                self.schema.add(subject.term, predicate, value)
        name = subject.name
        if label := names.best(lambda property: facts.get(property, ())):
            self._labels[name] = label
        if VOID.uriSpace in facts:
            self.languages.update(_texts(facts.get(SCHEMA.inLanguage, ())))
        if DLG.premise in facts or DLG.derivedBy in facts:
            self.derived[name] = Derived(
                _texts(facts.get(DLG.premise, ())),
                _texts(facts.get(DLG.derivedBy, ())),
                _texts(facts.get(DLG.stance, ())),
            )
        elif DLG.stance in facts:
            self.passages[name] = Passage(
                _texts(facts[DLG.stance]),
                _texts(facts.get(DLG.source, ())),
                tuple(q for q in facts.get(DLG.quote, ()) if isinstance(q, ox.Literal)),
                _texts(facts.get(SKOS.editorialNote, ())),
            )
        types = [t for t in facts.get(RDF.type, ()) if isinstance(t, ox.NamedNode)]
        return tuple(sorted(types, key=_value))

    def finish(self, counted: Mapping[tuple[Kinds, bool], int]) -> None:
        """Choose the classes that have a table, and how many rows each has."""
        whole = not self.things
        chosen: set[ox.NamedNode] = set()
        rows: Counter[ox.NamedNode] = Counter()
        for (kinds, own), number in counted.items():
            closure = dict.fromkeys(above for kind in kinds for above in self._own_above(kind))
            rows.update(dict.fromkeys(closure, number))
            if own or whole:
                chosen.update(closure)
        self.tables = {kind: rows[kind] for kind in sorted(chosen, key=_value)}

    def _own_above(self, kind: ox.NamedNode) -> list[ox.NamedNode]:
        """Return a class and those above it that are of the same vocabulary."""
        space = namespace(kind)
        found = [kind]
        for one in found:
            above = self.schema.above(one)[1:]
            found += [c for c in above if namespace(c) == space and c not in found]
        return found


_HELD = frozenset(stance.value for stance in HELD)


def index(
    dataset: Path, things: str | None, advance: Callable[[float], None], total: int
) -> SubjectIndex:
    """Return what is known of a dataset after one reading of it."""
    made = SubjectIndex(things)
    counted: Counter[tuple[Kinds, bool]] = Counter()
    shared: dict[Kinds, Kinds] = {}
    for subject in subjects(dataset, advance, total):
        if kinds := made.take(subject):
            kinds = shared.setdefault(kinds, kinds)
            name = subject.name
            made._kinds[name] = kinds
            counted[kinds, bool(things) and name.startswith(things or "")] += 1
    made.finish(counted)
    return made


def _texts(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(t.value for t in terms if isinstance(t, ox.NamedNode | ox.Literal))


def _value(term: ox.NamedNode) -> str:
    return term.value
