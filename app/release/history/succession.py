"""What a release says of the one before it: the patch from there, what changed, and the feed."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from app import manifest
from app.exports import names
from app.manifest import DATASET, Release
from app.namespaces import DCTERMS
from app.rdf.terms import Term
from app.record.record import Record
from app.release.history import notes, patch
from app.release.history.changes import Changes, between
from app.release.history.feed import feed
from app.release.history.version import History
from app.versions import CHANGES, CHANGES_DATA, FEED, ReleaseEntry, patch_name

# So many releases a feed tells of.
_TOLD = 20


def succession(
    record: Record,
    release: Release,
    quads: Iterable[ox.Quad],
    dataset: bytes,
    earlier: Sequence[ReleaseEntry],
    history: History,
) -> dict[str, bytes]:
    """Return the files by their names that tell how a release came from the one before it.

    `quads` are all that it holds, `dataset` the same as N-Quads, `earlier` the releases before it,
    the newest first, and `history` knows where they lie. Where the release before is known
    but does not lie here, nothing can be told of the difference. Raises Fault where it is another
    than the list tells of.
    """
    previous = next(iter(earlier), None)
    before = previous and history.path(previous)
    if previous and not before:
        return {}
    old = (before / DATASET).read_bytes() if before else None
    changes = between(
        release.release,
        release.date,
        previous.version if previous else "",
        None if old is None else ox.parse(old, format=ox.RdfFormat.N_QUADS),
        quads,
        record.base,
        release.prefixes,
    )
    title, author = _title(record)
    releases = [changes, *_earlier(history, earlier)]
    files = {
        CHANGES: notes.markdown(changes).encode(),
        CHANGES_DATA: notes.as_json(changes).encode(),
        FEED: feed(title, author, record.base, releases),
    }
    if previous and old is not None:
        made = patch.between(old, dataset)
        # It is a fault if it leads elsewhere: nobody is to get such a one.
        patch.apply(made, old)
        files[patch_name(previous.version)] = made
    return files


def _earlier(history: History, earlier: Sequence[ReleaseEntry]) -> Iterator[Changes]:
    """Yield what the releases before changed, the newest first, as far as they lie here."""
    for entry in earlier[:_TOLD]:
        path = history.path(entry)
        if path and CHANGES_DATA in (manifest.sums(path) or {}):
            yield _read(path / CHANGES_DATA)


def _read(path: Path) -> Changes:
    return notes.of_json(path.read_text(encoding="utf-8"))


def _title(record: Record) -> tuple[str, str]:
    """Return what the dataset of a record is called, and by whom it is published."""
    quads = [quad for document in record.data for quad in document.quads]

    def values(subject: object, property: ox.NamedNode) -> list[Term]:
        return [q.object for q in quads if q.subject == subject and q.predicate == property]

    def text(property: ox.NamedNode) -> str | None:
        texts = (v for v in values(record.dataset, property) if isinstance(v, ox.Literal))
        return names.choose(texts)

    title = text(DCTERMS.title) or record.dataset.value
    publisher = next(iter(values(record.dataset, DCTERMS.publisher)), None)
    author = names.best(lambda property: values(publisher, property)) or text(DCTERMS.creator)
    return title, author or title
