"""The canonical text of a graph: one fact per line, in one order that depends on nothing else.

The same quads give the same text, whatever their order and the names of their blank nodes; a fact
that is added or removed is a line that is added or removed. Every literal keeps its lexical form.
So a difference between two texts is a difference in what they say.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

from app.errors import Fault
from app.namespaces import RDF, XSD
from app.rdf.parser import DEEPEST, Graph, Node, Syntax, Term
from app.rdf.prefixes import longest_first, prefixed
from app.rdf.tokens import PREFIX

_FIRST, _REST, _NIL, _TYPE = RDF.first, RDF.rest, RDF.nil, RDF.type
_STRING = XSD.string
_INDENT = "    "
_Value = Term | Triple
_LIST_WIDTH = 80
"""A list that is longer takes a line for each item."""

_SHORT = {
    XSD.integer: re.compile(r"0|-?[1-9][0-9]*"),
    XSD.decimal: re.compile(r"(?!-0\.0$)-?(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])"),
    XSD.boolean: re.compile(r"true|false"),
}
_PREFIX = re.compile(f"(?:{PREFIX})?")
_LOCAL = re.compile(r"\w(?:[\w-]|\.(?=[\w-]))*", re.ASCII)

# Fixed ranges and not Unicode's categories: those grow with every release of Python, and a text
# must stay canonical. Controls, spaces that look like the ordinary one, joiners, directions,
# fillers, variation selectors, tags and what is no character.
_INVISIBLE = (
    "\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IN_IRI = re.compile(rf'[{_INVISIBLE} <>"{{}}|^`\\]')
_IN_STRING = re.compile(rf'[{_INVISIBLE}"\\]')
_IN_LONG_STRING = re.compile(rf'(?!\n)[{_INVISIBLE}\\]|"(?="|\Z)')
_ECHAR = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def write(
    quads: Iterable[Quad],
    prefixes: Mapping[str, str],
    syntax: Syntax,
    reifiers: Mapping[Triple, Sequence[NamedNode]] | None = None,
) -> str:
    """Return the canonical text of `quads`, ending with one line feed; no quads, no text.

    `prefixes` may be used (the longest namespace that fits wins) and are declared where they
    are. Lines of N-Triples and N-Quads are those of RDFC-1.0, which also names their blank nodes
    (in exponential time where they form a graph that is made to resist it). Raises `Fault` where
    there is no such text: a graph in Turtle or N-Triples; in Turtle and TriG a blank node without
    one place to stand in, or a graph that has no IRI.

    With `reifiers` Turtle and TriG are those of RDF 1.2: a triple may be a value, and each triple
    of the default graph names those that reify it (a triple that is none of its is passed over).
    """
    chosen = set(quads)
    if syntax in (Syntax.TURTLE, Syntax.N_TRIPLES):
        for quad in chosen:
            if not isinstance(quad.graph_name, DefaultGraph):
                raise Fault(
                    f"{syntax.name.replace('_', '-').title()} has no graphs, and a statement "
                    f"stands in {quad.graph_name}: write TriG or N-Quads"
                )
    if syntax in (Syntax.N_TRIPLES, Syntax.N_QUADS):
        return _lines(chosen)
    return _Text(chosen, _Names(prefixes), reifiers).text()


def _lines(quads: set[Quad]) -> str:
    if any(isinstance(t, BlankNode) for q in quads for t in (q.subject, q.object, q.graph_name)):
        dataset = Dataset(quads)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        quads = set(dataset)
    return "".join(sorted(f"{quad} .\n" for quad in quads))


class _Names:
    """IRIs as they are written, and the prefixes that this took."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        for prefix in prefixes:
            if not _PREFIX.fullmatch(prefix):
                raise Fault(f"“{prefix}:” is not a prefix: it starts with a letter, holds no space")
        self._prefixes, self._spaces = prefixes, longest_first(prefixes)
        self._written: dict[NamedNode, str] = {}
        self.used: dict[str, str] = {}

    def write(self, node: NamedNode) -> str:
        """Return `node` as a prefixed name where its local part needs no escape, else in < >."""
        known = self._written.get(node)
        if known is None:
            known = self._written[node] = self._name(node.value) or iri(node.value)
        return known

    def _name(self, value: str) -> str | None:
        found = prefixed(value, self._spaces, _LOCAL.fullmatch)
        if found is None:
            return None
        name, prefix = found
        self.used[prefix] = self._prefixes[prefix]
        return name


