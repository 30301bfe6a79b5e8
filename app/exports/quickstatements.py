"""Facts as commands that Wikidata's QuickStatements reads, and the facts that it cannot be given.

https://www.wikidata.org/wiki/Help:QuickStatements (the commands of version 1, parted by tabs)
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from app.exports import csv, references
from app.exports.tables import Column, Type
from app.exports.things import Thing
from app.namespaces import EDTF

UNFIT = "the ontology does not say that a property of Wikidata is told of such a thing"
NO_ITEM = "the thing has no item of Wikidata"
NO_TARGET = "the value has no item of Wikidata"
TEXT = "the value is a text, and a property of Wikidata wants an item"
VAGUE = "the date is an interval, or coarser than a year"
UNSOURCED = "no accepted passage of a page outside Wikipedia says so"
# Sources at a statement: the address that it was read at, and the day of that.
_ADDRESS, _READ = "S854", "S813"
_PRECISIONS = {1: 9, 2: 10, 3: 11}
_COLUMNS = (
    Column("thing", Type.IRI, "Thing"),
    Column("property", Type.IRI, "Property"),
    Column("value", Type.STRING, "Value"),
    Column("wikidata_property", Type.STRING, "Property of Wikidata"),
    Column("reason", Type.STRING, "Why it cannot be exported"),
)


def write(facts: Sequence[Thing]) -> bytes:
    """Return the commands for the facts that can be told, one for each of their sources.

    A statement that is there already gets the source only. `item`, `property` and `target` are the
    names that Wikidata has for the thing, the property and the value; the parts are the sources.
    """
    lines = (line for fact in facts if why_not(fact) is None for line in _commands(fact))
    return "".join(lines).encode()


def left_out(facts: Sequence[Thing]) -> bytes:
    """Return the facts that cannot be told as CSV, each with the reason."""
    rows = [
        [*map(fact.text, ("thing", "predicate", "value")), _name(fact, "property"), reason]
        for fact in facts
        if (reason := why_not(fact)) is not None
    ]
    return b"".join(csv.blocks(_COLUMNS, rows))


def why_not(fact: Thing) -> str | None:
    """Return why a fact cannot be told, None where it can.

    That two properties match does not make one the other: `class` is one of whose instances the
    ontology says that the property of Wikidata is told.
    """
    if not fact.members.get("class"):
        return UNFIT
    if not fact.members.get("item"):
        return NO_ITEM
    if not _sources(fact):
        return UNSOURCED
    if fact.members.get("target"):
        return None
    value = fact.members["value"][0]
    if isinstance(value, ox.NamedNode):
        return NO_TARGET
    if not isinstance(value, ox.Literal) or value.datatype != EDTF:
        return TEXT
    return None if _time(value.value) else VAGUE


def _commands(fact: Thing) -> Iterator[str]:
    target = _name(fact, "target") or _time(fact.texts("value")[0])
    for link, read in _sources(fact):
        source = [_ADDRESS, f'"{quote(link, safe=":/?#[]@!$&()*+,;=%~-._")}"']
        if day := _time(read):
            source += [_READ, day]
        yield "\t".join([_name(fact, "item"), _name(fact, "property"), target, *source]) + "\n"


def _sources(fact: Thing) -> list[tuple[str, str]]:
    """Return the address and the day of reading of each source that Wikidata takes as one."""
    read = ((references.link(part), max(part.texts("read"), default="")) for part in fact.parts)
    return [one for one in read if not _is_circular(one[0])]


def _is_circular(link: str) -> bool:
    """Return whether an address is of Wikipedia or a copy of it, which proves nothing there."""
    host = urlsplit(link).hostname or ""
    return "wikipedia" in host or host.endswith(("wikidata.org", "wikimedia.org"))


def _name(fact: Thing, member: str) -> str:
    """Return the name that Wikidata has for something, the last part of its IRI; or nothing."""
    return next((iri.rpartition("/")[2] for iri in fact.texts(member)), "")


def _time(text: str) -> str:
    """Return a date as a command has it; nothing for what is no day, month or year.

    >>> _time("2015-05-19"), _time("2015-05"), _time("2015"), _time("2015/2016"), _time("201X")
    ('+2015-05-19T00:00:00Z/11', '+2015-05-00T00:00:00Z/10', '+2015-00-00T00:00:00Z/9', '', '')
    """
    parts = references.parts(text)
    if len(parts) != 1 or references.is_uncertain(text):
        return ""
    year, month, day = (*parts[0], 0, 0)[:3]
    return f"+{year:04}-{month:02}-{day:02}T00:00:00Z/{_PRECISIONS[len(parts[0])]}"
