"""Clients in JavaScript: Comunica, fetch-sparql-endpoint, and what sparqljs writes.

They are installed from `node/package-lock.json`, by their hashes, when they are first asked for.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import truth
from node_packages import node_with, require_pinned
from rdflib.term import Identifier, Literal, URIRef
from shop import Shop, lay, serve

FOLDER = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def node() -> str:
    """Return the program that runs the clients, once they are installed."""
    return node_with(FOLDER)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Another server, which says more of one thing that the first knows too."""
    quads = "<http://example.org/zoé> <http://example.org/lives> <http://example.org/lisbon> .\n"
    folder = lay(tmp_path_factory.mktemp("other"), quads)
    with serve(folder, DIALOGUE_PUBLIC_URL=None) as found:
        yield found


Ask = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def ask(node: str) -> Ask:
    """Return a function that has clients ask, all in one process: to start one costs seconds."""

    def ask(*asked: dict[str, object]) -> list[Any]:
        done = subprocess.run(
            [node, "clients.mjs"],
            cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: list[Any] = json.loads(done.stdout)
        assert len(found) == len(asked)
        return found

    return ask


def term(value: Mapping[str, str]) -> Identifier:
    """Return a term of RDF/JS as rdflib has it."""
    if value["termType"] == "NamedNode":
        return URIRef(value["value"])
    assert value["termType"] == "Literal"
    if value.get("language"):
        return Literal(value["value"], lang=value["language"])
    plain = value["datatype"] == f"{truth.XSD}string"
    return Literal(value["value"], datatype=None if plain else URIRef(value["datatype"]))


def rows(found: list[dict[str, dict[str, str]]]) -> Counter[truth.Row]:
    return Counter(truth.row({name: term(v) for name, v in row.items()}) for row in found)


def triples(found: list[list[dict[str, str]]]) -> set[tuple[str, ...]]:
    return truth.triples([tuple(term(value) for value in triple) for triple in found])


def check(ask: Ask, asked: list[dict[str, Any]]) -> None:
    """Ask, and compare each whole answer with what rdflib says."""
    for one, found in zip(asked, ask(*asked), strict=True):
        assert "answer" in found, (one, found)
        answer, query = found["answer"], one["query"]
        if one["kind"] == "boolean":
            assert answer is truth.ASKS[query], one
        elif one["kind"] == "graph":
            assert triples(answer) == truth.graph(query), one
        else:
            assert rows(answer) == truth.rows(query), one


def everything(**how: object) -> list[dict[str, Any]]:
    """Return every query of ours, to be asked in one way."""
    kinds = {"rows": [*truth.ROWS.values()], "graph": [*truth.GRAPHS.values()]}
    kinds["boolean"] = [*truth.ASKS]
    return [{**how, "kind": kind, "query": query} for kind in kinds for query in kinds[kind]]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fetch_sparql_endpoint_reads_every_answer(ask: Ask, endpoint: str, method: str) -> None:
    check(ask, everything(client="fetcher", sources=[endpoint], method=method))


# Told what it is, or left to find that out from the description of the service.
@pytest.mark.parametrize("told", [True, False], ids=["told", "found out"])
def test_comunica_reads_every_answer(ask: Ask, endpoint: str, told: bool) -> None:
    source = {"type": "sparql", "value": endpoint} if told else endpoint
    check(ask, everything(client="comunica", sources=[source]))


def test_what_is_refused_is_an_error(ask: Ask, endpoint: str) -> None:
    # Comunica reads the query itself, so this is one that is well-formed, and not for us.
    query = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    asked = [
        {"client": client, "kind": "rows", "query": query, "sources": [endpoint]}
        for client in ("fetcher", "comunica")
    ]
    for found in ask(*asked):
        assert set(found) == {"error"}


JOINED = truth.PREFIX + "SELECT ?name ?where { ?who ex:name ?name ; ex:lives ?where }"


@pytest.mark.parametrize("path", ["sparql", "graphs?default"], ids=["endpoint", "document"])
def test_comunica_joins_us_with_another(ask: Ask, endpoint: str, other: Shop, path: str) -> None:
    both = [endpoint, other.url + path]
    asked = [
        {"client": "comunica", "kind": "rows", "query": JOINED, "sources": sources}
        for sources in (both, both[::-1], both[:1], both[1:])
    ]
    found = [rows(one["answer"]) for one in ask(*asked)]
    joined = Counter([truth.row({"name": Literal("Zoé"), "where": truth.EX.lisbon})])
    # Neither of the two knows it alone.
    assert found == [joined, joined, Counter(), Counter()]


def test_what_sparqljs_writes_is_understood(ask: Ask, endpoint: str) -> None:
    queries = [*truth.ROWS.values()]
    asked = [{"client": "sparqljs", "query": query, "sources": [endpoint]} for query in queries]
    for query, found in zip(queries, ask(*asked), strict=True):
        assert truth.of_json(found["answer"]) == truth.rows(query)
        assert found["answer"]["head"]["vars"] == truth.names(query)


def test_the_lock_has_hashes_and_no_addresses() -> None:
    require_pinned(FOLDER, 100)
