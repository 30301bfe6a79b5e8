"""The tables of a release, compared whole with its dataset; evidence, dates and sources."""

import csv
from collections import Counter
from itertools import chain
from pathlib import Path

import pyoxigraph as ox
import pytest
from tabular import ODD, TABLES, E, converted, lay, recovered, surveyed, tabulated, truth, whole

from app.manifest import read as manifest_of
from app.namespaces import DLG, RDF
from app.record.record import read_record
from app.release import build
from app.release.columns import survey as columns

ROOT = Path(__file__).parents[2]
HELD = {DLG.accepted, DLG.inferred, DLG.editorial}
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled record, released as CSV."""
    out = tmp_path_factory.mktemp("tables") / "release"
    build.build(read_record(ROOT), out, formats=["csv"])
    return out


@pytest.fixture(scope="module")
def quads(release: Path) -> list[ox.Quad]:
    return list(ox.parse(path=str(release / "dialogue.nq"), format=ox.RdfFormat.N_QUADS))


def rows(folder: Path, name: str) -> Rows:
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_tables_of_the_record_say_what_its_dataset_says_and_nothing_else(
    release: Path,
) -> None:
    released = manifest_of(release)
    survey = columns.survey(release, released.base, released.prefixes)
    names = {one.iri: one.name for one in survey.classes}
    expected = {names[k]: facts for k, facts in truth(release / "dialogue.nq", names).items()}
    found = recovered(release, lambda name: rows(release, name))
    for name, facts in expected.items():
        assert found[name] == facts, name
    assert found.keys() == expected.keys()
    assert {"Conference", "Event", "Document", "Person", "State", "Framework", "Membership"} < {
        *expected
    }


def test_the_evidence_of_the_record_is_told_whole_and_rejected_claims_only_there(
    release: Path, quads: list[ox.Quad]
) -> None:
    default = {q.triple for q in quads if isinstance(q.graph_name, ox.DefaultGraph)}
    stances = {t.subject: t.object for t in default if t.predicate == DLG.stance}
    premises: dict[object, list[str]] = {}
    for t in default:
        if t.predicate == DLG.premise:
            premises.setdefault(t.subject, []).append(_text(t.object))
    expected: Counter[tuple[str, ...]] = Counter()
    for q in quads:
        fact = _text(q.subject), q.predicate.value, _text(q.object)
        held = "true" if q.triple in default else "false"
        if q.graph_name in premises:
            expected.update((p, *fact, held, _text(q.graph_name)) for p in premises[q.graph_name])
        elif q.graph_name in stances:
            expected[(_text(q.graph_name), *fact, held, "")] += 1
    table = rows(release, "evidence")
    keys = ("evidence", "subject", "property", "value", "held", "derivation")
    assert Counter(tuple(row[key] for key in keys) for row in table) == expected
    quotes = {_text(t.subject): _text(t.object) for t in default if t.predicate == DLG.quote}
    sources = {_text(t.subject): _text(t.object) for t in default if t.predicate == DLG.source}
    assert all(row["quote"] == quotes.get(row["evidence"], "") for row in table)
    assert all(row["source"] == sources[row["evidence"]] for row in table)
    rejected = [row for row in table if row["held"] == "false"]
    assert {row["stance"] for row in rejected} == {"disputed", "rejected", "superseded"}
    # What no table of a class has of its thing, and every claim that is held is in one.
    told = chain.from_iterable(recovered(release, lambda name: rows(release, name)).values())
    facts = {(s, p, o) for s, p, o, _ in told}
    assert [r for r in rejected if (r["subject"], r["property"], r["value"]) in facts] == []


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def test_a_fact_that_is_left_out_or_added_is_seen(tmp_path: Path) -> None:
    made = tabulated(tmp_path)
    expected = whole(tmp_path, made)
    assert recovered(tmp_path, lambda name: rows(tmp_path, name)) == {
        name: {(s, p, o, t) for s, p, o, t in facts} for name, facts in expected.items()
    }
    lay(tmp_path, "<http://example.org/new> a <http://example.org/Site> .")
    assert recovered(tmp_path, lambda name: rows(tmp_path, name)) != truth(
        tmp_path / "dialogue.nq", ["http://example.org/Site"]
    )


TYPED = """\
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:typed a :Typed ; :int "5"^^xsd:int ; :float "1.5"^^xsd:float ; :year "2015"^^xsd:gYear ;
    :month "2015-05"^^xsd:gYearMonth ; :own "x"^^:own ;
    :moment "2015-05-19T10:00:00Z"^^xsd:dateTime ;
    :address "http://e.org/"^^xsd:anyURI ; :right "x"@ar--rtl ; :wrong "x"^^xsd:integer .
