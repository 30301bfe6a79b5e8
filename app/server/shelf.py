"""The releases that lie in a folder, by their versions, and the list that lies with them."""

import logging
import time
from pathlib import Path

from app import manifest, versions
from app.errors import Fault
from app.server.releases import releases
from app.versions import LIST, ReleaseEntry

# So long what was seen counts: many may ask at once.
_SECONDS = 1.0
_log = logging.getLogger("dialogue.server")


class Shelf:
    """The releases of one folder, or a single one. What comes or goes is seen after `seconds`.

    Reads files: not for the event loop.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        single: Path | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._folder, self._single, self._seconds = folder, single, seconds
        self._seen = float("-inf")
        self._releases: dict[str, Path] = {}
        self._entries: list[ReleaseEntry] = []
        self._fault = ""

    def releases(self) -> dict[str, Path]:
        """Return the folders of the releases that lie here, by their versions, the newest first.

        One that is another than the list tells of is none: what has a version never changes.
        """
        self._look()
        return self._releases

    def entries(self) -> list[ReleaseEntry]:
        """Return what is known of all releases, the newest first: listed, lying here, or both."""
        self._look()
        return self._entries

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._seen < self._seconds:
            return
        listed = self._listed()
        known = {entry.version: entry for entry in listed}
        lying: dict[str, Path] = {}
        entries = listed
        for path in self._paths():
            try:
                version = versions.version_of(path, manifest.read(path), named=not self._single)
                if version is None or version in lying:
                    continue
                entry = versions.described(path, version)
            except Fault:
                continue
            if version not in known:
                entries = versions.added(entry, entries)
            elif known[version].digest != entry.digest:
                self._tell(f"{path}: another release than {LIST} tells of; it is not served")
                continue
            lying[version] = path
        order = [entry.version for entry in entries]
        self._releases = {version: lying[version] for version in order if version in lying}
        self._entries, self._seen = entries, now

    def _paths(self) -> list[Path]:
        if self._folder is None:
            return [self._single] if self._single and manifest.holds(self._single) else []
        return [one.path for one in releases(self._folder)]

    def _listed(self) -> list[ReleaseEntry]:
        try:
            return versions.read_list(self._folder) if self._folder else []
        except Fault as fault:
            self._tell(f"{fault}; only what lies here is told of")
            return []

    def _tell(self, fault: str) -> None:
        # Once, and not each time that somebody looks.
        if fault != self._fault:
            self._fault = fault
            _log.error("%s", fault)
