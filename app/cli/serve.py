"""`dialogue serve`: pages, linked data and a SPARQL endpoint."""

import tempfile
from pathlib import Path

import click

from app.cli.command import PATHS, release_of


@click.command("serve")
@click.argument("sources", nargs=-1, type=PATHS, metavar="[FOLDER, RELEASE or RDF FILE]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Workers for short queries.")
def command(sources: tuple[Path, ...], host: str, port: int, workers: int | None) -> None:
    """Serve a record as pages, linked data and a SPARQL endpoint.

    Nothing named: the bundled record. Example: dialogue serve --port 8080
    """
    from app import settings
    from app.server import run

    chosen = settings.load(workers=workers)
    with tempfile.TemporaryDirectory(prefix="dialogue-") as folder:
        release = release_of(sources, Path(folder) / "release")
        run.run(chosen, release, host, port)
