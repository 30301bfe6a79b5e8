"""Findings as JUnit XML, which CI servers read.

Source: the schema of the reports of Apache Ant's JUnit task (Windy Road Technology, 2011), which is
the strictest of those in use.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree

from app.rdf.formats import without_illegal_xml
from app.validation.findings import Checked, Finding, Severity, ShapesFault
from app.validation.reports.common import at, line, relative, sentence

# The schema asks for a day, a host and times; a report depends on none of them.
_ALWAYS = {"timestamp": "1970-01-01T00:00:00", "hostname": "localhost", "time": "0"}


def render(checked: Checked, bar: Severity = Severity.VIOLATION) -> str:
    """Return findings as test suites, one for each file.

    What is less than the bar does not fail and stands in the output of its suite. Faults of the
    shapes are errors. Where there is nothing, one test has passed.
    """
    root = ElementTree.Element("testsuites")
    by_file = sorted(checked.findings, key=lambda f: relative(f.places[0].path))
    for path, group in groupby(by_file, key=lambda f: relative(f.places[0].path)):
        findings = list(group)
        suite = _suite(root, path, len(findings), failures=sum(f.severity >= bar for f in findings))
        for finding in findings:
            _case(suite, path, finding, bar)
        _output(suite, _spoken(findings, bar))
    for fault in checked.faults:
        _fault(root, fault)
    if not len(root):
        suite = _suite(root, "dialogue check", 1)
        _element(suite, "testcase", classname="dialogue", name="check", time="0")
        _output(suite, ())
    ElementTree.indent(root)
    written = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _element(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    legal = {name: without_illegal_xml(value) for name, value in attributes.items()}
    return ElementTree.SubElement(parent, tag, legal)


def _suite(
    root: ElementTree.Element, path: str, tests: int, *, failures: int = 0, errors: int = 0
) -> ElementTree.Element:
    numbers = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    suite = _element(root, "testsuite", name=path, package=path, id=str(len(root)))
    suite.attrib.update(numbers | _ALWAYS)
    _element(suite, "properties")
    return suite


def _case(suite: ElementTree.Element, path: str, finding: Finding, bar: Severity) -> None:
    name = f"{finding.shape.short} at {at(finding.places[0])}: {finding.focus.short}"
    case = _element(suite, "testcase", classname=path, name=line(name), time="0")
    if finding.severity >= bar:
        words = sentence(finding)
        failure = _element(case, "failure", message=words, type=finding.shape.short)
        failure.text = without_illegal_xml("\n".join([words, *map(at, finding.places)]))


def _spoken(findings: Sequence[Finding], bar: Severity) -> Iterable[str]:
    for finding in findings:
        if finding.severity < bar:
            words = f"{finding.severity.name.lower()}: {sentence(finding)}"
            yield "\n".join([words, *map(at, finding.places)])


def _output(suite: ElementTree.Element, texts: Iterable[str]) -> None:
    _element(suite, "system-out").text = without_illegal_xml("\n".join(texts))
    _element(suite, "system-err")


def _fault(root: ElementTree.Element, fault: ShapesFault) -> None:
    suite = _suite(root, relative(fault.place.path), 1, errors=1)
    name = f"shapes at {at(fault.place)}"
    case = _element(suite, "testcase", classname="shapes", name=name, time="0")
    error = _element(case, "error", message=fault.sentence, type=fault.shape.short)
    error.text = without_illegal_xml(fault.sentence)
    _output(suite, ())
