"""The W3C suites, and what else of others lies with them: where it is, what manifests list.

All of it is found by DIALOGUE_SUITES (else beside the project) and never copied into it. With
DIALOGUE_REQUIRE_SUITES a run that lacks anything of it fails: see `conftest.py`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).resolve().parent.parent
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
# What `ci/suites` fetches: what tests need of it, by a file that it has.
FETCHED = {
    "the W3C's tests of RDF": "w3c-rdf-tests/rdf",
    "of SPARQL 1.1 and its results": "w3c-rdf-tests/sparql/sparql11/manifest-all.ttl",
    "of the SPARQL Protocol": "w3c-rdf-tests/sparql/sparql11/protocol/manifest.ttl",
    "of the Graph Store Protocol": "w3c-rdf-tests/sparql/sparql11/graph-store-protocol",
    "of service descriptions": "w3c-rdf-tests/sparql/sparql11/service-description/manifest.ttl",
    "of SPARQL 1.2": "w3c-rdf-tests/sparql/sparql12/manifest.ttl",
    "of SHACL": "w3c-shacl/tests/manifest.ttl",
    "the shapes of DCAT-AP": "dcat-ap/dcat-ap-SHACL.ttl",
    "the ranges of DCAT-AP": "dcat-ap/ranges.ttl",
    "the recommendations of DCAT-AP": "dcat-ap/shapes_recommended.ttl",
    "the schema of SARIF": "schemas/sarif-schema-2.1.0.json",
    "the schema of JUnit": "schemas/JUnit.xsd",
}
# What it does not fetch, so that only who has it runs the tests that need it.
PAIRS_ABSENT = "the pairs of shapes and data are not here, and `make suites` has none of them"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def folder() -> Path:
    """Return the folder of the suites, whether it is there or not."""
    return (ROOT / os.environ.get("DIALOGUE_SUITES", "../shared/suites")).resolve()


def lacking() -> list[str]:
    """Return which of `FETCHED` are not here, by their names."""
    return [name for name, path in FETCHED.items() if not (folder() / path).exists()]


def refusal() -> str | None:
    """Return why a run that requires the suites must not begin, or nothing where it may."""
    if not os.environ.get("DIALOGUE_REQUIRE_SUITES") or not (names := lacking()):
        return None
    return f"DIALOGUE_REQUIRE_SUITES is set, and {folder()} lacks: {'; '.join(names)}"


def _without(what: str) -> str:
    return f"{what} are not here: run `make suites` and set DIALOGUE_SUITES"


def missing() -> str | None:
    """Return why no test of the suites can run, or nothing where they can."""
    return None if (folder() / "w3c-rdf-tests").is_dir() else _without("the W3C suites")


def shapes_missing() -> str | None:
    """Return why no test with the shapes of DCAT-AP can run, or nothing where they can."""
    return None if (folder() / "dcat-ap").is_dir() else _without("the shapes of DCAT-AP")


def schemas_missing() -> str | None:
    """Return why no test with the public schemas can run, or nothing where they can."""
    return None if (folder() / "schemas").is_dir() else _without("the schemas of SARIF and JUnit")


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
    return _without("the W3C's tests of SHACL")


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
