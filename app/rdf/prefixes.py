"""Prefixes: those that everybody knows, and the names that they make of IRIs."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from app import namespaces
from app.rdf.terms import Term

Spaces = Sequence[tuple[str, str]]
_LOCAL = re.compile(r"[\w~.\-]*[\w~\-]|")
_IRI = re.compile(r"<?([a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+)>?", re.IGNORECASE)
_LONGEST = 120
_WELL_KNOWN = {
    "adms": namespaces.ADMS,
    "dcat": namespaces.DCAT,
    "dcatap": namespaces.DCATAP,
    "dcterms": namespaces.DCTERMS,
    "dlg": namespaces.DLG,
    "foaf": namespaces.FOAF,
    "formats": namespaces.FORMATS,
    "owl": namespaces.OWL,
    "rdf": namespaces.RDF,
    "rdfs": namespaces.RDFS,
    "sd": namespaces.SD,
    "sh": namespaces.SH,
    "skos": namespaces.SKOS,
    "schema": namespaces.SCHEMA,
    "spdx": namespaces.SPDX,
    "void": namespaces.VOID,
    "void-ext": namespaces.VOID_EXT,
    "xsd": namespaces.XSD,
}


def well_known(*prefixes: str) -> dict[str, str]:
    """Return what these prefixes mean to everybody. Raises KeyError for one that few know.

    >>> well_known("xsd")
    {'xsd': 'http://www.w3.org/2001/XMLSchema#'}
    """
    return {prefix: str(_WELL_KNOWN[prefix]) for prefix in prefixes}


def declarable(prefixes: Mapping[str, str], form: ox.RdfFormat) -> dict[str, str]:
    """Return the prefixes that a document of a format may declare.

    XML keeps for itself those that begin with xml, in any case (Namespaces in XML 1.0, section 3).

    >>> declarable({"xml": "http://e/", "e": "http://e/"}, ox.RdfFormat.RDF_XML)
    {'e': 'http://e/'}
    """
    is_xml = form == ox.RdfFormat.RDF_XML
    return {p: space for p, space in prefixes.items() if not (is_xml and p.lower()[:3] == "xml")}


def longest_first(prefixes: Mapping[str, str]) -> Spaces:
    """Return prefixes with their namespaces: what fits an IRI best comes first.

    That is the longest namespace, and of two prefixes for one the first by name.
    """
    return sorted(prefixes.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def prefixed(
    iri: str, spaces: Spaces, is_local: Callable[[str, int], object]
) -> tuple[str, str] | None:
    """Return an IRI as a prefixed name, and the prefix that this took; None where none fits.

    `spaces` are as `longest_first` returns them; `is_local` tells of an IRI and a place in it
    whether what follows may stand behind a prefix.

    >>> spaces = longest_first({"e": "http://e/", "a": "http://e/a/"})
    >>> prefixed("http://e/a/b", spaces, re.compile("[a-z]+").fullmatch)
    ('a:b', 'a')
    """
    for prefix, space in spaces:
        if iri.startswith(space) and is_local(iri, len(space)):
            return f"{prefix}:{iri[len(space) :]}", prefix
    return None


class Name(NamedTuple):
    """A term in full, for programs, and as people read it.

    An IRI in full is the bare IRI; a literal or blank node is written as in N-Triples.
    """

    full: str
    short: str


class PrefixMap:
    """The prefixes that shorten IRIs for people."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._spaces = [pair for pair in longest_first(prefixes) if pair[1]]

    def iri(self, iri: str) -> str:
        """Return an IRI as a prefixed name where a prefix fits, else between angle brackets."""
        name = prefixed(iri, self._spaces, _LOCAL.fullmatch)
        return name[0] if name else f"<{iri}>"

    def term(self, term: Term) -> Name:
        """Return the name of a term; a long literal is cut in its short form."""
        if isinstance(term, ox.NamedNode):
            return Name(term.value, self.iri(term.value))
        if isinstance(term, ox.BlankNode):
            return Name(str(term), "[ ]")
        if isinstance(term, ox.Literal):
            return Name(str(term), self._literal(term))
        return Name(str(term), str(term))

    def _literal(self, literal: ox.Literal) -> str:
        text = literal.value
        if len(text) > _LONGEST:
            text = text[: _LONGEST - 1] + "…"
        shown = str(ox.Literal(text))
        if literal.language:
            return f"{shown}@{literal.language}"
        if shown == str(literal) or literal.datatype.value.endswith("XMLSchema#string"):
            return shown
        return f"{shown}^^{self.iri(literal.datatype.value)}"

    def plain(self, term: Term) -> str:
        """Return a term as it reads within a sentence: a literal is its text alone."""
        if isinstance(term, ox.Literal):
            return term.value if len(term.value) <= _LONGEST else term.value[: _LONGEST - 1] + "…"
        return self.term(term).short

    def within(self, text: str) -> str:
        """Return `text` with the IRIs in it shortened where a prefix fits."""

        def shorten(found: re.Match[str]) -> str:
            if found[0].startswith("<"):
                return self.iri(found[1]) if found[0].endswith(">") else found[0]
            # What ends a sentence is hardly part of an IRI.
            iri = found[1].rstrip(".,;:!?)")
            short = self.iri(iri)
            # A namespace itself is told in full: its prefix alone would say nothing.
            plain = short.startswith("<") or short.endswith(":")
            return found[0] if plain else short + found[0][len(iri) :]

        return _IRI.sub(shorten, text)
