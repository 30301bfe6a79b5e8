"""What the released graph says of a resource, as quads and as what a page needs."""

import asyncio
import doctest
import re
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from website import BASE, release

from app.catalog import belongings, description, graph, labels
from app.catalog.describe import CONFLICTING, LISTED, NESTED, describe
from app.catalog.description import Description
from app.catalog.graph import QUERIES, ReleasedGraph, Row
from app.catalog.listing import FULL
from app.engine.engine import Engine
from app.engine.query import Term
from app.pages import evidence as facts
from app.pages import home, search, sitemap
from app.pages.display import Display, property_order
from app.record import inference, record
from app.settings import Settings

ROOT = Path(__file__).parents[2]
PREFIXES = {
    "conf": f"{BASE}id/conference/",
    "dlg": f"{BASE}ontology#",
    "doc": f"{BASE}id/document/",
    "ev": f"{BASE}id/evidence/",
    "graph": f"{BASE}graph/",
    "id": f"{BASE}id/",
    "rule": f"{BASE}graph/rule/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


class Told:
    """A store asked in this process: the same queries, without the engine around them."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.asked: list[str] = []

    async def select(self, text: str, substitutions: Mapping[str, Term]) -> Sequence[Row]:
        self.asked.append(text)
        given = {ox.Variable(name): term for name, term in substitutions.items()}
        rows = self.store.query(text, substitutions=given)
        assert isinstance(rows, ox.QuerySolutions)
        names = [variable.value for variable in rows.variables]
        return [{n: row[n] for n in names if row[n] is not None} for row in rows]


def store(text: str) -> ReleasedGraph:
    """Return a graph that holds this TriG, the prefixes of this file declared."""
    return ReleasedGraph(Told(loaded(text)), BASE)


def loaded(text: str) -> ox.Store:
    """Return a store that holds this TriG."""
    head = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in PREFIXES.items())
    told = ox.Store()
    told.load(f"{head}{text}".encode(), format=ox.RdfFormat.TRIG)
    return told


class Running:
    """A graph asked through a real engine, on a loop of its own."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._engine = Engine(folder, Settings())
        self._loop.run_until_complete(self._engine.start())
        self.graph = ReleasedGraph(self._engine, BASE)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    def describe(self, path: str, **how: bool) -> Description:
        iri = ox.NamedNode(f"{BASE}id/{path}")
        found: Description | None = self.run(describe(self.graph, iri, **how))
        assert found is not None
        return found

    def stop(self) -> None:
        self._loop.run_until_complete(self._engine.stop())
        self._loop.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(release(tmp_path_factory.mktemp("describe") / "release"))
    yield found
    found.stop()


def short(term: object) -> str:
    text = str(term)
    for prefix, iri in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
        if text.startswith(f"<{iri}"):
            return f"{prefix}:{text[len(iri) + 1 : -1]}"
    return text


def lines(found: Description, *, evidence: bool) -> set[str]:
    said = description.quads(found, evidence=evidence)
    assert len(said) == len(set(said))
    return {" ".join(short(t) for t in (*q.triple, q.graph_name)).strip() for q in said}


def test_a_description_holds_what_is_held_what_leads_here_and_names(running: Running) -> None:
    assert lines(running.describe("document/lisbon-declaration-2015"), evidence=False) == {
        "doc:lisbon-declaration-2015 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        " dlg:Declaration DEFAULT",
        "doc:lisbon-declaration-2015 dlg:adoptedAt conf:cimo-16 DEFAULT",
        'doc:lisbon-declaration-2015 skos:prefLabel "Lisbon Declaration"@en DEFAULT',
        "doc:lisbon-declaration-2015.fr <http://data.europa.eu/eli/ontology#realizes>"
        " doc:lisbon-declaration-2015 DEFAULT",
        "doc:lisbon-declaration-2015.fr <http://purl.org/dc/terms/title>"
        ' "Déclaration de Lisbonne"@fr DEFAULT',
        'conf:cimo-16 skos:prefLabel "16th conference of interior ministers"@en DEFAULT',
        'conf:cimo-16 skos:prefLabel "16.ª conferência dos ministros do Interior"@pt DEFAULT',
    }


def test_with_the_evidence_come_its_graphs_its_words_and_its_sources(running: Running) -> None:
    found = running.describe("participation/cimo-16.PRT", whole=True)
    more = lines(found, evidence=True) - lines(found, evidence=False)
    assert {line for line in more if "publisher" not in line} == {
        "id:participation/cimo-16.PRT <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
        " dlg:Participation ev:sgmai-5plus5.081",
        "id:participation/cimo-16.PRT dlg:agent id:state/PRT ev:sgmai-5plus5.081",
        "id:participation/cimo-16.PRT dlg:event conf:cimo-16 ev:sgmai-5plus5.081",
        "ev:sgmai-5plus5.081 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> dlg:Evidence"
        " DEFAULT",
        'ev:sgmai-5plus5.081 dlg:quote "Portugal took part"@en DEFAULT',
        "ev:sgmai-5plus5.081 dlg:source id:source/sgmai-5plus5 DEFAULT",
        "ev:sgmai-5plus5.081 dlg:stance dlg:accepted DEFAULT",
        "id:source/sgmai-5plus5 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> dlg:Source"
        " DEFAULT",
        'id:source/sgmai-5plus5 <http://purl.org/dc/terms/title> "5+5 Dialogue"@en DEFAULT',
        'id:source/sgmai-5plus5 dlg:read "2026-11-24"'
        "^^<http://www.w3.org/2001/XMLSchema#date> DEFAULT",
        "id:source/sgmai-5plus5 <https://schema.org/url> <https://www.sg.mai.gov.pt/dialogue>"
        " DEFAULT",
    }


def test_what_is_rejected_is_in_its_own_graph_and_never_in_the_default_graph(
    running: Running,
) -> None:
    found = running.describe("conference/cimo-16", whole=True)
    dates = {line for line in lines(found, evidence=True) if " dlg:date " in line}
    edtf = "^^<http://id.loc.gov/datatypes/edtf/EDTF-level1>"
    assert dates == {
        f'conf:cimo-16 dlg:date "2015-05-19"{edtf} DEFAULT',
        f'conf:cimo-16 dlg:date "2015-05-19"{edtf} ev:sgmai-5plus5.070',
        f'conf:cimo-16 dlg:date "2015-05-20"{edtf} ev:sgmai-5plus5.101',
    }


def test_what_is_anonymous_comes_with_all_that_is_said_of_it(running: Running) -> None:
    said = description.quads(running.describe("source/sgmai-5plus5"), evidence=False)
    anonymous = f"{BASE}.well-known/genid/"
    blank = [q for q in said if q.subject.value.startswith(anonymous)]
    words = {q.object.value for q in blank if isinstance(q.object, ox.Literal)}
    assert words == {"SGMAI", "Nine to five"}
    assert len({q.subject for q in blank}) == 2


def test_a_thing_without_a_name_is_told_in_its_place(running: Running) -> None:
    found = running.describe("state/PRT")
    contact = ox.NamedNode(f"{BASE}id/state/PRT.contact")
    assert [short(s.property) for s in found.nested[contact]] == [
        "<http://data.europa.eu/m8g/email>"
    ]


def test_what_nobody_speaks_of_has_no_description(running: Running) -> None:
    nobody = ox.NamedNode(f"{BASE}id/conference/nobody")
    assert running.run(describe(running.graph, nobody)) is None
    assert running.run(running.graph.known([nobody])) == {}


def test_a_name_is_put_together_where_a_thing_has_none(running: Running) -> None:
    part = ox.NamedNode(f"{BASE}id/participation/cimo-16.PRT")
    evidence = ox.NamedNode(f"{BASE}id/evidence/sgmai-5plus5.070")
    names = running.run(running.graph.names([part, evidence, ox.Literal("no thing")]))
    assert {thing: [name.text.value for name in found] for thing, found in names.items()} == {
        part: ["Portugal · 16th conference of interior ministers"],
        evidence: ["5+5 Dialogue · no. 070"],
    }


def shown(found: Description) -> list[tuple[ox.NamedNode, facts.Fact]]:
    """Return the facts that a page shows of what is described, each with its property."""
    view = Display(found.names, {}, BASE)
    return [
        (one.property, fact)
        for group in facts.groups(view, found)
        for one in group.properties
        for fact in one.facts
    ]


def test_the_passages_behind_a_derived_fact_and_its_stance_are_found(running: Running) -> None:
    derived = {
        short(property): (short(fact.stance), [short(graph) for graph in fact.premises])
        for property, fact in shown(running.describe("conference/cimo-16"))
        if fact.rules
    }
    assert derived == {
        "dlg:begins": ("dlg:accepted", ["ev:sgmai-5plus5.070"]),
        "dlg:ends": ("dlg:accepted", ["ev:sgmai-5plus5.070"]),
        "dlg:precision": ("dlg:accepted", ["ev:sgmai-5plus5.070"]),
        "dlg:previousEdition": ("dlg:accepted", ["ev:sgmai-5plus5.069", "ev:sgmai-5plus5.070"]),
    }


def test_a_written_fact_has_the_stance_of_its_strongest_evidence() -> None:
    asked = store(
        """
        ev:s.1 { conf:a dlg:date "1" ; dlg:place "p" } ev:s.1 dlg:stance dlg:editorial .
        ev:s.2 { conf:a dlg:date "1" } ev:s.2 dlg:stance dlg:inferred .
        ev:s.3 { conf:a dlg:date "1" } ev:s.3 dlg:stance dlg:rejected .
        conf:a dlg:date "1" ; dlg:place "p" ; dlg:theme "t" .
        """
    )
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/a")))
    assert found is not None
    assert {short(property): fact.stance for property, fact in shown(found)} == {
        "dlg:date": description.HELD[1],
        "dlg:place": description.HELD[2],
        "dlg:theme": None,
    }


DERIVED = """
graph:one { conf:a dlg:adopted doc:b } graph:one a dlg:Derivation ; dlg:stance dlg:inferred ;
  dlg:premise ev:s.1 .
rule:adopted { conf:a dlg:adopted doc:b }
ev:s.1 { doc:b dlg:adoptedAt conf:a } ev:s.1 dlg:stance dlg:inferred ; dlg:source id:s .
ev:s.2 { doc:b dlg:topic id:t } ev:s.2 dlg:stance dlg:inferred ; dlg:source id:s .
doc:b dlg:adoptedAt conf:a ; skos:prefLabel "B"@en . conf:a dlg:adopted doc:b .
"""


def test_a_derivation_is_no_evidence_and_leads_nowhere() -> None:
    asked = store(DERIVED)
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/a"), whole=True))
    assert found is not None
    assert found.near() == []
    assert set(map(short, found.graphs)) == {"graph:one", "ev:s.1"}
    assert [short(source) for source in found.sources] == ["id:s"]
    said = lines(found, evidence=True)
    assert {line for line in said if "graph:one" in line} == {
        "conf:a dlg:adopted doc:b graph:one",
        "graph:one <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> dlg:Derivation DEFAULT",
        "graph:one dlg:stance dlg:inferred DEFAULT",
        "graph:one dlg:premise ev:s.1 DEFAULT",
    }
    itself = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}graph/one")))
    assert itself is not None
    assert "conf:a dlg:adopted doc:b graph:one" in lines(itself, evidence=True)
    passage = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/evidence/s.1")))
    assert passage is not None and passage.incoming == []
    stance, property = (ox.NamedNode(f"{BASE}ontology#{name}") for name in ("inferred", "stance"))
    first = asyncio.run(asked.linked(stance, property))
    assert [short(thing) for thing in first] == ["ev:s.1", "ev:s.2"]


