"""Every IRI of ours that a release names answers, and its answer says something of that IRI.

All of them are more than ten thousand: of the kinds that have many, a few are drawn, always the
same ones; with DIALOGUE_DRAWS=all every one is asked.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin

import httpx
import pyoxigraph as ox
import pytest
from shop import Shop, serve
from website import BASE, client, release

from app.rdf.formats import TURTLE

ROOT = Path(__file__).resolve().parents[2]
ALL = os.environ.get("DIALOGUE_DRAWS") == "all"
DRAWN = 30
_LINK = re.compile(r'<([^>]*)>; rel="describedby"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("names") / "release", ROOT)


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with serve(folder) as found:
        yield found


def ours(folder: Path) -> dict[str, set[str]]:
    """Return the IRIs of ours in a release, by the documents at whose addresses they are."""
    documents: dict[str, set[str]] = defaultdict(set)
    for quad in ox.parse(path=str(folder / "dialogue.nq"), format=ox.RdfFormat.N_QUADS):
        for term in quad:
            named = term.datatype if isinstance(term, ox.Literal) else term
            if isinstance(named, ox.NamedNode) and named.value.startswith(BASE):
                documents[named.value.partition("#")[0]].add(named.value)
    return documents


def spoken_of(folder: Path) -> set[str]:
    """Return the IRIs of which the default graph says something."""
    parsed = ox.parse(path=str(folder / "dialogue.nq"), format=ox.RdfFormat.N_QUADS)
    return {
        quad.subject.value
        for quad in parsed
        if isinstance(quad.graph_name, ox.DefaultGraph) and isinstance(quad.subject, ox.NamedNode)
    }


def drawn(documents: dict[str, set[str]], known: set[str]) -> list[str]:
    """Return the documents to ask for: some of each kind, or all.

    Those are always among them that have a name which is not `known`: nothing is held of it.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for document in sorted(documents):
        kinds["/".join(document.removeprefix(BASE).split("/")[:2])].append(document)
    some = [
        document
        for alike in kinds.values()
        for document in (alike if ALL else alike[:: len(alike) // DRAWN + 1])
    ]
    odd = [document for document, names in documents.items() if names - known]
    return [*dict.fromkeys([*some, *sorted(odd)])]


def fetch(shop: Shop, address: str) -> httpx.Response:
    """Return what an address answers in Turtle, redirects followed: an old name has two."""
    headers = {"Accept": TURTLE}
    answer = client().get(address, headers=headers)
    for _ in range(2):
        if answer.status_code in (301, 303):
            address = urljoin(address, answer.headers["location"])
            answer = client().get(address, headers=headers)
    return answer


def subjects(content: bytes) -> set[str]:
    parsed = ox.parse(content, format=ox.RdfFormat.TURTLE)
    return {q.subject.value for q in parsed if isinstance(q.subject, ox.NamedNode)}


def described(shop: Shop, document: str) -> set[str]:
    """Return what is described at the address of a document, or where its answer says it is."""
    address = shop.url + quote(document.removeprefix(BASE), safe="/:@!$&'()*+,;=-._~%")
    answer = fetch(shop, address)
    assert answer.status_code == 200, document
    if document.startswith(f"{BASE}dump/"):
        # A file is itself what its name stands for: what is said of it is linked.
        (target,) = _LINK.findall(answer.headers["link"])
        answer = fetch(shop, urljoin(address, target))
    return subjects(answer.content)


def test_every_name_answers_with_a_description_of_itself(shop: Shop, folder: Path) -> None:
    documents = ours(folder)
    assert len(documents) > 10_000
    silent: dict[str, list[str]] = {}
    known = spoken_of(folder)
    assert set().union(*documents.values()) - known, "some are only in claims that are not held"
    for document in drawn(documents, known):
        try:
            missing = documents[document] - described(shop, document)
        except AssertionError as error:
            silent[document] = [str(error).partition("\n")[0]]
            continue
        if missing:
            silent[document] = sorted(missing)[:5]
    assert silent == {}


def test_a_name_that_a_release_does_not_have_answers_404(shop: Shop) -> None:
    for path in ("graph/nothing", "shapes/0.0.9", ".well-known/genid/0", "doc/nothing/"):
        assert fetch(shop, shop.url + path).status_code == 404, path
    assert fetch(shop, f"{shop.url}id/nothing/").status_code == 404


def test_the_names_of_a_kind_lead_people_to_its_list(shop: Shop) -> None:
    address = f"{shop.url}id/conference/"
    page = client().get(address, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/browse/conference")
    assert page.headers["vary"] == "Accept"
    data = client().get(address, headers={"Accept": TURTLE})
    assert (data.status_code, data.headers["location"]) == (303, "/doc/conference/")
