"""What changed, for people (`CHANGES.md`) and for programs (`changes.json`)."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.release.history.changes import Alteration, ChangedFact, Changes, ThingChange, by_kind
from app.versions import CHANGES

# What Markdown would take for marks of its own, wherever it stands in a line.
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&!])")


def markdown(changes: Changes) -> str:
    """Return what changed as Markdown: a heading for each thing, a line for each property."""
    return "\n".join(_lines(changes)) + "\n"


def _lines(changes: Changes) -> Iterator[str]:
    yield from (f"# What changed in {_plain(changes.version)}", "")
    if not changes.previous:
        yield from (f"{changes.date}: the first release.", "")
        yield from (f"- {_plain(kind)}: {number}" for kind, number in changes.counts.items())
        return
    yield from (f"{changes.date}, since {_plain(changes.previous)}: {changes.summary}.", "")
    for kind, things in by_kind(changes.things).items():
        yield from (f"## {_plain(kind)}", "")
        for thing in things:
            yield from (f"### {thing.what.capitalize()}: [{_plain(thing.name)}](<{thing.iri}>)", "")
            yield from (line for one in thing.alterations for line in _alteration(one))
            yield ""
    if changes.counts:
        yield from ("## Besides", "")
        yield from (f"- {what}: {number}" for what, number in changes.counts.items())
        yield ""
    yield f"What changed before is told in the {CHANGES} of {_plain(changes.previous)}."


def _alteration(one: Alteration) -> Iterator[str]:
    before = " · ".join(_plain(fact.value) for fact in one.before)
    after = " · ".join(_plain(fact.value) for fact in one.after)
    if before and after:
        yield f"- {_plain(one.property)}: ~~{before}~~ → {after}"
    else:
        yield f"- {_plain(one.property)}: {f'~~{before}~~, withdrawn' if before else after}"
    yield from (line for fact in (*one.before, *one.after) for line in _grounds(fact))


def _grounds(fact: ChangedFact) -> Iterator[str]:
    if fact.quote:
        source = f" ({_plain(fact.source)})" if fact.source else ""
        yield f"  - {_plain(fact.value)}: “{_plain(fact.quote)}”{source}"
    if fact.note:
        yield f"  - {_plain(fact.value)}, {_plain(fact.note)}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def as_json(changes: Changes) -> str:
    """Return what changed as an object of JSON, which `of_json` reads."""
    return json.dumps(asdict(changes), ensure_ascii=False, indent=1) + "\n"


def of_json(text: str) -> Changes:
    """Return what `as_json` wrote. Raises ValueError for anything else."""
    try:
        members = json.loads(text)
        things = tuple(_thing(one) for one in members.pop("things"))
        return Changes(**members, things=things)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no changes: {error}") from None


def _thing(members: dict[str, Any]) -> ThingChange:
    alterations = tuple(
        Alteration(
            one["property"],
            tuple(ChangedFact(**fact) for fact in one["before"]),
            tuple(ChangedFact(**fact) for fact in one["after"]),
        )
        for one in members.pop("alterations")
    )
    return ThingChange(**members, alterations=alterations)