def test_every_derived_fact_of_the_heaviest_things_shows_its_premises_and_stance() -> None:
    whole = record.read_record(ROOT)
    quads = inference.dataset(whole)
    told = ox.Store()
    told.extend(quads)
    asked = ReleasedGraph(Told(told), BASE)
    derived: dict[object, dict[tuple[object, object], list[object]]] = {}
    premises: dict[object, list[object]] = {}
    for s, p, o, graph_name in quads:
        if p == ox.NamedNode(f"{BASE}ontology#premise"):
            premises.setdefault(s, []).append(o)
        elif str(graph_name).startswith(f"<{BASE}graph/derivation/"):
            derived.setdefault(s, {})[p, o] = premises.setdefault(graph_name, [])
    heaviest = sorted(derived, key=lambda thing: (-len(derived[thing]), str(thing)))[:12]
    for thing in heaviest:
        assert isinstance(thing, ox.NamedNode)
        found = asyncio.run(describe(asked, thing))
        assert found is not None
        concluded = {(p, fact.value): fact for p, fact in shown(found) if fact.rules}
        assert {key: fact.premises for key, fact in concluded.items()} == {
            key: sorted(evidence, key=str) for key, evidence in derived[thing].items()
        }
        assert all(fact.stance in description.HELD for fact in concluded.values())


