"""What a process and all its descendants cost: CPU and memory, from /proc."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessMemory:
    """The memory of a process, in bytes: resident, and its share of what it shares."""

    pid: int
    command: str
    resident: int
    proportional: int


def tree(pid: int) -> list[int]:
    """Return a process and its descendants, as they are now."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(_fields(stat)[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process and its descendants, those that ended included."""
    ticks = 0
    for one in tree(pid):
        with suppress(OSError):
            # Of the user and of the system, its own and of the children that it has buried.
            ticks += sum(int(field) for field in _fields(Path(f"/proc/{one}/stat"))[11:15])
    return ticks / _TICKS


def memory(pid: int) -> list[ProcessMemory]:
    """Return the memory of a process and its descendants, one by one."""
    found = []
    for one in tree(pid):
        with suppress(OSError):
            sizes = {}
            for line in Path(f"/proc/{one}/smaps_rollup").read_text("ascii").splitlines()[1:]:
                name, size = line.split()[:2]
                sizes[name] = int(size) * 1024
            command = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found.append(ProcessMemory(one, command.strip(), sizes["Rss:"], sizes["Pss:"]))
    return found


def resident(pid: int) -> int:
    """Return the resident bytes of one process."""
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def quiet(pid: int, seconds: float = 30) -> None:
    """Wait until a process and its descendants rest for a second, `seconds` at most.

    What waits for a core that others have is not at rest, however little it gets.
    """
    end = time.monotonic() + seconds
    still = 0
    while still < 20 and time.monotonic() < end:
        time.sleep(0.05)
        still = 0 if _is_running(pid) else still + 1


def _is_running(pid: int) -> bool:
    for one in tree(pid):
        for stat in Path(f"/proc/{one}/task").glob("*/stat"):
            with suppress(OSError):
                if _fields(stat)[0] in "RD":
                    return True
    return False


def _fields(stat: Path) -> list[str]:
    """Return the fields of a stat file from the state on; the parent is the second."""
    return stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
