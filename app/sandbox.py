"""The jail: what a process that runs other people's queries can no longer do.

SPARQL can ask other machines in the middle of a query, and a guard that only reads the text could
be deceived by a clever spelling. So the kernel refuses, by a seccomp
filter (`man 2 seccomp`), which a process needs no privilege to put on and can never take off.
"""

import contextlib
import ctypes
import gc
import mmap
import os
import platform
import resource
import select
import struct
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn

from app.errors import Fault

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SECCOMP_SET_MODE_FILTER, _FLAG_TSYNC = 1, 1
_MADV_POPULATE_WRITE = 23
_SIGKILL = 9

# Offsets into `struct seccomp_data`, and the codes of the classic packet filter.
_NUMBER, _ARCHITECTURE = 0, 4
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO_EPERM, _KILL_PROCESS = 0x7FFF0000, 0x00050001, 0x80000000
# Calls of the 32-bit interface of x86-64 are numbered from here.
_X32 = 0x40000000

# Where the two architectures number a call alike (from 424 on), it is listed once.
_ALIKE = {"open_tree": 428, "openat2": 437, "pidfd_getfd": 438, "io_uring_setup": 425}
_ALIKE |= {"io_uring_enter": 426, "io_uring_register": 427, "clone3": 435}
_ALIKE |= {"pidfd_send_signal": 424, "move_mount": 429}
_NUMBERS = {
    "x86_64": {
        "open": 2, "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50,
        "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62,
        "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87,
        "symlink": 88, "chmod": 90, "chown": 92, "ptrace": 101, "mount": 165, "openat": 257,
        "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
        "unshare": 272, "accept4": 288, "perf_event_open": 298, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "renameat2": 316, "bpf": 321,
        "execveat": 322, "userfaultfd": 323, "tkill": 200, "seccomp": 317,
    },
    "aarch64": {
        "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "mount": 40,
        "openat": 56, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130, "socket": 198,
        "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203,
        "clone": 220, "execve": 221, "perf_event_open": 241, "accept4": 242, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "renameat2": 276, "bpf": 280,
        "execveat": 281, "userfaultfd": 282, "seccomp": 277,
    },
}  # fmt: skip
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NETWORK = frozenset(
    {"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"}
    | {"io_uring_setup", "io_uring_enter", "io_uring_register"}
)
_COMMANDS = frozenset({"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev"})


class KernelAction(IntEnum):
    """What the kernel does to a process that tries what the jail forbids."""

    REFUSE = _ERRNO_EPERM
    KILL = _KILL_PROCESS


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def close_network() -> bool:
    """Forbid this process, for good, every new connection and every other program.

    Return whether the kernel took the order: not where there is no Linux or no seccomp.
    """
    return _install(dict.fromkeys(_NETWORK | _COMMANDS, KernelAction.REFUSE))


def close() -> bool:
    """Forbid this process, for good, everything that running a query does not need.

    To open a socket kills the process (SIGSYS), so that a query which tries it never gets an
    answer that looks complete, whatever it says about ignoring failures. Files, new processes,
    signals to others and the rest are refused (EPERM). Return whether the kernel took the order.
    """
    numbers = {**_NUMBERS.get(platform.machine(), {}), **_ALIKE}
    answers = dict.fromkeys(numbers, KernelAction.REFUSE)
    answers.update(dict.fromkeys(_NETWORK, KernelAction.KILL))
    return _install(answers)


