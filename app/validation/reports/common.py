"""What the reports share: paths as the reader knows them, places, texts on one line."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.rdf.parser import Place
from app.validation.findings import Finding, Severity


def relative(path: str) -> str:
    """Return a path relative to the current folder, with slashes; as it is if it lies elsewhere."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(path).as_posix()


def at(place: Place) -> str:
    """Return a place as editors and terminals read it."""
    return f"{relative(place.path)}:{place.line}:{place.column}"


def sentence(finding: Finding) -> str:
    """Return what a finding says: the rule, and what is the matter here."""
    return f"{finding.rule} {finding.detail}".strip()


def line(text: str) -> str:
    """Return a text on one line, with escapes for what a terminal would obey."""
    spaced = " ".join(text.split())
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in spaced)


def counts(findings: Sequence[Finding]) -> str:
    """Return how much was found, in words."""
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


def dump(value: object) -> str:
    """Return a value as JSON, ending with a line feed."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
