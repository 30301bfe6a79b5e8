"""The processes of this server as the system sees them: the front, the loaders, the workers."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass
class ProcessFigures:
    """Processes of one role: how many run, their resident memory in bytes, and the seconds that
    they and those of them that have ended have computed."""

    running: int = 0
    memory: int = 0
    seconds: float = 0.0


def figures(pids: Iterable[int], proc: Path = Path("/proc")) -> dict[str, ProcessFigures]:
    """Return the figures by role: `front` (this process), `loader` (its children), `worker`.

    What a worker computed before it was killed counts for its loader, which buried it. Memory
    that processes share counts for each of them. Empty where the system has no /proc.
    """
    own = os.getpid()
    by_role: dict[str, ProcessFigures] = {}
    for pid in {own, *pids}:
        try:
            stat = (proc / str(pid) / "stat").read_text("utf-8", "replace")
        except OSError:
            continue  # It has ended meanwhile, or there is no /proc.
        # The name, in brackets, may hold anything; man 5 proc counts the fields from 1.
        fields = stat.rpartition(")")[2].split()
        parent, spent, pages = int(fields[1]), map(int, fields[11:15]), int(fields[21])
        role = "front" if pid == own else "loader" if parent == own else "worker"
        sums = by_role.setdefault(role, ProcessFigures())
        sums.running += 1
        sums.memory += pages * _PAGE
        sums.seconds += sum(spent) / _TICKS
    return by_role
