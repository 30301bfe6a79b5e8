"""The feed of what changed (Atom, RFC 4287): an entry for each release and each thing in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from feedgenerator import Atom1Feed
from jinja2 import Environment

from app.rdf.formats import without_illegal_xml
from app.release.history.changes import WITHDRAWN, Changes, ThingChange
from app.templating import environment
from app.versions import CHANGES, FEED

MOST = 500
"""So many entries a feed has at most; CHANGES.md has all of them."""


def feed(title: str, author: str, base: str, releases: Sequence[Changes]) -> bytes:
    """Return the feed of what releases changed, the newest of them first.

    `base` begins the IRIs of the record, which are the addresses of the feed and of its entries.
    An entry is named by its thing and the version, and leads to the document in that version; of
    what was withdrawn, to the last one that there is.
    """
    written = Atom1Feed(
        title=_clean(title),
        link=base,
        description=_clean("What each release of the record changes, with the words that say it"),
        feed_url=f"{base}{FEED}",
        feed_guid=f"{base}{FEED}",
        author_name=_clean(author),
        language="en",
    )
    templates = environment()
    left = MOST
    for changes in releases:
        day = datetime.fromisoformat(changes.date).replace(tzinfo=UTC)
        version = f"{base}version/{_address(changes.version)}/"
        written.add_item(
            title=_clean(f"Release {changes.version}: {changes.summary}"),
            link=f"{base}dump/{_address(changes.version)}/{CHANGES}",
            description=None,
            unique_id=version,
            pubdate=day,
            updateddate=day,
            content=_clean(templates.get_template("release.html").render(changes=changes)),
        )
        for thing in changes.things[:left]:
            last = changes.previous if thing.what == WITHDRAWN else changes.version
            path = thing.iri.removeprefix(base)
            written.add_item(
                title=_clean(f"{thing.what.capitalize()}: {thing.name}"),
                link=f"{base}version/{_address(last)}/{_address(_document(path))}",
                description=None,
                unique_id=f"{version}{_address(path)}",
                pubdate=day,
                updateddate=day,
                categories=[_clean(thing.kind)],
                content=_clean(_content(templates, changes, thing)),
            )
        left -= len(changes.things[:left])
    return str(written.writeString("utf-8")).encode()


def _content(templates: Environment, changes: Changes, thing: ThingChange) -> str:
    return templates.get_template("change.html").render(changes=changes, thing=thing)


def _document(path: str) -> str:
    return path.replace("id/", "doc/", 1) if path.startswith("id/") else path


def _address(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=-._~%")


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return without_illegal_xml(text)
