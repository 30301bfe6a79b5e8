"""Concepts and their schemes as Turtle, in the words of SKOS alone."""

from collections.abc import Sequence

import pyoxigraph as ox

from app.exports.things import Origin, Thing
from app.rdf import writer
from app.rdf.parser import Syntax
from app.rdf.prefixes import well_known


def write(things: Sequence[Thing], origin: Origin) -> bytes:
    """Return what things have as Turtle: the name of a member is the IRI of its property."""
    quads = [
        ox.Quad(ox.NamedNode(thing.iri), ox.NamedNode(property), value)
        for thing in things
        for property, values in thing.members.items()
        for value in values
    ]
    prefixes = {**well_known("skos"), **origin.prefixes}
    return writer.write(quads, prefixes, Syntax.TURTLE).encode()