CHAIN = """
ev:s.1 { conf:a dlg:date "1" } ev:s.1 dlg:stance dlg:accepted .
ev:s.2 { conf:a dlg:date "2" } ev:s.2 dlg:stance dlg:rejected ; dlg:conflictsWith ev:s.1 .
ev:s.3 { conf:b dlg:date "3" } ev:s.3 dlg:stance dlg:disputed ; dlg:conflictsWith ev:s.2 .
ev:s.4 { conf:a dlg:place "4" } ev:s.4 dlg:stance dlg:rejected .
conf:a dlg:date "1" .
"""


@pytest.mark.parametrize("subject", ["conference/a", "conference/b", "evidence/s.3"])
def test_a_dispute_is_whole_from_wherever_one_looks(subject: str) -> None:
    asked = store(CHAIN)
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/{subject}")))
    assert found is not None
    told = [
        [(short(c.evidence), [t.object.value for t in c.triples]) for c in dispute]  # type: ignore[union-attr]
        for dispute in facts.disputes(found)
    ]
    assert [sorted(dispute) for dispute in told] == [
        [("ev:s.1", ["1"]), ("ev:s.2", ["2"]), ("ev:s.3", ["3"])]
    ]
    assert told[0][0][0] == "ev:s.1", "what is held stands first"


