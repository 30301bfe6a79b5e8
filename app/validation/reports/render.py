"""Findings in the format that was asked for."""

import os
import sys
from collections.abc import Sequence

from app.validation.findings import Finding
from app.validation.reports import github, json, junit, sarif, text

_FORMS = {
    "json": json.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
}


def render(findings: Sequence[Finding], form: str, *, colour: bool | None = None) -> str:
    """Return findings in a format: `text`, `json`, `sarif`, `junit` or `github`.

    Paths below the current folder are relative to it. `colour` is for text only; by itself it is
    used on a terminal, unless NO_COLOR is set. Ends with a line feed. The same findings give the
    same bytes, in the order in which they are given.
    """
    if form == "text":
        bright = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return text.render(findings, bright if colour is None else colour)
    return _FORMS[form](findings)
