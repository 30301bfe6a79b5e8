"""The W3C's tests of SPARQL, as their manifests have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import suites

from app.rdf.terms import Term

_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
QUERY = (
    "aggregates",
    "bind",
    "bindings",
    "cast",
    "construct",
    "exists",
    "functions",
    "grouping",
    "negation",
    "project-expression",
    "property-path",
    "subquery",
    "syntax-query",
)
RESULTS = ("csv-tsv-res", "json-res")
SPARQL_12 = (
    "codepoint-escapes",
    "eval-triple-terms",
    "expression",
    "grouping",
    "lang-basedir",
    "rdf11",
    "syntax",
    "syntax-triple-terms-negative",
    "syntax-triple-terms-positive",
    "version",
)


@dataclass(frozen=True)
class SparqlCase:
    """One test of a query: its data are a default graph of `data`, and graphs by their names."""

    name: str
    kind: str
    query: Path
    data: tuple[Path, ...]
    graphs: tuple[tuple[str, Path], ...]
    result: Path | None


def root() -> Path:
    """Return the folder of the SPARQL suites, whether it is there or not."""
    return suites.folder() / "w3c-rdf-tests" / "sparql"


def cases(version: str, folders: tuple[str, ...]) -> list[SparqlCase]:
    """Return the tests of queries in these folders, in order; updates are not offered."""
    return [case for folder in folders for case in _of_folder(root() / version / folder)]


def triples(path: Path) -> list[ox.Triple]:
    """Return the triples of a file of the suite; its own address is the base."""
    form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    quads = ox.parse(path.read_bytes(), format=form, base_iri=path.as_uri())
    return [quad.triple for quad in quads]


def _of_folder(folder: Path) -> Iterator[SparqlCase]:
    manifest = folder / "manifest.ttl"
    if not manifest.is_file():
        return
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples(manifest))

    def values(subject: Term, name: str) -> list[Term]:
        return [q.object for q in store.quads_for_pattern(subject, ox.NamedNode(name), None)]

    def listed(node: Term) -> Iterator[Term]:
        while node != ox.NamedNode(_RDF + "nil"):
            yield values(node, _RDF + "first")[0]
            node = values(node, _RDF + "rest")[0]

    def paths(subject: Term, name: str) -> tuple[Path, ...]:
        found = (node.value for node in values(subject, name) if isinstance(node, ox.NamedNode))
        return tuple(sorted(Path(iri.removeprefix("file://")) for iri in found))

    def graph(node: Term) -> tuple[str, Path]:
        # A graph has the name of its file, or one of its own.
        if isinstance(node, ox.NamedNode):
            return node.value, Path(node.value.removeprefix("file://"))
        (label,) = values(node, "http://www.w3.org/2000/01/rdf-schema#label")
        return label.value, paths(node, _QT + "graph")[0]

    for quad in store.quads_for_pattern(None, ox.NamedNode(_MF + "entries"), None):
        for entry in listed(quad.object):
            kind = values(entry, _RDF + "type")[0].value.rpartition("#")[2]
            if "Update" in kind:
                continue
            (action,) = values(entry, _MF + "action")
            queries = paths(action, _QT + "query")
            results = paths(entry, _MF + "result")
            yield SparqlCase(
                f"{folder.name}/{entry.value.rpartition('#')[2]}",
                kind,
                queries[0] if queries else Path(action.value.removeprefix("file://")),
                paths(action, _QT + "data"),
                tuple(graph(node) for node in values(action, _QT + "graphData")),
                results[0] if results else None,
            )


def description_tests() -> list[str]:
    """Return the names of the tests of service descriptions, in order, none where it is missing."""
    manifest = root() / "sparql11" / "service-description" / "manifest.ttl"
    if not manifest.is_file():
        return []
    return sorted(
        triple.subject.value.rpartition("#")[2]
        for triple in triples(manifest)
        if triple.object == ox.NamedNode(_MF + "ServiceDescriptionTest")
    )


def protocol_tests() -> list[str]:
    """Return the names of the tests of the protocol that are no updates, in order."""
    manifest = root() / "sparql11" / "protocol" / "manifest.ttl"
    if not manifest.is_file():
        return []
    names = (
        triple.subject.value.rpartition("#")[2]
        for triple in triples(manifest)
        if triple.object == ox.NamedNode(_MF + "ProtocolTest")
    )
    return sorted(name for name in names if not name.startswith("update_"))
