"""The running server: a release, its app, and the loop that carries it."""

import signal
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from app.server.application import create_app
from app.settings import Settings

HEAD_BYTES = 64 * 1024
DRAIN_SECONDS = 30


def run(settings: Settings, release: Path, host: str, port: int) -> None:
    """Serve a release until the process is told to end."""
    # uvicorn raises the signal again when it has ended; the caller has its own things to clear.
    signal.signal(signal.SIGTERM, _end)
    public = settings.public_url or f"http://{host}:{port}/"
    app = create_app(settings.model_copy(update={"public_url": public}), release)
    uvicorn.run(
        app,
        host=host,
        port=port,
        # Its limits on the head of a request are worth more here than a faster parser.
        http="h11",
        h11_max_incomplete_event_size=HEAD_BYTES,
        ws="none",
        server_header=False,
        proxy_headers=False,
        access_log=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
