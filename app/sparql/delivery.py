"""The way of an answer to its client: with its length, or in parts with an end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app import errors
from app.engine.engine import Answer, AnswerTruncated
from app.errors import Rejected
from app.rdf.formats import CSV, TSV, content_type, file_suffix
from app.settings import Settings
from app.web import problems
from app.web.cancellation import ClientDisconnected, disconnected
from app.web.public_url import public_url

# Tells how many rows an answer has that has more.
CAPPED = "Dialogue-Rows-Capped"
_log = logging.getLogger("dialogue.sparql")


@dataclass(frozen=True)
class Streamed:
    """A response whose length is not known yet."""

    answer: Answer
    headers: Mapping[str, str]


Respond = Callable[[Scope, Receive, float], Awaitable[Response | Streamed]]


async def respond(
    answer: Answer, tag: str, scope: Scope, *, star: bool, attached: bool = False
) -> Response | Streamed:
    """Return the response that carries an answer, or says that its client holds it already.

    `star` tells that the client holds anything at all, `attached` that it asked for a file.
    Raises Rejected for a long answer by HTTP/1.0.
    """
    headers = {"Vary": "Accept"}
    headers |= {"Cache-Control": "no-store"} if answer.volatile else cacheable(tag)
    if answer.unchanged or (star and not answer.volatile):
        await answer.close()
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = content_type(answer.media)
    if answer.capped is not None:
        headers[CAPPED] = str(answer.capped)
    if attached or answer.media in (CSV, TSV):
        # Opened by a spreadsheet, a cell may act as a formula: the reader decides, not the click.
        suffix = file_suffix(answer.media)
        headers["Content-Disposition"] = f'attachment; filename="answer.{suffix}"'
    if answer.length is not None:
        return Response(await answer.read(), headers=headers)
    if scope["method"] == "HEAD":
        await answer.close()
        response = Response(headers=headers)
        del response.headers["content-length"]
        return response
    if scope["http_version"] == "1.0":
        # Its end would be the end of the connection, which a cut looks like too.
        await answer.close()
        raise errors.http_version()
    return Streamed(answer, headers)


async def serve(
    work: Respond, seconds: float, settings: Settings, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request by `work`; one deadline bounds all of it, from here to the last byte.

    `work` is given the deadline, `seconds` from now on the event loop's clock. What it refuses
    becomes a problem document; a client that has left gets nothing.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        response = await work(scope, receive, deadline)
    except Rejected as problem:
        problem.headers.setdefault("Vary", "Accept")
        response = problems.response(problem, public_url(settings, scope))
    except ClientDisconnected:
        return
    await send_response(response, scope, receive, send, deadline)


async def send_response(
    response: Response | Streamed, scope: Scope, receive: Receive, send: Send, deadline: float
) -> None:
    """Send a response; one whose length is not known ends without its last part if it is cut."""
    if isinstance(response, Response):
        await response(scope, receive, send)
        return
    gone = asyncio.ensure_future(disconnected(receive))
    start: Message = {"type": "http.response.start", "status": 200}
    start["headers"] = [(n.lower().encode(), v.encode()) for n, v in response.headers.items()]
    try:
        async with asyncio.timeout_at(deadline):
            await send(start)
            async for chunk in response.answer.chunks():
                if gone.done():
                    return
                body: Message = {"type": "http.response.body", "body": chunk}
                await send({**body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except (AnswerTruncated, TimeoutError) as error:
        # The server closes a connection whose response was not finished, and so the client
        # sees that the last chunk is missing.
        _log.warning("an answer was cut off: %s", error or "deadline")
    finally:
        gone.cancel()
        await response.answer.close()


def cacheable(tag: str) -> dict[str, str]:
    """Return the headers of what changes with a release only."""
    return {"ETag": tag, "Cache-Control": "public, no-cache", "Vary": "Accept"}
