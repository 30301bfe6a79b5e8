"""What the kinds of things are: the narrowest class of all of them that is defined."""

import asyncio

import pyoxigraph as ox
from small_store import SmallStore

from app.catalog.graph import ReleasedGraph
from app.catalog.listing import definitions, kinds

BASE = "http://e.org/"
GRAPH = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX : <http://e.org/terms#>
BASE <http://e.org/id/>

:Thing skos:definition "Anything."@en .
:Meeting rdfs:subClassOf :Thing ; skos:definition "Réunion."@fr , "Meeting."@en .
:Congress rdfs:subClassOf :Meeting ; skos:definition "Large meeting."@en .
:Bird rdfs:subClassOf :Thing .
:Boat skos:definition "It floats."@en .

<congress/1> a :Congress . <congress/2> a :Congress , :Thing .
<gathering/1> a :Meeting . <gathering/2> a :Congress .
<animal/1> a :Bird . <animal/2> a :Bird .
<mixed/1> a :Boat . <mixed/2> a :Congress .
<bare/1> a :Nothing .
<alone> a :Boat .
"""


def test_a_kind_is_what_all_of_its_things_are() -> None:
    graph = ReleasedGraph(SmallStore(GRAPH, ox.RdfFormat.TURTLE), BASE)

    async def ask() -> dict[str, ox.Literal]:
        return await definitions(graph, await kinds(graph))

    assert {kind: text.value for kind, text in asyncio.run(ask()).items()} == {
        "congress": "Large meeting.",
        "gathering": "Meeting.",
        "animal": "Anything.",
    }


def test_where_nothing_is_defined_nothing_is_said() -> None:
    graph = ReleasedGraph(
        SmallStore("<http://e.org/id/a/1> a <http://e.org/A> .", ox.RdfFormat.TURTLE), BASE
    )
    assert asyncio.run(definitions(graph, [("a", 1)])) == {}
