"""Problem documents (RFC 9457): what went wrong, for programs and for people."""

import json
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app import errors
from app.errors import Rejected
from app.rdf.formats import PROBLEM
from app.web.notes import note

# The stable names of what can go wrong, each the last part of a problem's `type`: a title, and
# what to do about it.
KINDS: dict[str, tuple[str, str]] = {
    "address-too-long": (
        "The address is too long",
        "Send a long query in the body of a POST.",
    ),
    "body-too-large": (
        "The body is too large",
        "A query has a greatest length; ask for less at a time.",
    ),
    "busy": (
        "The server is busy",
        "Too many queries wait, none of them ended in time, or a long one was stopped for others. "
        "Retry-After says when to try again.",
    ),
    "charset-unsupported": (
        "The text is not UTF-8",
        "Write queries in UTF-8; in an address, percent-encode the bytes of UTF-8.",
    ),
    "coding-unsupported": (
        "The content coding is not supported",
        "Send bodies as they are, not compressed.",
    ),
    "federation-disabled": (
        "Federated queries are off",
        "A query is answered from this dataset alone. Ask other endpoints yourself and join there.",
    ),
    "graph-unknown": (
        "The dataset has no such graph",
        "Graphs are chosen by the IRIs that the service description lists. Nothing is fetched.",
    ),
    "head-too-large": (
        "The head of the request is too large",
        "A request has a greatest number and length of header fields; send fewer, or shorter ones.",
    ),
    "http-version": (
        "The answer needs HTTP/1.1",
        "HTTP/1.0 cannot tell an answer that is whole from one that was cut off, unless its length "
        "is said first; this one is longer than what the server holds back for that.",
    ),
    "internal": (
        "The server made a mistake",
        "It is not the request's fault. The mistake has been noted.",
    ),
    "media-type-unsupported": (
        "The media type of the body is not supported",
        "The problem's “accepted” lists the types that are.",
    ),
    "method-not-allowed": (
        "The method is not allowed here",
        "The header Allow lists the methods that are.",
    ),
    "metrics-private": (
        "The figures are not shown here",
        "Whoever runs the server chooses the addresses that may read them; one that is forwarded "
        "counts only where the proxy is trusted.",
    ),
    "not-acceptable": (
        "No acceptable format",
        "The problem's “offered” lists the formats from which Accept may choose.",
    ),
    "not-expressible": (
        "The answer cannot be written in this format",
        "The answer holds something that the format has no way to write. Ask for another.",
    ),
    "not-found": (
        "There is nothing here",
        "No page and nothing of the record has this address.",
    ),
    "not-implemented": (
        "The request asks for something that is not offered",
        "No address here knows the method, or the transfer coding.",
    ),
    "not-ready": (
        "The server is not ready",
        "It is starting, or starting again. Retry-After says when to try again.",
    ),
    "parameter-repeated": (
        "A parameter is given twice",
        "One request asks one query.",
    ),
    "parameters": (
        "The parameters are wrong",
        "The problem's detail names the parameter at fault.",
    ),
    "precondition-failed": (
        "The condition of the request is not met",
        "If-Match or If-Unmodified-Since names another state of the answer than the present one. "
        "Ask without it, and take the tag or the date that comes along.",
    ),
    "protocol-version": (
        "The version of HTTP is not spoken here",
        "Ask by HTTP/1.1 or HTTP/1.0; a proxy in front can speak others.",
    ),
    "query-crashed": (
        "The query crashed",
        "The query ended the process that ran it. Make it simpler; most often it nests too deeply.",
    ),
    "query-failed": (
        "The query cannot be evaluated",
        "The query is well-formed, but asks for something that cannot be computed here.",
    ),
    "query-malformed": (
        "The query is not well-formed",
        "“line” and “column” count from 1; “expected” lists what could stand there.",
    ),
    "query-memory": (
        "The query needs too much memory",
        "Ask for less at a time: a narrower pattern, a LIMIT, or no ORDER BY, DISTINCT or GROUP BY "
        "over everything.",
    ),
    "query-missing": (
        "There is no query",
        "Send it as the parameter “query”, or as the body of type application/sparql-query.",
    ),
    "query-timeout": (
        "The query takes too long",
        "“seconds” is how long a query may take, waiting included. Ask for less at a time.",
    ),
    "range-not-satisfiable": (
        "The file has no such part",
        "“bytes” is how long the file is; bytes are counted from 0.",
    ),
    "request-malformed": (
        "The request is not well-formed HTTP",
        "The problem's detail names what is wrong with its head or with the form of its body.",
    ),
    "request-timeout": (
        "The request takes too long",
        "A request has a few seconds to arrive; send it in one piece.",
    ),
    "stopping": (
        "The server is stopping",
        "Try again in a moment.",
    ),
    "too-many-requests": (
        "Too many requests",
        "One client has a share of the server. Wait as long as Retry-After says, ask one thing "
        "after another, and avoid queries that have been stopped.",
    ),
    "updates-disabled": (
        "Updates are off",
        "The data changes with a release, not through the endpoint.",
    ),
    "version-unknown": (
        "There is no such release here",
        "“versions” lists those that this server holds; /releases.json tells of all there are.",
    ),
}


class ProblemResponse(Response):
    """A problem document, which leaves its kind in the notes on the request that it answers."""

    media_type = PROBLEM

    def __init__(self, kind: str, content: bytes, status: int, headers: dict[str, str]) -> None:
        super().__init__(content, status, headers)
        self._kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        note(scope, outcome=self._kind)
        await super().__call__(scope, receive, send)


def document(problem: Rejected, public_url: str) -> dict[str, object]:
    """Return the problem as the members of its document."""
    plain = problem.kind.replace("-", " ").capitalize()
    title, _ = KINDS.get(problem.kind, (plain, ""))
    return {
        "type": f"{public_url}problems/{problem.kind}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }


def response(problem: Rejected, public_url: str) -> Response:
    """Return the answer that tells a client of a problem; no cache keeps it."""
    content = json.dumps(document(problem, public_url), ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store", **problem.headers}
    return ProblemResponse(problem.kind, content, problem.status, headers)


def of_status(status: int, headers: dict[str, str] | None = None) -> Rejected:
    """Return the problem that a bare HTTP status stands for."""
    known = {404: errors.not_found, 500: errors.internal}
    if status in known:
        return known[status]()
    if status == 405:
        return errors.method_not_allowed(headers)
    bare = HTTPStatus(status)
    kind = bare.phrase.lower().replace(" ", "-")
    return Rejected(status, kind, bare.description or bare.phrase, headers=headers)
