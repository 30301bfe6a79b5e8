"""`dialogue init`: a record of one's own."""

import shlex
from datetime import date
from pathlib import Path

import click

from app.cli.command import PATHS


@click.command("init")
@click.argument("folder", type=PATHS)
@click.option("--base", required=True, metavar="IRI", help="What its IRIs begin with, to the /.")
@click.option("--languages", required=True, metavar="TAGS", help="Of its names: en,fr.")
@click.option("--name", help="The title of the record; else the name of the folder.")
@click.option("--publisher", help="Who publishes it; else whoever contributes to it.")
@click.option("--licence", metavar="IRI", help="The licence; else CC BY 4.0.")
def command(
    folder: Path,
    base: str,
    languages: str,
    name: str | None,
    publisher: str | None,
    licence: str | None,
) -> None:
    """Begin a record of your own in a new folder, with an example of each kind.

    Its ontology and its shapes are the program's. Example: dialogue init visegrad
    --base https://example.org/visegrad/ --languages en,hu,pl
    """
    from app.record import beginning
    from app.record.record import program_root, read_record

    title = name or folder.resolve().name
    begun = beginning.beginning(
        base,
        languages,
        title,
        publisher or f"Contributors to {title}",
        licence or beginning.LICENCE,
    )
    beginning.write(folder, begun, read_record(program_root()), date.today())
    enter = shlex.join(["cd", str(folder)])
    click.echo(f"{folder}: an example of each kind; next: {enter} && dialogue check")
