"""What one release says and the one before it did not: by things, in words, with the quotes.

`between` is the one function of it; `CHANGES.md`, the feed and `changes.json` show what it returns.
What was concluded by rules, the vocabulary and the passages themselves are counted, not listed: the
facts that people know of are those that a passage or an editor states of a thing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.exports import names
from app.namespaces import DLG, RDF, SKOS
from app.rdf.prefixes import PrefixMap, well_known
from app.rdf.terms import Term, lexical
from app.record.inference import DEFAULT

ADDED, CHANGED, WITHDRAWN = "added", "changed", "withdrawn"
_Statement = tuple[ox.NamedNode, Term]


@dataclass(frozen=True)
class ChangedFact:
    """A value that came or went: in words, with the passage that states it and its source.

    `note` says of a value that went what has become of the claim, if it still stands somewhere.
    """

    value: str
    quote: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Alteration:
    """What changed of one property of a thing: the values that went, and those that came."""

    property: str
    before: tuple[ChangedFact, ...]
    after: tuple[ChangedFact, ...]


@dataclass(frozen=True)
class ThingChange:
    """One thing that was added, changed or withdrawn; `kind` is what it is, in words."""

    iri: str
    kind: str
    name: str
    what: str
    alterations: tuple[Alteration, ...]


@dataclass(frozen=True)
class Changes:
    """What a release changes of the one before it, `previous`; that is empty for the first.

    `things` are in the order of their kinds and names. `counts` folds the rest: how many facts
    were concluded and are no more, how much of the vocabulary and how many passages came, changed
    or went; of the first release, how many things there are of each kind.
    """

    version: str
    date: str
    previous: str = ""
    things: tuple[ThingChange, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """What changed, in one sentence without its end."""
        if not self.previous:
            return "the first release"
        tally = Counter(thing.what for thing in self.things)
        parts = [f"{tally[what]} {what}" for what in (ADDED, CHANGED, WITHDRAWN) if tally[what]]
        return ", ".join(parts) or "no thing changed"


def between(
    version: str,
    date: str,
    previous: str,
    old: Iterable[ox.Quad] | None,
    new: Iterable[ox.Quad],
    base: str,
    prefixes: Mapping[str, str],
) -> Changes:
    """Return what a release of a record changes: `old` and `new` are all quads of the two.

    `base` begins the IRIs of the record, `prefixes` shorten what has no name. Without `old` it is
    the first release.
    """
    after = _State(new, base, prefixes)
    if old is None:
        kinds = Counter(after.kind(thing) for thing in after.facts)
        return Changes(version, date, counts=dict(sorted(kinds.items())))
    before = _State(old, base, prefixes)
    things = [
        _thing(thing, before, after)
        for thing in {*before.facts, *after.facts}
        if before.facts.get(thing) != after.facts.get(thing)
    ]
    order = [ADDED, CHANGED, WITHDRAWN]
    things.sort(key=lambda one: (one.kind, order.index(one.what), one.name, one.iri))
    return Changes(version, date, previous, tuple(things), _counts(before, after))


class _State:
    """What is written of each thing in one release, by whom, and what everything is called."""

    def __init__(self, quads: Iterable[ox.Quad], base: str, prefixes: Mapping[str, str]) -> None:
        known = well_known("dcat", "dcterms", "foaf", "owl", "rdf", "rdfs", "schema", "skos")
        self._prefixes = PrefixMap({**known, **prefixes})
        self._begin, rules = f"{base}id/", f"{base}graph/rule/"
        described = {f"{base}graph/{name}" for name in ("ontology", "shapes")}
        default: defaultdict[Term, set[_Statement]] = defaultdict(set)
        named: defaultdict[ox.Triple, list[Term]] = defaultdict(list)
        concluded: set[ox.Triple] = set()
        counted: set[ox.Triple] = set()
        self.vocabulary: set[ox.Triple] = set()
        for quad in quads:
            graph = quad.graph_name
            if graph == DEFAULT:
                default[quad.subject].add((quad.predicate, quad.object))
            elif not isinstance(graph, ox.NamedNode):
                continue
            elif graph.value == f"{base}graph/dataset":
                counted.add(quad.triple)
            elif graph.value in described:
                self.vocabulary.add(quad.triple)
            elif graph.value.startswith(rules):
                concluded.add(quad.triple)
            elif graph.value.startswith(self._begin):
                named[quad.triple].append(graph)
        self._described, self._stated = default, named
        self.derived = {triple for triple in concluded if triple not in named}
        unwritten = self.derived | counted
        # Who states something has a stance, and all that it states stands in its graph.
        graphs = {graph for stating in named.values() for graph in stating}
        self.passages: dict[Term, frozenset[_Statement]] = {}
        self.facts: dict[ox.NamedNode, set[_Statement]] = {}
        for thing, statements in default.items():
            if not isinstance(thing, ox.NamedNode) or not thing.value.startswith(self._begin):
                continue
            if thing in graphs or any(p == DLG.stance for p, _ in statements):
                self.passages[thing] = frozenset(statements)
                continue
            written = {s for s in statements if ox.Triple(thing, *s) not in unwritten}
            if written:
                self.facts[thing] = written

    def name(self, term: Term) -> str:
        """Return what a term is called: by its name, the English one first, or by its IRI."""
        if not isinstance(term, ox.NamedNode):
            return term.value if isinstance(term, ox.Literal) else str(term)
        statements = self._described.get(term, ())
        name = names.best(lambda property: (o for p, o in statements if p == property))
        if name is not None:
            return name
        short = self._prefixes.iri(term.value)
        return term.value.removeprefix(self._begin) if short.startswith("<") else short

    def kind(self, thing: ox.NamedNode) -> str:
        """Return what a thing is: the name of its class, or what its IRI says."""
        return self.class_of(thing) or thing.value[len(self._begin) :].partition("/")[0]

    def class_of(self, thing: ox.NamedNode) -> str:
        """Return the name of the class of a thing, the first of several; none where it has none."""
        kinds = sorted(self.name(o) for p, o in self.facts.get(thing, ()) if p == RDF.type)
        return kinds[0] if kinds else ""

    def fact(self, thing: ox.NamedNode, statement: _Statement, *, tagged: bool) -> ChangedFact:
        """Return a statement in words, with the first of the passages that states it."""
        value = statement[1]
        shown = self.name(value)
        if tagged and isinstance(value, ox.Literal) and value.language:
            shown = f"{shown} ({value.language})"
        for passage in self._passages(thing, statement):
            about = self.passages.get(passage, frozenset())
            quotes = sorted(lexical(o) for p, o in about if p == DLG.quote)
            if quotes:
                sources = sorted(self.name(o) for p, o in about if p == DLG.source)
                return ChangedFact(shown, quotes[0], ", ".join(sources))
        return ChangedFact(shown)

    def became(self, thing: ox.NamedNode, statement: _Statement) -> str:
        """Return what has become of a claim that is not held any more: its stance, and why."""
        for passage in self._passages(thing, statement):
            about = self.passages.get(passage, frozenset())
            stances = sorted(self.name(o) for p, o in about if p == DLG.stance)
            notes = sorted(
                o.value for p, o in about if p == SKOS.editorialNote and isinstance(o, ox.Literal)
            )
            return ": ".join([f"now {', '.join(stances)}", *notes])
        return ""

    def _passages(self, thing: ox.NamedNode, statement: _Statement) -> list[Term]:
        return sorted(self._stated.get(ox.Triple(thing, *statement), ()), key=str)


def _thing(thing: ox.NamedNode, before: _State, after: _State) -> ThingChange:
    old, new = before.facts.get(thing, set()), after.facts.get(thing, set())
    what = CHANGED if old and new else ADDED if new else WITHDRAWN
    state = after if new else before
    properties = {p for p, _ in old ^ new} - ({RDF.type} if what != CHANGED else set())
    alterations = [_alteration(thing, one, (old, new), before, after) for one in properties]
    return ThingChange(
        thing.value,
        after.class_of(thing) or before.kind(thing),
        state.name(thing),
        what,
        tuple(sorted(alterations, key=lambda one: one.property)),
    )


def _alteration(
    thing: ox.NamedNode,
    predicate: ox.NamedNode,
    facts: tuple[set[_Statement], set[_Statement]],
    before: _State,
    after: _State,
) -> Alteration:
    old, new = facts
    gone = [s for s in sorted(old - new, key=str) if s[0] == predicate]
    come = [s for s in sorted(new - old, key=str) if s[0] == predicate]
    tagged = len({s[1].language for s in [*gone, *come] if isinstance(s[1], ox.Literal)}) > 1
    went = []
    for statement in gone:
        fact = before.fact(thing, statement, tagged=tagged)
        note = after.became(thing, statement)
        went.append(ChangedFact(fact.value, fact.quote, fact.source, note))
    name = after.name(predicate) if new else before.name(predicate)
    return Alteration(name, tuple(went), tuple(after.fact(thing, s, tagged=tagged) for s in come))


def _counts(before: _State, after: _State) -> dict[str, int]:
    old, new = before.passages, after.passages
    both = old.keys() & new.keys()
    counts = {
        "conclusions that came": len(after.derived - before.derived),
        "conclusions that went": len(before.derived - after.derived),
        "passages that came": len(new.keys() - both),
        "passages that changed": sum(old[passage] != new[passage] for passage in both),
        "passages that went": len(old.keys() - both),
        "statements of the vocabulary that came": len(after.vocabulary - before.vocabulary),
        "statements of the vocabulary that went": len(before.vocabulary - after.vocabulary),
    }
    return {what: number for what, number in counts.items() if number}


def by_kind(things: Sequence[ThingChange]) -> dict[str, list[ThingChange]]:
    """Return things by what they are, in their order."""
    kinds: dict[str, list[ThingChange]] = {}
    for thing in things:
        kinds.setdefault(thing.kind, []).append(thing)
    return kinds
