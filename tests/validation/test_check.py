"""Checking: what is found, why, and where it is written."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.errors import Fault
from app.namespaces import DLG, DSH
from app.record.record import read_record
from app.validation.check import Severity, check, run, validate
from app.validation.findings import Finding

PROJECT = Path(__file__).parents[2]
AS_OF = date(2026, 1, 1)
FORUM_1 = "data/conferences/forum-1.trig"
PAGE = "data/sources/page.trig"
LITERAL = (
    "A literal is valid for its datatype, and its datatype is the one that its property takes."
)

Change = Callable[[str], str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small record that breaks nothing, with our ontology and shapes, to change.

    It is the current folder, so that places read as they do for somebody who works in it.
    """
    shutil.copytree(PROJECT / "tests/cases/base", tmp_path, dirs_exist_ok=True)
    for folder in ("ontology", "shapes"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.fixture
def bare(root: Path) -> Path:
    """The same with no shapes but those that declare the rules of the program."""
    for file in (root / "shapes").glob("*.ttl"):
        if file.name != "files.ttl":
            file.unlink()
    return root


def edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def at(path: str, needle: str) -> str:
    """Where a text stands that stands in a file once."""
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(needle) == 1, f"{needle!r} stands {text.count(needle)} times in {path}"
    before = text[: text.index(needle)]
    return f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def told(finding: Finding) -> tuple[object, ...]:
    value = finding.value and finding.value.short
    return (
        [str(place) for place in finding.places],
        finding.shape.short,
        finding.detail,
        finding.focus.short,
        value,
    )


def found(root: Path) -> list[tuple[object, ...]]:
    return [told(finding) for finding in check(read_record(root), as_of=AS_OF)]


def test_a_record_without_a_fault_has_no_findings(root: Path) -> None:
    assert check(read_record(root), as_of=AS_OF) == []


def test_a_broken_date_is_found_at_its_line_and_column(root: Path) -> None:
    edit(FORUM_1, '"2015-05-19"^^', '"2015-02-30"^^')
    (finding,) = [f for f in check(read_record(root), as_of=AS_OF) if "Literal" in f.shape.full]
    assert told(finding) == (
        [at(FORUM_1, '"2015-02-30"')],
        "dsh:Literal-valid",
        "“2015-02-30”: there is no such day: the days of 2015-02 are 01 to 28.",
        "conf:forum-1",
        '"2015-02-30"^^edtf:EDTF-level1',
    )
    assert (finding.rule, finding.severity) == (LITERAL, Severity.VIOLATION)
    assert finding.path is not None
    assert finding.path.full == "https://w3id.org/dialogue/ontology#date"


def test_a_fact_without_a_quote_is_refused(root: Path) -> None:
    quote = '    dlg:quote "In Lisbon all three ministers were present."@en ;\n'
    edit(FORUM_1, quote, "")
    (finding,) = check(read_record(root), as_of=AS_OF)
    assert (finding.rule, finding.severity) == (
        "Evidence has a quote or a record, unless it is editorial.",
        Severity.VIOLATION,
    )
    assert told(finding) == (
        [at(FORUM_1, "ev:page.013\n    a dlg:Evidence")],
        "dsh:Evidence-grounds",
        "ev:page.013 has neither.",
        "ev:page.013",
        None,
    )


def test_a_missing_value_is_found_where_its_subject_is_typed(root: Path) -> None:
    edit(FORUM_1, "        dlg:agent state:MAR ;\n", "")
    finding, adopted = check(read_record(root), as_of=AS_OF)
    assert finding.rule == "Exactly one state, body or person takes part."
    assert told(finding) == (
        [at(FORUM_1, "part:forum-1.MAR\n        a dlg:Participation")],
        "dsh:Participation-agent",
        "",
        "part:forum-1.MAR",
        None,
    )
    # Of the three who adopted the declaration only the one who was not there is pointed at.
    declaration = "data/documents/lisbon-declaration-2015.trig"
    assert told(adopted) == (
        [at(declaration, "state:MAR")],
        "dsh:Document-adoptedBy",
        "state:MAR adopted doc:lisbon-declaration-2015, but did not take part in conf:forum-1.",
        "doc:lisbon-declaration-2015",
        "state:MAR",
    )


def test_a_value_too_many_is_found_at_every_place_where_it_is_written(root: Path) -> None:
    edit(FORUM_1, "dlg:agent state:MAR ;", "dlg:agent state:MAR ;\n        dlg:agent state:west ;")
    edit(FORUM_1, "state:west", "place:west")
    findings = [f for f in check(read_record(root), as_of=AS_OF) if "agent" in f.shape.full]
    assert [told(f) for f in findings] == [
        (
            [at(FORUM_1, "state:MAR ;\n        dlg:agent"), at(FORUM_1, "place:west")],
            "dsh:Participation-agent",
            "",
            "part:forum-1.MAR",
            None,
        ),
        (
            [at(FORUM_1, "place:west")],
            "dsh:Participation-agent",
            "It is dlg:Region, and foaf:Agent is expected.",
            "part:forum-1.MAR",
            "place:west",
        ),
    ]


def test_a_rule_over_the_whole_graph_names_the_offender_and_not_the_dataset(root: Path) -> None:
    edit(FORUM_1, "dlg:hostState state:PRT", "dlg:hostState state:FRA")
    findings = check(read_record(root), as_of=AS_OF)
    (finding,) = [f for f in findings if f.shape.short == "dsh:Event-placeInHost"]
    assert finding.rule == "The place of an event lies in its host state."
    assert told(finding) == (
        [at(FORUM_1, "state:FRA ;\n        dlg:inSeries")],
        "dsh:Event-placeInHost",
        "conf:forum-1 is hosted by state:FRA, but its place lies in state:PRT.",
        "conf:forum-1",
        "state:FRA",
    )


def test_a_derived_triple_is_found_at_its_premises(root: Path) -> None:
    # Who presides, hosts: the host is not written, but follows from the place.
    edit(FORUM_1, "        dlg:hostState state:PRT ;\n", "")
    edit(FORUM_1, "dlg:place place:lisbon", "dlg:place place:rabat")
    findings = check(read_record(root), as_of=AS_OF)
    (finding,) = [f for f in findings if f.shape.short == "dsh:Conference-hostPresides"]
    assert finding.severity == Severity.WARNING
    assert told(finding) == (
        [
            at(FORUM_1, "place:rabat"),
            at("data/places/morocco.trig", "state:MAR"),
            at("data/places/rabat.trig", "place:morocco"),
            at(FORUM_1, "dlg:Conference"),
        ],
        "dsh:Conference-hostPresides",
        "conf:forum-1 is hosted by state:MAR, which did not preside over framework:forum then.",
        "conf:forum-1",
        "state:MAR",
    )


def test_the_day_that_counts_as_today_is_the_only_clock(root: Path) -> None:
    record = read_record(root)
    overdue = [f.detail for f in check(record, as_of=date(2031, 1, 1)) if "overdue" in f.shape.full]
    assert overdue == ["conf:forum-3 is planned, but its time ended on 2030-12-31."]


def test_a_rejected_claim_breaks_no_shape_but_its_literals_are_looked_at(root: Path) -> None:
    text = Path(FORUM_1).read_text(encoding="utf-8")
    claim = """
ev:page.012b {
    conf:forum-1
        dlg:date "2016-13"^^edtf:EDTF-level1 ;
        dlg:place place:paris ;
        dlg:status dlg:cancelled ;
    .
}

ev:page.012b
    a dlg:Evidence ;
    dlg:quote "The 1st meeting of the Forum"@en ;
    dlg:source source:page ;
    dlg:stance dlg:rejected ;
    skos:editorialNote "For the test."@en ;
.
"""
    before, after = text.split("\nev:page.013 {", 1)
    Path(FORUM_1).write_text(before + claim + "\nev:page.013 {" + after, encoding="utf-8")
    assert found(root) == [
        (
            [at(FORUM_1, '"2016-13"')],
            "dsh:Literal-valid",
            "“2016-13”: there is no month 13: months are 01 to 12, seasons 21 to 24.",
            "conf:forum-1",
            '"2016-13"^^edtf:EDTF-level1',
        )
    ]


def test_a_fact_outside_the_graphs_of_evidence_is_refused(bare: Path) -> None:
    with Path(FORUM_1).open("a", encoding="utf-8") as file:
        file.write("\npart:forum-1.PRT\n    dlg:event conf:forum-1 ;\n.\n")
    assert found(bare) == [
        (
            [at(FORUM_1, "part:forum-1.PRT\n    dlg:event")],
            "dsh:Graph-evidence",
            "This fact stands outside the graphs: put it into the graph of a passage.",
            "part:forum-1.PRT",
            "conf:forum-1",
        )
    ]


def test_a_graph_that_nothing_describes_is_refused(bare: Path) -> None:
    edit(FORUM_1, "ev:page.013\n    a dlg:Evidence ;\n", "ev:page.013\n")
    findings = [f for f in found(bare) if f[1] == "dsh:Graph-evidence"]
    assert findings == [
        (
            [at(FORUM_1, "ev:page.013 {")],
            "dsh:Graph-evidence",
            "This graph is not described: say its source, its quote and its stance.",
            "ev:page.013",
            None,
        ),
    ]


def test_the_facts_of_one_passage_stand_in_one_file(bare: Path) -> None:
    other = "data/conferences/forum-2.trig"
    graph = 'ev:page.012 {\n    conf:forum-2\n        dlg:ordinalLabel "2nd" ;\n    .\n}\n\n'
    text = Path(other).read_text(encoding="utf-8")
    first = text.index("ev:page.0")
    Path(other).write_text(text[:first] + graph + text[first:], encoding="utf-8")
    findings = [f for f in found(bare) if f[1] != "dsh:File-text"]
    assert findings == [
        (
            [at(other, "ev:page.012 {"), at(FORUM_1, "ev:page.012 {")],
            "dsh:Graph-file",
            f"It stands in {FORUM_1} too: give this passage a name of its own.",
            "ev:page.012",
            None,
        )
    ]


def test_a_file_bears_the_name_of_its_subject(bare: Path) -> None:
    Path(FORUM_1).rename("data/conferences/forum-one.trig")
    (place,) = [f for f in found(bare) if f[1] == "dsh:File-name"]
    assert place == (
        [at("data/conferences/forum-one.trig", "conf:forum-1\n        skos:prefLabel")],
        "dsh:File-name",
        "No IRI here ends in /forum-one.",
        "conf:forum-1",
        None,
    )


def test_a_file_without_a_named_subject_bears_no_name(bare: Path) -> None:
    path = "data/places/nowhere.ttl"
    Path(path).write_text("[]\n    a <https://w3id.org/dialogue/ontology#City> ;\n.\n")
    (place,) = [f for f in found(bare) if f[1] == "dsh:File-name"]
    address = Path(path).absolute().as_uri()
    assert place == (
        [f"{path}:1:1"],
        "dsh:File-name",
        "No IRI here ends in /nowhere.",
        f"<{address}>",
        None,
    )


def test_a_fact_stands_in_the_file_of_its_subject(bare: Path) -> None:
    edit(FORUM_1, "    part:forum-1.FRA\n", "    part:forum-2.FRA\n")
    edit(FORUM_1, "    part:forum-1.MAR\n", "    place:paris\n")
    findings = [f for f in found(bare) if f[1] == "dsh:File-subject"]
    assert findings == [
        (
            [at(FORUM_1, "part:forum-2.FRA")],
            "dsh:File-subject",
            "Its home is data/conferences/forum-2.trig.",
            "part:forum-2.FRA",
            "dlg:Participation",
        ),
        (
            [at(FORUM_1, "place:paris")],
            "dsh:File-subject",
            "Its home is data/places/paris.trig.",
            "place:paris",
            "dlg:Participation",
        ),
    ]


def test_a_subject_without_a_file_of_its_own_stands_in_one_file(bare: Path) -> None:
    for path in (FORUM_1, "data/conferences/forum-2.trig"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write("\nsource:nobody-s\n    a dlg:Source ;\n.\n")
    findings = [f for f in found(bare) if f[1] == "dsh:File-subject"]
    assert findings == [
        (
            [at("data/conferences/forum-2.trig", "source:nobody-s")],
            "dsh:File-subject",
            f"Its home is {FORUM_1}.",
            "source:nobody-s",
            "dlg:Source",
        )
    ]


def test_a_text_that_is_not_canonical_is_found_at_its_first_other_line(bare: Path) -> None:
    edit(FORUM_1, "        dlg:ordinal 1 ;\n", "        dlg:ordinal  1 ;\n")
    line = at(FORUM_1, "dlg:ordinal  1").split(":")[1]
    ((places, shape, detail, _, value),) = found(bare)
    assert (places, shape, detail, value) == (
        [f"{FORUM_1}:{line}:1"],
        "dsh:File-text",
        f"From line {line} on it would read otherwise: dialogue format writes it.",
        None,
    )


@pytest.mark.parametrize(
    ("quote", "detail"),
    [
        (
            "In Lisboa all three ministers were present.",
            "“In Lisboa all three ministers were present.” is not there; nearest is “In Lisbon"
            " all three ministers were present.”.",
        ),
        (
            "The Forum … took off in Lisbon",
            "“took off in Lisbon” is not there; nearest is “took place in Lisbon”.",
        ),
        (
            "all three ministers … The Forum was founded in 2014 … In Lisbon",
            "“In Lisbon” stands before what the quote puts ahead of it.",
        ),
    ],
)
def test_a_quote_that_its_source_does_not_hold_is_shown_what_it_holds(
    bare: Path, quote: str, detail: str
) -> None:
    edit(FORUM_1, "In Lisbon all three ministers were present.", quote)
    assert found(bare) == [
        (
            [at(FORUM_1, f'"{quote}"')],
            "dsh:Quote-verbatim",
            detail,
            "ev:page.013",
            f'"{quote}"@en',
        )
    ]


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("In Lisbon all three … were present.", "In Lisbon all three ministers were present."),
        ("In Lisbon all three", "In\\u00a0Lisbon\\n   all three"),
        ("In\\u00A0Lisbon all", "In Lisbon all"),
        ("present … In", "The present … In"),
    ],
)
def test_a_quote_is_compared_piece_by_piece_whatever_the_space(
    bare: Path, quote: str, text: str
) -> None:
    edit(FORUM_1, "In Lisbon all three ministers were present.", quote)
    with Path("data/sources/page.txt").open("a", encoding="utf-8") as file:
        file.write(text)
    assert found(bare) == []


