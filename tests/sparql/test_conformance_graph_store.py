"""The W3C's tests of the Graph Store HTTP Protocol: every step that reads, over HTTP.

What a test has written before it reads is loaded, since nothing is written through the server.
"""

from collections.abc import Iterable

import httpx
import pyoxigraph as ox
import pytest
from graph_store_suite import AUTHORITY, ReadStep, manifests, read_steps
from shop import lay, serve, web
from suites import missing

if not manifests():
    pytest.skip(missing() or "the suite has no such tests", allow_module_level=True)

TESTS = read_steps()
STEPS = [step for steps in TESTS.values() for step in steps]


def ours(text: str) -> str:
    """Return an address of the suite at our path: the suite leaves that to the server."""
    path = text.replace("%2Fgsp%2F", "%2Fgraphs%2F")
    return path.replace("www.example/gsp", "www.example/graphs").replace("/gsp", "/graphs", 1)


def quads(step: ReadStep) -> str:
    loaded = [
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(ours(name)) if name else None)
        for name, triples in step.state
        for t in triples
    ]
    return (ox.serialize(loaded, format=ox.RdfFormat.N_QUADS) or b"").decode()


def canonical(triples: Iterable[ox.Triple]) -> set[ox.Quad]:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)


def objection(step: ReadStep, answer: httpx.Response) -> str | None:
    """Return what is wrong with the answer to a step, None where nothing is."""
    if str(answer.status_code) not in step.statuses:
        return f"{answer.status_code}: {answer.text}"
    if step.method == "HEAD":
        return "a body" if answer.content else None
    if step.body is not None:
        assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
        read = [q.triple for q in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)]
        if canonical(read) != canonical(step.body):
            return answer.text
    return None


def test_no_test_of_the_suite_is_forgotten() -> None:
    assert len(TESTS) == 13
    assert all(TESTS.values())
    assert len(STEPS) == 18


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_what_the_suite_reads_is_there(
    tmp_path_factory: pytest.TempPathFactory, step: ReadStep
) -> None:
    release = lay(tmp_path_factory.mktemp("graphs"), quads(step))
    with serve(release, DIALOGUE_PUBLIC_URL=AUTHORITY, DIALOGUE_WORKERS="1") as shop:
        url = shop.url.removesuffix("/") + ours(step.path)
        answer = web.request(step.method, url, headers=dict(step.headers))
        assert objection(step, answer) is None
        # Another graph is not there, whatever this one is.
        other = web.get(f"{shop.url}graphs", params={"graph": "http://www.example/graphs/no"})
        assert other.status_code == 404
        if step.body is not None:
            emptied = ReadStep(**{**vars(step), "body": frozenset()})
            assert objection(emptied, answer)
