"""Packages of JavaScript that tests run, installed by their hashes when first asked for."""

import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

# What npm says where no registry is reached, or one that does not give everything: that is no fault
# of the lock, as a hash that differs would be.
AWAY = re.compile(
    r"\bcode (ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT"
    r"|E40[1347]|E5\d\d)\b"
)


def node_with(folder: Path) -> str:
    """Return the program that runs the packages of a folder's lock, once they are installed.

    Without it, or without a registry, the test is skipped and says why.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60)
    if int(version.stdout.lstrip("v").partition(".")[0]) < 20:
        pytest.skip(f"Node is {version.stdout.strip()}; the packages want 20 or newer")
    with (folder / ".gitignore").open() as lock:
        # Several processes may run the suite.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install(npm, folder)
    return node


def _install(npm: str, folder: Path) -> None:
    wanted = (folder / "package-lock.json").read_text(encoding="utf-8")
    stamp = folder / "node_modules" / ".dialogue"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    command += ["--fetch-retries=1", "--fetch-timeout=60000"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install the packages within five minutes")
    if done.returncode and (away := AWAY.search(done.stderr)):
        pytest.skip(f"npm reaches no registry that has the packages ({away[1]})")
    assert done.returncode == 0, done.stderr
    stamp.write_text(wanted, encoding="utf-8")


def require_pinned(folder: Path, at_least: int) -> None:
    """Assert that a lock has a hash and no address for each of its packages."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) >= at_least
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
