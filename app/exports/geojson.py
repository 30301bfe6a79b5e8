"""Things that have a place, as GeoJSON (RFC 7946): points of WGS 84, longitude first."""

import json
from collections.abc import Sequence

import pyoxigraph as ox

from app.exports.things import Thing

_TOLD = ("date", "begins", "ends", "precision", "place")


def write(things: Sequence[Thing]) -> bytes:
    """Return the things that have coordinates, each a feature with its IRI as its id, a line each.

    `latitude` and `longitude` of the thing, or of each part, are where it is; what has none is left
    out. Numbers are those of the source as doubles, which programs take them for: 48 is written
    48.0, and 2.350 is 2.35.
    """
    features = [_feature(thing, points) for thing in things if (points := _points(thing))]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def _points(thing: Thing) -> list[list[float]]:
    """Return the positions of a thing, each once, in the order of the IRIs of its places."""
    found: list[list[float]] = []
    for part in (thing, *thing.parts):
        latitude, longitude = part.text("latitude"), part.text("longitude")
        if latitude and longitude:
            point = [float(longitude), float(latitude)]
            if point not in found:
                found.append(point)
    return found


def _feature(thing: Thing, points: list[list[float]]) -> dict[str, object]:
    alone = len(points) == 1
    properties: dict[str, object] = {"iri": thing.iri, "name": thing.text("name")}
    named = [name for name in thing.members.get("name", ()) if isinstance(name, ox.Literal)]
    properties["names"] = {name.language or "": name.value for name in named}
    if kind := thing.text("kind"):
        properties["kind"] = kind
    for member in _TOLD:
        if texts := thing.texts(member) or _of_parts(thing, member):
            properties[member] = texts[0] if len(texts) == 1 else texts
    return {
        "type": "Feature",
        "id": thing.iri,
        "geometry": {
            "type": "Point" if alone else "MultiPoint",
            "coordinates": points[0] if alone else points,
        },
        "properties": properties,
    }


def _of_parts(thing: Thing, member: str) -> list[str]:
    """Return the best text of each part for a member."""
    return [text for part in thing.parts if (text := part.text(member))]
