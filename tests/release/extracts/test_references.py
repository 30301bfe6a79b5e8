"""The lists of references of a release, read by programs that cite, compared with the dataset."""

import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import bibtexparser
import pytest
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc import formatter as formatters
from citeproc.source.json import CiteProcJSON

BASE = "https://w3id.org/dialogue/id/"
SOURCES = "?thing a dlg:Source"
DOCUMENTS = "?thing a/rdfs:subClassOf* dlg:Document"
LISTS = [("sources", SOURCES), ("documents", DOCUMENTS)]


def key(iri: str) -> str:
    return iri.removeprefix(BASE).replace("/", ":")


def csl(folder: Path, name: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((folder / f"{name}.csl.json").read_text("utf-8"))
    return read


def titles(facts: Any, which: str) -> dict[str, str]:
    """The title of each thing: the English one, else the first of the others."""
    found: dict[str, list[tuple[bool, str, str]]] = {}
    for iri, tag, title in facts(
        f"""SELECT ?thing (LANG(?title) AS ?tag) ?title {{
          {which} . ?thing dcterms:title|skos:prefLabel ?title
        }}"""
    ):
        found.setdefault(iri, []).append((tag != "en", tag, title))
    return {key(iri): min(several)[2] for iri, several in found.items()}


@pytest.mark.parametrize(("name", "which"), LISTS)
def test_every_reference_of_the_dataset_is_there_under_its_title(
    folder: Path, facts: Any, name: str, which: str
) -> None:
    expected = titles(facts, which)
    assert len(expected) > 90
    items = csl(folder, name)
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)
    assert {item["id"]: item["title"] for item in items} == expected


@pytest.mark.parametrize(
    ("name", "property"), [("sources", "dcterms:issued"), ("documents", "dlg:date")]
)
def test_dates_are_those_of_the_dataset_no_finer(
    folder: Path, facts: Any, name: str, property: str
) -> None:
    which = dict(LISTS)[name]
    written: dict[str, list[str]] = {}
    for iri, date in facts(f"SELECT ?thing ?date {{ {which} ; {property} ?date }}"):
        written.setdefault(key(iri), []).append(date)
    shown = {item["id"]: item["issued"] for item in csl(folder, name) if "issued" in item}
    assert shown.keys() == written.keys()
    assert len(shown) > 40
    for one, date in shown.items():
        sides = ["-".join(f"{n:02}" for n in side) for side in date["date-parts"]]
        assert "/".join(sides) in written[one]


def test_links_publishers_and_days_of_reading_are_those_of_the_dataset(
    folder: Path, facts: Any
) -> None:
    rows = facts("""SELECT ?source ?url ?name ?read {
      ?source a dlg:Source ; schema:url ?url ; dlg:read ?read .
      ?source dcterms:publisher/(foaf:name|skos:prefLabel) ?name
    }""")
    known = {(key(iri), *rest) for iri, *rest in rows}
    items = csl(folder, "sources")
    shown = {
        (
            item["id"],
            item["URL"],
            item.get("publisher") or item["container-title"],
            "-".join(f"{n:02}" for n in item["accessed"]["date-parts"][0]),
        )
        for item in items
    }
    assert len(shown) == len(items) > 600
    # A source may have several links, of which one is told.
    assert sorted(shown - known) == []


