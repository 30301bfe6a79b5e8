"""`dialogue build`: a release of the record, or of any RDF."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.command import (
    PATHS,
    clock,
    day,
    exclude_record,
    note,
    progress,
    record_option,
    record_root,
)
from app.errors import Fault
from app.manifest import Release

if TYPE_CHECKING:
    from app.release.history.version import History

Made = tuple[str, date | None]


@click.command("build")
@click.option("--out", type=PATHS, help="Where to; else build/release in the record, or here.")
@click.option(
    "--into",
    type=PATHS,
    metavar="FOLDER",
    help="A folder of releases, to add this one to; not one of changed files.",
)
@click.option(
    "--previous",
    type=PATHS,
    metavar="FOLDER",
    help="The releases before it, or one; else those beside --out with their releases.json.",
)
@click.option(
    "--release", metavar="VERSION", help="Its version; else dcat:version, or the commit's day."
)
@click.option("--at", metavar="REV", help="A revision of git, in the place of what lies here.")
@click.option(
    "--as-of", metavar="DATE", help="The day of the release; else the commit's, or today's."
)
@click.option(
    "--formats",
    metavar="A,B…",
    help="The formats to write beside N-Quads; else all that are installed.",
)
@click.option(
    "--check",
    "prove",
    is_flag=True,
    help="Read every file back and prove that it holds what the N-Quads hold.",
)
@record_option
@click.argument("sources", nargs=-1, type=PATHS, metavar="[FOLDER or RDF FILE…]")
def command(
    out: Path | None,
    into: Path | None,
    previous: Path | None,
    release: str | None,
    at: str | None,
    as_of: str | None,
    formats: str | None,
    prove: bool,
    record: Path | None,
    sources: tuple[Path, ...],
) -> None:
    """Build a release of the record: RDF in every format, its description, checksums.

    Refuses a record with violations, and a property that neither shape nor ontology names of the
    things that have it. RDF of others, a folder or files, becomes a release as it is, without
    rules and shapes. With --check, a file that holds something else than the rest is named with
    the first quad that differs, and nothing is replaced (exit 1). A release of the data of others:
    dialogue build --out /tmp/theirs their-data.ttl

    Told of the releases before, it also makes the patch from the last one, CHANGES.md and the feed:
    dialogue build --into /srv/dialogue

    Example: dialogue build --check --out /tmp/release
    """
    from app.record.record import is_record
    from app.release import distributions
    from app.release.formats.proof import Unproven

    exclude_record(record, sources)
    if out and into:
        raise click.UsageError("--out and --into exclude each other")
    asked = None if formats is None else [name for name in formats.split(",") if name]
    # A name that is none is told before the work, not after it.
    distributions.chosen(asked)
    for source in sources:
        if not source.exists():
            raise Fault(f"{source}: no such file or folder")
    try:
        if sources and not (len(sources) == 1 and is_record(sources[0])):
            if into or previous or release or at:
                raise click.UsageError("--into, --previous, --release and --at are for records")
            _build_any(sources, out or Path("build/release"), day(as_of), asked, prove)
        else:
            root = sources[0] if sources else record_root(record)
            place = _Place(out, into, previous, release, at)
            _build_record(root, place, as_of, asked, prove)
    except Unproven as unproven:
        for difference in unproven.differences:
            click.echo(difference, err=True)
        click.get_current_context().exit(1)


@dataclass(frozen=True)
class _Place:
    """Where a release goes, what it follows, how it is called and what it is built from."""

    out: Path | None
    into: Path | None
    previous: Path | None
    release: str | None
    at: str | None


def _build_record(
    root: Path, place: _Place, as_of: str | None, formats: Iterable[str] | None, prove: bool
) -> None:
    from app.record.record import read_record
    from app.release import build
    from app.release.folder import replaceable
    from app.release.history.version import decide
    from app.validation.check import Options, Severity, check_record
    from app.validation.reports.render import render

    history = _history(place.out, place.into, place.previous)
    with _state(root, place.at) as (there, made):
        read = read_record(there)
        today = (day(as_of) or made[1] or date.today()) if place.at else clock(root, as_of)
        version = decide(read, made, history.entries, named=place.release, as_of=day(as_of))
        default = place.out or root / "build" / "release"
        target = place.into / version if place.into else default
        listed = _listed(target, version, place.into)
        replaceable(target)
        with progress("Checking") as advance:
            checked = check_record(read, Options(as_of=today, advance=advance))
        violations = tuple(f for f in checked.findings if f.severity >= Severity.VIOLATION)
        if violations or checked.faults:
            shown = replace(checked, findings=violations)
            click.echo(render(shown, "text"), err=True, nl=False)
            click.get_current_context().exit(2 if checked.faults else 1)
        notes: list[str] = []
        with _writing(target), progress("Building") as advance:
            built = build.build(
                read, target, as_of=today, formats=formats, strict=True, advance=advance,
                note=notes.append, prove=prove, version=version, made=made, history=history,
            )  # fmt: skip
    with _writing(target):
        _list(built, target, listed, history, notes)
    _tell(target, built, notes)


def _history(out: Path | None, into: Path | None, previous: Path | None) -> "History":
    """Return what was released before: nothing where nobody says where that would be.

    Raises Fault for a list that is damaged, and for a folder that has none.
    """
    from app.release.history.version import History, history
    from app.versions import LIST

    if previous:
        return history(previous)
    if into:
        return history(into) if (into / LIST).is_file() else History(folder=into)
    if out and (out.parent / LIST).is_file():
        return history(out.parent)
    return History()


def _listed(target: Path, version: str, into: Path | None) -> Path | None:
    """Return the folder of releases in which a release will lie, None where it lies alone.

    Raises Fault for one of changed files, which nobody could ever build again, and for one that
    would lie there under another name than its version.
    """
    from app.versions import DIRTY, LIST

    if into is None and not (target.parent / LIST).is_file():
        return None
    if version.endswith(DIRTY):
        raise Fault(
            f"{version}: files were changed since the commit, and what is listed stays: commit "
            "them, look at it with --out elsewhere, or name it with --release"
        )
    if target.name != version:
        raise Fault(
            f"{target}: beside {LIST} a release is called by its version, {version}: "
            f"write --into {target.parent}"
        )
    return target.parent


@contextmanager
def _state(root: Path, at: str | None) -> Iterator[tuple[Path, Made]]:
    """Yield the folder of the record, as it is or as it was at a revision, and its commit.

    Raises Fault for a revision that is none, or that has no record.
    """
    from app.record.layout import is_record
    from app.record.revisions import check_out
    from app.release.revision import commit, commit_at

    if at is None:
        yield root, commit(root)
        return
    with tempfile.TemporaryDirectory(prefix="dialogue-") as name:
        check_out(at, root, Path(name))
        if not is_record(Path(name)):
            raise Fault(f"{at}: the revision has no record: data/dataset.ttl is missing")
        yield Path(name), commit_at(at, root)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Raise a Fault that names the place where a release cannot be written during a block."""
    try:
        yield
    except OSError as error:
        raise Fault(f"{error.filename or target}: {error.strerror or error}") from None


