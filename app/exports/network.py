"""Edges as a network: GraphML for programs that draw and measure, CSV for those that read tables.

http://graphml.graphdrawing.org/specification.html (1.1)
"""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from app.exports import csv, references
from app.exports.tables import Column, Type
from app.exports.things import Thing
from app.rdf.formats import without_illegal_xml

_NODE = ("iri", "name", "kind")
_EDGE = ("relation", "role", "rank", "begins", "ends", "evidence")
_JOINT = " | "
_COLUMNS = (
    Column("edge", Type.STRING, "Edge"),
    Column("source", Type.IRI, "From"),
    Column("source_name", Type.STRING, "Name of that"),
    Column("target", Type.IRI, "To"),
    Column("target_name", Type.STRING, "Name of that"),
    *(Column(name, Type.STRING, name.capitalize()) for name in _EDGE),
)


def as_graphml(edges: Sequence[Thing], nodes: Sequence[Thing], base: str) -> bytes:
    """Return edges, with the nodes at their ends, as GraphML: directed, and several may be alike.

    An edge has `source` and `target`. Ids are made of the IRIs, which are no names in XML; several
    values of one attribute stand beside each other, since the format knows no lists.
    """
    return "".join(_lines(edges, nodes, base)).encode()


def as_csv(edges: Sequence[Thing], nodes: Sequence[Thing]) -> bytes:
    """Return edges as CSV, a row each, with the names of their ends."""
    names = {node.iri: node.text("name") for node in nodes}
    rows = [
        [
            edge.iri,
            source,
            names.get(source),
            target,
            names.get(target),
            *(_joined(edge, name) or None for name in _EDGE),
        ]
        for edge in edges
        for source, target in _ends(edge)
    ]
    return b"".join(csv.blocks(_COLUMNS, rows))


def _lines(edges: Sequence[Thing], nodes: Sequence[Thing], base: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for what, names in (("node", _NODE), ("edge", ("iri", *_EDGE))):
        for name in names:
            key = f'id="{what}-{name}" for="{what}" attr.name="{name}" attr.type="string"'
            yield f"<key {key}/>\n"
    yield '<graph edgedefault="directed">\n'
    known = {node.iri: node for node in nodes}
    ends = [(edge, source, target) for edge in edges for source, target in _ends(edge)]
    iris = sorted({iri for _, *both in ends for iri in both})
    ids = dict(zip(iris, references.keys(iris, base), strict=True))
    for iri, key in ids.items():
        node = known.get(iri, Thing(iri))
        texts = {"iri": iri, "name": node.text("name"), "kind": node.text("kind")}
        yield f"<node id={quoteattr(key)}>{_data('node', texts)}</node>\n"
    keys = references.keys([edge.iri for edge, *_ in ends], base)
    for key, (edge, source, target) in zip(keys, ends, strict=True):
        # What stands between two things directly has no IRI of its own.
        own = edge.iri if " " not in edge.iri else None
        told = {"iri": own, **{name: _joined(edge, name) for name in _EDGE}}
        at = f'source="{ids[source]}" target="{ids[target]}"'
        yield f"<edge id={quoteattr(key)} {at}>{_data('edge', told)}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _ends(edge: Thing) -> Iterator[tuple[str, str]]:
    for source in edge.texts("source"):
        for target in edge.texts("target"):
            yield source, target


def _joined(edge: Thing, name: str) -> str:
    return _JOINT.join(edge.texts(name))


def _data(what: str, texts: Mapping[str, str | None]) -> str:
    return "".join(
        f'<data key="{what}-{name}">{escape(without_illegal_xml(text))}</data>'
        for name, text in texts.items()
        if text
    )
