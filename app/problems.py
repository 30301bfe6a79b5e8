"""Problem documents (RFC 9457): what went wrong, for programs and for people."""

import json
from http import HTTPStatus

from starlette.responses import Response

from app.errors import Rejected

MEDIA = "application/problem+json"

# The stable names of what can go wrong; each is the last part of a problem's `type`.
TITLES = {
    "address-too-long": "The address is too long",
    "body-too-large": "The body is too large",
    "busy": "The server is busy",
    "charset-unsupported": "The text is not UTF-8",
    "coding-unsupported": "The content coding is not supported",
    "federation-disabled": "Federated queries are off",
    "graph-unknown": "The dataset has no such graph",
    "http-version": "The answer needs HTTP/1.1",
    "internal": "The server made a mistake",
    "media-type-unsupported": "The media type of the body is not supported",
    "method-not-allowed": "The method is not allowed here",
    "not-acceptable": "No acceptable format",
    "not-expressible": "The answer cannot be written in this format",
    "not-found": "There is nothing here",
    "not-ready": "The server is not ready",
    "parameter-repeated": "A parameter is given twice",
    "parameters": "The parameters are wrong",
    "query-crashed": "The query crashed",
    "query-failed": "The query cannot be evaluated",
    "query-malformed": "The query is not well-formed",
    "query-memory": "The query needs too much memory",
    "query-missing": "There is no query",
    "query-timeout": "The query takes too long",
    "stopping": "The server is stopping",
    "updates-disabled": "Updates are off",
}


def document(problem: Rejected, public_url: str) -> dict[str, object]:
    """Return the problem as the members of its document."""
    title = TITLES.get(problem.kind, problem.kind.replace("-", " ").capitalize())
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
    return Response(content, problem.status, headers, MEDIA)


def of_status(status: int, headers: dict[str, str] | None = None) -> Rejected:
    """Return the problem that a bare HTTP status stands for."""
    kinds = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 500: "internal"}
    kind = kinds.get(status, HTTPStatus(status).phrase.lower().replace(" ", "-"))
    detail = {
        404: "Nothing has this address.",
        405: "This address does not answer to that method; Allow lists those it answers to.",
        500: "The mistake is ours, and has been noted.",
    }.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
    return Rejected(status, kind, detail, headers=headers)
