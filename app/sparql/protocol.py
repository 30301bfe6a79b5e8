"""The requests of the SPARQL 1.1 Protocol: what a client asks, decoded exactly once."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from app import errors
from app.rdf.formats import CHOICES, FORM, QUERY, UPDATE, FormatChoice, choice
from app.rdf.iris import is_absolute
from app.web.cancellation import ClientDisconnected

MAX_ADDRESS = 24 * 1024
_PARAMETERS = 2000
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
# A percent sign that begins no byte, which stands for itself.
_BARE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# So much of a header is looked at: no media type has more parameters.
_LONGEST_TYPE = 1_024


@dataclass(frozen=True)
class SparqlRequest:
    """What a request asks: a query, or None for a description of the service.

    `format` is the format that its address or form names, which counts for more than Accept;
    `timeout` is in how many seconds the client wants its answer, None for the server's own limit.
    """

    text: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: FormatChoice | None = None
    timeout: float | None = None


def chosen(name: str) -> FormatChoice:
    """Return the format that a client names: of several, with commas, the first that is known.

    Raises Rejected (400) for a name of none.
    """
    known = next((form for part in name.split(",") if (form := choice(part))), None)
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
        parameters += await _of_body(scope, receive, max_query, parameters)
    asked = _request(parameters)
    if asked.text is None and scope["method"] in ("POST", "QUERY"):
        raise errors.query_missing()
    if asked.text is not None and len(asked.text.encode()) > max_query:
        raise errors.body_too_large(max_query)
    return asked


async def _of_body(
    scope: Scope, receive: Receive, max_query: int, parameters: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return what the body of a request asks beside the `parameters` of its address."""
    headers = Headers(scope=scope)
    # Some clients post to an address that has the query, and have nothing more to say.
    whole = scope["method"] == "POST" and any(name == "query" for name, _ in parameters)
    kind = _media_type(headers)
    if kind == UPDATE:
        raise errors.updates_disabled("This endpoint answers queries only.")
    if kind not in (FORM, QUERY):
        if whole and await _is_empty(headers, receive):
            return []
        detail = f"Send a query as {QUERY}, or as the parameter “query” of {FORM}."
        raise errors.media_type_unsupported(detail, (QUERY, FORM))
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise errors.coding_unsupported()
    body = await _body(headers, receive, max_query * (3 if kind == FORM else 1))
    if _charset(headers) != "utf-8":
        raise errors.charset_unsupported(415, "Write the query in UTF-8.")
    if kind == FORM:
        return parameters_of(body)
    if whole and not body:
        return []
    return [("query", _text(body.removeprefix(b"\xef\xbb\xbf")))]


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
    if not texts and ("graph" in values or "default" in values):
        raise errors.parameters_wrong(
            "“graph” and “default” name a graph to be read, which is done at /graphs; this address "
            "answers the parameter “query”."
        )
    for name in ("query", "timeout"):
        if len(values.get(name, [])) > 1:
            raise errors.parameter_repeated(name)
    # Some clients send the parameter of a graph that they do not choose with nothing in it.
    default, named = (
        tuple(graph for graph in values.get(name, []) if graph)
        for name in ("default-graph-uri", "named-graph-uri")
    )
    for name, graphs in (("default-graph-uri", default), ("named-graph-uri", named)):
        for graph in graphs:
            hold_absolute(name, graph)
    form = _format(values)
    timeout = _seconds(values["timeout"][0]) if "timeout" in values else None
    return SparqlRequest(texts[0] if texts else None, default, named, form, timeout)


def hold_absolute(name: str, iri: str) -> None:
    """Hold the value of a parameter to be an IRI that means something by itself.

    Raises Rejected (400).
    """
    if not is_absolute(iri):
        raise errors.parameters_wrong(f"“{name}” is an absolute IRI.")


def _format(values: Mapping[str, list[str]]) -> FormatChoice | None:
    """Return the format that `format` names, else the one that `output` does."""
    for name in ("format", "output"):
        if name in values:
            # Some clients name one format twice, by two of its names.
            choices = [chosen(value) for value in values[name]]
            rows = {form.rows for form in choices if form.rows}
            graph = {form.graph for form in choices if form.graph}
            if len(rows) > 1 or len(graph) > 1:
                raise errors.parameter_repeated(name)
            return FormatChoice(next(iter(rows), None), next(iter(graph), None))
    return None


def _seconds(value: str) -> float | None:
    """Return a client's time limit; None where it sets none: by 0, as others read it, too."""
    if not value:
        return None
    if not _SECONDS.fullmatch(value):
        raise errors.parameters_wrong(
            "“timeout” is a number of seconds, such as 5 or 0.5; the server's own limit stays."
        )
    return float(value) or None


def parameters_of(data: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form or an address, decoded exactly once. Raises Rejected."""
    # The standard library's parser goes through ASCII or replaces what is wrong; neither will do.
    pairs = [pair.partition(b"=") for pair in data.split(b"&") if pair]
    if len(pairs) > _PARAMETERS:
        raise errors.parameters_wrong(f"There are more than {_PARAMETERS}.")
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(data: bytes) -> str:
    data = data.replace(b"+", b" ")
    if b"%" not in data:
        return _text(data)
    if _BARE_PERCENT.search(data):
        return _text(unquote_to_bytes(data))
    # Quoted-printable is the same but for its sign, and decoded by C: seven times as fast.
    return _text(binascii.a2b_qp(data.replace(b"=", b"=3D").replace(b"%", b"=")))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start + 1} of a text is not UTF-8."
        raise errors.charset_unsupported(400, detail) from None


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _charset(headers: Headers) -> str:
    parameters = headers.get("content-type", "")[:_LONGEST_TYPE].split(";")[1:]
    pairs = (parameter.partition("=") for parameter in parameters)
    named = (
        value.strip().strip('"').lower() for n, _, value in pairs if n.strip().lower() == "charset"
    )
    charset = next(filter(None, named), "utf-8")
    return {"utf8": "utf-8", "us-ascii": "utf-8"}.get(charset, charset)


async def _is_empty(headers: Headers, receive: Receive) -> bool:
    """Return whether a body has nothing in it; one that has something is not read further."""
    if headers.get("content-length", "0").lstrip("0"):
        return False
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        if message.get("body"):
            return False
        if not message.get("more_body"):
            return True


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