def test_a_source_of_which_no_text_is_kept_is_believed(bare: Path) -> None:
    Path("data/sources/page.txt").unlink()
    edit(FORUM_1, "In Lisbon all three ministers were present.", "Anything.")
    assert found(bare) == []


def test_held_dates_that_do_not_nest_are_found_at_both_places(bare: Path) -> None:
    edit(
        FORUM_1,
        "    part:forum-1.FRA\n",
        '    conf:forum-1\n        dlg:date "2015-05-20"^^edtf:EDTF-level1 ;\n    .\n'
        "    part:forum-1.FRA\n",
    )
    assert found(bare) == [
        (
            [at(FORUM_1, '"2015-05-19"'), at(FORUM_1, '"2015-05-20"')],
            "dsh:Dates-nest",
            "2015-05-19 and 2015-05-20 do not: dispute or reject one of them.",
            "conf:forum-1",
            '"2015-05-19"^^edtf:EDTF-level1',
        )
    ]
    edit(FORUM_1, '"2015-05-20"', '"2015-05"')
    assert found(bare) == []


@pytest.mark.parametrize(
    ("old", "new", "needle", "detail"),
    [
        (
            "dlg:ordinalLabel ",
            "dlg:ordinalLabl ",
            "dlg:ordinalLabl ",
            "dlg:ordinalLabl is not defined. Did you mean dlg:ordinalLabel?",
        ),
        (
            "a dlg:Conference ;",
            "a dlg:Confrence ;",
            "dlg:Confrence",
            "dlg:Confrence is not defined. Did you mean dlg:Conference?",
        ),
        (
            "dlg:status dlg:held ;",
            "dlg:status dlg:helt ;",
            "dlg:helt",
            "dlg:helt is not defined. Did you mean dlg:held?",
        ),
        (
            "a dlg:Conference ;",
            "a dlg:place ;",
            "dlg:place ;",
            "dlg:place is no class, but a property.",
        ),
        ("dlg:place ", "dlg:Event ", "dlg:Event ", "dlg:Event is no property, but a class."),
        (
            "dlg:place ",
            "skos:broder ",
            "skos:broder ",
            "skos:broder is not defined. Did you mean skos:broader?",
        ),
    ],
)
def test_a_term_that_is_not_defined_is_found(
    bare: Path, old: str, new: str, needle: str, detail: str
) -> None:
    edit(FORUM_1, old, new)
    findings = [f for f in found(bare) if f[1] == "dsh:Term-defined"]
    assert [(f[0], f[2]) for f in findings] == [([at(FORUM_1, needle)], detail)]


