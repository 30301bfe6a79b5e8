"""What `make bench` measures: times of the commands on the bundled record, and its size.

Each time is of a whole process, from its start to its end or to its first answer; the median of
RUNS. Run it on a machine that does nothing else.
"""

import json
import os
import platform
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

SH = "http://www.w3.org/ns/shacl#"
ROOT = Path(__file__).resolve().parent.parent
RUNS = int(os.environ.get("RUNS", "5"))
COMMAND = [sys.executable, "-m", "app.cli"]
DAY = ["--as-of", "2026-11-30"]
_FACTS = (
    "SELECT ?s ?p ?o (COUNT(DISTINCT ?source) AS ?sources) { GRAPH ?e { ?s ?p ?o } "
    "?e dlg:stance ?stance ; dlg:source ?source FILTER(?stance IN (%s)) } GROUP BY ?s ?p ?o"
)
_HELD = _FACTS % "dlg:accepted, dlg:inferred, dlg:editorial"
_SAID = _FACTS % "dlg:accepted, dlg:inferred"
_CONFLICT = (
    "?a dlg:conflictsWith ?b OPTIONAL { ?a skos:editorialNote ?x } "
    "OPTIONAL { ?b skos:editorialNote ?y } "
    'BIND(CONCAT(COALESCE(STR(?x), ""), ". ", COALESCE(STR(?y), "")) AS ?notes) '
    'BIND(REGEX(?notes, "(^|[.] )Open[.:]") AS ?open)'
)
COUNTS = {
    "quads": "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "triples held": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "evidence": "SELECT (COUNT(*) AS ?n) { ?e a dlg:Evidence }",
    "sources": "SELECT (COUNT(*) AS ?n) { ?s a dlg:Source }",
    "entities": (
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class "
        'FILTER(STRSTARTS(STR(?s), "https://w3id.org/dialogue/id/")) '
        "FILTER(?class NOT IN (dlg:Evidence, dlg:Source)) }"
    ),
    "conferences": "SELECT (COUNT(*) AS ?n) { ?s a dlg:Conference }",
    "written facts that are held": f"SELECT (COUNT(*) AS ?n) {{ {{ {_HELD} }} }}",
    "held facts about things that have no evidence": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o "
        'FILTER(STRSTARTS(STR(?s), "https://w3id.org/dialogue/id/")) '
        "FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } "
        "FILTER NOT EXISTS { ?s a dlg:Evidence } FILTER NOT EXISTS { ?s a dlg:Source } }"
    ),
    "facts that a source states": f"SELECT (COUNT(*) AS ?n) {{ {{ {_SAID} }} }}",
    "of these, by two or more independent sources": (
        f"SELECT (COUNT(*) AS ?n) {{ {{ {_SAID} HAVING (COUNT(DISTINCT ?source) > 1) }} }}"
    ),
    "conflicts between two passages, decided": (
        f"SELECT (COUNT(*) AS ?n) {{ {_CONFLICT} FILTER(!?open) }}"
    ),
    "conflicts between two passages, open": (
        f"SELECT (COUNT(*) AS ?n) {{ {_CONFLICT} FILTER(?open) }}"
    ),
}


def timed(action: Callable[[], object]) -> tuple[float, float, float]:
    """Return the least, the median and the greatest time of RUNS runs, in seconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times), statistics.median(times), max(times)


def run(*arguments: str) -> str:
    """Run the command to its end and return what it prints."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=600
    )
    return done.stdout


def first_answer() -> None:
    """Start a server and wait until it has answered a query."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    query = urllib.parse.urlencode({"query": "ASK { ?c a dlg:Conference }"})
    address = f"http://127.0.0.1:{port}/sparql?{query}"
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(6000):
            try:
                with urllib.request.urlopen(address, timeout=10) as answer:
                    assert b"true" in answer.read()
                return
            except OSError:
                time.sleep(0.005)
        raise TimeoutError("no answer in 30 s")
    finally:
        server.terminate()
        server.wait(40)


def spent(command: list[str]) -> tuple[str, float]:
    """Run a command to its end; return what it prints and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, seconds


