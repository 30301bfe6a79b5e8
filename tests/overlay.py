"""The cases of the shapes: a small record that breaks none, and what each case lays over it."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path, PurePath

import pyoxigraph as ox

from app.namespaces import DLG, DSH
from app.rdf.parser import Document, Syntax, read
from app.rdf.writer import write
from app.record import inference
from app.record.record import Record, read_file, read_record
from app.validation.check import check
from app.validation.findings import Finding

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
BASE = CASES / "base"
OF_THE_ONTOLOGY = "vocabulary.ttl", "schemes.ttl"
FOLDERS = {"body": "bodies", "state": "states"}
DEFAULT = ox.DefaultGraph()
TODAY = date(2026, 11, 24)
ANYTHING = "The page says so."
"""The words that cases put under whatever they state."""

Block = tuple[ox.NamedNode | ox.BlankNode | ox.DefaultGraph, object]
Blocks = dict[Block, list[ox.Quad]]


def cases() -> list[Path]:
    """Return every case: a file, or a folder of files, below the folder of its shape."""
    folders = [folder for folder in CASES.iterdir() if folder.is_dir() and folder != BASE]
    return sorted(case for folder in folders for case in folder.iterdir())


def name(case: Path) -> str:
    """Return what a case is called: its shape and how it breaks it."""
    return f"{case.parent.name}/{case.name}"


def is_sound(case: Path) -> bool:
    """Return whether a case is a neighbour of those that break its shape, and breaks nothing."""
    return case.name.startswith("sound-")


def breaking(shape: str) -> list[Path]:
    """Return the cases that break a shape, by its name."""
    return sorted(case for case in (CASES / shape).iterdir() if not is_sound(case))


@cache
def expected() -> dict[str, list[str]]:
    """Return the nodes at fault of each case, once for each value at fault."""
    with (CASES / "findings.csv").open(encoding="utf-8", newline="") as file:
        return {row["case"]: row["focus"].split() for row in csv.DictReader(file)}


def foci(findings: Iterable[Finding]) -> list[str]:
    """Return the nodes at fault of findings as the table of cases writes them: once for a value.

    How many constraints of a shape one value breaks is no matter.
    A node without a name is `[]`, a file is told by its path below the folder of its case.
    """
    below = f"<{CASES.as_uri()}/"
    faults = {(f.focus.short, f.path and f.path.full, f.value and f.value.full) for f in findings}
    names = sorted(focus.replace("[ ]", "[]") for focus, _, _ in faults)
    return [
        "/".join(name[:-1].removeprefix(below).split("/")[2:]) if name.startswith(below) else name
        for name in names
    ]


def checked(case: Path) -> list[Finding]:
    """Return what is the matter with a case, but that its words for anything do not name it."""
    record = laid_over(case)
    quotes = {
        q.subject.value: q.object for q in inference.quads(record.data) if q.predicate == DLG.quote
    }
    return [
        finding
        for finding in check(record, as_of=TODAY)
        if finding.shape.full != DSH["Quote-names"].value
        or quotes[finding.focus.full].value != ANYTHING
    ]


@cache
def base() -> Record:
    """Return the small record, with our own ontology, rules and shapes."""
    ours = read_record(ROOT)
    return replace(read_record(BASE), ontology=ours.ontology, rules=ours.rules, shapes=ours.shapes)


def laid_over(case: Path) -> Record:
    """Return the small record with a case laid over it.

    What is no matter of the ontology is validated without the shapes that look at nothing else:
    the untouched ontology is validated whole with the small record.
    """
    record = base()
    if case.suffix == ".ttl":
        return replace(record, ontology=_laid(record.ontology, read_file(case)))
    shapes = tuple(d for d in record.shapes if PurePath(d.path).name not in OF_THE_ONTOLOGY)
    record = replace(record, shapes=shapes)
    if case.is_dir():
        given = {path.relative_to(case): read_file(path) for path in sorted(case.rglob("*.*"))}
        kept = (d for d in record.data if Path(d.path).relative_to(BASE) not in given)
        return replace(record, data=(*kept, *given.values()))
    return replace(record, data=_laid(record.data, read_file(case)))


def _laid(documents: Sequence[Document], over: Document) -> tuple[Document, ...]:
    """Return documents in which the blocks of `over` stand in place of those of the same name.

    A block that is new goes into the file of what it is about. The text of every file that is
    touched is written anew.
    """
    given = _blocks(over, apart="over")
    blocks = {document.path: _blocks(document) for document in documents}
    prefixes = {document.path: document.prefixes for document in documents}
    touched = set()
    for block, quads in given.items():
        path = _home(block, quads, blocks, over)
        blocks.setdefault(path, {})[block] = quads
        touched.add(path)
    laid = {document.path: document for document in documents}
    for path in touched:
        syntax = Syntax.of(path)
        quads = [quad for block in blocks[path].values() for quad in block]
        text = write(quads, over.prefixes | prefixes.get(path, {}), syntax)
        laid[path] = read(text, path, syntax)
    return tuple(laid[path] for path in sorted(laid))


def _blocks(document: Document, apart: str = "") -> Blocks:
    """Return the quads of each block: a named graph, or what the default graph says of a subject.

    Blank nodes belong to the subject in whose description they stand. Those of documents that
    will be one are told `apart`.
    """
    parents = {q.object: q.subject for q in document.quads if isinstance(q.object, ox.BlankNode)}
    blocks: Blocks = {}
    for quad in document.quads:
        root = quad.subject
        while root in parents:
            root = parents[root]
        block = (quad.graph_name, root if quad.graph_name == DEFAULT else None)
        subject, value = (_apart(term, apart) for term in (quad.subject, quad.object))
        quad = ox.Quad(subject, quad.predicate, value, quad.graph_name)
        blocks.setdefault(block, []).append(quad)
    return blocks


def _apart(term: object, apart: str) -> object:
    return ox.BlankNode(apart + term.value) if isinstance(term, ox.BlankNode) else term


def _home(block: Block, quads: list[ox.Quad], blocks: dict[str, Blocks], over: Document) -> str:
    """Return the path of the file in which a block stands, or would."""
    for path, known in blocks.items():
        if block in known or (block[1], None) in known:
            return path
    stems = {PurePath(path).stem: path for path in blocks}
    homes = {q.subject: path for path in blocks for given in blocks[path].values() for q in given}
    subjects = [quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)]
    for subject in subjects:
        name = subject.value.rpartition("/")[2]
        stem = name.rpartition(".")[0]
        if home := homes.get(subject) or stems.get(name) or stems.get(stem):
            return home
    if over.syntax is Syntax.TURTLE:
        return over.path
    kind, name = subjects[0].value.split("/")[-2:]
    return str(BASE / "data" / FOLDERS.get(kind, f"{kind}s") / f"{name}.trig")
