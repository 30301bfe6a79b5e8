"""Findings as text for people."""

from collections.abc import Sequence

import click

from app.validation.findings import Finding, Severity
from app.validation.reports.common import at, counts, line

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def render(findings: Sequence[Finding], colour: bool) -> str:
    """Return findings as text, with colours if `colour` says so."""

    def style(text: str, **how: object) -> str:
        return click.style(text, **how) if colour else text  # type: ignore[arg-type]

    lines: list[str] = []
    for finding in findings:
        kind = style(finding.severity.name.lower(), fg=_COLOURS[finding.severity], bold=True)
        place = style(line(at(finding.places[0])), bold=True)
        lines.append(f"{place}: {kind}: {line(finding.rule)}")
        if finding.detail:
            lines.append(f"    {line(finding.detail)}")
        about = {
            "shape": finding.shape,
            "focus": finding.focus,
            "path": finding.path,
            "value": finding.value,
        }
        lines += [
            f"    {style(f'{label}:', dim=True)} {line(name.short)}"
            for label, name in about.items()
            if name is not None
        ]
        further = (line(at(place)) for place in finding.places[1:])
        lines += [f"    {style('also at', dim=True)} {other}" for other in further]
        lines.append("")
    return "\n".join([*lines, counts(findings)]) + "\n"