def results(report: str) -> int | None:
    """Return how many results a report in Turtle has, None if it is none."""
    try:
        quads = list(ox.parse(report, format=ox.RdfFormat.TURTLE))
    except SyntaxError:
        return None
    return sum(quad.predicate.value == f"{SH}result" for quad in quads) if quads else None


def pairs(folder: Path) -> list[tuple[str, int | None, float, int | None, float]]:
    """Return, of each public pair of data and shapes, the results and CPU seconds of each tool.

    A tool that gives no report has None for its results.
    First ours, then pySHACL's; `pairs.txt` in the folder lists the pairs.
    """
    rows = []
    for text in (folder / "pairs.txt").read_text("utf-8").splitlines():
        data, shapes = text.split()[:2]
        files = str(folder / data), str(folder / shapes)
        ours, own = spent([*COMMAND, "check", files[0], "--shapes", files[1], "--format", "rdf"])
        theirs, other = spent(
            [sys.executable, "-m", "pyshacl", files[0], "-s", files[1], "-f", "turtle"]
        )
        numbers = [results(report) for report in (ours, theirs)]
        rows.append((f"`{data}`, `{shapes}`", numbers[0], own, numbers[1], other))
    return rows


def print_pairs() -> None:
    """Print the public pairs as a table, where DIALOGUE_PAIRS names a folder that has them."""
    named = os.environ.get("DIALOGUE_PAIRS")
    if not named or not (Path(named) / "pairs.txt").is_file():
        print("\nNo public pairs: DIALOGUE_PAIRS names no folder with a pairs.txt.")
        return
    print(
        "\n| data, shapes | results | CPU, s | pySHACL: results | CPU, s |\n|---|---|---|---|---|"
    )
    rows = pairs(Path(named).resolve())
    for what, number, own, theirs, other in rows:
        mark = "" if number == theirs else " (differs)"
        print(f"| {what} | {number}{mark} | {own:.2f} | {theirs} | {other:.2f} |", flush=True)
    totals = [sum(row[n] or 0 for row in rows) for n in (1, 2, 3, 4)]  # type: ignore[misc]
    print("| all | {} | {:.2f} | {} | {:.2f} |".format(*totals))


def setup() -> None:
    """Set the project up from nothing, in a clone in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "dialogue"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        subprocess.run(["make", "setup"], cwd=clone, check=True, capture_output=True)


def main() -> None:
    """Print the figures as a Markdown table."""
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores; ")
    print(f"median of {RUNS} runs (least–greatest), in seconds\n")
    print("| what | median | least–greatest |\n|---|---|---|")
    out = tempfile.mkdtemp()
    rows: dict[str, Callable[[], object]] = {
        "`dialogue serve`, cold start to first answer": first_answer,
        "`dialogue check`": lambda: run("check", *DAY),
        "`dialogue build`, with its check": lambda: run("build", "--out", f"{out}/release", *DAY),
        "`dialogue format --check`": lambda: run("format", "--check"),
    }
    for name, action in rows.items():
        least, median, greatest = timed(action)
        print(f"| {name} | {median:.2f} | {least:.2f}–{greatest:.2f} |", flush=True)
    if "--setup" in sys.argv:
        start = time.perf_counter()
        setup()
        print(f"| `make setup` from nothing, once | {time.perf_counter() - start:.1f} | |")
    print("\n| the record has | |\n|---|---|")
    for name, query in COUNTS.items():
        answer = json.loads(run("query", "--on", f"{out}/release", "--format", "json", query))
        print(f"| {name} | {answer['results']['bindings'][0]['n']['value']} |")
    shutil.rmtree(out)
    print_pairs()


if __name__ == "__main__":
    main()
