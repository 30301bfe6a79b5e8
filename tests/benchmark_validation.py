"""What `make bench` measures of validation: CPU time and peak memory of whole processes.

Each tool validates the same generated graph, in which five faults are planted, against the same
shapes, in a process of its own: started, read, validated, told. Only `dialogue check` also says
where the faults are written. The others run in a virtual environment of yours that
DIALOGUE_OTHERS names; what is not installed there is passed over by name. DIALOGUE_TRIPLES says how
large the graphs are, else 114,000 and 1,100,000 triples; DIALOGUE_SLOW=1 runs the slow tools on
graphs above 200,000 triples as well.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = int(os.environ.get("RUNS", "5"))
OTHERS = os.environ.get("DIALOGUE_OTHERS", "")
SIZES = [int(s) for s in os.environ.get("DIALOGUE_TRIPLES", "114000 1100000").split()]
LARGE = 200_000
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"

PREFIXES = """\
@prefix : <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
SHAPES = (
    PREFIXES
    + """\
:ConferenceShape
    a sh:NodeShape ;
    sh:targetClass :Conference ;
    sh:property [ sh:path :date ; sh:datatype xsd:date ; sh:minCount 1 ; sh:maxCount 1 ] ;
    sh:property [ sh:path :number ; sh:datatype xsd:integer ; sh:minInclusive 1 ] ;
    sh:property [ sh:path :topic ; sh:class :Topic ; sh:minCount 1 ] ;
    sh:property [ sh:path rdfs:label ; sh:minCount 2 ; sh:uniqueLang true ] ;
    sh:property [
        sh:path :participant ;
        sh:qualifiedMinCount 1 ;
        sh:qualifiedValueShape [ sh:property [ sh:path :role ; sh:hasValue :chair ] ] ;
    ] ;
.

:ParticipantShape
    a sh:NodeShape ;
    sh:targetClass :Participant ;
    sh:property [ sh:path :agent ; sh:nodeKind sh:IRI ; sh:minCount 1 ; sh:maxCount 1 ] ;
    sh:property [ sh:path :email ; sh:pattern "^[a-z0-9.]+@[a-z.]+$" ] ;
    sh:property [ sh:path :role ; sh:in ( :chair :member :observer ) ] ;
.

:DeclarationShape
    a sh:NodeShape ;
    sh:targetClass :Declaration ;
    sh:property [ sh:path :adoptedAt ; sh:class :Conference ; sh:minCount 1 ] ;
    sh:sparql [
        sh:message "A declaration is not dated before its conference." ;
        sh:select \"""
            SELECT $this ?value {
                $this <http://example.org/date> ?value .
                $this <http://example.org/adoptedAt> ?conference .
                ?conference <http://example.org/date> ?day .
                FILTER(?value < ?day)
            }
        \""" ;
    ] ;
.
"""
)
TOPICS = 50
PER_CONFERENCE = 33
"""As many triples are about one conference, its participants and its declaration."""


