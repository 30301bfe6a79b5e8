"""`dialogue build`: a release of the record."""

from datetime import date
from pathlib import Path

import click

from app.cli.command import PATHS, day, progress, record_root


@click.command("build")
@click.option("--out", default=Path("build/release"), show_default=True, type=PATHS)
@click.option("--as-of", metavar="DATE", help="The day of the release; else the commit's.")
@click.argument("folder", required=False, type=PATHS)
def command(out: Path, as_of: str | None, folder: Path | None) -> None:
    """Build a release of the record: RDF in every format, its description, checksums.

    Refuses a record with violations. Example: dialogue build --out /tmp/release
    """
    from app.record.record import read_record
    from app.release import build
    from app.validation import check
    from app.validation.reports import render

    record = read_record(folder or record_root())
    today = day(as_of) or build.commit(record.root)[1] or date.today()
    with progress("Checking") as advance:
        findings = check.check(record, as_of=today, advance=advance)
    violations = [f for f in findings if f.severity >= check.Severity.VIOLATION]
    if violations:
        click.echo(render.render(violations, "text"), err=True, nl=False)
        click.get_current_context().exit(1)
    built = build.build(record, out, as_of=day(as_of))
    click.echo(f"{out}: {built.quads} quads, {built.date}, {built.digest[:12]}")