@pytest.mark.parametrize(
    ("old", "new", "needle", "detail"),
    [
        (
            "dlg:ordinal 1 ;",
            'dlg:ordinal "1" ;',
            '"1"',
            "It is of xsd:string, and the property takes xsd:integer.",
        ),
        (
            "dlg:ordinal 1 ;",
            'dlg:ordinal "I"^^<http://www.w3.org/2001/XMLSchema#integer> ;',
            '"I"',
            "“I” is no xsd:integer: write a whole number such as 16.",
        ),
        (
            '"2015-05-19"^^edtf:EDTF-level1',
            '"2015-05-19"',
            '"2015-05-19"',
            "It is of xsd:string, and the property takes edtf:EDTF-level1.",
        ),
        (
            '"2015-05-19"^^edtf:EDTF-level1',
            "state:PRT",
            "state:PRT ;\n        dlg:hostState",
            "The property takes a text of edtf:EDTF-level1.",
        ),
        (
            'Forum"@en',
            'Forum"@english',
            '"1st meeting of the Forum"',
            "“english” is no language tag: write one such as en, pt or ar-Latn.",
        ),
    ],
)
def test_a_literal_that_is_not_valid_is_found(
    bare: Path, old: str, new: str, needle: str, detail: str
) -> None:
    edit(FORUM_1, old, new)
    findings = [f for f in found(bare) if f[1] == "dsh:Literal-valid"]
    assert [(f[0], f[2]) for f in findings] == [([at(FORUM_1, needle)], detail)]


