"""The W3C's tests of the Graph Store HTTP Protocol: what each reads, and what must be there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, Namespace
from sparql_suite import root

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
AUTHORITY = "http://www.example/"


@dataclass(frozen=True)
class ReadStep:
    """One GET or HEAD of a test, with the state that the steps before it have made.

    `state` has the triples of each graph, None for the default graph; `statuses` are the numbers
    that are right, or their first digits; `body` is the graph that is expected.
    """

    name: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    state: tuple[tuple[str | None, frozenset[ox.Triple]], ...]
    statuses: frozenset[str]
    body: frozenset[ox.Triple] | None


def manifests() -> list[Path]:
    """Return the manifests of the suite, none where it is missing."""
    return sorted((root() / "sparql11" / "graph-store-protocol").glob("manifest-*.ttl"))


def read_steps() -> dict[str, list[ReadStep]]:
    """Return the steps that read, by the names of the tests."""
    found: dict[str, list[ReadStep]] = {}
    for manifest in manifests():
        graph = rdflib.Graph().parse(manifest)
        (head,) = graph.objects(None, MF.entries)
        for entry in Collection(graph, head):
            name = str(entry).rpartition("#")[2]
            found[name] = list(_steps(graph, entry, name))
    return found


STATUSES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}


def _steps(graph: rdflib.Graph, entry: rdflib.term.Node, name: str) -> Iterator[ReadStep]:
    state: dict[str | None, frozenset[ox.Triple]] = {}
    connection = graph.value(entry, MF.action)
    location: tuple[str, str] | None = None
    for number, request in enumerate(Collection(graph, graph.value(connection, HT.requests))):
        method = str(graph.value(request, HT.methodName))
        path = str(graph.value(request, HT.absolutePath))
        response = graph.value(request, HT.resp)
        if location:
            path = path.replace(*location)
        if method in ("GET", "HEAD"):
            yield ReadStep(
                f"{name}-{number}",
                method,
                path,
                tuple(_headers(graph, request)),
                tuple(state.items()),
                frozenset(
                    STATUSES.get(str(s).rpartition("#")[2], str(s)[-3:-2])
                    for s in graph.objects(response, MF.expectedStatus)
                ),
                _body(graph, response, path),
            )
            continue
        target = _target(path)
        expected = graph.value(response, MF.expectedLocation)
        if expected is not None:
            # The server that writes chooses the name of a new graph.
            target = f"{AUTHORITY}gsp/new"
            location = str(expected), target
        if method == "DELETE":
            state.pop(target, None)
        else:
            before = state.get(target, frozenset()) if method == "POST" else frozenset()
            state[target] = before | (_body(graph, request, path) or frozenset())


def _headers(graph: rdflib.Graph, message: rdflib.term.Node) -> Iterator[tuple[str, str]]:
    for header in Collection(graph, graph.value(message, HT.headers) or RDF.nil):
        yield (
            str(graph.value(header, HT.fieldName)).lower(),
            str(graph.value(header, HT.fieldValue)),
        )


def _target(path: str) -> str | None:
    query = parse_qs(urlsplit(path).query, keep_blank_values=True)
    if "default" in query:
        return None
    return query["graph"][0] if "graph" in query else AUTHORITY + path.removeprefix("/")


def _body(
    graph: rdflib.Graph, message: rdflib.term.Node | None, path: str
) -> frozenset[ox.Triple] | None:
    body = graph.value(message, HT.body) if message is not None else None
    if body is None:
        return None
    text = str(graph.value(body, CNT.chars))
    base = AUTHORITY + path.removeprefix("/")
    media = dict(_headers(graph, message)).get("content-type", "")  # type: ignore[arg-type]
    parts = [text] if not media.startswith("multipart/") else _parts(text)
    return frozenset(
        quad.triple
        for part in parts
        for quad in ox.parse(
            part.encode(), format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True
        )
    )


def _parts(text: str) -> list[str]:
    """Return the bodies of a form of several parts (RFC 2046), which are all Turtle here."""
    boundary = text.strip().splitlines()[0].strip()
    sections = re.split(re.escape(boundary) + r"(?:--)?", text.replace("\r\n", "\n"))[1:-1]
    return [section.lstrip("\n").partition("\n\n")[2] for section in sections]