def test_who_adopted_a_document_and_where_are_those_of_the_dataset(
    folder: Path, facts: Any
) -> None:
    def known(path: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for iri, name in facts(f"""SELECT DISTINCT ?thing ?name {{
          {DOCUMENTS} ; {path} ?other . ?other skos:prefLabel ?name FILTER(LANG(?name) = "en")
        }}"""):
            found.setdefault(key(iri), set()).add(name)
        return found

    items = csl(folder, "documents")
    authors = {i["id"]: {a["literal"] for a in i["author"]} for i in items if "author" in i}
    assert authors == known("dlg:adoptedBy")
    events = {i["id"]: set(i["event-title"].split("; ")) for i in items if "event-title" in i}
    assert events == known("dlg:adoptedAt")
    places = {i["id"]: set(i["event-place"].split("; ")) for i in items if "event-place" in i}
    # Of a city and its country, the city alone.
    around = known("dlg:adoptedAt/dlg:place/dlg:within")
    every = known("dlg:adoptedAt/dlg:place")
    assert places == {iri: names - around.get(iri, set()) for iri, names in every.items()}
    assert places != every
    assert (len(authors), len(events), len(places)) > (50, 50, 50)


@pytest.mark.parametrize("name", ["sources", "documents"])
def test_citeproc_renders_each(folder: Path, name: str) -> None:
    items = csl(folder, name)
    with warnings.catch_warnings():
        # It tells of each field that it knows and its style does not use.
        warnings.simplefilter("ignore")
        source = CiteProcJSON(items)
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, source, formatters.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        bibliography.sort()
        rendered = {
            one: str(text)
            for one, text in zip(bibliography.keys, bibliography.bibliography(), strict=True)
        }
    assert rendered.keys() == {item["id"].lower() for item in items}
    for item in items:
        words = item["title"].split()
        assert all(word in rendered[item["id"].lower()] for word in words[:1]), item


# Of every language that the record has sources or documents in, the tag that CSL asks for.
TAGS = {
    "ARA": "ar", "CAT": "ca", "DEU": "de", "ENG": "en", "FRA": "fr",
    "ITA": "it", "MLT": "mt", "POR": "pt", "SPA": "es",
}  # fmt: skip
TITLE_CASE = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
  <info><title>T</title><id>t</id><updated>2026-01-01T00:00:00Z</updated></info>
  <citation><layout><text variable="title"/></layout></citation>
  <bibliography><layout><text variable="title" text-case="title"/></layout></bibliography>
</style>"""


@pytest.mark.parametrize(
    ("name", "property"), [("sources", "dcterms:language"), ("documents", "dlg:language")]
)
def test_citeproc_reads_in_which_language_each_is(
    folder: Path, facts: Any, name: str, property: str
) -> None:
    codes: dict[str, list[str]] = {}
    for iri, language in facts(
        f"SELECT DISTINCT ?thing ?code {{ {dict(LISTS)[name]} ; {property} ?code }}"
    ):
        codes.setdefault(key(iri), []).append(TAGS[language.rpartition("/")[2]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = CiteProcJSON(csl(folder, name))
    shown = {one: reference.get("language") for one, reference in read.items()}
    # What is in several languages has none that a processor could go by.
    expected = {one.lower(): tags[0] for one, tags in codes.items() if len(tags) == 1}
    assert {one: str(tag) for one, tag in shown.items() if tag} == expected
    assert len(set(expected.values())) > (5 if name == "sources" else 1)


def test_citeproc_writes_capitals_in_english_titles_alone(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "title.csl"
    place.write_text(TITLE_CASE, encoding="utf-8")
    titles = {"en": "a meeting of ministers", "pt": "uma reunião de ministros", "mt": "laqgħa"}
    items = [
        next(
            {**item, "title": titles[tag]}
            for item in csl(folder, "sources")
            if item.get("language") == tag
        )
        for tag in titles
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = CitationStylesStyle(str(place), validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatters.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        rendered = [str(text) for text in bibliography.bibliography()]
    assert rendered == ["A Meeting of Ministers", titles["pt"], titles["mt"]]


@pytest.mark.parametrize("name", ["sources", "documents"])
def test_bibtexparser_reads_the_same_as_the_json_has(folder: Path, name: str) -> None:
    library = bibtexparser.parse_string((folder / f"{name}.bib").read_text(encoding="utf-8"))
    assert library.failed_blocks == []
    entries = {entry.key: entry for entry in library.entries}
    items = {item["id"]: item for item in csl(folder, name)}
    assert len(library.entries) == len(entries)
    assert entries.keys() == items.keys()
    for one, entry in entries.items():
        item = items[one]
        fields = {field.key: plain(field.value) for field in entry.fields}
        assert fields["title"] == " ".join(item["title"].split())
        assert unquote(fields["url"]) == unquote(item["URL"])
        assert entry.entry_type == ("article" if "container-title" in item else "misc")
        assert fields.get("journal") == item.get("container-title")
        assert fields.get("publisher") == item.get("publisher")
        assert fields.get("venue") == item.get("event-place")
        first = item["issued"]["date-parts"][0] if "issued" in item else [None]
        assert fields.get("year") == (f"{first[0]:04}" if first[0] else None)
        assert ("month" in fields) == (len(first) > 1)


def plain(text: str) -> str:
    """Return what TeX would make of a text."""
    for command, character in [
        (r"\textbackslash{}", "\\"), (r"\textasciitilde{}", "~"), (r"\textasciicircum{}", "^"),
        (r"\textbraceleft{}", "("), (r"\textbraceright{}", ")"),
        (r"\&", "&"), (r"\%", "%"), (r"\$", "$"), (r"\#", "#"), (r"\_", "_"),
    ]:  # fmt: skip
        text = text.replace(command, character)
    return text.replace("{", "").replace("}", "")
