"""How many files and connections the system lets this process hold."""

import contextlib
import os
from pathlib import Path

with contextlib.suppress(ImportError):
    import resource

_WITHOUT_LIMITS = 2048
_MOST = 65_536
_FEWEST = 8


def raise_limit() -> int:
    """Raise the bound on open files as far as the system lets us, and return it."""
    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    except NameError:  # A system without such limits.
        return _WITHOUT_LIMITS
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return most if soft == resource.RLIM_INFINITY else min(soft, _MOST)


def for_connections(limit: int) -> int:
    """Return how many of `limit` descriptors connections may have.

    What is open already is left out, and a reserve for workers, files and what is spooled.
    """
    reserve = min(1024, 48 + limit // 8)
    return max(_FEWEST, limit - _in_use() - reserve)


def _in_use() -> int:
    for folder in (Path("/proc/self/fd"), Path("/dev/fd")):
        with contextlib.suppress(OSError):
            return len(os.listdir(folder))  # noqa: PTH208
    return 32
