"""The places of statements in JSON-LD.

Source: JSON-LD 1.1 (W3C Recommendation of 2020-07-16), whose meaning is the parser's business.
"""

import json
from collections.abc import Callable, Iterable, Sequence, Set

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from app.namespaces import RDF
from app.rdf.jsonld.contexts import with_contexts
from app.rdf.jsonld.marks import JsonSpot, Observed, Oracle
from app.rdf.jsonld.spots import Spots
from app.rdf.jsonld.terms import JsonTerms
from app.rdf.jsonld.text import JsonText
from app.rdf.matching import match, renamed
from app.rdf.parser import Node, Statement, Term
from app.rdf.source import Source

Triple = tuple[Node, NamedNode, Term]

_FIRST, _REST, _NIL, _TYPE = RDF.first, RDF.rest, RDF.nil, RDF.type


def read_jsonld(
    source: Source,
    triples: Set[Triple],
    subjects: Set[Node],
    quads: Callable[[], Iterable[Quad]] = tuple,
) -> list[Statement]:
    """Return the statements of `source` that are among `triples` or about one of `subjects`.

    The subject stands at its `@id` (else at the brace of its node object), the predicate at its
    key, the object at its value; the cells of a list as in Turtle, at the bracket and the items.
    `quads` has the statements with the blank nodes of the asker; it is called only where there
    are blank nodes in what is sought. A statement whose object cannot be told from its
    neighbours stands where its key's values begin. Raises ParseFault for what is no JSON, or no
    JSON-LD, and for contexts that are not there.
    """
    plain = list(source.quads())
    whole = with_contexts(source.text, source.contexts, source.path, source.base)
    document = JsonText(whole.text, source.path)
    sought: list[Term] = [*subjects, *(t for s, _, o in triples for t in (s, o))]
    blank = any(isinstance(term, BlankNode) for term in sought)
    names = match(plain, quads()) if blank else {}
    own: dict[Term, BlankNode] = {theirs: ours for ours, theirs in names.items()}
    about = {own.get(node, node) for node in subjects}
    texts = {(own.get(s, s), p, own.get(o, o)) for s, p, o in triples}
    numbers = {
        number
        for number, quad in enumerate(plain)
        if quad[0] in about or (quad[0], quad[1], quad[2]) in texts
    }
    found = Search(document, source.base, plain).statements(numbers)
    at = whole.origin
    # What is written twice is found twice by each of two equal statements.
    return list(
        dict.fromkeys(
            Statement(
                renamed(plain[number], names),
                at(s.subject),
                at(s.predicate),
                at(s.object),
                at(s.graph) if s.graph >= 0 else -1,
            )
            for number, s in found
        )
    )


