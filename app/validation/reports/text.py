"""Findings as text for people."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import click

from app.rdf.parser import Place
from app.validation.findings import Checked, Finding, Severity
from app.validation.reports.common import at, counts, line

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_WIDEST = 120
_REMARKS = 3


def render(checked: Checked, colour: bool, *, most: int | None = None) -> str:
    """Return findings as text, with colours if `colour` says so, `most` of them at most."""

    def style(text: str, **how: object) -> str:
        return click.style(text, **how) if colour else text  # type: ignore[arg-type]

    lines: list[str] = []
    for fault in checked.faults:
        place = style(line(at(fault.place)), bold=True)
        kind = style("fault in the shapes", fg="red", bold=True)
        lines += [f"{place}: {kind}: {line(fault.sentence)}", *_source(fault.place)]
        lines += [f"    {style('shape:', dim=True)} {line(fault.shape.short)}", ""]
    shown = checked.findings if most is None else checked.findings[:most]
    remarks = [finding for finding in shown if _is_of_shapes(finding)]
    # Large profiles look for much that one file does not have: the first tell what is meant.
    passed = {id(finding) for finding in remarks[_REMARKS:]}
    for finding in shown:
        if id(finding) in passed:
            continue
        kind = style(finding.severity.name.lower(), fg=_COLOURS[finding.severity], bold=True)
        place = style(line(at(finding.places[0])), bold=True)
        lines += [f"{place}: {kind}: {line(finding.rule)}", *_source(finding.places[0])]
        if finding.detail:
            lines.append(f"    {line(finding.detail)}")
        lines += [f"    {text}" for text in _inside(finding.findings, 0)]
        about = {
            "shape": finding.shape,
            "focus": finding.focus,
            "path": finding.path,
            "value": finding.value,
            "severity": finding.level,
        }
        lines += [
            f"    {style(f'{label}:', dim=True)} {line(name.short)}"
            for label, name in about.items()
            if name is not None
        ]
        also = (line(at(place)) for place in finding.places[1:])
        lines += [f"    {style('also at', dim=True)} {other}" for other in also]
        way = (line(at(place)) for place in finding.also)
        lines += [f"    {style('reached by', dim=True)} {other}" for other in way]
        lines.append("")
    if len(shown) < len(checked.findings):
        left = len(checked.findings) - len(shown)
        lines += [f"{left:,} more {'is' if left == 1 else 'are'} not shown (--max).", ""]
    if passed:
        lines += [f"{len(passed):,} more remarks about shapes: --format json has them all.", ""]
    lines += [f"note: {line(note)}" for note in checked.notes]
    return "\n".join([*lines, counts(checked)]) + "\n"


def _is_of_shapes(finding: Finding) -> bool:
    """Return whether a finding is a remark about a shape, and not about the data."""
    return (
        finding.severity == Severity.INFO
        and finding.component is None
        and (finding.focus == finding.shape)
    )


def _inside(findings: Sequence[Finding], depth: int) -> Iterator[str]:
    for finding in findings:
        text = f"{finding.rule} {finding.detail}".strip()
        yield f"{'  ' * depth}- {line(text)} ({at(finding.places[0])})"
        yield from _inside(finding.findings, depth + 1)


def _source(place: Place) -> Iterator[str]:
    """Yield the line at a place and a caret below its column, where the file can be read."""
    lines = _lines(place.path)
    if not 0 < place.line <= len(lines):
        return
    text = lines[place.line - 1].expandtabs(1)
    start = max(0, place.column - 1 - _WIDEST * 2 // 3)
    cut = text[start : start + _WIDEST]
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)
    number = f"{place.line:>6} | "
    yield f"{number}{shown.rstrip()}"
    yield f"{' ' * (len(number) - 2)}| {' ' * (place.column - 1 - start)}^"


@lru_cache(maxsize=64)
def _lines(path: str) -> list[str]:
    file = Path(path)
    if not file.is_file() or file.suffix == ".gz":
        return []
    try:
        # Not by splitlines, to which U+2028 and others end a line, which places do not count.
        with file.open(encoding="utf-8") as text:
            return [line.removesuffix("\n") for line in text]
    except (OSError, UnicodeDecodeError):
        return []
