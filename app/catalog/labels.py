"""What things are called: their names, and names put together from those of their parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from app.rdf.terms import Term, english_first, node


@dataclass(frozen=True)
class Label:
    """What a thing is called; `property` says so, or nothing does and we put it together."""

    text: ox.Literal
    property: ox.NamedNode | None = None


Labels = Mapping[ox.NamedNode, tuple[Label, ...]]


@dataclass
class Labelling:
    """What names things: their own names, and the parts that the names of others are made of."""

    own: dict[ox.NamedNode, list[Mapping[str, Term]]] = field(default_factory=dict)
    parts: dict[ox.NamedNode, list[Mapping[str, Term]]] = field(default_factory=dict)


def naming_of(rows: Iterable[Mapping[str, Term]]) -> Labelling:
    """Return what the rows of `names.rq` tell."""
    naming = Labelling()
    for row in rows:
        if thing := node(row.get("thing")):
            table = naming.parts if "part" in row else naming.own
            table.setdefault(thing, []).append(row)
    return naming


def own_names(thing: ox.NamedNode, naming: Labelling) -> tuple[Label, ...]:
    """Return the names that a thing has, the best first."""
    rows = naming.own.get(thing, [])
    return tuple(
        Label(row["label"], node(row["name"]))
        for row in sorted(rows, key=lambda row: (str(row["rank"]), str(row["label"])))
        if isinstance(row["label"], ox.Literal)
    )


def put_together(thing: ox.NamedNode, naming: Labelling) -> tuple[Label, ...]:
    """Return the name that the parts of a thing make up; nothing where they make up none."""
    words: list[str] = []
    suffixes: list[str] = []
    rows = naming.parts.get(thing, [])
    for row in sorted(rows, key=lambda row: (str(row["order"]), str(row["part"]))):
        if isinstance(suffix := row.get("suffix"), ox.Literal):
            suffixes.append(suffix.value)
        part = node(row["part"])
        # Only names of its own: parts of parts could go round in a circle.
        if part and (own := own_names(part, naming)):
            words.append(best([name.text for name in own]).value)
    words += dict.fromkeys(suffixes)
    return (Label(ox.Literal(" · ".join(words), language="en")),) if len(words) > 1 else ()


def best(names: Sequence[ox.Literal]) -> ox.Literal:
    """Return the name for a reader of English: English, else one without a language, else any.

    >>> best([ox.Literal("Lisboa", language="pt"), ox.Literal("Lisbon", language="en")]).value
    'Lisbon'
    """
    return min(names, key=english_first)
