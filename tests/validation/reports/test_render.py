"""Findings as text and in the formats that tools read."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.rdf.parser import Place
from app.rdf.source import read_source
from app.validation.engines.base import Ran
from app.validation.findings import Checked, Finding, Name, Severity, ShapesFault
from app.validation.reports import render as reports

DSH, CONF = "https://w3id.org/dialogue/shapes#", "https://w3id.org/dialogue/id/conference/"
DATE = Name("https://w3id.org/dialogue/ontology#date", "dlg:date")
NASTY = "100 % sure:\r\na, b\x1b[31m\x00"


RUN = ": 2 shapes, 1 focus node and 1,500 constraints were run."
RAN = Ran(shapes=2, focus_nodes=1, constraints=1500)


def render(findings: Sequence[Finding], form: str, **how: object) -> str:
    return reports.render(Checked(tuple(findings), RAN), form, **how)  # type: ignore[arg-type]


def finding(**changed: object) -> Finding:
    given: dict[str, object] = {
        "severity": Severity.VIOLATION,
        "shape": Name(DSH + "Literal-valid", "dsh:Literal-valid"),
        "rule": "A literal is valid.",
        "detail": "There is no such day.",
        "focus": Name(CONF + "cimo-16", "conf:cimo-16"),
        "path": DATE,
        "value": Name('"2015-02-30"', '"2015-02-30"'),
        "places": (Place("data/a.trig", 3, 9), Place("data/b, c.trig", 1, 1)),
    }
    return Finding(**(given | changed))  # type: ignore[arg-type]


WARNING = finding(
    severity=Severity.WARNING,
    shape=Name(DSH + "Event-overdue", "dsh:Event-overdue"),
    rule="What became of it?",
    detail="",
    path=None,
    value=None,
    places=(Place("data/a.trig", 7, 5),),
)
REMARK = finding(severity=Severity.INFO, rule=NASTY, detail="", places=(Place("a:b,c%.ttl", 1, 2),))
ALL = [finding(), WARNING, REMARK]


def test_text_gives_each_finding_its_place_its_rule_and_what_it_is_about() -> None:
    assert render([finding(), WARNING], "text", colour=False) == (
        "data/a.trig:3:9: violation: A literal is valid.\n"
        "    There is no such day.\n"
        "    shape: dsh:Literal-valid\n"
        "    focus: conf:cimo-16\n"
        "    path: dlg:date\n"
        '    value: "2015-02-30"\n'
        "    also at data/b, c.trig:1:1\n"
        "\n"
        "data/a.trig:7:5: warning: What became of it?\n"
        "    shape: dsh:Event-overdue\n"
        "    focus: conf:cimo-16\n"
        "\n"
        f"1 violation, 1 warning, 0 remarks{RUN}\n"
    )


@pytest.mark.parametrize(
    ("findings", "last"),
    [
        ([], f"Nothing found{RUN}"),
        (
            [WARNING, WARNING],
            f"0 violations, 2 warnings, 0 remarks{RUN}",
        ),
        (
            [finding(), finding(), REMARK],
            f"2 violations, 0 warnings, 1 remark{RUN}",
        ),
    ],
)
def test_the_last_line_counts(findings: list[Finding], last: str) -> None:
    assert render(findings, "text").splitlines()[-1] == last
    assert render(findings, "github").splitlines()[-1] == last


def test_text_is_coloured_where_it_is_asked_for_and_not_in_a_pipe() -> None:
    coloured = render(ALL[:2], "text", colour=True)
    assert "\x1b[31m\x1b[1mviolation\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == render(ALL[:2], "text")


def test_no_finding_can_write_to_the_terminal_or_begin_a_line() -> None:
    text = render([finding(rule=NASTY, detail=NASTY)], "text")
    assert not set(text) & {"\x1b", "\x00", "\r"}
    assert len(text.splitlines()) == len(render([finding()], "text").splitlines())


def test_paths_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = finding(places=(Place(f"{tmp_path}/data/a.trig", 1, 1),))
    outside = finding(places=(Place("/elsewhere/a.trig", 1, 1),))
    above = finding(places=(Place("../a.trig", 1, 1),))
    lines = [render([f], "text").split(":")[0] for f in (inside, outside, above)]
    assert lines == ["data/a.trig", "/elsewhere/a.trig", "../a.trig"]


def test_json_gives_full_names_and_counts() -> None:
    inner = finding(rule="It has a name.", detail="", value=None, also=(Place("c.trig", 2, 1),))
    outer = finding(
        findings=(inner,),
        also=(Place("c.trig", 9, 9),),
        component=Name("http://www.w3.org/ns/shacl#OrConstraintComponent", "sh:Or"),
        level=Name("http://example.org/Grave", "ex:Grave"),
        messages=(("en", "A literal is valid."), ("fr", "Un littéral est valide.")),
    )
    report = json.loads(render([outer, WARNING], "json"))
    assert report["counts"] == {"info": 0, "warning": 1, "violation": 1}
    assert report["ran"] == {"shapes": 2, "focus_nodes": 1, "constraints": 1500}
    assert (report["faults"], report["notes"]) == ([], [])
    first, second = report["findings"]
    marks = {first.pop("fingerprint"), second.pop("fingerprint")}
    assert len(marks) == 2
    (inside,) = first.pop("findings")
    assert (inside["rule"], inside["also"]) == (
        "It has a name.",
        [{"path": "c.trig", "line": 2, "column": 1}],
    )
    assert first == {
        "severity": "violation",
        "level": "http://example.org/Grave",
        "shape": DSH + "Literal-valid",
        "rule": "A literal is valid.",
        "detail": "There is no such day.",
        "messages": [
            {"language": "en", "text": "A literal is valid."},
            {"language": "fr", "text": "Un littéral est valide."},
        ],
        "component": "http://www.w3.org/ns/shacl#OrConstraintComponent",
        "focus": CONF + "cimo-16",
        "path": DATE.full,
        "value": '"2015-02-30"',
        "places": [
            {"path": "data/a.trig", "line": 3, "column": 9},
            {"path": "data/b, c.trig", "line": 1, "column": 1},
        ],
        "also": [{"path": "c.trig", "line": 9, "column": 9}],
    }
    assert second == {
        "severity": "warning",
        "level": None,
        "shape": DSH + "Event-overdue",
        "rule": "What became of it?",
        "detail": "",
        "messages": [],
        "component": None,
        "focus": CONF + "cimo-16",
        "path": None,
        "value": None,
        "places": [{"path": "data/a.trig", "line": 7, "column": 5}],
        "also": [],
        "findings": [],
    }


def test_a_fingerprint_knows_a_finding_wherever_it_stands() -> None:
    def mark(one: Finding) -> str:
        (only,) = json.loads(render([one], "json"))["findings"]
        return str(only["fingerprint"])

    same = mark(finding())
    assert mark(finding(places=(Place("data/a.trig", 99, 1),))) == same
    for change in (
        {"value": Name('"2015-02-31"', "x")},
        {"focus": Name(CONF + "cimo-15", "x")},
        {"shape": Name(DSH + "Dated-date", "x")},
        {"path": None},
        {"value": Name('"_:a"', "x")},
        {"value": Name('"file:///a.ttl"', "x")},
    ):
        assert mark(finding(**change)) != same
    # What is said of it differs by language, and may tell a line.
    assert mark(finding(detail="From line 9 on it would read otherwise.", rule="Autre.")) == same


def test_a_fingerprint_is_the_same_on_every_run_and_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marks(folder: str, label: str, file: str = "data/a b.ttl") -> list[str]:
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        monkeypatch.chdir(root)
        node = Name(f"_:{label}", "[ ]")
        address = (root / file).as_uri()
        one, other = Name(f"{address}#x", "x"), Name(f"<<( _:{label} <{address}> 1 )>>", "x")
        findings = [
            finding(focus=node, shape=node),
            finding(value=node),
            finding(focus=one),
            finding(focus=one, value=Name(f'"1"^^<{address}>', "x")),
            finding(focus=one, value=other),
        ]
        fault = ShapesFault(Place("s.ttl", 1, 1), node, f"<{address}#S>: sh:minCout is no term.")
        report = json.loads(reports.render(Checked(tuple(findings), RAN, (fault,)), "json"))
        sarif = json.loads(render(findings, "sarif"))["runs"][0]["results"]
        known = [one["fingerprint"] for one in report["findings"]]
        assert [list(one["partialFingerprints"].values()) for one in sarif] == [[k] for k in known]
        return known + [one["fingerprint"] for one in report["faults"]]

    here = marks("here", "f0.1a")
    assert len(set(here)) == len(here)
    assert marks("there and back", "b7") == here
    assert marks("there and back", "b7", "../a.ttl") == marks("here", "b8", "../a.ttl")
    moved = marks("here", "f0.1a", "data/other.ttl")
    assert [old == new for old, new in zip(here, moved, strict=True)] == [True] * 2 + [False] * 4


def test_text_shows_the_line_with_a_caret_and_what_failed_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> 1 ,\n\t\x1b[31m 2 .\n", encoding="utf-8")
    inner = finding(rule="It is a text.", detail="", places=(Place("a.ttl", 2, 8),))
    outer = finding(
        places=(Place("a.ttl", 1, 17),), also=(Place("a.ttl", 1, 1),), findings=(inner,), detail=""
    )
    assert render([outer], "text", colour=False).splitlines()[:6] == [
        "a.ttl:1:17: violation: A literal is valid.",
        "     1 | <urn:a> <urn:p> 1 ,",
        "       |                 ^",
        "    - It is a text. (a.ttl:2:8)",
        "    shape: dsh:Literal-valid",
        "    focus: conf:cimo-16",
    ]
    assert "    reached by a.ttl:1:1" in render([outer], "text").splitlines()
    assert "\x1b" not in render([inner], "text", colour=False)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_text_counts_lines_as_places_do(tmp_path: Path, end: str) -> None:
    # What else ends a line for Python, is a character like any other in RDF.
    odd = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    file = tmp_path / "a.ttl"
    file.write_bytes(f'<urn:a> <urn:p> "{odd}" .{end}<urn:b> <urn:p> 1 .{end}'.encode())
    source = read_source(file)
    place = source.place(source.text.index("<urn:b>"))
    assert (place.line, place.column) == (2, 1)
    shown = render([finding(places=(place,), detail="")], "text", colour=False).splitlines()
    assert shown[1:3] == ["     2 | <urn:b> <urn:p> 1 .", "       | ^"]


def test_faults_of_shapes_are_told_in_every_format() -> None:
    fault = ShapesFault(Place("s.ttl", 4, 1), Name("urn:S", "<urn:S>"), "sh:minCout is no term.")
    checked = Checked((), Ran(), (fault,))
    text = reports.render(checked, "text", colour=False)
    assert text.splitlines()[0] == "s.ttl:4:1: fault in the shapes: sh:minCout is no term."
    assert text.splitlines()[-1] == (
        "Nothing found; 1 fault in the shapes, which were not all run: "
        "0 shapes, 0 focus nodes and 0 constraints were run."
    )
    assert json.loads(reports.render(checked, "json"))["faults"][0]["shape"] == "urn:S"
    (run,) = json.loads(reports.render(checked, "sarif"))["runs"]
    assert not run["invocations"][0]["executionSuccessful"]
    (told,) = run["invocations"][0]["toolConfigurationNotifications"]
    assert told["message"]["text"] == "sh:minCout is no term."
    assert reports.render(checked, "github").splitlines()[0] == (
        "::error file=s.ttl,line=4,col=1::sh:minCout is no term."
    )
    assert "sh:conforms false" in reports.render(checked, "rdf")
    suites = ElementTree.fromstring(reports.render(checked, "junit"))
    assert [s.get("errors") for s in suites] == ["1"]


def test_no_more_findings_are_shown_than_are_asked_for() -> None:
    text = render(ALL, "text", most=1)
    assert text.count("shape:") == 1
    assert "2 more are not shown (--max)." in text.splitlines()


# The part of the SARIF 2.1.0 schema that we use: for each object, what it must and may have.
SARIF = {
    "": ({"version", "runs"}, {"$schema"}),
    "runs": ({"tool"}, {"results", "columnKind", "invocations"}),
    "invocations": (
        {"executionSuccessful"},
        {"toolConfigurationNotifications", "properties"},
    ),
    "toolConfigurationNotifications": ({"message"}, {"level", "locations"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"semanticVersion", "rules"}),
    "rules": (
        {"id"},
        {"shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"},
    ),
    "shortDescription": ({"text"}, {"markdown"}),
    "fullDescription": ({"text"}, {"markdown"}),
    "help": ({"text"}, {"markdown"}),
    "defaultConfiguration": (set(), {"level"}),
    "results": (
        {"message"},
        {
            "ruleId",
            "ruleIndex",
            "level",
            "locations",
            "relatedLocations",
            "partialFingerprints",
            "properties",
        },
    ),
    "message": ({"text"}, set()),
    "locations": (set(), {"physicalLocation"}),
    "relatedLocations": (set(), {"id", "physicalLocation", "message"}),
    "physicalLocation": ({"artifactLocation", "region"}, set()),
    "artifactLocation": ({"uri"}, set()),
    "region": ({"startLine", "startColumn"}, set()),
}


def conforms(value: object, name: str) -> bool:
    if isinstance(value, list):
        return all(conforms(item, name) for item in value)
    if not isinstance(value, dict) or name in ("properties", "partialFingerprints"):
        return True
    must, may = SARIF[name]
    return must <= set(value) <= must | may and all(
        conforms(member, key) for key, member in value.items()
    )


def test_sarif_is_what_its_schema_asks_for() -> None:
    log = json.loads(render(ALL, "sarif"))
    assert conforms(log, "")
    assert log["version"] == "2.1.0"
    assert json.loads(render([], "sarif"))["runs"][0]["results"] == []


def test_sarif_gives_each_rule_a_help_and_each_finding_its_places() -> None:
    (run,) = json.loads(render([finding(), WARNING], "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["dsh:Event-overdue", "dsh:Literal-valid"]
    assert rules[1] == {
        "id": "dsh:Literal-valid",
        "shortDescription": {"text": "A literal is valid."},
        "fullDescription": {"text": "A literal is valid."},
        "help": {
            "text": f"A literal is valid. The shape is {DSH}Literal-valid.",
            "markdown": f"A literal is valid.\n\nShape: [`dsh:Literal-valid`]({DSH}Literal-valid)",
        },
        "helpUri": f"{DSH}Literal-valid",
        "defaultConfiguration": {"level": "error"},
    }
    first = run["results"][0]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == (rules[1]["id"], 1, "error")
    assert first["message"]["text"] == "conf:cimo-16: A literal is valid. There is no such day."
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "data/a.trig"},
                "region": {"startLine": 3, "startColumn": 9},
            }
        }
    ]
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "data/b%2C%20c.trig"
    }
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_junit_fails_for_violations_only_and_holds_whatever_is_said() -> None:
    suites = ElementTree.fromstring(render(ALL, "junit"))
    assert [(s.get("name"), s.get("tests"), s.get("failures")) for s in suites] == [
        ("a:b,c%.ttl", "1", "0"),
        ("data/a.trig", "2", "1"),
    ]
    case = suites[1][1]
    assert case.get("name") == "dsh:Literal-valid at data/a.trig:3:9: conf:cimo-16"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "A literal is valid. There is no such day."
    assert failure.text == (
        "A literal is valid. There is no such day.\ndata/a.trig:3:9\ndata/b, c.trig:1:1"
    )
    remark = suites[0].find("system-out")
    assert remark is not None
    assert remark.text is not None
    assert remark.text.startswith("info: 100 % sure:")


def test_junit_without_findings_is_one_test_that_passed() -> None:
    suites = ElementTree.fromstring(render([], "junit"))
    assert [(s.get("tests"), s.get("failures"), len(s)) for s in suites] == [("1", "0", 4)]
    assert [part.tag for part in suites[0]] == [
        "properties",
        "testcase",
        "system-out",
        "system-err",
    ]


def test_annotations_hold_whatever_is_said_on_one_line() -> None:
    lines = render(ALL, "github").splitlines()
    assert lines[0] == (
        "::error file=data/a.trig,line=3,col=9,title=dsh%3ALiteral-valid"
        "::conf:cimo-16: A literal is valid. There is no such day.%0AAlso at data/b, c.trig:1:1"
    )
    assert lines[1] == (
        "::warning file=data/a.trig,line=7,col=5,title=dsh%3AEvent-overdue"
        "::conf:cimo-16: What became of it?"
    )
    assert lines[2] == (
        "::notice file=a%3Ab%2Cc%25.ttl,line=1,col=2,title=dsh%3ALiteral-valid"
        "::conf:cimo-16: 100 %25 sure: a, b\\x1b[31m\\x00"
    )
    assert lines[3:] == [f"1 violation, 1 warning, 1 remark{RUN}"]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_the_same_findings_give_the_same_text_that_ends_with_a_line_feed(form: str) -> None:
    text = render(ALL, form)
    assert text == render(list(ALL), form)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_of_many_remarks_about_shapes_text_shows_the_first_and_json_all() -> None:
    shapes = [Name(f"urn:S{n}", f"ex:S{n}") for n in range(5)]
    idle = [
        finding(severity=Severity.INFO, shape=s, focus=s, path=None, value=None) for s in shapes
    ]
    text = render([*idle, finding()], "text")
    assert [s.short in text for s in shapes] == [True, True, True, False, False]
    assert "2 more remarks about shapes: --format json has them all." in text.splitlines()
    assert "1 violation, 0 warnings, 5 remarks" in text
    assert len(json.loads(render(idle, "json"))["findings"]) == 5
    assert "more remarks" not in render(idle[:3], "text")
