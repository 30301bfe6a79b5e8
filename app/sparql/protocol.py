"""The requests of the SPARQL 1.1 Protocol: what a client asks, decoded exactly once."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from app import errors
from app.rdf.formats import CHOICES, FORM, QUERY, UPDATE, FormatChoice, choice
from app.web.cancellation import ClientDisconnected

MAX_ADDRESS = 24 * 1024
_PARAMETERS = 2000


@dataclass(frozen=True)
class SparqlRequest:
    """What a request asks: a query, or None for a description of the service.

    `format` is the format that its address or form names, which counts for more than Accept.
    """

    text: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: FormatChoice | None = None


def chosen(name: str) -> FormatChoice:
    """Return the format that a client names. Raises Rejected (400) for a name of none."""
    known = choice(name)
    if known is None:
        raise errors.parameters_wrong(f"“format” is one of {', '.join(CHOICES)}.")
    return known


async def read(scope: Scope, receive: Receive, max_query: int) -> SparqlRequest:
    """Return what a request asks, decoded exactly once (SPARQL 1.1 Protocol, section 2.1).

    `max_query` is in bytes. Raises Rejected for a request that is none of the protocol's.
    """
    if len(scope["query_string"]) > MAX_ADDRESS:
        raise errors.address_too_long(MAX_ADDRESS)
    parameters = parameters_of(scope["query_string"])
    if scope["method"] in ("POST", "QUERY"):
        headers = Headers(scope=scope)
        kind, charset = _content_type(headers)
        body = await _body(headers, receive, max_query * (3 if kind == FORM else 1))
        if charset != "utf-8":
            raise errors.charset_unsupported(415, "Write the query in UTF-8.")
        if kind == FORM:
            parameters += parameters_of(body)
        else:
            parameters.append(("query", _text(body.removeprefix(b"\xef\xbb\xbf"))))
    asked = _request(parameters)
    if asked.text is None and scope["method"] in ("POST", "QUERY"):
        raise errors.query_missing()
    if asked.text is not None and len(asked.text.encode()) > max_query:
        raise errors.body_too_large(max_query)
    return asked


def _request(parameters: list[tuple[str, str]]) -> SparqlRequest:
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(value)
    if "update" in values:
        detail = "This endpoint answers queries; the data changes with a release."
        raise errors.updates_disabled(detail)
    for name in ("using-graph-uri", "using-named-graph-uri"):
        if name in values:
            raise errors.parameters_wrong(f"“{name}” belongs to updates, which are off.")
    texts = values.get("query", [])
    for name in ("query", "format", "output"):
        if len(values.get(name, [])) > 1:
            raise errors.parameter_repeated(name)
    # Some clients send the parameter of a graph that they do not choose with nothing in it.
    default, named = (
        tuple(graph for graph in values.get(name, []) if graph)
        for name in ("default-graph-uri", "named-graph-uri")
    )
    formats = values.get("format") or values.get("output")
    form = chosen(formats[0]) if formats else None
    return SparqlRequest(texts[0] if texts else None, default, named, form)


def parameters_of(data: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form or an address, decoded exactly once. Raises Rejected."""
    # The standard library's parser goes through ASCII or replaces what is wrong; neither will do.
    pairs = [pair.partition(b"=") for pair in data.split(b"&") if pair]
    if len(pairs) > _PARAMETERS:
        raise errors.parameters_wrong(f"There are more than {_PARAMETERS}.")
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(data: bytes) -> str:
    return _text(unquote_to_bytes(data.replace(b"+", b" ")))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start + 1} of a text is not UTF-8."
        raise errors.charset_unsupported(400, detail) from None


def _content_type(headers: Headers) -> tuple[str, str]:
    kind, _, rest = headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == UPDATE:
        raise errors.updates_disabled("This endpoint answers queries only.")
    if kind not in (FORM, QUERY):
        detail = f"Send a query as {QUERY}, or as the parameter “query” of {FORM}."
        raise errors.media_type_unsupported(detail, (QUERY, FORM))
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise errors.coding_unsupported()
    found = re.search(r';?\s*charset\s*=\s*"?([^";\s]+)', rest, re.IGNORECASE)
    charset = found[1].lower() if found else "utf-8"
    return kind, {"utf8": "utf-8", "us-ascii": "utf-8"}.get(charset, charset)


async def _body(headers: Headers, receive: Receive, limit: int) -> bytes:
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise errors.body_too_large(limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        body += message.get("body", b"")
        if len(body) > limit:
            raise errors.body_too_large(limit)
        if not message.get("more_body"):
            return bytes(body)