def test_what_is_said_and_not_held_stands_apart_from_facts_and_disputes() -> None:
    asked = store(CHAIN)
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/a")))
    assert found is not None
    assert [(short(c.evidence), len(c.triples)) for c in facts.not_held(found)] == [("ev:s.4", 1)]
    view = Display(found.names, property_order(asyncio.run(asked.ask("layout"))), BASE)
    assert [
        (short(one.property), [(f.value, f.disputed) for f in one.facts])
        for group in facts.groups(view, found)
        for one in group.properties
    ] == [("dlg:date", [(ox.Literal("1"), True)])]


def test_a_dispute_without_end_is_cut_and_a_circle_of_blank_nodes_ends() -> None:
    chain = "".join(
        f'ev:c.{i} {{ conf:a dlg:date "{i}" }} ev:c.{i} dlg:stance dlg:disputed ; '
        f"dlg:conflictsWith ev:c.{i + 1} .\n"
        for i in range(3 * CONFLICTING)
    )
    asked = store(f"{chain} conf:z dlg:part _:x . _:x dlg:part _:y . _:y dlg:part _:x .")
    circle = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/z")))
    assert circle is not None
    assert len(circle.nested) == 2
    view = Display({}, {}, BASE)
    inner = facts.groups(view, circle)[0].properties[0].facts[0].inner
    assert len(inner) == 1
    told = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/evidence/c.0")))
    assert told is not None
    assert len(told.graphs) <= CONFLICTING + 2


NAMED = """
conf:a skos:prefLabel "A"@en . conf:b skos:prefLabel "B"@en, "Bé"@fr . doc:c dlg:date "3" .
ev:s.1 dlg:source id:source . id:source skos:prefLabel "Source"@en .
id:lonely dlg:agent conf:a .
"""


