"""The places of statements in JSON-LD."""

import json
import random
import re

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suites import PAIRS_ABSENT, folder

from app.errors import ParseFault
from app.rdf.parser import Statement
from app.rdf.places import Wanted, statements
from app.rdf.source import Source, read_source

PAIRS = folder() / "pairs"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def source(text: str, **contexts: str) -> Source:
    by_iri = {f"http://c/{name}": content for name, content in contexts.items()}
    return Source("x.jsonld", text, ox.RdfFormat.JSON_LD, "http://base/dir/file", by_iri)


def everything(of: Source) -> tuple[list[ox.Quad], list[Statement]]:
    quads = list(of.quads())
    wanted = Wanted(frozenset((q.subject, q.predicate, q.object) for q in quads))  # type: ignore[misc]
    return quads, statements(of, wanted, lambda: quads)


def token(text: str, offset: int) -> object:
    """Return the JSON string or number that begins at an offset; a bracket as it is."""
    if text[offset] in "[{]}":
        return text[offset]
    return json.JSONDecoder().raw_decode(text, offset)[0]


def written(of: Source, found: list[Statement]) -> list[tuple[object, object, object]]:
    """Return what is written at subject, predicate and object, in the order of the objects."""
    text = of.text
    return [(token(text, s[1]), token(text, s[2]), token(text, s[3])) for s in found]


CONTEXT = """{"@vocab": "http://v/", "x": "http://x/", "id": "@id", "type": "@type",
 "rev": {"@reverse": "http://v/isRevOf"}, "back": {"@reverse": "http://v/isRefOf", "@type": "@id"},
 "ref": {"@type": "@id"}, "voc": {"@type": "@vocab"}, "Old": "http://state/1",
 "date": {"@type": "http://www.w3.org/2001/XMLSchema#date"},
 "lang": {"@container": "@language"}, "set": {"@container": "@set"},
 "list": {"@container": "@list"}, "index": {"@container": "@index"},
 "byid": {"@container": "@id"}, "bygraph": {"@container": "@graph"},
 "prop": {"@container": "@index", "@index": "http://v/key"}, "raw": {"@type": "@json"},
 "sub": "@nest", "more": "@included", "scoped": {"@context": {"ref": "http://v/text"}},
 "Typed": {"@id": "x:Typed", "@context": {"name": "x:typedName"}}}"""

