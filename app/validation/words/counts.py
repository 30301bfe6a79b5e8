"""Sentences on what a thing has: how many values, which, and how they compare with others."""

from collections.abc import Sequence

import pyoxigraph as ox

from app.namespaces import SH
from app.rdf.terms import Term
from app.validation import paths
from app.validation.words.demands import family, whole
from app.validation.words.naming import Naming
from app.validation.words.sentence import Speaker

_SHOWN = 3
_FEW = 5


def min_count(speaker: Speaker) -> str:
    """Return the sentence for too few values."""
    return _count(speaker, "minCount", "min_count", "has.only")


def max_count(speaker: Speaker) -> str:
    """Return the sentence for too many values."""
    return _count(speaker, "maxCount", "max_count", "has")


def _count(speaker: Speaker, parameter: str, key: str, has: str) -> str:
    count = whole(speaker.parameter(parameter)) or 0
    there = _values(speaker)
    number = len(there)
    is_of = speaker.say("is_of", number)
    if speaker.is_inverse:
        return speaker.say(f"{key}.inverse", count, is_of=is_of)
    return speaker.say(key, count, has=_has(speaker.naming, there, has))


def has_value(speaker: Speaker) -> str:
    """Return the sentence for a missing value."""
    naming, value = speaker.naming, speaker.parameter("hasValue") or speaker.result.focus
    if speaker.result.path is None:
        return speaker.say("has_value.itself", value=naming.term(value))
    if speaker.is_inverse:
        return speaker.say("has_value.inverse", value=naming.term(value))
    has = _has(naming, _values(speaker), "has.other")
    return speaker.say("has_value", value=naming.term(value), has=has)


def closed(speaker: Speaker) -> str:
    """Return the sentence for a property that is not allowed."""
    naming = speaker.naming
    sentence = speaker.say("closed")
    allowed = allowed_properties(naming, speaker.result.shape)
    if len(allowed) > _FEW:
        return sentence
    properties = [naming.path(paths.PredicatePath(iri), iri) for iri in allowed]
    names = naming.catalogue.joined("and", properties)
    second = speaker.say("closed.allowed", len(allowed), allowed=names)
    return speaker.say("sentences", first=sentence, second=second)


def allowed_properties(naming: Naming, shape: Term) -> list[ox.NamedNode]:
    """Return the properties that a closed shape allows."""
    graph = naming.shapes
    allowed = [
        path for part in graph.objects(shape, SH.property) for path in graph.objects(part, SH.path)
    ]
    for start in graph.objects(shape, SH.ignoredProperties):
        allowed += naming.members(start)
    return [iri for iri in dict.fromkeys(allowed) if isinstance(iri, ox.NamedNode)]


def unique_language(speaker: Speaker) -> str:
    """Return the sentence for several values in one language."""
    tag = (speaker.result.bindings or {}).get("lang")
    language = tag.value if isinstance(tag, ox.Literal) else ""
    same = [v for v in _values(speaker) if isinstance(v, ox.Literal) and v.language == language]
    return speaker.say("unique_language", max(len(same), 1), language=language)


def qualified_min(speaker: Speaker) -> str:
    """Return the sentence for too few values that are as a rule asks."""
    count = whole(speaker.parameter("qualifiedMinCount")) or 0
    has = speaker.say("fits" if count == 1 else "fits.few", len(_values(speaker)))
    return _qualified(speaker, "qualified_min", count, has=has)


def qualified_max(speaker: Speaker) -> str:
    """Return the sentence for too many values that are as a rule asks."""
    count = whole(speaker.parameter("qualifiedMaxCount")) or 0
    return _qualified(speaker, "qualified_max", count)


def _qualified(speaker: Speaker, key: str, count: int, **fields: str) -> str:
    shape = speaker.parameter("qualifiedValueShape")
    demand = None if shape is None else speaker.demands.of(shape)
    path = (
        speaker.naming.path(speaker.result.path, speaker.result.shape)
        if (speaker.result.path is not None)
        else ""
    )
    if demand is None:
        return speaker.say(f"{key}.unknown", count, path=path, **fields)
    return speaker.say(key, count, path=path, demand=demand, **fields)


def equals(speaker: Speaker) -> str:
    """Return the sentence for a value that one of two properties has and the other lacks."""
    result, naming = speaker.result, speaker.naming
    other = _other(speaker, "equals")
    if result.path is None:
        theirs = _others(speaker, "equals")
        key = "equals.itself" if result.value in theirs else "equals.itself.missing"
        focus = naming.term(result.focus, start=True)
        return speaker.say(key, Subject=focus, other=other)
    if result.value in _values(speaker):
        return speaker.say("equals", other=other)
    path = naming.path(result.path, result.shape)
    return speaker.say("equals.missing", other=other, path=path)


def disjoint(speaker: Speaker) -> str:
    """Return the sentence for a value that two properties share."""
    return speaker.say("disjoint", other=_other(speaker, "disjoint"))


def less_than(speaker: Speaker) -> str:
    """Return the sentence for a value that is not less than another."""
    return _less(speaker, "lessThan", "less", (-1,))


def less_than_or_equals(speaker: Speaker) -> str:
    """Return the sentence for a value that is more than another."""
    return _less(speaker, "lessThanOrEquals", "less_or_equal", (-1, 0))


def _less(speaker: Speaker, parameter: str, key: str, right: Sequence[int]) -> str:
    naming, value = speaker.naming, speaker.result.value
    order = naming.order
    other = _other(speaker, parameter)
    others = _others(speaker, parameter)
    if value is None or not others:
        return speaker.say(f"{key}{family(value)}" if value else key, other=other, value="")
    signs = {term: order.compare(value, term) for term in others}
    wrong = [term for term, sign in signs.items() if sign is not None and sign not in right]
    if wrong:
        # The least of them is what the value has to come before.
        least = wrong[0]
        for term in wrong[1:]:
            least = term if order.compare(term, least) == -1 else least
        shown = naming.term(least)
        return speaker.say(f"{key}{family(value)}", other=other, value=shown)
    term = next((term for term, sign in signs.items() if sign is None), others[0])
    mine, theirs = naming.sort(value), naming.sort(term)
    shown = naming.term(term)
    if mine == theirs:
        return speaker.say("less.incomparable.same", other=other, value=shown)
    return speaker.say(
        "less.incomparable", other=other, value=shown, sort=mine, sort_of_other=theirs
    )


def _other(speaker: Speaker, parameter: str) -> str:
    predicate = speaker.parameter(parameter)
    if not isinstance(predicate, ox.NamedNode):
        return ""
    return speaker.naming.path(paths.PredicatePath(predicate), predicate)


def _others(speaker: Speaker, parameter: str) -> Sequence[Term]:
    predicate = speaker.parameter(parameter)
    if not isinstance(predicate, ox.NamedNode):
        return ()
    return speaker.naming.data.objects(speaker.result.focus, predicate)


def _values(speaker: Speaker) -> Sequence[Term]:
    return speaker.naming.values(speaker.result.focus, speaker.result.path)


def _has(naming: Naming, there: Sequence[Term], key: str) -> str:
    """Return how many values there are, and which, if they are few."""
    has = naming.say(key, len(there))
    if not 0 < len(there) <= _SHOWN:
        return has
    values = naming.catalogue.joined("and", [naming.term(value) for value in there])
    return naming.say("has.these", has=has, values=values)
