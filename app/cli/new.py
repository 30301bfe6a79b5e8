"""`dialogue new`: a file of the record to fill in."""

from datetime import date
from pathlib import Path

import click

from app.cli.command import record_option, record_root
from app.errors import Fault


class _New(click.Command):
    """The command, whose help lists the kinds of the record that one stands in."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the kinds; where there is no record, those of the program."""
        from app.record import scaffold
        from app.record.record import program_root, vocabulary_folders

        try:
            folders = vocabulary_folders(record_root())
        except Fault:
            folders = vocabulary_folders(program_root())
        for heading, listed in (
            ("Kinds with a file each", scaffold.kinds(folders)),
            ("Kinds in the file of another thing", scaffold.parts(folders)),
        ):
            with formatter.section(heading):
                formatter.write_text(", ".join(listed))


@click.command("new", cls=_New)
@click.argument("kind")
@click.argument("name")
@click.option("--source", help="The name of the source that its facts will be drawn from.")
@record_option
def command(kind: str, name: str, source: str | None, record: Path | None) -> None:
    """Write a new file of the record, to fill in.

    What has to be filled in reads FILL-IN, and `dialogue check` names it until it is done. What
    stands in the file of another thing is printed, to be added there.
    Example: dialogue new conference cimo-18 --source sgmai-cimo18
    """
    from app.record import scaffold
    from app.record.record import BLANK, read_record

    read = read_record(record_root(record))
    text = scaffold.draft(read, kind, name, source or BLANK, date.today())
    if kind in scaffold.parts(read.folders):
        place = scaffold.place_of(read, kind, name)
        click.echo(f"{kind}: add this to {place}, then format and check it", err=True)
        click.echo(text, nl=False)
        return
    file = read.root / "data" / scaffold.kinds(read.folders)[kind] / f"{name}.trig"
    if file.exists():
        raise Fault(f"{file}: is there already; nothing was changed")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"wrote {file}: fill in what reads {BLANK}, then format and check it")