def _install(answers: dict[str, KernelAction]) -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _NUMBERS:
        return False
    numbers = {**_NUMBERS[machine], **_ALIKE}
    code = _filter(_AUDIT[machine], {numbers[name]: a for name, a in answers.items()})
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    # TSYNC: threads that run already are jailed too.
    taken = libc.syscall(
        ctypes.c_long(numbers["seccomp"]),
        ctypes.c_long(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_long(_FLAG_TSYNC),
        ctypes.byref(program),
    )
    return bool(taken == 0)


def _filter(architecture: int, answers: dict[int, KernelAction]) -> bytes:
    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    steps = [
        step(_LOAD, _ARCHITECTURE),
        step(_IF_EQUAL, architecture, yes=1),
        step(_RETURN, _KILL_PROCESS),
        step(_LOAD, _NUMBER),
        step(_IF_AT_LEAST, _X32, no=1),
        step(_RETURN, _KILL_PROCESS),
    ]
    for number, answer in sorted(answers.items()):
        steps += [step(_IF_EQUAL, number, no=1), step(_RETURN, answer)]
    return b"".join([*steps, step(_RETURN, _ALLOW)])


def missing() -> tuple[str, ...]:
    """Return what keeps processes apart elsewhere and this system lacks, each by its name.

    The filter itself (seccomp) is not among them: whether it is there, the worker knows that put
    it on. Nothing is changed.
    """
    lacking = []
    if sys.platform != "linux":
        return "end with parent", "memory limit", "memory pre-touch", "pidfd"
    page = resource.getpagesize()
    libc = ctypes.CDLL(None, use_errno=True)
    with mmap.mmap(-1, page) as memory:
        address = ctypes.c_char.from_buffer(memory)
        touched = libc.madvise(
            ctypes.c_void_p(ctypes.addressof(address)),
            ctypes.c_size_t(page),
            _MADV_POPULATE_WRITE,
        )
        del address
    if touched != 0:
        lacking.append("memory pre-touch")
    handle = handle_of(os.getpid())
    if handle is None:
        lacking.append("pidfd")
    else:
        os.close(handle)
    return tuple(lacking)


def handle_of(pid: int) -> int | None:
    """Return a descriptor that means this process and never another; None where there is none.

    Linux has them from 5.3 on, and a sandbox around this program may forbid them.
    """
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def die_with_parent() -> None:
    """Let the kernel kill this process when the thread that made it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def limit(memory: int) -> None:
    """Let this process take `memory` bytes beyond what it has, and write no file, no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        # Relative: the snapshot that a worker shares with its parent counts as its own.
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            pages = int(statm.read().split()[0])
        ceiling = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def limit_to_machine() -> None:
    """Let this process take as much memory as the machine has, or less where that is set."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # A limit that a shell or a service has set is never raised; -1 is none.
    limits = [size for size in resource.getrlimit(resource.RLIMIT_AS) if size >= 0]
    memory = min([memory, *limits])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def touch_memory() -> None:
    """Give this process its own copy of the pages that it shares with its parent.

    The first query of a fresh worker else pays for each page that it meets. Where the kernel
    cannot do it (before Linux 5.14), nothing changes.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps", encoding="ascii") as maps:  # noqa: PTH123
        lines = maps.read().splitlines()
    for line in lines:
        span, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights == "rw-p" and inode == "0" and (not name or name[0] == "[heap]"):
            start, end = (int(part, 16) for part in span.split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_POPULATE_WRITE)


def confined(work: Callable[[], int], seconds: float | None) -> int:
    """Do work in a process of its own, and return the code that it ends with.

    `work` returns the code; what it raises is raised here as well, if it is a Fault. After
    `seconds` the process is killed, which raises Fault. It may take as much memory as the machine
    has, not more. Where processes cannot be forked, the work is done here, without a limit.
    """
    if not hasattr(os, "fork"):
        return work()
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_confined(work, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123
        if seconds is not None and not select.select([pipe], [], [], seconds)[0]:
            os.kill(child, _SIGKILL)
            os.waitpid(child, 0)
            raise Fault(f"stopped after {seconds:g} seconds (--seconds)")
        message = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if message:
        raise Fault(message)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise Fault("the check was ended by the system, most likely since memory ran out")
    return code


def _be_confined(work: Callable[[], int], pipe: int) -> NoReturn:
    """Do work in a forked process, which ends here."""
    code = 2
    # The process ends with the work: to look for circles in what grows would only take time.
    gc.disable()
    try:
        if sys.platform == "linux":
            die_with_parent()
            limit_to_machine()
        code = work()
    except Fault as fault:
        os.write(pipe, str(fault).encode()[:60_000])
    except MemoryError:
        os.write(pipe, b"the check needs more memory than this machine has")
    except BrokenPipeError:
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 2
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        code = 3
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)
