"""The places of statements in JSON-LD.

Source: JSON-LD 1.1 (W3C Recommendation of 2020-07-16), whose meaning is the parser's business.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from app.namespaces import RDF
from app.rdf.json_text import JsonText
from app.rdf.jsonld_contexts import with_contexts
from app.rdf.jsonld_marks import Observed, Oracle, Spot, restored
from app.rdf.jsonld_terms import JsonTerms
from app.rdf.matching import match, renamed
from app.rdf.parser import Node, Statement, Term
from app.rdf.source import Source

Triple = tuple[Node, NamedNode, Term]

_FIRST, _REST, _NIL, _TYPE = RDF.first, RDF.rest, RDF.nil, RDF.type
_SILENT = frozenset(("@type", "@language", "@direction", "@index", "@version", "@context"))
_NO_NODE = frozenset(("@id", "@value", "@list", "@set", "@graph"))


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
    reference = list(quads()) if blank else plain
    search = _Search(document, source.base, plain, reference, triples, subjects)
    return [
        Statement(
            s.quad,
            whole.origin(s.subject),
            whole.origin(s.predicate),
            whole.origin(s.object),
            whole.origin(s.graph) if s.graph >= 0 else -1,
        )
        for s in search.statements()
    ]


class _Search:
    def __init__(
        self,
        document: JsonText,
        base: str | None,
        plain: list[Quad],
        reference: list[Quad],
        triples: Set[Triple],
        subjects: Set[Node],
    ) -> None:
        self._document = document
        self._terms = JsonTerms(document)
        self._reference = reference
        self._oracle = Oracle(document, base, plain)
        self._wanted: set[Triple] = set(triples)
        self._wanted |= {(q[0], q[1], q[2]) for q in reference if q[0] in subjects}
        self._asked = frozenset(self._wanted)
        self._with_lists()
        self._by_predicate: dict[NamedNode, list[Term]] = defaultdict(list)
        for _, predicate, value in self._wanted:
            self._by_predicate[predicate].append(value)

    def statements(self) -> list[Statement]:
        """Return the statements that are sought, each with its offsets."""
        if not self._wanted:
            return []
        seen = list(restored(self._oracle.observe(self._spots()), self._original))
        if self._blank:
            names = match((o.quad for o in seen), self._reference)
            seen = [Observed(renamed(o.quad, names), o.subject, o.object) for o in seen]
        seen = [o for o in seen if (o.quad[0], o.quad[1], o.quad[2]) in self._wanted]
        cells = self._cells(seen)
        result: dict[Statement, None] = {}
        for one in seen:
            if (one.quad[0], one.quad[1], one.quad[2]) in self._asked:
                for statement in self._located(one, cells):
                    result[statement] = None
        return list(result)

    @cached_property
    def _blank(self) -> bool:
        return any(isinstance(t, BlankNode) for s, _, o in self._wanted for t in (s, o))

    def _with_lists(self) -> None:
        """Seek the first of every list cell that is sought: where it stands, the cell stands."""
        firsts: dict[object, Triple] = {}
        for quad in self._reference:
            if quad[1] == _FIRST and isinstance(quad[0], BlankNode):
                firsts[quad[0]] = (quad[0], quad[1], quad[2])
        self._followers = {q[2] for q in self._reference if q[1] == _REST}
        queue: list[Term] = [t for s, _, o in self._wanted for t in (s, o)]
        while queue:
            first = firsts.pop(queue.pop(), None)
            if first is not None:
                self._wanted.add(first)
                queue.append(first[2])

    def _spots(self) -> list[Spot]:
        """Every part of the text that may stand for a term that is sought."""
        document, terms = self._document, self._terms
        suffixes: set[str] = set()
        texts: set[str] = set()
        others: set[str] = set()
        for triple in self._wanted:
            for term in (triple[0], triple[2]):
                if isinstance(term, NamedNode):
                    suffixes.update(term.value[i:] for i in range(len(term.value) + 1))
                elif isinstance(term, Literal):
                    texts.add(term.value)
                    texts |= {_json(term)} - {None}  # type: ignore[arg-type]
                    others |= _numbers(term.value)
        spots: list[Spot] = []
        for index, kind in enumerate(document.kinds):
            if terms.in_context[index]:
                continue
            name = document.names[index]
            if name is not None and not name.startswith("@") and name not in terms.meanings:
                known = name in texts or (":" in name or "/" in name or "#" in name)
                if known and (name in texts or _may_be(name, suffixes)):
                    spots.append(Spot("key", index, terms.shape(document.parents[index])))
            if kind in "{[":
                if kind == "{" and self._blank and not self._is_no_node(index):
                    spots.append(Spot("node", index, terms.shape(index)))
                continue
            keyword = terms.keyword(index)
            if keyword in _SILENT:
                continue
            if kind == "1":
                if others & _numbers(document.raw(index)):
                    spots.append(Spot("value", index, terms.shape(index)))
                continue
            text = document.string(index)
            if text in texts or (self._blank and text.startswith("_:")):
                spots.append(Spot("text", index, terms.shape(index)))
            elif text in terms.meanings and keyword != "@id":
                if suffixes:
                    spots.append(Spot("value", index, terms.shape(index)))
            elif _may_be(text, suffixes):
                spots.append(Spot("text", index, terms.shape(index)))
        return spots

    def _is_no_node(self, index: int) -> bool:
        """Whether an object has an identifier or is none that could have one."""
        names = (self._document.names[i] for i in self._document.members(index))
        return any(self._terms.meaning(name or "") in _NO_NODE for name in names)

    def _original(self, one: Observed, spot: Spot) -> Term | None:
        """Return what stood where a value was replaced: what is said there and may be it."""
        index = spot.index
        raw = self._document.raw(index)
        for value in self._by_predicate.get(one.quad.predicate, ()):
            if isinstance(value, Literal) and value.datatype == RDF.JSON:
                if self._whole_json(index, value) is not None:
                    return value
            elif isinstance(value, Literal):
                if _numbers(value.value) & _numbers(raw):
                    return value
            elif raw.startswith('"') and self._terms.may_mean(self._document.string(index), value):
                return value
        return None

    def _cells(self, seen: list[Observed]) -> dict[object, int]:
        """Return where each list cell stands: the value that begins at its place."""
        document = self._document
        cells: dict[object, int] = {}
        for one in seen:
            if one.quad[1] == _FIRST and one.object is not None:
                item = one.object.index
                for index in document.up(item):
                    parent = document.parents[index]
                    if parent >= 0 and document.kinds[parent] == "[":
                        item = index if one.quad[0] in self._followers else parent
                        break
                cells[one.quad[0]] = item
        return cells

    def _located(self, one: Observed, cells: dict[object, int]) -> list[Statement]:
        """Return a statement with its offsets; nothing where it has no place."""
        document = self._document
        subject, predicate, value, _ = one.quad
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
            return [Statement(one.quad, cell, cell, at, self._graph(one.quad, cells[subject]))]
        spot = one.object
        if value in cells:
            spot = Spot("text", cells[value], "")
        elif spot is None and one.subject is not None:
            spot = self._by_key(self._home(one.subject), predicate, value)
        elif spot is not None and isinstance(value, Literal) and value.datatype == RDF.JSON:
            around = self._whole_json(spot.index, value)
            spot = Spot("text", spot.index if around is None else around, "")
        if spot is None:
            return []
        item, at = spot.index, self._offset(spot)
        key = self._key(one.subject, spot, item)
        if key < 0:
            return []
        key_at = document.key_starts[key]
        if one.subject is not None:
            subject_at = self._offset(one.subject)
        else:
            subject_at = document.starts[self._identifier(document.parents[key])]
        return [Statement(one.quad, subject_at, key_at, at, self._graph(one.quad, key))]

    def _offset(self, spot: Spot) -> int:
        if spot.kind == "key":
            return self._document.key_starts[spot.index]
        return self._document.starts[spot.index]

    def _home(self, spot: Spot) -> int:
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

    def _key(self, subject: Spot | None, value: Spot | None, item: int) -> int:
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

    def _by_key(self, home: int, predicate: NamedNode, value: Term) -> Spot | None:
        """Return which part of `home` is the object, judged by its key and how it looks."""
        document, terms = self._document, self._terms
        if predicate == _TYPE:
            keys = [i for i in self._below(home) if self._name(i) == "@type"]
        else:
            keys = [
                i for i in self._below(home) if terms.may_mean(document.names[i] or "", predicate)
            ]
        for key in keys:
            items = list(document.members(key)) if document.kinds[key] == "[" else [key]
            for item in items:
                if document.kinds[item] == '"' and isinstance(value, NamedNode):
                    if terms.may_mean(document.string(item), value):
                        return Spot("text", item, "")
                elif _same_json(document.raw(item), value):
                    return Spot("text", item, "")
        if keys:
            return Spot("text", keys[0], "")
        if predicate == _TYPE and terms.may_mean(document.names[home] or "", value):
            # The key of a map by types.
            return Spot("key", home, "")
        return None

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
        for inner in self._document.up(index):
            if self._name(inner) == "@graph" or "@graph" in self._terms.containers.get(
                self._document.names[inner] or "", ()
            ):
                return self._document.starts[self._identifier(self._document.parents[inner])]
        return self._document.starts[0]


def _may_be(text: str, suffixes: Set[str]) -> bool:
    """Whether a string may be written for an IRI with one of `suffixes`."""
    if text in suffixes or (":" in text and text.partition(":")[2] in suffixes):
        return True
    bare = text
    while bare.startswith(("./", "../", "/")):
        bare = bare.partition("/")[2]
    return bare != text and bare in suffixes


def _numbers(text: str) -> set[str]:
    """What a number or a word may be compared by, however it is written."""
    if text in ("true", "false"):
        return {text}
    try:
        return {repr(float(text))}
    except ValueError:
        return set()


def _json(term: Literal) -> str | None:
    """The string that an rdf:JSON literal is; nothing for others."""
    if term.datatype != RDF.JSON:
        return None
    value = json.loads(term.value)
    return value if isinstance(value, str) else ""


def _same_json(raw: str, value: Term) -> bool:
    return (
        isinstance(value, Literal)
        and value.datatype == RDF.JSON
        and bool(json.loads(raw) == json.loads(value.value))
    )