def test_a_literal_of_the_ontology_is_looked_at_too(bare: Path) -> None:
    path = "ontology/ontology.ttl"
    with Path(path).open("a", encoding="utf-8") as file:
        file.write('\n<urn:x:y>\n    <urn:x:z> "2015-02-29"^^xsd:date ;\n.\n')
    findings = [f for f in found(bare) if f[1] == "dsh:Literal-valid"]
    assert [(f[0], f[2]) for f in findings] == [
        ([at(path, '"2015-02-29"')], "“2015-02-29”: there is no such day: this month has 28.")
    ]


@pytest.mark.parametrize(
    ("old", "new", "needle", "detail"),
    [
        (
            "dlg:place place:lisbon",
            "dlg:place state:PRT",
            "state:PRT ;\n        dlg:status",
            "It is dlg:State, and dlg:Place is expected.",
        ),
        (
            "dlg:place place:lisbon",
            "dlg:place place:lisboa",
            "place:lisboa",
            "place:lisboa is described nowhere.",
        ),
        (
            "dlg:place place:lisbon",
            'dlg:place "Lisbon"',
            '"Lisbon"',
            "A text stands where dlg:Place is expected.",
        ),
    ],
)
def test_an_object_of_the_wrong_class_is_found(
    bare: Path, old: str, new: str, needle: str, detail: str
) -> None:
    edit(FORUM_1, old, new)
    findings = [f for f in found(bare) if f[1] == "dsh:Object-class"]
    assert [(f[0], f[2]) for f in findings] == [([at(FORUM_1, needle)], detail)]


