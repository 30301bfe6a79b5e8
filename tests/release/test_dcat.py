"""The release as data portals read of it, judged by the shapes of DCAT-AP 3.0.1 in two engines."""

import gzip
import hashlib
import shutil
from collections import Counter
from pathlib import Path

import pyshacl
import pytest
from rdflib import DCTERMS, RDF, SH, XSD, Graph, Literal, Namespace, URIRef
from succession import release as release_into
from suites import folder as suites
from suites import shapes_missing

from app import Severity, manifest, validate
from app.manifest import CATALOGUE
from app.record.record import read_record
from app.release import build

ROOT = Path(__file__).parents[2]
SHAPES = suites() / "dcat-ap"
# That of rdflib is of an older version, without versions.
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
MEDIA = Namespace("https://www.iana.org/assignments/media-types/")
AVAILABILITY = URIRef("http://data.europa.eu/r5r/availability")
PLANNED = Namespace("http://publications.europa.eu/resource/authority/planned-availability/")
FILE_TYPE = Namespace("http://publications.europa.eu/resource/authority/file-type/")
with_shapes = pytest.mark.skipif(not SHAPES.is_dir(), reason=shapes_missing() or "they are here")
LEFT_OUT = {
    DCTERMS.type: "what kind of agent its contributors are, and of licence theirs, no record says",
    DCAT.endDate: "the period is open",
    DCAT.bbox: "no source draws the bounds of the Western Mediterranean",
    DCAT.centroid: "nor says where its middle is",
    DCAT.contactPoint: "the small record names nobody to write to",
    DCAT.keyword: "nor has it words for catalogues",
    DCAT.theme: "nor a place in the table of themes",
    DCAT.themeTaxonomy: "so that none is named",
    DCTERMS.spatial: "its states and cities are listed, no region of them is named",
    DCTERMS.temporal: "its conferences are dated, no period is named",
}
"""What the profile recommends and a record does not say, with the reason; it may only shrink."""
WARNINGS = {
    "the record": {DCTERMS.type: 2, DCAT.endDate: 1, DCAT.bbox: 1, DCAT.centroid: 1},
    "a small one": {
        DCTERMS.type: 2,
        DCAT.contactPoint: 3,
        DCAT.keyword: 3,
        DCAT.theme: 3,
        DCAT.themeTaxonomy: 1,
        DCTERMS.spatial: 3,
        DCTERMS.temporal: 2,
    },
}
RECORDS = {"the record": ROOT, "a small one": ROOT / "examples" / "visegrad"}


