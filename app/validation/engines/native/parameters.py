"""The constraints of SHACL Core, read from the parameters of a shape.

Source: SHACL, section 4.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypedDict

import pyoxigraph as ox

from app.namespaces import RDFS, SH, XSD
from app.rdf.terms import Term
from app.validation.engines.base import Parameters
from app.validation.engines.native import logic, properties, strings, values
from app.validation.engines.native.patterns import why_no_pattern, why_not_run
from app.validation.engines.native.reader import ShapeReader
from app.validation.engines.native.run import Constraint, Property, Shape
from app.validation.engines.native.vocabulary import short

_KINDS = {
    SH.IRI: (ox.NamedNode,),
    SH.BlankNode: (ox.BlankNode,),
    SH.Literal: (ox.Literal,),
    SH.BlankNodeOrIRI: (ox.BlankNode, ox.NamedNode),
    SH.BlankNodeOrLiteral: (ox.BlankNode, ox.Literal),
    SH.IRIOrLiteral: (ox.NamedNode, ox.Literal),
}
_RANGES = {
    SH.minExclusive: {1},
    SH.minInclusive: {0, 1},
    SH.maxExclusive: {-1},
    SH.maxInclusive: {-1, 0},
}
_ORDERS = {SH.lessThan: {-1}, SH.lessThanOrEquals: {-1, 0}}


def component(parameter: ox.NamedNode) -> ox.NamedNode:
    """Return the constraint component of a parameter of SHACL Core.

    >>> component(SH.minCount)
    <NamedNode value=http://www.w3.org/ns/shacl#MinCountConstraintComponent>
    """
    name = parameter.value.removeprefix(str(SH))
    return SH[f"{name[0].upper()}{name[1:]}ConstraintComponent"]


def core_constraints(reader: ShapeReader) -> Iterator[Constraint]:
    """Yield the Core constraints of a shape; what is ill-formed is reported to the reader."""
    for read in _READERS:
        yield from read(reader)


def _class(reader: ShapeReader) -> Iterator[Constraint]:
    for iri in reader.iris(SH["class"]):
        yield values.Class(**_kind(SH["class"], iri), of=iri)


def _datatype(reader: ShapeReader) -> Iterator[Constraint]:
    if (iri := reader.iri(SH.datatype)) is not None:
        if iri == RDFS.Literal:
            reader.odd(
                SH.datatype,
                "no literal has the datatype rdfs:Literal, so that every value breaks this: "
                "write sh:nodeKind sh:Literal",
            )
        yield values.Datatype(**_kind(SH.datatype, iri), datatype=iri)


def _node_kind(reader: ShapeReader) -> Iterator[Constraint]:
    if (iri := reader.single(SH.nodeKind)) is None:
        return
    if isinstance(iri, ox.NamedNode) and iri in _KINDS:
        yield values.NodeKind(**_kind(SH.nodeKind, iri), kinds=frozenset(_KINDS[iri]))
    else:
        names = ", ".join(short(kind) for kind in _KINDS)
        reader.ill_formed(SH.nodeKind, f"sh:nodeKind is one of {names}, not {_shown(iri)}")


def _counts(reader: ShapeReader) -> Iterator[Constraint]:
    if reader.of_property(SH.minCount) and (count := reader.integer(SH.minCount)) is not None:
        value = reader.values(SH.minCount)[0]
        yield properties.MinCount(**_kind(SH.minCount, value), count=count)
    if reader.of_property(SH.maxCount) and (count := reader.integer(SH.maxCount)) is not None:
        value = reader.values(SH.maxCount)[0]
        yield properties.MaxCount(**_kind(SH.maxCount, value), count=count)


def _range(reader: ShapeReader) -> Iterator[Constraint]:
    for parameter, signs in _RANGES.items():
        if (bound := reader.literal(parameter)) is not None:
            yield values.Range(**_kind(parameter, bound), bound=bound, signs=frozenset(signs))


def _length(reader: ShapeReader) -> Iterator[Constraint]:
    if (length := reader.integer(SH.minLength)) is not None:
        value = reader.values(SH.minLength)[0]
        yield strings.Length(**_kind(SH.minLength, value), least=length)
    if (length := reader.integer(SH.maxLength)) is not None:
        value = reader.values(SH.maxLength)[0]
        yield strings.Length(**_kind(SH.maxLength, value), most=length)


def _pattern(reader: ShapeReader) -> Iterator[Constraint]:
    pattern, flags = reader.text(SH.pattern), reader.text(SH.flags)
    if pattern is None:
        if flags is not None and not reader.values(SH.pattern):
            reader.idle(SH.flags, "sh:flags does nothing without sh:pattern")
        return
    if (reason := why_not_run(pattern, flags or "")) is not None:
        reader.refused(SH.pattern, f"the pattern “{pattern}” is not run: {reason}")
        return
    if (reason := why_no_pattern(pattern, flags or "")) is not None:
        reader.ill_formed(SH.pattern, f"the pattern “{pattern}” cannot be run: {reason}")
        return
    parameters: Parameters = ((SH.pattern, reader.values(SH.pattern)[0]),)
    if flags is not None:
        parameters += ((SH.flags, reader.values(SH.flags)[0]),)
    yield strings.Pattern(
        component=component(SH.pattern), parameters=parameters, pattern=pattern, flags=flags or ""
    )


def _languages(reader: ShapeReader) -> Iterator[Constraint]:
    if (languages := reader.list(SH.languageIn)) is not None:
        start, tags = languages
        if all(isinstance(tag, ox.Literal) and tag.datatype == XSD.string for tag in tags):
            ranges = tuple(tag.value.lower() for tag in tags if isinstance(tag, ox.Literal))
            yield strings.LanguageIn(**_kind(SH.languageIn, start), ranges=ranges)
        else:
            reader.ill_formed(SH.languageIn, 'sh:languageIn is a list of texts such as "en"')
    if reader.of_property(SH.uniqueLang) and reader.flag(SH.uniqueLang):
        yield strings.UniqueLang(**_kind(SH.uniqueLang, reader.values(SH.uniqueLang)[0]))


def _pairs(reader: ShapeReader) -> Iterator[Constraint]:
    for iri in reader.iris(SH.equals):
        yield properties.Equals(**_kind(SH.equals, iri), predicate=iri)
    for iri in reader.iris(SH.disjoint):
        yield properties.Disjoint(**_kind(SH.disjoint, iri), predicate=iri)
    for parameter, signs in _ORDERS.items():
        if reader.of_property(parameter):
            for iri in reader.iris(parameter):
                yield properties.LessThan(
                    **_kind(parameter, iri), predicate=iri, signs=frozenset(signs)
                )


def _members(reader: ShapeReader) -> Iterator[Constraint]:
    for value in reader.values(SH.hasValue):
        yield values.HasValue(**_kind(SH.hasValue, value), value=value)
    if (allowed := reader.list(SH["in"])) is not None:
        yield values.In(**_kind(SH["in"], allowed[0]), members=frozenset(allowed[1]))


def _closed(reader: ShapeReader) -> Iterator[Constraint]:
    ignored = reader.list(SH.ignoredProperties) if reader.values(SH.closed) else None
    if reader.values(SH.ignoredProperties) and reader.single(SH.closed) is None:
        # The specification asks nothing of the list then, so neither do we.
        reader.idle(SH.ignoredProperties, "sh:ignoredProperties does nothing without sh:closed")
    if not reader.flag(SH.closed):
        return
    start, iris = ignored if ignored is not None else (None, [])
    if not all(isinstance(iri, ox.NamedNode) for iri in iris):
        reader.ill_formed(SH.ignoredProperties, "sh:ignoredProperties is a list of IRIs")
        return
    described = [
        path
        for shape in reader.values(SH.property)
        for path in reader.graph.objects(shape, SH.path)
    ]
    allowed = frozenset(iri for iri in [*iris, *described] if isinstance(iri, ox.NamedNode))
    parameters: Parameters = ((SH.closed, reader.values(SH.closed)[0]),)
    if start is not None:
        parameters += ((SH.ignoredProperties, start),)
    yield properties.Closed(component=component(SH.closed), parameters=parameters, allowed=allowed)


def _logic(reader: ShapeReader) -> Iterator[Constraint]:
    for value in reader.values(SH["not"]):
        if (shape := reader.shape(SH["not"], value)) is not None:
            yield logic.Not(**_kind(SH["not"], value), shapes=(shape,))
    lists = {SH["and"]: logic.Node, SH["or"]: logic.Or, SH.xone: logic.Xone}
    for parameter, constraint in lists.items():
        for value in reader.values(parameter):
            if (shapes := _shapes(reader, parameter, value)) is not None:
                yield constraint(**_kind(parameter, value), shapes=shapes)
    for value in reader.values(SH.node):
        if (shape := reader.shape(SH.node, value)) is None:
            continue
        if shape.path is None:
            yield logic.Node(**_kind(SH.node, value), shapes=(shape,))
        else:
            reader.ill_formed(
                SH.node, f"sh:node names a node shape, and {value} has a path: write sh:property"
            )


def _shapes(reader: ShapeReader, parameter: ox.NamedNode, start: Term) -> tuple[Shape, ...] | None:
    nodes = reader.members(parameter, start)
    if nodes is None:
        return None
    shapes = [reader.shape(parameter, node) for node in nodes]
    return tuple(shape for shape in shapes if shape is not None)


def _property(reader: ShapeReader) -> Iterator[Constraint]:
    for value in reader.values(SH.property):
        if (shape := reader.shape(SH.property, value)) is None:
            continue
        if shape.path is not None:
            yield Property(**_kind(SH.property, value), shape=shape)
        elif not any(reader.graph.objects(value, p) for p in reader.graph.predicates):
            # Published profiles name shapes that they leave out: a remark, since nothing is asked.
            continue
        elif not reader.graph.objects(value, SH.path):
            reader.ill_formed(
                SH.path, "a property shape needs a path: add sh:path with a property", value
            )


def _qualified(reader: ShapeReader) -> Iterator[Constraint]:
    counts = [p for p in (SH.qualifiedMinCount, SH.qualifiedMaxCount) if reader.values(p)]
    if not reader.values(SH.qualifiedValueShape):
        for parameter in counts:
            reader.idle(
                parameter, f"{short(parameter)} does nothing without sh:qualifiedValueShape"
            )
        return
    if not reader.of_property(SH.qualifiedValueShape):
        return
    if not counts:
        reader.idle(
            SH.qualifiedValueShape,
            "sh:qualifiedValueShape does nothing without sh:qualifiedMinCount or "
            "sh:qualifiedMaxCount",
        )
    if (value := reader.single(SH.qualifiedValueShape)) is None:
        return
    shape = reader.shape(SH.qualifiedValueShape, value)
    siblings = _siblings(reader, value) if reader.flag(SH.qualifiedValueShapesDisjoint) else ()
    if shape is None:
        return
    of: Parameters = ((SH.qualifiedValueShape, value),)
    if siblings:
        of += (
            (SH.qualifiedValueShapesDisjoint, reader.values(SH.qualifiedValueShapesDisjoint)[0]),
        )
    for parameter in counts:
        if (count := reader.integer(parameter)) is not None:
            yield logic.Qualified(
                component=component(parameter),
                parameters=((parameter, reader.values(parameter)[0]), *of),
                shape=shape,
                siblings=siblings,
                least=count if parameter == SH.qualifiedMinCount else None,
                most=count if parameter == SH.qualifiedMaxCount else None,
            )


def _siblings(reader: ShapeReader, own: Term) -> tuple[Shape, ...]:
    """Return the other qualified shapes of the shapes that have this property shape.

    Source: SHACL, section 4.7.3 (sibling shapes).
    """
    graph = reader.graph
    nodes = dict.fromkeys(
        sibling
        for parent in graph.subjects(reader.node, SH.property)
        for other in graph.objects(parent, SH.property)
        for sibling in graph.objects(other, SH.qualifiedValueShape)
        if sibling != own
    )
    shapes: Sequence[Shape | None] = [reader.shape(SH.qualifiedValueShape, node) for node in nodes]
    return tuple(shape for shape in shapes if shape is not None)


class _Kind(TypedDict):
    component: ox.NamedNode
    parameters: Parameters


def _kind(parameter: ox.NamedNode, value: Term) -> _Kind:
    """Return what the constraints of one parameter have in common."""
    return {"component": component(parameter), "parameters": ((parameter, value),)}


def _shown(term: Term) -> str:
    return short(term) if isinstance(term, ox.NamedNode) else str(term)


_READERS: tuple[Callable[[ShapeReader], Iterator[Constraint]], ...] = (
    _class,
    _datatype,
    _node_kind,
    _counts,
    _range,
    _length,
    _pattern,
    _languages,
    _pairs,
    _members,
    _closed,
    _logic,
    _property,
    _qualified,
)

_NAMES = (
    "class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive "
    "maxInclusive minLength maxLength pattern flags languageIn uniqueLang equals disjoint "
    "lessThan lessThanOrEquals hasValue in closed ignoredProperties not and or xone node "
    "property qualifiedValueShape qualifiedValueShapesDisjoint qualifiedMinCount "
    "qualifiedMaxCount sparql js expression"
)
PARAMETERS = frozenset(SH[name] for name in _NAMES.split())
"""The parameters of SHACL's own components: who has one is a shape."""
