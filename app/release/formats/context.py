"""The context of JSON-LD that a dataset makes: short keys, and what stands under each.

The record's own properties and classes have the names of their vocabulary, others theirs where
nobody else has it. Identifiers stay addresses in full, which a program can fetch: the prefixes of
things are left out, and many of them (place, topic, source) are names of properties too.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from app.namespaces import OWL, RDF, RDFS, SH, SKOS, XSD
from app.rdf.jsonld.compaction import DELIMITERS, ID, LANGUAGE, SET, Json, short
from app.rdf.prefixes import longest_first

_NATIVE = {XSD.string.value, XSD.integer.value, XSD.boolean.value}
"""What JSON has values for: no type is named."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CLASSES = {OWL.Class, RDFS.Class}
_PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property}
# What names a thing is asked for by that name, whatever its vocabulary calls it.
_CALLED = {SKOS.prefLabel.value: "name"}
_RESERVED = {"id", "type", "graph"}


@dataclass
class Use:
    """How a property is used: how often, with which kinds of values, with how many of one subject.

    A kind is `@id`, `@language` or the IRI of a datatype.
    """

    count: int = 0
    kinds: set[str] = field(default_factory=set)
    most: int = 1
    most_of_language: int = 1


@dataclass
class Survey:
    """What a dataset uses, and what its vocabulary and shapes say of that."""

    uses: dict[str, Use] = field(default_factory=lambda: defaultdict(Use))
    types: Counter[str] = field(default_factory=Counter)
    declared: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    ranges: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    schemes: set[str] = field(default_factory=set)
    _paths: dict[object, str] = field(default_factory=dict)
    _ones: set[object] = field(default_factory=set)
    _unique: set[object] = field(default_factory=set)

    @property
    def single(self) -> set[str]:
        """The properties of which a shape says that a subject has one value at most."""
        return {path for shape, path in self._paths.items() if shape in self._ones}

    @property
    def single_by_language(self) -> set[str]:
        """The properties of which a shape says that a subject has one value in each language."""
        unique = {path for shape, path in self._paths.items() if shape in self._unique}
        return unique | self.single


def survey(quads: Iterable[ox.Quad]) -> Survey:
    """Return what quads use; those of one subject stand together."""
    found = Survey()
    for _, group in groupby(quads, key=lambda quad: quad.subject):
        counts: Counter[tuple[object, ...]] = Counter()
        for quad in group:
            _see(found, quad, counts)
        for (predicate, _, *language), number in counts.items():
            if number > 1:
                use = found.uses[str(predicate)]
                if language:
                    use.most_of_language = max(use.most_of_language, number)
                else:
                    use.most = max(use.most, number)
    return found


def _see(found: Survey, quad: ox.Quad, counts: Counter[tuple[object, ...]]) -> None:
    subject, predicate, value, graph = quad
    iri = predicate.value
    if isinstance(subject, ox.NamedNode):
        found.schemes.add(subject.value.partition(":")[0])
    if isinstance(graph, ox.NamedNode):
        found.schemes.add(graph.value.partition(":")[0])
    if isinstance(value, ox.NamedNode):
        found.schemes.add(value.value.partition(":")[0])
        kind = ID
        _declare(found, subject, predicate, value)
    elif isinstance(value, ox.Literal):
        kind = LANGUAGE if value.language else value.datatype.value
        _limit(found, subject, predicate, value)
        counts[iri, graph, value.language or ""] += 1
    else:
        kind = ID
    use = found.uses[iri]
    use.count += 1
    use.kinds.add(kind)
    counts[iri, graph] += 1


def _declare(found: Survey, subject: object, predicate: ox.NamedNode, value: ox.NamedNode) -> None:
    if predicate == RDF.type:
        found.types[value.value] += 1
        if isinstance(subject, ox.NamedNode):
            if value in _CLASSES:
                found.classes.add(subject.value)
            elif value in _PROPERTIES:
                found.declared.add(subject.value)
    elif predicate == RDFS.range and isinstance(subject, ox.NamedNode):
        found.ranges[subject.value].add(value.value)
    elif predicate == SH.path:
        found._paths[subject] = value.value


def _limit(found: Survey, shape: object, predicate: ox.NamedNode, value: ox.Literal) -> None:
    if predicate == SH.maxCount and value.value == "1":
        found._ones.add(shape)
    elif predicate == SH.uniqueLang and value.value == "true":
        found._unique.add(shape)


