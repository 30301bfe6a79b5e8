"""To be told to end (SIGTERM): the process ends as if by itself, and clears what it has made."""

import signal
import sys
from types import FrameType


def install() -> None:
    """Let SIGTERM end this process by SystemExit, from here on; only in the main thread."""
    signal.signal(signal.SIGTERM, _end)


def _end(_: int, __: FrameType | None) -> None:
    sys.exit(0)
