"""`dialogue check`: a record, or any RDF against any shapes, with the place of every finding."""

from datetime import date
from pathlib import Path

import click

from app.cli.command import PATHS, day, progress, record_root


@click.command("check")
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
def command(
    paths: tuple[Path, ...], shapes: tuple[Path, ...], form: str, severity: str, as_of: str | None
) -> None:
    """Validate the record, or any RDF against any shapes; every finding names its place.

    No path: the whole record. Example: dialogue check --format sarif
    """
    from app.validation import check
    from app.validation.reports import render

    today = day(as_of) or date.today()
    with progress("Checking") as advance:
        findings = check.run(
            list(paths) or [record_root()], list(shapes), as_of=today, advance=advance
        )
    click.echo(render.render(findings, form), nl=False)
    failed = any(f.severity >= check.Severity[severity.upper()] for f in findings)
    click.get_current_context().exit(1 if failed else 0)
