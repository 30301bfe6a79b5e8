"""Content negotiation: which of the offered media types a client likes best (RFC 9110, 12.5.1)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from starlette.datastructures import Headers

from app.rdf.formats import ALIASES, content_type

# A client writes these, so each character is looked at once: nothing is given back (`++`, `*+`).
_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# A quote that does not end goes on to the end.
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))++')
_RANGE = re.compile(rf"({_NAME}/{_NAME}|\*)((?:\s*+;\s*+(?:{_NAME}=(?:{_NAME}|{_QUOTED}))?)*+)")
_PARAMETER = re.compile(rf"({_NAME})=({_NAME}|{_QUOTED})")
_WEIGHT = re.compile(r"[01]?(?:\.[0-9]*)?")

# What browsers and libraries send has some hundred characters. What is longer is read so far.
_LONGEST, _MEMBERS = 2_048, 100

Parameters = Mapping[str, str]
Range = tuple[str, Parameters, float]
"""A media range: its type, its parameters, its weight."""


def accept_of(headers: Headers) -> str | None:
    """Return what a request accepts, its several headers as one (RFC 9110, 5.3); None without."""
    return ", ".join(headers.getlist("accept")) or None


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the client likes best.

    Of the ranges of `accept` that fit a type, the most specific one gives its weight; a weight of
    0 refuses it. Of types of the same weight, one that is named counts for more than one that only
    a wildcard fits; then our own order decides. A type may be named by any of its names. Without
    `accept` everything is welcome. A member that is no media range is passed over. None: nothing
    that is offered fits.

    A parameter that a type does not have asks for a variant that there is not: it is passed over,
    but then it refuses nothing, and a range without it counts for more. So is a character set: the
    answer says that it is UTF-8 (as RFC 9110 leaves to us in section 12.5.2). A parameter that the
    type has, with another value, does not fit: who asks for a table without a head would misread
    one that has it.

    >>> choose("text/html;q=0.1, text/*", ["text/turtle", "text/html"])
    'text/turtle'
    >>> choose("text/*, text/turtle;q=0", ["text/turtle"]) is None
    True
    >>> choose("application/x-turtle;v=1, */*", ["text/csv", "text/turtle"])
    'text/turtle'
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    if len(accept) > _LONGEST:
        # Half a member would say something else.
        accept = accept[:_LONGEST].rpartition(",")[0]
    return _best(accept, tuple(offered))


@lru_cache(maxsize=512)
def _best(accept: str, offered: tuple[str, ...]) -> str | None:
    best, most = None, (0.0, 0)
    for media in offered:
        liking = _liking(media, _ranges(accept))
        if liking[0] > 0 and liking > most:
            best, most = media, liking
    return best


def _liking(media: str, ranges: Sequence[Range]) -> tuple[float, int]:
    """Return the weight of a type, and how specific the range is that gives it: 0 to 2."""
    name, own = _offered(media)
    best = (-1, False, 0), 0.0
    for wanted, needed, weight in ranges:
        if wanted == name:
            specific = 2
        elif wanted.endswith("/*") and name.startswith(wanted[:-1]):
            specific = 1
        elif wanted == "*/*":
            specific = 0
        else:
            continue
        fulfilled = sum(own.get(key) == value for key, value in needed.items())
        exact = fulfilled == len(needed)
        if not exact and (weight == 0 or _contradicts(own, needed)):
            continue
        # Of two ranges that are equally specific the client means the better one.
        best = max(best, ((specific, exact, fulfilled), weight))
    return best[1], best[0][0]


def _contradicts(own: Parameters, needed: Parameters) -> bool:
    return any(own.get(key, value) != value for key, value in needed.items() if key != "charset")


@lru_cache(maxsize=256)
def _offered(media: str) -> tuple[str, Parameters]:
    """Return a type that we offer with the parameters that its answer will have."""
    name, parameters = _parse(media if ";" in media else content_type(media))
    # Nothing else is written, where a type says so and where it is the format that says so.
    return name, {"charset": "utf-8", **parameters}


@lru_cache(maxsize=512)
def _ranges(accept: str) -> tuple[Range, ...]:
    """Return the media ranges of a list; of one request, several lists of offers are looked at."""
    members = islice(_MEMBER.finditer(accept), _MEMBERS)
    ranges = (_range(member.group()) for member in members)
    return tuple(range for range in ranges if range is not None)


def _range(member: str) -> Range | None:
    """Return the media range that a member of a list is; None for what is none."""
    if not _RANGE.fullmatch(member.strip()):
        return None
    name, parameters = _parse(member)
    written = parameters.get("q", "1")
    if not _WEIGHT.fullmatch(written):
        return None
    weight = 1.0 if written == "." else min(float(written or 0), 1)
    # What follows the weight belongs to the range no longer; nobody uses it.
    needed = {key: value for key, value in parameters.items() if key != "q"}
    return ("*/*" if name == "*" else ALIASES.get(name, name)), needed, weight


def _parse(media: str) -> tuple[str, Parameters]:
    name, _, rest = media.strip().partition(";")
    parameters: dict[str, str] = {}
    for key, value in _PARAMETER.findall(rest):
        plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        lower = key.lower()
        parameters.setdefault(lower, plain.lower() if lower in ("charset", "q") else plain)
    return name.strip().lower(), parameters
