"""A release: the dataset in files, the same bytes from the same commit."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from app import __version__
from app.errors import Fault
from app.manifest import DATASET, MANIFEST, Release
from app.rdf import writer
from app.rdf.formats import N_QUADS, TRIG, TURTLE
from app.rdf.parser import Document, Syntax
from app.rdf.prefixes import well_known
from app.record import inference
from app.record.record import Record
from app.release import void

SUMS = "SHA256SUMS"
DISTRIBUTIONS = (
    void.Distribution(DATASET, N_QUADS, "The whole dataset, every graph"),
    void.Distribution("dialogue.trig", TRIG, "The whole dataset, for reading"),
    void.Distribution("dialogue.ttl", TURTLE, "What we hold: the default graph"),
    void.Distribution("ontology.ttl", TURTLE, "The ontology"),
    void.Distribution("shapes.ttl", TURTLE, "The shapes that check the record"),
    void.Distribution("void.ttl", TURTLE, "The description of the dataset"),
)


def commit(folder: Path) -> tuple[str, date | None]:
    """Return the commit that a folder is at and its day; nothing where git knows none.

    A commit whose folders have been changed since carries `+changes`.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout.strip()

    try:
        revision, day = git("log", "-1", "--format=%H %cs").split()
        changed = git("status", "--porcelain", "--", "ontology", "data", "shapes")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return "", None
    return revision + ("+changes" if changed else ""), date.fromisoformat(day)


def build(record: Record, out: Path, *, as_of: date | None = None) -> Release:
    """Write a release of a record into `out`, replacing the release that is there.

    `as_of` is the day of the release (the commit's, where git knows one; else today).
    Raises Fault if `out` holds anything else than a release.
    """
    revision, day = commit(record.root)
    released = (as_of or day or date.today()).isoformat()
    quads = inference.dataset(record)
    described = void.describe(record, quads, DISTRIBUTIONS, __version__, released)
    graph = ox.NamedNode(f"{record.base}graph/dataset")
    quads += inference.put(described) + inference.put(described, graph)
    quads = list(dict.fromkeys(quads))

    texts = _texts(record, quads, graph)
    texts |= {f"rules/{rule.path.name}": rule.text for rule in record.rules}
    base, dataset, made = record.base, record.dataset.value, (revision, released)
    return _release(texts, len(quads), base, dataset, record.prefixes, made, out)


def bundle(documents: list[Document], base: str, out: Path) -> Release:
    """Write a release of any RDF into `out`: its quads as they are, without rules or shapes."""
    quads = list(dict.fromkeys(inference.quads(documents)))
    prefixes: dict[str, str] = {}
    for document in documents:
        prefixes = {**document.prefixes, **prefixes}
    texts = {
        DATASET: writer.write(quads, {}, Syntax.N_QUADS),
        "dialogue.trig": writer.write(quads, prefixes, Syntax.TRIG),
    }
    made = "", date.today().isoformat()
    return _release(texts, len(quads), base, f"{base}dataset", prefixes, made, out)


def _texts(record: Record, quads: list[ox.Quad], graph: ox.NamedNode) -> dict[str, str]:
    prefixes = {**well_known("dcat", "dcterms", "owl", "void", "xsd"), **record.prefixes}
    for document in (*record.ontology, *record.shapes):
        prefixes = {**document.prefixes, **prefixes}

    def turtle(name: ox.NamedNode | ox.DefaultGraph) -> str:
        chosen = (ox.Quad(*q.triple) for q in quads if q.graph_name == name)
        return writer.write(chosen, prefixes, Syntax.TURTLE)

    return {
        DATASET: writer.write(quads, {}, Syntax.N_QUADS),
        "dialogue.trig": writer.write(quads, prefixes, Syntax.TRIG),
        "dialogue.ttl": turtle(inference.DEFAULT),
        "ontology.ttl": turtle(ox.NamedNode(f"{record.base}graph/ontology")),
        "shapes.ttl": turtle(ox.NamedNode(f"{record.base}graph/shapes")),
        "void.ttl": turtle(graph),
    }


def _release(
    texts: dict[str, str],
    quads: int,
    base: str,
    dataset: str,
    prefixes: dict[str, str],
    made: tuple[str, str],
    out: Path,
) -> Release:
    release = Release(
        version=__version__,
        commit=made[0],
        date=made[1],
        digest=hashlib.sha256(texts[DATASET].encode()).hexdigest(),
        base=base,
        dataset=dataset,
        quads=quads,
        prefixes=dict(sorted(prefixes.items())),
    )
    _write({**texts, MANIFEST: json.dumps(asdict(release), indent=2) + "\n"}, out)
    return release


def _write(texts: dict[str, str], out: Path) -> None:
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / SUMS).is_file())):
        raise Fault(f"{out}: holds something else than a release; name another folder with --out")
    # Written beside and moved, so that a release that is being served is never half a one.
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{out.name}.", dir=out.parent))
    beside.chmod(0o755)
    sums = []
    for name, text in sorted(texts.items()):
        file = beside / name
        file.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file.write_bytes(content)
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (beside / SUMS).write_text("".join(sums), encoding="utf-8")
    if out.exists():
        shutil.rmtree(out)
    beside.rename(out)
