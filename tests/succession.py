"""Releases of a small record that follow each other, with the list beside them."""

from datetime import date
from pathlib import Path

import small

from app import versions
from app.record.record import read_record
from app.release import build
from app.release.history.version import History, history

NAMES = """\
@prefix conf: <https://w3id.org/dialogue/id/conference/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix place: <https://w3id.org/dialogue/id/place/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/dialogue/id/source/> .

conf:one
    skos:prefLabel "Première conférence"@fr ;
    skos:prefLabel "The first conference"@en ;
.

place:lisbon
    skos:prefLabel "Lisbon"@en ;
.

source:page
    skos:prefLabel "A page"@en ;
.

dlg:Conference
    rdfs:label "Conference"@en ;
.

dlg:date
    rdfs:label "date"@en ;
.

dlg:place
    rdfs:label "place"@en ;
.

dlg:rejected
    skos:prefLabel "rejected"@en ;
.
"""


def lay(root: Path) -> Path:
    """Write the small record, with names, into `root` and return it."""
    small.lay(root)
    (root / "data/names.ttl").write_text(NAMES, encoding="utf-8")
    return root


def write(record: Path, text: str) -> None:
    """Write what a record says of its conference."""
    (record / "data/conferences/one.trig").write_text(text, encoding="utf-8")


def release(record: Path, folder: Path, day: str) -> Path:
    """Build a release of a record into a folder of releases, list it and return where it lies."""
    folder.mkdir(exist_ok=True)
    known = history(folder) if (folder / versions.LIST).is_file() else History(folder=folder)
    built = build.build(
        read_record(record), folder / day, as_of=date.fromisoformat(day), version=day, history=known
    )
    previous = versions.before(day, day, known.entries)
    entry = versions.described(folder / day, previous=previous.version if previous else "")
    versions.write_list(folder, built.dataset, versions.added(entry, known.entries))
    return folder / day


def three(root: Path) -> Path:
    """Return a folder of three releases: a date that changes, then a claim that is given up."""
    record, folder = lay(root / "record"), root / "releases"
    release(record, folder, "2026-01-01")
    later = small.CONFERENCE.replace('"2015-05-19"', '"2015-05-20"').replace("May 19", "May 20")
    write(record, later)
    release(record, folder, "2026-01-02")
    given_up = later.replace("dlg:accepted ;\n", "dlg:rejected ;\n    NOTE ;\n", 1)
    note = '<http://www.w3.org/2004/02/skos/core#editorialNote> "It never took place."@en'
    write(record, given_up.replace("NOTE", note))
    release(record, folder, "2026-01-03")
    return folder
