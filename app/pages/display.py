"""How a page shows a term: by its name, a date in words, an IRI as a link only where it is safe.

Nothing of the subject matter is known here: names come from the graph, the order of properties
from `app/queries/layout.rq`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

import pyoxigraph as ox

from app.catalog.graph import Row
from app.catalog.labels import Labels, best
from app.namespaces import EDTF, GENID, RDF, XSD
from app.pages import dates
from app.rdf.prefixes import longest_first, prefixed
from app.rdf.terms import Term, english_first, lexical, node

_LINKED = "http://", "https://", "mailto:", "tel:"
_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Characters that change how the text around them is read; an IRI may hold them.
_DECEPTIVE = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]"
)
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/(by[a-z-]*|zero)/([0-9.]+)(?:/|$)"
)
_SAFE = "/:@!$&'()*+,;=-._~%"
SHOWN = 72

Kind = Literal["iri", "blank", "text", "date", "code"]


@dataclass(frozen=True)
class Shown:
    """A term as a page shows it: `href` if it is a link, `machine` if it is a date, in ISO form."""

    text: str
    kind: Kind = "text"
    href: str | None = None
    lang: str | None = None
    title: str | None = None
    machine: str | None = None


@dataclass(frozen=True)
class PropertyPlace:
    """Where the layout puts a property."""

    rank: int
    group: str
    label: str | None


PropertyOrder = Mapping[ox.NamedNode, PropertyPlace]
OTHER = PropertyPlace(1000, "Further", None)


def property_order(rows: Iterable[Row]) -> PropertyOrder:
    """Return the places of properties from the rows of `layout.rq`."""
    return {
        property: PropertyPlace(
            int(lexical(row["rank"])), lexical(row["group"]), lexical(row.get("label")) or None
        )
        for row in rows
        if (property := node(row["property"]))
    }


class Display:
    """The terms of one description in words; `base` begins our IRIs, `root` our own addresses."""

    def __init__(
        self,
        names: Labels,
        places: PropertyOrder,
        base: str,
        root: str = "/",
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        self._names, self._places, self._base, self._root = names, places, base, root
        self._spaces = [pair for pair in longest_first(prefixes or {}) if pair[1]]

    def href(self, iri: str) -> str | None:
        """Return the address to link an IRI to: ours at this server, http and mail as they are.

        Everything else, `javascript:` and `data:` among it, is None: text, never a link.
        """
        if not iri.startswith(self._base):
            return iri if iri.lower().startswith(_LINKED) else None
        path, mark, fragment = iri[len(self._base) :].partition("#")
        path = f"doc/{path[3:]}" if path.startswith("id/") else path
        return self._root + quote(path, safe=_SAFE) + mark + quote(fragment, safe=_SAFE)

    def name(self, thing: Term) -> Shown:
        """Return a thing by its name in the reader's language, else by what its IRI tells."""
        if not isinstance(thing, ox.NamedNode):
            return self.show(thing)
        if names := self._names.get(thing):
            chosen = best([name.text for name in names])
            return Shown(chosen.value, "iri", self.href(thing.value), _foreign(chosen), thing.value)
        if thing.value.startswith(f"{self._base}{GENID}"):
            return Shown("(unnamed)", "blank")
        if place := self._places.get(thing):
            text = place.label or _spaced(thing.value)
        elif thing.value.startswith(self._base):
            text = _last(thing.value)
        else:
            return self.compact(thing)
        return Shown(_plain(text), "iri", self.href(thing.value), None, thing.value)

    def compact(self, thing: ox.NamedNode) -> Shown:
        """Return an IRI by a prefix that is declared, else whole."""
        whole = thing.value
        name = prefixed(whole, self._spaces, lambda *_: True)
        text = name[0] if name else whole.removeprefix("https://")
        return Shown(_plain(text), "iri", self.href(whole), None, whole)

    def licence(self, thing: Term) -> Shown:
        """Return a licence by its name, else as Creative Commons is called by its address."""
        shown = self.name(thing)
        named = isinstance(thing, ox.NamedNode) and thing in self._names
        if named or not (match := _CREATIVE_COMMONS.match(shown.href or "")):
            return shown
        code = "CC0" if match[1] == "zero" else f"CC {match[1].upper()}"
        return replace(shown, text=f"{code} {match[2]}")

    def cell(self, term: Term) -> Shown:
        """Return a term as a table of results shows it: as it is, IRIs by their prefixes."""
        if isinstance(term, ox.NamedNode):
            return self.compact(term)
        if isinstance(term, ox.Literal):
            kind = None if term.language else term.datatype.value
            return Shown(term.value, "text", None, term.language, kind)
        return self.show(term)

    def property(self, thing: ox.NamedNode) -> Shown:
        """Return a property as the layout calls it, else by its name or the words in its IRI."""
        shown = self.name(thing)
        place = self._places.get(thing)
        if place and place.label:
            return Shown(place.label, "iri", shown.href, None, thing.value)
        if self._names.get(thing) or place:
            return shown
        return Shown(_plain(_spaced(thing.value)), "iri", shown.href, None, thing.value)

    def show(self, term: Term) -> Shown:
        """Return any term as a page shows it."""
        if isinstance(term, ox.NamedNode):
            return self.name(term)
        if isinstance(term, ox.BlankNode):
            return Shown("(unnamed)", "blank")
        if isinstance(term, ox.Triple):
            return Shown(str(term), "code")
        text, datatype = term.value, term.datatype
        if term.language:
            return Shown(text, "text", None, term.language, dates.language(term.language))
        if datatype == EDTF:
            return Shown(dates.edtf(text), "date", None, None, text, _machine(text))
        if datatype in (XSD.date, XSD.dateTime):
            return Shown(dates.day(text), "date", None, None, text, text)
        if datatype == XSD.boolean:
            return Shown({"true": "yes", "false": "no"}.get(text, text))
        if datatype == XSD.anyURI:
            href = text if text.lower().startswith(_LINKED) else None
            return Shown(_plain(text.removeprefix("mailto:")), "iri", href, None, text)
        known = datatype.value.startswith((str(XSD), str(RDF)))
        return Shown(
            text, "text" if known else "code", None, None, None if known else datatype.value
        )

    def is_rule(self, graph: ox.NamedNode) -> bool:
        """Return whether a graph holds what a rule gave."""
        return graph.value.startswith(f"{self._base}graph/rule/")

    def group(self, property: ox.NamedNode) -> str:
        """Return the title of the group that the layout puts a property in."""
        return self._places.get(property, OTHER).group

    def rank(self, property: ox.NamedNode) -> tuple[int, str]:
        """Return the key that puts properties in the order of the layout, then of their names."""
        return self._places.get(property, OTHER).rank, self.property(property).text.casefold()

    def order(self, value: Term) -> tuple[int, float, str]:
        """Return the key that sorts values: literals by language, number and text, then names."""
        if isinstance(value, ox.Literal):
            number = re.fullmatch(r"[+-]?\d+(\.\d+)?", value.value)
            return (
                # The language of the pages first, then those that have none.
                english_first(value)[0],
                float(value.value) if number else 0.0,
                f"{value.language or ''} {value.value}",
            )
        return 9, 0.0, self.name(value).text.casefold()


def _foreign(name: ox.Literal) -> str | None:
    return name.language if name.language and not name.language.startswith("en") else None


def _last(iri: str) -> str:
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri


def _spaced(iri: str) -> str:
    return _SPLIT.sub(" ", _last(iri)).lower()


def _plain(text: str) -> str:
    shown = _DECEPTIVE.sub(lambda m: quote(m[0]), text)
    return shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 21]}…{shown[-20:]}"


def _machine(text: str) -> str | None:
    """HTML knows years, months and days, and nothing less certain."""
    return text if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text) else None
