"""The dataset in every format of RDF, each written from its N-Quads as they stream by.

What is ours to read, Turtle and TriG of a record, has the canonical text, a fact a line. RDF of
others may be too large for that and is written by the engine's own serialiser.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from app.manifest import CONTEXT
from app.namespaces import DLG, RDF
from app.rdf import writer
from app.rdf.formats import (
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TURTLE,
    why_not_json_ld,
    why_not_rdf_xml,
)
from app.rdf.jsonld.compaction import Compactor, Json, line
from app.rdf.parser import Syntax
from app.rdf.prefixes import declarable, well_known
from app.release.formats import context
from app.release.formats.proof import is_same_dataset, is_same_default_graph, is_same_with_evidence
from app.release.material import Advance, Distribution, Material, Writer, default_graph

_EVERY = 20_000
TRIG_12, TURTLE_12 = "dialogue-rdf12.trig", "dialogue-rdf12.ttl"


def _by_graph(material: Material) -> Iterator[ox.Quad]:
    """Yield the quads graph by graph, the default graph first, subjects in their order."""
    graphs: dict[str, list[str]] = {}
    for quad in material.read():
        if isinstance(quad.graph_name, ox.DefaultGraph):
            yield quad
        else:
            graphs.setdefault(str(quad.graph_name), []).append(f"{quad} .")
    for _, lines in sorted(graphs.items()):
        yield from ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS)


def _told(quads: Iterable[ox.Quad], size: int, advance: Advance) -> Iterator[ox.Quad]:
    """Yield quads, of which there are about `size`, and tell how far that is."""
    for number, quad in enumerate(quads):
        if number % _EVERY == 0:
            advance(min(number / max(size, 1), 1))
        yield quad


def _stream(
    quads: Iterable[ox.Quad], path: Path, form: ox.RdfFormat, prefixes: Mapping[str, str]
) -> None:
    # Where rdf: is declared, the serialiser writes rdf:type in the place of “a”.
    used = {name: space for name, space in prefixes.items() if space != str(RDF)}
    ox.serialize(quads, output=str(path), format=form, prefixes=declarable(used, form))


def _trig(material: Material, advance: Advance) -> None:
    path = material.folder / "dialogue.trig"
    if material.record:
        path.write_bytes(writer.write(material.quads, material.prefixes, Syntax.TRIG).encode())
        return
    quads = _told(_by_graph(material), material.size, advance)
    _stream(quads, path, ox.RdfFormat.TRIG, material.prefixes)


def _turtle(material: Material, advance: Advance) -> None:
    path = material.folder / "dialogue.ttl"
    if material.record:
        quads = default_graph(material.quads)
        path.write_bytes(writer.write(quads, material.prefixes, Syntax.TURTLE).encode())
        return
    quads = _told(default_graph(material.read()), material.size, advance)
    _stream(quads, path, ox.RdfFormat.TURTLE, material.prefixes)


def _ntriples(material: Material, advance: Advance) -> None:
    quads = _told(default_graph(material.read()), material.size, advance)
    _stream(quads, material.folder / "dialogue.nt", ox.RdfFormat.N_TRIPLES, {})


def _rdfxml(material: Material, advance: Advance) -> None:
    quads = _told(default_graph(material.read()), material.size, advance)
    _stream(quads, material.folder / "dialogue.rdf", ox.RdfFormat.RDF_XML, material.prefixes)


def _context(material: Material, advance: Advance) -> None:
    text = context.text(_context_of(material, advance))
    (material.folder / CONTEXT).write_text(text, encoding="utf-8")


def _context_of(material: Material, advance: Advance) -> Json:
    quads = _told(material.read(), material.size, advance)
    return context.make(context.survey(quads), material.prefixes, material.base)


def _jsonld(material: Material, advance: Advance) -> None:
    """Write compact JSON-LD, an object a line, and its context, so that no network is needed.

    It can be read as it streams by (https://www.w3.org/TR/json-ld11-streaming/).
    """
    made = material.folder / CONTEXT
    if made.is_file():
        chosen = json.loads(made.read_text(encoding="utf-8"))["@context"]
    else:
        chosen = _context_of(material, lambda share: None)
    compactor = Compactor(chosen)
    quads = _told(_by_graph(material), material.size, advance)
    with (material.folder / "dialogue.jsonld").open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"@context":' + line(chosen) + ',\n"@graph":[')
        separator = "\n"
        for node in compactor.graphs(quads):
            file.write(separator + line(node))
            separator = ",\n"
        file.write("\n]}\n")


def _with_evidence(material: Material, advance: Advance) -> None:
    """Write what is held with its evidence as RDF 1.2: who says a fact, reifies it.

    `fact ~ evidence` says that the fact is held and the evidence says it; what evidence says that
    is not held is told as what the evidence reifies, and not asserted.
    """
    stance = {q.subject for q in default_graph(material.quads) if q.predicate == DLG.stance}
    facts: list[ox.Quad] = [*default_graph(material.quads)]
    asserted = {quad.triple for quad in facts}
    reifiers: dict[ox.Triple, list[ox.NamedNode]] = {}
    others: list[ox.Quad] = []
    for quad in material.quads:
        graph = quad.graph_name
        if not isinstance(graph, ox.NamedNode):
            continue
        if graph not in stance:
            others.append(quad)
        elif quad.triple in asserted:
            reifiers.setdefault(quad.triple, []).append(graph)
        else:
            facts.append(ox.Quad(graph, RDF.reifies, quad.triple))
    prefixes = {**well_known("rdf"), **material.prefixes}
    for name, quads, syntax in (
        (TURTLE_12, facts, Syntax.TURTLE),
        (TRIG_12, [*facts, *others], Syntax.TRIG),
    ):
        text = writer.write(quads, prefixes, syntax, reifiers)
        (material.folder / name).write_bytes(text.encode())
        advance(0.5)


def _differs_with_evidence(material: Material) -> Iterator[str]:
    yield from is_same_with_evidence(TRIG_12, whole=True)(material)
    yield from is_same_with_evidence(TURTLE_12, whole=False)(material)


WRITERS: tuple[Writer, ...] = (
    Writer(
        "trig",
        (Distribution("dialogue.trig", TRIG, "The whole dataset, for reading"),),
        _trig,
        differences=is_same_dataset("dialogue.trig"),
    ),
    Writer(
        "turtle",
        (Distribution("dialogue.ttl", TURTLE, "What we hold: the default graph"),),
        _turtle,
        differences=is_same_default_graph("dialogue.ttl"),
    ),
    Writer(
        "ntriples",
        (Distribution("dialogue.nt", N_TRIPLES, "What we hold, a fact a line"),),
        _ntriples,
        differences=is_same_default_graph("dialogue.nt"),
    ),
    Writer(
        "rdfxml",
        (Distribution("dialogue.rdf", RDF_XML, "What we hold, as XML"),),
        _rdfxml,
        why_not=why_not_rdf_xml,
        differences=is_same_default_graph("dialogue.rdf"),
    ),
    Writer(
        "context",
        (Distribution(CONTEXT, JSON_LD, "The context: what the keys of the JSON-LD mean"),),
        _context,
    ),
    Writer(
        "jsonld",
        (
            Distribution(
                "dialogue.jsonld", JSON_LD, "The whole dataset, for programs that read JSON"
            ),
        ),
        _jsonld,
        why_not=why_not_json_ld,
        differences=is_same_dataset("dialogue.jsonld"),
    ),
    Writer(
        "rdf12",
        (
            Distribution(TURTLE_12, TURTLE, "What we hold, each fact with its evidence (RDF 1.2)"),
            Distribution(TRIG_12, TRIG, "The whole dataset, each fact with its evidence (RDF 1.2)"),
        ),
        _with_evidence,
        of_record=True,
        differences=_differs_with_evidence,
    ),
)
