"""Findings in the format that was asked for."""

import os
import sys

from app.validation.findings import Checked, Severity
from app.validation.reports import github, json, junit, rdf, sarif, text


def render(
    checked: Checked,
    form: str,
    *,
    colour: bool | None = None,
    bar: Severity = Severity.VIOLATION,
    most: int | None = None,
) -> str:
    """Return findings in a format: `text`, `json`, `sarif`, `junit`, `github` or `rdf`.

    Paths below the current folder are relative to it. `colour` is for text only; by itself it is
    used on a terminal, unless NO_COLOR is set. `bar` is the least severity that fails in JUnit,
    `most` how many findings text shows. Ends with a line feed. The same findings give the same
    bytes, in the order in which they are given.
    """
    if form == "text":
        bright = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return text.render(checked, bright if colour is None else colour, most=most)
    if form == "junit":
        return junit.render(checked, bar)
    forms = {"json": json.render, "sarif": sarif.render, "github": github.render}
    return {**forms, "rdf": rdf.render}[form](checked)