CASES = {
    # What is written, and for each statement: subject, predicate, object as they are written.
    '"a": "v", "id": "x:s"': [("x:s", "a", "v")],
    '"id": "x:s", "a": ["v", 5, 1.5, true, {"@value": "w", "@language": "en"}]': [
        ("x:s", "a", "v"),
        ("x:s", "a", 5),
        ("x:s", "a", 1.5),
        ("x:s", "a", True),
        ("x:s", "a", "w"),
    ],
    '"id": "", "ref": ["..", "../q", "#f", "x:o"]': [
        ("", "ref", ".."),
        ("", "ref", "../q"),
        ("", "ref", "#f"),
        ("", "ref", "x:o"),
    ],
    '"id": "x:s", "type": ["Typed", "Other"], "name": "n"': [
        ("x:s", "type", "Typed"),
        ("x:s", "type", "Other"),
        ("x:s", "name", "n"),
    ],
    '"id": "x:s", "voc": ["Old", "New", "x:Third"]': [
        ("x:s", "voc", "Old"),
        ("x:s", "voc", "New"),
        ("x:s", "voc", "x:Third"),
    ],
    '"id": "x:s", "date": "2020-01-01", "b": "2020-01-01"': [
        ("x:s", "date", "2020-01-01"),
        ("x:s", "b", "2020-01-01"),
    ],
    '"id": "x:s", "lang": {"en": "same", "de": ["same", "b"]}': [
        ("x:s", "lang", "same"),
        ("x:s", "lang", "same"),
        ("x:s", "lang", "b"),
    ],
    '"id": "x:s", "index": {"i": "v", "j": {"id": "x:o", "a": "w"}}': [
        ("x:s", "index", "v"),
        ("x:s", "index", "x:o"),
        ("x:o", "a", "w"),
    ],
    '"id": "x:s", "byid": {"x:o": {"a": "w"}, "x:p": {"type": "Typed"}}': [
        ("x:s", "byid", "x:o"),
        ("x:o", "a", "w"),
        ("x:s", "byid", "x:p"),
        ("x:p", "type", "Typed"),
    ],
    '"id": "x:s", "prop": {"k": {"id": "x:o"}}': [
        ("x:o", "k", "k"),
        ("x:s", "prop", "x:o"),
    ],
    '"id": "x:s", "rev": [{"id": "x:o", "a": "v"}], "back": ["x:p"]': [
        ("x:o", "rev", "x:s"),
        ("x:p", "back", "x:s"),
        ("x:o", "a", "v"),
    ],
    '"id": "x:s", "@reverse": {"x:of": {"id": "x:o"}}': [("x:o", "x:of", "x:s")],
    '"id": "x:s", "sub": {"a": "v", "b": "v"}, "more": [{"id": "x:t", "a": "v"}]': [
        ("x:s", "a", "v"),
        ("x:s", "b", "v"),
        ("x:t", "a", "v"),
    ],
    '"id": "x:s", "scoped": {"id": "x:o", "ref": "x:o"}': [
        ("x:s", "scoped", "x:o"),
        ("x:o", "ref", "x:o"),
    ],
    '"a": "v", "b": {"c": {}}, "d": {"a": "v"}': [
        ("{", "a", "v"),
        ("{", "b", "{"),
        ("{", "c", "{"),
        ("{", "d", "{"),
        ("{", "a", "v"),
    ],
    '"id": "_:s", "a": {"id": "_:o"}, "ref": "_:o"': [("_:s", "a", "_:o"), ("_:s", "ref", "_:o")],
    '"id": "x:s", "list": ["a", {"a": "v"}, 7], "set": [], "b": {"@list": []}': [
        ("x:s", "list", "["),
        ("[", "[", "a"),
        ("[", "[", "{"),
        ("{", "{", "{"),
        ("{", "a", "v"),
        ("{", "{", 7),
        (7, 7, 7),
        (7, 7, "]"),
        ("x:s", "b", "{"),
    ],
    '"id": "x:s", "raw": {"a": ["v", 1]}, "a": "v"': [("x:s", "raw", "{"), ("x:s", "a", "v")],
    '"a": {"@type": "@json", "@value": {"id": "v", "b": [{}]}}, "b": "v"': [
        ("{", "a", "{"),
        ("{", "b", "v"),
    ],
    '"id": "x:s", "raw": ["v", true], "b": true': [("x:s", "raw", "["), ("x:s", "b", True)],
    '"id": "x:s", "a": "\\u0076\\n\\"", "b": "caf\\u00e9"': [
        ("x:s", "a", 'v\n"'),
        ("x:s", "b", "café"),
    ],
    '"id": "x:s", "a": null, "b": ["", "#", ".."]': [
        ("x:s", "b", ""),
        ("x:s", "b", "#"),
        ("x:s", "b", ".."),
    ],
}


@pytest.mark.parametrize("body", CASES)
def test_statements_stand_where_their_terms_are_written(body: str) -> None:
    of = source(f'{{"@context": {CONTEXT}, {body}}}')
    quads, found = everything(of)
    assert {s.quad for s in found} == set(quads)
    assert written(of, found) == CASES[body]


def test_each_node_of_two_that_look_alike_has_its_own_place() -> None:
    of = source('[{"http://p": {"http://q": "v"}}, {"http://p": {"http://q": "v"}}]')
    quads, found = everything(of)
    assert len({s.object for s in found}) == len(quads) == len({s.quad for s in found})
    # What is said of the inner node of one stands in that one.
    holders = {s.quad.object: s.object for s in found if s.quad.predicate.value == "http://p"}
    assert all(
        holders[s.quad.subject] == s.subject for s in found if s.quad.predicate.value == "http://q"
    )


def test_only_what_is_sought_is_returned() -> None:
    of = source('{"@id": "http://s", "http://p": ["v", "w"], "http://q": "v", "http://r": {}}')
    wanted = (ox.NamedNode("http://s"), ox.NamedNode("http://p"), ox.Literal("v"))
    found = statements(of, Wanted(frozenset([wanted])))
    assert written(of, found) == [("http://s", "http://p", "v")]
    absent = (ox.NamedNode("http://s"), ox.NamedNode("http://q"), ox.Literal("w"))
    assert statements(of, Wanted(frozenset([absent]))) == []
    assert len(statements(of, Wanted(subjects=frozenset([ox.NamedNode("http://s")])))) == 4


