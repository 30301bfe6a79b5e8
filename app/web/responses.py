"""The response to a request for something that changes with a release only."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app import __version__, namespaces
from app.errors import Rejected
from app.web import problems
from app.web.cache import ByteCache
from app.web.negotiation import choose

HTML, JSON = "text/html", "application/json"
# In our own order of preference, which decides where a client has none.
RDF: Mapping[str, tuple[str, ox.RdfFormat]] = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}
SUFFIXES = {
    "html": HTML,
    **{suffix: media for suffix, (media, _) in RDF.items()},
    "json": JSON,
}
FORMATS = dict(RDF.values())
# Formats that keep graphs apart; the others hold what we hold, the default graph.
OF_QUADS = frozenset(media for media, form in RDF.values() if form.supports_datasets)
NAMES = {
    "text/turtle": "Turtle",
    "application/trig": "TriG",
    "application/n-triples": "N-Triples",
    "application/n-quads": "N-Quads",
    "application/rdf+xml": "RDF/XML",
    "application/ld+json": "JSON-LD",
    JSON: "JSON",
}
_TAG = re.compile(r'(?:W/)?("[^"]*")')
# RDF/XML writes a property as an element, so its IRI must end in an XML name; and XML 1.0 has no
# way to write these characters.
_XML_NAME = re.compile(r"[^\W\d][\w.\-]*$")
_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")

# What OpenAPI is told of.
Answers = dict[int | str, dict[str, Any]]
NOT_FOUND: Answers = {
    404: {"description": "There is nothing here", "content": {problems.MEDIA: {}}}
}


def answers(description: str, types: Iterable[str], *, not_found: bool = False) -> Answers:
    """Return what an address answers, as OpenAPI describes it."""
    told: Answers = {200: {"description": description, "content": {media: {} for media in types}}}
    told[304] = {"description": "The client holds it already"}
    refused = {"description": "No acceptable format", "content": {problems.MEDIA: {}}}
    return told | {406: refused} | (NOT_FOUND if not_found else {})


Write = Callable[[], Awaitable[bytes | str]]


def split(name: str) -> tuple[str, str | None]:
    """Return a name without its suffix and the suffix, if it is one of our formats.

    >>> split("lisbon-declaration-2015.fr.ttl"), split("cimo-16.PRT")
    (('lisbon-declaration-2015.fr', 'ttl'), ('cimo-16.PRT', None))
    """
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and stem and suffix in SUFFIXES else (name, None)


def media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the offered type that the request's Accept likes best. Raises Rejected (406)."""
    accept = ", ".join(request.headers.getlist("accept")) or None
    chosen = choose(accept, offered)
    if chosen is None:
        raise Rejected(
            406,
            "not-acceptable",
            f"This address offers {', '.join(offered)}.",
            members={"offered": list(offered)},
            headers={"Vary": "Accept"},
        )
    return chosen


def tag(*parts: object) -> str:
    """Return a strong entity tag for what these parts, and this program, determine."""
    content = json.dumps([__version__, *parts], ensure_ascii=False).encode()
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def held(headers: Headers) -> frozenset[str]:
    """Return the tags of what the client holds (RFC 9110, 13.1.2); `*` alone stands for any."""
    value = ", ".join(headers.getlist("if-none-match"))
    return frozenset({"*"}) if value.strip() == "*" else frozenset(_TAG.findall(value))


def is_held(request: Request, entity: str) -> bool:
    """Return whether the client holds what this tag names."""
    return not held(request.headers).isdisjoint({entity, "*"})


async def reply(
    request: Request,
    shelf: ByteCache,
    media: str,
    entity: str,
    write: Write,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response: 304 where the client holds it already, else what `write` gives.

    What is asked for exists, or `write` raises Rejected. `entity` is the tag of the content, which
    is kept on the shelf.
    """
    said = {"ETag": entity, "Cache-Control": "public, no-cache", "Vary": "Accept"}
    said |= headers or {}
    if is_held(request, entity):
        return Response(status_code=304, headers=said)
    if (content := shelf.get(entity)) is None:
        written = await write()
        content = written if isinstance(written, bytes) else written.encode()
        shelf.put(entity, content)
    textual = media.startswith("text/")
    said["Content-Type"] = f"{media}; charset=utf-8" if textual else media
    return Response(content, headers=said)


def serialise(quads: Sequence[ox.Quad], media: str, prefixes: Mapping[str, str]) -> bytes:
    """Return quads in one of the formats; only the default graph where it knows no other.

    Raises Rejected (406) for quads that RDF/XML cannot hold.
    """
    form = FORMATS[media]
    if not form.supports_datasets:
        quads = [quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)]
    if form == ox.RdfFormat.RDF_XML:
        _require_xml(quads)
    text = "\n".join(map(str, quads))
    # Where rdf: is declared, the serialiser writes rdf:type in the place of “a”.
    used = {p: n for p, n in prefixes.items() if f"<{n}" in text and n != str(namespaces.RDF)}
    return ox.serialize(quads, format=form, prefixes=used) or b""


def _require_xml(quads: Sequence[ox.Quad]) -> None:
    for quad in quads:
        value = quad.object
        if not _XML_NAME.search(quad.predicate.value) or (
            isinstance(value, ox.Literal) and _NOT_XML.search(value.value)
        ):
            raise Rejected(
                406,
                "not-expressible",
                f"RDF/XML cannot hold what is said with {quad.predicate.value}; ask for another "
                "format.",
                members={"offered": [m for m in FORMATS if FORMATS[m] != ox.RdfFormat.RDF_XML]},
                headers={"Vary": "Accept"},
            )
