"""Sentences on rules that others are made of, and on rules that are queries."""

import pyoxigraph as ox

from app.namespaces import DCTERMS, SCHEMA, SH
from app.rdf.terms import Term
from app.validation.words.sentence import Speaker

# Not comments: those of shapes are for who writes shapes.
_DESCRIPTIONS = (SH.description, DCTERMS.description, SCHEMA.description)
_LONGEST = 250
_HIGHEST = 20


def not_(speaker: Speaker) -> str:
    """Return the sentence for a value that is what it may not be."""
    shape = speaker.parameter("not")
    demand = None if shape is None else speaker.demands.of(shape)
    return speaker.say("not.unknown") if demand is None else speaker.say("not", demand=demand)


def and_(speaker: Speaker) -> str:
    """Return the sentence for a value that does not meet all of several shapes."""
    return _listed(speaker, "and", "and")


def or_(speaker: Speaker) -> str:
    """Return the sentence for a value that meets none of several shapes."""
    return _listed(speaker, "or", "or")


def xone(speaker: Speaker) -> str:
    """Return the sentence for a value that meets none, or more than one, of several shapes."""
    if speaker.result.inner or not _members(speaker, "xone"):
        return _listed(speaker, "xone", "or")
    shapes = _members(speaker, "xone")
    demand = speaker.demands.joined("or", shapes)
    if demand is None:
        return speaker.say("xone.several.unknown", len(shapes))
    return speaker.say("xone.several", demand=demand)


def _listed(speaker: Speaker, name: str, word: str) -> str:
    shapes = _members(speaker, name)
    demand = speaker.demands.joined(word, shapes)
    if demand is None:
        key = "and.unknown" if name == "and" else "or.unknown"
        return speaker.say(key, len(shapes))
    return speaker.say(name, None if name == "and" else len(shapes), demand=demand)


def _members(speaker: Speaker, name: str) -> list[Term]:
    start = speaker.parameter(name)
    return [] if start is None else speaker.naming.members(start)


def node(speaker: Speaker) -> str:
    """Return the sentence for a value that another shape does not allow."""
    shape = speaker.parameter("node") or speaker.parameter("property")
    if shape is None:
        return speaker.say("node.unknown")
    name = speaker.demands.shape(shape)
    if name is not None and speaker.naming.labels.of(shape) is not None:
        return speaker.say("node.named", shape=name)
    if (demand := speaker.demands.of(shape)) is not None:
        return speaker.say("node", demand=demand)
    return speaker.say("node.unknown" if name is None else "node.named", shape=name or "")


def query(speaker: Speaker) -> str:
    """Return the sentence for a rule that is a query: what describes it, or its name."""
    result = speaker.result
    for owner in (result.constraint, result.shape):
        text = owner and speaker.naming.labels.text(owner, *_DESCRIPTIONS)
        if text and len(text) <= _LONGEST:
            return speaker.say("rule.described", description=text)
    for node in (result.constraint, result.shape, _named(speaker, result.shape)):
        if node is not None and (name := speaker.demands.shape(node)) is not None:
            return speaker.say("rule", rule=name)
    return speaker.say("rule.unnamed")


def declared(speaker: Speaker) -> str:
    """Return the sentence for a component that the shapes declare, with its parameters."""
    result, naming = speaker.result, speaker.naming
    if result.component.value.startswith(str(SH)):
        return query(speaker)
    rule = naming.term(result.component)
    parameters = [
        speaker.say("rule.parameter", name=naming.term(predicate), value=naming.term(value))
        for predicate, value in result.parameters
    ]
    if parameters:
        listed = naming.catalogue.joined("and", parameters)
        rule = speaker.say("rule.with", rule=rule, parameters=listed)
    return speaker.say("rule", rule=rule)


def _named(speaker: Speaker, shape: Term) -> Term | None:
    """Return the shape with a name that a shape stands in."""
    graph = speaker.naming.shapes
    for _ in range(_HIGHEST):
        if isinstance(shape, ox.NamedNode):
            return shape
        above = [
            parent for predicate in graph.predicates for parent in graph.subjects(shape, predicate)
        ]
        if not above:
            return None
        shape = above[0]
    return None
