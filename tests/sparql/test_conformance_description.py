"""The W3C's tests of the SPARQL 1.1 Service Description, over HTTP."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from shop import DATA, Shop, lay, serve, web
from sparql_suite import description_tests
from suites import missing

if not description_tests():
    pytest.skip(missing() or "the suite has no such tests", allow_module_level=True)

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# Section 3 of the specification: what each property is said of, and what it leads to.
SCHEMA = {
    "endpoint": ("Service", None),
    "supportedLanguage": ("Service", None),
    "resultFormat": ("Service", None),
    # Its values are described by the W3C.
    "defaultEntailmentRegime": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("description"), DATA)) as found:
        yield found


def described(shop: Shop) -> list[ox.Triple]:
    answer = web.get(f"{shop.url}sparql")
    assert answer.status_code == 200
    form = ox.RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0])
    return [quad.triple for quad in ox.parse(answer.content, format=form)]


def breaches(triples: list[ox.Triple]) -> list[str]:
    """Return where a description does not follow the schema of its vocabulary."""
    kinds = {(t.subject, t.object.value) for t in triples if t.predicate.value == RDF_TYPE}
    found = []
    for triple in triples:
        name = triple.predicate.value.removeprefix(SD)
        if name == triple.predicate.value:
            continue
        of, to = SCHEMA.get(name, (None, None))
        if of is None or (triple.subject, SD + of) not in kinds:
            found.append(f"{triple.subject} has {name}")
        if to is not None and (triple.object, SD + to) not in kinds:
            found.append(f"{name} leads to {triple.object}")
    return found


def test_the_suite_has_these_tests_and_no_others() -> None:
    assert description_tests() == ["conforms-to-schema", "has-endpoint-triple", "returns-rdf"]


def test_returns_rdf(shop: Shop) -> None:
    assert len(described(shop)) > 10


def test_has_endpoint_triple(shop: Shop) -> None:
    services = {t.subject for t in described(shop) if t.object.value == SD + "Service"}
    endpoints = [
        (t.subject, t.object) for t in described(shop) if t.predicate.value == SD + "endpoint"
    ]
    (service,) = services
    assert endpoints == [(service, ox.NamedNode("http://dialogue.test/sparql"))]


def test_conforms_to_schema(shop: Shop) -> None:
    assert breaches(described(shop)) == []


def test_a_breach_of_the_schema_is_seen(shop: Shop) -> None:
    triples = described(shop)
    service = ox.NamedNode("http://dialogue.test/sparql")
    wrong = ox.Triple(service, ox.NamedNode(SD + "defaultDataset"), ox.NamedNode("a:b"))
    assert breaches([*triples, wrong]) == ["defaultDataset leads to <a:b>"]
    kindless = [t for t in triples if t.predicate.value != RDF_TYPE]
    assert breaches(kindless)