def test_a_statement_that_is_written_twice_has_two_places() -> None:
    of = source('[{"@id": "x:s", "x:p": "v"}, {"x:p": ["v"], "@id": "x:s"}]')
    _, found = everything(of)
    assert written(of, found) == [("x:s", "x:p", "v")] * 2
    assert len({(s.subject, s.predicate, s.object) for s in found}) == 2


def test_the_graph_of_a_statement_stands_at_its_identifier() -> None:
    of = source('{"@id": "x:g", "x:p": "out", "@graph": [{"@id": "x:s", "x:p": "in"}]}')
    _, found = everything(of)
    graphs = {s.quad.object.value: s.graph for s in found}
    assert graphs == {"out": -1, "in": of.text.index('"x:g"')}


def test_a_graph_of_a_container_stands_at_its_key_or_its_value() -> None:
    of = source(
        '{"@context": {"g": {"@id": "x:g", "@container": "@graph"}, '
        '"h": {"@id": "x:h", "@container": ["@graph", "@id"]}}, "@id": "x:s", '
        '"g": {"@id": "x:t", "x:p": "a"}, "h": {"x:key": {"@id": "x:u", "x:p": "b"}}}'
    )
    _, found = everything(of)
    graphs = {s.quad.object.value: s.graph for s in found if s.quad.predicate.value == "x:p"}
    assert graphs == {"a": of.text.index('{"@id": "x:t"'), "b": of.text.index('"x:key"')}


def test_several_contexts_hold_in_their_places() -> None:
    of = source(
        '[{"@context": {"p": "http://one/"}, "@id": "x:s", "p": "v"},\n'
        ' {"@context": [{"p": "http://two/"}, null, {"q": "http://three/"}], "@id": "x:s",'
        ' "p": "v", "q": {"@context": {"p": "http://four/"}, "@id": "x:t", "p": "v"}}]'
    )
    quads, found = everything(of)
    keys = {s.quad.predicate.value: str(of.place(s.predicate)) for s in found}
    assert {q.predicate.value for q in quads} == {"http://one/", "http://three/", "http://four/"}
    text = of.text
    assert keys == {
        "http://one/": str(of.place(text.index('"p": "v"}'))),
        "http://three/": str(of.place(text.index('"q": {"@context"'))),
        "http://four/": str(of.place(text.index('"p": "v"}}]'))),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "a": 1,\n "a": 2}', "x.jsonld:3:2: "),
        ('{\n "a": }', "x.jsonld:2:7: "),
        ('{"@id": "x:s",\n "x:p": "v" "x:q": 1}', "x.jsonld:2:"),
    ],
)
def test_what_is_no_json_is_refused_at_its_place(text: str, message: str) -> None:
    of = source(text)
    wanted = (ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal("v"))
    for read in (lambda: list(of.quads()), lambda: statements(of, Wanted(frozenset([wanted])))):
        with pytest.raises(ParseFault) as fault:
            read()
        assert str(fault.value).startswith(message)


needs_pairs = pytest.mark.skipif(not PAIRS.is_dir(), reason=PAIRS_ABSENT)


@needs_pairs
@pytest.mark.parametrize("name", sorted(p.name for p in PAIRS.glob("example*.jsonld")))
def test_the_examples_of_others_are_located_by_value(name: str) -> None:
    text = (PAIRS / name).read_text(encoding="utf-8")
    iri = re.findall(r'"@context": "([^"]*)"', text)[0]
    context = (PAIRS / "dcat-ap-context.jsonld").read_text(encoding="utf-8")
    of = read_source(PAIRS / name, contexts={iri: context})
    quads, found = everything(of)
    assert {s.quad for s in found} == set(quads)
    assert len(found) == len(quads) > 0
    prefixes = json.loads(context)["@context"]
    for statement, (subject, key, value) in zip(found, written(of, found), strict=True):
        quad = statement.quad
        assert full(str(subject), prefixes) == quad.subject.value
        assert isinstance(key, str)
        if isinstance(quad.object, ox.Literal):
            assert value == quad.object.value
        elif quad.predicate.value == RDF + "type":
            assert key == "@type"
            assert quad.object.value.startswith("http://www.w3.org/ns/dcat#")
            assert str(value).startswith(("Data", "Catalog", "Distribution"))
        else:
            assert full(str(value), prefixes) == quad.object.value