class Search:
    """A JSON-LD text, and its statements as they were parsed from it."""

    def __init__(self, document: JsonText, base: str | None, quads: Sequence[Quad]) -> None:
        self._document, self._base, self._quads = document, base, quads
        self._terms = JsonTerms(document)
        self._followers: set[object] = set()

    def statements(self, numbers: Set[int]) -> list[tuple[int, Statement]]:
        """Return the statements with `numbers`, each as often as it has places."""
        if not numbers:
            return []
        more = self._with_lists(numbers)
        sought = {term for n in more for term in (self._quads[n][0], self._quads[n][2])}
        spots = Spots(self._document, self._terms, sought).all()
        seen = Oracle(self._document, self._base, self._quads).observe(spots, more)
        cells = self._cells(seen)
        result: dict[tuple[int, Statement], None] = {}
        for one in seen:
            if one.number in numbers:
                for statement in self._located(one, cells):
                    result[one.number, statement] = None
        return list(result)

    def _with_lists(self, numbers: Set[int]) -> set[int]:
        """Add the first of every list cell that is sought: where it stands, the cell stands."""
        sought = {term for n in numbers for term in (self._quads[n][0], self._quads[n][2])}
        if not any(isinstance(term, BlankNode) for term in sought):
            return set(numbers)
        firsts: dict[object, int] = {}
        for number, quad in enumerate(self._quads):
            if quad[1] == _FIRST:
                firsts[quad[0]] = number
            elif quad[1] == _REST:
                self._followers.add(quad[2])
        more, queue = set(numbers), list(sought)
        while queue:
            first = firsts.pop(queue.pop(), None)
            if first is not None:
                more.add(first)
                queue.append(self._quads[first][2])
        return more

    def _cells(self, seen: list[Observed]) -> dict[object, int]:
        """Return where each list cell stands: the value that begins at its place."""
        document = self._document
        cells: dict[object, int] = {}
        for one in seen:
            quad = self._quads[one.number]
            if quad[1] == _FIRST and one.object is not None:
                item = one.object.index
                for index in document.up(item):
                    parent = document.parents[index]
                    if parent >= 0 and document.kinds[parent] == "[":
                        item = index if quad[0] in self._followers else parent
                        break
                cells[quad[0]] = item
        return cells

    def _located(self, one: Observed, cells: dict[object, int]) -> list[Statement]:
        """Return a statement with its offsets; nothing where it has no place."""
        document = self._document
        quad = self._quads[one.number]
        subject, predicate, value, _ = quad
        if subject in cells and predicate in (_FIRST, _REST):
            cell = document.starts[cells[subject]]
            if one.object is not None:
                at = self._offset(one.object)
            elif value in cells:
                at = document.starts[cells[value]]
            elif value == _NIL:
                at = self._list_end(cells[subject])
            else:
                return []
            return [Statement(quad, cell, cell, at, self._graph(quad, cells[subject]))]
        spot = one.object
        spots = [spot] if spot is not None else []
        if value in cells:
            spots = [JsonSpot("text", cells[value], "")]
        elif spot is None and one.subject is not None:
            spots = self._by_key(self._home(one.subject), predicate, value)
        elif spot is not None and isinstance(value, Literal) and value.datatype == RDF.JSON:
            around = self._whole_json(spot.index, value)
            spots = [JsonSpot("text", spot.index if around is None else around, "")]
        result = []
        for spot in spots:
            key = self._key(one.subject, spot, spot.index)
            if key < 0:
                continue
            if one.subject is not None:
                subject_at = self._offset(one.subject)
            else:
                subject_at = document.starts[self._identifier(document.parents[key])]
            graph = self._graph(quad, key)
            key_at = document.key_starts[key]
            result.append(Statement(quad, subject_at, key_at, self._offset(spot), graph))
        return result

    def _offset(self, spot: JsonSpot) -> int:
        if spot.kind == "key":
            return self._document.key_starts[spot.index]
        return self._document.starts[spot.index]

    def _home(self, spot: JsonSpot) -> int:
        """The node object that a spot names, or else the one that it stands in."""
        if spot.kind in ("node", "key"):
            return spot.index
        index = self._document.parents[spot.index]
        while index > 0 and self._document.kinds[index] == "[":
            index = self._document.parents[index]
        return index

    def _identifier(self, home: int) -> int:
        """The `@id` of a node object; else the object."""
        for index in self._document.members(home):
            if self._terms.meaning(self._document.names[index] or "") == "@id":
                return index
        return home

    def _key(self, subject: JsonSpot | None, value: JsonSpot | None, item: int) -> int:
        """Return the value whose key is the predicate, between subject and object; -1 for none."""
        if subject is not None:
            key = self._between(self._home(subject), item)
            if key >= 0:
                return key
            if value is not None:
                key = self._between(self._home(value), subject.index)
                if key >= 0:
                    return key
        for index in self._document.up(item):
            name = self._document.names[index]
            if name is not None and self._terms.meaning(name) is None:
                return index
        return -1

    def _between(self, outer: int, inner: int) -> int:
        """Return the outermost value below `outer`, around `inner`, that has a property's key."""
        key = -1
        for index in self._document.up(inner):
            if index == outer:
                return key
            name = self._document.names[index]
            if name is not None and self._terms.meaning(name) in (None, "@type"):
                key = index
        return -1

    def _whole_json(self, index: int, value: Literal) -> int | None:
        """Return which value around another is an rdf:JSON literal as a whole."""
        for around in self._document.up(index):
            if _same_json(self._document.raw(around), value):
                return around
        return None

    def _by_key(self, home: int, predicate: NamedNode, value: Term) -> list[JsonSpot]:
        """Return which parts of `home` are the object, judged by their keys and how they look."""
        document, terms = self._document, self._terms
        below = self._below(home)
        if predicate == _TYPE and (keys := [i for i in below if self._name(i) == "@type"]):
            pass
        else:
            keys = terms.likest(below, lambda i: document.names[i] or "", predicate)
        items = [
            item
            for key in keys
            for item in (document.members(key) if document.kinds[key] == "[" else [key])
        ]
        texts = [item for item in items if document.kinds[item] == '"']
        if isinstance(value, NamedNode):
            chosen = terms.likest(texts, document.string, value)
        else:
            chosen = [i for i in items if _same_json(document.raw(i), value)]
        if not keys and predicate == _TYPE and terms.likeness(document.names[home] or "", value):
            # The key of a map by types.
            return [JsonSpot("key", home, "")]
        return [JsonSpot("text", item, "") for item in chosen or keys[:1]]

    def _name(self, index: int) -> str | None:
        return self._terms.meaning(self._document.names[index] or "")

    def _below(self, home: int) -> list[int]:
        """The members of a node object, those that are nested by @nest included."""
        result: list[int] = []
        for index in self._document.members(home):
            result.append(index)
            if self._name(index) == "@nest":
                result += self._below(index)
        return result

    def _list_end(self, item: int) -> int:
        """Where the bracket stands that closes the list of a cell; of a lone item, its end."""
        document = self._document
        index = item if document.kinds[item] == "[" else document.parents[item]
        if index >= 0 and document.kinds[index] == "[":
            return document.ends[index] - 1
        return document.ends[item] - 1

    def _graph(self, quad: Quad, index: int) -> int:
        """Where the graph is named in which a value stands; -1 in the default graph."""
        if isinstance(quad.graph_name, DefaultGraph):
            return -1
        document = self._document
        below = index
        for inner in document.up(index):
            containers = self._terms.containers.get(document.names[inner] or "", ())
            if "@graph" in containers:
                # The key of the graph, or else the value, which is one without a name.
                return document.key_starts[below] if "@id" in containers else document.starts[inner]
            if self._name(inner) == "@graph":
                return document.starts[self._identifier(document.parents[inner])]
            below = inner
        return document.starts[0]


def _same_json(raw: str, value: Term) -> bool:
    return (
        isinstance(value, Literal)
        and value.datatype == RDF.JSON
        and bool(json.loads(raw) == json.loads(value.value))
    )
