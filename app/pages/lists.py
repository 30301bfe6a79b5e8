"""How much of a list is known, in words and as JSON."""

from collections.abc import Iterable

import pyoxigraph as ox

from app.catalog.completeness import Completeness
from app.namespaces import DLG
from app.pages.display import Display


def words(view: Display, known: Completeness) -> str:
    """Return how much is known: “State: 9 of 9 known, whole list”; “not known”."""
    state = view.name(known.state).text
    if known.state == DLG.unknownList:
        return state
    counted = f"{known.known} known"
    if known.stated is not None and known.known <= known.stated:
        counted = f"{known.known} of {known.stated} known"
    elif known.stated is not None:
        counted = f"{known.known} known where a source counts {known.stated}"
    only = f"{view.name(known.only).text}: " if known.only else ""
    return f"{only}{counted}, {state}"


def beside(
    lists: Iterable[Completeness], property: ox.NamedNode, *, inverse: bool
) -> Completeness | None:
    """Return what is known of the list that a property shows, if something says it."""
    fits = (one for one in lists if one.property == property and one.inverse == inverse)
    return next(fits, None)


def members(view: Display, known: Completeness) -> dict[str, object]:
    """Return how much is known of a list as members for JSON; `stated` is null if nobody counts."""
    return {
        "list": known.list.value,
        "property": known.property.value,
        "inverse": known.inverse,
        "only": known.only.value if known.only else None,
        "state": known.state.value,
        "known": known.known,
        "stated": known.stated,
        "words": words(view, known),
    }
