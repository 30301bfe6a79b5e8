"""What pages say in the words of schema.org, read by another's reader of JSON-LD."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import Graph, Namespace
from rdflib.namespace import DCAT, DCTERMS, RDFS, SKOS
from shop import Shop, lay, serve
from website import Page, get, release

from app.catalog.graph import Properties
from app.namespaces import EDTF, RDF, SCHEMA
from app.pages.schema_org import SchemaOrg, script
from app.record.record import read_record
from app.release import build

ROOT = Path(__file__).parents[2]
# What the context of schema.org does to what we use of it: members are its own, dates are Dates,
# addresses are IRIs.
CONTEXT = {
    "@vocab": "http://schema.org/",
    "startDate": {"@id": "http://schema.org/startDate", "@type": "http://schema.org/Date"},
    "endDate": {"@id": "http://schema.org/endDate", "@type": "http://schema.org/Date"},
    **{
        name: {"@id": f"http://schema.org/{name}", "@type": "@id"}
        for name in ("contentUrl", "license", "sameAs", "url")
    },
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
# What dataset search wants of a Dataset: the first two always, the rest where it is known.
# https://developers.google.com/search/docs/appearance/structured-data/dataset
WANTED = {
    "name", "description", "creator", "distribution", "includedInDataCatalog", "inLanguage",
    "keywords", "license", "publisher", "spatialCoverage", "temporalCoverage", "url", "version",
}  # fmt: skip
EX = "http://example.org/"
RDFS_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))
CLOSE_MATCH, PREF_LABEL = ox.NamedNode(str(SKOS.closeMatch)), ox.NamedNode(str(SKOS.prefLabel))
PAGES = (
    "conference/cimo-16",
    "conference/5plus5-defence-9",
    "conference/cimo-1",
    "conference/gtmo-5",
    "document/lisbon-declaration-2015",
    "framework/5plus5",
    "organisation/amu",
    "person/anabela-miranda-rodrigues",
    "place/lisbon",
    "source/sgmai-5plus5",
    "state/PRT",
)
Statement = tuple[str, str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("schema") / "release", ROOT)


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with serve(folder) as found:
        yield found


@pytest.fixture(scope="module")
def held(folder: Path) -> set[Statement]:
    return statements_of(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small record as `dialogue build` releases it, with every file."""
    out = tmp_path_factory.mktemp("whole") / "release"
    build.build(read_record(ROOT / "examples" / "visegrad"), out)
    return out


def statements_of(folder: Path) -> set[Statement]:
    """Return what a release holds."""
    triples = ox.parse(path=folder / "dialogue.ttl", format=ox.RdfFormat.TURTLE)
    return {(q.subject.value, q.predicate.value, key(q.object)) for q in triples}


@pytest.fixture(scope="module")
def alignments() -> dict[str, set[str]]:
    """Return what stands for each term of schema.org, as the reader of others finds it."""
    ontology = Graph()
    for file in sorted((ROOT / "ontology").glob("*.ttl")):
        ontology.parse(file)
    found: dict[str, set[str]] = {}
    kinds = RDFS.subClassOf | RDFS.subPropertyOf
    schema = Namespace("https://schema.org/")
    for link in (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.closeMatch, SKOS.exactMatch):
        for above, standard in ontology.subject_objects(link):
            if str(standard).startswith(schema):
                every = {above, *ontology.subjects(kinds * "+", above)}
                found.setdefault(str(standard), set()).update(map(str, every))
    # Its own terms, where the record uses them, stand for themselves.
    for name in ("inLanguage", "sameAs", "url"):
        found.setdefault(f"{SCHEMA}{name}", set()).add(f"{SCHEMA}{name}")
    return found


def key(term: object) -> str:
    if isinstance(term, ox.Literal) and not term.language:
        try:
            return str(float(term.value))
        except ValueError:
            return term.value
    return str(getattr(term, "value", term)) + (getattr(term, "language", None) or "")


def said(shop: Shop, path: str) -> str | None:
    page = Page(get(shop, path, "text/html").text)
    scripts = page.all("script")
    assert len(scripts) < 2
    return scripts[0].text if scripts else None


