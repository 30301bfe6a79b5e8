"""`dialogue query`: SPARQL over the record or a release."""

import sys
from pathlib import Path

import click

from app.cli.command import (
    PATHS,
    exclude_record,
    record_option,
    record_or_bundled,
    release_of,
    scratch,
)


@click.command("query")
@click.option(
    "--format",
    "form",
    help="table, json, csv, tsv, xml; turtle, trig, ntriples, nquads, rdfxml, jsonld for graphs.",
)
@click.option("--on", "source", type=PATHS, help="A record, a release or RDF; else the record.")
@record_option
@click.argument("query")
def command(form: str | None, source: Path | None, record: Path | None, query: str) -> None:
    """Run SPARQL (a file or the text itself) over the record or a release.

    A file holds a query (.rq) or a question of a record (.trig).
    Example: dialogue query "SELECT ?c { ?c a dlg:Conference }"
    """
    from app import manifest
    from app.cli import answers

    exclude_record(record, [source] if source else [])
    text = _query_text(query)
    with scratch() as temporary:
        folder = release_of((source or record_or_bundled(record),), temporary)
        answers.show(folder, text, form, manifest.read(folder).prefixes)


def _query_text(argument: str) -> str:
    from app.rdf.source import text_of

    if argument == "-":
        return sys.stdin.read()
    if "{" not in argument and argument.endswith((".trig", ".ttl")):
        return _question(Path(argument))
    if argument.endswith(".rq") or ("{" not in argument and Path(argument).is_file()):
        return text_of(Path(argument))
    return argument


def _question(path: Path) -> str:
    from app.errors import Fault
    from app.namespaces import SH
    from app.rdf.terms import lexical
    from app.record.record import read_file

    if not path.is_file():
        raise Fault(f"{path}: no such file")
    texts = (SH.select, SH.ask, SH.construct)
    found = [quad.object for quad in read_file(path).quads if quad.predicate in texts]
    if len(found) != 1:
        raise Fault(f"{path}: has {len(found)} questions; name a file with one")
    return lexical(found[0])
