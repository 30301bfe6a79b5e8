"""What Wikidata may lack, compared with the dataset, and what is left out, with every fact once."""

import csv
import re
from pathlib import Path
from typing import Any

ENTITY = "http://www.wikidata.org/entity/"
# The 5+5 Dialogue, and the five states of the Maghreb, whose membership a ministry's page tells.
DIALOGUE = "Q370862"
STATES = ("Q262", "Q1016", "Q1025", "Q1028", "Q948")
COMMAND = re.compile(
    r"Q[0-9]+\tP[0-9]+\t(Q[0-9]+|\+[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z/(9|10|11))"
    r'\tS854\t"https?://[^"\t{}|\\^`<> ]+"\tS813\t\+[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z/11'
)
ALIGNED = """
  ?predicate skos:closeMatch ?property FILTER(STRSTARTS(STR(?property), "ENTITY/P"))
  ?thing ?predicate ?value FILTER NOT EXISTS { ?thing a dlg:Source }
""".replace("ENTITY/", ENTITY)
# That properties match is no leave to write one for the other: the ontology says of which things.
FIT = "?thing a/rdfs:subClassOf* ?class . ?class dlg:propertyOfInstances ?property ."
ITEMS = """
  ?thing schema:sameAs ?item FILTER(STRSTARTS(STR(?item), "ENTITY/Q"))
  ?value schema:sameAs ?target FILTER(STRSTARTS(STR(?target), "ENTITY/Q"))
""".replace("ENTITY/", ENTITY)


def commands(folder: Path) -> list[list[str]]:
    lines = (folder / "wikidata.quickstatements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not COMMAND.fullmatch(line)] == []
    return [line.split("\t") for line in lines]


def test_the_commands_are_the_accepted_facts_between_items(folder: Path, facts: Any) -> None:
    rows = facts(f"""SELECT DISTINCT ?item ?property ?target ?url ?read {{
      {ALIGNED} {FIT} {ITEMS}
      GRAPH ?graph {{ ?thing ?predicate ?value }}
      ?graph dlg:stance dlg:accepted ; dlg:source|dlg:premise/dlg:source ?source .
      ?source schema:url ?url ; dlg:read ?read
      FILTER(!CONTAINS(STR(?url), "wikipedia"))
    }}""")
    possible = {
        (*(iri.removeprefix(ENTITY) for iri in row[:3]), row[3], f"+{row[4]}T00:00:00Z/11")
        for row in rows
    }
    shown = [(*one[:3], one[4].strip('"'), one[6]) for one in commands(folder)]
    assert len(shown) == len(set(shown))
    # Membership as an item of its own, and where an organisation has its seat (P159): the location
    # (P276) is that of an event, and of an organisation Wikidata wants it nowhere.
    assert {(state, "P463", DIALOGUE) for state in STATES} <= {one[:3] for one in shown}
    assert ("Q192177", "P159", "Q1492") in {one[:3] for one in shown}
    assert "P276" not in {one[1] for one in shown}
    # A source may have several addresses, of which one is told.
    assert set(shown) - possible == set()
    assert {one[:3] for one in shown} == {one[:3] for one in possible}


def test_every_other_fact_is_in_the_table_with_a_reason(folder: Path, facts: Any) -> None:
    with (folder / "wikidata.left-out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    every = {tuple(row) for row in facts(f"SELECT ?thing ?predicate ?value {{ {ALIGNED} }}")}
    listed = [(row["thing"], row["property"], row["value"]) for row in rows]
    told = {
        tuple(row[:3])
        for row in facts(
            f"""SELECT ?thing ?predicate ?value ?item ?property ?target {{
              {ALIGNED} {FIT} {ITEMS}
            }}"""
        )
        if [iri.removeprefix(ENTITY) for iri in row[3:]] in [c[:3] for c in commands(folder)]
    }
    assert set(listed) == every - told
    assert len(told) > 5
    # Two texts of one value in two languages are two rows.
    assert len(listed) < len(set(listed)) + 50
    assert {row["reason"] for row in rows} == {
        "the ontology does not say that a property of Wikidata is told of such a thing",
        "the thing has no item of Wikidata",
        "the value has no item of Wikidata",
        "the value is a text, and a property of Wikidata wants an item",
        "no accepted passage of a page outside Wikipedia says so",
    }


def test_of_what_a_property_may_be_written_the_ontology_says(folder: Path, facts: Any) -> None:
    with (folder / "wikidata.left-out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    unfit = [row for row in rows if row["reason"].startswith("the ontology does not say")]
    # Who adopts a text need not sign it; who holds a chair is a state, and no person.
    names = {(row["property"].rpartition("#")[2], row["wikidata_property"]) for row in unfit}
    assert {("adoptedBy", "P1891"), ("presidedBy", "P488"), ("ordinal", "P1545")} <= names
    # A date is one in time of an event, and of a presidency it is none.
    kinds = {
        kind: {row["thing"].split("/")[-2] for row in rows_of}
        for kind, rows_of in (
            ("unfit", [row for row in unfit if row["wikidata_property"] == "P585"]),
            ("fit", [r for r in rows if r["wikidata_property"] == "P585" and r not in unfit]),
        )
    }
    assert {"conference", "event"} == kinds["fit"]
    assert {"document", "presidency"} <= kinds["unfit"]
    # A place is told by the one property that fits, and by both where neither does.
    places: dict[str, set[str]] = {}
    for row in rows:
        if row["property"].endswith("#place"):
            places.setdefault(row["thing"].split("/")[-2], set()).add(row["wikidata_property"])
    assert places["conference"] == {"P276"}
    assert places["organisation"] == places["body"] == {"P159"}
    assert places["post"] == {"P159", "P276"}


def test_what_is_not_accepted_is_not_told(folder: Path, facts: Any) -> None:
    told = {tuple(one[:3]) for one in commands(folder)}
    accepted = {
        tuple(iri.removeprefix(ENTITY) for iri in row)
        for row in facts(f"""SELECT DISTINCT ?item ?property ?target {{
          {ALIGNED} {ITEMS}
          GRAPH ?graph {{ ?thing ?predicate ?value }} ?graph dlg:stance dlg:accepted
        }}""")
    }
    others = {
        tuple(iri.removeprefix(ENTITY) for iri in row)
        for row in facts(f"""SELECT DISTINCT ?item ?property ?target {{ {ALIGNED} {ITEMS} }}""")
    } - accepted
    assert len(others) > 5
    assert told & others == set()
