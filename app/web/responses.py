"""The response to a request for something that changes with a release only."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.errors import not_acceptable
from app.rdf.formats import PROBLEM, SUFFIXES, content_type
from app.web.cache import Contents
from app.web.negotiation import accept_of, choose

_TAG = re.compile(r'(?:W/)?("[^"]*")')
# Made once: `json.dumps` would make an encoder for every tag.
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
# Tells that a content was kept.
FROM_CACHE = {"Server-Timing": "cache;desc=hit"}
# What OpenAPI is told of.
Answers = dict[int | str, dict[str, Any]]
NOT_FOUND: Answers = {404: {"description": "There is nothing here", "content": {PROBLEM: {}}}}
_NOT_ACCEPTABLE: Answers = {406: {"description": "No acceptable format", "content": {PROBLEM: {}}}}


def answers(
    description: str, types: Iterable[str], *, not_found: bool = False, negotiated: bool = True
) -> Answers:
    """Return what an address answers, as OpenAPI describes it.

    What is not `negotiated` comes in one format alone, whatever a client accepts.
    """
    return {
        200: {"description": description, "content": {media: {} for media in types}},
        304: {"description": "The client holds it already"},
        **(_NOT_ACCEPTABLE if negotiated else {}),
        **(NOT_FOUND if not_found else {}),
    }


Write = Callable[[], Awaitable[bytes | str]]


def media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the offered type that the request's Accept likes best. Raises Rejected (406)."""
    chosen = choose(accept_of(request.headers), offered)
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def shown_as(request: Request, offered: Sequence[str], suffix: str | None) -> str:
    """Return the type that the suffix of an address names; without one, as `media_type` does."""
    return SUFFIXES[suffix] if suffix else media_type(request, offered)


def inline(name: str, suffix: str) -> str:
    """Return the Content-Disposition of what is shown, and is kept under this name."""
    plain = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_."))
    return f'inline; filename="{plain or "list"}.{suffix}"'


def tag(*parts: object) -> str:
    """Return a strong entity tag for what these parts, and this program, determine."""
    return next(tags(parts, [()]))


def tags(common: Iterable[object], others: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the tag of what `common` and each of the `others` determine together.

    What is common is read once. The others are plain values that can be keys.
    """
    shared = hashlib.sha256(_ENCODE([__version__, *common])[:-1].encode())
    for parts in others:
        whole = shared.copy()
        whole.update(_ending(*parts))
        yield f'"{whole.hexdigest()[:32]}"'


@lru_cache(256, typed=True)
def _ending(*parts: object) -> bytes:
    return (f", {_ENCODE(parts)[1:]}" if parts else "]").encode()


def if_none_match(headers: Headers) -> frozenset[str]:
    """Return the tags of what the client holds (RFC 9110, 13.1.2); `*` alone stands for any."""
    return tags_of(", ".join(headers.getlist("if-none-match")))


def tags_of(value: str) -> frozenset[str]:
    """Return the tags that the value of an If-None-Match names; `*` alone stands for any."""
    return frozenset({"*"}) if value.strip() == "*" else frozenset(_TAG.findall(value))


def is_held(request: Request, entity: str) -> bool:
    """Return whether the client holds what this tag names, of which it is known that it exists."""
    return not if_none_match(request.headers).isdisjoint({entity, "*"})


def is_of(request: Request, modified: str) -> bool:
    """Return whether the client has what was last modified at this very second, and names no tag.

    An entity tag is the better answer to the same question (RFC 9110, section 13.2.2).
    """
    headers = request.headers
    return headers.get("if-modified-since") == modified and "if-none-match" not in headers


def is_since(request: Request, modified: str) -> bool:
    """Return whether the client has what never changes, by a day that is not before `modified`.

    As with `is_of`, a tag counts for more; what is no date of HTTP counts for nothing (RFC 9110,
    section 13.1.3).
    """
    dates = request.headers.getlist("if-modified-since")
    if len(dates) != 1 or "if-none-match" in request.headers:
        return False
    try:
        return parsedate_to_datetime(dates[0]) >= parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        # A date without a zone cannot be compared.
        return False


async def reply(
    request: Request,
    cache: Contents,
    media: str,
    entity: str,
    write: Write,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response: 304 where the client holds it already, else what `write` gives.

    What is asked for exists, or `write` raises Rejected. `entity` is the tag of the content, which
    is kept in the cache, and written once for all who ask at the same time.
    """
    sent = {
        "ETag": entity,
        "Cache-Control": "public, no-cache",
        "Vary": "Accept",
        **(headers or {}),
    }
    known = if_none_match(request.headers)
    if entity in known:
        return Response(status_code=304, headers=sent)
    if cache.get(entity) is not None:
        sent |= FROM_CACHE
    content = await cache.through(entity, write)
    if "*" in known:
        # Any state of it, so it has to exist: only now is that known (RFC 9110, 13.1.2 and 13.2.1).
        return Response(status_code=304, headers=sent)
    sent["Content-Type"] = content_type(media)
    return Response(content.body, headers=sent)
