"""`dialogue new`: a file of the record to fill in."""

from datetime import date

import click

from app.cli.command import record_root
from app.errors import Fault


@click.command("new")
@click.argument("kind")
@click.argument("name")
@click.option("--source", help="The name of the source that its facts will be drawn from.")
def command(kind: str, name: str, source: str | None) -> None:
    """Write a new file of the record, to fill in.

    What has to be filled in reads FILL-IN, and `dialogue check` names it until it is done.
    Example: dialogue new conference cimo-18 --source sgmai-cimo18
    """
    from app.record import scaffold
    from app.record.record import BLANK, read_record

    record = read_record(record_root())
    text = scaffold.draft(record, kind, name, source or BLANK, date.today())
    file = record.root / "data" / scaffold.kinds(record)[kind] / f"{name}.trig"
    if file.exists():
        raise Fault(f"{file}: is there already; nothing was changed")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"wrote {file}: fill in what reads {BLANK}, then format and check it")
