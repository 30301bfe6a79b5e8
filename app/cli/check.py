"""`dialogue check`: a record, or any RDF against any shapes, with the place of every finding."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.command import PATHS, clock, day, exclude_record, progress, record_option, record_root
from app.errors import Fault, NothingChecked

if TYPE_CHECKING:
    from app.cli.configuration import Configuration
    from app.validation.check import Options
    from app.validation.findings import Severity

_FORMATS = ("turtle", "trig", "ntriples", "nquads", "rdfxml", "jsonld")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH, 'PATTERN' or -]...")
@click.option("--shapes", multiple=True, metavar="PATH", help="Shapes to validate against.")
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "sarif", "junit", "github", "rdf"]),
)
@click.option(
    "--severity",
    type=click.Choice(["violation", "warning", "info"]),
    help="The least severity that makes the command fail; by itself, violation.",
)
@click.option("--as-of", metavar="DATE", help="The day that counts as today (YYYY-MM-DD).")
@click.option(
    "--input-format", type=click.Choice(_FORMATS), help="The format of the data, else by suffix."
)
@click.option("--context", "contexts", multiple=True, metavar="IRI=FILE", help="A JSON-LD context.")
@click.option(
    "--with", "beside", multiple=True, metavar="FILE", help="Joined to the data, not validated."
)
@click.option(
    "--graph", "graphs", multiple=True, metavar="IRI", help="Validate this graph alone; else all."
)
@click.option("--baseline", type=PATHS, help="A JSON report: what is in it passes.")
@click.option("--language", metavar="TAG", help="The language of messages; else the locale's.")
@click.option(
    "--max", "most", type=click.IntRange(0), help="Show as many findings at most, as text."
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Stop after this time.")
@click.option("--explain", metavar="RULE", help="Say what a rule asks, what breaks it, the mend.")
@record_option
@click.option(
    "--engine", default="native", show_default=True, type=click.Choice(["native", "pyshacl"])
)
def command(seconds: float | None, explain: str | None, **options: Any) -> None:
    """Validate the record, or any RDF against any shapes; every finding names its place.

    No path: the whole record. Exit: 0 nothing fails, 1 something does, 2 not or not all was run.
    Example: dialogue check catalog.ttl --shapes dcat-ap.ttl --format sarif
    """
    from app import sandbox

    if explain is not None:
        click.echo(_explained(explain, options), nl=False)
        return
    # What is wrong with the options themselves is said before a process is made for the work.
    job = _prepared(**options)
    context = click.get_current_context()
    context.exit(sandbox.confined(lambda: _run(job), seconds))


@dataclass(frozen=True)
class _Job:
    """What is to be checked, how, and what is to be made of it."""

    data: Sequence[Path]
    shapes: Sequence[Path]
    options: "Options"
    bar: "Severity"
    form: str
    most: int | None
    baseline: Path | None


def _prepared(
    paths: tuple[str, ...],
    shapes: tuple[str, ...],
    form: str,
    severity: str | None,
    as_of: str | None,
    input_format: str | None,
    contexts: tuple[str, ...],
    beside: tuple[str, ...],
    graphs: tuple[str, ...],
    baseline: Path | None,
    language: str | None,
    most: int | None,
    record: Path | None,
    engine: str,
) -> _Job:
    from app.cli.configuration import expand
    from app.rdf.formats import NAMES
    from app.record.record import is_record
    from app.validation.check import Options, Severity, takes_record

    exclude_record(record, paths)
    configured, home = _configuration(record)
    data = expand(paths, Path()) or expand(configured.paths, home) or [record_root(record)]
    against = expand(shapes, Path()) or expand(configured.shapes, home)
    stdin = sys.stdin.buffer.read() if Path("-") in data else None
    if stdin is not None and not against:
        raise Fault("-: say what to check it against with --shapes")
    if takes_record(data, against):
        _refuse_keys(configured, home)
    mapped = {**{i: home / f for i, f in configured.contexts.items()}, **_mapped(contexts)}
    options = Options(
        # The day concerns records alone, and to ask git for it takes a while.
        as_of=clock(data[0], as_of) if not against or is_record(data[0]) else day(as_of),
        languages=tuple(filter(None, [language or configured.language, _locale()])),
        engine=engine,
        beside=tuple(expand(beside, Path()) or expand(configured.beside, home)),
        graphs=_iris(graphs or configured.graphs),
        format=NAMES[input_format] if input_format else None,
        contexts={iri: _text(path) for iri, path in mapped.items()},
        stdin=stdin,
    )
    bar = Severity[(severity or configured.severity or "violation").upper()]
    old = baseline or (home / configured.baseline if configured.baseline else None)
    return _Job(data, against, options, bar, form, most, old)


def _configuration(record: Path | None) -> tuple["Configuration", Path]:
    """Return the configuration that counts here, and where its paths start.

    Of a record that is typed, what it says of other data does not count.
    """
    from app.cli.configuration import found_from

    configured, home = found_from(Path())
    return (configured if record is None else configured.without_data()), home


def _refuse_keys(configured: "Configuration", home: Path) -> None:
    """Raise Fault that names what a configuration says and a record is not checked with."""
    from app.cli.configuration import NAME
    from app.validation.check import NOT_OF_RECORDS

    keys = {"with": configured.beside, "graphs": configured.graphs, "contexts": configured.contexts}
    for key, value in keys.items():
        if value:
            raise Fault(f"{home / NAME}: {key}: {NOT_OF_RECORDS}")


def _run(job: _Job) -> int:
    from app.cli import baseline
    from app.validation.check import examine
    from app.validation.findings import Checked
    from app.validation.reports.render import render

    known = baseline.read(job.baseline) if job.baseline else None
    _shut()
    with progress("Checking") as advance:
        try:
            checked = examine(job.data, job.shapes, job.options.advancing(advance))
        except NothingChecked:
            # SHACL calls this conforming, and its own report may say so; the exit says more.
            if job.form == "rdf":
                click.echo(render(Checked(()), job.form), nl=False)
            raise
    if known is not None:
        checked, passed = baseline.without(checked, known)
        click.echo(f"{passed:,} known findings passed over ({job.baseline})", err=True)
    click.echo(render(checked, job.form, bar=job.bar, most=job.most), nl=False)
    if checked.faults:
        return 2
    return 1 if any(finding.severity >= job.bar for finding in checked.findings) else 0


def _shut() -> None:
    """From here on nothing leaves the machine, whatever shapes and data say."""
    from app import sandbox

    sandbox.close_network()


def _mapped(contexts: tuple[str, ...]) -> dict[str, Path]:
    mapped = {}
    for pair in contexts:
        iri, equals, file = pair.rpartition("=")
        if not equals or not iri:
            raise click.BadParameter("write IRI=FILE", param_hint="--context")
        mapped[iri] = Path(file)
    return mapped


def _iris(graphs: tuple[str, ...]) -> tuple[str, ...]:
    from pyoxigraph import NamedNode

    for graph in graphs:
        try:
            NamedNode(graph)
        except ValueError:
            raise click.BadParameter(f"{graph} is no IRI", param_hint="--graph") from None
    return graphs


def _text(path: Path) -> str:
    from app.rdf.source import text_of

    return text_of(path)


def _locale() -> str | None:
    """Return the language of the reader's locale as a tag, None where it is the computer's own.

    Source: POSIX.1-2017, section 8.2: of the variables that are not empty the first counts.
    """
    values = map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = re.split("[.@]", next(filter(None, values), ""))[0]
    return name.replace("_", "-") if name not in ("", "C", "POSIX") else None


def _explained(rule: str, options: dict[str, Any]) -> str:
    from app.cli.configuration import expand
    from app.record.record import program_root, record_at
    from app.validation.explanation import explain

    configured, home = _configuration(options["record"])
    shapes = expand(options["shapes"], Path()) or expand(configured.shapes, home)
    language = [options["language"] or configured.language or _locale() or "en"]
    root = options["record"] or record_at(Path()) or program_root()
    return explain(rule, shapes, root, language)
