"""Lists in the formats of everybody's tools: the bytes that the files of the release have."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from shop import Shop, lay, serve
from website import Page, client, get

from app.record.record import read_record
from app.release import build
from app.release.extracts.writers import WRITERS

ROOT = Path(__file__).parents[2]
MEDIA = {
    "ics": "text/calendar; charset=utf-8",
    "csl.json": "application/vnd.citationstyles.csl+json",
    "bib": "application/x-bibtex; charset=utf-8",
    "graphml": "application/graphml+xml",
    "edges.csv": "text/csv; charset=utf-8; header=present",
    "geojson": "application/geo+json",
    "quickstatements.txt": "text/plain; charset=utf-8",
    "left-out.csv": "text/csv; charset=utf-8; header=present",
    "ttl": "text/turtle; charset=utf-8",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the bundled record."""
    out = tmp_path_factory.mktemp("extracts") / "release"
    formats = [writer.name for writer in WRITERS]
    # The third of its day, which calendars have to know.
    day, version = date(2026, 11, 30), "2026-11-30.3"
    build.build(read_record(ROOT), out, as_of=day, formats=formats, version=version)
    return out


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:
    with serve(folder) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("calendar.ics", "calendar.ics"),
        ("browse/source.csl.json", "sources.csl.json"),
        ("browse/source.bib", "sources.bib"),
        ("browse/document.csl.json", "documents.csl.json"),
        ("browse/document.bib", "documents.bib"),
        ("browse/document.graphml", "networks/documents.graphml"),
        ("browse/document.edges.csv", "networks/documents.csv"),
    ],
)
def test_a_list_has_the_bytes_of_the_file(shop: Shop, folder: Path, path: str, file: str) -> None:
    answer = get(shop, path)
    assert answer.status_code == 200
    suffix = path.partition(".")[2]
    assert answer.headers["content-type"] == MEDIA[suffix]
    assert answer.content == (folder / file).read_bytes()
    dumped = get(shop, f"dump/{file}")
    assert (dumped.headers["content-type"], dumped.content) == (MEDIA[suffix], answer.content)


def events(content: bytes) -> set[bytes]:
    # A long line goes on behind a space.
    lines = content.replace(b"\r\n ", b"").split(b"\r\n")
    return {line for line in lines if line.startswith(b"UID:")}


def test_a_calendar_tells_which_release_of_its_day_it_is_of(shop: Shop) -> None:
    numbers = set(re.findall(rb"SEQUENCE:(\d+)", get(shop, "browse/conference.ics").content))
    assert numbers == {b"%d03" % date(2026, 11, 30).toordinal()}


def test_a_list_of_some_events_is_a_part_of_the_calendar(shop: Shop, folder: Path) -> None:
    every = events((folder / "calendar.ics").read_bytes())
    listed = events(get(shop, "browse/conference.ics").content)
    others = events(get(shop, "browse/event.ics").content)
    assert listed | others == every
    assert listed & others == set()
    assert len(listed) > 100


def test_a_framework_has_a_calendar_of_its_meetings_and_those_of_its_parts(shop: Shop) -> None:
    def of(name: str) -> set[bytes]:
        return events(get(shop, f"calendar.ics?of=framework/{name}").content)

    every = events(get(shop, "calendar.ics").content)
    defence, foreign, whole = of("5plus5-defence"), of("5plus5-foreign-affairs"), of("5plus5")
    assert (len(defence), len(foreign)) > (10, 10)
    assert defence & foreign == set()
    assert defence | foreign < whole < every
    # By what each event says on its own page.
    (one,) = get(
        shop,
        "sparql?format=csv&query="
        + quote(
            "SELECT (COUNT(DISTINCT ?event) AS ?n) { ?event dlg:meetingOf "
            "<https://w3id.org/dialogue/id/framework/5plus5-defence> ; dlg:precision dlg:day }"
        ),
    ).text.split()[1:]
    assert len(defence) == int(one)


@pytest.mark.parametrize("name", ["framework/none", "topic/none", "", "<a> <b>", 'a"b'])
def test_what_there_is_not_has_no_calendar(shop: Shop, name: str) -> None:
    answer = get(shop, f"calendar.ics?of={quote(name)}")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        f"“of” names a thing by its kind and name, and there is no “{name}”.",
    )


def test_what_has_no_meetings_has_no_calendar(shop: Shop) -> None:
    answer = get(shop, "calendar.ics?of=publisher/la-opinion-de-malaga")
    assert answer.json()["detail"] == "This list has nothing for: calendar."


DEFENCE = "framework/5plus5-defence"
MEETINGS = """SELECT DISTINCT ?thing {
  ?part dlg:partOf* <https://w3id.org/dialogue/id/OF> . ?thing dlg:meetingOf ?part
}"""


def asked(shop: Shop, query: str, of: str) -> set[str]:
    """Return the IRIs that a query on the thing `of` names."""
    text = quote(query.replace("OF", of))
    lines = get(shop, f"sparql?format=csv&query={text}").text.split()
    return set(lines[1:])


def listed(shop: Shop, kind: str, of: str) -> set[str]:
    """Return the IRIs on all pages of a list of what belongs to the thing `of`."""
    iris: list[str] = []
    address: str | None = f"browse/{kind}.json?of={of}"
    while address:
        page = get(shop, address, "application/json").json()
        assert page["of"] == f"https://w3id.org/dialogue/id/{of}"
        iris += [item["iri"] for item in page["items"]]
        address = page["next"]
    assert len(iris) == len(set(iris))
    return set(iris)


@pytest.mark.parametrize("of", [DEFENCE, "framework/5plus5", "framework/gtmo", "framework/cimo"])
def test_a_list_of_a_framework_has_its_meetings_and_those_of_its_parts(shop: Shop, of: str) -> None:
    meetings = asked(shop, MEETINGS, of)
    assert len(meetings) > 10
    assert listed(shop, "conference", of) | listed(shop, "event", of) == meetings
    # What is none of its meetings says so, and is not in the list.
    others = asked(
        shop, "SELECT ?thing { ?thing dlg:noMeetingOf <https://w3id.org/dialogue/id/OF> }", of
    )
    assert others & meetings == set()


def test_every_format_of_a_list_is_restricted_by_what_its_things_belong_to(shop: Shop) -> None:
    kinds = {
        "ttl": "topic",
        "csl.json": "document",
        "bib": "document",
        "quickstatements.txt": "state",
    }
    for suffix in (*MEDIA, "csv", "xlsx"):
        path = f"browse/{kinds.get(suffix, 'conference')}.{suffix}"
        whole, part = get(shop, path), get(shop, f"{path}?of={DEFENCE}")
        assert (whole.status_code, part.status_code) == (200, 200), suffix
        assert part.headers["content-type"] == whole.headers["content-type"]
        assert part.headers["etag"] != whole.headers["etag"]
        name = f"{kinds.get(suffix, 'conference')}-framework-5plus5-defence.{suffix}"
        assert part.headers["content-disposition"] == f'inline; filename="{name}"'
        # Commands for Wikidata are of states, which are the same ten.
        if suffix != "quickstatements.txt":
            assert len(part.content) < len(whole.content), suffix
        head = client().head(f"{shop.url}{path}?of={DEFENCE}")
        assert (head.status_code, head.content) == (200, b"")
        again = get(shop, f"{path}?of={DEFENCE}", if_none_match=part.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")


def test_a_table_and_a_map_of_a_framework_have_what_its_page_has(shop: Shop) -> None:
    meetings = listed(shop, "conference", DEFENCE)
    assert len(meetings) > 40
    rows = list(csv.DictReader(io.StringIO(get(shop, f"browse/conference.csv?of={DEFENCE}").text)))
    assert {row["iri"] for row in rows} == meetings
    assert len(rows) == len(meetings)
    features = get(shop, f"browse/conference.geojson?of={DEFENCE}").json()["features"]
    assert {feature["id"] for feature in features} <= meetings
    assert len(features) > 30


def test_a_list_that_is_longer_than_a_page_has_all_that_belongs(shop: Shop) -> None:
    of = "framework/5plus5"
    query = MEETINGS.replace("?thing dlg:meetingOf ?part", "?thing dlg:event/dlg:meetingOf ?part")
    taken = asked(shop, query, of)
    assert len(taken) > 1000
    assert listed(shop, "participation", of) == taken
    rows = csv.DictReader(io.StringIO(get(shop, f"browse/participation.csv?of={of}").text))
    assert {row["iri"] for row in rows} == taken


@pytest.mark.parametrize(
    ("kind", "of", "query"),
    [
        ("conference", "place/tunisia", "?thing dlg:place/dlg:within? <OF>"),
        ("conference", "topic/migration", "?thing dlg:topic/skos:broader* <OF>"),
        ("document", "conference/cimo-16", "?thing eli:realizes?/dlg:adoptedAt <OF>"),
        ("state", DEFENCE, "?thing dlg:memberOf <OF>"),
        ("state", "conference/cimo-16", "<OF> dlg:participant ?thing"),
        ("person", DEFENCE, "?meeting dlg:meetingOf/dlg:partOf* <OF> ; dlg:participant ?thing"),
        ("source", "publisher/la-opinion-de-malaga", "?thing dcterms:publisher <OF>"),
        ("evidence", "source/sgmai-5plus5", "?thing dlg:source <OF>"),
        (
            "source",
            "conference/cimo-16",
            "GRAPH ?graph { ?part ?property ?value } ?graph dlg:source ?thing . "
            "?part dlg:event?|dlg:adoptedAt|dlg:expressedIn/dlg:adoptedAt <OF>",
        ),
    ],
)
def test_what_belongs_to_other_things_is_as_the_documentation_says(
    shop: Shop, kind: str, of: str, query: str
) -> None:
    root = f"https://w3id.org/dialogue/id/{kind}/"
    text = f'SELECT DISTINCT ?thing {{ {query} FILTER(STRSTARTS(STR(?thing), "{root}")) }}'
    expected = asked(shop, text.replace("<OF>", "<https://w3id.org/dialogue/id/OF>"), of)
    assert expected
    assert listed(shop, kind, of) == expected


def test_of_a_kind_that_nothing_belongs_to_a_list_is_empty_and_says_so(shop: Shop) -> None:
    of = "of=framework/5plus5"
    assert get(shop, f"browse/office.json?{of}").json() == {
        "kind": "office",
        "of": "https://w3id.org/dialogue/id/framework/5plus5",
        "items": [],
        "next": None,
    }
    page = Page(get(shop, f"browse/office?{of}", "text/html").text)
    assert "There are none of this kind." in page.texts("p")
    assert len(get(shop, f"browse/office.csv?{of}").text.splitlines()) == 1
    assert get(shop, f"browse/office.xlsx?{of}").status_code == 200
    assert get(shop, f"browse/office.ics?{of}").status_code == 404
    assert (
        get(shop, f"browse/nothing.csv?{of}").json()["detail"] == "There is no such kind of thing."
    )


@pytest.mark.parametrize("suffix", ["", ".json", ".csv", ".xlsx", *(f".{s}" for s in MEDIA)])
def test_what_a_list_does_not_know_is_refused_and_not_passed_over(shop: Shop, suffix: str) -> None:
    def refused(query: str) -> tuple[int, str]:
        answer = get(shop, f"browse/conference{suffix}?{query}")
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, answer.json()["detail"]

    has = "“after” and “of”" if suffix in ("", ".json") else "“of”"
    assert refused("off=framework/5plus5") == (
        400,
        f"“off” is no parameter of this address, which has {has}.",
    )
    assert refused("of=state/PRT&of=state/ESP") == (400, "“of” is given more than once.")
    absent = "“of” names a thing by its kind and name, and there is no “framework/none”."
    assert refused("of=framework/none") == (404, absent)


def test_a_calendar_is_called_as_what_its_events_belong_to(shop: Shop) -> None:
    def name(path: str) -> str:
        (line,) = (one for one in get(shop, path).text.splitlines() if "X-WR-CALNAME" in one)
        return line.removeprefix("X-WR-CALNAME:")

    own = name("calendar.ics")
    assert name(f"calendar.ics?of={DEFENCE}") == "5+5 Defence Initiative"
    assert name(f"browse/conference.ics?of={DEFENCE}") == "5+5 Defence Initiative"
    assert name("browse/conference.ics") == own != "5+5 Defence Initiative"


def test_an_old_name_has_what_belongs_to_the_thing_now(shop: Shop) -> None:
    old, new = (
        get(shop, f"browse/document.json?of=conference/{name}").json()
        for name in ("cimo-2000", "cimo-6")
    )
    assert old == new
    assert new["of"] == "https://w3id.org/dialogue/id/conference/cimo-6"


def test_the_page_of_a_framework_leads_to_its_calendar_its_map_and_its_tables(shop: Shop) -> None:
    page = Page(get(shop, f"doc/{DEFENCE}", "text/html").text)
    links = {
        element.attributes["href"]: element.attributes["type"]
        for element in page.elements
        if element.name == "link" and element.attributes.get("rel") == "alternate"
    }
    anchors = {e.attributes.get("href") for e in page.all("a")}
    for path, media in {
        f"/calendar.ics?of={DEFENCE}": "text/calendar",
        f"/browse/conference.csv?of={DEFENCE}": "text/csv",
        f"/browse/conference.geojson?of={DEFENCE}": "application/geo+json",
    }.items():
        assert links[path] == media
        assert path in anchors
    assert f"/browse/conference?of={DEFENCE}" in anchors
    # Each leads to something.
    for path in {one for one in anchors if one and "?of=" in one}:
        assert get(shop, path).status_code == 200, path
    # To what nothing leads, nothing belongs.
    nothing = Page(get(shop, "doc/question/absent-states", "text/html").text)
    assert not [e for e in nothing.all("a") if "?of=" in e.attributes.get("href", "")]


def test_places_and_events_are_on_maps_of_their_own(shop: Shop, folder: Path) -> None:
    whole = (folder / "places.geojson").read_text(encoding="utf-8").splitlines()[1:-1]
    features = {line.removesuffix(",") for line in whole}
    found: set[str] = set()
    for kind in ("place", "conference", "event", "body", "post"):
        lines = get(shop, f"browse/{kind}.geojson").text.splitlines()[1:-1]
        found |= {line.removesuffix(",") for line in lines}
    assert found <= features
    assert len(found) > 200


@pytest.mark.parametrize(
    ("kind", "suffixes"),
    [
        ("conference", ["ics", "graphml", "edges.csv", "left-out.csv", "geojson"]),
        ("place", ["left-out.csv", "geojson"]),
        ("source", ["csl.json", "bib"]),
        ("document", ["csl.json", "bib", "graphml", "edges.csv", "left-out.csv"]),
        ("state", ["graphml", "edges.csv", "quickstatements.txt", "left-out.csv"]),
        ("person", ["graphml", "edges.csv", "left-out.csv"]),
        ("topic", ["ttl"]),
        ("publisher", []),
    ],
)
def test_a_page_leads_to_the_formats_that_have_something_to_tell_and_no_other(
    shop: Shop, kind: str, suffixes: list[str]
) -> None:
    page = Page(get(shop, f"browse/{kind}", "text/html").text)
    shown = {
        element.attributes["href"]: element.attributes["type"]
        for element in page.elements
        if element.name == "link" and element.attributes.get("rel") == "alternate"
    }
    # Every page leads to the feed.
    assert shown.pop("/feed.atom") == "application/atom+xml"
    assert shown == {f"/browse/{kind}.{s}": MEDIA[s].partition(";")[0] for s in suffixes}
    linked = {e.attributes.get("href") for e in page.elements if e.name == "a"}
    for suffix in MEDIA:
        path = f"/browse/{kind}.{suffix}"
        assert (path in linked) == (suffix in suffixes)
        assert get(shop, path).status_code == (200 if suffix in suffixes else 404)


def test_a_list_that_is_held_is_not_sent_again_and_none_that_there_is_not(shop: Shop) -> None:
    first = get(shop, "browse/state.graphml")
    again = get(shop, "browse/state.graphml", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    for suffix in MEDIA:
        answer = get(shop, f"browse/nothing.{suffix}")
        assert (answer.status_code, answer.json()["detail"]) == (
            404,
            "There is no such kind of thing.",
        )


def test_data_of_others_has_no_calendar(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release")) as shop:
        assert get(shop, "browse").status_code == 200
        assert get(shop, "calendar.ics").status_code == 404


def test_the_calendar_of_a_kind_is_not_that_of_all_events(tmp_path: Path) -> None:
    event = "<https://w3id.org/dialogue/id/meeting/one>"
    dlg, day = "https://w3id.org/dialogue/ontology#", "http://www.w3.org/2001/XMLSchema#date"
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    quads = "".join(
        f"{event} {predicate} {value} .\n"
        for predicate, value in (
            (a, f"<{dlg}Event>"),
            ("<http://www.w3.org/2004/02/skos/core#prefLabel>", '"One"@en'),
            (f"<{dlg}begins>", f'"2015-05-19"^^<{day}>'),
            (f"<{dlg}ends>", f'"2015-05-19"^^<{day}>'),
        )
    )
    with serve(lay(tmp_path / "one", quads)) as shop:
        assert get(shop, "browse/calendar.ics").status_code == 404
        assert get(shop, "calendar.ics").status_code == 200
        assert get(shop, "browse/meeting.ics").status_code == 200
        assert get(shop, "browse/calendar.ics").status_code == 404
        # Any state of what does not exist is none (RFC 9110, section 13.1.2).
        for path, status in (
            ("browse/meeting", 304),
            ("browse/meeting.csv", 304),
            ("sitemap/meeting.xml", 304),
            ("browse/nothing", 404),
            ("browse/nothing.csv", 404),
            ("browse/nothing.ics", 404),
            ("sitemap/nothing.xml", 404),
            ("doc/meeting/nothing", 404),
        ):
            assert get(shop, path, If_None_Match="*").status_code == status, path
