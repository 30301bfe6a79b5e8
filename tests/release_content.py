"""What a release holds, in a form that can be compared."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox


def canonical(quads: Iterable[ox.Quad]) -> list[str]:
    """Return quads as sorted lines, blank nodes under canonical labels."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} ." for quad in dataset)


def whole(folder: Path) -> list[str]:
    """Return the dataset of a release."""
    return canonical(_quads(folder))


def default_graph(folder: Path) -> list[str]:
    """Return the default graph of a release."""
    return canonical(q for q in _quads(folder) if isinstance(q.graph_name, ox.DefaultGraph))


def _quads(folder: Path) -> Iterable[ox.Quad]:
    return ox.parse(path=str(folder / "dialogue.nq"), format=ox.RdfFormat.N_QUADS)
