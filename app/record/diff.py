"""What one state of a graph says and another does not."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from app import manifest
from app.errors import Fault
from app.rdf.prefixes import PrefixMap
from app.record import inference
from app.record.record import FOLDERS, Record, is_record, read_all, read_record

Quads = frozenset[ox.Quad]


@dataclass(frozen=True)
class Difference:
    """The quads that only the old state has, and those that only the new one has."""

    removed: Quads
    added: Quads

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


@dataclass(frozen=True)
class State:
    """The quads of one state, as they are written where it is a record."""

    quads: Quads
    prefixes: Mapping[str, str]
    record: Record | None = None
    description: frozenset[ox.Triple] = frozenset()

    @property
    def whole(self) -> Quads:
        """What a release of this state holds, but for its description."""
        return _named(inference.dataset(self.record)) if self.record else self.quads


def read(name: str, root: Path) -> State:
    """Return the state that `name` is: a release, a record, RDF files, or a revision of git.

    `root` is the record whose repository knows the revision. Raises Fault if it is none of them.
    """
    path = Path(name)
    if manifest.holds(path):
        parsed = ox.parse(path=str(path / manifest.DATASET), format=ox.RdfFormat.N_QUADS)
        description = ox.NamedNode(f"{manifest.read(path).base}graph/dataset")
        quads = _named(parsed)
        counted = frozenset(q.triple for q in quads if q.graph_name == description)
        return State(quads, manifest.read(path).prefixes, description=counted)
    if is_record(path):
        return _state(read_record(path))
    if path.exists():
        documents = read_all([path])
        prefixes = {n: s for document in documents for n, s in document.prefixes.items()}
        return State(_named(inference.quads(documents)), prefixes)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as folder:
        _check_out(name, root, Path(folder))
        return _state(read_record(Path(folder)))


def between(old: State, new: State) -> Difference:
    """Return the difference between two states.

    Two records are compared as they are written; where one side is a release, both are compared
    with what follows from them, and without what a release says of itself.
    """
    if (old.record is None) == (new.record is None):
        before, after = old.quads, new.quads
    else:
        before, after = old.whole, new.whole
    counted = old.description | new.description
    return Difference(
        frozenset(q for q in before - after if q.triple not in counted),
        frozenset(q for q in after - before if q.triple not in counted),
    )


def text(difference: Difference, prefixes: Mapping[str, str]) -> str:
    """Return a difference for people: by graph and subject, a line for each fact."""
    signed = [("-", q) for q in difference.removed] + [("+", q) for q in difference.added]
    names = PrefixMap(prefixes)

    def short(term: object) -> str:
        return names.iri(term.value) if isinstance(term, ox.NamedNode) else str(term)

    def place(item: tuple[str, ox.Quad]) -> tuple[str, str]:
        graph = item[1].graph_name
        return "" if graph == inference.DEFAULT else short(graph), short(item[1].subject)

    lines = []
    for (graph, subject), items in groupby(sorted(signed, key=place), key=place):
        lines.append(f"{subject}  ({graph})" if graph else subject)
        facts = sorted((short(q.predicate), short(q.object), sign) for sign, q in items)
        lines += [f"{sign}     {predicate} {value}" for predicate, value, sign in facts]
    counts = f"{len(difference.removed)} removed, {len(difference.added)} added"
    return "\n".join([*lines, counts]) + "\n"


def patch(difference: Difference) -> str:
    """Return a difference as an RDF Patch (https://afs.github.io/rdf-patch/)."""
    rows = [f"D {_row(q)} ." for q in difference.removed]
    rows.sort()
    rows += sorted(f"A {_row(q)} ." for q in difference.added)
    return "\n".join(["TX .", *rows, "TC ."]) + "\n"


def _row(quad: ox.Quad) -> str:
    terms = [quad.subject, quad.predicate, quad.object]
    if quad.graph_name != inference.DEFAULT:
        terms.append(quad.graph_name)  # type: ignore[arg-type]
    return " ".join(map(str, terms))


def _state(record: Record) -> State:
    return State(_named(inference.quads(record.documents)), record.prefixes, record)


def _named(quads: Iterable[ox.Quad]) -> Quads:
    """Give blank nodes names that depend on the graph alone (RDFC-1.0)."""
    named = ox.Dataset(quads)
    named.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(named)


def _check_out(revision: str, root: Path, folder: Path) -> None:
    if revision.startswith("-"):
        raise Fault(f"{revision}: neither a file, a folder nor a revision")
    command = ["git", "-C", str(root), "archive", "--format=tar", revision, "--", *FOLDERS]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise Fault(
            f"{revision}: neither a release, a record, an RDF file nor a revision of git"
        ) from None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
