"""Findings as JUnit XML, which CI servers read."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from app.rdf.formats import without_illegal_xml
from app.validation.findings import Finding, Severity
from app.validation.reports.common import at, relative, sentence


def render(findings: Sequence[Finding]) -> str:
    """Return findings as test suites.

    A test suite for each file; what is less than a violation does not fail.
    """
    suites = ElementTree.Element("testsuites", name="dialogue check")
    by_file = sorted(findings, key=lambda f: relative(f.places[0].path))
    for path, group in groupby(by_file, key=lambda f: relative(f.places[0].path)):
        _suite(suites, path, list(group))
    if not findings:
        suite = ElementTree.SubElement(
            suites, "testsuite", name="dialogue check", tests="1", failures="0"
        )
        ElementTree.SubElement(suite, "testcase", classname="dialogue", name="check")
    failures = sum(finding.severity == Severity.VIOLATION for finding in findings)
    suites.set("tests", str(len(findings) or 1))
    suites.set("failures", str(failures))
    ElementTree.indent(suites)
    written = ElementTree.tostring(suites, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _suite(suites: ElementTree.Element, path: str, findings: Sequence[Finding]) -> None:
    failures = sum(finding.severity == Severity.VIOLATION for finding in findings)
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=without_illegal_xml(path),
        tests=str(len(findings)),
        failures=str(failures),
    )
    for finding in findings:
        name = f"{finding.shape.short} at {at(finding.places[0])}: {finding.focus.short}"
        case = ElementTree.SubElement(
            suite, "testcase", classname=without_illegal_xml(path), name=without_illegal_xml(name)
        )
        text = without_illegal_xml("\n".join([sentence(finding), *map(at, finding.places)]))
        if finding.severity == Severity.VIOLATION:
            failure = ElementTree.SubElement(
                case,
                "failure",
                message=without_illegal_xml(sentence(finding)),
                type=without_illegal_xml(finding.shape.short),
            )
            failure.text = text
        else:
            ElementTree.SubElement(
                case, "system-out"
            ).text = f"{finding.severity.name.lower()}: {text}"
