"""The named graphs of a dataset: how many there are of each kind, and all of them."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from app.namespaces import DCTERMS, DLG, RDF, RDFS, SD, XSD
from app.rdf.terms import Term, lexical

_LABELS = {
    "derivations": "Conclusions: one graph for each, which leads to the evidence it rests on",
    "descriptions": "Vocabulary, shapes and the description of the dataset",
    "evidence": "Evidence: one graph for each passage of a source, which holds what it says",
    "others": "Other graphs",
    "rules": "Rules: one graph for each, which holds all that it concludes",
}


_FEW = 50
_QUERIES = Path(__file__).parents[1] / "queries"
Select = Callable[[str, Mapping[str, Term]], Awaitable[Sequence[Mapping[str, Term]]]]


@dataclass(frozen=True)
class GraphKind:
    """One kind of named graphs: how many there are, and which, where these are few."""

    name: str
    count: int
    graphs: tuple[Term, ...] = ()


async def kinds(select: Select) -> list[GraphKind]:
    """Return the kinds of named graphs, by a function that answers a SELECT query.

    A query is given with the terms that take the place of its variables.
    """
    counts = await select((_QUERIES / "graph_kinds.rq").read_text(encoding="utf-8"), {})
    found: list[GraphKind] = []
    for row in counts:
        if "kind" not in row:
            continue
        kind = GraphKind(lexical(row["kind"]), int(lexical(row["count"])))
        if kind.count <= _FEW:
            text = (_QUERIES / "graphs.rq").read_text(encoding="utf-8")
            graphs = await select(text, {"kind": row["kind"]})
            kind = replace(kind, graphs=tuple(graph["graph"] for graph in graphs))
        found.append(kind)
    return found


def collection(base: str) -> ox.NamedNode:
    """Return the IRI of the collection of all named graphs, which lists them at its address."""
    return ox.NamedNode(f"{base}graph/")


def counted(base: str, of: Sequence[GraphKind]) -> Iterator[ox.Triple]:
    """Yield what the collection of named graphs is, with its kinds: no graph is listed."""
    whole = collection(base)
    yield from _collection(whole, "The named graphs", sum(kind.count for kind in of))
    for kind in of:
        part = ox.NamedNode(f"{whole.value}#{kind.name}")
        yield ox.Triple(whole, DCTERMS.hasPart, part)
        yield from _collection(part, _LABELS[kind.name], kind.count)


def _collection(node: ox.NamedNode, label: str, count: int) -> Iterator[ox.Triple]:
    yield ox.Triple(node, RDF.type, SD.GraphCollection)
    yield ox.Triple(node, RDFS.label, ox.Literal(label, language="en"))
    number = ox.Literal(str(count), datatype=XSD.integer)
    yield ox.Triple(node, DLG.graphCount, number)


def listed(node: ox.NamedNode, graphs: Iterable[Term]) -> Iterator[ox.Triple]:
    """Yield that a collection or dataset has these graphs, each under its own name."""
    for graph in graphs:
        if isinstance(graph, ox.NamedNode):
            yield ox.Triple(node, SD.namedGraph, graph)
            yield ox.Triple(graph, RDF.type, SD.NamedGraph)
            yield ox.Triple(graph, SD.name, graph)
