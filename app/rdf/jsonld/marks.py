"""What the parser of JSON-LD makes of each spot of a text, learnt by marking the spots.

A spot is a string, a number, a key or an object that may stand for a term. It is marked in a copy
of the text, the copy is parsed, and where the mark comes out tells what the spot stands for:
contexts, coercion, containers and aliases need no knowledge of ours. A mark must do no harm: but
for marks, the copy has the statements of the text in their order. Spots that do harm, because
they are something else than they look like, are found by halving and left out.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, parse

from app.rdf.jsonld.text import JsonText

LEAST_PARSES = 12
MOST_CHARACTERS = 2**27
"""How often a text is parsed again, and how much text in all, to find spots not to be marked."""


@dataclass(frozen=True)
class JsonSpot:
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
    """The spots of subject and object of the statement with a number, where they were marked."""

    number: int
    subject: JsonSpot | None
    object: JsonSpot | None


class Oracle:
    """A text with its statements, and what comes of marking it."""

    def __init__(self, document: JsonText, base: str | None, quads: Sequence[Quad]) -> None:
        self._document, self._base, self._quads = document, base, quads
        stem = "zq7"
        while stem in document.text:
            stem += "q7"
        self._stem = stem
        self._mark = re.compile(rf"#{stem}f([0-9]+)z|{stem}v([0-9]+)z|urn:x-{stem}:([0-9]+)z")
        self._parses = 0
        self._most = max(LEAST_PARSES, MOST_CHARACTERS // len(document.text))

    def observe(self, spots: Iterable[JsonSpot], numbers: Set[int]) -> list[Observed]:
        """Return what is seen of the statements with `numbers`, every spot marked that can be."""
        groups: dict[tuple[str, str], list[JsonSpot]] = {}
        for spot in sorted(spots, key=lambda spot: spot.kind == "node"):
            groups.setdefault((spot.kind, spot.shape), []).append(spot)
        unmarked = [Observed(number, None, None) for number in sorted(numbers)]
        return self._settle([], list(groups.values()), unmarked, numbers)[1]

    def _settle(
        self,
        marked: list[JsonSpot],
        groups: list[list[JsonSpot]],
        seen: list[Observed],
        numbers: Set[int],
    ) -> tuple[list[JsonSpot], list[Observed]]:
        """Return the spots of `marked` and of those groups that do no harm; what all then say.

        `seen` is what the marks of `marked` say, which do none.
        """
        if not groups or self._parses >= self._most:
            return marked, seen
        more = marked + [spot for group in groups for spot in group]
        now = self._parse(more, numbers)
        if now is not None:
            return more, now
        if len(groups) == 1:
            return marked, seen
        half = len(groups) // 2
        marked, seen = self._settle(marked, groups[:half], seen, numbers)
        return self._settle(marked, groups[half:], seen, numbers)

    def _parse(self, spots: list[JsonSpot], numbers: Set[int]) -> list[Observed] | None:
        """Return what the marks of `spots` say; nothing where they do harm."""
        self._parses += 1
        seen: list[Observed] = []
        try:
            parser = parse(self._marked(spots), RdfFormat.JSON_LD, base_iri=self._base)
            for number, (quad, before) in enumerate(zip(parser, self._quads, strict=True)):
                if quad != before and not self._harmless(quad, before, spots):
                    return None
                if number in numbers:
                    subject, value = self._spot(quad[0], spots), self._spot(quad[2], spots)
                    seen.append(Observed(number, subject, value))
        except (SyntaxError, ValueError):
            return None
        return seen

    def _harmless(self, quad: Quad, before: Quad, spots: list[JsonSpot]) -> bool:
        """Return whether a statement is what it was, but for marks and names of blank nodes."""
        if quad[1] != before[1]:
            return False
        for new, old in zip(quad, before, strict=True):
            if new == old or (isinstance(new, BlankNode) and isinstance(old, BlankNode)):
                continue
            spot = self._spot(new, spots)
            if spot is None or isinstance(old, DefaultGraph | BlankNode):
                return False
            if spot.kind != "value" and self._mark.sub("", new.value) != old.value:
                return False
        return True

    def _spot(self, term: object, spots: list[JsonSpot]) -> JsonSpot | None:
        """Return the spot whose mark is in a term."""
        value = getattr(term, "value", "")
        if self._stem not in value:
            return None
        found = self._mark.search(value)
        return None if found is None else spots[int(found[1] or found[2] or found[3])]

    def _marked(self, spots: list[JsonSpot]) -> str:
        document, text = self._document, self._document.text
        edits: list[tuple[int, int, str]] = []
        for number, spot in enumerate(spots):
            start, end = document.starts[spot.index], document.ends[spot.index]
            mark = f"{self._stem}v{number}z"
            if spot.kind == "value":
                edits.append((start, end, f'"urn:x-{self._stem}:{number}z"'))
            elif spot.kind == "node":
                empty = next(document.members(spot.index), None) is None
                edits.append((start + 1, start + 1, f'"@id":"_:{mark}"{"" if empty else ","}'))
            else:
                if spot.kind == "key":
                    start = document.key_starts[spot.index]
                    end = document.key_end(spot.index)
                # Behind “..” or nothing, letters would be another path: a fragment is none.
                bare = text[start + 1 : end - 1].rpartition("/")[2] in ("", ".", "..")
                edits.append((end - 1, end - 1, f"#{self._stem}f{number}z" if bare else mark))
        edits.sort()
        parts: list[str] = []
        done = 0
        for start, end, new in edits:
            parts += (text[done:start], new)
            done = end
        return "".join((*parts, text[done:]))
