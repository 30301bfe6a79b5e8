"""`dialogue diff`: what one state of a graph says and another does not."""

import click

from app.cli.command import record_root


@click.command("diff")
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
def command(old: str, new: str | None, form: str) -> None:
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