def test_what_a_shape_says_is_not_said_again(root: Path) -> None:
    edit(FORUM_1, '"2015-05-19"^^', '"in May"^^')
    findings = [
        f for f in check(read_record(root), as_of=AS_OF) if f.value and "May" in f.value.full
    ]
    assert [told(f) for f in findings] == [
        (
            [at(FORUM_1, '"in May"')],
            "dsh:Dated-date",
            "“in May” is no date of EDTF level 1: write 2013, 2013-12, 2013-12-05,"
            " 2013-12-05/2013-12-06, 2013-12~ or 2013-12/...",
            "conf:forum-1",
            '"in May"^^edtf:EDTF-level1',
        )
    ]


def test_a_prefix_means_what_the_dataset_declares(bare: Path) -> None:
    edit(PAGE, "@prefix schema: <https://schema.org/>", "@prefix schema: <http://schema.org/>")
    edit(PAGE, "@prefix language:", "@prefix lang:")
    edit(PAGE, "language:ENG", "lang:ENG")
    findings = [f for f in found(bare) if f[1] == "dsh:Prefix-known"]
    assert [(f[0], f[2]) for f in findings] == [
        ([at(PAGE, "lang: <")], "“lang:” is not declared by the dataset."),
        (
            [at(PAGE, "schema: <")],
            "“schema:” means https://schema.org/ there and http://schema.org/ here.",
        ),
    ]


