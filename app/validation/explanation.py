"""What a rule asks, a case that breaks it, and the mend: facts beside the shape."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import DLG, RDF, SH, SKOS
from app.rdf.parser import Document
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.record.record import FOLDERS, VOCABULARIES, files_of, program_root, read_all
from app.validation.languages import best
from app.validation.nearest import Nearest
from app.validation.reports.common import at
from app.validation.shapes import STANDARD, Shapes
from app.validation.sources import Sources, read_sources

_WIDTH = 96
_OF_ITSELF = (RDF.type, SH.message, SH.description, DLG.remedy, SKOS.example)


def explain(rule: str, paths: Sequence[Path], record: Path, languages: Sequence[str]) -> str:
    """Return what a shape says of itself, for people.

    `rule` is its IRI or a prefixed name. It is sought in the shapes at `paths`, else in those of a
    record, its own and the program's. Raises Fault for a name that no shape has, with the nearest.
    """
    if paths:
        sources = Sources(read_sources(paths))
        shapes = Shapes(sources.quads(), sources.introduced)
        prefixes = {**STANDARD, **sources.prefixes}
    else:
        documents = _documents(record)
        shapes = Shapes(quad for document in documents for quad in document.quads)
        prefixes = dict(STANDARD)
        for document in documents:
            prefixes |= document.prefixes
    node = _node(rule, shapes, prefixes)
    names = PrefixMap(prefixes)
    parts = [names.term(node).short]
    for title, predicate in (("", SH.message), ("", SH.description), ("The mend", DLG.remedy)):
        text = _text(shapes, node, predicate, languages)
        if text:
            parts.append(f"{title}:\n{_wrapped(text)}" if title else _wrapped(text))
    examples = [v.value for v in shapes.about(node, SKOS.example) if isinstance(v, ox.Literal)]
    parts += [
        f"A case that breaks it:\n{textwrap.indent(text.rstrip(), '    ')}" for text in examples
    ]
    if len(parts) == 1:
        parts.append("The shape says nothing of itself: it has no sh:message, no sh:description.")
    if paths:
        parts.append(_as_written(node, shapes, names))
    return "\n\n".join(parts) + "\n"


def _documents(record: Path) -> list[Document]:
    documents = read_all(files_of(record, [FOLDERS[2]]))
    if any(
        q.subject == VOCABULARIES[FOLDERS[2]] and q.predicate == RDF.type
        for d in documents
        for q in d.quads
    ):
        return documents
    return read_all([program_root() / FOLDERS[2]]) + documents


def _as_written(node: Term, shapes: Shapes, names: PrefixMap) -> str:
    """Return where a shape stands and what it demands, in the terms of SHACL."""
    place = shapes.place(node)
    lines = [f"Written at {at(place)}:" if place else "Written:"]
    for subject, predicate, value in shapes.triples:
        if subject == node and predicate not in _OF_ITSELF:
            short = "[ … ]" if isinstance(value, ox.BlankNode) else names.plain(value)
            lines.append(f"    {names.term(predicate).short} {short}")
    return "\n".join(lines)


def _node(rule: str, shapes: Shapes, prefixes: dict[str, str]) -> Term:
    prefix, colon, local = rule.strip("<>").partition(":")
    full = prefixes[prefix] + local if colon and prefix in prefixes else rule.strip("<>")
    described = {t.subject.value for t in shapes.triples if isinstance(t.subject, ox.NamedNode)}
    if full in described:
        return ox.NamedNode(full)
    near = Nearest(sorted(described)).to(full)
    hint = f"; did you mean {PrefixMap(prefixes).iri(near)}?" if near else ""
    raise Fault(f"{rule}: no shape has this name{hint}")


def _text(
    shapes: Shapes, node: Term, predicate: ox.NamedNode, languages: Sequence[str]
) -> str | None:
    literals = [v for v in shapes.about(node, predicate) if isinstance(v, ox.Literal)]
    chosen = best(literals, languages)
    return chosen.value if chosen else None


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, break_on_hyphens=False)
