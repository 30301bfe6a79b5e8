"""The shapes themselves: well formed, named and worded alike, and known to the ontology."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from overlay import BASE, CASES, ROOT, base, breaking, laid_over

from app.namespaces import BASE as NAMESPACE
from app.namespaces import DLG, DSH, OWL, RDF, SH, VOID, XSD
from app.record import inference
from app.record.record import Record, read_record
from app.validation.engines import pyshacl as shacl

NAME = re.compile(r"[A-Z][A-Za-z]*-[a-z][A-Za-z]*")
DERIVED = frozenset(
    {
        "adopted",
        "begins",
        "derivedBy",
        "endStatus",
        "ends",
        "endsBy",
        "hasPart",
        "meetingOf",
        "memberOf",
        "nextEdition",
        "participant",
        "precision",
        "premise",
        "presidedBy",
        "previousEdition",
    }
)
TARGETS = SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf
DATASET = ox.NamedNode(NAMESPACE + "dataset")
TODAY = ox.Literal(date(2026, 11, 24).isoformat(), datatype=XSD.date)

Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Shapes:
    """The triples of the shapes by subject and predicate."""

    def __init__(self, record: Record) -> None:
        self.triples = [quad.triple for quad in inference.quads(record.shapes)]
        self._said: dict[object, dict[object, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in self.triples:
            self._said[subject][predicate].append(value)

    def of(self, subject: object, predicate: ox.NamedNode) -> list[Term]:
        """Return what a shape says with a predicate."""
        return self._said[subject][predicate]

    def named(self) -> list[ox.NamedNode]:
        """Return the shapes with a name of their own."""
        kinds = {SH.NodeShape, SH.PropertyShape}
        found = {s for s, p, o in self.triples if p == RDF.type and o in kinds}
        return sorted((s for s in found if isinstance(s, ox.NamedNode)), key=str)

    def rules(self) -> list[ox.NamedNode]:
        """Return the shapes that state a rule; the others only say what theirs are about."""
        return [shape for shape in self.named() if self.of(shape, SH.message)]

    def queries(self) -> Iterator[tuple[ox.NamedNode, str]]:
        """Yield each shape with the query of each of its constraints, prefixes before it."""
        prefixes = ""
        for declared in self.of(ox.NamedNode(NAMESPACE + "shapes"), SH.declare):
            (name,), (space,) = (self.of(declared, p) for p in (SH.prefix, SH.namespace))
            prefixes += f"PREFIX {name.value}: <{space.value}>\n"
        for shape in self.named():
            for constraint in self.of(shape, SH.sparql):
                (text,) = self.of(constraint, SH.select)
                yield shape, prefixes + text.value


RECORD = read_record(ROOT)
OURS = Shapes(RECORD)
RULES = OURS.rules()
QUERIES = list(OURS.queries())


def short(shape: ox.NamedNode) -> str:
    return shape.value.rpartition("#")[2]


def defined() -> set[Term]:
    return {quad.subject for document in RECORD.ontology for quad in document.quads}


def test_the_shapes_are_well_formed_shacl() -> None:
    schema = rdflib.Graph().parse(Path(pyshacl.__file__).parent / "assets" / "shacl-shacl.ttl")
    conforms, _, text = pyshacl.validate(shacl.graph(OURS.triples), shacl_graph=schema)
    assert (conforms, text) == (True, "Validation Report\nConforms: True\n")


def test_the_files_bear_the_names_of_those_of_the_ontology() -> None:
    names = {path.name for path in (ROOT / "shapes").iterdir()}
    ontology = {path.name for path in (ROOT / "ontology").glob("*.ttl")}
    assert names - ontology == {"files.ttl", "shapes.ttl", "vocabulary.ttl"}
    assert ontology - names == {"alignments.ttl", "ontology.ttl"}


def test_every_shape_that_states_a_rule_is_named_after_a_class_and_what_is_asked_of_it() -> None:
    assert [short(shape) for shape in RULES if not NAME.fullmatch(short(shape))] == []


def test_every_shape_without_a_rule_says_what_its_rules_are_about() -> None:
    others = set(OURS.named()) - set(RULES)
    assert [shape for shape in others if not any(OURS.of(shape, t) for t in TARGETS)] == []
    assert [shape for shape in others if not OURS.of(shape, SH.property)] == []


def test_every_rule_is_one_sentence_in_each_of_three_languages() -> None:
    for shape in RULES:
        messages = OURS.of(shape, SH.message)
        assert sorted(m.language for m in messages) == ["en", "fr", "pt"], short(shape)
        for message in messages:
            assert re.fullmatch(r"[A-ZÀ-Ý].*[.?]", message.value), message
            assert "{" not in message.value, message


def test_no_two_rules_read_alike() -> None:
    for language in ("en", "fr", "pt"):
        texts = Counter(
            (m.value, *(str(p) for p in OURS.of(shape, SH.path)))
            for shape in RULES
            for m in OURS.of(shape, SH.message)
            if m.language == language
        )
        assert [text for text, count in texts.items() if count > 1] == []


def test_every_rule_says_whether_it_blocks_or_warns_and_nothing_else_does() -> None:
    severities = {s: o for s, p, o in OURS.triples if p == SH.severity}
    assert sorted(severities, key=str) == RULES
    assert set(severities.values()) == {SH.Violation, SH.Warning}


def test_every_property_shape_belongs_to_a_shape_that_says_where_it_applies() -> None:
    attached = {o for s, p, o in OURS.triples if p == SH.property and isinstance(o, ox.NamedNode)}
    paths = [shape for shape in RULES if OURS.of(shape, SH.path)]
    assert sorted(attached, key=str) == paths
    free = [shape for shape in RULES if shape not in attached]
    asleep = [shape for shape in free if not any(OURS.of(shape, target) for target in TARGETS)]
    assert [s for s in asleep if [d.value for d in OURS.of(s, SH.deactivated)] != ["true"]] == []


def test_only_the_rules_about_files_are_left_to_the_program_and_say_so() -> None:
    asleep = {s for s, p, _ in OURS.triples if p == SH.deactivated}
    (files,) = (d for d in RECORD.shapes if Path(d.path).name == "files.ttl")
    assert asleep == {quad.subject for quad in files.quads}
    skos_note = ox.NamedNode("http://www.w3.org/2004/02/skos/core#note")
    assert [s for s in asleep if not OURS.of(s, skos_note)] == []


def test_every_class_and_property_that_a_shape_names_is_defined() -> None:
    known = defined()
    named = {
        o
        for s, p, o in OURS.triples
        if p in (SH["class"], SH.path, SH.hasValue, SH.disjoint, *TARGETS, RDF.first)
        and isinstance(o, ox.NamedNode)
        and o != DATASET
    }
    standard = tuple(str(space) for space in (RDF, OWL, SH))
    standard += ("http://www.w3.org/2000/01/rdf-schema#", "http://purl.org/vocab/vann/")
    named = {term for term in named if not term.value.startswith(standard)}
    assert sorted(named - known, key=str) == []


def test_every_term_of_ours_in_a_query_is_defined_or_a_shape() -> None:
    known = {*defined(), *OURS.named()}
    for shape, query in QUERIES:
        for prefix, name in re.findall(r"\b(dlg|dsh):([A-Za-z][\w-]*)", query):
            term = DLG[name] if prefix == "dlg" else DSH[name]
            assert term in known, (short(shape), term)


def test_no_property_shape_looks_at_what_only_rules_conclude() -> None:
    derived = {DLG[name] for name in DERIVED}
    assert [s for s, p, o in OURS.triples if p == SH.path and o in derived] == []


def test_every_property_with_one_value_has_a_shape_that_says_so() -> None:
    functional = {
        quad.subject
        for document in RECORD.ontology
        for quad in document.quads
        if quad.object == OWL.FunctionalProperty
    }
    single = {
        path
        for shape in RULES
        if [most.value for most in OURS.of(shape, SH.maxCount)] == ["1"]
        for path in OURS.of(shape, SH.path)
    }
    computed = {DLG[name] for name in (*DERIVED, "asOf")}
    assert sorted(functional - computed - single, key=str) == []


@pytest.mark.parametrize(("shape", "query"), QUERIES, ids=lambda given: short_id(given))
def test_a_query_keeps_to_what_a_constraint_may_do(shape: ox.NamedNode, query: str) -> None:
    body = query.partition("SELECT")[2]
    assert re.findall(r"(?i)\b(VALUES|MINUS|SERVICE|NOW|GRAPH|FROM)\b", body) == []
    assert OURS.of(shape, SH.targetSubjectsOf) == [VOID.uriSpace]
    selects = re.findall(r"SELECT (?:DISTINCT )?(\S+ \S+)", query)
    assert selects
    assert {select.split()[0] for select in selects} == {"$this"}
    assert selects[0] == "$this ?value"


def short_id(given: object) -> str:
    return short(given) if isinstance(given, ox.NamedNode) else ""


@pytest.mark.parametrize("shape", sorted({s for s, _ in QUERIES}, key=str), ids=short)
def test_a_query_finds_the_same_on_two_engines(shape: ox.NamedNode) -> None:
    case = breaking(short(shape))[0]
    record = laid_over(case)
    held = inference.held(inference.quads((*record.data, *record.ontology)))
    graphs = inference.rule_graphs(record, held)
    triples = [*held, *(t for graph in graphs for t in graph.reasons)]
    triples.append(ox.Triple(DATASET, DLG.asOf, TODAY))
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in triples)
    graph = shacl.graph(triples)
    rows = 0
    for query in (text for named, text in QUERIES if named == shape):
        one = store.query(query, substitutions={ox.Variable("this"): DATASET})
        other = graph.query(query, initBindings={"this": rdflib.URIRef(DATASET.value)})
        assert isinstance(one, ox.QuerySolutions)
        names = [variable.value for variable in one.variables if variable.value != "this"]
        found = Counter(tuple(str(row[name]) for name in names) for row in one)
        expected = Counter(
            tuple(str(None if (v := row.get(name)) is None else shacl.to_ox(v)) for name in names)
            for row in (binding.asdict() for binding in other)
        )
        assert found == expected
        rows += sum(found.values())
    assert rows > 0


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    folders = {folder.name for folder in CASES.iterdir() if folder.is_dir() and folder != BASE}
    assert folders == {short(shape) for shape in RULES}


def test_every_rule_of_a_framework_that_is_said_to_be_tested_names_a_shape() -> None:
    for record in (RECORD, base()):
        named = {
            quad.object
            for document in record.data
            for quad in document.quads
            if quad.predicate == DLG.formalisedBy
        }
        assert named
        assert sorted(named - set(RULES), key=str) == []
