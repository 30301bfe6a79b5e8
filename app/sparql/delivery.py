"""Answers to queries as responses: whole ones with a length, long ones in parts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.engine.engine import Answer, AnswerTruncated
from app.errors import Rejected, method_not_allowed
from app.rdf.formats import CSV, TSV, content_type, file_suffix
from app.settings import Settings
from app.sparql.answers import WholeAnswer
from app.web import problems
from app.web.cancellation import AnswerCut, ClientDisconnected, disconnected
from app.web.public_url import public_url
from app.web.responses import FROM_CACHE

# Tells how many rows, or triples, an answer has that has more.
CAPPED = "Dialogue-Rows-Capped"
_log = logging.getLogger("dialogue.sparql")


@dataclass(frozen=True)
class Streamed:
    """A response whose length is not known yet."""

    answer: Answer
    headers: Mapping[str, str]


Respond = Callable[[Scope, Receive, float], Awaitable[Response | Streamed]]


def options(scope: Scope, allowed: Mapping[str, str]) -> Response | None:
    """Return what OPTIONS is answered, the headers `allowed`; None for what else these allow.

    Raises Rejected (405) for a method that they do not.
    """
    if scope["method"] == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    if scope["method"] not in allowed["Allow"].split(", "):
        raise method_not_allowed({"Allow": allowed["Allow"]})
    return None


async def respond(
    answer: Answer | WholeAnswer,
    media: str,
    tag: str,
    scope: Scope,
    *,
    star: bool = False,
    attached: bool = False,
) -> Response | Streamed:
    """Return the response that carries an answer in a media type, under its tag.

    `star` tells that the client holds anything at all, `attached` that it asked for a file. Where
    the client holds it already, the response says so.
    """
    if isinstance(answer, WholeAnswer):
        headers = cacheable(tag) if answer.fresh else cacheable(tag) | FROM_CACHE
        if star:
            return Response(status_code=304, headers=headers)
        headers |= _of_content(media, answer.content.capped, attached)
        return Response(answer.content.body, headers=headers)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"} if answer.volatile else cacheable(tag)
    if answer.unchanged or (star and not answer.volatile):
        await answer.close()
        return Response(status_code=304, headers=headers)
    headers |= _of_content(media, answer.capped, attached)
    if answer.length is not None:
        return Response(await answer.read(), headers=headers)
    if scope["method"] == "HEAD":
        await answer.close()
        response = Response(headers=headers)
        del response.headers["content-length"]
        return response
    return Streamed(answer, headers)


def _of_content(media: str, capped: int | None, attached: bool) -> dict[str, str]:
    headers = {"Content-Type": content_type(media)}
    if capped is not None:
        headers[CAPPED] = str(capped)
    if attached or media in (CSV, TSV):
        # Opened by a spreadsheet, a cell may act as a formula: the reader decides, not the click.
        headers["Content-Disposition"] = f'attachment; filename="answer.{file_suffix(media)}"'
    return headers


async def serve(
    work: Respond, seconds: float, settings: Settings, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request by `work`, which is given the deadline for computing.

    That is `seconds` from now, on the event loop's clock. What `work` refuses becomes a problem
    document; a client that has left gets nothing. Raises AnswerCut for a response that has begun
    and has no end.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        response = await work(scope, receive, deadline)
    except Rejected as problem:
        problem.headers.setdefault("Vary", "Accept")
        response = problems.response(problem, public_url(settings, scope))
    except ClientDisconnected:
        return
    if isinstance(response, Response):
        await response(scope, receive, send)
    else:
        await _stream(response, receive, send)


async def _stream(response: Streamed, receive: Receive, send: Send) -> None:
    gone = asyncio.ensure_future(disconnected(receive))
    start: Message = {"type": "http.response.start", "status": 200}
    start["headers"] = [(n.lower().encode(), v.encode()) for n, v in response.headers.items()]
    try:
        await send(start)
        async for chunk in response.answer.chunks():
            if gone.done():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except AnswerTruncated as error:
        _log.warning("an answer was cut off: %s", error)
        raise AnswerCut(error.problem) from None
    finally:
        gone.cancel()
        await response.answer.close()


def cacheable(tag: str) -> dict[str, str]:
    """Return the headers of what changes with a release only."""
    return {"ETag": tag, "Cache-Control": "public, no-cache", "Vary": "Accept"}
