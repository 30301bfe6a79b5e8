"""The steps of the Dockerfile: read, and carried out in a folder where there is no Docker.

    python tests/container.py FOLDER

carries them out below FOLDER, which is then what the image would be; it fetches packages. The
Python is the one that runs this, whatever the file's images have.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTAINER = ROOT / "Dockerfile"
KNOWN = {
    "ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "USER", "WORKDIR"
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One instruction and what follows it."""

    name: str
    text: str


def parse(text: str) -> list[Step]:
    """Return the steps of a file. Raises ValueError for an instruction that is not known here."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    steps = []
    for line in filter(str.strip, whole.splitlines()):
        name, _, rest = line.partition(" ")
        if name not in KNOWN:
            raise ValueError(f"{name} is no instruction that is known here")
        steps.append(Step(name, rest.strip()))
    return steps


def stages(steps: list[Step]) -> list[list[Step]]:
    """Return the steps by their stages, each beginning with FROM. Raises ValueError.

    What stands before the first may only be arguments, which those that begin a stage take.
    """
    arguments = dict(_pair(step.text) for step in takewhile(_is_argument, steps))
    if len(arguments) == len(steps) or steps[len(arguments)].name != "FROM":
        raise ValueError("the first step is FROM")
    found: list[list[Step]] = []
    for step in steps[len(arguments) :]:
        if step.name == "FROM":
            found.append([])
            step = Step("FROM", re.sub(r"\$\{(\w+)\}", lambda m: arguments[m[1]], step.text))
        found[-1].append(step)
    return found


def labels(stage: list[Step]) -> dict[str, str]:
    """Return what a stage says of its image."""
    texts = [word for step in stage if step.name == "LABEL" for word in shlex.split(step.text)]
    return dict(_pair(text) for text in texts)


def _is_argument(step: Step) -> bool:
    return step.name == "ARG"


def _pair(text: str) -> tuple[str, str]:
    name, equal, value = text.partition("=")
    if not equal:
        raise ValueError(f"{name} has no value")
    return name, value.strip('"')


def perform(folder: Path) -> Path:
    """Carry all steps out below a folder; return the one that the last stage works in."""
    tools = folder / "tools"
    tools.mkdir(parents=True)
    # A user of the image's own is not to be made on this machine.
    (tools / "useradd").write_text("#!/bin/sh\n", encoding="utf-8")
    (tools / "useradd").chmod(0o755)
    interpreter = Path(sysconfig.get_path("scripts")) / "python"
    (tools / "python").symlink_to(interpreter if interpreter.exists() else sys.executable)
    place = folder
    for number, stage in enumerate(stages(parse(CONTAINER.read_text("utf-8")))):
        name = re.search(r" AS (\w+)$", stage[0].text)
        place = folder / (name[1] if name else str(number)) / "srv"
        place.mkdir(parents=True)
        arguments: dict[str, str] = {}
        for step in stage:
            print(step.name, step.text, flush=True)
            if step.name == "ARG":
                arguments |= dict([_pair(step.text)])
            elif step.name == "COPY":
                _copy(step.text, folder, place)
            elif step.name == "RUN":
                path = f"{tools}{os.pathsep}{os.environ['PATH']}"
                environment = {**os.environ, **arguments, "PATH": path}
                words = ["sh", "-ec", step.text]
                subprocess.run(words, cwd=place, check=True, env=environment)
    return place


def _copy(text: str, folder: Path, place: Path) -> None:
    words = shlex.split(text)
    source = ROOT
    if words[0].startswith("--from="):
        source = folder / words.pop(0).removeprefix("--from=")
    *names, target = words
    for name in names:
        there = source / name.lstrip("/")
        if name == ".":
            # What git knows of, as a clone would have it.
            command = ["git", "-C", str(ROOT), "ls-files", "-z"]
            listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for path in filter(None, listed.split("\0")):
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, place / path)
        elif there.is_dir():
            shutil.copytree(there, place / target)
        else:
            shutil.copy2(there, place / target)


def command() -> list[str]:
    """Return the command that the image runs."""
    last = stages(parse(CONTAINER.read_text("utf-8")))[-1]
    (words,) = [json.loads(step.text) for step in last if step.name == "CMD"]
    return [str(word) for word in words]


if __name__ == "__main__":
    work = perform(Path(sys.argv[1]))
    print(f"cd {work} && {shlex.join(command())}")
