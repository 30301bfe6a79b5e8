"""The SPARQL endpoint: from what a client asks to a response, by the SPARQL 1.1 Protocol."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app import errors
from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.manifest import Release
from app.rdf.formats import CSV, FORM, GRAPHS, HTML, QUERY, RESULTS, TSV, content_type
from app.settings import Settings
from app.sparql import service_description
from app.sparql.protocol import SparqlRequest, read
from app.web import problems, responses
from app.web.cancellation import ClientDisconnected, disconnected, unless_disconnected
from app.web.negotiation import accept_of, choose
from app.web.public_url import public_url

Page = Callable[[Request, SparqlRequest], Awaitable[Response]]
METHODS = "GET, HEAD, POST, QUERY, OPTIONS"
OFFERED = {Kind.BINDINGS: [*RESULTS], Kind.BOOLEAN: [*RESULTS], Kind.GRAPH: [*GRAPHS]}
_log = logging.getLogger("dialogue.sparql")


class Endpoint:
    """The SPARQL endpoint of one release, as an ASGI app: its answers never wait in the loop.

    `page` answers clients that like HTML best, with a query or without one.
    """

    def __init__(
        self, engine: Engine, release: Release, settings: Settings, page: Page | None = None
    ) -> None:
        self._engine, self._release, self._page = engine, release, page
        self._settings = settings
        self._service = service_description.ServiceDescription(engine, release)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one deadline bounds all of it, from here to the last byte."""
        deadline = asyncio.get_running_loop().time() + self._engine.seconds
        try:
            response = await self._respond(scope, receive, deadline)
        except Rejected as problem:
            problem.headers.setdefault("Vary", "Accept")
            response = problems.response(problem, self._public_url(scope))
        except ClientDisconnected:
            return
        if isinstance(response, Response):
            await response(scope, receive, send)
        else:
            await self._stream(response, scope, receive, send, deadline)

    def _public_url(self, scope: Scope) -> str:
        return public_url(self._settings, scope)

    async def _respond(
        self, scope: Scope, receive: Receive, deadline: float
    ) -> "Response | Streamed":
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=ALLOWED)
        if scope["method"] not in METHODS.split(", "):
            raise errors.method_not_allowed({"Allow": METHODS})
        try:
            async with asyncio.timeout_at(deadline):
                asked = await read(scope, receive, self._settings.max_query)
        except TimeoutError:
            raise errors.request_timeout() from None
        headers = Headers(scope=scope)
        accept = accept_of(headers)
        if self._page and choose(accept, [*RESULTS, *GRAPHS, HTML]) == HTML:
            return await self._page(Request(scope), asked)
        etags = (
            responses.if_none_match(headers)
            if scope["method"] in ("GET", "HEAD", "QUERY")
            else frozenset()
        )
        if asked.text is None:
            return await self._describe(scope, accept, etags)
        media = {k: m for k, offered in OFFERED.items() if (m := choose(accept, offered))}
        if not media:
            raise errors.not_acceptable([*RESULTS, *GRAPHS])
        tags = {kind: self._tag(asked, chosen) for kind, chosen in media.items()}
        known = frozenset(kind for kind, tag in tags.items() if tag in etags)
        query = Query(asked.text, media, asked.default_graphs, asked.named_graphs, unchanged=known)
        answer = await unless_disconnected(receive, self._engine.run(query, deadline=deadline))
        return await _respond(answer, tags[answer.kind], scope, star="*" in etags)

    async def _describe(self, scope: Scope, accept: str | None, etags: frozenset[str]) -> Response:
        media = choose(accept, [*GRAPHS])
        if media is None:
            raise errors.not_acceptable([*GRAPHS])
        endpoint = self._public_url(scope) + "sparql"
        tag = responses.tag(self._release.digest, endpoint, media)
        headers = _cacheable(tag)
        if tag in etags or "*" in etags:
            return Response(status_code=304, headers=headers)
        content = await self._service.describe(endpoint, media)
        return Response(content, headers={**headers, "Content-Type": content_type(media)})

    def _tag(self, asked: SparqlRequest, media: str) -> str:
        graphs = sorted(asked.default_graphs), sorted(asked.named_graphs)
        text = (asked.text or "").strip()
        return responses.tag(self._release.digest, text, *graphs, media)

    async def _stream(
        self,
        streamed: "Streamed",
        scope: Scope,
        receive: Receive,
        send: Send,
        deadline: float,
    ) -> None:
        """Send an answer whose length is not known; without its last part if it is cut off."""
        gone = asyncio.ensure_future(disconnected(receive))
        start: Message = {"type": "http.response.start", "status": 200}
        start["headers"] = [(n.lower().encode(), v.encode()) for n, v in streamed.headers.items()]
        try:
            async with asyncio.timeout_at(deadline):
                await send(start)
                async for chunk in streamed.answer.chunks():
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
            await streamed.answer.close()


@dataclass(frozen=True)
class Streamed:
    """A response whose length is not known yet."""

    answer: Answer
    headers: Mapping[str, str]


ALLOWED = {
    "Allow": METHODS,
    "Accept-Post": f"{QUERY}, {FORM}",
    "Accept-Query": f'"{QUERY}", "{FORM}"',
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


async def _respond(answer: Answer, tag: str, scope: Scope, *, star: bool) -> "Response | Streamed":
    headers = {"Vary": "Accept"}
    headers |= {"Cache-Control": "no-store"} if answer.volatile else _cacheable(tag)
    if answer.unchanged or (star and not answer.volatile):
        await answer.close()
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = content_type(answer.media)
    if answer.media in (CSV, TSV):
        # Opened by a spreadsheet, a cell may act as a formula: the reader decides, not the click.
        suffix = answer.media[5:8]
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


def _cacheable(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "public, no-cache", "Vary": "Accept"}
