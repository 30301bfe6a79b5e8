"""Variables of a query bound before it is run, by writing their values into its text.

A SPARQL engine has no such thing: values that are joined to the outcome of a query come too late
for its inner groups, filters and `bound`. So each token that is such a variable becomes its value.
A blank node has no spelling in SPARQL, nor has a triple in its version 1.1; there, each group
begins with a BIND of a function that returns it.

Source: SHACL, section 5.3.1 and appendix A (pre-binding).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import pyoxigraph as ox

from app.rdf.terms import Term
from app.validation.engines.native.query import ParsedQuery

_FUNCTION = "urn:dialogue:prebound:"
_NOTHING = "(true AS ?dialogue_nothing%d)"
_AFTER_KEYS = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})

Functions = dict[ox.NamedNode, Callable[..., Term | None]]


class Binder:
    """A query in which variables are bound beforehand, for any values."""

    def __init__(self, query: ParsedQuery) -> None:
        self._query = query
        self._texts: dict[tuple[frozenset[str], frozenset[str], bool], list[str]] = {}

    def bind(
        self, bindings: Mapping[str, Term], *, keep_this: bool = False, write: bool = True
    ) -> tuple[str, Functions]:
        """Return the text of the query with variables bound, and the functions that it calls.

        With `keep_this`, the variable `this` is left free, and projected. Without `write`, all
        values come by functions, which takes far longer where patterns are joined.
        """
        used = self._query.variables.intersection(bindings)
        unwritten = ox.BlankNode | ox.Triple
        blank = frozenset(n for n in used if not write or isinstance(bindings[n], unwritten))
        plain = used - blank
        pieces = self._texts.get((plain, blank, keep_this))
        if pieces is None:
            pieces = list(_pieces(self._query, plain, blank, keep_this))
            self._texts[plain, blank, keep_this] = pieces
        # Every other piece is the name of a variable.
        text = "".join(
            f" {bindings[piece]} " if odd else piece
            for odd, piece in zip(_alternating(), pieces, strict=False)
        )
        return text, {_function(name): _constant(bindings[name]) for name in blank}


def _alternating() -> Iterator[bool]:
    while True:
        yield False
        yield True


def _constant(term: Term) -> Callable[[], Term]:
    return lambda: term


def _function(name: str) -> ox.NamedNode:
    return ox.NamedNode(_FUNCTION + name)


def _pieces(
    query: ParsedQuery, plain: frozenset[str], blank: frozenset[str], keep_this: bool
) -> Iterator[str]:
    """Yield text and names of variables in turns, text first and last."""
    edits = sorted(
        [
            *_projections(query, plain, keep_this),
            *_uses(query, plain),
            *_groups(query, blank),
        ],
        key=lambda edit: edit[:2],
    )
    position, before = 0, ""
    for start, end, text, name, after in edits:
        before += query.text[position:start] + text
        if name:
            yield before
            yield name
            before = ""
        before += after
        position = end
    yield before + query.text[position:]


_Edit = tuple[int, int, str, str, str]
"""Start and end in the text, then what stands there instead: text, a variable's value, text."""


def _projections(query: ParsedQuery, plain: frozenset[str], keep_this: bool) -> Iterator[_Edit]:
    """Leave bound variables out of what is projected."""
    tokens = query.tokens
    for number, (start, end) in enumerate(query.selections()):
        top = list(_top(query, start, end))
        dropped = [n for n in top if tokens[n].variable in plain]
        for n in dropped:
            yield tokens[n].start, tokens[n].end, " ", "", ""
        if dropped and len(dropped) == end - start:
            yield tokens[start].start, tokens[start].start, _NOTHING % number, "", ""
        names_this = any(tokens[n].variable == "this" or tokens[n].text == "*" for n in top)
        if keep_this and number == 0 and not names_this:
            yield tokens[start].start, tokens[start].start, "?this ", "", ""


def _top(query: ParsedQuery, start: int, end: int) -> Iterator[int]:
    """Yield the numbers of tokens outside brackets."""
    depth = 0
    for number in range(start, end):
        text = query.tokens[number].text
        depth -= text == ")"
        if depth == 0:
            yield number
        depth += text == "("


def _uses(query: ParsedQuery, plain: frozenset[str]) -> Iterator[_Edit]:
    """Write values for variables, `true` for `bound(…)`, and keys in brackets."""
    tokens = query.tokens
    projected = {n for start, end in query.selections() for n in _top(query, start, end)}
    keys = set(_keys(query))
    number = 0
    while number < len(tokens):
        token = tokens[number]
        if (
            token.word == "BOUND"
            and number + 3 < len(tokens)
            and tokens[number + 1].text == "("
            and tokens[number + 2].variable in plain
        ):
            yield token.start, tokens[number + 3].end, " (true) ", "", ""
            number += 4
            continue
        if token.variable in plain and number not in projected:
            opening, closing = ("(", ")") if number in keys else ("", "")
            yield token.start, token.end, opening, token.variable, closing
        number += 1


def _keys(query: ParsedQuery) -> Iterator[int]:
    """Yield the numbers of tokens that stand by themselves in GROUP BY and ORDER BY."""
    tokens, number = query.tokens, 0
    while number < len(tokens):
        if tokens[number].word in ("GROUP", "ORDER"):
            end = number + 2
            while end < len(tokens) and not (
                tokens[end].text in ("{", "}") or tokens[end].word in _AFTER_KEYS
            ):
                end += 1
            yield from _top(query, number + 2, end)
            number = end
        else:
            number += 1


def _groups(query: ParsedQuery, blank: Iterable[str]) -> Iterator[_Edit]:
    """Let each group begin with the blank nodes."""
    binds = "".join(f" BIND(<{_FUNCTION}{name}>() AS ?{name}) " for name in sorted(blank))
    if not binds:
        return
    tokens = query.tokens
    for number, token in enumerate(tokens):
        if token.text == "{" and tokens[number + 1].word != "SELECT":
            yield token.end, token.end, binds, "", ""
