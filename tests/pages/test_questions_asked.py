"""How many questions a page or a document asks: a few, whatever it shows."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from website import BASE, release

from app.catalog import graph
from app.catalog.description import Description
from app.catalog.graph import ReleasedGraph
from app.engine.engine import Answer, Engine
from app.engine.lanes import Turn
from app.engine.query import Query
from app.pages import linked_data
from app.rdf.formats import HTML
from app.server import application
from app.settings import Settings

ROOT = Path(__file__).parents[2]
# A dozen, and what the dataset says of itself, which the first page of a release asks for all.
MOST = 12 + 1
HEAVIEST = 5
FORMATS = ("ttl", "trig", "nt", "nq", "rdf", "jsonld", "json")
PAGES = (
    "",
    "index.json",
    "browse",
    "browse/conference",
    "search?q=lisbon",
    "coverage",
    f"links?to={BASE}id/source/sgmai-5plus5&by={BASE}ontology%23source",
    "ontology",
    "ontology.ttl",
    "ontology/Conference",
    "shapes.json",
    "dataset",
    "graph/rule/dates.nq",
    "doc/framework/5plus5",
    "doc/source/sgmai-5plus5.trig",
    "doc/state/PRT",
    "doc/evidence/sgmai-5plus5.110",
    "doc/conference/nobody.ttl",
    "id/conference/nobody",
)


class Counted(Engine):
    """An engine that counts what it is asked."""

    asked = 0

    async def _answer(self, query: Query, turn: Turn) -> Answer:
        self.asked += 1
        return await super()._answer(query, turn)


class Site:
    """A release, asked by applications that know nothing yet: every answer is the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self.engine = Counted(folder, Settings())
        self._loop.run_until_complete(self.engine.start())

    def get(self, path: str, accept: str = f"{HTML}, */*;q=0.5") -> tuple[httpx.Response, int]:
        """Return an answer, and how many questions it took."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(application, "Engine", lambda *_, **__: self.engine)
            app = application.create_app(Settings(), self.folder)
        transport = httpx.ASGITransport(app)

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
                return await client.get(f"/{path}", headers={"Accept": accept})

        before = self.engine.asked
        response = self._loop.run_until_complete(ask())
        return response, self.engine.asked - before

    def counts(self, paths: Sequence[str]) -> Mapping[str, int]:
        """Return how many questions each address takes; none of them fails."""
        counts = {}
        for path in paths:
            response, counts[path] = self.get(path)
            assert response.status_code < 500, path
        return counts

    def stop(self) -> None:
        self._loop.run_until_complete(self.engine.stop())
        self._loop.close()


@pytest.fixture(scope="module", params=["the whole record", "the small record"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    out = tmp_path_factory.mktemp("questions") / "release"
    whole = request.param == "the whole record"
    running = Site(release(out, ROOT) if whole else release(out))
    yield running
    running.stop()


def heaviest(folder: Path) -> list[str]:
    """Return the paths of what most quads of evidence speak of."""
    quads: Counter[str] = Counter()
    with (folder / "dialogue.nq").open("rb") as file:
        for quad in ox.parse(file, format=ox.RdfFormat.N_QUADS):
            said_by = str(quad.graph_name).startswith(f"<{BASE}id/evidence/")
            if said_by and isinstance(quad.subject, ox.NamedNode):
                quads[quad.subject.value.removeprefix(f"{BASE}id/")] += 1
    return [path for path, _ in quads.most_common(HEAVIEST)]


def documents(folder: Path) -> Iterator[str]:
    """Yield the heaviest things as pages and with all their evidence, the first in every format."""
    first, *others = heaviest(folder)
    yield f"id/{first}"
    yield f"doc/{first}"
    yield from (f"doc/{first}.{suffix}" for suffix in FORMATS)
    for path in others:
        yield f"doc/{path}"
        yield f"doc/{path}.trig"


def test_no_page_or_document_asks_more_than_a_dozen_questions(site: Site) -> None:
    counts = site.counts([*PAGES, *documents(site.folder)])
    assert {path: count for path, count in counts.items() if count > MOST} == {}
    assert counts[f"doc/{heaviest(site.folder)[0]}"] >= 6, "they are counted at all"


def test_nor_where_names_are_too_many_to_be_asked_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "AT_ONCE", 1)
    counts = site.counts(["dataset", *documents(site.folder)])
    # Names are asked for once in vain.
    assert {path: count for path, count in counts.items() if count > MOST + 1} == {}


def test_a_question_for_each_piece_of_evidence_would_be_too_many(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count finds a loop, on what is heavy; the same page without it stays below."""
    path = f"doc/{heaviest(site.folder)[0]}"
    describe = linked_data.describe

    async def in_a_loop(
        graph: ReleasedGraph, subject: ox.NamedNode, *, whole: bool = False
    ) -> Description | None:
        found = await describe(graph, subject, whole=whole)
        for evidence in found.graphs if found else ():
            await graph.properties(evidence)
        return found

    assert site.get(path)[1] <= MOST
    monkeypatch.setattr(linked_data, "describe", in_a_loop)
    assert site.get(path)[1] > MOST


@pytest.mark.parametrize("path", ["ontology.nt", "shapes.nq", ".well-known/void", "dataset.ttl"])
def test_what_has_one_entity_tag_has_one_content(site: Site, path: str) -> None:
    """Two servers of the same release name blank nodes alike (RFC 9110, 8.8.1)."""
    # The description of the dataset is for programs: to people its page is shown.
    one, other = (site.get(path, "*/*")[0] for _ in range(2))
    assert one.status_code == 200
    assert one.headers["etag"] == other.headers["etag"]
    assert one.content == other.content
