"""What was found before: only what is new fails."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from app.errors import Fault
from app.validation.findings import Checked
from app.validation.reports.common import fingerprint


def read(file: Path) -> Counter[str]:
    """Return how often each finding is in a report that `--format json` wrote. Raises Fault."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
        return Counter(finding["fingerprint"] for finding in report["findings"])
    except FileNotFoundError:
        raise Fault(
            f"{file}: no such file; write it first: dialogue check … --format json > {file}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Fault(f"{file}: no report that dialogue check --format json has written") from None


def without(checked: Checked, known: Counter[str]) -> tuple[Checked, int]:
    """Return a check without the findings that are known, and how many these were.

    What is known once is passed over once: a second one like it is new.
    """
    left = Counter(known)
    new = []
    for finding in checked.findings:
        mark = fingerprint(finding)
        if left[mark] > 0:
            left[mark] -= 1
        else:
            new.append(finding)
    return replace(checked, findings=tuple(new)), len(checked.findings) - len(new)
