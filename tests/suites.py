"""The W3C suites: where they lie, and what their manifests list.

They are found by DIALOGUE_SUITES (else beside the project) and never copied into it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).resolve().parent.parent
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def folder() -> Path:
    """Return the folder of the suites, whether it is there or not."""
    return (ROOT / os.environ.get("DIALOGUE_SUITES", "../shared/suites")).resolve()


def missing() -> str | None:
    """Return why no test of the suites can run, or nothing where they can."""
    if (folder() / "w3c-rdf-tests").is_dir():
        return None
    return "the W3C suites are not here: run `make suites` and set DIALOGUE_SUITES"


def rdf_tests(name: str) -> Path:
    """Return the folder of a suite of RDF syntax; older snapshots lack the level of versions."""
    rdf = folder() / "w3c-rdf-tests" / "rdf"
    return next((p for p in (rdf / name, rdf / "rdf11" / name) if p.is_dir()), rdf / name)


@dataclass(frozen=True)
class Case:
    """One entry of a manifest of RDF syntax."""

    name: str
    kind: str
    action: Path
    base: str
    result: Path | None


def rdf_cases(name: str) -> list[Case]:
    """Return the entries of the suite of RDF syntax `name`, none where it is missing."""
    here = rdf_tests(name)
    manifest = here / "manifest.ttl"
    if not manifest.is_file():
        return []
    base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{name}/"
    store = ox.Store()
    store.load(path=manifest, format=ox.RdfFormat.TURTLE, base_iri=base)

    def value(subject: ox.NamedNode, predicate: ox.NamedNode) -> str:
        found = [q.object.value for q in store.quads_for_pattern(subject, predicate, None)]
        return found[0] if found else ""

    cases = []
    for quad in store.quads_for_pattern(None, ox.NamedNode(_MF + "action"), None):
        action = quad.object.value
        result = value(quad.subject, ox.NamedNode(_MF + "result"))
        cases.append(
            Case(
                f"{name}/{quad.subject.value.rpartition('#')[2]}",
                value(quad.subject, _TYPE).rpartition("#")[2],
                here / action.removeprefix(base),
                action,
                here / result.removeprefix(base) if result else None,
            )
        )
    return sorted(cases, key=lambda case: case.name)


@dataclass(frozen=True)
class ShaclCase:
    """One entry of the SHACL suite; its manifest has no other, and holds the expected report."""

    name: str
    manifest: Path
    data: Path
    shapes: Path


def shacl_missing() -> str | None:
    """Return why no test of the SHACL suite can run, or nothing where they can."""
    if (folder() / "w3c-shacl" / "tests").is_dir():
        return None
    return "the W3C SHACL suite is not here: set DIALOGUE_SUITES"


def shacl_cases() -> list[ShaclCase]:
    """Return the entries of the SHACL suite, Core and SPARQL, none where it is missing."""
    root = folder() / "w3c-shacl" / "tests"
    waiting, cases = [root / "manifest.ttl"], []
    while waiting:
        manifest = waiting.pop()
        if not manifest.is_file():
            continue
        triples = shacl_triples(manifest)
        for _, predicate, value in triples:
            if predicate.value == _MF + "include":
                waiting.append(Path(value.value.removeprefix("file://")))
            elif predicate.value == _MF + "action":
                graphs = {p.value.rpartition("#")[2]: o for s, p, o in triples if s == value}
                name = f"{manifest.parent.relative_to(root)}/{manifest.stem}"
                cases.append(
                    ShaclCase(
                        name,
                        manifest,
                        Path(graphs["dataGraph"].value.removeprefix("file://")),
                        Path(graphs["shapesGraph"].value.removeprefix("file://")),
                    )
                )
    return sorted(cases, key=lambda case: case.name)


def shacl_triples(path: Path) -> list[ox.Triple]:
    """Return the triples of a file of the SHACL suite, its own address as base."""
    quads = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return [quad.triple for quad in quads]


def shacl_result(triples: list[ox.Triple]) -> ox.NamedNode | ox.BlankNode:
    """Return the node of the report, or the failure, that a manifest expects."""
    return next(o for _, p, o in triples if p.value == _MF + "result")
