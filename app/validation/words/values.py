"""Sentences on what a value is: its type, datatype, kind, size, text and language."""

import pyoxigraph as ox

from app.namespaces import RDF, RDFS, SH
from app.rdf.datatypes import why_invalid
from app.rdf.terms import Term
from app.validation import suggestions
from app.validation.words.demands import bound, kind, languages, whole
from app.validation.words.sentence import Speaker

_LISTED = 7


def class_(speaker: Speaker) -> str:
    """Return the sentence for a value of another class."""
    naming, value = speaker.naming, _value(speaker)
    asked = speaker.parameter("class")
    type_ = "" if asked is None else naming.term(asked)
    if isinstance(value, ox.Literal):
        return speaker.say("class.literal", type=type_)
    if types := naming.data.objects(value, RDF.type):
        others = naming.some(types, "and")
        return speaker.say("class.other", len(types), type=type_, types=others)
    key = "class.none" if naming.is_described(value) else "class.unknown"
    return speaker.say(key, type=type_)


def datatype(speaker: Speaker) -> str:
    """Return the sentence for a value of another datatype, or one that is not valid for it."""
    naming, value, asked = speaker.naming, _value(speaker), speaker.parameter("datatype")
    if not isinstance(asked, ox.NamedNode):
        return speaker.say("node.unknown")
    name = naming.iri(asked.value)
    if asked == RDFS.Literal:
        return speaker.say("datatype.impossible", name=name)
    if (meant := suggestions.datatype(asked)) is not None:
        return speaker.say("datatype.mistaken", name=name, meant=naming.iri(meant.value))
    if isinstance(value, ox.Literal) and value.datatype == asked:
        reason = why_invalid(value)
        if reason is not None:
            itself = speaker.result.path is None
            key = "datatype.invalid.itself" if itself else "datatype.invalid"
            return speaker.say(key, reason=reason)
    return speaker.say("datatype.other", datatype=naming.datatype(asked))


def node_kind(speaker: Speaker) -> str:
    """Return the sentence for a value of another kind."""
    asked = speaker.parameter("nodeKind")
    if isinstance(_value(speaker), ox.BlankNode) and asked in (SH.IRI, SH.IRIOrLiteral):
        return speaker.say("node_kind.unnamed")
    return speaker.say("node_kind", kind="" if asked is None else kind(speaker.naming, asked))


def in_(speaker: Speaker) -> str:
    """Return the sentence for a value that is not among those allowed."""
    naming, start = speaker.naming, speaker.parameter("in")
    members = [] if start is None else naming.members(start)
    if not members:
        return speaker.say("in.nothing")
    shown = naming.some(members, most=_LISTED)
    if len(members) > _LISTED:
        return speaker.say("in.many", len(members), values=shown)
    return speaker.say("in", values=shown)


def order(speaker: Speaker) -> str:
    """Return the sentence for a value beyond a limit."""
    (parameter, limit), *_ = speaker.result.parameters
    words = bound(speaker.naming, parameter.value[len(str(SH)) :], limit)
    if speaker.naming.order.compare(_value(speaker), limit) is None:
        return speaker.say("order.incomparable", bound=words)
    return speaker.say("order", bound=words)


def min_length(speaker: Speaker) -> str:
    """Return the sentence for too short a text."""
    return _length(speaker, "minLength", "min_length")


def max_length(speaker: Speaker) -> str:
    """Return the sentence for too long a text."""
    return _length(speaker, "maxLength", "max_length")


def _length(speaker: Speaker, parameter: str, key: str) -> str:
    value = _value(speaker)
    if not isinstance(value, ox.Literal | ox.NamedNode):
        return speaker.say("length.unnamed")
    count = whole(speaker.parameter(parameter)) or 0
    return speaker.say(key, count, length=f"{len(value.value)}")


def pattern(speaker: Speaker) -> str:
    """Return the sentence for a text that does not match."""
    asked, options = speaker.parameter("pattern"), speaker.parameter("flags")
    flags = options.value if isinstance(options, ox.Literal) else ""
    after = speaker.say("pattern.case") if flags == "i" else ""
    if flags and not after:
        after = speaker.say("pattern.flags", flags=flags)
    fields = {"pattern": "" if asked is None else speaker.naming.pattern(asked), "flags": after}
    unnamed = not isinstance(_value(speaker), ox.Literal | ox.NamedNode)
    return speaker.say("pattern.unnamed" if unnamed else "pattern", **fields)


def language_in(speaker: Speaker) -> str:
    """Return the sentence for a text in another language."""
    naming, value, start = speaker.naming, _value(speaker), speaker.parameter("languageIn")
    if start is None:
        return speaker.say("node.unknown")
    if not isinstance(value, ox.Literal):
        sort = naming.sort(value)
    elif value.language is None:
        sort = speaker.say("language.none")
    else:
        sort = speaker.say("language.other", language=value.language)
    number = len(naming.members(start))
    return speaker.say("language_in", number, languages=languages(naming, start), sort=sort)


def _value(speaker: Speaker) -> Term:
    result = speaker.result
    return result.focus if result.value is None else result.value
