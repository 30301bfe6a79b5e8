"""Content negotiation: which of the offered media types a client likes best (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator, Sequence

from starlette.datastructures import Headers

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_MEMBER = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_RANGE = re.compile(rf"({_NAME}/{_NAME}|\*)((?:\s*;\s*(?:{_NAME}=(?:{_NAME}|{_QUOTED}))?)*)")
_PARAMETER = re.compile(rf"({_NAME})=({_NAME}|{_QUOTED})")
_WEIGHT = re.compile(r"[01]?(?:\.[0-9]*)?")

Parameters = frozenset[tuple[str, str]]


def accept_of(headers: Headers) -> str | None:
    """Return what a request accepts, its several headers as one (RFC 9110, 5.3); None without."""
    return ", ".join(headers.getlist("accept")) or None


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the client likes best; ties go to our own order.

    Of the ranges of `accept` that fit a type, the most specific one gives its weight; a weight of
    0 refuses it. Without `accept` everything is welcome. A member that is no media range is passed
    over. `charset=utf-8` is fulfilled by every type, since we write nothing else. None: nothing
    that is offered fits.

    >>> choose("text/html;q=0.1, text/*", ["text/turtle", "text/html"])
    'text/turtle'
    >>> choose("text/*, text/turtle;q=0", ["text/turtle"]) is None
    True
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    ranges = list(_ranges(accept))
    best, most = None, 0.0
    for media in offered:
        weight = _weight(media, ranges)
        if weight > most:
            best, most = media, weight
    return best


def _weight(media: str, ranges: list[tuple[str, Parameters, float]]) -> float:
    name, parameters = _parse(media)
    best = (-1, 0), 0.0
    for wanted, needed, weight in ranges:
        if not needed <= parameters | {("charset", "utf-8")}:
            continue
        if wanted == name:
            specific = 2
        elif wanted.endswith("/*") and name.startswith(wanted[:-1]):
            specific = 1
        elif wanted == "*/*":
            specific = 0
        else:
            continue
        # Of two ranges that are equally specific the client means the better one.
        best = max(best, ((specific, len(needed)), weight))
    return best[1]


def _ranges(accept: str) -> Iterator[tuple[str, Parameters, float]]:
    for member in _MEMBER.findall(accept):
        match = _RANGE.fullmatch(member.strip())
        if not match:
            continue
        name, parameters = _parse(member)
        weights = [value for key, value in parameters if key == "q"]
        if any(not _WEIGHT.fullmatch(value) for value in weights):
            continue
        weight = min(float(weights[0] or 0), 1) if weights and weights[0] != "." else 1.0
        # What follows the weight belongs to the range no longer; nobody uses it.
        needed = frozenset((key, value) for key, value in parameters if key != "q")
        yield ("*/*" if name == "*" else name), needed, weight


def _parse(media: str) -> tuple[str, Parameters]:
    name, _, rest = media.strip().partition(";")
    parameters = set()
    for key, value in _PARAMETER.findall(rest):
        plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        lower = key.lower()
        parameters.add((lower, plain.lower() if lower in ("charset", "q") else plain))
    return name.strip().lower(), frozenset(parameters)
