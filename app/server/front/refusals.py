"""Answers to what never becomes a request: problem documents as the bytes of a connection."""

from email.utils import formatdate
from http import HTTPStatus

from app.errors import Rejected
from app.rdf.formats import PROBLEM
from app.web import problems

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def refusal(problem: Rejected, public_url: str, *, head_only: bool = False) -> bytes:
    """Return the whole answer that tells of a problem and closes the connection.

    `head_only` leaves its body out, as for the method HEAD.
    """
    response = problems.response(problem, public_url)
    headers = {
        "Date": formatdate(usegmt=True),
        "Content-Type": PROBLEM,
        "Content-Length": str(len(response.body)),
        **_HEADERS,
        **problem.headers,
    }
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    start = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n{lines}\r\n"
    return start.encode("latin-1") + (b"" if head_only else bytes(response.body))
