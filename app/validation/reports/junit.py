"""Findings as JUnit XML, which CI servers read."""

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from app.rdf.formats import without_illegal_xml
from app.validation.findings import Checked, Finding, Severity
from app.validation.reports.common import at, relative, sentence


def render(checked: Checked, bar: Severity = Severity.VIOLATION) -> str:
    """Return findings as test suites.

    A test suite for each file; what is less than a violation does not fail.
    """
    findings = checked.findings
    suites = ElementTree.Element("testsuites", name="dialogue check")
    by_file = sorted(findings, key=lambda f: relative(f.places[0].path))
    for path, group in groupby(by_file, key=lambda f: relative(f.places[0].path)):
        _suite(suites, path, list(group), bar)
    for fault in checked.faults:
        name, path = f"shapes at {at(fault.place)}", relative(fault.place.path)
        suite = ElementTree.SubElement(
            suites, "testsuite", name=without_illegal_xml(path), tests="1", failures="0", errors="1"
        )
        case = ElementTree.SubElement(
            suite, "testcase", classname="shapes", name=without_illegal_xml(name)
        )
        error = ElementTree.SubElement(case, "error", message=without_illegal_xml(fault.sentence))
        error.text = without_illegal_xml(fault.sentence)
    if not findings and not checked.faults:
        suite = ElementTree.SubElement(
            suites, "testsuite", name="dialogue check", tests="1", failures="0"
        )
        ElementTree.SubElement(suite, "testcase", classname="dialogue", name="check")
    failures = sum(finding.severity >= bar for finding in findings)
    suites.set("tests", str(len(findings) + len(checked.faults) or 1))
    suites.set("failures", str(failures))
    suites.set("errors", str(len(checked.faults)))
    ElementTree.indent(suites)
    written = ElementTree.tostring(suites, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _suite(
    suites: ElementTree.Element, path: str, findings: Sequence[Finding], bar: Severity
) -> None:
    failures = sum(finding.severity >= bar for finding in findings)
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
        if finding.severity >= bar:
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
