"""The same graph gives the same bytes, whatever order the serialiser chose for its prefixes."""

import pyoxigraph as ox
import pytest

from app.declarations import settle

PREFIXES = {f"p{n}": f"http://example.org/{n}/" for n in range(20)}
QUADS = [
    ox.Quad(*(ox.NamedNode(f"http://example.org/{n + part}/x") for part in range(3)))  # type: ignore[arg-type]
    for n in range(18)
]
FORMATS = [
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.TRIG,
    ox.RdfFormat.RDF_XML,
    ox.RdfFormat.JSON_LD,
    ox.RdfFormat.N_TRIPLES,
]


def written(form: ox.RdfFormat) -> bytes:
    return ox.serialize(QUADS, format=form, prefixes=PREFIXES) or b""


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_twenty_prefixes_stand_in_one_order(form: ox.RdfFormat) -> None:
    assert len({settle(written(form)) for _ in range(10)}) == 1


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_the_graph_is_the_same(form: ox.RdfFormat) -> None:
    read = {str(quad) for quad in ox.parse(settle(written(form)), format=form)}
    assert read == {str(quad) for quad in QUADS}


def test_what_declares_nothing_is_left_alone() -> None:
    assert settle(b'{"head":{}}') == b'{"head":{}}'
    assert settle(b"") == b""