def make(found: Survey, prefixes: Mapping[str, str], base: str) -> Json:
    """Return the context, the object under `@context`; `base` begins the IRIs of the dataset.

    Of two properties with one name that one has it which is of the dataset's own vocabulary, else
    the one that is used more.
    """
    properties = {iri for iri in {*found.uses, *found.declared} if iri != RDF.type.value}
    keys = _keys(properties, found, base)
    classes = {*found.types, *found.classes} - properties
    names = {**_class_keys(classes, found, base, keys)}
    vocabulary = {*properties, *classes, *_datatypes(found)}
    schemes = {*found.schemes, *(iri.partition(":")[0] for iri in vocabulary)}
    taken = {*keys.values(), *names.values(), *_RESERVED, *schemes}
    vocabularies = _spaces(vocabulary)
    spaces = {
        prefix: space
        for prefix, space in sorted(prefixes.items())
        if prefix not in taken
        and space.endswith(DELIMITERS)
        and not space.startswith(f"{base}id/")
        and space in vocabularies
        and _KEY.fullmatch(prefix)
    }
    context: Json = {
        "@version": 1.1,
        **spaces,
        "id": "@id",
        "type": {"@id": "@type", "@container": SET},
    }
    for iri, key in sorted(names.items(), key=lambda pair: pair[1]):
        context[key] = _short(iri, spaces)
    for iri in properties - keys.keys():
        # The short name is another's: what it holds has one form all the same.
        if (key := _short(iri, spaces)) != iri:
            keys[iri] = key
    for iri, key in sorted(keys.items(), key=lambda pair: pair[1]):
        context[key] = _definition(iri, found, spaces)
    return context


def text(context: Json) -> str:
    """Return the file of a context: a line for each key."""
    lines = [
        f"    {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in context.items()
    ]
    return '{\n  "@context": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def _keys(properties: set[str], found: Survey, base: str) -> dict[str, str]:
    used = {iri: use.count for iri, use in found.uses.items()}
    keys: dict[str, str] = {}
    taken = {*_RESERVED}

    def rank(iri: str) -> tuple[bool, bool, int, str]:
        return not iri.startswith(base), iri not in _CALLED, -used.get(iri, 0), iri

    for iri in sorted(properties, key=rank):
        key = _CALLED.get(iri) or _local(iri)
        if key in taken:
            key = _local(iri)
        if _KEY.fullmatch(key) and key not in taken:
            taken.add(key)
            keys[iri] = key
    return keys


def _class_keys(
    classes: set[str], found: Survey, base: str, keys: Mapping[str, str]
) -> dict[str, str]:
    taken = {*keys.values(), *_RESERVED}
    names: dict[str, str] = {}
    for iri in sorted(classes, key=lambda iri: (not iri.startswith(base), -found.types[iri], iri)):
        key = _local(iri)
        if _KEY.fullmatch(key) and key not in taken:
            taken.add(key)
            names[iri] = key
    return names


def _definition(iri: str, found: Survey, spaces: Mapping[str, str]) -> Json:
    use = found.uses.get(iri, Use())
    kind = _kind(use.kinds, found.ranges.get(iri, set()))
    definition: Json = {"@id": _short(iri, spaces)}
    if kind == LANGUAGE:
        many = iri not in found.single_by_language or use.most_of_language > 1
        definition["@container"] = [LANGUAGE, SET] if many else LANGUAGE
        return definition
    if kind:
        definition["@type"] = kind if kind == ID else _short(kind, spaces)
    if iri not in found.single or use.most > 1:
        definition["@container"] = SET
    return definition


def _kind(kinds: set[str], ranges: set[str]) -> str:
    """Return what all values of a property are, nothing where they differ or JSON says it itself.

    What is used decides; of what nobody uses, its range.
    """
    if not kinds:
        if len(ranges) != 1:
            return ""
        (named,) = ranges
        if named == RDF.langString.value:
            return LANGUAGE
        is_datatype = named.startswith(str(XSD)) or named in (RDFS.Literal.value,)
        kinds = {named} if is_datatype else {ID}
    if LANGUAGE in kinds and kinds <= {LANGUAGE, XSD.string.value}:
        return LANGUAGE
    if len(kinds) > 1:
        return ""
    (kind,) = kinds
    return "" if kind in _NATIVE or kind == RDFS.Literal.value else kind


def _datatypes(found: Survey) -> set[str]:
    kinds = {kind for use in found.uses.values() for kind in use.kinds if not kind.startswith("@")}
    return kinds.union(*found.ranges.values())


def _spaces(iris: set[str]) -> set[str]:
    return {iri[: len(iri) - len(_local(iri))] for iri in iris}


def _local(iri: str) -> str:
    return re.split(r"[#/:]", iri)[-1]


def _short(iri: str, spaces: Mapping[str, str]) -> str:
    return short(iri, longest_first(spaces))[0]
