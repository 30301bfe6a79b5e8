"""What one state of a graph says and another does not."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from app import manifest
from app.namespaces import BASE
from app.rdf.parser import Document
from app.rdf.prefixes import PrefixMap
from app.record import inference
from app.record.record import Record, files_of, is_record, read_all, read_record
from app.record.revisions import check_out
from app.record.skolem import skolemize
from app.templating import environment

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
    """The quads of one state; `written` ones are of the files of a record, without what follows."""

    quads: Quads
    prefixes: Mapping[str, str]
    written: bool = False
    record: Record | None = None
    description: frozenset[ox.Triple] = frozenset()

    @property
    def whole(self) -> Quads:
        """What a release of this state holds, but for its description."""
        return frozenset(inference.dataset(self.record)) if self.record else self.quads


class SignedFact(NamedTuple):
    """A fact that is in one state only, its IRIs shortened; `sign` is - or +."""

    predicate: str
    value: str
    sign: str


class SubjectDifference(NamedTuple):
    """The facts of one subject in one graph; the default graph has no name."""

    graph: str
    subject: str
    facts: tuple[SignedFact, ...]


def read(name: str, root: Path) -> State:
    """Return the state that `name` is: a release, a record, RDF files, or a revision of git.

    `root` is the record whose repository knows the revision; one that is older than the record's
    description is what its files say. Raises Fault if it is none of them.
    """
    path = Path(name)
    if manifest.holds(path):
        parsed = ox.parse(path=str(path / manifest.DATASET), format=ox.RdfFormat.N_QUADS)
        base = manifest.read(path).base
        description = ox.NamedNode(f"{base}graph/dataset")
        quads = _named(parsed, base)
        counted = frozenset(q.triple for q in quads if q.graph_name == description)
        return State(quads, manifest.read(path).prefixes, description=counted)
    if is_record(path):
        return _state(read_record(path))
    if path.exists():
        return _files(read_all([path]), BASE)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as folder:
        check_out(name, root, Path(folder))
        if is_record(Path(folder)):
            return _state(read_record(Path(folder)))
        base = read_record(root).base if is_record(root) else BASE
        return replace(_files(read_all(files_of(Path(folder))), base), written=True)


def between(old: State, new: State) -> Difference:
    """Return the difference between two states.

    Two records are compared as they are written; where one side is a release, both are compared
    with what follows from them, and without what a release says of itself.
    """
    if old.written == new.written:
        before, after = old.quads, new.quads
    else:
        before, after = old.whole, new.whole
    counted = old.description | new.description
    return Difference(
        frozenset(q for q in before - after if q.triple not in counted),
        frozenset(q for q in after - before if q.triple not in counted),
    )


def groups(difference: Difference, prefixes: Mapping[str, str]) -> list[SubjectDifference]:
    """Return a difference by graph and subject, its IRIs shortened."""
    signed = [("-", q) for q in difference.removed] + [("+", q) for q in difference.added]
    names = PrefixMap(prefixes)

    def short(term: object) -> str:
        return names.iri(term.value) if isinstance(term, ox.NamedNode) else str(term)

    def place(item: tuple[str, ox.Quad]) -> tuple[str, str]:
        graph = item[1].graph_name
        return "" if graph == inference.DEFAULT else short(graph), short(item[1].subject)

    return [
        SubjectDifference(
            graph,
            subject,
            tuple(
                sorted(
                    (SignedFact(short(q.predicate), short(q.object), sign) for sign, q in items),
                )
            ),
        )
        for (graph, subject), items in groupby(sorted(signed, key=place), key=place)
    ]


def text(difference: Difference, prefixes: Mapping[str, str]) -> str:
    """Return a difference for people: by graph and subject, a line for each fact."""
    lines = []
    for group in groups(difference, prefixes):
        lines.append(f"{group.subject}  ({group.graph})" if group.graph else group.subject)
        lines += [f"{fact.sign}     {fact.predicate} {fact.value}" for fact in group.facts]
    counts = f"{len(difference.removed)} removed, {len(difference.added)} added"
    return "\n".join([*lines, counts]) + "\n"


def page(difference: Difference, prefixes: Mapping[str, str], names: tuple[str, str]) -> str:
    """Return a difference as a page of HTML that needs nothing else; `names` are of the states."""
    template = environment().get_template("diff.html")
    return template.render(
        old=names[0],
        new=names[1],
        groups=groups(difference, prefixes),
        removed=len(difference.removed),
        added=len(difference.added),
    )


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
    return State(
        _named(inference.quads(record.documents), record.base), record.prefixes, True, record
    )


def _files(documents: Sequence[Document], base: str) -> State:
    prefixes = {n: s for document in documents for n, s in document.prefixes.items()}
    return State(_named(inference.quads(documents), base), prefixes)


def _named(quads: Iterable[ox.Quad], base: str) -> Quads:
    """Give blank nodes names that depend on their content alone."""
    return frozenset(skolemize(list(quads), base))
