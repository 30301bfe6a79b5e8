"""The proof of a release: every file, read back from the disk, holds what its N-Quads hold.

Two files are the same where they have as many lines of N-Quads and the same sum of the digests of
these, in whatever order: so a dataset of any size is compared. Only where that differs it is looked
for what does. Quads with blank nodes are compared under canonical labels (RDFC-1.0).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from app.manifest import DATASET
from app.namespaces import DLG, RDF
from app.rdf import formats
from app.release.material import Material, default_graph

_BATCH = 50_000
# JSON-LD as we write it need not be held whole to be read (https://www.w3.org/TR/json-ld11-streaming/).
_STREAMED = {ox.RdfFormat.JSON_LD: ox.RdfFormat.STREAMING_JSON_LD}
Differences = Callable[[Material], Iterator[str]]
Part = Callable[[Material], Iterable[ox.Quad]]


@dataclass
class _Content:
    """What a file holds: how many lines, the sum of their digests, quads that have blank nodes."""

    count: int = 0
    total: int = 0
    anonymous: set[ox.Quad] = field(default_factory=set)

    def add(self, batch: bytes) -> None:
        """Add lines of N-Quads."""
        for line in _lines(batch, self.anonymous):
            self.count += 1
            self.total += int.from_bytes(_digest(line), "little")


class Unproven(Exception):
    """Files of a release that hold something else than its dataset does, a line for each."""

    def __init__(self, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        super().__init__("\n".join(self.differences))


def is_same_dataset(name: str) -> Differences:
    """Return what tells whether the file of this name holds the whole dataset."""
    return lambda material: _compare(material, name, Material.read)


def is_same_default_graph(name: str) -> Differences:
    """Return what tells whether the file of this name holds the default graph, and nothing else."""
    return lambda material: _compare(material, name, _default)


def is_same_with_evidence(name: str, *, whole: bool) -> Differences:
    """Return what tells whether a file of RDF 1.2 holds the default graph and all evidence.

    What evidence reifies there is what the graph of that name holds. The `whole` dataset has other
    graphs besides.
    """
    part = Material.read if whole else _with_evidence
    return lambda material: _compare(material, name, part, _to_graphs)


def _default(material: Material) -> Iterator[ox.Quad]:
    return default_graph(material.read())


def _with_evidence(material: Material) -> Iterator[ox.Quad]:
    evidence = {quad.subject for quad in _default(material) if quad.predicate == DLG.stance}
    for quad in material.read():
        if isinstance(quad.graph_name, ox.DefaultGraph) or quad.graph_name in evidence:
            yield quad


def _to_graphs(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    for quad in quads:
        value, name = quad.object, quad.subject
        if (
            quad.predicate == RDF.reifies
            and isinstance(value, ox.Triple)
            and not isinstance(name, ox.Triple)
        ):
            yield ox.Quad(value.subject, value.predicate, value.object, name)
        else:
            yield quad


def _compare(
    material: Material,
    name: str,
    part: Part,
    read: Callable[[Iterable[ox.Quad]], Iterable[ox.Quad]] = lambda quads: quads,
) -> Iterator[str]:
    """Yield one line where a file holds something else than that part of the dataset."""
    expected = _expected(material, part)
    present = _Content()
    path = material.folder / name

    def quads() -> Iterable[ox.Quad]:
        form = formats.rdf_of_file(name)
        return read(ox.parse(path=str(path), format=_STREAMED.get(form, form)))

    try:
        for batch in _batches(quads()):
            present.add(batch)
    except (OSError, SyntaxError) as error:
        yield f"{name}: cannot be read: {error}"
        return
    if (present.count, present.total) != (expected.count, expected.total):
        difference = _difference(part(material), quads())
        if difference:
            yield f"{name}: {difference}"
            return
    wanted, labelled = _canonical(expected.anonymous), _canonical(present.anonymous)
    if wanted != labelled:
        lacking = sorted(wanted - labelled)
        verb = "lacks" if lacking else f"has what {DATASET} has not:"
        yield f"{name}: {verb} {(lacking or sorted(labelled - wanted))[0]}"


def _expected(material: Material, part: Part) -> _Content:
    """Return what that part of the dataset is, read once for all files that have it."""
    known = material.memory.get(part)
    if isinstance(known, _Content):
        return known
    content = _Content()
    for batch in _batches(part(material)):
        content.add(batch)
    material.memory[part] = content
    return content


def _difference(expected: Iterable[ox.Quad], present: Iterable[ox.Quad]) -> str:
    """Return the first quad that only one has, in a few words; nothing where each has all."""
    wanted: dict[bytes, bool] = {}
    anonymous: set[ox.Quad] = set()
    for batch in _batches(expected):
        wanted |= dict.fromkeys(_lines(batch, anonymous), True)
    for batch in _batches(present):
        for line in _lines(batch, anonymous):
            if line not in wanted:
                return f"has what {DATASET} has not: {line.decode()}"
            wanted[line] = False
    return next((f"lacks {line.decode()}" for line, left in wanted.items() if left), "")


def _batches(quads: Iterable[ox.Quad]) -> Iterator[bytes]:
    """Yield quads as N-Quads, many lines at once."""
    stream = iter(quads)
    while batch := ox.serialize(islice(stream, _BATCH), format=ox.RdfFormat.N_QUADS):
        yield batch


def _lines(batch: bytes, anonymous: set[ox.Quad]) -> Iterator[bytes]:
    """Yield the lines of N-Quads; put quads with blank nodes into `anonymous` instead."""
    for line in batch.splitlines():
        if b"_:" in line:
            (quad,) = ox.parse(line, format=ox.RdfFormat.N_QUADS)
            if any(_is_anonymous(term) for term in quad):
                anonymous.add(quad)
                continue
        yield line


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=32).digest()


def _is_anonymous(term: object) -> bool:
    if isinstance(term, ox.Triple):
        return any(_is_anonymous(part) for part in term)
    return isinstance(term, ox.BlankNode)


def _canonical(quads: Iterable[ox.Quad]) -> set[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {f"{quad} ." for quad in dataset}
