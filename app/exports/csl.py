"""References as the JSON that programs cite from (CSL-JSON, the data of Citation Style Language).

https://docs.citationstyles.org/en/stable/specification.html (1.0.2), appendices III and IV
"""

import json
from collections.abc import Sequence

from app.exports import references
from app.exports.things import Origin, Thing


def write(things: Sequence[Thing], origin: Origin) -> bytes:
    """Return a list of references, one a line, in the order of the things."""
    items = [
        json.dumps(_item(thing, key), ensure_ascii=False)
        for thing, key in zip(
            things, references.keys([t.iri for t in things], origin.base), strict=True
        )
    ]
    return "[\n{}\n]\n".format(",\n".join(items)).encode()


def date(text: str) -> dict[str, object]:
    """Return a date (EDTF) as CSL has it: in parts, or as it is written where it has no parts.

    >>> date("2015-05-19/2015-05-20"), date("2003?")["circa"], date("199X")
    ({'date-parts': [[2015, 5, 19], [2015, 5, 20]]}, True, {'literal': '199X'})
    """
    if season := references.season(text):
        made: dict[str, object] = {"date-parts": [[season[0]]], "season": season[1]}
    elif parts := references.parts(text):
        made = {"date-parts": parts}
    else:
        return {"literal": text}
    return {**made, "circa": True} if references.is_uncertain(text) else made


def _item(thing: Thing, key: str) -> dict[str, object]:
    kind = thing.text("type") or references.ELSEWHERE
    issued, accessed = references.finest(thing, "issued"), references.finest(thing, "accessed")
    publisher = "; ".join(references.named(thing, "publisher"))
    return references.present(
        [
            ("id", key),
            ("type", kind),
            ("title", thing.text("title") or thing.iri),
            ("author", [{"literal": name} for name in references.named(thing, "author")]),
            # A newspaper is what holds an article, and not only who prints it.
            ("container-title" if kind.startswith("article") else "publisher", publisher),
            ("genre", thing.text("genre")),
            ("event-title", "; ".join(references.named(thing, "event"))),
            ("event-place", "; ".join(references.named(thing, "eventPlace"))),
            ("issued", date(issued) if issued else None),
            ("accessed", date(accessed) if accessed else None),
            ("URL", references.link(thing)),
            ("language", references.language(thing)),
            ("annote", thing.text("note")),
        ]
    )
