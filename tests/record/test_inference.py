"""What is held, and what follows from it."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from small import lay

from app.errors import Fault
from app.namespaces import BASE, DLG, EDTF, XSD
from app.record import inference
from app.record.record import Rule, read_record
from app.record.rule_parser import parse

ONE = ox.NamedNode(f"{BASE}id/conference/one")
LISBON = ox.NamedNode(f"{BASE}id/place/lisbon")


def graph(quads: list[ox.Quad], name: str) -> set[ox.Triple]:
    wanted = ox.NamedNode(BASE + name) if name else inference.DEFAULT
    return {q.triple for q in quads if q.graph_name == wanted}


def day(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=XSD.date)


def test_a_rejected_claim_is_in_its_graph_and_not_held(tmp_path: Path) -> None:
    whole = inference.dataset(read_record(lay(tmp_path)))
    dates = {t.object.value for t in graph(whole, "") if t.predicate == DLG.date}
    assert dates == {"2015-05-19"}
    rejected = {t.object.value for t in graph(whole, "id/evidence/page.002")}
    assert rejected == {"2016"}


@pytest.mark.parametrize("stance", ["accepted", "inferred", "editorial"])
def test_three_stances_are_held(tmp_path: Path, stance: str) -> None:
    file = lay(tmp_path) / "data/conferences/one.trig"
    file.write_text(file.read_text().replace("dlg:accepted", f"dlg:{stance}"))
    held = graph(inference.dataset(read_record(tmp_path)), "")
    assert ox.Triple(ONE, DLG.place, LISBON) in held


@pytest.mark.parametrize("stance", ["disputed", "rejected", "superseded"])
def test_three_stances_are_not_held(tmp_path: Path, stance: str) -> None:
    file = lay(tmp_path) / "data/conferences/one.trig"
    file.write_text(file.read_text().replace("dlg:accepted", f"dlg:{stance}"))
    whole = inference.dataset(read_record(tmp_path))
    assert ox.Triple(ONE, DLG.place, LISBON) not in graph(whole, "")
    assert ox.Triple(ONE, DLG.place, LISBON) in graph(whole, "id/evidence/page.001")


def test_bounds_come_from_the_date_that_is_held(tmp_path: Path) -> None:
    whole = inference.dataset(read_record(lay(tmp_path)))
    expected = {
        ox.Triple(ONE, DLG.begins, day("2015-05-19")),
        ox.Triple(ONE, DLG.ends, day("2015-05-19")),
        ox.Triple(ONE, DLG.precision, DLG.day),
    }
    assert graph(whole, "graph/rule/dates") == expected
    assert expected <= graph(whole, "")


@pytest.mark.parametrize(
    ("written", "status"), [("2013-12/..", DLG.openEnd), ("2013-12/", DLG.unknownEnd)]
)
def test_an_end_without_a_day_says_whether_it_is_open_or_unknown(
    tmp_path: Path, written: str, status: ox.NamedNode
) -> None:
    file = lay(tmp_path) / "data/conferences/one.trig"
    file.write_text(file.read_text().replace('"2015-05-19"', f'"{written}"'))
    derived = graph(inference.dataset(read_record(tmp_path)), "graph/rule/dates")
    assert derived == {
        ox.Triple(ONE, DLG.begins, day("2013-12-01")),
        ox.Triple(ONE, DLG.endStatus, status),
        ox.Triple(ONE, DLG.precision, DLG.month),
    }


def test_of_two_dates_with_the_same_days_the_more_exact_one_gives_the_precision() -> None:
    def dated(text: str) -> ox.Triple:
        return ox.Triple(ONE, DLG.date, ox.Literal(text, datatype=EDTF))

    month, days = dated("2013-12"), dated("2013-12-01/2013-12-31")
    derived = inference.bounds([dated("2013"), dated("2013-12~"), month, days])
    assert {t.object: ways for t, ways in derived.items() if t.predicate == DLG.precision} == {
        DLG.day: ((days,),)
    }


def test_a_rule_fills_its_graph_and_the_default_graph(tmp_path: Path) -> None:
    whole = inference.dataset(read_record(lay(tmp_path)))
    expected = {ox.Triple(LISBON, DLG.hosted, ONE)}
    assert graph(whole, "graph/rule/hosted") == expected
    assert expected <= graph(whole, "")


def test_a_rule_reads_what_the_rules_before_it_concluded(tmp_path: Path) -> None:
    rules = lay(tmp_path) / "ontology/rules"
    (rules / "20-again.rq").write_text(
        "PREFIX dlg: <https://w3id.org/dialogue/ontology#>\n"
        "CONSTRUCT { ?event dlg:at ?place } WHERE { ?place dlg:hosted ?event }"
    )
    whole = inference.dataset(read_record(tmp_path))
    assert graph(whole, "graph/rule/again") == {ox.Triple(ONE, DLG["at"], LISBON)}


def test_a_rule_says_nothing_that_is_written_already(tmp_path: Path) -> None:
    rules = lay(tmp_path) / "ontology/rules"
    (rules / "20-same.rq").write_text("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert graph(inference.dataset(read_record(tmp_path)), "graph/rule/same") == set()


def test_a_rule_that_constructs_nothing_is_a_fault() -> None:
    rule = Rule("x", Path("x.rq"), "ASK {}")
    with pytest.raises(Fault, match=r"x\.rq: a rule is a CONSTRUCT query"):
        parse(rule)
    with pytest.raises(Fault, match=r"y\.rq: "):
        parse(Rule("y", Path("y.rq"), "CONSTRUCT {"))


def test_the_ontology_is_held_and_the_shapes_are_not(tmp_path: Path) -> None:
    whole = inference.dataset(read_record(lay(tmp_path)))
    assert graph(whole, "graph/ontology") <= graph(whole, "")
    assert graph(whole, "graph/shapes").isdisjoint(graph(whole, ""))
    assert len(graph(whole, "graph/shapes")) == 7
