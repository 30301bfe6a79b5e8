"""Shapes and data that Hypothesis draws: every component of SHACL Core, nested, with every path."""

from dataclasses import dataclass, field

import pyoxigraph as ox
from hypothesis import strategies as st

from app.namespaces import RDF, RDFS, SH, XSD, Namespace
from app.rdf.terms import Term

E = Namespace("http://example.org/")
PREDICATES = [E.p, E.q, E.r]
CLASSES = [E.C, E.D]
NODES = [E.a, E.b, E.c, ox.BlankNode("x"), ox.BlankNode("y")]


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=XSD[datatype])


LITERALS = [
    *(ox.Literal(text) for text in ("", "ab", "abc", "b")),
    ox.Literal("ab", language="en"),
    ox.Literal("cd", language="en"),
    ox.Literal("ab", language="en-GB"),
    ox.Literal("ab", language="fr"),
    *(_typed(text, "integer") for text in ("1", "01", "2", "x")),
    _typed("1.0", "decimal"),
    _typed("2", "byte"),
    _typed("300", "byte"),
    _typed("1.5E0", "double"),
    _typed("NaN", "double"),
    _typed("true", "boolean"),
    _typed("2020-01-01", "date"),
    _typed("2020-01-02Z", "date"),
    _typed("2020-02-30", "date"),
    _typed("2020-01-01T00:00:00", "dateTime"),
    _typed("2020-01-01T06:00:00Z", "dateTime"),
]
_DATATYPES = [
    *(XSD[name] for name in ("string", "integer", "decimal", "byte", "double", "boolean", "date")),
    RDF.langString,
]
_KINDS = [
    SH[name]
    for name in (
        "IRI",
        "BlankNode",
        "Literal",
        "BlankNodeOrIRI",
        "BlankNodeOrLiteral",
        "IRIOrLiteral",
    )
]
_NUMBERS = st.sampled_from([_typed(str(number), "integer") for number in range(4)])
_FAMILIES = [
    [
        _typed("1", "integer"),
        _typed("01", "integer"),
        _typed("2", "byte"),
        _typed("1.0", "decimal"),
    ],
    [_typed("2020-01-01", "date"), _typed("2019-12-31", "date")],
    LITERALS[:8],
    LITERALS,
]
"""Literals of one draw: of several datatypes only in some, since then little can be compared."""


