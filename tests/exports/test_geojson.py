"""Things on a map: one point, several, none."""

import json
from typing import Any

import pyoxigraph as ox

from app.exports import geojson
from app.exports.things import Thing


def at(iri: str, latitude: str, longitude: str) -> Thing:
    places = {"latitude": [ox.Literal(latitude)], "longitude": [ox.Literal(longitude)]}
    return Thing(iri, {**places, "place": [ox.Literal(f"At {iri}")]})


def read(*things: Thing) -> Any:
    return json.loads(geojson.write(things))


def test_several_places_make_several_points_and_none_makes_no_feature() -> None:
    name = {"name": [ox.Literal("A “b”", language="en"), ox.Literal("Ä", language="de")]}
    parts = at("b", "1.5", "-2"), at("c", "0.000001", "180"), at("d", "1.5", "-2")
    assert read(Thing("a", name, parts), Thing("nowhere", name), at("e", "3", "4")) == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "a",
                "geometry": {"type": "MultiPoint", "coordinates": [[-2.0, 1.5], [180.0, 0.000001]]},
                "properties": {
                    "iri": "a",
                    "name": "A “b”",
                    "names": {"en": "A “b”", "de": "Ä"},
                    "place": ["At b", "At c", "At d"],
                },
            },
            {
                "type": "Feature",
                "id": "e",
                "geometry": {"type": "Point", "coordinates": [4.0, 3.0]},
                "properties": {"iri": "e", "name": None, "names": {}, "place": "At e"},
            },
        ],
    }


def test_a_coordinate_is_written_as_the_number_that_it_is() -> None:
    made = geojson.write([at("a", "48", "2.350"), at("b", "36.806500000000001", "-0.10")]).decode()
    assert made.count('"coordinates": [2.35, 48.0]}') == 1
    assert made.count('"coordinates": [-0.1, 36.8065]}') == 1


def test_no_thing_is_an_empty_map() -> None:
    assert read() == {"type": "FeatureCollection", "features": []}
