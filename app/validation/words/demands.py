"""What a shape asks for, as words that follow “has to”."""

from collections.abc import Callable, Iterator
from itertools import chain

import pyoxigraph as ox

from app.namespaces import RDF, RDFS, SH, XSD
from app.rdf.terms import Term
from app.validation import paths
from app.validation.paths import Path, PredicatePath
from app.validation.words.naming import Naming, cut

_DEEPEST, _MOST = 3, 4
_LONGEST = 230
_TIMES = frozenset(XSD[name] for name in ("date", "dateTime", "dateTimeStamp", "gYear", "time"))
_NAMES = (
    "path name description message severity order group flags defaultValue targetClass targetNode "
    "targetSubjectsOf targetObjectsOf"
)
_SILENT = frozenset(
    {
        RDF.type,
        RDFS.label,
        RDFS.comment,
        RDFS.isDefinedBy,
        RDFS.seeAlso,
        *(SH[name] for name in _NAMES.split()),
    }
)


class Demands:
    """What shapes ask for; None where it cannot be put into a few words."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._known: dict[Term, str | None] = {}
        shapes = naming.shapes
        self._custom = frozenset(
            predicate
            for parameter in chain(*shapes.by_subject(SH.parameter).values())
            for predicate in shapes.objects(parameter, SH.path)
        )
        self._values: dict[ox.NamedNode, Callable[[Term, int], str | None]] = {
            SH["class"]: lambda v, _: naming.say("demand.class", type=naming.term(v)),
            SH.datatype: lambda v, _: (
                naming.say("demand.datatype", datatype=naming.datatype(v))
                if isinstance(v, ox.NamedNode)
                else None
            ),
            SH.nodeKind: lambda v, _: naming.say("demand.nodeKind", kind=kind(naming, v)),
            SH["in"]: self._in,
            SH.pattern: lambda v, _: naming.say("demand.pattern", pattern=naming.pattern(v)),
            SH.minLength: lambda v, _: self._counted("demand.minLength", v),
            SH.maxLength: lambda v, _: self._counted("demand.maxLength", v),
            SH.languageIn: self._languages,
            SH.node: lambda v, depth: self._of(v, depth + 1),
            SH["not"]: self._not,
            SH["or"]: self._or,
            SH.xone: self._or,
            SH["and"]: self._and,
            **{
                SH[name]: self._order(name)
                for name in ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
            },
        }

    def of(self, shape: Term) -> str | None:
        """Return what a shape asks for."""
        if shape not in self._known:
            demand = self._of(shape, 0)
            self._known[shape] = None if demand is None or len(demand) > _LONGEST else demand
        return self._known[shape]

    def joined(self, word: str, shapes: list[Term]) -> str | None:
        """Return what several shapes ask for, None where one of them cannot be told."""
        demands = [self.of(shape) for shape in shapes]
        known = list(dict.fromkeys(demand for demand in demands if demand is not None))
        text = self._naming.catalogue.joined(f"{word}.clauses", known)
        return None if None in demands or not known or len(text) > _LONGEST else text

    def shape(self, shape: Term) -> str | None:
        """Return the name of a shape, None where it has none."""
        label = self._naming.labels.text(shape, RDFS.label, SH.name)
        if isinstance(shape, ox.NamedNode):
            return self._naming.term(shape)
        return None if label is None else self._naming.say("text", text=cut(label))

    def _of(self, shape: Term, depth: int) -> str | None:
        parts = self._parts(shape, depth) if depth <= _DEEPEST else None
        if parts is not None and 0 < len(parts) <= _MOST:
            return self._naming.catalogue.joined("and", parts)
        name = self.shape(shape)
        return None if name is None else self._naming.say("demand.shape", shape=name)

    def _parts(self, shape: Term, depth: int) -> list[str] | None:
        graph = self._naming.shapes
        path = self._path(shape)
        counted: list[str | None] = [*self._counts(shape, path)]
        values: list[str | None] = []
        for predicate in graph.predicates:
            if predicate in _SILENT:
                continue
            for value in graph.objects(shape, predicate):
                if predicate == SH.property:
                    counted.append(self._of(value, depth + 1))
                elif predicate == SH.hasValue:
                    counted.append(self._has_value(value, path, shape))
                elif predicate in (SH.minCount, SH.maxCount):
                    continue
                elif (say := self._values.get(predicate)) is not None:
                    values.append(say(value, depth))
                elif predicate.value.startswith(str(SH)) or predicate in self._custom:
                    return None
        if path is not None:
            name = self._naming.path(path, shape)
            values = [v and self._naming.say("demand.each", path=name, demand=v) for v in values]
        parts = [*counted, *values]
        return None if None in parts else [part for part in parts if part]

    def _path(self, shape: Term) -> Path | None:
        graph = self._naming.shapes
        for value in graph.objects(shape, SH.path):
            try:
                return paths.read(graph, value)
            except paths.IllFormed:
                return None
        return None

    def _has_value(self, value: Term, path: Path | None, shape: Term) -> str:
        naming = self._naming
        if path is None:
            return naming.say("demand.hasValue", value=naming.term(value))
        if path == PredicatePath(RDF.type):
            return naming.say("demand.class", type=naming.term(value))
        name = naming.path(path, shape)
        return naming.say("demand.hasValue.path", path=name, value=naming.term(value))

    def _counts(self, shape: Term, path: Path | None) -> Iterator[str]:
        """Yield how many values a property has; both limits in one, where they are the same."""
        graph, naming = self._naming.shapes, self._naming
        if path is None:
            return
        least, most = (
            [n for v in graph.objects(shape, p) if (n := whole(v)) is not None]
            for p in (SH.minCount, SH.maxCount)
        )
        name = naming.path(path, shape)
        if least == most and least and least[0]:
            yield naming.say("demand.count", least[0], path=name)
            return
        for key, numbers in (("demand.minCount", least), ("demand.maxCount", most)):
            if numbers and (numbers[0] or key == "demand.maxCount"):
                yield naming.say(key, numbers[0], path=name)

    def _counted(self, key: str, value: Term, **fields: str) -> str | None:
        number = whole(value)
        return None if number is None else self._naming.say(key, number, **fields)

    def _in(self, start: Term, depth: int) -> str | None:
        members = self._naming.members(start)
        if not 0 < len(members) <= 2 * _MOST:
            return None
        return self._naming.say("demand.in", values=self._naming.some(members))

    def _languages(self, start: Term, depth: int) -> str:
        return self._naming.say("demand.languageIn", languages=languages(self._naming, start))

    def _not(self, shape: Term, depth: int) -> str | None:
        demand = self._of(shape, depth + 1)
        return demand and self._naming.say("demand.not", demand=demand)

    def _or(self, start: Term, depth: int) -> str | None:
        return self._listed("or", start, depth)

    def _and(self, start: Term, depth: int) -> str | None:
        return self._listed("and", start, depth)

    def _listed(self, word: str, start: Term, depth: int) -> str | None:
        demands = [self._of(shape, depth + 1) for shape in self._naming.members(start)]
        if None in demands or not 0 < len(demands) <= _MOST:
            return None
        return self._naming.catalogue.joined(word, [d for d in demands if d])

    def _order(self, name: str) -> Callable[[Term, int], str]:
        return lambda v, _: self._naming.say("demand.order", bound=bound(self._naming, name, v))


def kind(naming: Naming, value: Term) -> str:
    """Return a kind of node in words."""
    name = value.value[len(str(SH)) :] if isinstance(value, ox.NamedNode) else ""
    key = f"kind.{name}"
    return naming.say(key) if naming.catalogue.has(key) else naming.term(value)


def languages(naming: Naming, start: Term) -> str:
    """Return the languages of a list."""
    tags = [
        naming.say("language", language=m.value)
        for m in naming.members(start)
        if isinstance(m, ox.Literal)
    ]
    return naming.catalogue.joined("or", tags)


def bound(naming: Naming, name: str, value: Term) -> str:
    """Return a limit in words, such as “10 or more” or “later than 19 May 2015”."""
    return naming.say(f"bound.{name}{family(value)}", bound=naming.term(value))


def family(value: Term) -> str:
    """Return the end of the keys for what is compared: times, text, and all else."""
    if not isinstance(value, ox.Literal):
        return ""
    if value.datatype in _TIMES:
        return ".time"
    return ".text" if value.datatype == XSD.string else ""


def whole(value: Term | None) -> int | None:
    """Return a literal as a number, None where it is none."""
    if not isinstance(value, ox.Literal) or not value.value.strip().lstrip("+").isdecimal():
        return None
    digits = value.value.strip().lstrip("+")
    # Nobody counts further, and Python refuses to read thousands of digits.
    return int(digits) if len(digits) < 19 else 10**18
