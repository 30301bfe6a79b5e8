"""Parts of a file: which a request asks for (RFC 9110, section 14)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from app.errors import range_not_satisfiable

Part = tuple[int, int]
"""The first byte and the last, counted from 0."""

# A client that asks for more parts than this is better served with the whole.
_MOST = 100
# Section 14.1.2; a list may have empty members (section 5.6.1).
_SPECIFIER = re.compile(r"\s*bytes\s*=(.*)", re.IGNORECASE | re.DOTALL)
_RANGE = re.compile(r"([0-9]+)-([0-9]*)|-([0-9]+)")
# Longer numbers are beyond the end of every file.
_DIGITS = 18


def parts(headers: Headers, size: int, entity: str, modified: str) -> list[Part] | None:
    """Return the parts of a file of `size` bytes that a GET asks for; None for the whole of it.

    A unit that is not known, and a text that is no list of ranges, ask for the whole (section
    14.2), and so does an If-Range that names neither the tag `entity` nor the very time `modified`.
    No part at all is returned where none of those that are asked for is there.
    """
    asked = headers.getlist("range")
    if len(asked) != 1 or headers.get("if-range", entity) not in (entity, modified):
        return None
    specifier = _SPECIFIER.fullmatch(asked[0])
    members = [one.strip() for one in specifier[1].split(",")] if specifier else []
    ranges = [_RANGE.fullmatch(one) for one in members if one]
    if not ranges or len(ranges) > _MOST:
        return None
    found: list[Part] = []
    for match in ranges:
        if match is None:
            return None
        first, last, suffix = map(_number, match.groups())
        if first is not None and last is not None and last < first:
            return None
        begin = max(size - (suffix or 0), 0) if first is None else first
        end = size - 1 if last is None else min(last, size - 1)
        if begin <= end:
            found.append((begin, end))
    # Of what is empty, every part is the whole.
    return found if size else None


def _number(digits: str | None) -> int | None:
    return int(digits.lstrip("0")[:_DIGITS] or "0") if digits else None


class PartialFile(FileResponse):
    """A file, or the parts of it that were asked for, as `parts` has them.

    Whoever asks for parts of which the file has none is told its size (Rejected, 416).
    """

    def __init__(
        self,
        path: Path,
        wanted: Sequence[Part] | None,
        headers: Mapping[str, str],
        background: BackgroundTask | None = None,
    ) -> None:
        stat = path.stat()
        if wanted is not None and not wanted:
            raise range_not_satisfiable(stat.st_size)
        media = headers["Content-Type"]
        super().__init__(
            path, headers=headers, media_type=media, stat_result=stat, background=background
        )
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whose own words for the parts have been read."""
        headers = MutableHeaders(raw=list(scope["headers"]))
        for name in ("range", "if-range"):
            del headers[name]
        if self._wanted:
            spans = ",".join(f"{first}-{last}" for first, last in self._wanted)
            headers["range"] = f"bytes={spans}"
        await super().__call__({**scope, "headers": headers.raw}, receive, send)