def full(written_: str, prefixes: dict[str, object]) -> str:
    prefix, _, local = written_.partition(":")
    start = prefixes.get(prefix)
    return f"{start}{local}" if isinstance(start, str) else written_


class Drawn:
    """A document in which every value and every identifier is written once."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def new(self, start: str = "v") -> str:
        self.count += 1
        return f"{start}{self.count:03}"

    def value(self, depth: int) -> object:
        kind = self.random.randrange(8)
        if kind == 0:
            return {"@value": self.new(), "@language": "en"}
        if kind == 1:
            self.count += 1
            return 1000 + self.count
        if kind == 2 and depth:
            return self.node(depth - 1)
        if kind == 3:
            return {"id": self.new("x:i")}
        if kind == 4:
            return {"@value": self.new(), "type": "x:datatype"}
        return self.new()

    def values(self, depth: int) -> object:
        many = self.random.randrange(4)
        return [self.value(depth) for _ in range(many)] if many != 1 else self.value(depth)

    def node(self, depth: int) -> dict[str, object]:
        pick = self.random.random
        node: dict[str, object] = {}
        if pick() < 0.6:
            node[self.random.choice(["id", "@id"])] = self.new("x:n")
        if pick() < 0.4:
            node["type"] = self.random.choice(["Typed", "Other", ["x:T", "Other"]])
        makers = {
            "a": lambda: self.values(depth),
            "b": lambda: self.values(depth),
            "ref": lambda: self.new("x:i"),
            "lang": lambda: {"en": self.new(), "de": [self.new(), self.new()]},
            "set": lambda: self.values(depth),
            "list": lambda: [self.value(depth) for _ in range(self.random.randrange(1, 4))],
            "index": lambda: {self.new("k"): self.value(0), self.new("k"): self.value(0)},
            "byid": lambda: {self.new("x:m"): {"a": self.new()}},
            "rev": lambda: {"id": self.new("x:r"), "a": self.new()},
            "back": lambda: [self.new("x:r"), self.new("x:r")],
            "sub": lambda: {self.new("nested"): self.values(0)},
            "scoped": lambda: {"ref": self.new(), "a": self.new()},
            "raw": lambda: {"k": [self.new(), 5], "z": None},
            "date": lambda: self.new(),
            "name": lambda: self.new(),
        }
        for key, make in makers.items():
            if pick() < 0.25:
                node[key] = make()
        items = list(node.items())
        self.random.shuffle(items)
        # The parser wants types before properties.
        items.sort(key=lambda item: item[0] not in ("id", "@id", "type"))
        return dict(items)


@given(st.integers(0, 10**6))
@settings(max_examples=150)
def test_every_value_of_a_drawn_document_is_found_where_it_is_written(seed: int) -> None:
    drawn = Drawn(seed)
    nodes = [drawn.node(2) for _ in range(2)]
    indent = drawn.random.choice([None, 1])
    of = source(json.dumps({"@context": json.loads(CONTEXT), "@graph": nodes}, indent=indent))
    quads, found = everything(of)
    assert {s.quad for s in found} == set(quads)
    body = of.text.index('"@graph"')
    for statement in found:
        quad = statement.quad
        assert min(statement.subject, statement.predicate, statement.object) > body
        subject, key, value = written(of, [statement])[0]
        if isinstance(quad.subject, ox.NamedNode):
            assert full(str(subject), {"x": "http://x/"}) == quad.subject.value
        cell = quad.predicate.value in (RDF + "first", RDF + "rest")
        if isinstance(quad.subject, ox.BlankNode) and not cell:
            assert subject == "{"
        if isinstance(quad.object, ox.Literal) and quad.object.datatype.value == RDF + "JSON":
            assert json.JSONDecoder().raw_decode(of.text, statement.object)[0] == json.loads(
                quad.object.value
            )
        elif isinstance(quad.object, ox.Literal):
            assert str(value) == quad.object.value
        elif isinstance(quad.object, ox.NamedNode) and quad.predicate.value != RDF + "type":
            if quad.object.value != RDF + "nil":
                assert full(str(value), {"x": "http://x/"}) == quad.object.value
        elif isinstance(quad.object, ox.BlankNode) and not cell:
            assert value in ("{", "[")
        if not cell and quad.predicate.value.startswith("http://v/"):
            meant = {"rev": "isRevOf", "back": "isRefOf"}.get(str(key), str(key))
            assert quad.predicate.value in (f"http://v/{meant}", "http://v/text")
