"""Linked data over HTTP: things, their descriptions, the vocabularies, the release."""

import hashlib
import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from shop import Shop, lay, serve
from website import BASE, get, release, website

from app.rdf import formats

FORMATS = {
    "ttl": ("text/turtle", "text/turtle; charset=utf-8"),
    "trig": ("application/trig", "application/trig"),
    "nt": ("application/n-triples", "application/n-triples"),
    "nq": ("application/n-quads", "application/n-quads"),
    "rdf": ("application/rdf+xml", "application/rdf+xml"),
    "jsonld": ("application/ld+json", "application/ld+json"),
}
ODD = """
<https://w3id.org/dialogue/id/thing/odd> <http://example.org/7> "no name for an element" .
<https://w3id.org/dialogue/id/thing/bell> <http://example.org/p> "bell \\u0007" .
<https://w3id.org/dialogue/id/thing/s.ttl> <http://example.org/p> "its name ends like a suffix" .
<https://w3id.org/dialogue/id/thing/na%C3%AFve> <http://example.org/p> "percent" .
<https://w3id.org/dialogue/id/thing/naïve> <http://example.org/p> "plain" .
<https://w3id.org/dialogue/id/thing/out> <http://purl.org/dc/terms/isReplacedBy> \
<https://evil.example/id/thing/odd> .
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("resources") / "release"


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with website(folder) as found:
        yield found


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("odd"), ODD)) as found:
        yield found


def triples(content: bytes, form: ox.RdfFormat) -> set[ox.Triple]:
    return {q.triple for q in ox.parse(content, format=form)}


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_description_is_the_same_in_every_format_by_accept_and_by_suffix(
    shop: Shop, suffix: str
) -> None:
    media, told = FORMATS[suffix]
    path = "doc/document/lisbon-declaration-2015.fr"
    asked, ended = get(shop, path, media), get(shop, f"{path}.{suffix}", "text/html")
    assert asked.status_code == ended.status_code == 200
    assert asked.headers["content-type"] == ended.headers["content-type"] == told
    assert asked.headers["vary"] == "Accept, Accept-Encoding"
    assert asked.content == ended.content
    quads = list(ox.parse(asked.content, format=formats.FORMATS[media]))
    default = {q.triple for q in quads if isinstance(q.graph_name, ox.DefaultGraph)}
    turtle = triples(get(shop, f"{path}.ttl").content, ox.RdfFormat.TURTLE)
    if media in formats.OF_QUADS:
        evidence = ox.NamedNode(f"{BASE}id/evidence/sgmai-5plus5.090")
        assert turtle < default
        assert {q.graph_name for q in quads} - {ox.DefaultGraph()} == {evidence}
    else:
        assert default == turtle
        assert len(quads) == len(default)


@pytest.mark.parametrize(
    ("suffix", "name"), [("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld"), ("trig", "trig")]
)
def test_another_reader_reads_what_we_write(shop: Shop, suffix: str, name: str) -> None:
    content = get(shop, f"doc/conference/cimo-16.{suffix}").content
    read = rdflib.Dataset().parse(data=content, format=name)
    about = rdflib.URIRef(f"{BASE}id/conference/cimo-16")
    place = rdflib.URIRef(f"{BASE}ontology#place")
    objects = {o for *_, o, _ in read.quads((about, place, None, None))}
    assert objects == {rdflib.URIRef(f"{BASE}id/place/lisbon")}


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("id/conference/cimo-16", "/doc/conference/cimo-16"),
        ("id/conference/cimo-16.ttl", "/doc/conference/cimo-16.ttl"),
        ("id/participation/cimo-16.PRT", "/doc/participation/cimo-16.PRT"),
        ("id/participation/cimo-16.PRT.json", "/doc/participation/cimo-16.PRT.json"),
        ("id/evidence/sgmai-5plus5.070", "/doc/evidence/sgmai-5plus5.070"),
        ("id/document/lisbon-declaration-2015.fr", "/doc/document/lisbon-declaration-2015.fr"),
    ],
)
def test_a_thing_redirects_to_the_document_about_it(shop: Shop, asked: str, location: str) -> None:
    for accept in ("*/*", "text/html", "text/turtle"):
        answer = get(shop, asked, accept)
        assert (answer.status_code, answer.headers["location"]) == (303, location)
        followed = get(shop, answer.headers["location"], "*/*")
        assert followed.status_code == 200


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("id/conference/cimo-2015", "/id/conference/cimo-16"),
        ("id/conference/cimo-2015.ttl", "/id/conference/cimo-16.ttl"),
        ("doc/conference/cimo-2015", "/doc/conference/cimo-16"),
        ("doc/conference/cimo-2015.nq", "/doc/conference/cimo-16.nq"),
    ],
)
def test_an_old_name_redirects_to_the_new_one(shop: Shop, asked: str, location: str) -> None:
    answer = get(shop, asked)
    assert (answer.status_code, answer.headers["location"]) == (301, location)


def test_a_successor_elsewhere_is_no_way_out(odd: Shop) -> None:
    assert get(odd, "id/thing/out").headers["location"] == "/doc/thing/out"
    assert get(odd, "doc/thing/out.nt").status_code == 200


def test_a_name_that_ends_like_a_suffix_is_a_name_where_it_is_described(odd: Shop) -> None:
    plain, turtle = get(odd, "doc/thing/s.ttl", "application/n-triples"), get(odd, "doc/thing/s")
    assert plain.headers["content-type"] == "application/n-triples"
    assert b"its name ends like a suffix" in plain.content
    assert turtle.status_code == 404
    twice = get(odd, "doc/thing/s.ttl.ttl")
    assert twice.headers["content-type"] == "text/turtle; charset=utf-8"


def test_a_name_beyond_ascii_keeps_its_address_through_the_redirect(odd: Shop) -> None:
    answer = get(odd, "id/thing/na%C3%AFve")
    assert answer.headers["location"] == "/doc/thing/na%C3%AFve"
    said = get(odd, "doc/thing/na%C3%AFve.nt").content.decode()
    assert '"plain"' in said
    assert '"percent"' not in said


@pytest.mark.parametrize(
    "path",
    [
        "id/conference/nobody",
        "id/conference/nobody.ttl",
        "doc/conference/nobody",
        "doc/conference/cimo-16.xlsx",
        "doc/nothing/cimo-16",
        "doc/conference/cimo%2016",
        "doc/conference/%3Cscript%3E",
        "doc/conference/%00",
        "doc/conference/..%2F..%2Frelease.json",
        "doc/conference/%5C%5Cevil.example",
        "id/conference/%0D%0ALocation:%20https:%2F%2Fevil.example",
        "id/%2F%2Fevil.example/x",
        "doc/conference/" + "x" * 5000,
        "ontology/Nothing",
        "ontology.xlsx",
        "shapes/Nothing",
        "graph/rule/nothing",
        "dataset.xlsx",
        "dump/nothing",
    ],
)
def test_an_address_that_names_nothing_is_a_404_in_the_words_of_the_client(
    shop: Shop, path: str
) -> None:
    problem = get(shop, path, "application/json, */*;q=0.1")
    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "http://dialogue.test/problems/not-found"
    assert problem.headers["cache-control"] == "no-store"
    page = get(shop, path, "text/html")
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "evil.example" not in problem.headers.get("location", "")


def test_nothing_that_is_acceptable_is_a_406_that_lists_the_types(shop: Shop) -> None:
    for path in ("doc/conference/cimo-16", "ontology", "shapes"):
        answer = get(shop, path, "image/png")
        assert answer.status_code == 406
        assert answer.json()["offered"] == [*formats.DOCUMENTS]
        assert answer.headers["vary"] == "Accept"
    assert get(shop, "doc/conference/cimo-16.ttl", "image/png").status_code == 200


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "text/html"),
        ("", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/turtle;q=0.9, application/rdf+xml", "application/rdf+xml"),
        ("text/turtle, application/rdf+xml;q=0.9", "text/turtle"),
        ("application/*;q=0.5, application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("text/html;q=0, */*", "text/turtle"),
    ],
)
def test_the_client_chooses_the_format(shop: Shop, accept: str, media: str) -> None:
    answer = get(shop, "doc/place/lisbon", accept)
    assert answer.headers["content-type"].split(";")[0] == media


def test_links_lead_to_the_other_formats_and_to_the_canonical_address(shop: Shop) -> None:
    answer = get(shop, "doc/document/lisbon-declaration-2015.fr.trig")
    path = "doc/document/lisbon-declaration-2015.fr"
    links = answer.headers["link"].split(", ")
    for suffix, media in formats.SUFFIXES.items():
        assert f'</{path}.{suffix}>; rel="alternate"; type="{media}"' in links
    assert f'<{BASE}{path}>; rel="canonical"' in links
    assert f'<{BASE}{path.replace("doc/", "id/")}>; rel="describes"' in links
    assert f'</{path}.ttl>; rel="describedby"; type="text/turtle"' in links
    assert len(links) == len(formats.SUFFIXES) + 3


@pytest.mark.parametrize(
    "path", ["doc/conference/cimo-16", "ontology", "shapes", "", "browse", "search?q=a", "dump/"]
)
def test_what_the_client_holds_already_is_not_sent_again(shop: Shop, path: str) -> None:
    first, json_ = get(shop, path, "text/html"), get(shop, path, "application/json")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert tag != json_.headers["etag"]
    again = get(shop, path, "text/html", If_None_Match=f'"other", W/{tag}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert again.headers["vary"] == "Accept, Accept-Encoding"
    assert get(shop, path, "text/html", If_None_Match='"other"').content == first.content
    assert get(shop, path, "application/json", If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("path", ["doc/conference/cimo-16.ttl", "ontology", "dump/dialogue.nq"])
def test_head_is_get_without_the_body_and_options_names_the_methods(shop: Shop, path: str) -> None:
    whole, head = get(shop, path), httpx.head(f"{shop.url}{path}")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == whole.headers[name]
    assert head.content == b""
    options = httpx.options(f"{shop.url}{path}")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert httpx.post(f"{shop.url}{path}").status_code == 405


def test_what_rdf_xml_cannot_hold_is_refused_and_the_rest_is_written(odd: Shop) -> None:
    for name in ("odd", "bell"):
        answer = get(odd, f"doc/thing/{name}.rdf")
        assert answer.status_code == 406
        assert answer.json()["type"] == "http://dialogue.test/problems/not-expressible"
        assert "application/rdf+xml" not in answer.json()["offered"]
        assert get(odd, f"doc/thing/{name}.ttl").status_code == 200
    assert b"plain" in get(odd, "doc/thing/na%C3%AFve.rdf").content


@pytest.mark.parametrize("name", ["ontology", "shapes"])
def test_a_vocabulary_comes_whole_in_every_format(shop: Shop, folder: Path, name: str) -> None:
    turtle = get(shop, f"{name}.ttl").content
    assert turtle == (folder / f"{name}.ttl").read_bytes()
    whole = triples(turtle, ox.RdfFormat.TURTLE)
    for suffix, (media, told) in FORMATS.items():
        by_suffix, by_accept = get(shop, f"{name}.{suffix}"), get(shop, name, media)
        assert by_suffix.content == by_accept.content
        assert by_suffix.headers["content-type"] == told
        assert triples(by_suffix.content, formats.FORMATS[media]) == whole


@pytest.mark.parametrize(
    ("vocabulary", "term"), [("ontology", "Conference"), ("shapes", "Conference-date")]
)
def test_every_term_dereferences_to_its_anchor_and_to_its_triples(
    shop: Shop, vocabulary: str, term: str
) -> None:
    answer = get(shop, f"{vocabulary}/{term}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{vocabulary}#{term}")
    page = get(shop, vocabulary, "text/html").text
    assert f'id="{term}"' in page
    said = triples(get(shop, vocabulary, "text/turtle").content, ox.RdfFormat.TURTLE)
    assert ox.NamedNode(f"{BASE}{vocabulary}#{term}") in {t.subject for t in said}


def test_the_version_that_is_served_has_an_address_and_other_versions_have_not(
    shop: Shop,
) -> None:
    version = get(shop, "ontology/0.1.0", "text/turtle")
    assert version.content == get(shop, "ontology.ttl").content
    assert get(shop, "ontology/0.0.9", "text/turtle").status_code == 404


def test_the_dataset_and_its_graphs_are_described_under_their_own_addresses(shop: Shop) -> None:
    about = ox.NamedNode(f"{BASE}dataset")
    for path in ("dataset", ".well-known/void"):
        said = triples(get(shop, path, "text/turtle").content, ox.RdfFormat.TURTLE)
        kinds = {t.object.value for t in said if t.subject == about and "#type" in str(t.predicate)}  # type: ignore[union-attr]
        assert "http://rdfs.org/ns/void#Dataset" in kinds
    rule = get(shop, "graph/rule/previous-edition.nt").text
    assert f"<{BASE}dump/rules/10-previous-edition.rq>" in rule
    assert get(shop, "dump/rules/10-previous-edition.rq").status_code == 200
    assert get(shop, "dataset.nq").headers["content-type"] == "application/n-quads"


def untitled(page: str) -> list[str]:
    """Return the files that the page of a release lists without saying what they are."""
    rows = re.findall(r'<tr><td><a href="/dump/([^"]+)">[^<]+</a></td><td>([^<]*)</td>', page)
    assert len(rows) > 10
    return [name for name, words in rows if not words]


def test_the_release_can_be_taken_away_and_checked(shop: Shop, folder: Path) -> None:
    listed = get(shop, "dump/", "application/json").json()
    sums = get(shop, "dump/SHA256SUMS").text
    assert sums == (folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert {f"{f['sha256']}  {f['name']}" for f in listed} == set(sums.splitlines())
    page = get(shop, "dump/", "text/html").text
    for file in listed:
        answer = get(shop, f"dump/{file['name']}", Accept_Encoding="identity")
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert len(answer.content) == file["bytes"] == int(answer.headers["content-length"])
        assert answer.headers["etag"] == f'"{file["sha256"]}"'
        assert f'href="/dump/{file["name"]}"' in page
    assert [words for words in untitled(page) if not words.startswith("tables/")] == []
    types = {f["name"]: get(shop, f"dump/{f['name']}").headers["content-type"] for f in listed}
    assert types["dialogue.nq"] == "application/n-quads"
    assert types["dialogue.trig"] == "application/trig"
    assert types["void.ttl"] == "text/turtle; charset=utf-8"
    assert json.loads(get(shop, "dump/release.json").content)["base"] == BASE
    assert get(shop, "dump").headers["location"] == "/dump/"


def test_a_part_of_a_file_can_be_asked_for(shop: Shop, folder: Path) -> None:
    whole = (folder / "dialogue.nq").read_bytes()
    part = get(shop, "dump/dialogue.nq", Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    tag = part.headers["etag"]
    assert get(shop, "dump/dialogue.nq", Range="bytes=0-0", If_Range=tag).status_code == 206
    assert get(shop, "dump/dialogue.nq", Range="bytes=0-0", If_Range='"old"').status_code == 200
    assert get(shop, "dump/dialogue.nq", Range=f"bytes={len(whole)}-").status_code == 416
    assert get(shop, "dump/dialogue.nq", If_None_Match=tag).status_code == 304


@pytest.mark.parametrize(
    "unread",
    [
        "items=1-2",
        "bytes=abc",
        "bytes=5-1",
        "bytes=",
        "bytes",
        "bytes=1",
        "bytes=1-2,x",
        "bytes=--1",
    ],
)
def test_a_range_that_is_none_asks_for_the_whole(shop: Shop, folder: Path, unread: str) -> None:
    answer = get(shop, "dump/dialogue.nq", Range=unread)
    assert (answer.status_code, answer.content) == (200, (folder / "dialogue.nq").read_bytes())
    assert "content-range" not in answer.headers
    book = get(shop, "browse/conference.xlsx", Range=unread)
    assert (book.status_code, book.content[:2]) == (200, b"PK")


def test_a_part_that_there_is_not_is_a_problem_that_tells_the_size(
    shop: Shop, folder: Path
) -> None:
    size = (folder / "dialogue.nq").stat().st_size
    for unread in (f"bytes={size}-", "bytes=99999999999999999999-", "bytes=-0"):
        answer = get(shop, "dump/dialogue.nq", Range=unread)
        assert answer.status_code == 416
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-range"] == f"bytes */{size}"
        assert answer.json()["bytes"] == size
        assert answer.json()["type"].endswith("/problems/range-not-satisfiable")


def test_a_list_is_no_file_and_has_no_parts(shop: Shop) -> None:
    whole = get(shop, "browse/conference.xlsx")
    part = get(shop, "browse/conference.xlsx", Range="bytes=0-1")
    assert (part.status_code, part.content) == (200, whole.content)
    assert "accept-ranges" not in part.headers


def test_of_parts_those_are_sent_that_there_are(shop: Shop, folder: Path) -> None:
    whole = (folder / "dialogue.nq").read_bytes()
    size = len(whole)
    for asked, first, last in (
        (f"bytes=5-{size * 2}", 5, size - 1),
        ("BYTES = 0-0", 0, 0),
        ("bytes=-3", size - 3, size - 1),
        (f"bytes=-{size * 2}", 0, size - 1),
        (f"bytes=,2-4 , {size}-", 2, 4),
        ("bytes=0000000000000000000007-8", 7, 8),
    ):
        part = get(shop, "dump/dialogue.nq", Range=asked)
        assert (part.status_code, part.content) == (206, whole[first : last + 1]), asked
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
    several = get(shop, "dump/dialogue.nq", Range="bytes=0-1,10-11")
    assert several.status_code == 206
    assert several.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert several.content.count(b"Content-Range: bytes ") == 2
    # More parts than anybody needs are the whole.
    many = "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 400, 2))
    assert get(shop, "dump/dialogue.nq", Range=many).status_code == 200
    # The head of a part cannot be asked for.
    head = httpx.head(f"{shop.url}dump/dialogue.nq", headers={"Range": "bytes=1-2"})
    assert (head.status_code, "content-range" in head.headers) == (200, False)


def test_a_part_differs_by_what_the_whole_differs_by(shop: Shop) -> None:
    for path in ("dump/dialogue.nq", "dump/void.ttl"):
        whole = get(shop, path, Accept_Encoding="identity")
        assert whole.headers["vary"] == "Accept-Encoding"
        for asked in ("bytes=0-1", "bytes=0-1,5-6"):
            part = get(shop, path, Range=asked, Accept_Encoding="identity")
            assert (part.status_code, part.headers["vary"]) == (206, whole.headers["vary"])
            for name in ("etag", "last-modified", "cache-control", "content-location", "link"):
                assert part.headers[name] == whole.headers[name]


def test_no_name_leads_out_of_the_release(tmp_path: Path) -> None:
    folder = release(tmp_path / "release")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "unlisted").write_text("secret", encoding="utf-8")
    digest = hashlib.sha256(b"secret").hexdigest()
    with (folder / "SHA256SUMS").open("a", encoding="utf-8") as sums:
        sums.write(f"{digest}  link\n{digest}  ../secret\n{digest}  {tmp_path}/secret\n")
    with serve(folder) as found:
        for name in (
            "link",
            "unlisted",
            "../secret",
            "..%2fsecret",
            "%2e%2e/secret",
            "%2e%2e%2fsecret",
            "..%5csecret",
            "%00",
            "rules/../../secret",
            "rules/..%2f..%2fsecret",
            f"{tmp_path}/secret",
            f"/{tmp_path}/secret",
            "%c0%ae%c0%ae/secret",
            "dialogue.nq%00",
            "rules",
            "rules/",
            "./dialogue.nq/.",
            "server.log",
        ):
            # This client leaves the path as it is; others tidy it up.
            connection = http.client.HTTPConnection("127.0.0.1", found.port, timeout=10)
            connection.request("GET", f"/dump/{name}")
            answer = connection.getresponse()
            assert answer.status == 404, name
            assert json.loads(answer.read())["detail"] == "The release has no such file."
            connection.close()
        assert [f["name"] for f in get(found, "dump/", "application/json").json()].count(
            "link"
        ) == 0


def test_the_same_release_gives_the_same_bytes_in_another_process(
    shop: Shop, tmp_path: Path
) -> None:
    with website(tmp_path / "release") as other:
        for path in ("doc/source/sgmai-5plus5", "doc/conference/cimo-16", "dataset"):
            for suffix in formats.SUFFIXES:
                here, there = get(shop, f"{path}.{suffix}"), get(other, f"{path}.{suffix}")
                assert here.headers["etag"] == there.headers["etag"], "the same release"
                assert here.content == there.content, suffix


def test_a_shop_of_plain_quads_offers_no_files_and_says_so(odd: Shop) -> None:
    assert get(odd, "dump/", "application/json").json() == []
    assert "no files to offer" in get(odd, "dump/", "text/html").text
    assert get(odd, "dump/dialogue.nq").status_code == 404
    assert get(odd, "ontology.ttl").status_code == 404
    assert get(odd, ".well-known/void").status_code == 404


def test_pages_link_below_the_public_address_and_data_keep_the_base(
    tmp_path: Path,
) -> None:
    with website(tmp_path / "release", DIALOGUE_PUBLIC_URL="https://host.test/below/") as found:
        page = get(found, "doc/place/lisbon", "text/html").text
        assert 'href="/below/doc/' in page
        assert 'href="/doc/' not in page
        assert get(found, "id/place/lisbon").headers["location"] == "/below/doc/place/lisbon"
        assert f"<{BASE}id/place/lisbon>" in get(found, "doc/place/lisbon.nt").text
        assert "host.test" not in get(found, "doc/place/lisbon.nt").text
