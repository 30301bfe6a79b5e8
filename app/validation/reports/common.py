"""What the reports share: paths as the reader knows them, places, texts on one line."""

import hashlib
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from app.rdf.parser import Place
from app.validation.findings import Checked, Finding, Severity, ShapesFault

# A text in quotation marks is passed over whole, whatever it reads like.
_UNSTABLE = re.compile(
    r""""(?:[^"\\]|\\.)*"|(?<![^\s<(])(?:(?P<label>_:[\w.-]+)|file://(?P<path>/[^\s<>"#?]*))"""
)


def relative(path: str) -> str:
    """Return a path relative to the current folder, with slashes; as it is if it lies elsewhere."""
    try:
        return Path(os.path.normpath(Path(path).absolute())).relative_to(Path.cwd()).as_posix()
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


def counts(checked: Checked) -> str:
    """Return how much was found and how much was run, in words."""
    ran = checked.ran
    number = Counter(finding.severity for finding in checked.findings)
    words = {
        Severity.VIOLATION: ("violation", "violations"),
        Severity.WARNING: ("warning", "warnings"),
        Severity.INFO: ("remark", "remarks"),
    }
    found = ", ".join(
        f"{number[severity]:,} {words[severity][number[severity] != 1]}" for severity in words
    )
    what = found if checked.findings else "Nothing found"
    if checked.faults:
        what += f"; {_many(len(checked.faults), 'fault')} in the shapes, which were not all run"
    return (
        f"{what}: {_many(ran.shapes, 'shape')}, {_many(ran.focus_nodes, 'focus node')} and "
        f"{_many(ran.constraints, 'constraint')} were run."
    )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def fingerprint(finding: Finding) -> str:
    """Return what tells a finding from others wherever it stands: 32 hexadecimal digits.

    A line that moves, another folder and another language leave it as it is; another value, focus
    node or rule changes it. Nodes without a name are not told apart: their labels differ from run
    to run.
    """
    parts = [finding.shape, finding.component, finding.focus, finding.path, finding.value]
    return _digest(part.full if part else "" for part in parts)


def fault_fingerprint(fault: ShapesFault) -> str:
    """Return what tells a fault of shapes from others, as `fingerprint` does a finding."""
    return _digest([fault.shape.full, fault.sentence])


def _digest(terms: Iterable[str]) -> str:
    here = Path.cwd().as_uri().removeprefix("file://")

    def stable(found: re.Match[str]) -> str:
        if found["label"]:
            return "[]"
        if found["path"]:
            # As it reads from here: a checkout may lie anywhere.
            return posixpath.relpath(found["path"], here)
        return found[0]

    text = "\n".join(_UNSTABLE.sub(stable, term) for term in terms)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def dump(value: object) -> str:
    """Return a value as JSON, ending with a line feed."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
