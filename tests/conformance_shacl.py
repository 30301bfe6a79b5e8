"""How the W3C's suite of SHACL goes; `python tests/conformance_shacl.py` writes its section.

The suites are found by DIALOGUE_SUITES; where they are missing, the page stays as it is.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import suites
from conformance import section
from rdflib import BNode, Graph, URIRef
from rdflib.compare import graph_diff, isomorphic, to_isomorphic
from rdflib.namespace import SH
from rdflib.term import Node
from validation.engines.native.report import expected

# What the command loads by need is loaded once, for all copies.
import app.cli.check
import app.validation.check
import app.validation.reports.render  # noqa: F401
from app.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
SECTION = "SHACL 1.0"
FAILURE = "http://www.w3.org/ns/shacl-test#Failure"
# What differs from the suite, by the name of the test, with the reason.
REASONS = {
    "core/misc/deactivated-001": "its only shape is deactivated, so that nothing is run, which the "
    "command never calls a success: exit 2, and a sentence that says it.",
    "core/property/uniqueLang-002": "its only constraint does nothing by the specification, so "
    "that nothing is asked: exit 2, and a sentence that says it.",
}


def arguments(case: suites.ShaclCase) -> list[str]:
    """Return what `dialogue` is called with for a test."""
    files = [str(case.data), "--shapes", str(case.shapes)]
    return ["check", *files, "--format", "rdf"]


def called(command: list[str]) -> tuple[int, str]:
    """Call `dialogue` in a copy of this process; return its exit code and what it prints.

    A process of its own from nothing would take longer to start than most tests to run.
    """
    with tempfile.TemporaryFile("w+b") as output:
        child = os.fork()
        if child == 0:
            code = 3
            try:
                os.dup2(output.fileno(), 1)
                sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
                code = main.main(command, standalone_mode=False)
                sys.stdout.flush()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode()


def difference(case: suites.ShaclCase, code: int, printed: str) -> str:
    """Return how an answer differs from what the suite expects; nothing if it does not."""
    triples = suites.shacl_triples(case.manifest)
    result = suites.shacl_result(triples)
    if result.value == FAILURE:
        return "" if code == 2 else f"a failure is expected; exit {code}"
    wanted = _unpinned(expected(triples, result))
    # The suite leaves messages to the engines but for the few that it writes itself.
    messages = set(wanted.objects(None, SH.resultMessage))
    ours = Graph().parse(data=printed, format="turtle", publicID=case.manifest.as_uri())
    for triple in list(ours.triples((None, SH.resultMessage, None))):
        if triple[2] not in messages:
            ours.remove(triple)
    # A severity that SHACL does not know counts as a violation.
    grave = set(wanted.objects(None, SH.resultSeverity)) - {SH.Info, SH.Warning}
    if code != (1 if grave else 0):
        return f"another exit is expected than {code}"
    if isomorphic(ours, wanted):
        return ""
    _, more, less = graph_diff(to_isomorphic(ours), to_isomorphic(wanted))
    return f"ours alone:\n{more.serialize()}\nexpected alone:\n{less.serialize()}"


def _unpinned(graph: Graph) -> Graph:
    """Return a report with blank nodes of data and shapes as blank nodes, as a file has them."""

    def free(node: Node) -> Node:
        pinned = isinstance(node, URIRef) and node.startswith("urn:blank:")
        return BNode("d" + node.removeprefix("urn:blank:")) if pinned else node  # type: ignore[attr-defined]

    copy = Graph()
    for subject, predicate, value in graph:
        copy.add((free(subject), predicate, free(value)))
    return copy


def shacl() -> dict[str, str]:
    """Return how each test of the W3C's suite of SHACL differs, by name; nothing where none."""
    return {case.name: difference(case, *called(arguments(case))) for case in suites.shacl_cases()}


def text(differences: dict[str, str]) -> str:
    """Return the section of the page on what was found."""
    parts = Counter(name.split("/")[0] for name in differences)
    passed = Counter(name.split("/")[0] for name, found in differences.items() if not found)
    rows = [f"| {part} | {passed[part]} | {parts[part]} |" for part in sorted(parts)]
    differing = [
        f"- `{name}`: {REASONS.get(name, 'no reason is known.')}"
        for name, found in differences.items()
        if found
    ]
    return "\n".join(
        [
            "The W3C's suite, each test by `dialogue check DATA --shapes SHAPES --format rdf`: the",
            "whole report is compared with the expected one, and the exit is 1 where it has a",
            "violation. Blank nodes may have other names; messages count where the suite has",
            "them.",
            "",
            "| part | passed | of |",
            "|---|---|---|",
            *rows,
            f"| all | {passed.total()} | {parts.total()} |",
            "",
            *(["What differs, and why:", "", *differing] if differing else ["Nothing differs."]),
        ]
    )


def write() -> None:
    """Write the section of the page, and print what differs."""
    if missing := suites.shacl_missing():
        sys.exit(missing)
    differences = shacl()
    for name, found in differences.items():
        if found:
            print(f"{name}: {found}")
    section(SECTION, text(differences))


if __name__ == "__main__":
    write()
