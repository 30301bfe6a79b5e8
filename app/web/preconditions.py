"""Conditions on which a request is to be answered at all (RFC 9110, sections 13.1.1 and 13.1.4)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import precondition_failed
from app.settings import Settings
from app.web.cancellation import ClientDisconnected
from app.web.last_modified import modified
from app.web.middleware import refuse
from app.web.public_url import public_url

_SAFE = frozenset({"GET", "HEAD", "QUERY"})
# Where the answer would be a refusal in any case, it is that refusal (section 13.2.1).
_ANSWERED = frozenset({200, 206, 304})
_TAG = re.compile(rb'(W/)?("[^"]*")')
# RFC 9110, section 5.6.7: as dates are written, and as they were.
_DATES = "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"


@dataclass(frozen=True)
class Preconditions:
    """What a request demands of the state of what it asks for.

    `tags` are those of If-Match, None where it names none: a weak one is not among them, since it
    never matches strongly. `unmodified` is the date of If-Unmodified-Since.
    """

    tags: frozenset[bytes] | None
    unmodified: datetime | None

    def objection(self, start: Message, since: bytes) -> str | None:
        """Return which condition the beginning of an answer does not meet, in the order of 13.2.2.

        What has no tag, and what is a refusal itself, meets all. `since` is what Last-Modified
        says where the answer has none of its own.
        """
        headers = {name.lower(): value for name, value in start["headers"]}
        if start["status"] not in _ANSWERED or b"etag" not in headers:
            return None
        if self.tags is not None:
            met = not self.tags.isdisjoint({headers[b"etag"], b"*"})
            return None if met else "None of the tags of If-Match is that of the present answer."
        date = modified(start, since)
        changed = _date(date) if date is not None else None
        if self.unmodified is None or changed is None or changed <= self.unmodified:
            return None
        return "The answer has changed since the date of If-Unmodified-Since."


def preconditions(headers: Iterable[tuple[bytes, bytes]]) -> Preconditions | None:
    """Return what the headers of a request demand; None where that is nothing."""
    tags: bytes | None = None
    dates: list[bytes] = []
    for name, value in headers:
        if name == b"if-match":
            tags = value if tags is None else tags + b", " + value
        elif name == b"if-unmodified-since":
            dates.append(value)
    # What is no date, or more than one, is no condition; nor is one beside a tag.
    date = _date(dates[0]) if len(dates) == 1 and tags is None else None
    if tags is None:
        return None if date is None else Preconditions(None, date)
    strong = {tag for weak, tag in _TAG.findall(tags) if not weak}
    return Preconditions(frozenset({b"*"} if tags.strip() == b"*" else strong), None)


def _date(value: bytes) -> datetime | None:
    for form in _DATES:
        try:
            return datetime.strptime(value.decode("latin-1"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


class PreconditionMiddleware:
    """Refuses (412) what would be answered, where the answer is not the one that was demanded.

    It looks at answers as they are sent, with the tags of their codings. `since` is when this
    application began to serve, as Last-Modified has it.
    """

    def __init__(self, app: ASGIApp, settings: Settings, since: bytes) -> None:
        self._app, self._settings, self._since = app, settings, since

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        demanded = None
        if scope["type"] == "http" and scope["method"] in _SAFE:
            demanded = preconditions(scope["headers"])
        if demanded is None:
            await self._app(scope, receive, send)
            return

        async def judged(message: Message) -> None:
            if message["type"] == "http.response.start":
                detail = demanded.objection(message, self._since)
                if detail is not None:
                    problem = precondition_failed(detail)
                    address = public_url(self._settings, scope)
                    await refuse(problem, address, scope, receive, send)
                    # Nobody takes what it goes on to write.
                    raise ClientDisconnected
            await send(message)

        await self._app(scope, receive, judged)
