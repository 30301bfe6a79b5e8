"""Findings as JSON."""

from collections import Counter

from app.rdf.parser import Place
from app.validation.findings import Checked, Finding, Severity
from app.validation.reports.common import dump, fault_fingerprint, fingerprint, relative


def render(checked: Checked) -> str:
    """Return one object: `findings` in the order of places, their `counts`, and what `ran`."""
    count = Counter(finding.severity.name.lower() for finding in checked.findings)
    counts = {severity.name.lower(): count[severity.name.lower()] for severity in Severity}
    ran = checked.ran
    return dump(
        {
            "findings": [_finding(finding) for finding in checked.findings],
            "counts": counts,
            "ran": {
                "shapes": ran.shapes,
                "focus_nodes": ran.focus_nodes,
                "constraints": ran.constraints,
            },
            "faults": [
                {
                    "shape": one.shape.full,
                    "detail": one.sentence,
                    "places": [_place(one.place)],
                    "fingerprint": fault_fingerprint(one),
                }
                for one in checked.faults
            ],
            "notes": list(checked.notes),
        }
    )


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.name.lower(),
        "level": finding.level and finding.level.full,
        "shape": finding.shape.full,
        "rule": finding.rule,
        "detail": finding.detail,
        "messages": [{"language": tag, "text": text} for tag, text in finding.messages],
        "component": finding.component and finding.component.full,
        "focus": finding.focus.full,
        "path": finding.path and finding.path.full,
        "value": finding.value and finding.value.full,
        "places": [_place(place) for place in finding.places],
        "also": [_place(place) for place in finding.also],
        "findings": [_finding(one) for one in finding.findings],
        "fingerprint": fingerprint(finding),
    }


def _place(place: Place) -> dict[str, object]:
    return {"path": relative(place.path), "line": place.line, "column": place.column}
