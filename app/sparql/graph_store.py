"""The graphs of the dataset, to be read: SPARQL 1.1 Graph Store HTTP Protocol."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app import errors
from app.engine.engine import Engine
from app.engine.query import Kind, Query
from app.manifest import Release
from app.rdf.formats import GRAPHS, TSV
from app.settings import Settings
from app.sparql import delivery
from app.sparql.answers import Answers
from app.sparql.protocol import MAX_ADDRESS, chosen, hold_absolute, parameters_of
from app.web import responses
from app.web.cache import ByteCache
from app.web.cancellation import unless_disconnected
from app.web.negotiation import accept_of, choose
from app.web.public_url import public_url

METHODS = "GET, HEAD, OPTIONS"
_ALLOWED = {"Allow": METHODS, "Access-Control-Allow-Methods": METHODS}
_QUERY = Path(__file__).parents[1] / "queries" / "graph_store.rq"
_KNOWN = "ASK { GRAPH <%s> { } }"


@dataclass(frozen=True)
class GraphRequest:
    """Which graph is asked for: the first of `names` that there is, the default graph for none."""

    names: tuple[str, ...]
    format: str | None = None


class GraphStore:
    """The graphs of one release at `/graphs`, as an ASGI app."""

    def __init__(
        self, engine: Engine, release: Release, settings: Settings, cache: ByteCache
    ) -> None:
        self._engine, self._release, self._settings = engine, release, settings
        self._answers = Answers(engine, cache)
        self._whole = _QUERY.read_text(encoding="utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; one deadline bounds all of it, to the last triple computed."""
        seconds, settings = self._engine.seconds, self._settings
        await delivery.serve(self._respond, seconds, settings, scope, receive, send)

    async def _respond(
        self, scope: Scope, receive: Receive, deadline: float
    ) -> Response | delivery.Streamed:
        if answered := delivery.options(scope, _ALLOWED):
            return answered
        asked = read(scope, (public_url(self._settings, scope), self._release.base))
        headers = Headers(scope=scope)
        media = choose(accept_of(headers), [*GRAPHS])
        if asked.format is not None:
            media = chosen(asked.format).graph
        if media is None or media not in GRAPHS:
            raise errors.not_acceptable([*GRAPHS])
        graphs = await self._known(asked, receive, deadline)
        etags = responses.if_none_match(headers)
        tag = responses.tag(self._release.edition, "graph", graphs, media)
        unchanged = frozenset({Kind.GRAPH} if tag in etags else ())
        query = Query(self._whole, {Kind.GRAPH: media}, graphs, unchanged=unchanged)
        work = self._answers.run(query, {Kind.GRAPH: tag}, deadline)
        answer = await unless_disconnected(receive, work)
        attached, star = asked.format is not None, not etags.isdisjoint({tag, "*"})
        return await delivery.respond(answer, media, tag, scope, star=star, attached=attached)

    async def _known(
        self, asked: GraphRequest, receive: Receive, deadline: float
    ) -> tuple[str, ...]:
        for name in asked.names:
            query = Query(_KNOWN % name, {Kind.BOOLEAN: TSV})
            answer = await unless_disconnected(receive, self._engine.run(query, deadline=deadline))
            if await answer.read() == b"true":
                return (name,)
        if asked.names:
            raise errors.graph_unknown(asked.names[0])
        return ()


def read(scope: Scope, addresses: tuple[str, ...]) -> GraphRequest:
    """Return which graph a request asks for (Graph Store HTTP Protocol, section 4).

    `addresses` are where this server is reached, and the base of the IRIs that it answers for:
    either may begin the address of a graph. Raises Rejected.
    """
    if len(scope["query_string"]) > MAX_ADDRESS:
        raise errors.address_too_long(MAX_ADDRESS)
    parameters = parameters_of(scope["query_string"])
    for name in ("graph", "default", "format", "output"):
        if [key for key, _ in parameters].count(name) > 1:
            raise errors.parameter_repeated(name)
    values = dict(parameters)
    form = values.get("format", values.get("output"))
    direct = _path(scope).removeprefix("graphs").removeprefix("/")
    if sum([bool(direct), "graph" in values, "default" in values]) != 1:
        raise errors.parameters_wrong(
            "Name one graph: “default”, or “graph” with an IRI, or the graph's own address."
        )
    if "default" in values:
        return GraphRequest((), form)
    if "graph" in values:
        names = [values["graph"]]
    else:
        names = [f"{a}graphs/{path}" for a in addresses for path in (direct, _as_iri(direct))]
    for name in names:
        hold_absolute("graph", name)
    return GraphRequest(tuple(dict.fromkeys(names)), form)


def _as_iri(path: str) -> str:
    """Return a path as an IRI has it: HTTP takes what is not ASCII as percent-encoded UTF-8."""

    def character(match: re.Match[str]) -> str:
        try:
            return unquote(match[0], errors="strict")
        except UnicodeDecodeError:
            return match[0]

    return re.sub(r"(?:%[89A-Fa-f][0-9A-Fa-f])+", character, path)


def _path(scope: Scope) -> str:
    # As it was sent: a percent sign is part of an IRI.
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("ascii", "replace").removeprefix("/")
