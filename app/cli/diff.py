"""`dialogue diff`: what one state of a graph says and another does not."""

from pathlib import Path

import click

from app.cli.command import record_option, record_root


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "patch", "html"]),
    help="For people, as an RDF Patch, or as a page.",
)
@record_option
def command(old: str, new: str | None, form: str, record: Path | None) -> None:
    """Show the difference in triples between two folders, releases or revisions of git.

    Without NEW: the record as it lies here. Example: dialogue diff HEAD
    """
    from app.record import diff

    # Two folders or releases are compared anywhere; a revision is one of the record.
    alone = record is None and new is not None and Path(old).exists() and Path(new).exists()
    root = Path() if alone else record_root(record)
    before, after = diff.read(old, root), diff.read(new or str(root), root)
    difference = diff.between(before, after)
    if form == "patch":
        click.echo(diff.patch(difference), nl=False)
    else:
        prefixes = {**before.prefixes, **after.prefixes}
        if form == "html":
            shown = diff.page(difference, prefixes, (old, new or "what lies here"))
        else:
            shown = diff.text(difference, prefixes)
        click.echo(shown, nl=False)
    click.get_current_context().exit(1 if difference else 0)
