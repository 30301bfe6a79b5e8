"""How much of its lists a thing is known to have, asked of a graph and counted from rows."""

import asyncio

import pyoxigraph as ox
from small_store import SmallStore

from app.catalog.completeness import Completeness, completeness, totals
from app.catalog.graph import ReleasedGraph
from app.namespaces import DLG, RDF

EX = "http://e.org/"
GRAPH = """
PREFIX dlg: <https://w3id.org/dialogue/ontology#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <http://e.org/>

:guests dlg:countsValuesOf :guest ; dlg:countsOnly :Land ; dlg:numberedFor :Meeting .
:subjects dlg:countsValuesOf :subject .
:crew dlg:countsSubjectsOf :sailsOn ; dlg:numberedFor :Ship .
:opens rdfs:subPropertyOf :subject .
:Feast rdfs:subClassOf :Meeting .
:one a :Land . :two a :Land . :three a :Land . :ann a :Person .

:feast a :Feast ; :guests dlg:wholeList ; :guest :one , :two , :three , :ann ; dlg:statedCount 2 ;
    :subjects dlg:partialList ; :subject :a , :b ; :opens :b , :c .
:seat dlg:event :feast ; dlg:agent :three ; org:role dlg:observerRole .
:walk a :Meeting ; :guests dlg:unknownList ; :guest :ann .
:ship a :Ship ; :crew dlg:partialList ; dlg:statedCount 9 . :ann :sailsOn :ship .
:boat a :Ship ; dlg:statedCount 3 . :ann :sailsOn :boat .
:raft a :Ship ; :crew dlg:partialList ; dlg:statedCount "many"^^xsd:integer . :ann :sailsOn :raft .
"""


def ex(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def asked(*things: str) -> dict[str, list[Completeness]]:
    graph = ReleasedGraph(SmallStore(GRAPH, ox.RdfFormat.TURTLE), "https://w3id.org/dialogue/")
    found = asyncio.run(completeness(graph, map(ex, things)))
    return {thing.value.removeprefix(EX): list(lists) for thing, lists in found.items()}


def test_a_list_counts_what_the_ontology_says_that_it_counts() -> None:
    """Only lands, no observer, what is below the property too, and each once."""
    guests = Completeness(ex("guests"), ex("guest"), False, ex("Land"), DLG.wholeList, 2, 2)
    subjects = Completeness(ex("subjects"), ex("subject"), False, None, DLG.partialList, 3, None)
    assert asked("feast") == {"feast": [guests, subjects]}


def test_a_list_may_count_what_leads_to_a_thing() -> None:
    crew = Completeness(ex("crew"), ex("sailsOn"), True, None, DLG.partialList, 1, 9)
    assert asked("ship") == {"ship": [crew]}


def test_what_counts_and_is_no_number_counts_nothing() -> None:
    crew = Completeness(ex("crew"), ex("sailsOn"), True, None, DLG.partialList, 1, None)
    assert asked("raft") == {"raft": [crew]}


def test_a_list_of_which_nothing_is_known_counts_nobody() -> None:
    guests = Completeness(ex("guests"), ex("guest"), False, ex("Land"), DLG.unknownList, 0, None)
    assert asked("walk") == {"walk": [guests]}


def test_where_nothing_is_said_of_a_list_nothing_is_found() -> None:
    assert asked("boat", "ann", "nobody") == {}
    assert asked() == {}
    assert sorted(asked("boat", "ship", "walk")) == ["ship", "walk"]


def test_totals_name_the_things_by_list_the_most_known_first() -> None:
    rows = [
        {"list": ex("crew"), "state": state, "thing": ex(thing)}
        for state, thing in (
            (DLG.unknownList, "raft"),
            (DLG.wholeList, "ship"),
            (DLG.wholeList, "boat"),
        )
    ]
    (crew,) = totals(rows)
    assert (crew.list, crew.total) == (ex("crew"), 3)
    assert list(crew.things.items()) == [
        (DLG.wholeList, [ex("ship"), ex("boat")]),
        (DLG.unknownList, [ex("raft")]),
    ]
    assert totals([{"list": ex("crew"), "state": ox.Literal("x"), "thing": RDF.type}]) == []
