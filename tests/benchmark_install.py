"""What it takes from nothing to a table in pandas: each step in seconds, of the clock and of CPU.

    python tests/benchmark_install.py

It builds the package, makes an empty environment and installs into it with pip, which fetches
every package that it has not kept.
"""

import os
import sys
import tempfile
import time
import venv
from pathlib import Path

import installed

READ = (
    "import pandas\n"
    "print(len(pandas.read_parquet('release/parquet/Conference.parquet')), 'conferences')\n"
)


def step(name: str, folder: Path, *command: str) -> tuple[float, float]:
    """Run a step in `folder`, print its row, and return its seconds and those of CPU."""
    begin = time.monotonic()
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", f"import os, sys; os.chdir({str(folder)!r}); "
         "os.execv(sys.argv[1], sys.argv[1:])", *command],
        {name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{name}: failed")
    seconds, cpu = time.monotonic() - begin, used.ru_utime + used.ru_stime
    print(f"| {name} | {seconds:.1f} | {cpu:.1f} |", flush=True)
    return seconds, cpu


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = installed.build(folder / "dist", "wheel")["wheel"]
        venv.create(folder / "venv", with_pip=True)
        (packages,) = (folder / "venv/lib").glob("python*/site-packages")
        scripts = folder / "venv/bin"
        python, dialogue = str(scripts / "python"), str(scripts / "dialogue")
        print("| step | s | CPU s |\n|---|---|---|")
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        steps = [
            step("`pip install 'dialogue-graph[tables]' pandas`", folder,
                 *pip, f"{wheel}[tables]", "pandas"),
            step("`dialogue build`, its tables alone", folder,
                 dialogue, "build", "--as-of", time.strftime("%Y-%m-%d"), "--formats",
                 "csv,parquet", "--out", "release", str(packages / "app/bundled")),
            step("a table in pandas", folder, python, "-c", READ),
        ]  # fmt: skip
        seconds, cpu = (sum(part) for part in zip(*steps, strict=True))
        print(f"| in all | {seconds:.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
