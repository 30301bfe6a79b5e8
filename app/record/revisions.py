"""A record as a revision of git has it: laid into a folder, and nothing else of the repository."""

import contextlib
import io
import subprocess
import tarfile
from pathlib import Path

from app.errors import Fault
from app.record.layout import FOLDERS


def check_out(revision: str, root: Path, folder: Path) -> bool:
    """Lay the record's folders as a revision has them into `folder`; return whether it has any.

    `root` is the record whose repository knows the revision. Raises Fault where it does not.
    """
    if revision.startswith("-"):
        raise Fault(f"{revision}: neither a file, a folder nor a revision")

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603

    try:
        names = git("ls-tree", "--name-only", f"{revision}^{{commit}}", *FOLDERS).decode().split()
        archive = git("archive", "--format=tar", revision, "--", *names) if names else b""
    except (OSError, subprocess.CalledProcessError):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            if git("rev-parse", "--is-shallow-repository").strip() == b"true":
                raise Fault(
                    f"{revision}: not in this clone, which has a part of the history only; "
                    "“git fetch --unshallow” brings the rest"
                ) from None
        raise Fault(
            f"{revision}: neither a release, a record, an RDF file nor a revision of git"
        ) from None
    if archive:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
    return bool(archive)
