"""Short names of tables and columns: the last parts of their terms, told apart where these agree.

What ontology and shapes declare is named first, all of it, used or not. What is only used then
takes what is left: a new fact may lengthen the name of its own property, and renames no other.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from app.rdf.prefixes import PrefixMap
from app.release.statistics import namespace

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_SQLITE = re.compile(r"^(sqlite)_", re.IGNORECASE)


def short_names(
    declared: Iterable[ox.NamedNode],
    used: Iterable[ox.NamedNode],
    reserved: frozenset[str],
    prefixes: PrefixMap,
) -> dict[ox.NamedNode, str]:
    """Return a name for each term; what several would share is told apart by their prefixes.

    Names differ by more than upper and lower case, which files and databases mix up. None is one
    of `reserved`.
    """
    names: dict[ox.NamedNode, str] = {}
    taken, shared = set(reserved), set(reserved)
    declared = frozenset(declared)
    for terms in (declared, frozenset(used) - declared):
        by_local: dict[str, list[ox.NamedNode]] = defaultdict(list)
        for term in sorted(terms, key=lambda term: term.value):
            by_local[_local(term).lower()].append(term)
        shared |= {local for local, several in by_local.items() if len(several) > 1}
        # Those that are nobody else's first: a prefixed one may look like one of them.
        for is_shared in (False, True):
            for local, several in sorted(by_local.items()):
                if (local in shared) is is_shared:
                    for term in several:
                        name = _prefixed(term, prefixes) if is_shared else _local(term)
                        names[term] = _unique(name, taken)
        shared |= by_local.keys()
    return names


def _unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it."""
    unique, number = name, 2
    while unique.lower() in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique.lower())
    return unique


def _prefixed(term: ox.NamedNode, prefixes: PrefixMap) -> str:
    prefix, colon, _ = prefixes.iri(term.value).partition(":")
    if not colon or prefix.startswith("<"):
        return _local(term)
    return f"{_UNSAFE.sub('_', prefix)}_{_local(term)}"


def _local(term: ox.NamedNode) -> str:
    local = _UNSAFE.sub("_", term.value[len(namespace(term)) :]).strip(".-") or "thing"
    # Two hyphens stand between a class and a property; SQLite has names that begin with its own.
    return _SQLITE.sub(r"\1-", re.sub("-{2,}", "-", local))
