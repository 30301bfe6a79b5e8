"""The program, its ontology and its shapes serve any record: what they know of ours is an example.

What is excepted is excepted by name: examples in help, definitions and explanations; the names of
languages and the words of the interface; and the two terms for sides that are given up.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from app.namespaces import BASE, DLG, OWL, SH, SKOS
from app.record import inference
from app.record.record import Record, read_record

ROOT = Path(__file__).resolve().parent.parent
OURS = re.compile(
    r"5 ?\+ ?5|5plus5|\bcimo\b|\bg4\b|\bgtmo\b|maghreb|mediterr|northern|southern|\bshore"
    r"|lisbon|lisboa|portug|\bPRT\b|w3id\.org/dialogue/(id/|dataset)",
    re.IGNORECASE,
)
TAGS = re.compile(r"[\"'](fr|pt)[\"']")
EXPLAINED = {SKOS.example, SKOS.definition, SKOS.scopeNote, DLG.remedy, SH.description}
"""What explains a term or a rule to people, and may do so by examples."""
GIVEN_UP = {DLG.northernSide, DLG.southernSide}
NAMES_OF_LANGUAGES = {"pages/dates.py"}


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record(ROOT)


def constants(module: Path) -> Iterator[str]:
    """Yield the texts and the names in a module, without what its docstrings say."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_the_examples_that_are_excepted_are_there() -> None:
    # A pattern that matched nothing would except everything.
    text = (ROOT / "data/dataset.ttl").read_text(encoding="utf-8")
    assert len(OURS.findall(text)) > 20
    assert TAGS.findall((ROOT / "app/pages/dates.py").read_text(encoding="utf-8")) == ["fr", "pt"]


def test_no_module_knows_our_record_or_its_languages() -> None:
    folder = ROOT / "app"
    found = [
        f"{module.relative_to(folder)}: {text}"
        for module in sorted(folder.rglob("*.py"))
        for text in constants(module)
        if OURS.search(text)
        or (
            TAGS.fullmatch(f"'{text}'")
            and str(module.relative_to(folder)) not in NAMES_OF_LANGUAGES
        )
    ]
    # The name of a language is in the list of the names of languages.
    assert found == ["pages/dates.py: Portuguese"]


@pytest.mark.parametrize("folder", ["app/queries", "app/templates", "ontology/rules"])
def test_no_query_and_no_template_knows_our_record(folder: str) -> None:
    files = [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".rq", ".html")]
    assert files
    texts = {path: re.sub(r"(?m)^#.*", "", path.read_text(encoding="utf-8")) for path in files}
    assert [path.name for path, text in texts.items() if OURS.search(text)] == []
    assert [path.name for path, text in texts.items() if TAGS.search(text)] == []


def test_no_template_of_a_file_knows_our_record() -> None:
    files = sorted((ROOT / "ontology" / "templates").rglob("*.j2"))
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert len(files) > 30
    assert [path.name for path, text in texts.items() if OURS.search(text)] == []
    assert [path.name for path, text in texts.items() if re.search("@(fr|pt)\\b", text)] == []


def roots(quads: list[ox.Quad]) -> dict[object, object]:
    """Return the named node in whose description each blank node stands."""
    above = {quad.object: quad.subject for quad in quads if isinstance(quad.object, ox.BlankNode)}

    def root(node: object) -> object:
        while node in above:
            node = above[node]
        return node

    return {quad.subject: root(quad.subject) for quad in quads}


@pytest.mark.parametrize("part", ["ontology", "shapes"])
def test_ontology_and_shapes_know_our_record_by_examples_alone(record: Record, part: str) -> None:
    for document in getattr(record, part):
        quads = list(inference.quads([document]))
        root = roots(quads)
        found = [
            str(quad)
            for quad in quads
            if quad.predicate not in EXPLAINED
            and root[quad.subject] not in GIVEN_UP
            and any(OURS.search(str(term)) for term in (quad.subject, quad.predicate, quad.object))
        ]
        assert found == [], document.path


def test_no_shape_asks_for_a_language_but_those_of_dataset_and_ontology(record: Record) -> None:
    for document in record.shapes:
        quads = list(inference.quads([document]))
        queries = [
            quad.object.value
            for quad in quads
            if quad.predicate == SH.select and isinstance(quad.object, ox.Literal)
        ]
        assert [query for query in queries if TAGS.search(query) or '"en"' in query] == []
        assert [quad for quad in quads if quad.predicate == SH.languageIn] == [], document.path


def test_every_side_of_the_ontology_is_given_up(record: Record) -> None:
    triples = {quad.triple for quad in inference.quads(record.ontology)}
    sides = {t.subject for t in triples if t.object == DLG.sideScheme} - {DLG.sideScheme}
    sides = {side for side in sides if ox.Triple(side, SKOS.inScheme, DLG.sideScheme) in triples}
    assert sides == GIVEN_UP
    true = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    assert all(ox.Triple(side, OWL.deprecated, true) in triples for side in sides)


def test_what_is_given_up_goes_on_answering(record: Record) -> None:
    store = ox.Store()
    store.extend(inference.dataset(record))
    rows = store.query(
        """SELECT ?term (COUNT(DISTINCT ?state) AS ?states) WHERE {
          ?membership dlg:memberGroup/skos:broader ?term ; org:member ?state .
        } GROUP BY ?term ORDER BY ?term""",
        prefixes={"dlg": str(DLG), "skos": str(SKOS), "org": "http://www.w3.org/ns/org#"},
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert [(row["term"], row["states"].value) for row in rows] == [
        (DLG.northernSide, "5"),
        (DLG.southernSide, "5"),
    ]


def test_the_base_of_the_program_is_that_of_its_vocabularies_alone(record: Record) -> None:
    named = {
        str(term)
        for document in (*record.ontology, *record.shapes)
        for quad in document.quads
        for term in (quad.subject, quad.object)
        if str(term).startswith(f"<{BASE}")
    }
    others = [iri for iri in named if not re.match(rf"<{BASE}(ontology|shapes)[#/>]", iri)]
    assert others == []