def statements(text: str) -> set[Statement]:
    """Return what a text says, without what it says of what the page is not about."""
    document = json.loads(text)
    assert document["@context"] == "https://schema.org"
    [subject] = jsonld.expand({**document, "@context": CONTEXT})
    found = {
        (subject["@id"], RDF.type.value, kind.replace("http:", "https:"))
        for kind in subject["@type"]
    }
    for member, values in subject.items():
        if not member.startswith("@"):
            for value in values:
                written = value["@id"] if "@id" in value else str(value["@value"])
                if "@language" in value:
                    written += value["@language"]
                elif isinstance(value.get("@value"), int | float):
                    written = str(float(written))
                found.add((subject["@id"], member.replace("http:", "https:"), written))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_is_held_and_all_that_the_alignments_know(
    shop: Shop, held: set[Statement], alignments: dict[str, set[str]], path: str
) -> None:
    text = said(shop, f"doc/{path}")
    assert text
    iri = f"https://w3id.org/dialogue/id/{path}"
    standard_of = {term: name for name, terms in alignments.items() for term in terms}
    expected = set()
    for subject, property, value in held:
        if subject != iri:
            continue
        for name, terms in alignments.items():
            if property == RDF.type.value and value in terms:
                expected.add((iri, property, name))
            elif property in terms and property != RDF.type.value:
                expected.add((iri, name, standard_of.get(value, value)))
    # Of a city and its country, the city alone.
    place, within = (f"https://w3id.org/dialogue/ontology#{name}" for name in ("place", "within"))
    at = {value for subject, property, value in held if (subject, property) == (iri, place)}
    around = {value for subject, property, value in held if subject in at and property == within}
    expected = {s for s in expected if s[1] != f"{SCHEMA}location" or s[2] not in around}
    spoken = statements(text)
    # A day that is the bound of a month or a year is written as that, or not at all.
    days = {f"{SCHEMA}startDate", f"{SCHEMA}endDate"}
    assert {s for s in spoken if s[1] not in days} == {s for s in expected if s[1] not in days}
    for _, name, day in (s for s in spoken if s[1] in days):
        assert any(s[1] == name and s[2].startswith(day) for s in expected)


def test_days_that_no_source_gives_are_not_said(shop: Shop) -> None:
    days = {
        path: {
            name.rpartition("/")[2]: day
            for _, name, day in statements(said(shop, f"doc/conference/{path}") or "")
            if name.endswith(("startDate", "endDate"))
        }
        for path in ("cimo-16", "5plus5-defence-9", "cimo-2")
    }
    assert days == {
        "cimo-16": {"startDate": "2015-05-19", "endDate": "2015-05-19"},
        "5plus5-defence-9": {"startDate": "2013-12"},
        "cimo-2": {"startDate": "1996-04"},
    }


def ungrounded(
    thing: dict[str, Any], held: set[Statement], alignments: dict[str, set[str]]
) -> list[Statement]:
    """Return what an expanded object and those in it say, and the graph does not."""
    silent, subject = [], thing["@id"]

    def check(name: str, value: str, *forms: str, properties: set[str]) -> None:
        if not any((subject, p, form) in held for p in properties for form in (value, *forms)):
            silent.append((subject, name, value))

    for kind in thing.get("@type", ()):
        name = kind.replace("http:", "https:")
        if not any((subject, RDF.type.value, term) in held for term in alignments[name]):
            silent.append((subject, "@type", name))
    for member, values in thing.items():
        if member.startswith("@"):
            continue
        name = member.replace("http:", "https:")
        properties = alignments[name]
        for value in values:
            if "@id" in value:
                check(name, value["@id"], properties=properties)
                silent += ungrounded(value, held, alignments)
            elif name.endswith("temporalCoverage"):
                sides = str(value["@value"]).split("/")
                periods = {o for s, p, o in held if s == subject and p in properties}
                ends = [{str(DCAT.startDate)}, {str(DCAT.endDate)}]
                for period in periods:
                    for side, at in zip(sides, ends, strict=True):
                        said = {o for s, p, o in held if s == period and p in at}
                        if said != ({key(ox.Literal(side))} - {".."}):
                            silent.append((subject, name, value["@value"]))
            else:
                text = key(value["@value"]) + value.get("@language", "")
                check(name, text, MEDIA_TYPES + text, properties=properties)
    return silent


def expanded(text: str) -> dict[str, Any]:
    [thing] = jsonld.expand({**json.loads(text), "@context": CONTEXT})
    return dict(thing)


