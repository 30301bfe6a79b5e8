"""What changed between releases: in words with the quote, for people, programs and feed readers."""

import re
from html import unescape
from pathlib import Path

import feedparser
import pyoxigraph as ox
import pytest
import small
from succession import NAMES, lay, release, three, write

from app.release.history import changes as module
from app.release.history.changes import Changes
from app.release.history.feed import MOST, feed
from app.release.history.notes import as_json, markdown, of_json

BASE = "https://w3id.org/dialogue/"
FIRST = """\
# What changed in 2026-01-01

2026-01-01: the first release.

- Conference: 1
- place: 1
- source: 1
"""
SECOND = f"""\
# What changed in 2026-01-02

2026-01-02, since 2026-01-01: 1 changed.

## Conference

### Changed: [The first conference](<{BASE}id/conference/one>)

- date: ~~2015-05-19~~ → 2015-05-20
  - 2015-05-19: “the first conference took place in Lisbon on May 19, 2015” (A page)
  - 2015-05-20: “the first conference took place in Lisbon on May 20, 2015” (A page)

## Besides

- conclusions that came: 2
- conclusions that went: 2
- passages that changed: 1

What changed before is told in the CHANGES.md of 2026-01-01.
"""
THIRD = f"""\
# What changed in 2026-01-03

2026-01-03, since 2026-01-02: 1 changed.

## Conference

### Changed: [The first conference](<{BASE}id/conference/one>)

- date: ~~2015-05-20~~, withdrawn
  - 2015-05-20: “the first conference took place in Lisbon on May 20, 2015” (A page)
  - 2015-05-20, now rejected: It never took place.
- place: ~~Lisbon~~, withdrawn
  - Lisbon: “the first conference took place in Lisbon on May 20, 2015” (A page)
  - Lisbon, now rejected: It never took place.
- rdf:type: ~~Conference~~, withdrawn
  - Conference: “the first conference took place in Lisbon on May 20, 2015” (A page)
  - Conference, now rejected: It never took place.

## Besides

- conclusions that went: 4
- passages that changed: 1

What changed before is told in the CHANGES.md of 2026-01-02.
"""


def told(folder: Path, day: str) -> str:
    return (folder / day / "CHANGES.md").read_text(encoding="utf-8")


def test_the_notes_tell_what_came_changed_and_went(tmp_path: Path) -> None:
    folder = three(tmp_path)
    assert told(folder, "2026-01-01") == FIRST
    assert told(folder, "2026-01-02") == SECOND
    assert told(folder, "2026-01-03") == THIRD


