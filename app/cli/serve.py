"""`dialogue serve`: pages, linked data and a SPARQL endpoint."""

from pathlib import Path

import click

from app.cli.command import (
    PATHS,
    exclude_record,
    note,
    record_option,
    record_or_bundled,
    scratch,
    stages,
)


@click.command("serve")
@click.argument("sources", nargs=-1, type=PATHS, metavar="[FOLDER, RELEASE or RDF FILE]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Workers for short queries.")
@record_option
def command(
    sources: tuple[Path, ...], host: str, port: int, workers: int | None, record: Path | None
) -> None:
    """Serve a record as pages, linked data and a SPARQL endpoint.

    Nothing named: the record you stand in, else the bundled one. Of a folder of releases the
    newest is served, and a newer one as soon as it is whole.
    Example: dialogue serve --port 8080
    """
    from app import settings
    from app.errors import Fault
    from app.rdf.garbage import uncollected
    from app.server import termination
    from app.server.port import address_of, bind
    from app.server.preparation import Preparer
    from app.server.releases import holds_releases

    exclude_record(record, sources)
    # From here on there is something to clear.
    termination.install()
    chosen = settings.load(workers=workers)
    for source in sources:
        if not source.exists():
            raise Fault(f"{source}: no such file or folder")
    with bind(host, port) as sock, scratch() as folder, stages() as tell:
        watched = sources[0] if len(sources) == 1 and holds_releases(sources[0]) else None
        preparer = Preparer(chosen, sources or [record_or_bundled(record)], folder, note)
        if watched is None:
            # It reads while the rest of the program is loaded.
            preparer.begin()
        try:
            with uncollected():
                from app.server import run

            note(f"The server is running on {address_of(sock)}, and loads what it serves.")
            run.run_on(sock, chosen, preparer=preparer, watched=watched, tell=tell)
        finally:
            preparer.stop()
