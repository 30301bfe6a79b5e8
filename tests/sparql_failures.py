"""The tests of the W3C that the endpoint does not pass, each with the reason.

The list may only shrink: a test that is on it and passes is a failure too.
"""

from typing import NamedTuple


class Failure(NamedTuple):
    """Why a test is not passed, and why that is not mended before the engine or after it."""

    reason: str
    left: str


_EMPTY = Failure(
    "A path of length zero from a term that no triple has gives no row: the engine looks for the "
    "term in the graph first.",
    "To add the row to the query takes a second parser, for lists of properties and the graph "
    "around them, whose mistakes would be in every answer with a path.",
)
_READ = (
    "Only a second parser could refuse it, and what that refuses wrongly is lost; a query that is "
    "read all the same harms nobody."
)
QUERY: dict[str, Failure] = {
    "aggregates/agg-empty-group-count-graph": Failure(
        "A count in `GRAPH ?g` is one of all graphs together, and has no `?g`.",
        "Joined with all graphs, as a group of VALUES is, each would be given that same count.",
    ),
    "functions/bnode01": Failure(
        "BNODE(string) gives a new blank node at each call: the engine does not remember the "
        "string within a row.",
        "A function of our own in its place is not told in which row it is called, and in the "
        "answer the strings are gone.",
    ),
    "negation/graph-minus": Failure(
        "`?g` of `GRAPH ?g` is a variable of both sides of a MINUS inside it, so that they share "
        "one where the specification has none.",
        "The language cannot say what is meant in another way: both sides are matched in the same "
        "graph, and share no variable.",
    ),
    "property-path/zero_or_more_set_end": _EMPTY,
    "property-path/zero_or_more_set_start": _EMPTY,
    "property-path/zero_or_one_set_end": _EMPTY,
    "property-path/zero_or_one_set_start": _EMPTY,
}
RESULTS: dict[str, Failure] = {
    "csv-tsv-res/tsv03": Failure(
        "The engine keeps an `xsd:negativeInteger` as an `xsd:integer` of the same value, so its "
        "datatype is lost before the answer is written.",
        "Loaded under a datatype of our own, which is taken back when an answer is written, it "
        "would be no number to a comparison, sum or order; and in an answer, a `-3` may come from "
        "any triple or be computed.",
    ),
}
SPARQL_12: dict[str, Failure] = {
    "grouping/group01": Failure(
        "`1` and `001` of `xsd:integer` are one term in the engine, which keeps the value and not "
        "the way it was written.",
        "As with `tsv03`: what is no number to the engine keeps its letters, and is no number.",
    ),
    "grouping/select-variable-reuse": Failure(
        "A variable that SELECT defines from an aggregate may not be used in the next expression.",
        "Its expression in its place would be another value where it draws one, and to nest the "
        "query takes a second parser.",
    ),
    "syntax-triple-terms-negative/tripleterm-subject-03": Failure(
        "A triple term as the subject of a triple term is read, and has no value.", _READ
    ),
    "syntax-triple-terms-negative/tripleterm-subject-06": Failure(
        "A literal as the subject of a triple term is read, and has no value.", _READ
    ),
    "syntax/nested-aggregate-functions": Failure(
        "An aggregate within an aggregate is read.", _READ
    ),
}
