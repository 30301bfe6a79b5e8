"""A release: the dataset in files, the same bytes from the same commit."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from app import __version__
from app.errors import Fault
from app.manifest import DATASET, VOID, Release
from app.namespaces import DCAT, DCTERMS
from app.rdf import writer
from app.rdf.formats import N_QUADS, TURTLE
from app.rdf.parser import Document, Syntax
from app.rdf.prefixes import well_known
from app.record import inference
from app.record.record import Record
from app.release import distributions, void
from app.release.columns import survey as columns
from app.release.columns.naming import require_named
from app.release.distributions import Distribution, Material, Writer
from app.release.folder import add, staged
from app.release.history.succession import succession
from app.release.history.version import History, decide
from app.release.revision import commit as commit
from app.versions import LIST, ReleaseEntry, earlier, number_of_day

ALWAYS = (
    Distribution(DATASET, N_QUADS, "The whole dataset, every graph"),
    Distribution("ontology.ttl", TURTLE, "The ontology"),
    Distribution("shapes.ttl", TURTLE, "The shapes that check the record"),
    Distribution(VOID, TURTLE, "The description of the dataset"),
)
"""What every release has, whatever formats are chosen."""
_DATASET_SHARE = 0.4
_NOTHING = History()


def build(
    record: Record,
    out: Path,
    *,
    as_of: date | None = None,
    formats: Iterable[str] | None = None,
    strict: bool = False,
    advance: Callable[[float], None] = lambda share: None,
    note: Callable[[str], None] = lambda text: None,
    prove: bool = False,
    version: str | None = None,
    made: tuple[str, date | None] | None = None,
    history: History = _NOTHING,
) -> Release:
    """Write a release of a record into `out`, replacing the release that is there.

    `as_of` is the day of the release (the commit's, where git knows one; else today). `formats`
    are those to write beside the N-Quads, all that are installed where none is named; `advance` is
    told the share that is done, `note` which format cannot hold this and is left out. `version` is
    the release's (else as `decide` has it), `made` the commit and its day where the record lies
    outside of its repository, `history` what was released before, of which it tells what changed
    and how to get from there to here.
    Raises Fault if `out` holds anything else than a release, for a format that there is not, for
    a version that was released already with other contents and, where it is `strict`, for a
    property that nothing names of the things that have it;
    Unproven where it is to be proved (`prove`) that the files hold the same, and they do not.
    """
    writers = distributions.chosen(formats)
    revision, day = made or commit(record.root)
    released = (as_of or day or date.today()).isoformat()
    entries = history.entries
    if version is None:
        chosen = as_of or (None if day else date.today())
        version = decide(record, (revision, day), entries, as_of=chosen)
    older = earlier(version, released, entries)
    quads = inference.dataset(record)
    # Which version this is and of which day, the release says: that of changed files is another
    # than was written.
    own = {(record.dataset, DCAT.version), (record.dataset, DCTERMS.modified)}
    quads = [q for q in quads if (q.subject, q.predicate) not in own]
    writers = distributions.able(writers, lambda: quads, note)
    files = [*ALWAYS, *(file for one in writers for file in one.files)]
    editions = [void.DatasetVersion(entry.version, entry.date) for entry in older]
    described = void.describe(record, quads, files, version, released, editions)
    graph = ox.NamedNode(f"{record.base}graph/dataset")
    quads += inference.put(described) + inference.put(described, graph)
    quads = list(dict.fromkeys(quads))
    advance(_DATASET_SHARE / 2)

    prefixes = _prefixes(record)
    dataset = writer.write(quads, {}, Syntax.N_QUADS).encode()
    release = Release(
        version=__version__,
        commit=revision,
        date=released,
        digest=hashlib.sha256(dataset).hexdigest(),
        base=record.base,
        dataset=record.dataset.value,
        quads=len(quads),
        prefixes=dict(sorted(record.prefixes.items())),
        release=version,
        of_day=number_of_day(version, released, entries),
    )
    _require_unchanged(release, entries)
    try:
        with staged(release, out) as folder:
            add({DATASET: dataset}, folder)
            add(succession(record, release, quads, dataset, older, history), folder)
            del dataset
            add(_vocabularies(record, quads, graph, prefixes), folder)
            material = Material(
                folder, quads, prefixes, record.base, record,
                day=released, of_day=release.of_day, version=version,
            )  # fmt: skip
            if strict:
                require_named(material.survey, record)
            _require_fit(writers, material, note)
            columns.write(material.survey, folder)
            advance(_DATASET_SHARE)
            distributions.write(writers, material, _after(advance), prove=prove)
    except _Unfit as unfit:
        # The dataset describes itself by its formats, so that it is another without one of them.
        return build(
            record, out, as_of=as_of, formats=unfit.others, strict=strict, advance=advance,
            note=note, prove=prove, version=version, made=(revision, day), history=history,
        )  # fmt: skip
    return release


class _Unfit(Exception):
    """A format that cannot hold the tables of a dataset; `others` are the names of those that can.

    It is known only when the dataset is written.
    """

    def __init__(self, others: Iterable[str]) -> None:
        self.others = tuple(others)
        super().__init__(*self.others)


def _require_fit(
    writers: Sequence[Writer], material: Material, note: Callable[[str], None]
) -> None:
    fitting = distributions.fitting(writers, material, note)
    if len(fitting) < len(writers):
        raise _Unfit(one.name for one in fitting)


def _require_unchanged(release: Release, entries: Iterable[ReleaseEntry]) -> None:
    for entry in entries:
        if entry.version == release.release and entry.digest != release.digest:
            raise Fault(
                f"{entry.version} is released already, and is {entry.digest[:12]} in {LIST}, not "
                f"{release.digest[:12]}: a version never changes; name another with --release"
            )


def _after(advance: Callable[[float], None]) -> Callable[[float], None]:
    return lambda share: advance(_DATASET_SHARE + (1 - _DATASET_SHARE) * share)


def _prefixes(record: Record) -> dict[str, str]:
    prefixes = {
        **well_known(
            "dcat", "dcterms", "foaf", "owl", "rdfs", "schema", "sd", "void", "void-ext", "xsd"
        ),
        **record.prefixes,
    }
    for document in (*record.ontology, *record.shapes):
        prefixes = {**document.prefixes, **prefixes}
    return prefixes


def _vocabularies(
    record: Record, quads: list[ox.Quad], graph: ox.NamedNode, prefixes: dict[str, str]
) -> dict[str, bytes]:
    """Return what is no format of the dataset: the vocabulary, its rules, the description."""

    def vocabulary(documents: Iterable[Document]) -> bytes:
        # With blank nodes: tools for OWL and readers of shapes expect lists of them.
        return writer.write(inference.quads(documents), prefixes, Syntax.TURTLE).encode()

    description = (ox.Quad(*q.triple) for q in quads if q.graph_name == graph)
    return {
        "ontology.ttl": vocabulary(record.ontology),
        "shapes.ttl": vocabulary(record.shapes),
        VOID: writer.write(description, prefixes, Syntax.TURTLE).encode(),
        **{f"rules/{rule.path.name}": rule.text.encode() for rule in record.rules},
    }
