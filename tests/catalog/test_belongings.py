"""What belongs to a thing, asked of a small graph: what is found, what is not, and how many."""

import asyncio

import pyoxigraph as ox
import pytest
from small_store import SmallStore

from app.catalog import belongings
from app.catalog.graph import ReleasedGraph
from app.catalog.listing import kinds
from app.errors import Rejected

BASE = "http://e.org/"
TRIG = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX dlg: <https://w3id.org/dialogue/ontology#>
BASE <http://e.org/id/>

<forum/all> a dlg:Framework . <forum/part> a dlg:Framework ; dlg:partOf <forum/all> .
<forum/other> a dlg:Framework .
<series/s> a dlg:Series ; dlg:seriesOf <forum/part> .
<meeting/1> a dlg:Event ; dlg:meetingOf <forum/part> ; dlg:inSeries <series/s> ;
    dlg:place <town/t> ; dlg:participant <land/a> , <land/guest> , <person/p> .
<meeting/2> a dlg:Event ; dlg:meetingOf <forum/all> .
<meeting/no> a dlg:Event ; dlg:noMeetingOf <forum/part> ; dcterms:relation <forum/part> .
<meeting/other> a dlg:Event ; dlg:meetingOf <forum/other> ; dlg:place <town/t> .
<land/a> a dlg:State ; dlg:memberOf <forum/part> . <land/guest> a dlg:State .
<ministry/m> a dlg:Ministry ; dlg:partOf <land/a> .
<person/p> a dlg:Person ; dlg:officeOf <land/a> .
<town/t> a dlg:City ; dlg:within <area/land> .
<area/land> a dlg:Territory ; dlg:territoryOf <land/a> .
<source/s> a dlg:Source . <nobody> a dlg:Person ; dlg:officeOf <land/b> . <land/b> a dlg:State .
<paper/d> a dlg:Document ; dlg:adoptedAt <meeting/1> .
<forum/old> dcterms:isReplacedBy <forum/part> .
GRAPH <evidence/e> { <meeting/1> dlg:place <town/t> }
GRAPH <evidence/f> { <meeting/other> dlg:place <town/t> }
<evidence/e> dlg:source <source/s> . <evidence/f> dlg:source <source/t> .
"""


def of(name: str, kind: str = "") -> set[str]:
    graph = ReleasedGraph(SmallStore(TRIG, ox.RdfFormat.TRIG), BASE)

    async def ask() -> list[ox.NamedNode]:
        whole = await belongings.named(graph, name)
        return await belongings.belongings(graph, whole, kind)

    things = asyncio.run(ask())
    assert len(things) == len(set(things))
    return {thing.value.removeprefix(f"{BASE}id/") for thing in things}


PART = {
    "series/s", "meeting/1", "paper/d", "land/a", "person/p", "town/t", "evidence/e", "source/s",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Neither what says that it is none of its meetings, nor the guest, nor the ministry.
        ("forum/part", PART),
        ("forum/old", PART),
        ("forum/all", PART | {"forum/part", "meeting/2"}),
        ("forum/other", {"meeting/other", "town/t", "evidence/f", "source/t"}),
        ("series/s", PART - {"series/s", "land/a"}),
        ("meeting/1", PART - {"series/s", "meeting/1"} | {"land/guest"}),
        ("town/t", {"meeting/1", "meeting/other"}),
        ("area/land", {"town/t", "meeting/1", "meeting/other"}),
        ("land/a", {"ministry/m", "person/p", "area/land", "town/t", "meeting/1", "meeting/other"}),
        ("source/s", {"evidence/e"}),
        ("person/p", set()),
    ],
)
def test_to_a_thing_belongs_what_says_so_of_it_or_of_its_parts(
    name: str, expected: set[str]
) -> None:
    assert of(name) == expected
    assert of(name, "meeting") == {one for one in expected if one.startswith("meeting/")}
    assert of(name, "meet") == set()


@pytest.mark.parametrize("name", ["forum/none", "", "forum", "<>", "a b", "forum/part>"])
def test_what_nobody_speaks_of_has_nothing(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        of(name)
    assert (refused.value.status, refused.value.kind) == (404, "not-found")


def test_more_than_can_be_told_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = ReleasedGraph(SmallStore(TRIG, ox.RdfFormat.TRIG), BASE)
    whole = ox.NamedNode(f"{BASE}id/forum/part")
    kinds = {"series", "meeting", "paper", "land", "person", "town", "evidence", "source"}
    assert set(asyncio.run(belongings.by_kind(graph, whole))) == kinds
    monkeypatch.setattr(belongings, "MOST", len(PART))
    assert of("forum/part") == PART
    monkeypatch.setattr(belongings, "MOST", len(PART) - 1)
    with pytest.raises(Rejected) as refused:
        of("forum/part")
    assert (refused.value.status, refused.value.kind) == (400, "parameters")
    assert asyncio.run(belongings.by_kind(graph, whole)) == {}


def test_what_has_no_kind_is_in_the_list_of_none() -> None:
    graph = ReleasedGraph(SmallStore(TRIG, ox.RdfFormat.TRIG), BASE)
    whole = ox.NamedNode(f"{BASE}id/land/b")
    assert of("land/b") == {"nobody"}
    assert asyncio.run(belongings.by_kind(graph, whole)) == {}
    assert "" not in dict(asyncio.run(kinds(graph)))
    assert dict(asyncio.run(kinds(graph)))["land"] == 3