def graph(triples: int) -> Iterator[str]:
    """Yield the blocks of a graph of about so many triples, with five faults far apart."""
    count = triples // PER_CONFERENCE
    faults = {count * (2 * n + 1) // 10: n for n in range(5)}
    yield PREFIXES
    for number in range(TOPICS):
        yield f':topic{number}\n    a :Topic ;\n    rdfs:label "Topic {number}"@en ;\n.\n\n'
    for number in range(count):
        yield from _conference(number, faults.get(number))


def _conference(number: int, fault: int | None) -> Iterator[str]:
    day = f"{1990 + number % 35}-{1 + number % 12:02}-{1 + number % 28:02}"
    topic = ":nowhere" if fault == 0 else f":topic{number % TOPICS}"
    ordinal = '"1.5"^^xsd:decimal' if fault == 1 else number + 1
    second = ', "1980-01-01"^^xsd:date' if fault == 2 else ""
    people = ", ".join(f":conference{number}.person{n}" for n in range(4))
    yield f"""\
:conference{number}
    a :Conference ;
    :date "{day}"^^xsd:date{second} ;
    :number {ordinal} ;
    :participant {people} ;
    :topic {topic}, :topic{(number + 7) % TOPICS} ;
    rdfs:label "Conference {number}"@en, "Conférence {number}"@fr ;
.

"""
    for n in range(4):
        email = "nobody" if fault == 3 and n == 2 else f"person.{n}@example.org"
        yield f"""\
:conference{number}.person{n}
    a :Participant ;
    :agent :state{(number + n) % 193} ;
    :email "{email}" ;
    :role {":chair" if n == 0 else ":member"} ;
.

"""
    dated = "1970-01-01" if fault == 4 else day
    yield f"""\
:declaration{number}
    a :Declaration ;
    :adoptedAt :conference{number} ;
    :date "{dated}"^^xsd:date ;
    rdfs:label "Declaration {number}"@en, "Déclaration {number}"@fr ;
    :version 1 ;
.

"""


@dataclass(frozen=True)
class Tool:
    """A tool: its command for data and shapes, the package that has it, how it tells results."""

    name: str
    package: str
    command: Sequence[str]
    results: str
    slow: bool = False


OURS = [sys.executable, "-m", "app.cli", "check"]
THEIRS = f"{OTHERS}/bin/python"
_PYSHACL_ON_OXIGRAPH = """
import sys, rdflib, pyshacl
data, shapes = rdflib.Graph(store="Oxigraph"), rdflib.Graph()
data.parse(sys.argv[1]); shapes.parse(sys.argv[2])
print(pyshacl.validate(data, shacl_graph=shapes)[2])
"""
_SHACL = """
import sys, shacl
report = shacl.Shapes.from_file(sys.argv[2]).validate_file(sys.argv[1])
print("results:", len(report.results), [str(result) for result in report.results])
"""
_PYSHIFTY = """
import sys, shifty
from pathlib import Path
conforms, report, text = shifty.validate(Path(sys.argv[1]), Path(sys.argv[2]), infer=False)
print(text, "results:", text.count("Constraint Violation"))
"""
_PYRUDOF = """
import sys, pyrudof
rudof = pyrudof.Rudof(pyrudof.RudofConfig())
rudof.read_data(sys.argv[1]); rudof.read_shacl(sys.argv[2])
print("results:", len(rudof.validate_shacl()))
"""
TOOLS = (
    Tool("`dialogue check`, with places", "", [*OURS, "DATA", "--shapes", "SHAPES"], r"(\d+) viol"),
    Tool(
        "pySHACL, its command line on rdflib",
        "pyshacl",
        [f"{OTHERS}/bin/pyshacl", "-s", "SHAPES", "DATA"],
        r"Results \((\d+)\)",
        slow=True,
    ),
    Tool(
        "pySHACL on Oxigraph",
        "oxrdflib",
        [THEIRS, "-c", _PYSHACL_ON_OXIGRAPH, "DATA", "SHAPES"],
        r"Results \((\d+)\)",
        slow=True,
    ),
    Tool("pyrudof", "pyrudof", [THEIRS, "-c", _PYRUDOF, "DATA", "SHAPES"], r"results: (\d+)"),
    Tool("pyshifty", "pyshifty", [THEIRS, "-c", _PYSHIFTY, "DATA", "SHAPES"], r"results: (\d+)"),
    Tool("shacl", "shacl", [THEIRS, "-c", _SHACL, "DATA", "SHAPES"], r"results: (\d+)"),
)


@dataclass(frozen=True)
class Cost:
    """What a process cost: CPU seconds, of the user and of the system, and bytes at its peak."""

    seconds: float
    memory: int
    output: str


@cache
def environment() -> dict[str, str]:
    """Return an environment in which Python keeps what it compiled, as everywhere."""
    kept = {name: value for name, value in os.environ.items() if name != _UNCOMPILED}
    return {**kept, "PYTHONPYCACHEPREFIX": tempfile.mkdtemp()}


def cost(command: Sequence[str]) -> Cost:
    """Run a command to its end and return what it and its children cost."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    # Linux tells kibibytes.
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def measured(command: Sequence[str], times: int) -> list[Cost]:
    """Return what a command costs; several times after one that does not count, or just once."""
    if times > 1:
        cost(command)
    return [cost(command) for _ in range(times)]


def version(package: str) -> str | None:
    """Return the version of a package among the others, None where it is missing."""
    if not package:
        return "this one"
    code = f"from importlib.metadata import version; print(version({package!r}))"
    try:
        done = subprocess.run([THEIRS, "-c", code], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() or None


def _row(name: str, runs: Sequence[Cost], results: str) -> None:
    seconds = [run.seconds for run in runs]
    memory = max(run.memory for run in runs) / 1e6
    spread = f"{min(seconds):.2f}–{max(seconds):.2f}"
    median = statistics.median(seconds)
    print(f"| {name} | {median:.2f} | {spread} | {memory:,.0f} | {results} |", flush=True)


def _compared(folder: Path, size: int) -> None:
    data, shapes = folder / f"graph-{size}.ttl", folder / "shapes.ttl"
    data.write_text("".join(graph(size)), encoding="utf-8")
    for tool in TOOLS:
        installed = version(tool.package)
        name = f"{tool.name}, {size:,} triples"
        if installed is None:
            print(f"| {name} | not installed | | | |", flush=True)
            continue
        slow = tool.slow and size > LARGE
        if slow and not os.environ.get("DIALOGUE_SLOW"):
            print(f"| {name} | not run (DIALOGUE_SLOW) | | | |", flush=True)
            continue
        places = {"DATA": str(data), "SHAPES": str(shapes)}
        command = [places.get(part, part) for part in tool.command]
        runs = measured(command, 1 if tool.slow else RUNS)
        counted = re.findall(tool.results, runs[-1].output)
        results = counted[-1] if counted else runs[-1].output.strip()[-80:].replace("|", " ")
        name += f" ({installed})" if tool.package else ""
        _row(name, runs, results)


def main() -> None:
    """Print the figures as a Markdown table."""
    print("| what | CPU, s | least–greatest | peak, MB | results |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
        small = folder / "small.ttl"
        small.write_text(PREFIXES + ":a\n    a :Declaration ;\n    :adoptedAt :c ;\n.\n")
        command = [*OURS, str(small), "--shapes", str(folder / "shapes.ttl")]
        runs = measured(command, RUNS)
        _row("`dialogue check`, a file of ten lines", runs, "1")
        runs = measured([*OURS, "--as-of", "2026-11-30"], RUNS)
        _row("`dialogue check`, the record", runs, runs[-1].output.strip().rpartition("\n")[2])
        for size in SIZES:
            _compared(folder, size)


if __name__ == "__main__":
    main()