def test_a_thing_that_comes_and_one_that_goes_are_told(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    names = NAMES.replace("place:lisbon", "place:porto").replace('"Lisbon"', '"Porto *Invicta*"')
    (record / "data/names.ttl").write_text(names)
    release(record, folder, "2026-01-02")
    assert told(folder, "2026-01-02") == (
        "# What changed in 2026-01-02\n\n"
        "2026-01-02, since 2026-01-01: 1 added, 1 withdrawn.\n\n"
        "## place\n\n"
        f"### Added: [Porto \\*Invicta\\*](<{BASE}id/place/porto>)\n\n"
        "- skos:prefLabel: Porto \\*Invicta\\*\n\n"
        f"### Withdrawn: [Lisbon](<{BASE}id/place/lisbon>)\n\n"
        "- skos:prefLabel: ~~Lisbon~~, withdrawn\n\n"
        "What changed before is told in the CHANGES.md of 2026-01-01.\n"
    )


def test_a_release_in_which_nothing_changed_says_so(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    release(record, folder, "2026-01-02")
    assert told(folder, "2026-01-02") == (
        "# What changed in 2026-01-02\n\n"
        "2026-01-02, since 2026-01-01: no thing changed.\n\n"
        "What changed before is told in the CHANGES.md of 2026-01-01.\n"
    )
    (entry,) = feedparser.parse(folder / "2026-01-02/feed.atom").entries[:1]
    assert entry.title == "Release 2026-01-02: no thing changed"


def test_names_in_several_languages_are_told_apart(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    names = NAMES.replace("The first", "First").replace("Première", "1re")
    (record / "data/names.ttl").write_text(names)
    release(record, folder, "2026-01-02")
    assert (
        ": ~~Première conférence (fr) · The first conference (en)~~ → "
        "1re conférence (fr) · First conference (en)\n"
    ) in told(folder, "2026-01-02")


def test_what_a_rule_concludes_is_counted_and_not_listed(tmp_path: Path) -> None:
    quads = list(
        ox.parse(path=str(three(tmp_path) / "2026-01-02/dialogue.nq"), format=ox.RdfFormat.N_QUADS)
    )
    found = module.between("2", "2026-01-02", "1", [], quads, BASE, {})
    (conference,) = (one for one in found.things if one.kind == "Conference")
    properties = [one.property for one in conference.alterations]
    assert properties == ["date", "place", "skos:prefLabel"]
    assert found.counts["conclusions that came"] == 4


def test_programs_read_back_what_people_read(tmp_path: Path) -> None:
    folder = three(tmp_path)
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        text = (folder / day / "changes.json").read_text(encoding="utf-8")
        read = of_json(text)
        assert as_json(read) == text
        assert markdown(read) == told(folder, day)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"things": [1], "version": "1"}'])
def test_what_is_no_changes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        of_json(text)


def test_a_foreign_reader_finds_every_entry_of_the_feed(tmp_path: Path) -> None:
    folder = three(tmp_path)
    read = feedparser.parse(folder / "2026-01-03/feed.atom")
    assert not read.bozo
    assert (read.feed.title, read.feed.id) == ("A small record", f"{BASE}feed.atom")
    assert (read.feed.updated, read.feed.author) == ("2026-01-03T00:00:00+00:00", "A small record")
    assert [(entry.id, entry.link, entry.title, entry.updated[:10]) for entry in read.entries] == [
        (
            f"{BASE}version/2026-01-03/",
            f"{BASE}dump/2026-01-03/CHANGES.md",
            "Release 2026-01-03: 1 changed",
            "2026-01-03",
        ),
        (
            f"{BASE}version/2026-01-03/id/conference/one",
            f"{BASE}version/2026-01-03/doc/conference/one",
            "Changed: The first conference",
            "2026-01-03",
        ),
        (
            f"{BASE}version/2026-01-02/",
            f"{BASE}dump/2026-01-02/CHANGES.md",
            "Release 2026-01-02: 1 changed",
            "2026-01-02",
        ),
        (
            f"{BASE}version/2026-01-02/id/conference/one",
            f"{BASE}version/2026-01-02/doc/conference/one",
            "Changed: The first conference",
            "2026-01-02",
        ),
        (
            f"{BASE}version/2026-01-01/",
            f"{BASE}dump/2026-01-01/CHANGES.md",
            "Release 2026-01-01: the first release",
            "2026-01-01",
        ),
    ]
    content = read.entries[1].content[0]
    assert content.type == "text/html"
    words = " ".join(unescape(re.sub(r"<[^>]+>", "", content.value)).split())
    assert words.startswith(
        "Conference, changed in 2026-01-03. date 2015-05-20 — the first conference took place in "
        "Lisbon on May 20, 2015 (A page) — now rejected: It never took place. place Lisbon — "
    )


def test_the_feed_of_a_withdrawn_thing_leads_to_its_last_document(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    (record / "data/names.ttl").write_text(NAMES.replace("place:lisbon", "place:porto"))
    release(record, folder, "2026-01-02")
    entries = feedparser.parse(folder / "2026-01-02/feed.atom").entries
    links = {entry.title: entry.link for entry in entries}
    assert links["Withdrawn: Lisbon"] == f"{BASE}version/2026-01-01/doc/place/lisbon"
    assert links["Added: Lisbon"] == f"{BASE}version/2026-01-02/doc/place/porto"


def test_nothing_in_a_record_can_act_in_the_notes_or_the_feed(tmp_path: Path) -> None:
    record, folder = lay(tmp_path / "record"), tmp_path / "releases"
    release(record, folder, "2026-01-01")
    write(
        record,
        small.CONFERENCE.replace('"2015-05-19"', '"<script>alert(1)</script>"').replace(
            "the first conference", "<img src=x onerror=alert(1)> ]]> [a](javascript:b) \\u0007"
        ),
    )
    release(record, folder, "2026-01-02")
    read = feedparser.parse(folder / "2026-01-02/feed.atom", sanitize_html=False)
    assert not read.bozo
    value = read.entries[1].content[0].value
    assert "&lt;script&gt;" in value
    assert "<script" not in value
    assert "<img" not in value
    text = told(folder, "2026-01-02")
    assert "\\<script\\>" in text
    assert not re.search(r"(?<!\\)<(?!https)", text)
    assert not re.search(r"(?<!\\)\]\(javascript", text)


def test_a_feed_has_a_bound_and_the_releases_all_the_same() -> None:
    things = tuple(
        module.ThingChange(f"{BASE}id/x/{n}", "X", str(n), module.ADDED, ()) for n in range(MOST)
    )
    newest = Changes("3", "2026-01-03", "2", things)
    older = Changes("2", "2026-01-02", "1", things)
    read = feedparser.parse(feed("T", "A", BASE, [newest, older]))
    assert len(read.entries) == MOST + 2
    assert read.entries[-1].id == f"{BASE}version/2/"