def test_names_are_asked_in_sets_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    things = [
        *(ox.NamedNode(f"{BASE}id/conference/{name}") for name in "abcaz"),
        ox.NamedNode(f"{BASE}id/evidence/s.1"),
        ox.NamedNode(f"{BASE}id/lonely"),
    ]
    at_once = asyncio.run(store(NAMED).names(things))
    monkeypatch.setattr(graph, "AT_ONCE", 1)
    monkeypatch.setattr(graph, "NAMES_KEPT", 1)
    engine = Told(loaded(NAMED))
    asked = ReleasedGraph(engine, BASE)
    names = asyncio.run(asked.names(things))
    assert {short(t): [n.text.value for n in found] for t, found in names.items()} == {
        "conf:a": ["A"],
        "conf:b": ["B", "Bé"],
        "ev:s.1": ["Source · no. 1"],
    }
    assert names == at_once
    assert len(engine.asked) == 2, "once in vain, then for the set"
    asyncio.run(asked.names(things))
    assert len(engine.asked) == 3


def test_lists_are_told_whole_and_other_blank_nodes_four_levels_down() -> None:
    items = " ".join(f"[ skos:notation {i} ]" for i in range(30))
    deep = "[ skos:note 1 ; dlg:in [ skos:note 2 ; dlg:in [ skos:note 3 ; dlg:in [ skos:note 4 ;"
    asked = store(f"conf:a dlg:list ({items}) . conf:b dlg:in {deep} dlg:in [ skos:note 5 ]]]]] .")
    in_list = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/a")))
    nested = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/b")))
    assert in_list is not None
    assert nested is not None
    codes = f"<{PREFIXES['skos']}notation>"
    values = [
        s.value for about in in_list.nested.values() for s in about if str(s.property) == codes
    ]
    assert sorted(int(code.value) for code in values if isinstance(code, ox.Literal)) == [
        *range(30)
    ]
    notes = f"<{PREFIXES['skos']}note>"
    values = [
        s.value for about in nested.nested.values() for s in about if str(s.property) == notes
    ]
    assert sorted(int(note.value) for note in values if isinstance(note, ox.Literal)) == [
        1,
        2,
        3,
        4,
    ]


def test_what_a_thing_with_a_name_put_together_holds_is_not_told_here() -> None:
    asked = store(
        """
        conf:a dlg:in id:both, id:one . conf:b skos:prefLabel "B"@en . conf:c skos:prefLabel "C" .
        id:both dlg:agent conf:b ; dlg:event conf:c ; dlg:in id:below .
        id:one dlg:agent conf:b . id:below skos:note "below" .
        """
    )
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/conference/a")))
    assert found is not None
    assert [short(thing) for thing in found.nested] == ["id:one"]


def test_the_first_ten_of_many_things_lead_here_and_are_counted() -> None:
    lines = "".join(f"conf:{i:02} dlg:in id:x . " for i in range(12))
    asked = store(f"{lines} [] dlg:in id:x . conf:y dlg:of id:x . id:x dlg:date '1' . ")
    found = asyncio.run(describe(asked, ox.NamedNode(f"{BASE}id/x")))
    assert found is not None
    assert [
        (short(link.property), link.count, [short(thing) for thing in link.things])
        for link in found.incoming
    ] == [
        ("dlg:in", 12, [f"conf:{i:02}" for i in range(LISTED)]),
        ("dlg:of", 1, ["conf:y"]),
    ]


LIMITS = {
    "addresses": {sitemap.MOST + 1},
    "belongings": {belongings.MOST + 1},
    "evidence": {2001, 100_000},
    "incoming": {LISTED},
    "incoming_by": {ReleasedGraph.MANY + 1},
    "known": {1},
    "list": {FULL + 1},
    "names": {graph.AT_ONCE},
    "search": {search.FULL + 1},
    "statements": {5 * NESTED, 20_000},
    "timeline": {home.SHOWN + 1},
}
# No page cuts these: they bound what a foreign record can cost.
BOUNDS = {
    "about",
    "disputes",
    "files",
    "parts",
    "properties",
    "questions",
    "schema_org",
    "terms",
}