"""


def test_as_rdf_the_tables_say_what_the_dataset_says_or_nothing(tmp_path: Path) -> None:
    tabulated(tmp_path, ODD + TYPED)
    default = {
        quad.triple
        for quad in ox.parse(path=str(tmp_path / "dialogue.nq"), format=ox.RdfFormat.N_QUADS)
        if isinstance(quad.graph_name, ox.DefaultGraph)
    }
    things = {triple.subject for triple in default if triple.predicate == RDF.type}
    made = converted(tmp_path)
    # What has no name is called by a place there, and is another thing in every file of RDF.
    wrong = {t for t in made - default if not str(t.subject).startswith(f"<{TABLES}")}
    assert wrong == set()
    lost = {(t.subject, t.predicate.value) for t in default - made if t.subject in things}
    named = {
        iri.removeprefix(E)
        for subject, iri in lost
        if isinstance(subject, ox.NamedNode) and iri.startswith(E)
    }
    tagged, empty = {"alias", "text", "turned", "right"}, {"blank", "nothing"}
    mixed = {"alike", "mixed", "part", "same", "sorts", "words"}
    # One value written twice, or no value of the type.
    odd = {"decimal", "double", "fine", "truth", "whole", "huge", "plus", "wrong"}
    assert named == {*tagged, *empty, *mixed, *odd, "moment", "address"}


def test_as_rdf_the_tables_of_the_record_say_nothing_else(
    release: Path, quads: list[ox.Quad]
) -> None:
    default = {q.triple for q in quads if isinstance(q.graph_name, ox.DefaultGraph)}
    made = converted(release)
    assert made - default == set()
    assert {"date", "begins", "place"} <= {
        triple.predicate.value.removeprefix(str(DLG)) for triple in made
    }


def test_of_several_dates_the_finest_is_in_the_table_and_all_are_beside_it(tmp_path: Path) -> None:
    tabulated(tmp_path)
    (one,) = (row for row in rows(tmp_path, "Fort") if row["iri"].endswith("/one"))
    assert {key: value for key, value in one.items() if key.startswith("built")} == {
        "built": "1650",
        "built_begins": "1650-01-01",
        "built_ends": "1650-12-31",
        "built_precision": DLG.year.value,
    }
    assert [[*row.values()][1:] for row in rows(tmp_path, "Fort--built")] == [
        ["1649/1651", "1649-01-01", "1651-12-31", DLG.span.value],
        ["1650", "1650-01-01", "1650-12-31", DLG.year.value],
        ["1650-XX", "1650-01-01", "1650-12-31", DLG.year.value],
    ]


def test_a_precision_is_of_one_scheme_in_every_table(release: Path) -> None:
    scheme = {
        row["iri"] for row in rows(release, "Concept") if "precisionScheme" in row["inScheme"]
    }
    assert len(scheme) > 5
    of_things = {row["iri"]: row["precision"] for row in rows(release, "Event")}
    told: dict[str, set[str]] = {}
    for row in rows(release, "Event--date"):
        told.setdefault(row["subject"], set()).add(row["precision"])
    assert set().union(*told.values(), of_things.values()) - {""} <= scheme
    # Of several dates of a thing, its own precision is that of the narrowest.
    assert all(of_things[thing] in several for thing, several in told.items())
    assert {one for several in told.values() for one in several} > {DLG.day.value, DLG.year.value}


def test_each_cell_has_the_number_of_its_sources_and_each_value_its_evidence(
    tmp_path: Path,
) -> None:
    tabulated(tmp_path)
    sites = {row["iri"].rpartition("/")[2]: row for row in rows(tmp_path, "Site")}
    # A page that is rejected is no source of what is held; a premise is one of what follows.
    assert {name: row["e_height_sources"] for name, row in sites.items()} == {
        "one": "1",
        "two": "0",
        "three": "",
    }
    assert [[*row.values()] for row in rows(tmp_path, "Site--near")] == [
        [f"{E}{a}", f"{E}{b}", label, kind, evidence, sources]
        for a, b, label, kind, evidence, sources in [
            ("one", "three", "Drei", "Site", f"{E}page.1", "1"),
            ("one", "two", "Two", "Site", f"{E}page.1 | {E}page.3", "2"),
            ("two", "one", "One", "Fort", f"{E}page.3", "1"),
        ]
    ]


def test_participants_of_several_classes_have_their_class_beside_them(tmp_path: Path) -> None:
    tabulated(tmp_path)
    owners = [(row["owner_label"], row["owner_kind"]) for row in rows(tmp_path, "Site")]
    assert owners == [("Ana", "Person"), ("", ""), ("The guild", "Guild")]


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        tabulated(tmp_path / name)
        columns.write(surveyed(tmp_path / name), tmp_path / name)
    first, second = (
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.*")}
        for name in ("first", "second")
    )
    assert first == second
