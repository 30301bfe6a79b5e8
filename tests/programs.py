"""Programs of others that tests use where they are: on the PATH, or from `make servers`."""

import os
import shutil
from pathlib import Path

import pytest

FETCHED = Path(__file__).resolve().parent.parent / ".servers"


def program(name: str) -> str:
    """Return the path of a program; without it, the test is skipped and says why."""
    folders = [os.environ.get("PATH", ""), "/usr/sbin", *(str(FETCHED / f) for f in FOLDERS)]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        pytest.skip(f"{name} is not here; “make servers” fetches it where Debian's packages are")
    return path


FOLDERS = ("usr/bin", "usr/sbin")


def libraries() -> str:
    """Return where the libraries of fetched programs are, as LD_LIBRARY_PATH has it."""
    fetched = sorted({str(file.parent) for file in (FETCHED / "usr/lib").glob("**/*.so.*")})
    return os.pathsep.join([*fetched, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])
