"""Findings as text and in the formats that tools read."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.rdf.parser import Place
from app.validation.findings import Finding, Name, Severity
from app.validation.reports.render import render

DSH, CONF = "https://w3id.org/dialogue/shapes#", "https://w3id.org/dialogue/id/conference/"
DATE = Name("https://w3id.org/dialogue/ontology#date", "dlg:date")
NASTY = "100 % sure:\r\na, b\x1b[31m\x00"


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
        "1 violation, 1 warning, 0 remarks\n"
    )


@pytest.mark.parametrize(
    ("findings", "last"),
    [
        ([], "Nothing found: every shape and rule is kept."),
        ([WARNING, WARNING], "0 violations, 2 warnings, 0 remarks"),
        ([finding(), finding(), REMARK], "2 violations, 0 warnings, 1 remark"),
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
    assert json.loads(render([finding(), WARNING], "json")) == {
        "findings": [
            {
                "severity": "violation",
                "shape": DSH + "Literal-valid",
                "rule": "A literal is valid.",
                "detail": "There is no such day.",
                "focus": CONF + "cimo-16",
                "path": DATE.full,
                "value": '"2015-02-30"',
                "places": [
                    {"path": "data/a.trig", "line": 3, "column": 9},
                    {"path": "data/b, c.trig", "line": 1, "column": 1},
                ],
            },
            {
                "severity": "warning",
                "shape": DSH + "Event-overdue",
                "rule": "What became of it?",
                "detail": "",
                "focus": CONF + "cimo-16",
                "path": None,
                "value": None,
                "places": [{"path": "data/a.trig", "line": 7, "column": 5}],
            },
        ],
        "counts": {"info": 0, "warning": 1, "violation": 1},
    }


# The part of the SARIF 2.1.0 schema that we use: for each object, what it must and may have.
SARIF = {
    "": ({"version", "runs"}, {"$schema"}),
    "runs": ({"tool"}, {"results", "columnKind"}),
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
        {"ruleId", "ruleIndex", "level", "locations", "relatedLocations", "properties"},
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
    if not isinstance(value, dict) or name == "properties":
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
    assert (suites.get("tests"), suites.get("failures")) == ("3", "1")
    assert [(s.get("name"), s.get("tests"), s.get("failures")) for s in suites] == [
        ("a:b,c%.ttl", "1", "0"),
        ("data/a.trig", "2", "1"),
    ]
    case = suites[1][0]
    assert case.get("name") == "dsh:Literal-valid at data/a.trig:3:9: conf:cimo-16"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "A literal is valid. There is no such day."
    assert failure.text == (
        "A literal is valid. There is no such day.\ndata/a.trig:3:9\ndata/b, c.trig:1:1"
    )
    remark = suites[0][0].find("system-out")
    assert remark is not None
    assert remark.text is not None
    assert remark.text.startswith("info: 100 % sure:")


def test_junit_without_findings_is_one_test_that_passed() -> None:
    suites = ElementTree.fromstring(render([], "junit"))
    assert [(s.get("tests"), s.get("failures"), len(s)) for s in suites] == [("1", "0", 1)]


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
    assert lines[3:] == ["1 violation, 1 warning, 1 remark"]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_the_same_findings_give_the_same_text_that_ends_with_a_line_feed(form: str) -> None:
    text = render(ALL, form)
    assert text == render(list(ALL), form)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
