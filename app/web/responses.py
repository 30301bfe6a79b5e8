"""The response to a request for something that changes with a release only."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.errors import not_acceptable
from app.rdf.formats import PROBLEM, content_type
from app.web.cache import ByteCache
from app.web.negotiation import accept_of, choose

_TAG = re.compile(r'(?:W/)?("[^"]*")')
# What OpenAPI is told of.
Answers = dict[int | str, dict[str, Any]]
NOT_FOUND: Answers = {404: {"description": "There is nothing here", "content": {PROBLEM: {}}}}


def answers(description: str, types: Iterable[str], *, not_found: bool = False) -> Answers:
    """Return what an address answers, as OpenAPI describes it."""
    refused = {"description": "No acceptable format", "content": {PROBLEM: {}}}
    return {
        200: {"description": description, "content": {media: {} for media in types}},
        304: {"description": "The client holds it already"},
        406: refused,
        **(NOT_FOUND if not_found else {}),
    }


Write = Callable[[], Awaitable[bytes | str]]


def media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the offered type that the request's Accept likes best. Raises Rejected (406)."""
    chosen = choose(accept_of(request.headers), offered)
    if chosen is None:
        raise not_acceptable(offered)
    return chosen


def tag(*parts: object) -> str:
    """Return a strong entity tag for what these parts, and this program, determine."""
    content = json.dumps([__version__, *parts], ensure_ascii=False).encode()
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def if_none_match(headers: Headers) -> frozenset[str]:
    """Return the tags of what the client holds (RFC 9110, 13.1.2); `*` alone stands for any."""
    value = ", ".join(headers.getlist("if-none-match"))
    return frozenset({"*"}) if value.strip() == "*" else frozenset(_TAG.findall(value))


def is_held(request: Request, entity: str) -> bool:
    """Return whether the client holds what this tag names."""
    return not if_none_match(request.headers).isdisjoint({entity, "*"})


async def reply(
    request: Request,
    cache: ByteCache,
    media: str,
    entity: str,
    write: Write,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response: 304 where the client holds it already, else what `write` gives.

    What is asked for exists, or `write` raises Rejected. `entity` is the tag of the content, which
    is kept in the cache.
    """
    sent = {
        "ETag": entity,
        "Cache-Control": "public, no-cache",
        "Vary": "Accept",
        **(headers or {}),
    }
    if is_held(request, entity):
        return Response(status_code=304, headers=sent)
    if (content := cache.get(entity)) is None:
        written = await write()
        content = written if isinstance(written, bytes) else written.encode()
        cache.put(entity, content)
    sent["Content-Type"] = content_type(media)
    return Response(content, headers=sent)
