"""Derivations: what each concluded fact rests on, and how strong that is."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from small import HEAD, lay

from app.namespaces import BASE, DLG, RDF, RDFS
from app.record import inference
from app.record.derivations import STRENGTH, Derivation
from app.record.record import Record, read_record

PROJECT = Path(__file__).parents[2]
NAMES = f"{BASE}graph/derivation/"
MEMBER = ox.NamedNode("http://www.w3.org/ns/org#member")


def evidence(name: str, stance: str, triples: str) -> str:
    return (
        f"ev:{name} {{ {triples} }}\n"
        f"ev:{name} a dlg:Evidence ; dlg:source source:page ; dlg:stance dlg:{stance} .\n"
    )


def derived(root: Path, rule: str, *passages: str) -> dict[str, tuple[str, list[str]]]:
    """Return stance and premises of each fact that a rule concludes from passages."""
    lay(root)
    head = "PREFIX dlg: <https://w3id.org/dialogue/ontology#>\n"
    (root / "ontology/rules/10-hosted.rq").write_text(head + rule)
    (root / "data/conferences/one.trig").write_text(HEAD + "".join(passages))
    quads = inference.dataset(read_record(root))
    about: dict[object, dict[ox.NamedNode, list[str]]] = {}
    for s, p, o, graph in quads:
        if graph == inference.DEFAULT and str(s).startswith(f"<{NAMES}"):
            about.setdefault(s, {}).setdefault(p, []).append(short(o))
    return {
        " ".join(map(short, quad.triple)): (
            about[quad.graph_name][DLG.stance][0] if DLG.stance in about[quad.graph_name] else "",
            sorted(about[quad.graph_name].get(DLG.premise, [])),
        )
        for quad in quads
        if str(quad.graph_name).startswith(f"<{NAMES}")
    }


def short(term: object) -> str:
    text = term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    return text.rpartition("/")[2].rpartition("#")[2]


INVERSE = "CONSTRUCT { ?y dlg:of ?x } WHERE { ?x dlg:in ?y }"
CHAIN = "CONSTRUCT { ?x dlg:far ?z } WHERE { ?x dlg:in ?y . ?y dlg:in ?z }"


def test_a_fact_rests_on_the_evidence_of_what_it_was_concluded_from(tmp_path: Path) -> None:
    assert derived(
        tmp_path,
        CHAIN,
        evidence("a", "accepted", "conf:a dlg:in conf:b"),
        evidence("b", "accepted", "conf:b dlg:in conf:c"),
        evidence("c", "accepted", "conf:c dlg:of conf:b"),
    ) == {"a far c": ("accepted", ["a", "b"])}


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("accepted", "inferred", "inferred"),
        ("inferred", "accepted", "inferred"),
        ("accepted", "editorial", "editorial"),
        ("editorial", "inferred", "editorial"),
        ("inferred", "inferred", "inferred"),
    ],
)
def test_a_fact_is_as_weak_as_its_weakest_premise(
    tmp_path: Path, one: str, other: str, whole: str
) -> None:
    assert derived(
        tmp_path,
        CHAIN,
        evidence("a", one, "conf:a dlg:in conf:b"),
        evidence("b", other, "conf:b dlg:in conf:c"),
    ) == {"a far c": (whole, ["a", "b"])}


def test_the_strongest_evidence_of_a_premise_counts_and_all_that_is_as_strong(
    tmp_path: Path,
) -> None:
    assert derived(
        tmp_path,
        INVERSE,
        evidence("a", "editorial", "conf:a dlg:in conf:b"),
        evidence("b", "inferred", "conf:a dlg:in conf:b"),
        evidence("c", "inferred", "conf:a dlg:in conf:b"),
        evidence("d", "rejected", "conf:a dlg:in conf:b"),
        evidence("e", "rejected", "conf:a dlg:in conf:z"),
    ) == {"b of a": ("inferred", ["b", "c"])}


def test_the_best_way_counts_and_all_that_are_as_good(tmp_path: Path) -> None:
    assert derived(
        tmp_path,
        CHAIN,
        evidence("a", "accepted", "conf:a dlg:in conf:b , conf:c , conf:d"),
        evidence("b", "inferred", "conf:b dlg:in conf:z"),
        evidence("c", "accepted", "conf:c dlg:in conf:z"),
        evidence("d", "accepted", "conf:d dlg:in conf:z"),
    ) == {"a far z": ("accepted", ["a", "c", "d"])}


def test_a_fact_from_a_concluded_fact_rests_on_the_premises_of_that(tmp_path: Path) -> None:
    root = lay(tmp_path)
    (root / "ontology/rules/20-next.rq").write_text(
        "PREFIX dlg: <https://w3id.org/dialogue/ontology#>\n"
        "CONSTRUCT { ?z dlg:near ?x } WHERE { ?x dlg:far ?z . ?z dlg:kind ?kind }"
    )
    assert derived(
        root,
        CHAIN,
        evidence("a", "accepted", "conf:a dlg:in conf:b"),
        evidence("b", "inferred", "conf:b dlg:in conf:c"),
        evidence("c", "accepted", 'conf:c dlg:kind "k"'),
    ) == {"a far c": ("inferred", ["a", "b"]), "c near a": ("inferred", ["a", "b", "c"])}


def test_the_class_of_a_thing_is_no_premise(tmp_path: Path) -> None:
    assert derived(
        tmp_path,
        "CONSTRUCT { ?y dlg:of ?x } WHERE { ?x a dlg:Conference ; dlg:in ?y }",
        evidence("a", "editorial", "conf:a a dlg:Conference"),
        evidence("b", "accepted", "conf:a dlg:in conf:b"),
    ) == {"b of a": ("accepted", ["b"])}


def test_what_no_evidence_says_anything_of_has_no_premise_and_no_stance(tmp_path: Path) -> None:
    assert derived(
        tmp_path,
        "CONSTRUCT { ?x dlg:is 'a page' } WHERE { ?x dlg:url ?url }",
        "source:page dlg:url 'http://example.org/' .\n",
    ) == {"page is a page": ("", [])}


def test_a_literal_has_its_evidence_however_a_file_writes_it(tmp_path: Path) -> None:
    assert derived(
        tmp_path,
        "CONSTRUCT { ?x dlg:is dlg:sixteenth } WHERE { ?x dlg:ordinal 16 }",
        evidence("a", "accepted", "conf:a dlg:ordinal 016"),
        evidence("b", "accepted", "conf:b dlg:ordinal 17"),
    ) == {"a is sixteenth": ("accepted", ["a"])}


def test_a_day_rests_on_the_dates_that_begin_or_end_on_it(tmp_path: Path) -> None:
    def dated(name: str, stance: str, text: str) -> str:
        return evidence(name, stance, f'conf:a dlg:date "{text}"^^edtf:EDTF-level1')

    assert derived(
        tmp_path,
        INVERSE,
        dated("a", "accepted", "2015"),
        dated("b", "inferred", "2015-05-19/2015-12"),
        dated("c", "editorial", "2015-05-19/2015-12"),
        dated("d", "rejected", "2015-05-19"),
    ) == {
        "a begins 2015-05-19": ("inferred", ["b"]),
        "a ends 2015-12-31": ("accepted", ["a"]),
        "a precision span": ("inferred", ["b"]),
    }


def test_a_derivation_is_named_by_its_fact_and_describes_it(tmp_path: Path) -> None:
    quads = inference.dataset(read_record(lay(tmp_path)))
    fact = f"<{BASE}id/place/lisbon> <{DLG}hosted> <{BASE}id/conference/one>"
    name = ox.NamedNode(NAMES + hashlib.sha256(f"{fact} .".encode()).hexdigest()[:16])
    assert [" ".join(map(str, q.triple)) for q in quads if q.graph_name == name] == [fact]
    about = {(p, o, graph) for s, p, o, graph in quads if s == name}
    assert about == {
        (RDF.type, DLG.Derivation, inference.DEFAULT),
        (DLG.derivedBy, ox.NamedNode(f"{BASE}dump/rules/10-hosted.rq"), inference.DEFAULT),
        (DLG.premise, ox.NamedNode(f"{BASE}id/evidence/page.001"), inference.DEFAULT),
        (DLG.stance, DLG.accepted, inference.DEFAULT),
    }


# The whole record.


@cache
def record() -> Record:
    return read_record(PROJECT)


def conclusions(data: Iterable[ox.Quad]) -> list[Derivation]:
    quads = list(data)
    held = inference.held([*quads, *inference.quads(record().ontology)])
    return inference.derivations(record().base, inference.rule_graphs(record(), held), quads)


@cache
def whole() -> list[Derivation]:
    return conclusions(inference.quads(record().data))


def test_every_fact_of_the_rules_has_a_derivation_of_its_own_with_premises() -> None:
    quads = inference.dataset(record())
    concluded = {q.triple for q in quads if str(q.graph_name).startswith(f"<{BASE}graph/rule/")}
    assert len(concluded) > 2000
    assert {one.fact for one in whole()} == concluded
    assert len({one.name for one in whole()}) == len(whole()) == len(concluded)
    assert [one.fact for one in whole() if not one.grounds and not is_silence(one)] == []
    # What says that nothing is known rests on nothing.
    silence = [one for one in whole() if is_silence(one)]
    assert silence
    assert [one.fact for one in silence if one.grounds] == []


def is_silence(one: Derivation) -> bool:
    return one.fact.object == DLG.unknownList


def test_the_stance_of_every_fact_is_that_of_the_weakest_of_its_premises() -> None:
    data = inference.quads(record().data)
    stances = {q.subject: q.object for q in data if q.predicate == DLG.stance}
    wrong = []
    for one in whole():
        if is_silence(one):
            continue
        assert one.grounds
        weakest = max((stances[e] for e in one.grounds.evidence), key=STRENGTH.index)
        if weakest != one.grounds.stance:
            wrong.append(one)
    assert wrong == []
    assert {one.grounds.stance for one in whole() if one.grounds} == set(STRENGTH)


def replaced(quad: ox.Quad) -> ox.Quad:
    """Return a statement of something else, of which nothing more is said."""
    assert isinstance(quad.subject, ox.NamedNode)
    other = ox.NamedNode(f"{quad.subject.value}-against")
    return ox.Quad(other, quad.predicate, quad.object, quad.graph_name)


@pytest.mark.parametrize("places", [1, 2])
def test_a_fact_is_as_strong_as_the_evidence_from_which_alone_it_follows(places: int) -> None:
    """The rules run again without weaker evidence, but for what classes things are of."""
    data = inference.quads(record().data)
    stances = inference.stances(data)
    filed = {RDF.type, RDFS.subClassOf}
    strong = [
        quad
        for quad in data
        if quad.graph_name == inference.DEFAULT
        or stances[quad.graph_name] & set(STRENGTH[:places])
        or (quad.predicate in filed and stances[quad.graph_name] & inference.HELD)
    ]
    assert len(strong) < len(data)
    # What speaks against a conclusion does so at any strength: that somebody held another office
    # too. Of a thing without a class, no rule concludes anything from it.
    strong += [replaced(quad) for quad in data if quad.predicate in {MEMBER, DLG.office}]
    facts = {one.fact for one in whole() if not is_silence(one)}
    # What only follows because something is missing is no fact of the whole record.
    again = {one.fact for one in conclusions(strong)} & facts
    assert again == {one.fact for one in whole() if one.grounds and one.grounds.weakest < places}
    assert 0 < len(again) < len(facts)
