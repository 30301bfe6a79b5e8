"""The parts of a JSON-LD text that may stand for given terms."""

import json
from collections.abc import Iterable, Set

from pyoxigraph import BlankNode, Literal, NamedNode

from app.namespaces import RDF
from app.rdf.jsonld.marks import JsonSpot
from app.rdf.jsonld.terms import JsonTerms
from app.rdf.jsonld.text import JsonText

_SILENT = frozenset(("@type", "@language", "@direction", "@index", "@version", "@context"))
_NO_NODE = frozenset(("@id", "@value", "@list", "@set", "@graph"))
_NO_NODE_BELOW = frozenset(("@nest", "@reverse", "@value", "@type"))
_MAPS = frozenset(("@language", "@index", "@id", "@type"))
_NONE: frozenset[str] = frozenset()


class Spots:
    """What may stand for terms: how they end, what they are, whether blank nodes are sought."""

    def __init__(self, document: JsonText, terms: JsonTerms, sought: Iterable[object]) -> None:
        self._document, self._terms = document, terms
        self._suffixes: set[str] = set()
        self._texts: set[str] = set()
        self._numbers: set[str] = set()
        self._blank = False
        for term in sought:
            if isinstance(term, NamedNode):
                self._suffixes.update(term.value[n:] for n in range(len(term.value) + 1))
            elif isinstance(term, BlankNode):
                self._blank = True
            elif isinstance(term, Literal):
                self._texts.add(term.value)
                self._numbers |= _numbers(term.value)
                if term.datatype == RDF.JSON and isinstance(own := json.loads(term.value), str):
                    self._texts.add(own)

    def all(self) -> list[JsonSpot]:
        """Return every part of the text that may stand for what is sought."""
        spots: list[JsonSpot] = []
        document, terms = self._document, self._terms
        for index, kind in enumerate(document.kinds):
            if terms.in_context[index] or terms.in_json[index]:
                continue
            name = document.names[index]
            if name is not None and self._is_key(name):
                spots.append(JsonSpot("key", index, terms.shape(document.parents[index])))
            if kind == "{":
                marked = "node" if self._blank and not self._is_no_node(index) else ""
            elif kind == "[":
                marked = ""
            else:
                marked = self._leaf(index, kind)
            if marked:
                spots.append(JsonSpot(marked, index, terms.shape(index)))
        return spots

    def _is_key(self, name: str) -> bool:
        """Whether a key may be a term that is sought, and is none of a context."""
        if name.startswith("@") or name in self._terms.meanings:
            return False
        iri = ":" in name or "/" in name or "#" in name
        return name in self._texts or (iri and _may_be(name, self._suffixes))

    def _leaf(self, index: int, kind: str) -> str:
        """How a string, a number or a word is to be marked, if it is."""
        document, terms = self._document, self._terms
        keyword = terms.keyword(index)
        if keyword in _SILENT:
            return ""
        if kind == "1":
            return "value" if self._numbers & _numbers(document.raw(index)) else ""
        text = document.string(index)
        if text in self._texts or (self._blank and text.startswith("_:")):
            return "text"
        if text in terms.meanings and keyword != "@id":
            return "value" if self._suffixes else ""
        return "text" if _may_be(text, self._suffixes) else ""

    def _is_no_node(self, index: int) -> bool:
        """Whether an object has an identifier or is likely to be none that could have one."""
        document, terms = self._document, self._terms
        names = (document.names[i] for i in document.members(index))
        if any(terms.meaning(name or "") in _NO_NODE for name in names):
            return True
        name = document.names[index] or ""
        if terms.meaning(name) in _NO_NODE_BELOW or terms.containers.get(name, _NONE) & _MAPS:
            return True
        # What an @id map has, its key identifies.
        above = document.names[document.parents[index]] if document.parents[index] >= 0 else None
        return "@id" in terms.containers.get(above or "", _NONE)


def _may_be(text: str, suffixes: Set[str]) -> bool:
    """Whether a string may be written for an IRI with one of `suffixes`."""
    if text in suffixes or (":" in text and text.partition(":")[2] in suffixes):
        return True
    bare = text
    while bare in (".", "..") or bare.startswith(("./", "../", "/")):
        bare = bare.partition("/")[2]
    return bare != text and bare in suffixes


def _numbers(text: str) -> set[str]:
    """What a number or a word may be compared by, however it is written."""
    if text in ("true", "false"):
        return {text}
    try:
        return {repr(float(text))}
    except ValueError:
        return set()
