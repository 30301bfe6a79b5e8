"""Documents as JSON: in the keys of one context, and the same statements as in every format."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld
from release_content import canonical
from shop import Shop, serve
from website import BASE, get, release, website

ID = f"{BASE}id/"
THINGS = (
    "doc/conference/cimo-16",
    "doc/document/lisbon-declaration-2015.fr",
    "doc/evidence/sgmai-5plus5.070",
    "doc/place/lisbon",
    "dataset",
    "ontology",
    "shapes",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("json-ld") / "release") as found:
        yield found


def document(shop: Shop, path: str) -> dict[str, Any]:
    answer = get(shop, f"{path}.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    content: dict[str, Any] = answer.json()
    return content


def test_a_document_is_the_thing_in_short_keys(shop: Shop) -> None:
    found = document(shop, "doc/conference/cimo-16")
    found.pop("@context")
    found.pop("@included")
    lisbon = found.pop("place")
    assert lisbon == [{"id": f"{ID}place/lisbon", "name": {"en": ["Lisbon"], "pt": ["Lisboa"]}}]
    assert found["id"] == f"{ID}conference/cimo-16"
    assert found["type"] == ["Conference"]
    assert found["date"] == ["2015-05-19"]
    assert found["ordinal"] == [16]
    assert found["name"]["en"] == ["16th conference of interior ministers"]


@pytest.mark.parametrize("path", THINGS)
def test_a_document_says_what_its_n_quads_say(
    shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quads = get(shop, f"{path}.nq").text
    expected = canonical(ox.parse(quads, format=ox.RdfFormat.N_QUADS))
    assert len(expected) > 5
    found = document(shop, path)
    text = jsonld.to_rdf(found, {"format": "application/n-quads"})
    assert canonical(ox.parse(text, format=ox.RdfFormat.N_QUADS)) == expected
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    read = rdflib.Dataset().parse(data=json.dumps(found), format="json-ld")
    text = read.serialize(format="nquads")
    assert canonical(ox.parse(text, format=ox.RdfFormat.N_QUADS)) == expected


@pytest.mark.parametrize("path", THINGS)
def test_a_document_has_its_part_of_the_one_context(shop: Shop, path: str) -> None:
    answer = get(shop, "context.jsonld", "*/*")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ld+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    whole = answer.json()["@context"]
    part = document(shop, path)["@context"]
    assert part.items() <= whole.items()
    assert len(part) < len(whole)
    # Under the whole context it means the same.
    found = {**document(shop, path), "@context": whole}
    assert jsonld.expand(found) == jsonld.expand(document(shop, path))
    assert get(shop, "context.jsonld", If_None_Match=answer.headers["etag"]).status_code == 304


def test_a_release_without_a_context_has_json_ld_all_the_same(tmp_path: Path) -> None:
    folder = release(tmp_path / "release")
    whole = (folder / "context.jsonld").read_text(encoding="utf-8")
    for text in (None, "{", "[]", '{"@context": 1}', '{"@context": {"a": {"b": 1}}}'):
        if text is None:
            (folder / "context.jsonld").unlink()
        else:
            (folder / "context.jsonld").write_text(text, encoding="utf-8")
        (folder / "SHA256SUMS").unlink(missing_ok=True)
        with serve(folder) as shop:
            assert get(shop, "context.jsonld").status_code == 404, text
            found = get(shop, "doc/conference/cimo-16.jsonld")
            assert found.status_code == 200, text
            quads = set(ox.parse(found.content, format=ox.RdfFormat.JSON_LD))
            nquads = get(shop, "doc/conference/cimo-16.nq").content
            assert quads == set(ox.parse(nquads, format=ox.RdfFormat.N_QUADS))
    (folder / "context.jsonld").write_text(whole, encoding="utf-8")
    with serve(folder) as shop:
        assert get(shop, "context.jsonld").text == whole


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/html", "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/trig", "trig"),
        ("application/json", "json"),
        ("application/rdf+xml", "rdf"),
        ("text/n3", "ttl"),
        ("application/x-turtle", "ttl"),
        ("text/turtle;version=1.2;profile=x", "ttl"),
    ],
)
@pytest.mark.parametrize("path", ["doc/place/lisbon", "ontology", "dataset", "graph/ontology"])
def test_what_was_negotiated_names_the_address_of_its_own(
    shop: Shop, path: str, accept: str, suffix: str
) -> None:
    answer = get(shop, path, accept)
    address = answer.headers["content-location"]
    assert (answer.status_code, address) == (200, f"/{path}.{suffix}")
    own = get(shop, address, "image/png")
    assert (own.status_code, own.content) == (200, answer.content)
    assert own.headers["content-type"] == answer.headers["content-type"]
    assert "content-location" not in own.headers
    present = get(shop, path, accept, If_None_Match=answer.headers["etag"])
    assert (present.status_code, present.headers["content-location"]) == (304, address)


@pytest.mark.parametrize("accept", ["application/xml", "text/xml"])
def test_xml_is_rdf_xml_under_the_name_that_was_asked_for(shop: Shop, accept: str) -> None:
    answer = get(shop, "doc/place/lisbon", accept)
    assert answer.headers["content-type"].partition(";")[0] == accept
    assert answer.headers["content-location"] == "/doc/place/lisbon.rdf"
    assert answer.content == get(shop, "doc/place/lisbon.rdf").content
