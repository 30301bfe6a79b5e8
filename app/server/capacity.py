"""How much memory this machine has, and whether a release fits into it."""

import os
from pathlib import Path

from app.settings import Settings

WORTH = 100_000
"""From so many quads on a disk store is worth making: fewer are in memory as fast."""
# Measured with statements of conferences: the store, its indexes and its strings.
_BYTES_A_QUAD = 600
_LIMITS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


def memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or its container's."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in _LIMITS:
        try:
            return min(whole, int(Path(name).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return whole


def fits(quads: int, settings: Settings) -> bool:
    """Return whether a release fits into half of the memory, once for each of its processes.

    These are the loader, the workers and the spare one: what they share at first each of them
    comes to copy.
    """
    processes = settings.workers + 2
    return processes * quads * _BYTES_A_QUAD <= memory() // 2
