"""The running server: its port, its generations, and the loop that carries them."""

import contextlib
import gc
import socket
import sys
from pathlib import Path

from fastapi import FastAPI

from app.manifest import Prepared
from app.server import logs, termination
from app.server.application import create_app
from app.server.front.server import server as server_of
from app.server.generations import Generations
from app.server.opened import OpenedVersions
from app.server.port import address_of, bind
from app.server.preparation import Preparer, Tell
from app.server.shelf import Shelf
from app.settings import Settings

# So many objects more than before, and the collector looks for rings among the new ones. What a
# request leaves is no ring: at the interpreter’s 700 it looked every few requests.
_NEW_OBJECTS = 10_000
# So long the thread in which pages are made goes on while the event loop waits for its turn; an
# answer has the loop wait several times. At the interpreter’s 5 ms the slowest took half as long
# again.
_SWITCH_SECONDS = 0.001


def run(settings: Settings, release: Path, host: str, port: int) -> None:
    """Serve a release until the process is told to end. Raises Fault if that cannot be."""
    # uvicorn raises the signal again when it has ended; the caller has its own things to clear.
    termination.install()
    with bind(host, port) as sock:
        run_on(sock, settings, release)


def run_on(
    sock: socket.socket,
    settings: Settings,
    release: Path | None = None,
    *,
    preparer: Preparer | None = None,
    watched: Path | None = None,
    tell: Tell = lambda doing, share: None,
) -> None:
    """Serve on a socket that is bound already, until the process is told to end.

    What is served is a release, what `preparer` makes ready, or the newest release in `watched`.
    Raises Fault if it cannot be.
    """
    log = logs.configure(settings.log)
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    # What is here already is the program, and stays.
    gc.freeze()
    public = settings.public_url or address_of(sock)
    settings = settings.model_copy(update={"public_url": public})

    shelf = Shelf(watched) if watched else None

    def create(folder: Path, store: Path | None) -> FastAPI:
        return create_app(settings, folder, store=store, shelf=shelf)

    def create_older(folder: Path, store: Path | None, path: str) -> FastAPI:
        return create_app(settings, folder, store=store, shelf=shelf, below=path)

    async def prepare(folder: Path) -> Prepared:
        assert preparer is not None  # noqa: S101
        return await preparer.with_store(folder)

    def end() -> None:
        server.should_exit = True

    generations = Generations(
        create,
        settings,
        release,
        preparer=preparer,
        watched=watched,
        tell=tell,
        end=end,
        older=OpenedVersions(
            create_older, settings, shelf or Shelf(), prepare if preparer else None
        ),
    )
    server = server_of(generations, settings)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[sock])
    if generations.fault is not None:
        # What the caller says of it is the last word.
        log.settle()
        raise generations.fault
