"""A query on its way to the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pyoxigraph import RdfFormat, Variable, parse

from app.rdf.terms import Term


class Kind(StrEnum):
    """What the answer to a query is: rows, yes or no, or a graph."""

    BINDINGS = "bindings"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True)
class Query:
    """A query with all that decides its answer.

    `default_graphs` and `named_graphs` are the dataset that the protocol asks for; where both are
    empty, the query's own FROM decides, and without one the whole dataset is asked. `media` has
    the media type to write for each kind of answer; a kind that is missing is refused (406).
    `unchanged` are the kinds of which the caller holds the present answer already. Of rows, or of
    triples, no more than `max_rows` are written.
    """

    text: str
    media: Mapping[Kind, str]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    substitutions: Mapping[str, Term] = field(default_factory=dict)
    unchanged: frozenset[Kind] = frozenset()
    max_rows: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return the query as JSON, for the way to a worker."""
        return {
            "text": self.text,
            "media": dict(self.media),
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "substitutions": {name: str(term) for name, term in self.substitutions.items()},
            "unchanged": sorted(self.unchanged),
            "max_rows": self.max_rows,
        }

    @classmethod
    def from_json(cls, value: dict[str, object]) -> "Query":
        """Return the query that `to_json` wrote."""
        members: dict = dict(value)  # type: ignore[type-arg]
        return cls(
            text=members["text"],
            media={Kind(kind): media for kind, media in members["media"].items()},
            default_graphs=tuple(members["default_graphs"]),
            named_graphs=tuple(members["named_graphs"]),
            substitutions={n: _term(text) for n, text in members["substitutions"].items()},
            unchanged=frozenset(Kind(kind) for kind in members["unchanged"]),
            max_rows=members["max_rows"],
        )

    def with_text(self, text: str) -> "Query":
        """Return the same query with another text."""
        return replace(self, text=text)

    def variables(self) -> dict[Variable, Term]:
        """Return the substitutions as the engine takes them."""
        return {Variable(name): term for name, term in self.substitutions.items()}


def _term(text: str) -> Term:
    (quad,) = parse(f"<x:s> <x:p> {text} .", format=RdfFormat.N_TRIPLES)
    term: Term = quad.object
    return term
