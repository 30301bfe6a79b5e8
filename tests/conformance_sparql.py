"""The section SPARQL of `docs/conformance.md`, from the suites and the lists of failures."""

import sparql_failures as failures
import sparql_suite as suite
from conformance import section
from graph_store_suite import read_steps

NAME = "SPARQL"
SUITES = {
    "SPARQL 1.1 Query, evaluation and syntax": (("sparql11", suite.QUERY), failures.QUERY),
    "SPARQL 1.1 results in CSV, TSV and JSON": (("sparql11", suite.RESULTS), failures.RESULTS),
    "SPARQL 1.2 (the tests of queries)": (("sparql12", suite.SPARQL_12), failures.SPARQL_12),
}


def text() -> str:
    """Return the text of the section; the suites must be there."""
    counts, reasons = [], []
    for label, ((version, folders), failing) in SUITES.items():
        total = len(suite.cases(version, folders))
        counts.append(f"| {label} | {total - len(failing)} | {total} |")
        reasons += [
            f"| `{name}` | {failure.reason} | {failure.left} |"
            for name, failure in sorted(failing.items())
        ]
    # Of these every test has to pass.
    for label, names in (
        ("SPARQL 1.1 Protocol, queries", suite.protocol_tests()),
        ("Graph Store HTTP Protocol, what its tests read", [*read_steps()]),
        ("SPARQL 1.1 Service Description", suite.description_tests()),
    ):
        counts.append(f"| {label} | {len(names)} | {len(names)} |")
    return "\n".join(
        [
            "Asked over HTTP of a server that runs, each answer in the format of the expected one. "
            "Numbers are compared by value and datatype.",
            "",
            "| suite | passed | tests |",
            "|---|---|---|",
            *counts,
            "",
            "Updates are off, so the tests of updates, and of writing graphs, are not among these; "
            "federation and entailment are not offered either. The description of the service "
            "names both languages: `sd:SPARQL12Query` is in the W3C's draft of the vocabulary.",
            "",
            "What is not passed is the engine's, and each was looked at: where a query can be "
            "mended before the engine, or an answer after it, so that both are as the "
            "specification has them, that was done (the order of `SELECT *`, functions that nobody "
            "knows, graphs that are not there, the language of GROUP_CONCAT, VALUES in `GRAPH ?g`, "
            "CSV and XML).",
            "",
            "| not passed | because | not mended because |",
            "|---|---|---|",
            *reasons,
        ]
    )


if __name__ == "__main__":
    section(NAME, text())
