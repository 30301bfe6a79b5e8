"""The places of given statements in a file of any RDF syntax.

A validator reads a file fast and without places; for what it has to say something about, this
finds where it is written, reading as little of the file again as it can.

Where a term stands: in Turtle, TriG, N-Triples and N-Quads at its first character; in JSON-LD at
the quotation mark, number or bracket (a predicate at its key, a node without `@id` at its brace);
in RDF/XML at the quotation mark of an attribute's value, at the first character of a text that is
no space, at the “<” of an element. What is not written stands where it is meant: the cells of a
list at its bracket or property and at its items.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat

from app.namespaces import RDF
from app.rdf import blocks
from app.rdf.anonymous import Anonymous, with_labels
from app.rdf.garbage import uncollected
from app.rdf.jsonld.reader import read_jsonld
from app.rdf.matching import match, renamed
from app.rdf.parser import Node, Statement, Syntax, Term, read
from app.rdf.rdfxml import RdfXml, alike, loosened
from app.rdf.source import SYNTAXES, Source

Triple = tuple[Node, NamedNode, Term]

SMALL = 2**16
"""Up to how many characters a text is read whole: then unusual spellings are seen as well."""


@dataclass(frozen=True)
class Wanted:
    """What is sought: triples, in whatever graph, and everything said about `subjects`.

    `as_written` tells that blank nodes which have a label in the text are called by it, as
    pyoxigraph calls them unless it is told to rename them; it saves reading the text once more.
    """

    triples: frozenset[Triple] = frozenset()
    subjects: frozenset[Node] = frozenset()
    as_written: bool = False

    def accepts(self, quad: Quad) -> bool:
        """Return whether a statement is sought."""
        return quad.subject in self.subjects or triple_of(quad) in self.triples

    @property
    def described(self) -> set[Node]:
        """The subjects of what is sought."""
        return {subject for subject, _, _ in self.triples} | self.subjects

    @property
    def blank(self) -> bool:
        """Whether a blank node is among what is sought."""
        terms: Iterable[Term] = (term for s, _, o in self.triples for term in (s, o))
        return any(isinstance(t, BlankNode) for t in (*self.subjects, *terms))

    def complete(self, located: Iterable[Statement]) -> bool:
        """Return whether everything that is sought is among `located`."""
        found = {triple_of(s.quad) for s in located}
        return self.triples <= found and self.subjects <= {subject for subject, _, _ in found}


def triple_of(quad: Quad) -> Triple:
    """Return what a statement says, without its graph, as a tuple."""
    return quad.subject, quad.predicate, quad.object  # type: ignore[return-value]


def statements(
    source: Source, wanted: Wanted, quads: Callable[[], Iterable[Quad]] = tuple
) -> list[Statement]:
    """Return the statements of `source` that are `wanted`, in the order of the text.

    `quads` returns the statements of the same text as the asker read them, at least all that
    have blank nodes; it is called only where `wanted` has some, to tell which is which: the
    statements returned have the asker's blank nodes. What cannot be located is left out. In a text
    that is not `SMALL`, a second statement of the same triple may be missed if its subject has an
    unusual spelling. Raises ParseFault for a text that breaks its grammar.
    """
    if not (wanted.triples or wanted.subjects):
        return []
    with uncollected():
        located = _located(source, wanted, quads)
    return sorted(
        (s for s in located if wanted.accepts(s.quad)), key=lambda s: (s.object, s.predicate)
    )


def _located(
    source: Source, wanted: Wanted, quads: Callable[[], Iterable[Quad]]
) -> list[Statement]:
    if source.format == RdfFormat.JSON_LD:
        return read_jsonld(source, wanted.triples, wanted.subjects, quads)
    if source.format == RdfFormat.RDF_XML:
        return _of_xml(source, wanted, quads)
    return _of_text(source, SYNTAXES[source.format], wanted, quads)


def introduction(statements: Sequence[Statement], term: Term) -> list[int]:
    """Return the offsets at which `term` is introduced by `statements`.

    That is every place where it is typed; else the first where it is a subject; else the first
    where it is an object; else nothing.
    """
    own = [s for s in statements if s.quad.subject == term]
    typed = [s.subject for s in own if s.quad.predicate == RDF.type]
    if typed:
        return sorted(dict.fromkeys(typed))
    if own:
        return [min(s.subject for s in own)]
    return sorted(s.object for s in statements if s.quad.object == term)[:1]


def _of_text(
    source: Source, syntax: Syntax, wanted: Wanted, quads: Callable[[], Iterable[Quad]]
) -> list[Statement]:
    asked = list(quads()) if wanted.blank else []
    if len(source.text) > SMALL:
        located = _of_blocks(source, syntax, wanted, asked)
        if located is not None and (
            wanted.complete(located) or (not wanted.blank and _is_all(source, wanted, located))
        ):
            return located
    whole = read(source.text, source.path, syntax, source.base).statements
    if not wanted.blank:
        return whole
    names = match((s.quad for s in whole), asked)
    return [s._replace(quad=renamed(s.quad, names)) for s in whole]


def _is_all(source: Source, wanted: Wanted, located: Iterable[Statement]) -> bool:
    """Return whether the rest of what is sought is nowhere in the text, by the quick parser."""
    found = {triple_of(s.quad) for s in located}
    rest = Wanted(wanted.triples - found, wanted.subjects - {subject for subject, _, _ in found})
    return not any(rest.accepts(quad) for quad in source.quads())


def _of_blocks(
    source: Source, syntax: Syntax, wanted: Wanted, asked: list[Quad]
) -> list[Statement] | None:
    """Return the statements in the blocks about what is sought; nothing where that is too little.

    That is where the blocks cannot be read alone, and where a blank node hangs on no name.
    """
    if not wanted.blank:
        cut = blocks.about(source.text, syntax, _by_name(wanted.described), source.base)
        return None if cut is None else cut.statements
    if wanted.as_written:
        return _hanging(source, syntax, wanted.described, Anonymous(asked, source.text))
    # Without labels in the blocks it does not matter what the asker calls nodes with a label.
    located = _hanging(source, syntax, wanted.described, Anonymous(asked, None))
    if located is not None and wanted.complete(located):
        return located
    plain = list(source.quads())
    own = match(asked, plain)
    described = {
        own.get(node, node) if isinstance(node, BlankNode) else node for node in wanted.described
    }
    located = _hanging(source, syntax, described, Anonymous(plain, source.text))
    if located is None:
        return None
    back = {theirs: ours for ours, theirs in own.items()}
    return [s._replace(quad=renamed(s.quad, back)) for s in located]


def _hanging(
    source: Source, syntax: Syntax, described: Iterable[Node], anonymous: Anonymous
) -> list[Statement] | None:
    """Return the statements in the blocks about the named nodes that others hang on."""
    anchors = anonymous.anchors(described)
    if anchors is None:
        return None
    cut = blocks.about(source.text, syntax, _by_name(anchors), source.base)
    if cut is None or (cut.labels and not anonymous.knows_labels):
        return None
    labels = {node: label[2:] for label, node in cut.labels.items()}
    near = list(anonymous.hanging_on(anchors))
    known = {
        term: term.value
        for quad in near
        for term in (quad.subject, quad.object, quad.graph_name)
        if isinstance(term, BlankNode) and term not in anonymous
    }
    names = match(with_labels((s.quad for s in cut.statements), labels), with_labels(near, known))
    names |= {node: BlankNode(label) for node, label in labels.items()}
    return [s._replace(quad=renamed(s.quad, names)) for s in cut.statements]


def _by_name(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=str)


def _of_xml(source: Source, wanted: Wanted, quads: Callable[[], Iterable[Quad]]) -> list[Statement]:
    document = RdfXml(source.text, source.path, source.base)
    own = document.quads
    names = match(loosened(own), loosened(quads())) if wanted.blank else {}
    located: list[Statement] = []
    near: dict[tuple[object, object], list[int]] = {}
    missing = set(wanted.triples)
    for index, quad in enumerate(own):
        quad = renamed(quad, names)
        missing.discard(triple_of(quad))
        if wanted.accepts(quad):
            located.append(document.statement(index)._replace(quad=quad))
        near.setdefault((quad.subject, quad.predicate), []).append(index)
    for subject, predicate, value in missing:
        for index in near.get((subject, predicate), ()):
            if alike(own[index].object, value):
                quad = Quad(subject, predicate, value)
                located.append(document.statement(index)._replace(quad=quad))
    return located
