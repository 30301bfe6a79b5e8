"""Findings as text for people, and as the formats that tools read."""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import click

from app import __version__
from app.rdf.formats import without_illegal_xml
from app.rdf.parser import Place
from app.validation.findings import Finding, Severity

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_SARIF = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(findings: Sequence[Finding], form: str, *, colour: bool | None = None) -> str:
    """Return findings in a format: `text`, `json`, `sarif`, `junit` or `github`.

    Paths below the current folder are relative to it. `colour` is for text only; by itself it is
    used on a terminal, unless NO_COLOR is set. Ends with a line feed. The same findings give the
    same bytes, in the order in which they are given.
    """
    if form == "text":
        bright = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return _text(findings, bright if colour is None else colour)
    return {"json": _json, "sarif": _sarif, "junit": _junit, "github": _github}[form](findings)


def relative(path: str) -> str:
    """Return a path relative to the current folder, with slashes; as it is if it lies elsewhere."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(path).as_posix()


def _at(place: Place) -> str:
    return f"{relative(place.path)}:{place.line}:{place.column}"


def _told(finding: Finding) -> str:
    return f"{finding.rule} {finding.detail}".strip()


def _line(text: str) -> str:
    """Return a text on one line, with escapes for what a terminal would obey."""
    spaced = " ".join(text.split())
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in spaced)


def _text(findings: Sequence[Finding], colour: bool) -> str:
    def style(text: str, **how: object) -> str:
        return click.style(text, **how) if colour else text  # type: ignore[arg-type]

    lines: list[str] = []
    for finding in findings:
        kind = style(finding.severity.name.lower(), fg=_COLOURS[finding.severity], bold=True)
        place = style(_line(_at(finding.places[0])), bold=True)
        lines.append(f"{place}: {kind}: {_line(finding.rule)}")
        if finding.detail:
            lines.append(f"    {_line(finding.detail)}")
        about = {
            "shape": finding.shape,
            "focus": finding.focus,
            "path": finding.path,
            "value": finding.value,
        }
        lines += [
            f"    {style(f'{label}:', dim=True)} {_line(name.short)}"
            for label, name in about.items()
            if name is not None
        ]
        further = (_line(_at(place)) for place in finding.places[1:])
        lines += [f"    {style('also at', dim=True)} {other}" for other in further]
        lines.append("")
    return "\n".join([*lines, _counts(findings)]) + "\n"


def _counts(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing found: every shape and rule is kept."
    count = Counter(finding.severity for finding in findings)
    words = {
        Severity.VIOLATION: ("violation", "violations"),
        Severity.WARNING: ("warning", "warnings"),
        Severity.INFO: ("remark", "remarks"),
    }
    return ", ".join(
        f"{count[severity]} {words[severity][count[severity] != 1]}" for severity in words
    )


def _json(findings: Sequence[Finding]) -> str:
    count = Counter(finding.severity.name.lower() for finding in findings)
    listed = [
        {
            "severity": finding.severity.name.lower(),
            "shape": finding.shape.full,
            "rule": finding.rule,
            "detail": finding.detail,
            "focus": finding.focus.full,
            "path": finding.path and finding.path.full,
            "value": finding.value and finding.value.full,
            "places": [
                {"path": relative(p.path), "line": p.line, "column": p.column}
                for p in finding.places
            ],
        }
        for finding in findings
    ]
    counts = {severity.name.lower(): count[severity.name.lower()] for severity in Severity}
    return _dump({"findings": listed, "counts": counts})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _sarif(findings: Sequence[Finding]) -> str:
    """Source: SARIF 2.1.0 with Errata 01 (OASIS Standard of 2023-08-28), sections 3.13 to 3.49."""
    rules = {f.shape: f for f in sorted(findings, key=lambda f: f.shape)}
    numbers = {shape: number for number, shape in enumerate(rules)}
    driver = {
        "name": "dialogue",
        "semanticVersion": __version__,
        "rules": [
            {
                "id": shape.short,
                "shortDescription": {"text": finding.rule},
                "fullDescription": {"text": finding.rule},
                "help": {
                    "text": f"{finding.rule} The shape is {shape.full}.",
                    "markdown": f"{finding.rule}\n\nShape: [`{shape.short}`]({shape.full})",
                },
                "defaultConfiguration": {"level": _SARIF[finding.severity]},
                **({"helpUri": shape.full} if shape.full.startswith("http") else {}),
            }
            for shape, finding in rules.items()
        ],
    }
    results = [
        {
            "ruleId": finding.shape.short,
            "ruleIndex": numbers[finding.shape],
            "level": _SARIF[finding.severity],
            "message": {"text": f"{finding.focus.short}: {_told(finding)}"},
            "locations": [_location(finding.places[0])],
            "relatedLocations": [
                {"id": number, **_location(place), "message": {"text": "It is also written here."}}
                for number, place in enumerate(finding.places[1:], 1)
            ],
            "properties": {
                "focus": finding.focus.full,
                "path": finding.path and finding.path.full,
                "value": finding.value and finding.value.full,
            },
        }
        for finding in findings
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return _dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _location(place: Place) -> dict[str, object]:
    path = relative(place.path)
    uri = Path(path).as_uri() if Path(path).is_absolute() else quote(path)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }


def _junit(findings: Sequence[Finding]) -> str:
    """A test suite for each file; what is less than a violation does not fail."""
    suites = ElementTree.Element("testsuites", name="dialogue check")
    by_file = sorted(findings, key=lambda f: relative(f.places[0].path))
    for path, group in groupby(by_file, key=lambda f: relative(f.places[0].path)):
        _suite(suites, path, list(group))
    if not findings:
        suite = ElementTree.SubElement(
            suites, "testsuite", name="dialogue check", tests="1", failures="0"
        )
        ElementTree.SubElement(suite, "testcase", classname="dialogue", name="check")
    failures = sum(finding.severity == Severity.VIOLATION for finding in findings)
    suites.set("tests", str(len(findings) or 1))
    suites.set("failures", str(failures))
    ElementTree.indent(suites)
    written = ElementTree.tostring(suites, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _suite(suites: ElementTree.Element, path: str, findings: Sequence[Finding]) -> None:
    failures = sum(finding.severity == Severity.VIOLATION for finding in findings)
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=without_illegal_xml(path),
        tests=str(len(findings)),
        failures=str(failures),
    )
    for finding in findings:
        name = f"{finding.shape.short} at {_at(finding.places[0])}: {finding.focus.short}"
        case = ElementTree.SubElement(
            suite, "testcase", classname=without_illegal_xml(path), name=without_illegal_xml(name)
        )
        said = without_illegal_xml("\n".join([_told(finding), *map(_at, finding.places)]))
        if finding.severity == Severity.VIOLATION:
            failure = ElementTree.SubElement(
                case,
                "failure",
                message=without_illegal_xml(_told(finding)),
                type=without_illegal_xml(finding.shape.short),
            )
            failure.text = said
        else:
            ElementTree.SubElement(
                case, "system-out"
            ).text = f"{finding.severity.name.lower()}: {said}"


def _github(findings: Sequence[Finding]) -> str:
    """Workflow commands: an annotation at the place of each finding."""
    lines = []
    for finding in findings:
        place = finding.places[0]
        properties = {
            "file": relative(place.path),
            "line": str(place.line),
            "col": str(place.column),
            "title": finding.shape.short,
        }
        head = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        also = [f"Also at {_at(other)}" for other in finding.places[1:]]
        message = "\n".join([_line(f"{finding.focus.short}: {_told(finding)}"), *also])
        lines.append(f"::{_GITHUB[finding.severity]} {head}::{_data(message)}")
    return "\n".join([*lines, _counts(findings)]) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