def _list(
    built: Release, target: Path, listed: Path | None, history: "History", notes: list[str]
) -> None:
    """Note a release in the list that it belongs to, and in `notes` what it has not."""
    from app import versions

    entries = history.entries
    previous = versions.before(built.release, built.date, entries)
    entry = versions.described(target, previous=previous.version if previous else "")
    if listed:
        versions.write_list(listed, built.dataset, versions.added(entry, entries))
    if previous and not entry.patch:
        notes.append(
            f"{previous.version}, the release before, does not lie here: no patch, no changes."
        )


def _build_any(
    sources: Sequence[Path],
    out: Path,
    today: date | None,
    formats: Iterable[str] | None,
    prove: bool,
) -> None:
    from app import settings
    from app.record.record import find
    from app.release.bundle import bundle
    from app.release.folder import replaceable

    replaceable(out)
    files, base, notes = find([*sources]), settings.load().base, list[str]()
    with _writing(out), progress("Building") as advance:
        built = bundle(
            files, base, out, advance,
            as_of=today, formats=formats, note=notes.append, prove=prove,
        )  # fmt: skip
    _tell(out, built, notes)


def _tell(out: Path, built: Release, notes: Iterable[str]) -> None:
    # Not while the bar is drawn, whose line they would break.
    for text in notes:
        note(text)
    version = f", {built.release}" if built.release else ""
    click.echo(f"{out}: {built.quads} quads, {built.date}, {built.digest[:12]}{version}")
