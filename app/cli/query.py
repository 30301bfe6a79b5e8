"""`dialogue query`: SPARQL over the record or a release."""

import sys
import tempfile
from pathlib import Path

import click

from app.cli.command import PATHS, release_of


@click.command("query")
@click.option(
    "--format",
    "form",
    help="table, json, csv, tsv, xml; turtle, trig, ntriples, nquads, rdfxml, jsonld for graphs.",
)
@click.option("--on", "source", type=PATHS, help="A record or release; else the bundled record.")
@click.argument("query")
def command(form: str | None, source: Path | None, query: str) -> None:
    """Run SPARQL (a file or the text itself) over the record or a release.

    Example: dialogue query "SELECT ?c { ?c a dlg:Conference }"
    """
    from app import manifest
    from app.cli import answers

    text = _query_text(query)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as temporary:
        folder = release_of((source,) if source else (), Path(temporary) / "release")
        answers.show(folder, text, form, manifest.read(folder).prefixes)


def _query_text(argument: str) -> str:
    from app.rdf.source import text_of

    if argument == "-":
        return sys.stdin.read()
    if argument.endswith(".rq") or ("{" not in argument and Path(argument).is_file()):
        return text_of(Path(argument))
    return argument
