"""What was found before: only what is new fails."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.errors import Fault
from app.validation.findings import Checked
from app.validation.reports.common import fault_fingerprint, fingerprint


@dataclass(frozen=True)
class Baseline:
    """How often each finding is known, by its fingerprint, and which faults of shapes are."""

    findings: Counter[str] = field(default_factory=Counter)
    faults: frozenset[str] = frozenset()


def read(file: Path) -> Baseline:
    """Return what is in a report that `--format json` wrote; an empty file knows nothing.

    So a check may write the very report that it is configured with. Raises Fault.
    """
    try:
        text = file.read_text(encoding="utf-8")
        if not text.strip():
            return Baseline()
        report = json.loads(text)
        return Baseline(
            Counter(finding["fingerprint"] for finding in report["findings"]),
            frozenset(fault["fingerprint"] for fault in report["faults"]),
        )
    except FileNotFoundError:
        raise Fault(
            f"{file}: no such file; write it first: dialogue check … --format json > {file}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Fault(f"{file}: no report that dialogue check --format json has written") from None


def without(checked: Checked, known: Baseline) -> tuple[Checked, int]:
    """Return a check without what is known, and how many findings were.

    A finding that is known once is passed over once: a second one like it is new. A fault of the
    shapes that is known becomes a note: who lists it knows that they are not run whole.
    """
    left = Counter(known.findings)
    new = []
    for finding in checked.findings:
        mark = fingerprint(finding)
        if left[mark] > 0:
            left[mark] -= 1
        else:
            new.append(finding)
    faults = tuple(f for f in checked.faults if fault_fingerprint(f) not in known.faults)
    passed = len(checked.faults) - len(faults)
    notes = checked.notes
    if passed:
        many = "1 known fault" if passed == 1 else f"{passed:,} known faults"
        notes += (f"{many} in the shapes passed over: they are not run whole.",)
    left_over = replace(checked, findings=tuple(new), faults=faults, notes=notes)
    return left_over, len(checked.findings) - len(new)