def iri(value: str) -> str:
    """Return an IRI in < >, with escapes for what the grammar or the eye would miss."""
    return f"<{_IN_IRI.sub(_number, value)}>"


def string(value: str) -> str:
    """Return a string in quotation marks: three at each end where it has line feeds.

    >>> string('say "no"')
    '"say \\\\"no\\\\""'
    """
    if "\n" in value:
        return f'"""{_IN_LONG_STRING.sub(_escape, value)}"""'
    return f'"{_IN_STRING.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    return _ECHAR.get(match[0]) or _number(match)


def _number(match: re.Match[str]) -> str:
    point = ord(match[0])
    return f"\\u{point:04X}" if point < 0x10000 else f"\\U{point:08X}"


def _is_sayable(term: _Value, with_triples: bool) -> bool:
    """Whether a value has a text here: a triple only in RDF 1.2, and only of what has a name."""
    if not isinstance(term, Triple):
        return True
    return with_triples and not any(isinstance(part, BlankNode | Triple) for part in term)


class _Text:
    """Turtle or TriG, as blocks; a piece of text is a list of lines, a string's own kept in one.

    Lines are indented when they are put into what surrounds them, so that the text by which
    blank nodes are ordered does not depend on where they stand.
    """

    def __init__(
        self,
        quads: set[Quad],
        names: _Names,
        reifiers: Mapping[Triple, Sequence[NamedNode]] | None,
    ) -> None:
        self._names, self._reifiers = names, reifiers
        self._graphs: dict[Graph, dict[Node, list[tuple[NamedNode, _Value]]]] = {}
        self._parents: dict[BlankNode, list[Quad]] = defaultdict(list)
        self._seen: set[BlankNode] = set()
        homes: dict[BlankNode, set[Graph]] = defaultdict(set)
        for quad in quads:
            subject, object_, graph = quad.subject, quad.object, quad.graph_name
            if isinstance(subject, Triple) or not _is_sayable(object_, reifiers is not None):
                raise Fault(f"a statement about a statement (RDF 1.2) has no text here: {quad}")
            if isinstance(graph, BlankNode):
                raise Fault(f"a graph is named by a blank node ({graph}): give it an IRI")
            subjects = self._graphs.setdefault(graph, {})
            subjects.setdefault(subject, []).append((quad.predicate, object_))
            if isinstance(subject, BlankNode):
                homes[subject].add(graph)
            if isinstance(object_, BlankNode):
                homes[object_].add(graph)
                self._parents[object_].append(quad)
        self._refuse_shared(homes)

    def text(self) -> str:
        """The whole text."""
        blocks: list[tuple[tuple[int, str, int], list[str]]] = []
        for graph, subjects in self._graphs.items():
            parts = [self._subject(graph, s) for s in subjects if self._is_root(s)]
            if isinstance(graph, NamedNode):
                lines = [line for _, part in sorted(parts) for line in part]
                name = self._names.write(graph)
                blocks.append(((0, graph.value, 0), [f"{name} {{", *_indented(lines), "}"]))
            else:
                blocks += [((late, value, 1), part) for (late, value), part in parts]
        self._refuse_cycles()
        blocks.sort()
        head = [f"@prefix {p}: {iri(space)} .\n" for p, space in sorted(self._names.used.items())]
        bodies = ["\n".join(lines) + "\n" for _, lines in blocks]
        return "\n".join(["".join(head), *bodies] if head else bodies)

    def _is_root(self, subject: Node) -> bool:
        return isinstance(subject, NamedNode) or subject not in self._parents

    def _subject(self, graph: Graph, subject: Node) -> tuple[tuple[int, str], list[str]]:
        """A block and its place in the order: by IRI, then those of blank nodes by text."""
        facts = _indented(self._facts(graph, subject, 0))
        if isinstance(subject, NamedNode):
            return (0, subject.value), [self._names.write(subject), *facts, "."]
        self._seen.add(subject)
        return (1, "\n".join(facts)), ["[]", *facts, "."]

    def _facts(self, graph: Graph, subject: Node, depth: int) -> list[str]:
        facts = []
        for predicate, object_ in self._graphs[graph].get(subject, ()):
            verb = "a" if predicate == _TYPE else self._names.write(predicate)
            lines = self._object(graph, object_, depth)
            if self._reifiers and isinstance(graph, DefaultGraph):
                names = self._reifiers.get(Triple(subject, predicate, object_), ())
                for name in sorted(names, key=str):
                    lines[-1] += f" ~ {self._names.write(name)}"
            facts.append((verb != "a", verb, self._rank(object_, lines), lines))
        facts.sort()
        written = []
        for _, verb, _, lines in facts:
            written += [f"{verb} {lines[0]}", *lines[1:]]
            written[-1] += " ;"
        return written

    def _rank(self, term: _Value, lines: Sequence[str]) -> tuple[int, str, str, str]:
        """The order of the objects of one predicate: IRIs, literals by language, blank nodes."""
        if isinstance(term, Literal):
            return 1, term.language or "", term.value, term.datatype.value
        return 2 if isinstance(term, BlankNode) else 0, "\n".join(lines), "", ""

    def _object(self, graph: Graph, term: _Value, depth: int) -> list[str]:
        if isinstance(term, NamedNode):
            return ["()"] if term == _NIL else [self._names.write(term)]
        if isinstance(term, Literal):
            return [self._literal(term)]
        if isinstance(term, Triple):
            parts = (self._object(graph, part, depth)[0] for part in term)
            return [f"<<( {' '.join(parts)} )>>"]
        if depth == DEEPEST:
            raise Fault(f"blank nodes nest deeper than {DEEPEST}: give {self._uses(term)} an IRI")
        self._seen.add(term)
        items = self._items(graph, term)
        if items is None:
            facts = self._facts(graph, term, depth + 1)
            return ["[", *_indented(facts), "]"] if facts else ["[]"]
        written = [self._object(graph, item, depth + 1) for item in items]
        if all(len(lines) == 1 and "\n" not in lines[0] for lines in written):
            line = f"( {' '.join(lines[0] for lines in written)} )"
            if len(line) <= _LIST_WIDTH:
                return [line]
        return ["(", *_indented([line for lines in written for line in lines]), ")"]

    def _items(self, graph: Graph, node: BlankNode) -> list[_Value] | None:
        """The items of the list that starts at `node`, or nothing where it is not well formed."""
        items: list[_Value] = []
        cells: set[BlankNode] = set()
        cell: _Value = node
        while cell != _NIL:
            if not isinstance(cell, BlankNode) or cell in cells:
                return None
            facts = self._graphs[graph].get(cell, ())
            found = dict(facts)
            if len(facts) != 2 or found.keys() != {_FIRST, _REST}:
                return None
            cells.add(cell)
            items.append(found[_FIRST])
            cell = found[_REST]
        self._seen |= cells
        return items

    def _literal(self, literal: Literal) -> str:
        value, datatype = literal.value, literal.datatype
        if literal.language:
            return f"{string(value)}@{literal.language}"
        if datatype == _STRING:
            return string(value)
        short = _SHORT.get(datatype)
        if short is not None and short.fullmatch(value):
            return value
        return f"{string(value)}^^{self._names.write(datatype)}"

    # Blank nodes that have no one place to stand in

    def _refuse_shared(self, homes: Mapping[BlankNode, set[Graph]]) -> None:
        shared = []
        for node, graphs in homes.items():
            if len(self._parents.get(node, ())) > 1:
                shared.append(f"a blank node is {self._uses(node)}")
            elif len(graphs) > 1:
                names = sorted(
                    self._names.write(graph)
                    if isinstance(graph, NamedNode)
                    else "the default graph"
                    for graph in graphs
                )
                shared.append(f"a blank node stands in {_listed(names)}")
        if shared:
            raise Fault(f"{min(shared)}, and has no one place to be written: give it an IRI")

    def _refuse_cycles(self) -> None:
        lost = [self._uses(node) for node in self._parents if node not in self._seen]
        if lost:
            raise Fault(f"a blank node ({min(lost)}) leads back to itself: give it an IRI")

    def _uses(self, node: BlankNode) -> str:
        """Where a blank node stands, by names that its author knows: the labels are our own."""
        return _listed(
            sorted(
                f"{self._names.write(quad.predicate)} of "
                + (
                    self._names.write(quad.subject)
                    if isinstance(quad.subject, NamedNode)
                    else "another blank node"
                )
                for quad in self._parents[node]
            )
        )


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return " and ".join([*names[:most], *more])


def _indented(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]
