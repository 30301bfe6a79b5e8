"""Notes on a request: what a layer inside knows of it, for the line that is written outside.

ASGI hands a request inwards as one `scope`, whose copies share the notes, and hands only the
response outwards: that a query ran out of memory, no layer outside could tell without them.
"""

from starlette.types import Scope

_KEY = "dialogue.notes"


def open_notes(scope: Scope) -> dict[str, object]:
    """Return the notes on a request, for whoever will read them: empty, if it has none yet."""
    notes: dict[str, object] = scope.setdefault(_KEY, {})
    return notes


def note(scope: Scope, **facts: object) -> None:
    """Write facts down, where anybody will read them.

    `outcome` is the kind of problem that a request ended with, `cause` that for which its answer
    was cut, `left` tells that its reader did not take it, `query` is the text of its query, which
    is never written anywhere but as a hash.
    """
    notes = scope.get(_KEY)
    if notes is not None:
        notes.update(facts)
