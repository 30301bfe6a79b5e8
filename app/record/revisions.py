"""A record as a revision of git has it: laid into a folder, and nothing else of the repository."""

import contextlib
import io
import subprocess
import tarfile
from pathlib import Path

from app.errors import Fault
from app.record.layout import FOLDERS


def check_out(revision: str, root: Path, folder: Path) -> None:
    """Lay the record's folders into `folder` as a revision has them; nothing where it has none.

    `root` is the record whose repository knows the revision. Raises Fault where it does not, and
    for a file or link that would lead out of the folder.
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
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                _unpack(tar, folder)
        except tarfile.TarError as error:
            raise Fault(f"{revision}: {error}") from None


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Lay an archive into a folder and nothing beside it. Raises tarfile.TarError."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    # Python before 3.11.4 tells no good link from a bad one: where there is none at all, and no
    # name that climbs, nothing leads out.
    for member in tar:
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name!r}: only Python 3.11.4 or newer unpacks a link")
        tar.extract(member, folder)
