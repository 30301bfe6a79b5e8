"""What `--setup` fetches: the servers that ours is compared with, into a folder of their own.

Packages of Python go into a virtual environment, those of Debian are unpacked beside it; nothing
is installed into the system.
"""

import shutil
import subprocess
import sys

from bench.servers import OTHERS

PYTHON = "oxigraph", "rdflib-endpoint", "uvicorn", "uvloop"
DEBIAN = (
    "nginx",
    "virtuoso-opensource-7-bin",
    "libminizip1",
    "libpcre3",
)


def setup() -> list[str]:
    """Fetch what is missing; return what could not be had."""
    missing = []
    OTHERS.mkdir(parents=True, exist_ok=True)
    environment = OTHERS / "venv"
    if not (environment / "bin/python").exists():
        _run([sys.executable, "-m", "venv", str(environment)])
    for name in PYTHON:
        pip = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", name]
        if not _run(pip):
            missing.append(name)
    root, packages = OTHERS / "root", OTHERS / "packages"
    if root.exists():
        return missing
    if not shutil.which("apt-get"):
        return [*missing, *DEBIAN]
    packages.mkdir(exist_ok=True)
    for name in DEBIAN:
        before = set(packages.iterdir())
        if not _run(["apt-get", "download", "--quiet", name], packages):
            missing.append(name)
        for package in set(packages.iterdir()) - before:
            _run(["dpkg-deb", "--extract", str(package), str(root)])
    return missing


def _run(command: list[str], folder: object = None) -> bool:
    done = subprocess.run(command, cwd=str(folder) if folder else None, capture_output=True)
    return done.returncode == 0
