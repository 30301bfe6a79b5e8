"""Findings as workflow commands: an annotation at the place of each."""

from collections.abc import Sequence

from app.validation.findings import Finding, Severity
from app.validation.reports.common import at, counts, line, relative, sentence

_GITHUB = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(findings: Sequence[Finding]) -> str:
    """Return findings as workflow commands, a line each, and how much was found."""
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
        also = [f"Also at {at(other)}" for other in finding.places[1:]]
        message = "\n".join([line(f"{finding.focus.short}: {sentence(finding)}"), *also])
        lines.append(f"::{_GITHUB[finding.severity]} {head}::{_data(message)}")
    return "\n".join([*lines, counts(findings)]) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
