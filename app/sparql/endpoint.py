"""The SPARQL endpoint: from what a client asks to a response, by the SPARQL 1.1 Protocol."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app import errors
from app.engine.engine import Engine
from app.engine.query import Kind, Query
from app.manifest import Release
from app.rdf.formats import (
    ANSWERS,
    ANSWERS_OR_PAGE,
    FORM,
    GRAPHS,
    HTML,
    QUERY,
    RESULTS,
    content_type,
)
from app.settings import Settings
from app.sparql import delivery, service_description
from app.sparql.answers import Answers
from app.sparql.protocol import SparqlRequest, read
from app.sparql.time_limit import within
from app.web import responses
from app.web.cache import ByteCache
from app.web.cancellation import unless_disconnected
from app.web.negotiation import accept_of, choose
from app.web.notes import note
from app.web.public_url import public_url

METHODS = "GET, HEAD, POST, QUERY, OPTIONS"
OFFERED = {Kind.BINDINGS: [*RESULTS], Kind.BOOLEAN: [*RESULTS], Kind.GRAPH: [*GRAPHS]}


class Page(Protocol):
    """The page of the endpoint, for clients that like HTML best."""

    async def __call__(self, request: Request, asked: SparqlRequest) -> Response:
        """Return the form, with the answer to what was asked. Raises Rejected."""

    async def refused(self, asked: SparqlRequest, problem: errors.Rejected) -> Response:
        """Return the form with what was asked, and why it is not answered."""


class Endpoint:
    """The SPARQL endpoint of one release, as an ASGI app: its answers never wait in the loop.

    `page` answers clients that like HTML best, with a query or without one; whatever they ask for
    and do not get, it tells them why.
    """

    def __init__(
        self,
        engine: Engine,
        release: Release,
        settings: Settings,
        cache: ByteCache,
        page: Page | None = None,
    ) -> None:
        self._engine, self._release, self._page = engine, release, page
        self._answers, self._cache = Answers(engine, cache), cache
        self._settings = settings
        self._service = service_description.ServiceDescription(engine, release, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one deadline bounds all of it, from here to the last row computed."""
        seconds, settings = self._engine.seconds, self._settings
        await delivery.serve(self._respond, seconds, settings, scope, receive, send)

    def _public_url(self, scope: Scope) -> str:
        return public_url(self._settings, scope)

    async def _respond(
        self, scope: Scope, receive: Receive, deadline: float
    ) -> Response | delivery.Streamed:
        if answered := delivery.options(scope, ALLOWED):
            return answered
        asked, headers = SparqlRequest(None), Headers(scope=scope)
        try:
            asked = await self._read(scope, receive, deadline)
            return await self._answer(asked, headers, scope, receive, deadline)
        except errors.Rejected as problem:
            # A file that was to be downloaded and is not: that too is told where the query is.
            accept = accept_of(headers)
            if self._page is None or not (_likes_pages(accept) or _wants_page(asked, accept)):
                raise
            note(scope, outcome=problem.kind)
            return await unless_disconnected(receive, self._page.refused(asked, problem))

    async def _answer(
        self,
        asked: SparqlRequest,
        headers: Headers,
        scope: Scope,
        receive: Receive,
        deadline: float,
    ) -> Response | delivery.Streamed:
        note(scope, query=asked.text)
        accept = accept_of(headers)
        if self._page and _wants_page(asked, accept):
            return await unless_disconnected(receive, self._page(Request(scope), asked))
        etags = (
            responses.if_none_match(headers)
            if scope["method"] in ("GET", "HEAD", "QUERY")
            else frozenset()
        )
        if asked.text is None:
            return await self._describe(scope, asked, accept, etags)
        media = _media(asked, accept)
        if not media:
            raise errors.not_acceptable(ANSWERS)
        tags = self._tags(asked, media)
        attached = asked.format is not None
        known = self._answers.find(tags)
        if known is not None:
            star = known.tag in etags or "*" in etags
            return await delivery.respond(
                known, media[known.kind], known.tag, scope, star=star, attached=attached
            )
        query = Query(
            asked.text,
            media,
            asked.default_graphs,
            asked.named_graphs,
            unchanged=frozenset(kind for kind, tag in tags.items() if tag in etags),
            max_rows=self._settings.max_rows,
        )
        run = within(asked.timeout, self._answers.run(query, tags, deadline))
        answer = await unless_disconnected(receive, run)
        tag = tags[answer.kind]
        return await delivery.respond(
            answer, media[answer.kind], tag, scope, star="*" in etags, attached=attached
        )

    async def _read(self, scope: Scope, receive: Receive, deadline: float) -> SparqlRequest:
        if scope["method"] not in ("POST", "QUERY"):
            # All of it is here.
            return await read(scope, receive, self._settings.max_query)
        try:
            async with asyncio.timeout_at(deadline):
                return await read(scope, receive, self._settings.max_query)
        except TimeoutError:
            raise errors.request_timeout() from None

    async def _describe(
        self, scope: Scope, asked: SparqlRequest, accept: str | None, etags: frozenset[str]
    ) -> Response:
        media = _media(asked, accept).get(Kind.GRAPH)
        if media is None:
            raise errors.not_acceptable([*GRAPHS])
        endpoint = self._public_url(scope) + "sparql"
        tag = responses.tag(self._release.edition, endpoint, media, self._service.limits)
        headers = delivery.cacheable(tag)
        if tag in etags or "*" in etags:
            return Response(status_code=304, headers=headers)
        content = await self._cache.through(tag, lambda: self._service.describe(endpoint, media))
        return Response(content.body, headers={**headers, "Content-Type": content_type(media)})

    def _tags(self, asked: SparqlRequest, media: Mapping[Kind, str]) -> dict[Kind, str]:
        """Return the entity tag for each kind of answer."""
        graphs = sorted(asked.default_graphs), sorted(asked.named_graphs)
        # What SPARQL has as white space, and nothing else, makes no other query.
        common = self._release.edition, (asked.text or "").strip(" \t\r\n"), *graphs
        # Rows in JSON and a graph in JSON have one media type, and a query has one of the two.
        what = ((kind, chosen, self._settings.max_rows) for kind, chosen in media.items())
        return dict(zip(media, responses.tags(common, what), strict=True))


def _likes_pages(accept: str | None) -> bool:
    return choose(accept, ANSWERS_OR_PAGE) == HTML


def _wants_page(asked: SparqlRequest, accept: str | None) -> bool:
    return _likes_pages(accept) if asked.format is None else asked.format.rows == HTML


def _media(asked: SparqlRequest, accept: str | None) -> dict[Kind, str]:
    """Return the media type for each kind of answer: the format that is named, else by Accept."""
    if asked.format is None:
        return {k: m for k, offered in OFFERED.items() if (m := choose(accept, offered))}
    rows, graph = asked.format.rows, asked.format.graph
    named = {Kind.BINDINGS: rows, Kind.BOOLEAN: rows, Kind.GRAPH: graph}
    return {kind: m for kind, m in named.items() if m is not None and m != HTML}


ALLOWED = {
    "Allow": METHODS,
    "Accept-Post": f"{QUERY}, {FORM}",
    "Accept-Query": f'"{QUERY}", "{FORM}"',
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