@dataclass
class Pair:
    """Shapes and data that belong together."""

    shapes: list[ox.Triple] = field(default_factory=list)
    data: list[ox.Triple] = field(default_factory=list)
    draw: st.DrawFn | None = None
    literals: list[ox.Literal] = field(default_factory=list)
    count: int = 0

    def node(self) -> ox.BlankNode:
        """Return a new blank node."""
        self.count += 1
        return ox.BlankNode(f"s{self.count}")

    def add(self, subject: Term, predicate: ox.NamedNode, value: Term) -> None:
        """Add a triple to the shapes."""
        self.shapes.append(ox.Triple(subject, predicate, value))

    def list(self, members: list[Term]) -> Term:
        """Add a list and return its node."""
        start: Term = RDF.nil
        for member in reversed(members):
            node = self.node()
            self.add(node, RDF.first, member)
            self.add(node, RDF.rest, start)
            start = node
        return start

    def path(self, depth: int = 2) -> Term:
        """Add a property path and return its node."""
        kinds = ["predicate"] * 3 + (
            ["inverse", "sequence", "alternative", "*", "+", "?"] * bool(depth)
        )
        kind = self.draw(st.sampled_from(kinds))
        if kind == "predicate":
            return self.draw(st.sampled_from(PREDICATES))
        if kind == "sequence":
            return self.list([self.path(depth - 1) for _ in range(2)])
        node = self.node()
        if kind == "alternative":
            parts = self.list([self.path(depth - 1) for _ in range(2)])
            self.add(node, SH.alternativePath, parts)
        else:
            names = {"inverse": "inverse", "*": "zeroOrMore", "+": "oneOrMore", "?": "zeroOrOne"}
            self.add(node, SH[f"{names[kind]}Path"], self.path(depth - 1))
        return node

    def shape(self, depth: int, *, of_property: bool | None = None) -> Term:
        """Add a shape and return its node."""
        draw = self.draw
        node: Term = self.node()
        if draw(st.booleans()):
            node = E[f"shape{self.count}"]
        if of_property is None:
            of_property = draw(st.booleans())
        if of_property:
            self.add(node, SH.path, self.path())
        self.add(node, RDF.type, SH.PropertyShape if of_property else SH.NodeShape)
        if draw(st.integers(0, 9)) == 0:
            self.add(node, SH.severity, draw(st.sampled_from([SH.Info, SH.Warning, E.Bad])))
        if draw(st.integers(0, 19)) == 0:
            self.add(node, SH.deactivated, _typed("true", "boolean"))
        for _ in range(draw(st.integers(1, 3))):
            self._constraint(node, depth, of_property)
        return node

    def _constraint(self, node: Term, depth: int, of_property: bool) -> None:
        draw = self.draw
        has = {triple.predicate for triple in self.shapes if triple.subject == node}
        kinds = ["class", "hasValue", "equals", "disjoint"]
        kinds += ["datatype", "nodeKind", "minExclusive", "minInclusive", "maxExclusive"]
        kinds += ["maxInclusive", "minLength", "maxLength", "pattern", "languageIn", "in", "closed"]
        if of_property:
            kinds += ["minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"]
        if depth:
            kinds += ["not", "and", "or", "xone", "node", "property"] * 2
            if of_property:
                kinds += ["qualifiedValueShape"] * 3
        kind = draw(st.sampled_from(kinds))
        many = {"class", "hasValue", "equals", "disjoint", "not", "and", "or", "xone", "property"}
        if SH[kind] in has and kind not in many:
            return
        self.add(node, SH[kind], self._value(kind, depth))
        if kind == "pattern" and draw(st.booleans()):
            self.add(node, SH.flags, ox.Literal("i"))
        if kind == "closed" and draw(st.booleans()):
            self.add(node, SH.ignoredProperties, self.list([draw(st.sampled_from(PREDICATES))]))
        if kind == "qualifiedValueShape":
            name = draw(st.sampled_from(["qualifiedMinCount", "qualifiedMaxCount"]))
            self.add(node, SH[name], draw(_NUMBERS))
            if draw(st.booleans()):
                self.add(node, SH.qualifiedValueShapesDisjoint, _typed("true", "boolean"))

    def _value(self, kind: str, depth: int) -> Term:
        draw = self.draw
        if kind in ("not", "qualifiedValueShape"):
            return self.shape(depth - 1)
        if kind in ("node", "property"):
            return self.shape(depth - 1, of_property=kind == "property")
        if kind in ("and", "or", "xone"):
            return self.list([self.shape(depth - 1) for _ in range(draw(st.integers(1, 3)))])
        if kind == "in":
            return self.list(draw(st.lists(self._named(), max_size=4)))
        if kind == "languageIn":
            tags = draw(st.lists(st.sampled_from(["en", "fr", "en-GB", "de"]), min_size=1))
            return self.list([ox.Literal(tag) for tag in tags])
        if kind in ("minCount", "maxCount", "minLength", "maxLength"):
            return draw(_NUMBERS)
        choices = {
            "class": st.sampled_from(CLASSES),
            "hasValue": self._named(),
            "datatype": st.sampled_from(_DATATYPES),
            "nodeKind": st.sampled_from(_KINDS),
            "pattern": st.sampled_from([ox.Literal(p) for p in ("^a", "b$", "[0-9]", "^A.$", "")]),
            "closed": st.just(_typed("true", "boolean")),
            "uniqueLang": st.just(_typed("true", "boolean")),
        }
        if kind in ("equals", "disjoint", "lessThan", "lessThanOrEquals"):
            return draw(st.sampled_from(PREDICATES))
        bounds = [term for term in self.literals if term.language is None]
        return draw(choices.get(kind, st.sampled_from(bounds)))

    def _named(self) -> st.SearchStrategy[Term]:
        return st.sampled_from([*NODES[:3], *self.literals])


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw shapes with several targets, and data with nodes that no target selects."""
    pair = Pair(draw=draw, literals=draw(st.sampled_from(_FAMILIES)))
    values = st.sampled_from([*NODES, *pair.literals])
    for _ in range(draw(st.integers(1, 2))):
        shape = pair.shape(2)
        for _ in range(draw(st.integers(1, 2))):
            kind, terms = draw(
                st.sampled_from(
                    [
                        ("targetClass", CLASSES),
                        ("targetNode", [*NODES[:3], *pair.literals[:3]]),
                        ("targetSubjectsOf", PREDICATES),
                        ("targetObjectsOf", PREDICATES),
                    ]
                )
            )
            triple = ox.Triple(shape, SH[kind], draw(st.sampled_from(terms)))
            if triple not in pair.shapes:
                pair.shapes.append(triple)
    subject = st.sampled_from(NODES)
    for _ in range(draw(st.integers(1, 18))):
        if draw(st.integers(0, 3)) == 0:
            triple = ox.Triple(draw(subject), RDF.type, draw(st.sampled_from(CLASSES)))
        else:
            triple = ox.Triple(draw(subject), draw(st.sampled_from(PREDICATES)), draw(values))
        if triple not in pair.data:
            pair.data.append(triple)
    if draw(st.integers(0, 3)) == 0:
        pair.data.append(ox.Triple(E.D, RDFS.subClassOf, E.C))
    return pair


def turtle(triples: list[ox.Triple]) -> str:
    """Return triples as text that can be pasted into a test."""
    return "\n".join(f"{triple} ." for triple in triples)


QUERIES = (
    "SELECT $this ?value { $this e:p ?value FILTER(isLiteral(?value)) }",
    "SELECT $this { $this e:p ?x . ?x e:q ?y }",
    "SELECT $this ?value { $this e:p ?value FILTER NOT EXISTS { ?value a e:C } }",
    "SELECT $this (?x AS ?value) { $this e:p ?x OPTIONAL { $this e:q ?y } FILTER(!bound(?y)) }",
    "SELECT $this { FILTER(isBlank($this)) }",
    "SELECT $this ?value { ?value e:p ?x FILTER(?x = $this) }",
    "SELECT $this ?path ?value { $this ?path ?value FILTER(isIRI(?value)) }",
    "SELECT $this ?value { { $this e:p ?value } UNION { ?value e:q $this } }",
    "SELECT $this ?value { $this e:p/e:q? ?value FILTER(lang(?value) != 'en') }",
    "SELECT $this ?value { $this e:r ?value { ?value e:p ?z } UNION { ?value e:q $this } }",
)
"""Queries of constraints on node shapes."""

PATH_QUERIES = (
    "SELECT $this ?value { $this $PATH ?value FILTER(isIRI(?value)) }",
    "SELECT $this ?value { $this $PATH ?value . ?value e:q ?x }",
    "SELECT $this { $this $PATH ?x FILTER NOT EXISTS { $this e:r ?x } }",
)
"""Queries of constraints on property shapes."""


@st.composite
def queried(draw: st.DrawFn) -> Pair:
    """Draw shapes with queries, also deep inside, and data whose literals a store keeps."""
    pair = Pair(draw=draw, literals=LITERALS[1:9])
    pair.add(E.prefixes, SH.declare, E.prefix)
    pair.add(E.prefix, SH.prefix, ox.Literal("e"))
    pair.add(E.prefix, SH.namespace, _typed(str(E), "anyURI"))
    of_property = draw(st.booleans())
    asked = pair.shape(0, of_property=of_property)
    pair.shapes = [t for t in pair.shapes if t.subject != asked or t.predicate == SH.path]
    pair.add(asked, SH.sparql, E.constraint)
    pair.add(E.constraint, SH.prefixes, E.prefixes)
    query = draw(st.sampled_from(PATH_QUERIES if of_property else QUERIES))
    pair.add(E.constraint, SH.select, ox.Literal(query))
    shape: Term = asked
    if draw(st.integers(0, 2)) == 0:
        shape = E.outer
        kind = draw(st.sampled_from(["not", "property"] if of_property else ["not", "node"]))
        pair.add(shape, SH[kind], asked)
    target = draw(st.sampled_from([SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf]))
    terms = CLASSES if target == SH.targetClass else PREDICATES
    pair.add(shape, target, draw(st.sampled_from(terms)))
    values = st.sampled_from([*NODES, *NODES, *pair.literals])
    for _ in range(draw(st.integers(4, 18))):
        subject = draw(st.sampled_from(NODES))
        triple = ox.Triple(subject, draw(st.sampled_from(PREDICATES)), draw(values))
        if draw(st.integers(0, 3)) == 0:
            triple = ox.Triple(subject, RDF.type, draw(st.sampled_from(CLASSES)))
        if triple not in pair.data:
            pair.data.append(triple)
    return pair
