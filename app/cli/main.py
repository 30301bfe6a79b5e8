"""The command line: the door for people, and the one place that knows both halves."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.errors import Fault

PATHS = click.Path(path_type=Path)
ROOT = Path(__file__).resolve().parents[2]


class Command(click.Group):
    """A group whose faults are one line each on standard error, and exit 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a Fault ends it with exit 2."""
        try:
            return super().invoke(ctx)
        except Fault as fault:
            for line in str(fault).splitlines():
                click.echo(f"dialogue: {line}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            # The reader of a pipe has seen enough, which is no error of ours.
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dialogue")
def main() -> None:
    """Publish how states cooperate: a graph in which every fact shows the words that say it.

    Example: dialogue serve
    """


def record_root() -> Path:
    """Return the folder of the bundled record: the current one if it is a record, else ours."""
    from app.record.record import is_record

    return Path() if is_record(Path()) else ROOT if is_record(ROOT) else ROOT / "app" / "bundled"


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal while something long runs; nothing in a pipe.

    The bar is given the share done, from 0 to 1.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


@main.command()
@click.argument("sources", nargs=-1, type=PATHS, metavar="[FOLDER, RELEASE or RDF FILE]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Workers for short queries.")
def serve(sources: tuple[Path, ...], host: str, port: int, workers: int | None) -> None:
    """Serve a record as pages, linked data and a SPARQL endpoint.

    Nothing named: the bundled record. Example: dialogue serve --port 8080
    """
    from app import settings
    from app.server import run

    chosen = settings.load(workers=workers)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as folder:
        release = release_of(sources, Path(folder) / "release")
        run.run(chosen, release, host, port)


def release_of(sources: tuple[Path, ...], out: Path) -> Path:
    """Return the folder of the release to serve: the one that is named, else one built for it.

    That of a record is kept for the next start; anything else is built into `out`.

    Raises Fault for sources that are neither a record, a release nor RDF.
    """
    from app import manifest as release
    from app import settings
    from app.record import record as files
    from app.release import build

    if len(sources) == 1 and release.holds(sources[0]):
        return sources[0]
    if not sources or (len(sources) == 1 and files.is_record(sources[0])):
        root = sources[0] if sources else record_root()
        folder = build.kept(root) or out
        if not release.holds(folder):
            click.echo("Building a release of the record; it is kept for the next time.", err=True)
            build.build(files.read_record(root), folder)
            build.forget(folder)
        return folder
    build.bundle(files.read_all(list(sources)), settings.load().base, out)
    return out


@main.command("format")
@click.argument("paths", nargs=-1, type=PATHS)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
def format_(paths: tuple[Path, ...], check: bool) -> None:
    """Write Turtle and TriG as canonical text.

    No path: the whole record. Example: dialogue format data/conferences/cimo-16.trig
    """
    from app.rdf import writer
    from app.rdf.parser import Syntax
    from app.record import record as files

    given = list(paths) or [record_root() / folder for folder in files.FOLDERS]
    faults: list[str] = []
    changes = 0
    for path in files.find(given):
        if path.suffix.lower() not in (Syntax.TURTLE.value, Syntax.TRIG.value):
            continue
        try:
            document = files.read_file(path)
            text = writer.write(
                (s.quad for s in document.statements), document.prefixes, document.syntax
            )
        except Fault as fault:
            faults.append(str(fault) if str(path) in str(fault) else f"{path}: {fault}")
            continue
        if text.encode() == path.read_bytes():
            continue
        changes += 1
        click.echo(f"{'would change' if check else 'changed'} {path}")
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
    if faults:
        raise Fault("\n".join(faults))
    click.get_current_context().exit(1 if check and changes else 0)


@main.command()
@click.argument("paths", nargs=-1, type=PATHS)
@click.option("--shapes", multiple=True, type=PATHS, help="Shapes to validate against.")
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "sarif", "junit", "github"]),
)
@click.option(
    "--severity",
    default="violation",
    show_default=True,
    type=click.Choice(["violation", "warning", "info"]),
    help="The least severity that makes the command fail.",
)
@click.option("--as-of", metavar="DATE", help="The day that counts as today (YYYY-MM-DD).")
def check(
    paths: tuple[Path, ...], shapes: tuple[Path, ...], form: str, severity: str, as_of: str | None
) -> None:
    """Validate the record, or any RDF against any shapes; every finding names its place.

    No path: the whole record. Example: dialogue check --format sarif
    """
    from app.validation import check as checking
    from app.validation.reports import render

    day = _day(as_of) or date.today()
    with progress("Checking") as advance:
        findings = checking.run(
            list(paths) or [record_root()], list(shapes), as_of=day, advance=advance
        )
    click.echo(render.render(findings, form), nl=False)
    failed = any(f.severity >= checking.Severity[severity.upper()] for f in findings)
    click.get_current_context().exit(1 if failed else 0)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write a day as YYYY-MM-DD", param_hint="--as-of") from None


@main.command()
@click.argument("kind")
@click.argument("name")
@click.option("--source", help="The name of the source that its facts will be drawn from.")
def new(kind: str, name: str, source: str | None) -> None:
    """Write a new file of the record, to fill in.

    What has to be filled in reads FILL-IN, and `dialogue check` names it until it is done.
    Example: dialogue new conference cimo-18 --source sgmai-cimo18
    """
    from app.record import record as files
    from app.record import scaffold

    record = files.read_record(record_root())
    text = scaffold.draft(record, kind, name, source or scaffold.BLANK, date.today())
    file = record.root / "data" / scaffold.kinds(record)[kind] / f"{name}.trig"
    if file.exists():
        raise Fault(f"{file}: is there already; nothing was changed")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"wrote {file}: fill in what reads {scaffold.BLANK}, then format and check it")


@main.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "patch"]),
    help="For people, or as an RDF Patch.",
)
def diff_(old: str, new: str | None, form: str) -> None:
    """Show the difference in triples between two folders, releases or revisions of git.

    Without NEW: the record as it lies here. Example: dialogue diff HEAD
    """
    from app.record import diff

    root = record_root()
    before, after = diff.read(old, root), diff.read(new or str(root), root)
    difference = diff.between(before, after)
    if form == "patch":
        click.echo(diff.patch(difference), nl=False)
    else:
        click.echo(diff.text(difference, {**before.prefixes, **after.prefixes}), nl=False)
    click.get_current_context().exit(1 if difference else 0)


@main.command()
@click.option("--out", default=Path("build/release"), show_default=True, type=PATHS)
@click.option("--as-of", metavar="DATE", help="The day of the release; else the commit's.")
@click.argument("folder", required=False, type=PATHS)
def build(out: Path, as_of: str | None, folder: Path | None) -> None:
    """Build a release of the record: RDF in every format, its description, checksums.

    Refuses a record with violations. Example: dialogue build --out /tmp/release
    """
    from app.record import record as files
    from app.release import build as building
    from app.validation import check as checking
    from app.validation.reports import render

    record = files.read_record(folder or record_root())
    day = _day(as_of) or building.commit(record.root)[1] or date.today()
    with progress("Checking") as advance:
        findings = checking.check(record, as_of=day, advance=advance)
    violations = [f for f in findings if f.severity >= checking.Severity.VIOLATION]
    if violations:
        click.echo(render.render(violations, "text"), err=True, nl=False)
        click.get_current_context().exit(1)
    built = building.build(record, out, as_of=_day(as_of))
    click.echo(f"{out}: {built.quads} quads, {built.date}, {built.digest[:12]}")


@main.command()
@click.option(
    "--format",
    "form",
    help="table, json, csv, tsv, xml; turtle, trig, ntriples, nquads, rdfxml, jsonld for graphs.",
)
@click.option("--on", "source", type=PATHS, help="A record or release; else the bundled record.")
@click.argument("query")
def query(form: str | None, source: Path | None, query: str) -> None:
    """Run SPARQL (a file or the text itself) over the record or a release.

    Example: dialogue query "SELECT ?c { ?c a dlg:Conference }"
    """
    from app import manifest as release
    from app.cli import answers

    text = _query_text(query)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as temporary:
        folder = release_of((source,) if source else (), Path(temporary) / "release")
        answers.show(folder, text, form, release.read(folder).prefixes)


def _query_text(given: str) -> str:
    from app.record.record import text_of

    if given == "-":
        return sys.stdin.read()
    if given.endswith(".rq") or ("{" not in given and Path(given).is_file()):
        return text_of(Path(given))
    return given