def test_a_query_asks_for_as_much_as_is_shown_and_one_more() -> None:
    """The program cuts what it shows; the number stands in the query too, and is the same there."""
    limits = {
        path.stem: {int(number) for number in re.findall(r"LIMIT (\d+)", path.read_text())}
        for path in QUERIES.glob("*.rq")
        if path.stem not in BOUNDS and not path.stem.startswith("coverage_")
    }
    assert {name: found for name, found in limits.items() if found} == LIMITS


def test_a_set_goes_into_a_query_as_iris_and_nothing_else() -> None:
    engine = Told(loaded("conf:a skos:note 'a' . conf:b skos:note 'b' ."))
    odd = ox.NamedNode(f"{BASE}id/conference/a'b)(;#$?é")
    asked = ReleasedGraph(engine, BASE)
    literal = ox.Literal("> } } SELECT ?x")
    one = ox.NamedNode(f"{BASE}id/conference/a")
    rows = asyncio.run(asked.ask("known", thing=[one, odd, literal, ox.BlankNode("b")]))
    assert [row["thing"] for row in rows] == [one]
    assert f"VALUES ?thing {{ {one} {odd} }}" in engine.asked[0]
    assert asyncio.run(asked.ask("known", thing=[])) == []
    with pytest.raises(KeyError):
        asyncio.run(asked.ask("timeline", thing=[one]))


@pytest.mark.parametrize("mark", [*'<>"{}|^`\\ \n\x01'])
def test_an_iri_that_sparql_has_no_way_to_write_is_in_no_set(mark: str) -> None:
    """Only a lenient parser makes such terms; were one in a store, it would end the IRI."""
    engine = Told(loaded("conf:a skos:note 'a' ."))
    one = ox.NamedNode(f"{BASE}id/conference/a")
    line = f"<{BASE}id/a\\u{ord(mark):04X}b> <x:p> <x:o> .".encode()
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_QUADS, lenient=True)
    assert isinstance(quad.subject, ox.NamedNode)
    assert mark in quad.subject.value
    rows = asyncio.run(ReleasedGraph(engine, BASE).ask("known", thing=[quad.subject, one]))
    assert [row["thing"] for row in rows] == [one]
    assert f"VALUES ?thing {{ {one} }}" in engine.asked[0]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        '" . ?s ?p ?o . #',
        "} UNION { ?s ?p ?o",
        "\\",
        "\\u0022",
        "\n",
        "\r\n",
        "?after",
        "$",
        "<x>",
        "') || (1=1",
        "#",
        "\u202e",
        "é" * 1000,
        "{",
        ".*",
        "%22",
    ],
)
def test_a_value_goes_into_a_query_as_a_value(running: Running, text: str) -> None:
    """Everything is greater than no text; whatever the text holds, it is compared as it stands."""
    cimo = ox.NamedNode(f"{BASE}id/series/cimo")
    property = ox.NamedNode(f"{BASE}ontology#inSeries")
    iris = [f"{BASE}id/conference/cimo-{n}" for n in (15, 16)]
    found = running.run(running.graph.linked(cimo, property, text))
    assert [thing.value for thing in found] == [iri for iri in iris if iri > text]


def test_no_program_text_puts_a_query_together() -> None:
    """SPARQL lives in files: in the program it is neither written nor formatted."""
    for package in ("catalog", "pages", "web", "sparql", "server"):
        for module in sorted((ROOT / "app" / package).rglob("*.py")):
            text = module.read_text(encoding="utf-8")
            text = text.replace("a SELECT query", "").replace("SELECT * { ?s ?p ?o } LIMIT 10", "")
            assert "SELECT " not in text, module
            assert "WHERE {" not in text, module


def test_the_examples_in_the_documentation_are_right() -> None:
    assert doctest.testmod(labels) == (0, 1)
