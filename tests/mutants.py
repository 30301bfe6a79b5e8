"""Shapes with one thing loosened: each must be noticed by a case of its shape.

A mutant is the whole rule with one constraint taken out or widened, or one condition of its query
dropped. Alone in a graph of shapes it runs fast; the paths of all other shapes stand beside it,
asleep, because what a rule concludes is left out where a shape looks at its property.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import pyoxigraph as ox

from app.namespaces import BASE, RDF, SH, SKOS, XSD

SHAPES = ox.NamedNode(BASE + "shapes")
TARGETS = SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf
LISTS = SH["in"], SH["or"], SH["and"], SH.xone, SH.languageIn, SH.ignoredProperties
NUMBERS = {
    SH.maxCount: 1,
    SH.qualifiedMaxCount: 1,
    SH.minInclusive: -1,
    SH.maxInclusive: 1,
}
LOWERED = SH.minCount, SH.qualifiedMinCount
QUALIFIED = {SH.qualifiedMinCount, SH.qualifiedMaxCount}
PARAMETERS = frozenset(
    {
        SH["and"],
        SH["class"],
        SH.closed,
        SH.datatype,
        SH.disjoint,
        SH.hasValue,
        SH["in"],
        SH.languageIn,
        SH.maxCount,
        SH.maxInclusive,
        SH.minCount,
        SH.minInclusive,
        SH.nodeKind,
        SH["not"],
        SH["or"],
        SH.pattern,
        SH.qualifiedMaxCount,
        SH.qualifiedMinCount,
        SH.sparql,
        SH.uniqueLang,
        SH.xone,
    }
)
"""What constrains; every other property of a shape describes it, or says what it is about."""

Node = ox.NamedNode | ox.BlankNode
Term = Node | ox.Literal
Edit = tuple[str, Sequence[ox.Triple], Sequence[ox.Triple]]


@dataclass(frozen=True)
class Mutant:
    """A rule with one thing loosened: its name, what was done to it, and the shapes to run."""

    shape: str
    change: str
    triples: tuple[ox.Triple, ...]

    def __str__(self) -> str:
        return f"{self.shape}: {self.change}"


class Rules:
    """The shapes that can be the source of a finding, and what hangs on each."""

    def __init__(self, triples: Iterable[ox.Triple], ontology: Iterable[ox.Triple]) -> None:
        self.triples = list(dict.fromkeys(triples))
        self._about: dict[Term, list[ox.Triple]] = {}
        for triple in self.triples:
            self._about.setdefault(triple.subject, []).append(triple)
        self._schemes = _schemes(ontology)
        self._fresh = (ox.BlankNode(f"mutant{number}") for number in count())
        said = {t.subject for t in self.triples if t.predicate == SH.message}
        self._beside = list(self._of_all())
        self.names = sorted(
            (t for t in said if isinstance(t, ox.NamedNode) and not self._of(t, SH.deactivated)),
            key=str,
        )

    def _of(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        return [t.object for t in self._about.get(node, ()) if t.predicate == predicate]

    def items(self, head: Term) -> list[Term]:
        """Return the items of a list."""
        found = []
        while first := self._of(head, RDF.first):
            found += first
            (head,) = self._of(head, RDF.rest)
        return found

    def within(self, node: Term) -> Iterator[ox.Triple]:
        """Yield what is said of a node and of every blank node that hangs on it."""
        for triple in self._about.get(node, ()):
            yield triple
            if isinstance(triple.object, ox.BlankNode):
                yield from self.within(triple.object)

    def _applied(self, rule: ox.NamedNode) -> Iterator[ox.Triple]:
        """Yield where a property shape applies: its node shapes, with this shape alone."""
        for triple in self.triples:
            if triple.predicate == SH.property and triple.object == rule:
                yield triple
                for other in self._about[triple.subject]:
                    if other.predicate == RDF.type or other.predicate in TARGETS:
                        yield other

    def constraints(self, rule: ox.NamedNode) -> frozenset[str]:
        """Return what a rule asks and of what, in a form that two revisions can be compared in.

        What describes it (words, names, severity) is left out, and so are the names of blank nodes.
        """
        asked = {*PARAMETERS, *LISTS, *TARGETS, *NUMBERS, SH.path, SH.select, SH.deactivated}
        asked |= {RDF.first, SH.alternativePath, SH.inversePath, SH.oneOrMorePath, SH.flags}
        triples = [*self.within(rule), *self._applied(rule)]
        return frozenset(
            f"{t.predicate} {'' if isinstance(t.object, ox.BlankNode) else t.object}"
            for t in triples
            if t.predicate in asked
        )

    def untouched(self, rule: ox.NamedNode) -> Mutant:
        """Return a rule as it is, to run alone."""
        return self._mutant(rule, self._own(rule), ("nothing changed", [], []))

    def mutants(self, rule: ox.NamedNode) -> Iterator[Mutant]:
        """Yield a rule with each of its constraints loosened in turn."""
        own = self._own(rule)
        for edit in self._edits(rule):
            yield self._mutant(rule, own, edit)

    def _own(self, rule: ox.NamedNode) -> list[ox.Triple]:
        return list(dict.fromkeys([*self.within(rule), *self._applied(rule)]))

    def _mutant(self, rule: ox.NamedNode, own: list[ox.Triple], edit: Edit) -> Mutant:
        change, removed, added = edit
        kept = [triple for triple in own if triple not in removed]
        return Mutant(rule.value.rpartition("#")[2], change, (*kept, *added, *self._beside))

    def _of_all(self) -> Iterator[ox.Triple]:
        """Yield the prefixes of queries, and the paths of all shapes in shapes that are asleep."""
        yield from (triple for triple in self.within(SHAPES) if triple.predicate != RDF.type)
        paths = {t.object for t in self.triples if t.predicate == SH.path}
        named = sorted((path for path in paths if isinstance(path, ox.NamedNode)), key=str)
        for number, path in enumerate(named):
            asleep = ox.NamedNode(f"{BASE}shapes#Asleep-{number}")
            yield ox.Triple(asleep, RDF.type, SH.PropertyShape)
            yield ox.Triple(asleep, SH.path, path)
            yield ox.Triple(asleep, SH.deactivated, ox.Literal(True))

    def _edits(self, rule: ox.NamedNode) -> Iterator[Edit]:
        yield from self._node_edits(rule, "")
        targets = [t for t in self._applied(rule) if t.predicate in TARGETS]
        targets += [t for t in self._about[rule] if t.predicate in TARGETS]
        if len(targets) > 1:
            for target in targets:
                yield f"not for {_short(target.predicate)} {_short(target.object)}", [target], []

    def _node_edits(self, node: Term, trail: str) -> Iterator[Edit]:
        for triple in self._about.get(node, ()):
            predicate, value = triple.predicate, triple.object
            name = f"{trail}{_short(predicate)}"
            if predicate in PARAMETERS:
                yield f"without {name} {_short(value)}".rstrip(), self._dropped(node, triple), []
            yield from self._widened(triple, name)
            if predicate == SH.select and isinstance(value, ox.Literal):
                for change, text in loosened(value.value):
                    yield change, [triple], [ox.Triple(node, predicate, ox.Literal(text))]
            if predicate in LISTS:
                for number, item in enumerate(self.items(value), 1):
                    yield from self._node_edits(item, f"{name}[{number}]/")
            elif isinstance(value, ox.BlankNode):
                yield from self._node_edits(value, f"{name}/")

    def _dropped(self, node: Term, triple: ox.Triple) -> list[ox.Triple]:
        """Return a constraint with the parameters that mean nothing without it."""
        if triple.predicate == SH.closed:
            return [
                t for t in self._about[node] if t.predicate in (SH.closed, SH.ignoredProperties)
            ]
        others = QUALIFIED - {triple.predicate}
        if triple.predicate not in QUALIFIED or any(self._of(node, other) for other in others):
            return [triple]
        return [triple, *(t for t in self._about[node] if t.predicate == SH.qualifiedValueShape)]

    def _widened(self, triple: ox.Triple, name: str) -> Iterator[Edit]:
        node, predicate, value = triple
        if predicate in NUMBERS:
            yield from self._number(triple, name, NUMBERS[predicate])
        elif predicate in LOWERED and int(value.value) > 1:
            yield from self._number(triple, name, -1)
        elif predicate == SH["in"]:
            more = self._siblings(self.items(value))
            yield self._listed(
                triple, [*self.items(value), *more], f"{name} with what stands beside"
            )
        elif predicate == SH.languageIn:
            more = [*self.items(value), ox.Literal("de")]
            yield self._listed(triple, more, f"{name} with de")
        elif predicate == SH.alternativePath:
            for item in self.items(value):
                rest = [other for other in self.items(value) if other != item]
                way = _short(item) or "a way back"
                yield self._listed(triple, rest, f"{name} without {way}")
        elif predicate == SH.pattern:
            text = value.value
            for change, looser in (("from anywhere", text[1:]), ("to anywhere", text[:-1])):
                if text != looser and (text[0] == "^" if "from" in change else text[-1] == "$"):
                    new = ox.Triple(node, predicate, ox.Literal(looser))
                    yield f"{name} {change}: {text}", [triple], [new]

    def _number(self, triple: ox.Triple, name: str, by: int) -> Iterator[Edit]:
        value = triple.object
        other = ox.Literal(str(int(value.value) + by), datatype=value.datatype)
        new = ox.Triple(triple.subject, triple.predicate, other)
        yield f"{name} {other.value} for {value.value}", [triple], [new]

    def _listed(self, triple: ox.Triple, items: Sequence[Term], change: str) -> Edit:
        node, predicate, _ = triple
        if len(items) == 1 and predicate == SH.alternativePath:
            # A list of one is no alternative: the path is the one way that is left.
            (above,) = (t for t in self.triples if t.object == node)
            return change, [above], [ox.Triple(above.subject, above.predicate, items[0])]
        nodes = [next(self._fresh) for _ in items]
        added = [ox.Triple(node, predicate, nodes[0])]
        for cell, item, rest in zip(nodes, items, [*nodes[1:], RDF.nil], strict=True):
            added += [ox.Triple(cell, RDF.first, item), ox.Triple(cell, RDF.rest, rest)]
        return change, [triple], added

    def _siblings(self, items: Sequence[Term]) -> list[Term]:
        """Return the other concepts of the schemes of some; where there are none, all others."""
        schemes = {scheme for item in items for scheme in self._schemes.get(item, ())}
        beside = [c for c, of in self._schemes.items() if schemes & of and c not in items]
        return beside or [concept for concept in self._schemes if concept not in items]


def _schemes(ontology: Iterable[ox.Triple]) -> dict[Term, set[Term]]:
    found: dict[Term, set[Term]] = {}
    for triple in ontology:
        if triple.predicate == SKOS.inScheme:
            found.setdefault(triple.subject, set()).add(triple.object)
    return found


def _short(term: Term) -> str:
    if isinstance(term, ox.BlankNode):
        return ""
    if isinstance(term, ox.Literal):
        return term.value if term.datatype in (XSD.integer, XSD.boolean) else f'"{term.value}"'
    return re.split("[#/]", term.value)[-1]


def loosened(query: str) -> Iterator[tuple[str, str]]:
    """Yield a query with each FILTER, each arm of `&&` or `||` and each item of IN dropped.

    >>> for change, text in loosened("{ ?a ?b ?c FILTER(?c > 1 && ?c != 3) }"): print(change)
    without FILTER(?c > 1 && ?c != 3)
    without ?c > 1
    without ?c != 3
    """
    seen: Counter[str] = Counter()
    for start, end in _cuts(query):
        change = f"without {' '.join(query[start:end].split()).strip('&|, ')}"
        seen[change] += 1
        again = f" (number {seen[change]})" if seen[change] > 1 else ""
        yield change + again, query[:start] + query[end:]


def _cuts(query: str) -> Iterator[tuple[int, int]]:
    closed = _closings(query)
    for found in re.finditer(r"FILTER(?: NOT)?(?: EXISTS)? ?(?=[({])", query):
        end = closed[found.end()]
        yield found.start(), end + 1
        if query[found.end()] == "(":
            yield from _arms(query, found.end(), end, closed)
    for found in re.finditer(r" IN (?=\()", query):
        yield from _parts(query, found.end(), closed[found.end()], closed, (",",))


def _arms(query: str, start: int, end: int, closed: dict[int, int]) -> Iterator[tuple[int, int]]:
    yield from _parts(query, start, end, closed, ("&&", "||"))
    for opening, closing in closed.items():
        if start < opening and closing < end and query[opening] == "(":
            yield from _parts(query, opening, closing, closed, ("&&", "||"))


def _parts(
    query: str, start: int, end: int, closed: dict[int, int], signs: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Yield the pieces between the signs at the level of a bracket, each with one sign."""
    bounds, position = [], start + 1
    while position < end:
        if position in closed:
            position = closed[position] + 1
        elif any(query.startswith(sign, position) for sign in signs):
            bounds.append(position)
            position += len(signs[0])
        else:
            position += 1
    if not bounds:
        return
    width = len(signs[0])
    yield start + 1, bounds[0] + width
    yield from zip(bounds, [*bounds[1:], end], strict=True)


def _closings(query: str) -> dict[int, int]:
    """Return the position of the closing of each opening bracket or quotation mark."""
    closed: dict[int, int] = {}
    opened: list[int] = []
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[(){}]', query):
        if found[0] in ("(", "{"):
            opened.append(found.start())
        elif found[0] in (")", "}"):
            closed[opened.pop()] = found.start()
        else:
            closed[found.start()] = found.end() - 1
    return closed