def test_a_rule_that_no_shape_declares_is_a_violation_all_the_same(bare: Path) -> None:
    shutil.rmtree("shapes")
    edit(FORUM_1, "dlg:place place:lisbon", "dlg:place place:lisboa")
    (finding,) = check(read_record(bare), as_of=AS_OF)
    assert (finding.severity, finding.rule) == (
        Severity.VIOLATION,
        "dsh:Object-class is kept.",
    )


# What a command is given.


def test_a_path_within_a_record_shows_what_is_found_there(bare: Path) -> None:
    edit(FORUM_1, "dlg:place place:lisbon", "dlg:place place:lisboa")
    edit(PAGE, '"2018-01-16"', '"2018-01-32"')
    both = {FORUM_1, PAGE}
    for paths, where in [
        ([Path()], both),
        ([Path("data")], both),
        ([Path(FORUM_1)], {FORUM_1}),
        ([Path("data/sources").resolve()], {PAGE}),
        ([Path("data/states"), Path("ontology")], set()),
    ]:
        findings = run(paths, as_of=AS_OF)
        assert {f.places[0].path for f in findings} == where


def test_a_record_can_be_checked_against_other_shapes(bare: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ttl"
    other.write_text(
        "@prefix : <http://example.org/> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix dlg: <https://w3id.org/dialogue/ontology#> .\n"
        ":S a sh:NodeShape ; sh:targetClass dlg:Event ; sh:message 'No conferences.' ;"
        " sh:not [ sh:class dlg:Conference ] ."
    )
    findings = run([bare], [other], as_of=AS_OF)
    assert [(str(f.places[0]), f.rule) for f in findings] == [
        (at(f"data/conferences/forum-{n}.trig", f"conf:forum-{n}\n        a "), "No conferences.")
        for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("paths", "shapes", "message"),
    [
        (["gone.ttl"], [], "gone.ttl: no such file or folder"),
        (["."], ["gone.ttl"], "gone.ttl: no such file or folder"),
        (["empty"], [], "empty: a folder without data: no RDF file in it"),
        (
            ["lone/a.ttl"],
            [],
            "lone/a.ttl: belongs to no record; say what to check it against with --shapes",
        ),
        (["lone/a.ttl"], ["lone/none.ttl"], "lone/none.ttl: the file is empty"),
        (
            ["lone/a.ttl"],
            ["lone/b.txt"],
            "lone/b.txt: unknown kind of file; RDF files end in one of ",
        ),
    ],
)
def test_a_wrong_input_gets_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    paths: list[str],
    shapes: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("empty", "lone"):
        (tmp_path / folder).mkdir()
    (tmp_path / "lone/a.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    (tmp_path / "lone/none.ttl").write_text("")
    (tmp_path / "lone/b.txt").write_text("b")
    with pytest.raises(Fault) as fault:
        run([Path(p) for p in paths], [Path(s) for s in shapes], as_of=AS_OF)
    assert str(fault.value).startswith(message)
    assert "\n" not in str(fault.value)


def test_every_file_that_cannot_be_read_has_its_line(bare: Path) -> None:
    edit(FORUM_1, "dlg:ordinal 1 ;", "dlg:ordinal 1 ;;;]")
    Path("data/states/PRT.trig").write_bytes(
        "# é\n".encode() + '<urn:a> <urn:b> "é" .'.encode("latin-1")
    )
    Path("ontology/events.ttl").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    Path("shapes/files.ttl").write_text("", encoding="utf-8")
    with pytest.raises(Fault) as fault:
        run([bare], as_of=AS_OF)
    line, column = at(FORUM_1, "]").split(":")[1:]
    assert [part.split(": ")[0] for part in str(fault.value).splitlines()] == [
        "ontology/events.ttl:1:1",
        f"{FORUM_1}:{line}:{column}",
        "data/states/PRT.trig:2:18",
        "shapes/files.ttl",
    ]


def test_a_file_without_permission_is_named(bare: Path) -> None:
    Path(PAGE).chmod(0)
    if os.access(PAGE, os.R_OK):
        pytest.skip("whoever runs this may read everything")
    with pytest.raises(Fault, match="no permission to read it"):
        run([bare], as_of=AS_OF)


def test_progress_goes_up_to_the_end(bare: Path) -> None:
    shares: list[float] = []
    run([bare], as_of=AS_OF, advance=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_same_record_gives_the_same_findings_in_the_same_order(root: Path) -> None:
    edit(FORUM_1, "dlg:place place:lisbon", "dlg:place place:rabat")
    edit(FORUM_1, "        dlg:agent state:MAR ;\n", "")
    first, second = (check(read_record(root), as_of=AS_OF) for _ in range(2))
    assert first == second
    assert [f.order for f in first] == sorted(f.order for f in first)
    assert len(first) > 3


@pytest.mark.parametrize(
    ("kind", "shapes"), [("Derivation", []), ("Evidence", [f"{DSH}Evidence-reason"])]
)
def test_a_released_conclusion_need_not_say_why_it_is_inferred(
    tmp_path: Path, kind: str, shapes: list[str]
) -> None:
    """Its premises do; evidence has nothing else that could."""
    released = tmp_path / "dialogue.ttl"
    released.write_text(
        f"@prefix dlg: <{DLG}> .\n"
        f"<https://w3id.org/dialogue/id/evidence/page.001> a dlg:{kind} ;\n"
        '  dlg:stance dlg:inferred ; dlg:quote "so"@en ; dlg:source <https://e.org/> .\n'
        "<https://e.org/> a dlg:Source .\n"
        '<https://e.org/set> <http://rdfs.org/ns/void#uriSpace> "https://e.org/" .\n'
    )
    findings = validate([released], [PROJECT / "shapes"])
    reason = f"{DSH}Evidence-reason"
    broken = [f.shape.full for f in findings if f.severity >= Severity.VIOLATION]
    assert [shape for shape in broken if shape == reason] == shapes
