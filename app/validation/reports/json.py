"""Findings as JSON."""

from collections import Counter
from collections.abc import Sequence

from app.validation.findings import Finding, Severity
from app.validation.reports.common import dump, relative


def render(findings: Sequence[Finding]) -> str:
    """Return findings as one object: `findings` in the order of places, and their `counts`."""
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
    return dump({"findings": listed, "counts": counts})
