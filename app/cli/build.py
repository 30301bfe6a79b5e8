"""`dialogue build`: a release of the record."""

from dataclasses import replace
from pathlib import Path

import click

from app.cli.command import PATHS, clock, progress, record_root


@click.command("build")
@click.option("--out", default=Path("build/release"), show_default=True, type=PATHS)
@click.option(
    "--as-of", metavar="DATE", help="The day of the release; else the commit's, or today's."
)
@click.argument("folder", required=False, type=PATHS)
def command(out: Path, as_of: str | None, folder: Path | None) -> None:
    """Build a release of the record: RDF in every format, its description, checksums.

    Refuses a record with violations. Example: dialogue build --out /tmp/release
    """
    from app.record.record import read_record
    from app.release import build
    from app.validation.check import Options, Severity, check_record
    from app.validation.reports.render import render

    record = read_record(folder or record_root())
    today = clock(record.root, as_of)
    with progress("Checking") as advance:
        checked = check_record(record, Options(as_of=today, advance=advance))
    violations = tuple(f for f in checked.findings if f.severity >= Severity.VIOLATION)
    if violations or checked.faults:
        shown = replace(checked, findings=violations)
        click.echo(render(shown, "text"), err=True, nl=False)
        click.get_current_context().exit(2 if checked.faults else 1)
    built = build.build(record, out, as_of=today)
    click.echo(f"{out}: {built.quads} quads, {built.date}, {built.digest[:12]}")
