"""The process that makes ready what is served: started here, watched, and ended.

The server never reads a record or foreign RDF itself: it runs `app.release.prepare`.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.errors import Fault
from app.manifest import VOID, Prepared
from app.settings import Settings

Tell = Callable[[str, float], None]
_ROOT = Path(__file__).resolve().parents[2]


class Preparer:
    """Makes `sources` ready, in a process of its own each time.

    `scratch` is a folder for what cannot be kept, and `note` is told what people should know.
    It belongs to one thread that lives as long as it is used.
    """

    def __init__(
        self,
        settings: Settings,
        sources: Sequence[Path],
        scratch: Path,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._settings, self._sources, self._scratch = settings, sources, scratch
        self._note = note
        self._first: subprocess.Popen[bytes] | None = None
        self._processes: set[subprocess.Popen[bytes]] = set()

    def begin(self) -> None:
        """Start to prepare, before anybody waits for it."""
        self._first = self._start(self._asking(self._sources, None))

    async def prepare(
        self, tell: Tell, sources: Sequence[Path] | None = None, forget: str | None = None
    ) -> Prepared:
        """Return the release to serve; `tell` is told what is done, and the share of it.

        `sources` may name others. What is kept under the name `forget` is made anew. Raises Fault
        for what cannot be served.
        """
        process = self._first or self._start(self._asking(sources or self._sources, forget))
        self._first = None
        done = await self._result(process, tell)
        store = done["store"]
        return Prepared(Path(done["release"]), done["kept"], Path(store) if store else None)

    async def store(self, release: Path, *, nice: int = 19) -> Path | None:
        """Return the disk store of a release, made at low priority; None where it cannot be kept.

        Raises Fault if the process fails.
        """
        process = self._start({"store_of": str(release.resolve()), "nice": nice})
        done = await self._result(process, lambda doing, share: None)
        return Path(done["store"]) if done["store"] else None

    async def with_store(self, release: Path) -> Prepared:
        """Return a release that lies somewhere, whole, with its disk store.

        Raises Fault for one that is damaged, and where no store can be kept.
        """
        prepared = await self.prepare(lambda doing, share: None, [release])
        # Somebody waits for it, but not everybody.
        store = prepared.store or await self.store(prepared.release, nice=5)
        if store is None:
            raise Fault(f"{release}: no disk store can be kept for it: DIALOGUE_CACHE_DISK")
        return Prepared(prepared.release, prepared.kept, store)

    async def describe(self, prepared: Prepared) -> None:
        """Write what a release of any RDF says of itself beside it, at low priority.

        A release that is not ours to write into stays as it is. Raises Fault if the process fails.
        """
        folder, scratch = prepared.release.resolve(), self._scratch.resolve()
        ours = prepared.kept is not None or folder.is_relative_to(scratch)
        if ours and not (folder / VOID).is_file():
            process = self._start({"describe": str(folder), "scratch": str(scratch)})
            await self._result(process, lambda doing, share: None)

    def stop(self) -> None:
        """End every process, and wait until none is left."""
        for process in list(self._processes):
            self._end(process)

    def _asking(self, sources: Sequence[Path], forget: str | None) -> dict[str, object]:
        return {
            "sources": [str(source) for source in sources],
            "base": self._settings.base,
            "scratch": str(self._scratch),
            "forget": forget,
        }

    def _start(self, asked: Mapping[str, object]) -> subprocess.Popen[bytes]:
        folder, size = self._settings.cache_dir, self._settings.cache_disk
        cache = {"cache": str(folder.resolve()) if folder else None, "size": int(size)}
        argument = json.dumps({**asked, **cache, "parent": os.getpid()})
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            # -P, since what lies in the folder of whoever starts us is not ours to import.
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-m", "app.release.prepare", argument],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "RUST_BACKTRACE": "0"},
            )
        except OSError as error:
            raise Fault(f"no process can be started: {error.strerror}") from None
        self._processes.add(process)
        return process

    async def _result(self, process: subprocess.Popen[bytes], tell: Tell) -> dict[str, Any]:
        try:
            async for message in _messages(process):
                if "done" in message:
                    return dict(message["done"])
                if "fault" in message:
                    raise Fault(message["fault"])
                if "note" in message:
                    self._note(message["note"])
                else:
                    tell(message["doing"], message["share"])
            while (code := process.poll()) is None:
                await asyncio.sleep(0.01)
            why = "most likely since memory ran out" if code == -9 else f"exit status {code}"
            raise Fault(f"reading ended before its end, {why}")
        finally:
            self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self._processes.discard(process)


async def _messages(process: subprocess.Popen[bytes]) -> Any:
    """Yield what a process says, a line of JSON at a time, until it closes its output."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), process.stdout
    )
    try:
        while line := await reader.readline():
            yield json.loads(line)
    finally:
        transport.close()
