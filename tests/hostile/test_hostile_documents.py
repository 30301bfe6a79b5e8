"""Hostile documents through the commands that read any RDF: read, or refused in one line.

Each command runs in a child of bounded memory. Here each class in one size; with DIALOGUE_DRAWS
every class in many sizes, and all of them through both commands.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.servers import ask, free_port
from hostile.documents import CLASSES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by Linux")

ROOT = Path(__file__).resolve().parents[2]
WHOLE = "DIALOGUE_DRAWS" in os.environ
MEMORY = 2 * 2**30
HANGING = 600 if WHOLE else 120
"""Seconds after which a command hangs: a hundred times what it takes on a machine that rests."""
CASES = [
    pytest.param(kind, name, size, id=f"{kind}-{name}-{size}")
    for kind, classes in CLASSES.items()
    for name, document in classes.items()
    for size in document.sizes(WHOLE)
]
SERVED = {
    "entities of entities",
    "a long prefix many times",
    "a long vocabulary many times",
    "a clique of blank nodes",
    "triple terms",
    "blank nodes",
    "elements",
    "objects",
}
"""What is served as well in the short form; the other classes end in the same reader."""
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix : <http://e.example/> .
:S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:nodeKind sh:BlankNodeOrIRI .
"""


def bounded() -> None:
    """Bound the memory of this process; done in a child, before it becomes the command."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the block ends; what it prints goes into files of the folder."""
    with (folder / "out").open("w") as output, (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=errors,
            text=True,
            preexec_fn=bounded,
            env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def written(kind: str, name: str, size: int, folder: Path) -> Path:
    """Write a hostile document and return its file."""
    document = CLASSES[kind][name]
    file = folder / f"data{document.suffix}"
    file.write_bytes(document.make(size))
    return file


def refusal(folder: Path) -> str:
    """Return the one line in which a command said why it did not do what it was asked for."""
    errors = (folder / "errors").read_text()
    assert "Traceback" not in errors
    (line,) = [line for line in errors.splitlines() if line.startswith("dialogue: ")]
    return line


@pytest.mark.parametrize(("kind", "name", "size"), CASES)
def test_a_hostile_document_is_checked_or_refused(
    kind: str, name: str, size: int, tmp_path: Path
) -> None:
    file = written(kind, name, size, tmp_path)
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(SHAPES)
    with command(tmp_path, "check", str(file), "--shapes", str(shapes)) as process:
        code = process.wait(HANGING)
    assert code in (0, 1, 2)
    if code == 2:
        line = refusal(tmp_path)
        # It names the file, or what there is too little of.
        assert str(file) in line or "memory" in line
    else:
        assert (tmp_path / "errors").read_text() == ""
        assert " run." in (tmp_path / "out").read_text()


@pytest.mark.parametrize(
    ("kind", "name", "size"), [case for case in CASES if WHOLE or case.values[1] in SERVED]
)
def test_a_hostile_document_is_served_or_refused(
    kind: str, name: str, size: int, tmp_path: Path
) -> None:
    file = written(kind, name, size, tmp_path)
    port = free_port()
    end = time.monotonic() + HANGING
    with command(tmp_path, "serve", "--port", str(port), str(file)) as process:
        while process.poll() is None:
            assert time.monotonic() < end, "it neither serves nor ends"
            try:
                answer = ask(port, "/sparql", "ASK {}")
            except OSError:
                time.sleep(0.05)
                continue
            assert b"true" in answer
            break
        else:
            line = refusal(tmp_path)
            assert process.returncode == 2
            assert str(file) in line or "memory" in line or "exit status" in line
            return
    assert "Traceback" not in (tmp_path / "errors").read_text()
    assert process.returncode in (0, -15)


def test_the_classes_are_hostile_to_what_they_name() -> None:
    sizes = {
        (kind, name): len(document.make(document.size))
        for kind, classes in CLASSES.items()
        for name, document in classes.items()
    }
    assert len(sizes) >= 36
    # Small files: what is large needs no malice.
    assert [key for key, size in sizes.items() if size > 2_000_000] == []
