"""The files of a release as programs of others read them, each compared whole with its N-Quads."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from node_packages import node_with, require_pinned
from programs import libraries, program
from pyld import jsonld
from release_content import canonical, default_graph, whole

FOLDER = Path(__file__).parent / "node"
QUADS = {"dialogue.nq": "nquads", "dialogue.trig": "trig", "dialogue.jsonld": "json-ld"}
TRIPLES = {"dialogue.nt": "ntriples", "dialogue.ttl": "turtle", "dialogue.rdf": "xml"}
RELEASES = "released", "odd"


@pytest.fixture(params=RELEASES)
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def expected(folder: Path, name: str) -> list[str]:
    return whole(folder) if name in QUADS else default_graph(folder)


def read(text: str | bytes) -> list[str]:
    """Return what a reader made of a file, which it tells in N-Quads."""
    return canonical(ox.parse(text, format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("name", [*QUADS, *TRIPLES])
def test_rdflib_reads_every_format(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would write every number anew, and so another literal.
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    dataset = rdflib.Dataset()
    dataset.parse(folder / name, format={**QUADS, **TRIPLES}[name])
    assert read(dataset.serialize(format="nquads")) == expected(folder, name)


def test_pyld_reads_the_json_ld(folder: Path) -> None:
    document = json.loads((folder / "dialogue.jsonld").read_text(encoding="utf-8"))
    assert read(jsonld.to_rdf(document, {"format": "application/n-quads"})) == whole(folder)


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("dialogue.nq", "nquads"),
        ("dialogue.nt", "ntriples"),
        ("dialogue.ttl", "turtle"),
        ("dialogue.trig", "trig"),
        ("dialogue.rdf", "rdfxml"),
    ],
)
def test_rapper_reads_every_format_that_it_knows(folder: Path, name: str, syntax: str) -> None:
    rapper = program("rapper")
    if name.endswith("trig") and "_:" in (folder / name).read_text(encoding="utf-8"):
        pytest.skip("rapper knows no graph that is a blank node, in TriG")
    done = subprocess.run(
        [rapper, "--quiet", "--input", syntax, "--output", "nquads", str(folder / name)],
        capture_output=True, timeout=60, env={**os.environ, "LD_LIBRARY_PATH": libraries()},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert read(done.stdout) == expected(folder, name)


Ask = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Return a function that has readers in JavaScript read, all in one process."""
    node = node_with(FOLDER)

    def ask(*asked: dict[str, object]) -> list[Any]:
        done = subprocess.run(
            [node, "readers.mjs"],
            cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers: list[Any] = json.loads(done.stdout)
        assert [a["error"] for a in answers if "error" in a] == []
        return [one["answer"] for one in answers]

    return ask


def test_n3_js_reads_every_format_that_it_knows(ask: Ask, folder: Path) -> None:
    formats = {"nq": "N-Quads", "trig": "TriG", "ttl": "Turtle", "nt": "N-Triples"}
    names = [f"dialogue.{suffix}" for suffix in formats]
    answers = ask(
        *({"reader": "n3", "file": str(folder / n), "format": formats[n[9:]]} for n in names)
    )
    for name, answer in zip(names, answers, strict=True):
        assert read(answer) == expected(folder, name), name


def test_jsonld_js_reads_the_json_ld(ask: Ask, folder: Path) -> None:
    (answer,) = ask({"reader": "jsonld", "file": str(folder / "dialogue.jsonld")})
    assert read(answer) == whole(folder)


def test_jsonld_js_compacts_the_same(ask: Ask, folder: Path) -> None:
    file = folder / "dialogue.jsonld"
    document = json.loads(file.read_text(encoding="utf-8"))
    context = json.loads((folder / "context.jsonld").read_text(encoding="utf-8"))
    assert document["@context"] == context["@context"]
    (answer,) = ask({"reader": "compacted", "file": str(file), "context": context})
    assert with_keyword(answer) == document


def with_keyword(value: Any) -> Any:
    """Return JSON-LD with the keyword for the datatype of a value, which has an alias."""
    if isinstance(value, list):
        return [with_keyword(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value and "type" in value:
        return {"@type": value["type"], "@value": value["@value"]}
    return {key: one if key == "@context" else with_keyword(one) for key, one in value.items()}


def test_the_digest_of_a_record_is_that_of_its_canonical_form(ask: Ask, released: Path) -> None:
    file = released / "dialogue.nq"
    (answer,) = ask({"reader": "digest", "file": str(file)})
    assert answer == hashlib.sha256(file.read_bytes()).hexdigest()
    assert answer == json.loads((released / "release.json").read_text())["digest"]
    text = file.read_text(encoding="utf-8").replace("Lisbon", "Lissabon", 1)
    (other,) = ask({"reader": "digest", "text": text})
    assert other != answer


def test_n3_js_reads_the_evidence_of_rdf_1_2(ask: Ask, released: Path) -> None:
    file = released / "dialogue-rdf12.ttl"
    (answer,) = ask({"reader": "n3", "file": str(file), "format": "Turtle"})
    parsed = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    assert read(answer) == canonical(parsed)


def test_the_lock_has_hashes_and_no_addresses() -> None:
    require_pinned(FOLDER, 20)
