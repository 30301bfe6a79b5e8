"""What `make bench` measures of a release of any RDF: time, CPU and memory of every format.

    python tests/benchmark_release.py [--short]

DIALOGUE_TRIPLES says of how many triples, else a million. Each row is a process of its own, the
first writes N-Quads alone, the last reads every file back and proves what it holds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import generated

ROOT = Path(__file__).resolve().parent.parent
LARGE, SHORT = 1_000_000, 20_000
ROWS = {
    "N-Quads alone": ("--formats", ""),
    "every format": (),
    "every format, with --check": ("--check",),
}


@dataclass(frozen=True)
class Cost:
    """What a build takes: seconds, seconds of CPU, and bytes of memory at the most."""

    seconds: float
    cpu: float
    memory: int


def build(file: Path, out: Path, *options: str) -> Cost:
    """Build a release of a file in a process of its own and return what it takes."""
    command = [sys.executable, "-P", "-m", "app.cli", "build", "--out", str(out), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begin = time.monotonic()
    process = subprocess.Popen(
        [*command, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    error = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, error
    seconds = time.monotonic() - begin
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="A fiftieth of the triples.")
    short = parser.parse_args().short
    triples = int(os.environ.get("DIALOGUE_TRIPLES", SHORT if short else LARGE))
    with tempfile.TemporaryDirectory() as folder:
        file = generated.write(Path(folder) / "generated.nt", triples)
        print(f"\n{triples:,} triples\n\n| `dialogue build` | s | CPU s | MB |\n|---|---|---|---|")
        for row, options in ROWS.items():
            cost = build(file, Path(folder) / "release", *options)
            memory = cost.memory / 1e6
            print(f"| {row} | {cost.seconds:.1f} | {cost.cpu:.1f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
