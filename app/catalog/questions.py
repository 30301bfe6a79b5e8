"""The questions that the dataset offers, and their texts with the prefixes that they need."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.catalog.graph import ReleasedGraph
from app.rdf.terms import lexical

_LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*')
_NAME = re.compile(r"(?<![\w:?$.-])([A-Za-z][\w-]*)?:(?=[\w%\\]|\s|$)")


@dataclass(frozen=True)
class Question:
    """A question in words, and the query that asks it; `first` where pages show it first."""

    iri: ox.NamedNode
    words: str
    text: str
    first: bool


async def questions(graph: ReleasedGraph, prefixes: Mapping[str, str]) -> list[Question]:
    """Return the questions of the dataset, those that pages show first at the head."""
    found: dict[ox.NamedNode, Question] = {}
    for row in await graph.ask("questions"):
        if isinstance(iri := row["question"], ox.NamedNode) and iri not in found:
            text = declared(lexical(row["text"]), prefixes)
            found[iri] = Question(iri, lexical(row["words"]), text, "order" in row)
    return list(found.values())


def declared(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the declarations of those of `prefixes` that it uses.

    What is declared already stays as it is.

    >>> print(declared("ASK { ?a a ex:B . ex:C ?p 'no: name' }", {"ex": "http://e/", "no": "a:"}))
    PREFIX ex: <http://e/>
    ASK { ?a a ex:B . ex:C ?p 'no: name' }
    """
    bare = _LITERALS.sub(" ", text)
    known = set(re.findall(r"(?i)\bPREFIX\s+([\w-]*):", bare))
    used = {name[1] or "" for name in _NAME.finditer(bare)} & prefixes.keys() - known
    lines = [f"PREFIX {prefix}: <{prefixes[prefix]}>\n" for prefix in sorted(used)]
    return "".join(lines) + text
