"""What was probably meant by a term at fault."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import EDTF, RDF, XSD
from app.rdf.datatypes import NAMES, why_invalid
from app.rdf.terms import Term
from app.validation.languages import usual_tag
from app.validation.nearest import Nearest

_XSD = str(XSD)
_ADDRESS = re.compile(r"(?:https?://|urn:[A-Za-z0-9-]+:|mailto:)[^\s<>\"{}|\\^`]+")
_ANY_TEXT = frozenset({XSD.string, XSD.anyURI, XSD.token, XSD.normalizedString, XSD.language})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The term to write instead; `certain` where it means the same as what is written."""

    term: ox.NamedNode | ox.Literal
    certain: bool


def prefix(name: str, known: Iterable[str]) -> str | None:
    """Return the prefix that is meant by an unknown one, None where none is near.

    >>> prefix("dcterm", ["dcat", "dcterms"])
    'dcterms'
    """
    return Nearest(known, whole=True).to(name)


def datatype(iri: ox.NamedNode) -> ox.NamedNode | None:
    """Return the datatype of XSD that is meant; None where it is one, or none is near.

    >>> datatype(XSD.dateTme).value
    'http://www.w3.org/2001/XMLSchema#dateTime'
    """
    known = iri.value.startswith(_XSD) and iri.value[len(_XSD) :] in NAMES
    if known or not re.search(r"xmlschema[#/]", iri.value, re.IGNORECASE):
        return None
    near = Nearest(_XSD + name for name in sorted(NAMES)).to(iri.value)
    return None if near is None else ox.NamedNode(near)


def retyped(value: Term, asked: ox.NamedNode) -> Suggestion | None:
    """Return a value as a literal of the datatype that is asked for, where its text fits it.

    It is certain but where a language is lost, where every text would fit, or where nothing is
    known of the datatype.
    """
    if isinstance(value, ox.NamedNode):
        return (
            Suggestion(ox.Literal(value.value, datatype=asked), asked == XSD.anyURI)
            if (asked in (XSD.anyURI, XSD.string))
            else None
        )
    if not isinstance(value, ox.Literal) or asked == RDF.langString:
        return None
    if not asked.value.startswith(_XSD) and asked != EDTF:
        # Of an unknown datatype, plain text may be meant, and another datatype is hardly.
        return (
            Suggestion(ox.Literal(value.value, datatype=asked), False)
            if (value.datatype == XSD.string)
            else None
        )
    text = value.value if asked == XSD.string else value.value.strip()
    if asked == XSD.boolean:
        text = text.lower()
    literal = ox.Literal(text, datatype=asked)
    if literal == value or why_invalid(literal) is not None:
        return None
    return Suggestion(literal, value.language is None and asked not in _ANY_TEXT - {XSD.anyURI})


def address(value: Term) -> Suggestion | None:
    """Return the IRI that stands in a literal as its text; None where none does."""
    if not isinstance(value, ox.Literal) or not _ADDRESS.fullmatch(text := value.value.strip()):
        return None
    return Suggestion(ox.NamedNode(text), True)


def language(value: Term, allowed: Iterable[str]) -> Suggestion | None:
    """Return a text with the language tag that is meant and allowed; None where none is.

    Source: RFC 4647, section 3.3.1 (basic filtering).
    """
    if not isinstance(value, ox.Literal) or value.language is None:
        return None
    tag = usual_tag(value.language)
    if tag is None or not any(_matches(tag.lower(), one.lower()) for one in allowed):
        return None
    return Suggestion(ox.Literal(value.value, language=tag), True)


def _matches(tag: str, language_range: str) -> bool:
    return language_range in ("*", tag) or tag.startswith(f"{language_range}-")


def term(iri: ox.NamedNode, near: Nearest) -> Suggestion | None:
    """Return the IRI that is meant by one that is not known, None where none is near."""
    meant = near.to(iri.value)
    return None if meant is None else Suggestion(ox.NamedNode(meant), False)


class Members:
    """The values that are allowed, among which those are looked for that are meant by others."""

    def __init__(self, members: Iterable[Term]) -> None:
        members = list(members)
        self._texts: dict[str, ox.Literal] = {}
        for member in members:
            if isinstance(member, ox.Literal):
                self._texts.setdefault(member.value, member)
        self._iris = {m.value: m for m in members if isinstance(m, ox.NamedNode)}
        self._near_texts = Nearest(self._texts, whole=True)
        self._near_iris = Nearest(self._iris)

    def suggestion(self, value: Term) -> Suggestion | None:
        """Return the value that is meant by one that is not allowed, None where none is near."""
        if isinstance(value, ox.Literal):
            text = value.value.strip()
            if text in self._texts:
                # It differs in its datatype or language, or in spaces around it.
                return Suggestion(self._texts[text], True)
            if text in self._iris:
                return Suggestion(self._iris[text], True)
            near = self._near_texts.to(text)
            return None if near is None else Suggestion(self._texts[near], False)
        if not isinstance(value, ox.NamedNode):
            return None
        if value.value in self._texts:
            return Suggestion(self._texts[value.value], True)
        return term(value, self._near_iris)