@pytest.mark.parametrize("path", ["", "dataset"])
@pytest.mark.parametrize("record", ["the record as it is served", "a small one with every file"])
def test_a_dataset_says_where_it_is_to_be_had_and_nothing_that_the_graph_does_not(
    request: pytest.FixtureRequest, alignments: dict[str, set[str]], record: str, path: str
) -> None:
    small = record.startswith("a small")
    release = request.getfixturevalue("whole" if small else "folder")
    held = statements_of(release)
    with serve(release) as shop:
        text = said(shop, path) or ""
    thing, document = expanded(text), json.loads(text)
    assert ungrounded(thing, held, alignments) == []
    # The small record has no words for catalogues, and a server makes no catalogue of its own.
    missing = (
        {"keywords", "spatialCoverage", "temporalCoverage"} if small else {"includedInDataCatalog"}
    )
    assert WANTED - document.keys() == missing
    files = {o for s, p, o in held if (s, p) == (thing["@id"], str(DCAT.distribution))}
    assert {one["contentUrl"] for one in document["distribution"]} == files
    for one in document["distribution"]:
        assert one["@type"] == "DataDownload"
        assert {"contentUrl", "encodingFormat", "name"} <= one.keys()
    assert document["creator"]["@type"] == "Organization"
    assert document["creator"]["name"]
    if not small:
        assert document["temporalCoverage"] == "1983/.."
        assert document["spatialCoverage"]["@type"] == "Place"


def test_what_the_graph_does_not_say_of_a_dataset_would_be_seen(
    alignments: dict[str, set[str]],
) -> None:
    dataset, file, period = f"{EX}dataset", f"{EX}file", f"{EX}period"
    held = {
        (dataset, RDF.type.value, str(DCAT.Dataset)),
        (dataset, str(DCAT.distribution), file),
        (dataset, str(DCTERMS.temporal), period),
        (period, str(DCAT.startDate), key(ox.Literal("1983"))),
        (file, str(DCAT.mediaType), f"{MEDIA_TYPES}text/turtle"),
    }
    document = {
        "@context": "https://schema.org",
        "@id": dataset,
        "@type": "Dataset",
        "distribution": {"@id": file, "encodingFormat": "text/turtle"},
        "temporalCoverage": "1983/..",
    }
    assert ungrounded(expanded(json.dumps(document)), held, alignments) == []
    document |= {
        "distribution": {"@id": file, "@type": "DataDownload", "encodingFormat": "text/csv"},
        "temporalCoverage": "1983/1991",
        "version": "1.0",
    }
    wrong = {name for _, name, _ in ungrounded(expanded(json.dumps(document)), held, alignments)}
    assert wrong == {
        "@type",
        f"{SCHEMA}encodingFormat",
        f"{SCHEMA}temporalCoverage",
        f"{SCHEMA}version",
    }


def test_a_period_is_an_interval_and_what_has_a_page_is_named_alone() -> None:
    thing, period, place = (ox.NamedNode(f"{EX}{name}") for name in ("a", "period", "p"))
    covers, at = ox.NamedNode(f"{EX}covers"), ox.NamedNode(f"{EX}at")
    begins, ends = ox.NamedNode(f"{EX}begins"), ox.NamedNode(f"{EX}ends")
    kind = ox.NamedNode(f"{EX}Data")
    terms = {
        kind: ("Dataset",), covers: ("temporalCoverage",), at: ("spatialCoverage",),
        begins: ("startDate",), ends: ("endDate",), ox.NamedNode(f"{EX}Place"): ("Place",),
    }  # fmt: skip
    properties = {RDF.type: [kind], covers: [period], at: [place]}
    assert SchemaOrg(terms).references(properties) == [period, place]
    shown = {"@type": "Place", "@id": place.value, "name": "Rome"}
    names = {place: ox.Literal("Rome")}.get
    for sides, interval in (
        ({begins: [ox.Literal("1983")]}, "1983/.."),
        ({ends: [ox.Literal("1991")]}, "../1991"),
        ({begins: [ox.Literal("1983")], ends: [ox.Literal("1991")]}, "1983/1991"),
    ):
        parts: dict[ox.NamedNode, Properties] = {
            place: {RDF.type: [ox.NamedNode(f"{EX}Place")]},
            period: {**sides},
        }
        described = SchemaOrg(terms, parts=parts).describe(thing, properties, names)
        assert described is not None
        assert described["temporalCoverage"] == interval
        assert described["spatialCoverage"] == shown