@pytest.fixture(scope="module", params=RECORDS)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dcat") / "release"
    record = read_record(RECORDS[request.param])
    build.build(record, out, formats=["turtle", "gzip", "dcat"])
    return out


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two releases of the small one, of which the second calls a place otherwise."""
    root = tmp_path_factory.mktemp("following")
    record, folder = root / "record", root / "releases"
    shutil.copytree(RECORDS["a small one"], record)
    first = release_into(record, folder, "2026-01-01")
    file = record / "data/frameworks/visegrad.trig"
    text = file.read_text(encoding="utf-8")
    assert '"Visegrád Group"@en' in text
    file.write_text(text.replace('"Visegrád Group"@en', '"The Group"@en'), encoding="utf-8")
    return [first, release_into(record, folder, "2026-01-02")]


def dataset_of(graph: Graph) -> URIRef:
    """Return the dataset that a catalogue has."""
    [dataset] = graph.objects(None, DCAT.dataset)
    assert isinstance(dataset, URIRef)
    return dataset


def told_of_files(graph: Graph) -> dict[str, list[tuple[str, int]]]:
    """Return the digests and sizes that are told of each file, by its address."""
    dataset = dataset_of(graph)
    return {
        str(file): [
            (str(graph.value(checksum, SPDX.checksumValue)), int(str(size)))
            for checksum in graph.objects(file, SPDX.checksum)
            for size in graph.objects(file, DCAT.byteSize)
        ]
        for file in graph.objects(dataset, DCAT.distribution)
    }


def violations(catalogue: Path) -> tuple[list[str], list[str]]:
    """Return what our own check and pySHACL find wrong: the paths at fault, sorted."""
    found = validate([catalogue], [SHAPES])
    ours = [one.path.full for one in found if one.severity is Severity.VIOLATION and one.path]
    shapes = Graph()
    for file in sorted(SHAPES.glob("*.ttl")):
        shapes.parse(file)
    # The files refer to shapes that none of them has, and pySHACL stops at such a reference.
    for shape, link in list(shapes.subject_objects(SH.property)):
        if shapes.value(link, SH.path) is None:
            shapes.remove((shape, SH.property, link))
    report = pyshacl.validate(Graph().parse(catalogue), shacl_graph=shapes, advanced=False)[1]
    theirs = [
        str(report.value(result, SH.resultPath))
        for result in report.subjects(SH.resultSeverity, SH.Violation)
    ]
    return sorted(ours), sorted(theirs)


@with_shapes
def test_it_is_as_the_profile_asks(release: Path) -> None:
    assert violations(release / CATALOGUE) == ([], [])


def warnings(catalogue: Path) -> Counter[URIRef]:
    """Return what is recommended and missing, by its name, with how often."""
    findings = validate([catalogue], [SHAPES])
    return Counter(
        URIRef(one.path.full) for one in findings if one.severity is Severity.WARNING and one.path
    )


@with_shapes
def test_what_the_profile_recommends_is_there_or_left_out_for_a_reason(
    release: Path, request: pytest.FixtureRequest
) -> None:
    [kind] = (kind for kind in RECORDS if f"[{kind}]" in request.node.name)
    expected = WARNINGS[kind]
    assert warnings(release / CATALOGUE) == expected
    assert expected.keys() <= LEFT_OUT.keys()


@with_shapes
def test_a_file_that_is_not_said_to_be_kept_would_be_seen(release: Path, tmp_path: Path) -> None:
    graph = Graph().parse(release / CATALOGUE)
    dataset = dataset_of(graph)
    file = next(iter(sorted(graph.objects(dataset, DCAT.distribution))))
    graph.remove((file, AVAILABILITY, None))
    graph.serialize(tmp_path / "silent.ttl", format="turtle")
    assert warnings(tmp_path / "silent.ttl")[AVAILABILITY] == 1


def test_how_long_files_are_kept_and_who_publishes_is_said_as_the_release_has_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "record"
    shutil.copytree(RECORDS["a small one"], folder)
    publisher = folder / "data/publishers/editors.trig"
    kind = "http://purl.org/adms/publishertype/PrivateIndividual(s)"
    text = publisher.read_text("utf-8").replace(
        "    foaf:name", f"    <{DCTERMS.type}> <{kind}> ;\n    foaf:name"
    )
    publisher.write_text(text, "utf-8")
    for version, planned in (("1.0", "STABLE"), ("1.0+dirty", "TEMPORARY")):
        out = tmp_path / version
        build.build(read_record(folder), out, formats=["turtle", "dcat"], version=version)
        graph = Graph().parse(out / CATALOGUE)
        assert set(graph.objects(None, AVAILABILITY)) == {PLANNED[planned]}
        [agent] = set(graph.objects(None, DCTERMS.publisher))
        assert list(graph.objects(agent, DCTERMS.type)) == [URIRef(kind)]
        if SHAPES.is_dir():
            # That of the licence is missing still.
            assert warnings(out / CATALOGUE)[DCTERMS.type] == 1
            assert violations(out / CATALOGUE) == ([], [])


@with_shapes
def test_what_the_profile_asks_for_is_missed(release: Path, tmp_path: Path) -> None:
    graph = Graph().parse(release / CATALOGUE)
    dataset = dataset_of(graph)
    file = next(iter(sorted(graph.objects(dataset, DCAT.distribution))))
    graph.remove((dataset, DCTERMS.title, None))
    graph.remove((file, DCAT.accessURL, None))
    graph.serialize(tmp_path / "broken.ttl", format="turtle")
    expected = [str(DCTERMS.title), str(DCAT.accessURL)]
    assert violations(tmp_path / "broken.ttl") == (expected, expected)


def test_every_file_is_told_with_its_size_and_digest(release: Path) -> None:
    graph = Graph().parse(release / CATALOGUE)
    place = f"{dataset_of(graph).removesuffix('dataset')}dump/{manifest.read(release).release}/"
    for file in graph.objects(dataset_of(graph), DCAT.distribution):
        checksum = graph.value(file, SPDX.checksum)
        assert graph.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
        assert graph.value(file, DCAT.downloadURL) == file
    described = {file.removeprefix(place): told[0] for file, told in told_of_files(graph).items()}
    listed = {
        path.relative_to(release).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_size,
        )
        for path in release.rglob("*")
        # What is written later cannot stand in it.
        if path.is_file() and path.name not in (CATALOGUE, "release.json", "SHA256SUMS")
    }
    assert described == listed
    packed = URIRef(f"{place}dialogue.ttl.gz")
    assert graph.value(packed, DCAT.compressFormat) == MEDIA["application/gzip"]
    assert graph.value(packed, DCAT.mediaType) == MEDIA["text/turtle"]
    assert graph.value(packed, DCTERMS["format"]) == FILE_TYPE.RDF_TURTLE
    assert graph.value(packed, DCTERMS.title) == Literal(
        "What we hold: the default graph", lang="en"
    )
    plain = URIRef(f"{place}dialogue.ttl")
    assert graph.value(plain, DCAT.compressFormat) is None
    assert (
        gzip.decompress((release / "dialogue.ttl.gz").read_bytes())
        == (release / "dialogue.ttl").read_bytes()
    )


def test_what_an_older_release_tells_of_its_files_holds_beside_a_newer(
    following: list[Path],
) -> None:
    both = Graph()
    for one in following:
        both.parse(one / CATALOGUE)
    told = told_of_files(both)
    assert {len(each) for each in told.values()} == {1}
    base = dataset_of(both).removesuffix("dataset")
    for one in following:
        for name, digest in (manifest.sums(one) or {}).items():
            if name in (CATALOGUE, manifest.MANIFEST):
                continue
            size = (one / name).stat().st_size
            assert told.pop(f"{base}dump/{one.name}/{name}") == [(digest, size)]
    assert told == {}
    # At the address of the newest, the older's would be wrong now.
    first, second = (manifest.sums(one) or {} for one in following)
    assert [name for name in first if second.get(name) not in (None, first[name])]


def test_the_dataset_names_its_files_where_the_newest_are_and_no_bytes_of_them(
    following: list[Path],
) -> None:
    graph = Graph().parse(following[1] / manifest.VOID)
    base = next(graph.subjects(DCAT.hasCurrentVersion)).removesuffix("dataset")
    files = set(graph.objects(URIRef(f"{base}dataset"), DCAT.distribution))
    assert URIRef(f"{base}dump/dialogue.nq") in files
    assert [file for file in files if "/2026-" in file] == []
    assert (
        set(graph.objects(None, DCAT.byteSize)) == set(graph.objects(None, SPDX.checksum)) == set()
    )


@with_shapes
def test_a_release_that_follows_another_is_as_the_profile_asks(following: list[Path]) -> None:
    assert violations(following[1] / CATALOGUE) == ([], [])


def test_the_version_is_a_dataset_that_the_dataset_has(following: list[Path]) -> None:
    graph = Graph().parse(following[1] / CATALOGUE)
    dataset = dataset_of(graph)
    version, earlier = (URIRef(f"{dataset}#version-{one.name}") for one in reversed(following))
    assert set(graph.subjects(RDF.type, DCAT.Dataset)) == {dataset, version}
    assert set(graph.objects(dataset, DCAT.hasVersion)) == {version}
    for said, expected in [
        (RDF.type, {DCAT.Dataset}),
        (DCAT.isVersionOf, {dataset}),
        (DCAT.previousVersion, {earlier}),
        (DCAT.version, {Literal("2026-01-02")}),
        (DCTERMS.issued, {Literal("2026-01-02", datatype=XSD.date)}),
        (DCTERMS.title, set(graph.objects(dataset, DCTERMS.title))),
        (DCAT.distribution, set(graph.objects(dataset, DCAT.distribution))),
    ]:
        assert set(graph.objects(version, said)) == expected


def test_each_day_is_said_once_whatever_the_dataset_says_of_its_own(tmp_path: Path) -> None:
    record, folder = tmp_path / "record", tmp_path / "releases"
    shutil.copytree(RECORDS["a small one"], record)
    file = record / "data/dataset.ttl"
    text = file.read_text(encoding="utf-8")
    begin = "    dcterms:created "
    assert text.count(begin) == 1
    days = 'dcterms:issued "2020-01-01"^^xsd:date ;\n    dcterms:modified "2020-02-02"^^xsd:date ;'
    file.write_text(text.replace(begin, f"    {days}\n{begin}"), "utf-8")
    release = release_into(record, folder, "2026-01-02")
    graph = Graph().parse(release / CATALOGUE)
    dataset = dataset_of(graph)
    version = URIRef(f"{dataset}#version-2026-01-02")
    [catalogue] = graph.subjects(RDF.type, DCAT.Catalog)

    def days_of(thing: object) -> tuple[list[str], list[str]]:
        issued, modified = (
            [*map(str, graph.objects(thing, day))] for day in (DCTERMS.issued, DCTERMS.modified)
        )
        return issued, modified

    assert days_of(dataset) == (["2020-01-01"], ["2026-01-02"])
    assert days_of(catalogue) == (["2020-01-01"], ["2026-01-02"])
    assert days_of(version) == (["2026-01-02"], ["2026-01-02"])
    for distribution in graph.objects(dataset, DCAT.distribution):
        assert days_of(distribution) == (["2026-01-02"], [])
    void = Graph().parse(release / "void.ttl")
    assert [*map(str, void.objects(dataset, DCTERMS.modified))] == ["2026-01-02"]


def test_a_dataset_that_says_no_day_is_issued_on_that_of_the_release(following: list[Path]) -> None:
    graph = Graph().parse(following[1] / CATALOGUE)
    for thing in (dataset_of(graph), *graph.subjects(RDF.type, DCAT.Catalog)):
        for day in (DCTERMS.issued, DCTERMS.modified):
            assert [*map(str, graph.objects(thing, day))] == ["2026-01-02"]


def test_it_says_what_the_dataset_says_of_itself(release: Path) -> None:
    graph = Graph().parse(release / CATALOGUE)
    dataset = dataset_of(graph)
    void = Graph().parse(release / "dialogue.ttl")
    for property in (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.publisher):
        expected = set(void.objects(dataset, property))
        assert expected
        assert set(graph.objects(dataset, property)) == expected
    # Quads for queries are not for portals.
    assert not [t for t in graph if "void" in str(t[1])]
