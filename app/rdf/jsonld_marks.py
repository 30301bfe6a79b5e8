"""What the parser of JSON-LD makes of each spot of a text, learnt by marking the spots.

A spot is a string, a number, a key or an object that may stand for a term. It is marked in a copy
of the text, the copy is parsed, and where the mark comes out tells what the spot stands for:
contexts, coercion, containers and aliases need no knowledge of ours. A mark must do no harm: but
for marks, the copy has the statements of the text. Spots that do harm, because they are something
else than they look like, are found by halving and left out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from app.rdf.json_text import JsonText
from app.rdf.parser import Term

MOST_PARSES = 64
"""How often a text is parsed again at most, to find spots that cannot be marked."""


@dataclass(frozen=True)
class Spot:
    """A part of a text that may stand for a term.

    `kind` is “text” (a string, which grows at its end), “key” (that of the value `index`, which
    grows too), “value” (what is replaced, since it cannot grow) or “node” (an object without an
    identifier, which gets one). `shape` is alike for spots that are likely to be of one kind.
    """

    kind: str
    index: int
    shape: str


@dataclass(frozen=True)
class Observed:
    """A statement of a text, as the marks were: the spots of subject and object, where marked."""

    quad: Quad
    subject: Spot | None
    object: Spot | None


class Oracle:
    """A text, its statements, and what comes of marking it."""

    def __init__(self, document: JsonText, base: str | None, quads: Sequence[Quad]) -> None:
        self._document, self._base, self._quads = document, base, quads
        stem = "zq7"
        while stem in document.text:
            stem += "q7"
        self._stem = stem
        self._mark = re.compile(rf"#?{stem}v([0-9]+)z|urn:x-{stem}:([0-9]+)z")
        self._parses = 0

    def observe(self, spots: list[Spot]) -> list[Observed]:
        """Return the statements of the text, with every spot marked that can be."""
        groups: dict[tuple[str, str], list[Spot]] = {}
        for spot in spots:
            groups.setdefault((spot.kind, spot.shape), []).append(spot)
        return self._observe(list(groups.values()))[1]

    def _observe(self, groups: list[list[Spot]]) -> tuple[list[list[Spot]], list[Observed]]:
        """Return the groups that do no harm, and what their marks say."""
        if self._parses >= MOST_PARSES:
            return [], []
        seen = self._parse([spot for group in groups for spot in group])
        if seen is not None:
            return groups, seen
        if len(groups) == 1:
            return [], []
        half = len(groups) // 2
        one, other = self._observe(groups[:half]), self._observe(groups[half:])
        if not one[0] or not other[0]:
            return one if one[0] else other
        both = self._parse([spot for group in one[0] + other[0] for spot in group])
        if both is not None:
            return one[0] + other[0], both
        return max(one, other, key=lambda result: len(result[0]))

    def _parse(self, spots: list[Spot]) -> list[Observed] | None:
        """Return what the marks of `spots` say; nothing where they do harm."""
        self._parses += 1
        seen: list[Observed] = []
        try:
            parser = parse(self._marked(spots), RdfFormat.JSON_LD, base_iri=self._base)
            for quad, before in zip(parser, self._quads, strict=True):
                # Mostly the marks change nothing, not the order either.
                if quad == before:
                    continue
                one, harmless = self._unmarked(quad, before, spots)
                if not harmless:
                    return None
                seen.append(one)
        except (SyntaxError, ValueError):
            return None
        return seen

    def _unmarked(self, quad: Quad, before: Quad, spots: list[Spot]) -> tuple[Observed, bool]:
        """Return a statement without its marks, and whether the text has it without them too."""
        subject, predicate, value, graph = quad
        at = value_at = None
        stem = self._stem
        if stem in predicate.value:
            return Observed(quad, None, None), False
        if stem in subject.value:
            subject, at = self._plain(subject, spots)
        if stem in value.value:
            value, value_at = self._plain(value, spots)
        if not isinstance(graph, DefaultGraph) and stem in graph.value:
            graph, _ = self._plain(graph, spots)
        plain = Quad(subject, predicate, value, graph)
        seen = Observed(plain, at, value_at)
        replaced = value_at is not None and value_at.kind == "value"
        return seen, replaced or plain == before or _has_blank(plain) or plain in self._ground

    @cached_property
    def _ground(self) -> frozenset[Quad]:
        return frozenset(quad for quad in self._quads if not _has_blank(quad))

    def _plain(self, term: Term, spots: list[Spot]) -> tuple[Term, Spot | None]:
        """Return a term without its mark, and the spot that was marked."""
        found = self._mark.search(term.value)
        if found is None:
            return term, None
        spot = spots[int(found[1] or found[2])]
        if spot.kind == "value":
            return term, spot
        value = self._mark.sub("", term.value)
        if isinstance(term, NamedNode):
            return NamedNode(value), spot
        if isinstance(term, BlankNode):
            return (BlankNode(value) if value else term), spot
        if term.language is not None:
            return Literal(value, language=term.language), spot
        return Literal(value, datatype=term.datatype), spot

    def _marked(self, spots: list[Spot]) -> str:
        document, text = self._document, self._document.text
        edits: list[tuple[int, int, str]] = []
        for number, spot in enumerate(spots):
            start, end = document.starts[spot.index], document.ends[spot.index]
            mark = f"{self._stem}v{number}z"
            if spot.kind == "value":
                edits.append((start, end, f'"urn:x-{self._stem}:{number}z"'))
            elif spot.kind == "node":
                comma = "" if document.raw(spot.index)[1:-1].strip() == "" else ","
                edits.append((start + 1, start + 1, f'"@id":"_:{mark}"{comma}'))
            else:
                if spot.kind == "key":
                    start = document.key_starts[spot.index]
                    end = document.key_end(spot.index)
                # Behind “..” or nothing, letters would be another path: a fragment is none.
                bare = text[start + 1 : end - 1].rpartition("/")[2] in ("", ".", "..")
                edits.append((end - 1, end - 1, ("#" if bare else "") + mark))
        edits.sort()
        parts: list[str] = []
        done = 0
        for start, end, new in edits:
            parts += (text[done:start], new)
            done = end
        return "".join((*parts, text[done:]))


def restored(
    seen: Iterable[Observed], original: Callable[[Observed, Spot], Term | None]
) -> Iterator[Observed]:
    """Yield what was seen, with what `original` says of spots that were replaced."""
    for one in seen:
        if one.object is not None and one.object.kind == "value":
            term = original(one, one.object)
            if term is not None:
                s, p, _, g = one.quad
                yield Observed(Quad(s, p, term, g), one.subject, one.object)
                continue
        yield one


def _has_blank(quad: Quad) -> bool:
    subject, _, value, graph = quad
    return (
        isinstance(subject, BlankNode)
        or isinstance(value, BlankNode)
        or isinstance(graph, BlankNode)
    )
