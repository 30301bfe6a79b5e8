"""How the service describes itself: to clients that read it first, and to editors by SPARQL.

The three queries are those by which editors that configure themselves ask an endpoint: for its
prefixes, its classes with their properties, and its questions.
"""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from shop import DATA, Shop, lay, serve, web
from website import BASE, release

from app.namespaces import DCTERMS, DLG, OWL, RDFS, SCHEMA, SD
from app.record.record import read_record

ROOT = Path(__file__).resolve().parents[2]
PREFIXES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace { ?declared sh:prefix ?prefix ; sh:namespace ?namespace }
"""
CLASSES = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?class ?property ?to ?datatype {
  ?part void:class ?class ; void:propertyPartition ?inner .
  ?inner void:property ?property .
  OPTIONAL {
    { ?inner void:classPartition [ void:class ?to ] }
    UNION
    { ?inner void-ext:datatypePartition [ void-ext:datatype ?datatype ] }
  }
}
"""
QUESTIONS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?question ?comment ?query {
  ?question a sh:SPARQLExecutable ; rdfs:comment ?comment .
  ?question sh:select|sh:ask|sh:construct|sh:describe ?query
}
ORDER BY ?question
"""
SERVICE = ox.NamedNode("http://dialogue.test/sparql")
GRAPHS = ox.NamedNode(f"{BASE}graph/")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(release(tmp_path_factory.mktemp("described") / "release", ROOT)) as found:
        yield found


def rows(shop: Shop, query: str) -> list[tuple[str, ...]]:
    """Return the rows of an answer; what is unbound is empty."""
    answer = shop.ask(query, "application/sparql-results+json")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    names = found["head"]["vars"]
    return [
        tuple(row.get(name, {"value": ""})["value"] for name in names)
        for row in found["results"]["bindings"]
    ]


def described(shop: Shop, path: str = "sparql") -> ox.Dataset:
    answer = web.get(shop.url + path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    return ox.Dataset(ox.parse(answer.content, format=ox.RdfFormat.TURTLE))


def said(of: ox.Dataset, subject: ox.NamedNode, property: ox.NamedNode) -> set[str]:
    return {
        quad.object.value
        for quad in of.quads_for_subject(subject)
        if quad.predicate == property and not isinstance(quad.object, ox.Triple)
    }


def test_an_editor_finds_every_prefix_in_one_meaning(shop: Shop) -> None:
    found = rows(shop, PREFIXES)
    declared = read_record(ROOT).prefixes
    assert dict(found).items() >= declared.items()
    # Those of the shapes stand in their own graph.
    assert len(found) == len(dict(found)) == len(declared)


def test_an_editor_finds_which_properties_a_class_has_and_of_what_their_values_are(
    shop: Shop,
) -> None:
    found = rows(shop, CLASSES)
    dlg = str(DLG)
    assert (f"{dlg}Conference", f"{dlg}inSeries", f"{dlg}Series", "") in found
    assert (f"{dlg}Conference", f"{dlg}place", f"{dlg}City", "") in found
    edtf = "http://id.loc.gov/datatypes/edtf/EDTF-level1"
    assert (f"{dlg}Conference", f"{dlg}date", "", edtf) in found
    assert (f"{dlg}Derivation", f"{dlg}premise", f"{dlg}Evidence", "") in found
    # A value of no class that is known here, and what a class never has.
    assert [r[2:] for r in found if r[:2] == (f"{dlg}State", f"{SCHEMA}sameAs")] == [("", "")]
    assert (
        f"{dlg}Conference",
        f"{dlg}status",
        "http://www.w3.org/2004/02/skos/core#Concept",
        "",
    ) in found
    assert [r for r in found if r[:2] == (f"{dlg}State", f"{dlg}date")] == []
    # Terms of the vocabulary are no things that somebody asks for.
    assert [r for r in found if r[0].startswith(str(OWL))] == []


def test_what_is_counted_of_a_class_is_what_a_query_counts(shop: Shop) -> None:
    counted = """
    PREFIX void: <http://rdfs.org/ns/void#>
    PREFIX void-ext: <http://ldf.fi/void-ext#>
    SELECT ?property ?triples ?to ?values ?datatype ?texts {
      [] void:class dlg:Conference ; void:propertyPartition ?part .
      ?part void:property ?property ; void:triples ?triples .
      OPTIONAL { ?part void:classPartition [ void:class ?to ; void:triples ?values ] }
      OPTIONAL {
        ?part void-ext:datatypePartition [ void-ext:datatype ?datatype ; void:triples ?texts ]
      }
    }
    """
    asked = """
    SELECT ?property ?triples ?to ?values ?datatype ?texts {
      {
        SELECT ?property (COUNT(*) AS ?triples) { ?c a dlg:Conference ; ?property ?any }
        GROUP BY ?property
      }
      OPTIONAL {
        SELECT ?property ?to (COUNT(*) AS ?values) { ?c a dlg:Conference ; ?property ?any .
          ?any a ?to FILTER(?property != rdf:type) }
        GROUP BY ?property ?to
      }
      OPTIONAL {
        SELECT ?property ?datatype (COUNT(*) AS ?texts) { ?c a dlg:Conference ; ?property ?any
          BIND(DATATYPE(?any) AS ?datatype) FILTER(BOUND(?datatype)) }
        GROUP BY ?property ?datatype
      }
    }
    """
    found = sorted(rows(shop, counted))
    assert found == sorted(rows(shop, asked))
    assert len(found) > 20


def test_an_editor_finds_each_question_once_and_can_run_it(shop: Shop) -> None:
    found = rows(shop, QUESTIONS)
    names = [iri for iri, _, _ in found]
    files = sorted(path.stem for path in (ROOT / "data" / "questions").iterdir())
    assert names == [f"{BASE}id/question/{name}" for name in files]
    whole = ox.NamedNode(f"{BASE}id/question/")
    assert said(described(shop, "doc/question/"), whole, RDFS.member) == set(names)
    for _, words, query in found[:3]:
        assert words.endswith("?")
        assert shop.ask(query).status_code == 200


def test_the_description_is_small_and_tells_kinds_limits_and_where_the_rest_is(shop: Shop) -> None:
    answer = web.get(f"{shop.url}sparql")
    assert len(answer.content) < 20_000
    about = described(shop)
    assert said(about, SERVICE, SD.feature) == set()
    assert said(about, SERVICE, SD.supportedLanguage) == {
        f"{SD}SPARQL11Query",
        f"{SD}SPARQL12Query",
    }
    assert said(about, SERVICE, SD.defaultEntailmentRegime) == {
        "http://www.w3.org/ns/entailment/Simple"
    }
    limits = {
        name: said(about, SERVICE, DLG[name])
        for name in ("querySeconds", "queryBytes", "addressBytes", "answerRows")
    }
    assert limits == {
        "querySeconds": {"10.0"},
        "queryBytes": {"256000"},
        "addressBytes": {"24576"},
        "answerRows": set(),
    }
    see = said(about, SERVICE, RDFS.seeAlso)
    paths = ["graphs", "graph/", ".well-known/void", "id/question/"]
    assert see == {f"http://dialogue.test/{path}" for path in paths}
    for path in paths[1:]:
        followed = web.get(
            shop.url + path, headers={"Accept": "text/turtle"}, follow_redirects=False
        )
        assert followed.status_code in (200, 303), path
    canonical = ox.NamedNode(f"{BASE}sparql")
    assert said(about, canonical, OWL.sameAs) == {SERVICE.value}


def test_the_list_of_graphs_is_all_of_them_and_the_kinds_add_up(shop: Shop) -> None:
    short, whole = described(shop), described(shop, "graph/")
    names = {name for (name,) in rows(shop, "SELECT ?g { GRAPH ?g {} }")}
    assert said(whole, GRAPHS, SD.namedGraph) == names
    assert len(names) > 6000
    kinds = said(short, GRAPHS, DCTERMS.hasPart)
    assert kinds == {
        f"{GRAPHS.value}#{kind}" for kind in ("derivations", "descriptions", "evidence", "rules")
    }
    counts = [said(short, ox.NamedNode(kind), DLG.graphCount) for kind in kinds]
    assert sum(int(number) for count in counts for number in count) == len(names)
    assert said(short, GRAPHS, DLG.graphCount) == {str(len(names))}
    assert said(short, GRAPHS, SD.namedGraph) == set()
    dataset = ox.NamedNode(f"{BASE}dataset")
    few = said(short, dataset, SD.namedGraph)
    assert {f"{BASE}graph/ontology", f"{BASE}graph/shapes", f"{BASE}graph/dataset"} < few
    assert all(name.startswith(f"{BASE}graph/") for name in few)


def test_the_vocabulary_knows_every_term_of_ours_in_the_description(shop: Shop) -> None:
    used = {
        term.value
        for quad in described(shop)
        for term in (quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(str(DLG))
    }
    defined = {q.subject.value for d in read_record(ROOT).ontology for q in d.quads}  # type: ignore[union-attr]
    assert used
    assert used <= defined


def test_limits_that_are_set_are_told_and_change_the_tag(tmp_path: Path) -> None:
    tags = set()
    for number, limit in enumerate(("7", "8")):
        with serve(lay(tmp_path / str(number), DATA), DIALOGUE_MAX_ROWS=limit) as other:
            about = described(other)
            assert said(about, SERVICE, DLG.answerRows) == {limit}
            tags.add(web.get(f"{other.url}sparql").headers["etag"])
    assert len(tags) == 2


def test_a_question_has_a_page_with_a_way_to_ask_it(shop: Shop) -> None:
    address = f"{shop.url}doc/question/lisbon-declarations"
    page = web.get(address, headers={"Accept": "text/html"}).text
    assert "Declarations of Lisbon" in page
    assert 'href="/sparql?query=PREFIX%20dlg%3A' in page
    other = web.get(f"{shop.url}doc/place/lisbon", headers={"Accept": "text/html"}).text
    assert "Ask it" not in other
    about = described(shop, "doc/question/lisbon-declarations")
    name = ox.NamedNode(f"{BASE}id/question/lisbon-declarations")
    assert said(about, name, SCHEMA.target) == {f"{BASE}sparql"}
