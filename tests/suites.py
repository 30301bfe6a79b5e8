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