@pytest.mark.parametrize("path", ["ontology", "doc/evidence/sgmai-5plus5.110", "browse"])
def test_what_schema_org_has_no_class_for_says_nothing(shop: Shop, path: str) -> None:
    assert said(shop, path) is None


def test_no_value_ends_the_element_that_it_stands_in(tmp_path: Path) -> None:
    payload = "</script><script>alert(1)</script><!-- & \u2028"
    base = "https://w3id.org/dialogue/"
    thing, kind = ox.NamedNode(f"{base}id/x/y"), ox.NamedNode(f"{EX}Thing")
    quads = [
        ox.Quad(kind, RDFS_SUBCLASS, SCHEMA.Thing),
        ox.Quad(PREF_LABEL, CLOSE_MATCH, SCHEMA.name),
        ox.Quad(thing, RDF.type, kind),
        ox.Quad(thing, PREF_LABEL, ox.Literal(payload, language="en")),
    ]
    data = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    with serve(lay(tmp_path / "release", data.decode())) as shop:
        text = said(shop, "doc/x/y")
    assert statements(text or "") == {
        (thing.value, RDF.type.value, f"{SCHEMA}Thing"),
        (thing.value, f"{SCHEMA}name", f"{payload}en"),
    }


def test_a_thing_in_its_own_words() -> None:
    thing, place = ox.NamedNode(f"{EX}a"), ox.NamedNode(f"{EX}p")
    known = SchemaOrg(
        {
            ox.NamedNode(f"{EX}Meeting"): ("Event",),
            ox.NamedNode(f"{EX}at"): ("location",),
            ox.NamedNode(f"{EX}begins"): ("startDate",),
            ox.NamedNode(f"{EX}off"): ("EventCancelled",),
            ox.NamedNode(f"{EX}status"): ("eventStatus",),
        },
        {ox.NamedNode(f"{EX}at"): ("Place",)},
    )
    properties = {
        RDF.type: [ox.NamedNode(f"{EX}Meeting"), ox.NamedNode(f"{EX}Other")],
        ox.NamedNode(f"{EX}at"): [place],
        ox.NamedNode(f"{EX}begins"): [
            ox.Literal("2013-12-01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date"))
        ],
        ox.NamedNode(f"{EX}when"): [ox.Literal("2013-12~", datatype=EDTF)],
        ox.NamedNode(f"{EX}status"): [ox.NamedNode(f"{EX}off")],
        ox.NamedNode(f"{EX}unknown"): [ox.Literal("not said")],
    }
    assert known.describe(thing, properties, {place: ox.Literal("Rome", language="en")}.get) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": f"{EX}a",
        "eventStatus": {"@id": f"{SCHEMA}EventCancelled"},
        "location": {
            "@id": f"{EX}p",
            "@type": "Place",
            "name": {"@language": "en", "@value": "Rome"},
        },
        "startDate": "2013-12",
    }
    assert known.describe(place, {RDF.type: [ox.NamedNode(f"{EX}Other")]}, {}.get) is None
    assert script(None) == ""


@pytest.mark.parametrize(
    ("text", "datatype", "shown"),
    [
        ("7", "integer", 7),
        ("-12", "integer", -12),
        ("38.72", "decimal", 38.72),
        ("1.5E3", "double", 1500.0),
        # What is no number, or none of JSON, stays the text that it is.
        ("many", "integer", "many"),
        ("1_000", "integer", "1_000"),
        ("7" * 5000, "integer", "7" * 5000),
        ("38,72", "decimal", "38,72"),
        ("", "decimal", ""),
        ("NaN", "double", "NaN"),
        ("INF", "double", "INF"),
        ("-INF", "double", "-INF"),
        ("1e999", "double", "1e999"),
    ],
)
def test_a_number_is_one_of_json_or_text(text: str, datatype: str, shown: object) -> None:
    kind, has = ox.NamedNode(f"{EX}Place"), ox.NamedNode(f"{EX}lat")
    value = ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{datatype}"))
    known = SchemaOrg({kind: ("Place",), has: ("latitude",)})
    described = known.describe(ox.NamedNode(f"{EX}a"), {RDF.type: [kind], has: [value]}, {}.get)
    assert described is not None
    assert (described["latitude"], type(described["latitude"])) == (shown, type(shown))
    assert json.loads(script(described), parse_constant=pytest.fail) == described
