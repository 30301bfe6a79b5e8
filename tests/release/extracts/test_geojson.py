"""The map of a release, read by another's program and compared with the dataset."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import geojson
import pyoxigraph as ox
import pytest
from extract_facts import PREFIXES

from app.exports.things import Thing
from app.release.extracts import answers
from app.release.material import Material

Positions = dict[str, set[tuple[Decimal, Decimal]]]


@pytest.fixture(scope="module")
def features(folder: Path) -> Iterator[dict[str, Any]]:
    # The reader would round what it reads.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geojson.geometry.DEFAULT_PRECISION", 15)
        yield _read(folder)


def _read(folder: Path) -> dict[str, Any]:
    text = (folder / "places.geojson").read_text(encoding="utf-8")
    read = geojson.loads(text, parse_float=Decimal)
    assert read.is_valid, read.errors()
    assert isinstance(read, geojson.FeatureCollection)
    by_id = {feature.id: feature for feature in read.features}
    assert len(by_id) == len(read.features) > 150
    return by_id


def positions(rows: list[tuple[str, str, str]]) -> Positions:
    found: Positions = {}
    for iri, longitude, latitude in rows:
        found.setdefault(iri, set()).add((Decimal(longitude), Decimal(latitude)))
    return found


def shown(features: dict[str, Any]) -> Positions:
    found: Positions = {}
    for iri, feature in features.items():
        at = feature.geometry.coordinates
        points = [at] if feature.geometry.type == "Point" else at
        found[iri] = {(Decimal(str(x)), Decimal(str(y))) for x, y in points}
    return found


def test_places_and_what_was_at_them_stand_where_the_dataset_has_them(
    features: dict[str, Any], facts: Any
) -> None:
    rows = facts("""SELECT ?thing ?long ?lat {
      { ?thing wgs84:lat ?lat ; wgs84:long ?long }
      UNION {
        ?thing dlg:place ?place . ?place wgs84:lat ?lat ; wgs84:long ?long
        FILTER NOT EXISTS { ?thing dlg:place/dlg:within+ ?place }
      }
    }""")
    expected = positions(rows)
    assert shown(features) == expected
    # A coordinate that differs in its last digit would be seen.
    iri, *_ = expected
    x, y = expected[iri].pop()
    expected[iri].add((x + Decimal("0.000001"), y))
    assert shown(features) != expected


def test_of_a_city_and_its_country_the_city_alone_is_on_the_map(features: dict[str, Any]) -> None:
    conferences = "https://w3id.org/dialogue/id/conference/"
    for name, city in ("gtmo-5", "Tunis"), ("5plus5-parliaments-1", "Tripoli"):
        feature = features[conferences + name]
        own = features[f"https://w3id.org/dialogue/id/place/{city.lower()}"]
        assert feature.properties["place"] == city
        assert feature.geometry == own.geometry
    assert {feature.geometry.type for feature in features.values()} == {"Point"}


@pytest.mark.parametrize("query", ["map", "calendar"])
def test_of_two_cities_both_are_told_and_an_area_only_where_nothing_lies_in_it(
    tmp_path: Path, query: str
) -> None:
    lines = [
        *(f"e:{n} wgs84:lat {n} ; wgs84:long 0 ; skos:prefLabel '{n}'@en ." for n in range(1, 5)),
        "e:1 dlg:within e:2 . e:2 dlg:within e:3 .",
        "e:nested a dlg:Event ; dlg:place e:1 , e:2 , e:3 .",
        "e:apart a dlg:Event ; dlg:place e:1 , e:4 .",
        "e:wide a dlg:Event ; dlg:place e:3 .",
    ]
    told = small(tmp_path, query, lines)
    places = {one.iri: [part.text("place") for part in one.with_member("place")] for one in told}
    expected = {"nested": ["1"], "apart": ["1", "4"], "wide": ["3"]}
    assert {name: places[f"http://e.org/{name}"] for name in expected} == expected


def small(folder: Path, query: str, lines: list[str]) -> list[Thing]:
    """Return what a query of the program tells of a few triples."""
    heads = [f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items()]
    text = "\n".join([*heads, "PREFIX e: <http://e.org/>", *lines])
    quads = ox.parse(text, format=ox.RdfFormat.TURTLE)
    (folder / "dialogue.nq").write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    return answers.told(Material(folder, (), {}, "http://e.org/"), query)


def test_how_exact_a_date_is_stands_beside_its_days(features: dict[str, Any], facts: Any) -> None:
    exact = dict(facts("SELECT ?event ?precision { ?event dlg:precision ?precision }"))
    shown = {iri: feature.properties.get("precision") for iri, feature in features.items()}
    assert shown == {iri: exact[iri].rpartition("#")[2] if iri in exact else None for iri in shown}
    assert {"day", "month", "year", None} <= set(shown.values())


def test_names_kinds_and_days_are_those_of_the_dataset(
    features: dict[str, Any], facts: Any
) -> None:
    days = {
        iri: [begins, ends]
        for iri, begins, ends in facts(
            """SELECT ?event ?begins ?ends {
              ?event dlg:begins ?begins OPTIONAL { ?event dlg:ends ?ends }
            }"""
        )
    }
    kinds: dict[str, set[str]] = {}
    for iri, kind in facts(
        "SELECT ?thing ?kind { ?thing a/rdfs:label ?kind FILTER(LANG(?kind) = 'en') }"
    ):
        kinds.setdefault(iri, set()).add(kind)
    names: dict[str, dict[str, str]] = {}
    for iri, tag, name in facts(
        "SELECT ?thing (LANG(?name) AS ?tag) ?name { ?thing skos:prefLabel ?name }"
    ):
        names.setdefault(iri, {})[tag] = name
    for iri, feature in features.items():
        told = feature.properties
        assert told["iri"] == iri
        assert told["names"] == names[iri]
        assert told["name"] == names[iri]["en"]
        assert told["kind"] in kinds[iri]
        assert [told.get("begins"), told.get("ends")] == days.get(iri, [None, None])
    assert features["https://w3id.org/dialogue/id/place/lisbon"].properties["kind"] == "City"


def test_what_has_no_coordinates_is_left_out(features: dict[str, Any], facts: Any) -> None:
    nowhere = facts(
        "SELECT ?p { ?p a/rdfs:subClassOf* dlg:Place FILTER NOT EXISTS { ?p wgs84:lat ?l } }"
    )
    assert len(nowhere) > 5
    assert [iri for (iri,) in nowhere if iri in features] == []
