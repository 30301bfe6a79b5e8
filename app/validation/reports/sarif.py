"""Findings as SARIF, which code hosts and editors read."""

from pathlib import Path
from urllib.parse import quote

from app import __version__
from app.rdf.parser import Place
from app.validation.findings import Checked, Severity
from app.validation.reports.common import dump, fingerprint, relative, sentence

_SARIF = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(checked: Checked) -> str:
    """Return findings as a SARIF log.

    Source: SARIF 2.1.0 with Errata 01 (OASIS Standard of 2023-08-28), sections 3.13 to 3.49.
    """
    findings = checked.findings
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
            "message": {"text": f"{finding.focus.short}: {sentence(finding)}"},
            "partialFingerprints": {"dialogue/v2": fingerprint(finding)},
            "locations": [_location(finding.places[0])],
            "relatedLocations": [
                {"id": number, **_location(place), "message": {"text": "It is also written here."}}
                for number, place in enumerate(finding.places[1:], 1)
            ]
            + [
                {"id": number, **_location(place), "message": {"text": "It is reached from here."}}
                for number, place in enumerate(finding.also, len(finding.places))
            ],
            "properties": {
                "focus": finding.focus.full,
                "path": finding.path and finding.path.full,
                "value": finding.value and finding.value.full,
                "component": finding.component and finding.component.full,
                "messages": {tag or "und": text for tag, text in finding.messages},
            },
        }
        for finding in findings
    ]
    faults = [
        {
            "level": "error",
            "message": {"text": fault.sentence},
            "locations": [_location(fault.place)],
        }
        for fault in checked.faults
    ]
    invocation = {
        "executionSuccessful": not checked.faults,
        "toolConfigurationNotifications": faults,
        "properties": {
            "shapes": checked.ran.shapes,
            "focusNodes": checked.ran.focus_nodes,
            "constraints": checked.ran.constraints,
        },
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _location(place: Place) -> dict[str, object]:
    path = relative(place.path)
    uri = Path(path).as_uri() if Path(path).is_absolute() else quote(path)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }
