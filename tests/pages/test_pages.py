"""The pages: what they say, that they are well made, and that nothing in the data can act."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from shop import Shop, lay, serve
from website import BASE, Element, Page, client, get, release, tidy, walk, website

ROOT = Path(__file__).parents[2]
CIMO = "doc/conference/cimo-16"
SCHEMES = {"", "http", "https", "mailto", "tel"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</option></select><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt;&#x3c;script&#x3e;",
    "<!--",
    "]]>",
    "\u202egnp.exe",
    "<svg/onload=alert(1)>",
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("pages") / "release") as found:
        yield found


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(release(tmp_path_factory.mktemp("bundled") / "release", ROOT)) as found:
        yield found


def page(shop: Shop, path: str, status: int = 200) -> Page:
    """Return a page, having made sure that it is well made and can do nothing."""
    answer = get(shop, path, "text/html")
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found = Page(answer.text)
    harmless(found)
    assert [e.attributes.get("lang") for e in found.all("html")] == ["en"]
    assert len(found.all("h1")) == 1
    assert len(found.all("main")) == 1
    assert found.all("title")[0].text.endswith(" · Dialogue")
    levels = [int(e.name[1]) for e in found.elements if re.fullmatch("h[1-6]", e.name)]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    ids = [e.attributes["id"] for e in found.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for e in found.elements:
        if labelled := e.attributes.get("aria-labelledby"):
            assert labelled in ids
        if e.name in ("input", "textarea", "select"):
            assert [x for x in found.all("label") if x.attributes["for"] == e.attributes["id"]]
    return found


def harmless(found: Page) -> None:
    """No script, no style but the sheet, no handler, no link but to the web, mail or a phone.

    A script element with data is none: browsers do not run it.
    """
    for e in found.elements:
        if e.name == "script":
            assert e.attributes == {"type": "application/ld+json"}
            assert not set("<>&") & set(e.text)
            continue
        assert e.name not in {"style", "iframe", "object", "embed", "base", "svg", "img"}
        for name, value in e.attributes.items():
            assert not name.startswith("on") and name not in {"style", "srcdoc", "formaction"}
            if name in {"href", "src", "action"}:
                assert urlsplit(value).scheme.lower() in SCHEMES, value
                assert not value.startswith("//")


def claims(found: Page, heading: str) -> list[tuple[str, str]]:
    """Return the verdict and the text of each claim under a heading."""
    told = []
    for section in found.all("section"):
        if heading in [tidy(h.text) for h in found.inside(section, "h2")]:
            for article in found.inside(section, "article"):
                verdict = next(
                    p for p in found.inside(article, "p") if p.attributes.get("class") == "verdict"
                )
                told.append((tidy(verdict.text), tidy(article.text)))
    return told


def reasons(found: Page, value: str) -> Element:
    """Return what unfolds beside a value."""
    rows = [e for e in found.all("dd") if tidy(e.text).startswith(f"{value} ")]
    return found.inside(rows[0], "details")[0]


def test_a_page_tells_what_is_held_with_names_in_the_place_of_addresses(shop: Shop) -> None:
    found = page(shop, CIMO)
    assert found.texts("h1") == ["16th conference of interior ministers"]
    assert found.texts("p", "kind") == ["conference"]
    assert found.facts() == {
        "date": ["19 May 2015"],
        "place": ["Lisbon"],
        "kind": ["conference"],
        "in series": ["Conferences of interior ministers"],
        "ordinal": ["16"],
        "previous edition": ["15th conference of interior ministers"],
        "name": [
            "16th conference of interior ministers",
            "16.ª conferência dos ministros do Interior pt",
        ],
        "the same as": ["javascript:alert(1)", "www.wikidata.org/entity/Q1"],
        "begins": ["19 May 2015"],
        "ends": ["19 May 2015"],
        "precision": ["day"],
    }
    assert "https://w3id.org/dialogue/ontology#" not in found.all("main")[0].text


def test_the_words_that_say_so_are_one_click_away_and_need_no_script(shop: Shop) -> None:
    found = page(shop, CIMO)
    unfolds = reasons(found, "Lisbon")
    assert [tidy(e.text) for e in found.inside(unfolds, "summary")] == ["Why: place. 1 passage"]
    assert [tidy(e.text) for e in found.inside(unfolds, "blockquote")] == [
        "the 16th Conference of the Western Mediterranean Interior Ministers took place in "
        "Lisbon on May 19, 2015"
    ]
    assert [e.attributes["lang"] for e in found.inside(unfolds, "blockquote")] == ["en"]
    links = {tidy(e.text): e.attributes["href"] for e in found.inside(unfolds, "a")}
    assert links == {
        "5+5 Dialogue": "/doc/source/sgmai-5plus5",
        "original": "https://www.sg.mai.gov.pt/dialogue",
        "this passage": "/doc/evidence/sgmai-5plus5.070",
        # What is meant by that is one click away as well.
        "accepted": "/ontology#accepted",
    }
    assert "read 24 November 2026" in tidy(unfolds.text)
    assert tidy(unfolds.text).endswith("accepted")


def test_our_own_words_are_marked_as_ours(shop: Shop) -> None:
    unfolds = reasons(page(shop, CIMO), "16.ª conferência dos ministros do Interior pt")
    assert tidy(unfolds.text) == (
        "Why: name. 1 passage · editorial Notes of the editors · this passage editorial "
        "Editors’ note: Labels of ours."
    )


def test_a_derived_fact_names_its_rule_and_the_passages_behind_it(shop: Shop) -> None:
    found = page(shop, CIMO)
    unfolds = reasons(found, "15th conference of interior ministers")
    assert tidy(unfolds.text).startswith(
        "Why: previous edition. derived Follows from other facts by the rule previous edition, "
        "from: the 15th Conference, since December 2013"
    )
    assert len(found.inside(unfolds, "blockquote")) == 2
    rule = found.inside(unfolds, "a")[0].attributes["href"]
    assert rule == "/dump/rules/10-previous-edition.rq"
    assert get(shop, rule).status_code == 200


def test_a_derived_fact_is_as_sure_as_what_it_rests_on(bundled: Shop) -> None:
    found = page(bundled, "doc/framework/g4")
    summaries = {
        state: [tidy(e.text) for e in found.inside(reasons(found, state), "summary")]
        for state in ("Portugal", "Spain")
    }
    assert summaries == {
        "Portugal": ["Why: presided over by. derived"],
        "Spain": ["Why: presided over by. derived · inferred"],
    }
    ends = {state: tidy(reasons(found, state).text) for state in ("Portugal", "Spain")}
    assert ends["Spain"].endswith("The conclusion is inferred.")
    assert "The conclusion is" not in ends["Portugal"]
    facts = get(bundled, "doc/framework/g4.json").json()["facts"]
    presided = [f for f in facts if f["property"]["iri"] == f"{BASE}ontology#presidedBy"]
    assert {f["value"]["name"]: (f["stance"], f["premises"]) for f in presided} == {
        "Portugal": (
            {"iri": f"{BASE}ontology#accepted", "name": "accepted"},
            [f"{BASE}id/evidence/sgmai-5plus5.155"],
        ),
        "Spain": (
            {"iri": f"{BASE}ontology#inferred", "name": "inferred"},
            [f"{BASE}id/evidence/moncloa.101b"],
        ),
    }
    translated = next(f for f in facts if f["value"].get("language") == "pt")
    assert (translated["stance"]["name"], translated["premises"]) == ("accepted", [])


def test_what_one_of_several_passages_says_less_plainly_is_counted(bundled: Shop) -> None:
    found = page(bundled, "doc/conference/cimo-16")
    facts = get(bundled, "doc/conference/cimo-16.json").json()["facts"]
    held = {
        (f["property"]["name"], f["value"].get("name") or f["value"]["text"]): f["stance"]["name"]
        for f in facts
        if f["stance"]
    }
    # Two passages count it, a third announced it.
    assert held["ordinal", "16"] == "accepted"
    summaries = [tidy(one.text) for one in found.all("summary")]
    assert "Why: ordinal. 3 passages · 1 inferred" in summaries
    # Where all say it so, or it is the only one, the word stands alone; where none does, no word.
    assert held["organiser", "Portugal"] == "inferred"
    assert "Why: organiser. 1 passage · inferred" in summaries
    assert held["date", "2015-05-19"] == "accepted"
    assert "Why: date. 2 passages" in summaries


def test_conflicting_claims_stand_side_by_side_with_the_decision(shop: Shop) -> None:
    found = page(shop, CIMO)
    told = claims(found, "Where sources disagree")
    assert [verdict for verdict, _ in told] == ["We hold", "We do not hold"]
    assert "date 19 May 2015" in told[0][1]
    assert "date 20 May 2015 met on May 20" in told[1][1]
    assert told[1][1].endswith("rejected Editors’ note: The minutes are dated the day before.")
    assert tidy(reasons(found, "19 May 2015").text).startswith("Why: date. 1 passage · disputed")


def test_hidden_labels_are_data_and_not_shown(bundled: Shop) -> None:
    told = get(bundled, "doc/state/MAR.json").json()
    assert "marocain" in {fact["value"].get("text") for fact in told["facts"]}
    assert "hidden label" not in page(bundled, "doc/state/MAR").facts()
    assert "name" in page(bundled, "doc/state/MAR").facts()


@pytest.mark.parametrize(
    ("thing", "points"),
    [
        # Two dates that do not fit a rule: none of them is at issue, nor what stands beside them.
        ("conference/cimo-15", set()),
        ("conference/5plus5-environment-1", {("date", "2010-04-26")}),
        ("conference/5plus5-defence-19", {("place", "Lisbon")}),
    ],
)
def test_only_what_claims_say_differently_of_a_thing_is_disputed(
    bundled: Shop, thing: str, points: set[tuple[str, str]]
) -> None:
    told = get(bundled, f"doc/{thing}.json").json()
    assert len(told["disputes"]) == 1
    disputed = {
        (fact["property"]["name"], fact["value"].get("text", fact["value"].get("name")))
        for fact in told["facts"]
        if fact["disputed"]
    }
    assert disputed == points


def test_what_is_not_held_stands_apart_and_never_among_the_facts(shop: Shop) -> None:
    found = page(shop, CIMO)
    told = claims(found, "Said, and not held")
    assert len(told) == 1
    assert told[0][0] == "We do not hold"
    assert "theme <script>alert('theme')</script>" in told[0][1]
    assert "disputed Editors’ note: Nobody else says so." in told[0][1]
    assert "theme" not in found.facts()
    assert "20 May 2015" not in str(found.facts())


def test_what_refers_to_a_thing_is_listed_by_property_with_its_number(shop: Shop) -> None:
    found = page(shop, CIMO)
    rows = {
        tidy(found.inside(row, "dt")[0].text): [tidy(e.text) for e in found.inside(row, "li")]
        for section in found.all("dl", "incoming")
        for row in found.inside(section, "div")
    }
    assert rows == {
        "← adopted at 1": ["Lisbon Declaration"],
        "← event 1": ["Portugal · 16th conference of interior ministers"],
        "← replaced by 1": ["cimo-2015"],
    }


def test_a_page_of_evidence_shows_the_quote_its_source_and_its_triples(shop: Shop) -> None:
    found = page(shop, "doc/evidence/sgmai-5plus5.101")
    assert found.texts("h1") == ["5+5 Dialogue · no. 101"]
    assert found.texts("blockquote")[0] == "met on May 20"
    section = next(s for s in found.all("section") if s.attributes.get("aria-labelledby") == "says")
    assert [tidy(e.text) for e in found.inside(section, "h3")] == [
        "16th conference of interior ministers"
    ]
    assert [tidy(e.text) for e in found.inside(section, "dd")] == ["20 May 2015"]
    assert found.facts() == {"conflicts with": ["5+5 Dialogue · no. 070"]}
    assert len(claims(found, "Where sources disagree")) == 2


def test_a_thing_without_a_name_is_shown_in_its_place(shop: Shop) -> None:
    found = page(shop, "doc/state/PRT")
    assert found.facts()["e-mail"] == ["geral@example.org"]
    (mail,) = [e for e in found.all("a") if e.text == "geral@example.org"]
    assert mail.attributes["href"] == "mailto:geral@example.org"
    assert page(shop, "doc/source/sgmai-5plus5").facts()["description"] == ["Nine to five"]


def test_a_page_names_its_other_formats_for_people_and_for_programs(shop: Shop) -> None:
    found = page(shop, CIMO)
    alternates = {
        e.attributes["type"]: e.attributes["href"]
        for e in found.all("link")
        # Those of what belongs to it are other lists, not other formats of the page.
        if e.attributes["rel"] == "alternate" and "?of=" not in e.attributes["href"]
    }
    feed = alternates.pop("application/atom+xml")
    assert get(shop, feed).headers["content-type"] == "application/atom+xml"
    listed = {
        e.attributes["href"] for aside in found.all("aside") for e in found.inside(aside, "a")
    }
    assert set(alternates.values()) == listed
    for media, href in alternates.items():
        assert get(shop, href).headers["content-type"].split(";")[0] == media


def test_every_page_of_a_site_is_well_made_and_no_link_on_it_is_broken(shop: Shop) -> None:
    seen, pages = set(), 0
    for path, answer in walk(shop):
        seen.add(path)
        if answer.is_redirect:
            continue
        if not answer.headers["content-type"].startswith("text/html"):
            assert answer.status_code == 200, path
            continue
        pages += 1
        page(shop, path)
    assert pages >= 40
    assert {"/doc/topic/road-safety", "/doc/evidence/editors.002", "/ontology"} <= seen


def test_an_anchor_that_a_page_links_to_is_there(shop: Shop) -> None:
    ids = {e.attributes.get("id") for e in page(shop, "ontology").elements}
    ids |= {e.attributes.get("id") for e in page(shop, "shapes").elements}
    missing = []
    for path in (CIMO, "ontology", "shapes", "doc/evidence/editors.002"):
        for e in page(shop, path).all("a"):
            url = urlsplit(e.attributes["href"])
            if url.path in ("/ontology", "/shapes", "") and url.fragment and not url.netloc:
                missing += [] if url.fragment in ids else [url.fragment]
    # The small record uses terms that its small ontology leaves out.
    defined = {"accepted", "Conference", "Conference-date", "content", "date", "place"}
    assert not defined & set(missing)


def test_the_first_page_says_what_this_is_how_much_there_is_and_leads_in(shop: Shop) -> None:
    found = page(shop, "")
    told = get(shop, "", "application/json").json()
    numbers = dict(zip(found.texts("dt"), found.texts("dd"), strict=True))
    assert numbers == {
        "statements held": f"{told['held']:,}",
        "pieces of evidence": f"{told['evidence']:,}",
        "sources": f"{told['sources']:,}",
    }
    assert (told["evidence"], told["sources"]) == (9, 2)
    assert found.texts("summary") == ["2010s 2"]
    (timeline,) = found.all("ol", "timeline")
    assert [tidy(e.text) for e in found.inside(timeline, "li")] == [
        "since 1 December 2013 15th conference of interior ministers",
        "19 May 2015 16th conference of interior ministers Lisbon",
    ]
    kinds = {k["kind"]: k["count"] for k in told["kinds"]}
    assert kinds["conference"] == 2
    assert {k["href"] for k in told["kinds"]} <= {e.attributes["href"] for e in found.all("a")}
    (ask,) = found.all("a", "button")
    assert "took place in" in page(shop, ask.attributes["href"]).all("table")[0].text


def test_lists_are_in_order_and_answer_json(shop: Shop) -> None:
    found = page(shop, "browse/conference")
    assert [tidy(e.text) for e in found.all("li") if "conference" in e.text] == [
        "15th conference of interior ministers since 1 December 2013",
        "16th conference of interior ministers 19 May 2015, Lisbon",
    ]
    by_accept = get(shop, "browse/conference", "application/json")
    assert by_accept.json() == {
        "kind": "conference",
        "items": [
            {
                "iri": f"{BASE}id/conference/cimo-15",
                "name": "15th conference of interior ministers",
                "begins": "2013-12-01",
            },
            {
                "iri": f"{BASE}id/conference/cimo-16",
                "name": "16th conference of interior ministers",
                "begins": "2015-05-19",
                "ends": "2015-05-19",
            },
        ],
        "next": None,
    }
    assert get(shop, "browse/conference.json", "text/html").json() == by_accept.json()
    kinds = get(shop, "browse.json", "text/html").json()
    assert {"kind": "conference", "count": 2, "href": "/browse/conference"} in kinds
    assert page(shop, "browse/nothing", 404).texts("h1") == ["There is nothing here"]


def test_a_kind_is_explained_where_it_leads_to(shop: Shop) -> None:
    found = page(shop, "browse")
    (listed,) = found.all("ul", "kinds")
    told = {
        tidy(found.inside(row, "a")[0].text): [
            tidy(e.text) for e in found.inside(row, "span") if e.attributes["class"] == "words"
        ]
        for row in found.inside(listed, "li")
    }
    assert told["Conferences"] == [
        "Meeting of the members of a framework, at the level of ministers."
    ]
    # The small ontology defines no class of theirs.
    assert told["States"] == []


def test_the_end_of_a_list_is_told_from_an_empty_one(shop: Shop) -> None:
    links = f"links?to={BASE}id/place/lisbon&by={BASE}ontology#place".replace("#", "%23")
    assert page(shop, links).texts("li")[-1] == "16th conference of interior ministers"
    assert page(shop, f"{links}&after=https://z").texts("li")[-1] == "Nothing further."
    none = f"links?to={BASE}id/place/nowhere&by={BASE}ontology%23place"
    assert page(shop, none).texts("li")[-1] == "Nothing."


def test_evidence_that_is_nowhere_on_the_web_has_no_link(tmp_path: Path) -> None:
    ev, dlg = "<urn:ev:1>", f"{BASE}ontology#"
    thing = f"<{BASE}id/thing/one>"
    quads = "".join(
        f"{quad} .\n"
        for quad in (
            f'{thing} <{dlg}motto> "So it is"@en',
            f'{thing} <{dlg}motto> "So it is"@en {ev}',
            f'{ev} <{dlg}quote> "so it is"@en',
            f"{ev} <{dlg}source> <{BASE}id/source/s>",
            f"{ev} <{dlg}stance> <{dlg}accepted>",
        )
    )
    with serve(lay(tmp_path / "urn", quads)) as found:
        told = page(found, "doc/thing/one")
        (unfolds,) = told.all("details", "why")
        assert "so it is" in unfolds.text
        hrefs = [e.attributes["href"] for e in told.inside(unfolds, "a")]
        assert hrefs == ["/doc/source/s", "/ontology#accepted"]


def test_topics_are_a_tree(shop: Shop) -> None:
    found = page(shop, "browse/topic")
    (inner,) = [e for e in found.all("ul", "tree") if [w for w in e.within if w.name == "li"]]
    assert tidy(inner.text) == "road safety"
    assert tidy(inner.within[-1].text) == "security road safety"


def test_a_long_list_goes_on_where_it_ended(tmp_path: Path) -> None:
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    many = "".join(f"<{BASE}id/stone/{i:04}> {a} <{BASE}ontology#Stone> .\n" for i in range(1203))
    many += f'<{BASE}id/hill/h> <http://example.org/name> "hill" .\n'
    many += "".join(
        f"<{BASE}id/stone/{i:04}> <http://example.org/on> <{BASE}id/hill/h> .\n"
        for i in range(1203)
    )
    with serve(lay(tmp_path / "many", many)) as found:
        names, at = [], "browse/stone"
        while at:
            told = get(found, at, "application/json").json()
            names += [item["name"] for item in told["items"]]
            at = told["next"]
        assert names == [f"{i:04}" for i in range(1203)]
        (on,) = page(found, "browse/stone").all("a", "button")
        assert page(found, on.attributes["href"]).all("li")
        names, at = [], ""
        while at is not None:
            query = f"links?to={BASE}id/hill/h&by=http://example.org/on&after={quote(at)}"
            told = get(found, query, "application/json").json()
            names += [item["name"] for item in told["items"]]
            at = told["next"]
        assert names == [f"{i:04}" for i in range(1203)]
        hill = page(found, "doc/hill/h")
        (more,) = [e for e in hill.all("a") if e.text == "all 1203"]
        assert len(page(found, more.attributes["href"]).all("li")) > 100


def test_a_search_finds_names_and_quotes_whatever_their_case(shop: Shop) -> None:
    found = page(shop, "search?q=LISBON+declaration")
    (results,) = found.all("ul", "list")
    assert [tidy(e.text) for e in found.inside(results, "li")] == [
        "Lisbon Declaration",
        "5+5 Dialogue · no. 090 the Lisbon Declaration",
    ]
    told = get(shop, "search?q=LISBON+declaration", "application/json").json()
    assert [item["iri"] for item in told["items"]] == [
        f"{BASE}id/document/lisbon-declaration-2015",
        f"{BASE}id/evidence/sgmai-5plus5.090",
    ]
    assert told["complete"] is True
    assert get(shop, "search.json?q=nowhere", "text/html").json()["items"] == []
    assert "Nothing is named" in page(shop, "search?q=nowhere").all("main")[0].text
    assert page(shop, "search").texts("h1") == ["Search"]


def test_the_endpoint_shows_people_a_form_and_the_answer_as_a_table(shop: Shop) -> None:
    form = page(shop, "sparql")
    assert form.all("form")[1].attributes["action"] == "/sparql"
    query = (
        "SELECT ?c ?d ?n WHERE { ?c <https://w3id.org/dialogue/ontology#date> ?d"
        " OPTIONAL { ?c <http://www.w3.org/2004/02/skos/core#prefLabel> ?n"
        ' FILTER(LANG(?n) = "pt") } } ORDER BY ?d'
    )
    found = page(shop, f"sparql?query={quote(query)}&format=html")
    assert found.texts("th") == ["c", "d", "n"]
    assert found.texts("td") == [
        "conf:cimo-15",
        "2013-12/..",
        "",
        "conf:cimo-16",
        "2015-05-19",
        "16.ª conferência dos ministros do Interior pt",
    ]
    assert found.all("textarea")[0].text == query
    assert page(shop, "sparql?query=ASK%20%7B%7D").texts("p", "truth") == ["Yes."]
    graph = page(shop, "sparql?query=CONSTRUCT%20WHERE%20%7B%3Fs%20a%20%3Fo%7D")
    assert " dlg:Conference " in graph.all("pre")[0].text
    none = page(shop, "sparql?query=SELECT%20*%20%7B%3Fs%20%3Chttp:%2F%2Fx%2Fy%3E%20%3Fo%7D")
    assert "0 rows" in none.all("main")[0].text


@pytest.mark.parametrize(
    ("form", "media", "beginning"),
    [
        ("json", "application/sparql-results+json", b'{"head"'),
        ("xml", "application/sparql-results+xml", b"<?xml"),
        ("csv", "text/csv; charset=utf-8; header=present", b"s\r\n"),
        ("tsv", "text/tab-separated-values; charset=utf-8", b"?s\n"),
    ],
)
def test_the_form_gives_other_formats_to_browsers_too(
    shop: Shop, form: str, media: str, beginning: bytes
) -> None:
    query = quote("SELECT ?s { ?s a <https://w3id.org/dialogue/ontology#Conference> }")
    answer = get(shop, f"sparql?query={query}&format={form}", "text/html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.content.startswith(beginning)


def test_a_query_that_is_wrong_comes_back_in_the_form_with_the_reason(shop: Shop) -> None:
    found = page(shop, "sparql?query=SELECT%20*%20%7B%20%3Cx", 400)
    (problem,) = found.all("div", "problem")
    assert "The query is not well-formed" in problem.text
    assert re.search(r"[Ll]ine 1, column \d+", problem.text)
    assert found.all("textarea")[0].text == "SELECT * { <x"
    page(shop, "sparql?query=ASK%20%7B%7D&format=nothing", 400)


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("query", "status"),
    [("SELECT * { <x", 400), ("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }", 403)],
)
def test_a_download_that_is_refused_comes_back_in_the_form_too(
    shop: Shop, query: str, status: int
) -> None:
    path = f"sparql?query={quote(query)}&format=csv"
    answer = get(shop, path, BROWSER)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
    found = page(shop, path, status)
    assert found.all("div", "problem")
    assert found.all("textarea")[0].text == query
    chosen = [e.attributes["value"] for e in found.all("option") if "selected" in e.attributes]
    assert chosen == ["csv"]
    # A program is told by a document, and so is who likes a document best.
    for accept in ("*/*", "application/json", "text/csv"):
        refused = get(shop, path, accept)
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"


def test_a_query_that_is_too_long_for_an_address_can_be_asked_from_the_form(shop: Shop) -> None:
    form = page(shop, "sparql")
    labels = {e.attributes["value"]: e.text for e in form.all("option")}
    assert labels["csv"] == "Download CSV, or N-Triples"
    (other,) = [e for e in form.all("button") if "formmethod" in e.attributes]
    assert other.attributes["formmethod"] == "post"
    long = (
        f"# {'long ' * 6000}\nSELECT ?c {{ ?c a <https://w3id.org/dialogue/ontology#Conference> }}"
    )
    assert get(shop, f"sparql?query={quote(long)}&format=html", BROWSER).status_code == 414
    headers = {"Accept": BROWSER}
    url, sent = f"{shop.url}sparql", {"query": long, "format": "html"}
    found = Page(client().post(url, data=sent, headers=headers).text)
    assert "2 rows" in found.texts("p")
    assert found.all("textarea")[0].text == long
    refused = client().post(url, data={**sent, "query": "SELECT", "format": "csv"}, headers=headers)
    assert refused.status_code == 400
    assert Page(refused.text).all("textarea")[0].text == "SELECT"


def test_a_long_answer_is_shown_in_part_and_says_so(shop: Shop) -> None:
    query = quote("SELECT * { ?a ?b ?c . ?d ?e ?f }")
    found = page(shop, f"sparql?query={query}")
    assert len(found.all("tr")) == 1 + 5000 // 6
    assert "the beginning of the answer only" in found.texts("p", "cut")[0]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_visitor_sends_is_shown_and_never_acts(shop: Shop, payload: str) -> None:
    sent = quote(payload, safe="")
    echoes = {
        f"search?q={sent}": 200,
        f"sparql?query={sent}": 400,
        f"links?to={sent}&by={sent}": None,
        f"browse/{sent}": 404,
        f"browse/conference?after={sent}": None,
        f"doc/conference/{sent}": 404,
    }
    for path, status in echoes.items():
        answer = get(shop, path, "text/html")
        assert answer.status_code == status if status else answer.status_code < 500, path
        harmless(Page(answer.text))
    assert tidy(payload) in page(shop, f"search?q={sent}").texts("h1")[0]


def hostile(name: str, payload: str) -> str:
    """Return quads about a thing that hold the payload wherever a term may stand."""
    text = payload.replace("\\", "\\\\").replace('"', '\\"')
    iri = "javascript:" + quote(payload, safe="")
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    thing, ev = f"<{BASE}id/thing/{name}>", f"<{BASE}id/evidence/s.{name}>"
    xsd = "http://www.w3.org/2001/XMLSchema#"
    quads = [
        f'{thing} {label} "{text}"@en',
        f"{thing} <{iri}> <{iri}>",
        f'{thing} <http://x/p> "{text}"^^<{iri}>',
        f'{thing} <http://x/q> "{text}"^^<{xsd}anyURI>',
        f'{thing} <http://x/r> "{text}"^^<{xsd}date>',
        f"{thing} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <data:text/html,x>",
        f'<data:text/html,x> {label} "{text}"@en',
        f"<vbscript:x> <http://x/leads> {thing}",
        f'{ev} <{BASE}ontology#quote> "{text}"@en',
        f'{ev} <http://www.w3.org/2004/02/skos/core#editorialNote> "{text}"@en',
        f"{ev} <{BASE}ontology#stance> <{iri}>",
        f"{ev} <{BASE}ontology#source> <{iri}>",
        f"<{iri}> <https://schema.org/url> <{iri}>",
        f'<{iri}> {label} "{text}"@en',
        f'{thing} {label} "{text}"@en {ev}',
        f"{thing} <{iri}> <{iri}> {ev}",
    ]
    return "".join(f"{quad} .\n" for quad in quads)


def test_what_the_data_hold_is_shown_and_never_acts(tmp_path: Path) -> None:
    quads = "".join(hostile(str(n), payload) for n, payload in enumerate(PAYLOADS))
    with serve(lay(tmp_path / "hostile", quads)) as found:
        page(found, "browse/thing")
        page(found, "sparql?query=" + quote("SELECT * { ?s ?p ?o }"))
        for n, payload in enumerate(PAYLOADS):
            told = page(found, f"doc/thing/{n}")
            assert tidy(payload) in told.texts("h1")
            for path in (
                f"doc/evidence/s.{n}",
                "search?q=" + quote(payload[:5], safe=""),
                f"links?to={BASE}id/thing/{n}&by=http://x/leads",
            ):
                page(found, path)
            for suffix in ("ttl", "json", "jsonld", "trig"):
                assert get(found, f"doc/thing/{n}.{suffix}").status_code == 200


def test_a_browser_is_told_of_a_problem_by_a_page_and_a_program_by_a_document(
    shop: Shop,
) -> None:
    found = page(shop, "doc/conference/nobody", 404)
    assert found.texts("h1") == ["There is nothing here"]
    assert get(shop, "doc/conference/nobody").json()["title"] == "There is nothing here"
    assert page(shop, "links", 400).texts("h1") == ["The parameters are wrong"]


def test_the_sheet_and_the_icon_are_served_and_nothing_else(shop: Shop) -> None:
    sheet = get(shop, "static/style.css")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "http" not in sheet.text, "nothing is fetched from elsewhere"
    assert get(shop, "static/favicon.svg").headers["content-type"] == "image/svg+xml"
    tag = sheet.headers["etag"]
    assert get(shop, "static/style.css", If_None_Match=tag).status_code == 304
    for name in ("nothing.css", "..%2Fpages.py", "%2e%2e/pages.py"):
        assert get(shop, f"static/{name}").status_code == 404


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    sheet = (ROOT / "app" / "static" / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.S)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme == "dark"]))
    pairs = [
        *(
            (text, paper)
            for text in ("ink", "soft", "link", "link-seen")
            for paper in ("paper", "raised")
        ),
        ("mark", "paper"),
        ("held", "paper"),
        ("apart", "paper"),
        ("held", "held-paper"),
        ("apart", "apart-paper"),
        ("ink", "apart-paper"),
    ]
    for text, paper in pairs:
        light, dark = sorted((luminance(colours[text]), luminance(colours[paper])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, paper)
    # Browsers make the words in an empty field paler than all text, unless they are told.
    (placeholder,) = re.findall(r"::placeholder \{(.*?)\}", sheet) or [""]
    declared = {tuple(one.split(": ")) for one in placeholder.strip(" ;").split("; ")}
    assert declared == {("color", "var(--soft)"), ("opacity", "1")}
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", sheet)) <= {
        c for block in blocks for c in re.findall(r"#[0-9a-f]{6}", block)
    }


def test_every_kind_of_thing_in_the_bundled_record_has_a_list_and_pages(bundled: Shop) -> None:
    kinds = get(bundled, "browse", "application/json").json()
    assert len(kinds) >= 15
    for kind in kinds:
        told = get(bundled, kind["href"], "application/json").json()
        found = page(bundled, kind["href"])
        assert found.texts("h1")[0] != kind["kind"], "a kind has a heading in words"
        assert len(told["items"]) == min(kind["count"], 500)
        for item in told["items"][:2]:
            path = item["iri"].removeprefix(BASE).replace("id/", "doc/", 1)
            thing = page(bundled, path)
            assert thing.texts("h1") == [tidy(item["name"])]
            assert "We hold nothing" not in thing.all("main")[0].text
    page(bundled, "ontology")
    page(bundled, "shapes")

    # Here, and not each in a test of its own, because the release is built once for each worker.
    form = page(bundled, "sparql")
    hrefs = [e.attributes["href"] for e in form.all("a")]
    asked = [href for href in hrefs if href.startswith("/sparql?query=")]
    assert len(asked) >= 4
    for href in asked:
        found = page(bundled, href)
        assert found.all("td") or " dlg:Conference " in found.all("pre")[0].text

    found = page(bundled, "doc/event/5plus5-launch")
    told = claims(found, "Where sources disagree")
    assert {"We hold", "We do not hold"} == {verdict for verdict, _ in told}
    assert "1983" not in " ".join(found.facts()["date"])
    assert any("launched in 1983" in text for _, text in told)

    known = get(bundled, "coverage", "application/json").json()
    (cimo,) = [one for one in known if one["framework"] == f"{BASE}id/framework/cimo"]
    assert f"{BASE}id/conference/cimo-16" in cimo["editions"]
    shown = page(bundled, "coverage")
    # A table of the editions and one of the lists, each with a head.
    assert len(shown.all("tr")) == 2 * (len(known) + 1)
    assert cimo["lists"][f"{BASE}ontology#memberList"] == {f"{BASE}ontology#wholeList": 1}

    lists = get(bundled, "coverage/lists", "application/json").json()
    assert [one["name"] for one in lists] == [
        "list of adopters",
        "list of members",
        "list of participating states",
        "list of topics",
    ]
    shown = page(bundled, "coverage/lists")
    assert [row.text.strip() for row in shown.all("h2")] == [one["name"] for one in lists]
    rome = page(bundled, "doc/conference/5plus5-foreign-affairs-1990")
    assert "State: 9 of 9 known, whole list" in rome.texts("span", "count")
