"""Two builds of one record give the same bytes, wherever, whenever and in whatever order they run.

`dialogue build` runs in processes of its own, in other folders, time zones, languages and with
other hash seeds; every file is compared, a database by what it holds.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "examples" / "visegrad"
ONE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
OTHER = {"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242"}
DATA = 'e:b <http://e.org/p> _:x , 1 . _:x <http://e.org/p> "é", [ ] . e:g { e:a e:b _:y, "z"@pt }'


def run(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-P", "-m", "app.cli", "build", "--as-of", "2027-01-02", *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder; of a database, what it holds."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _content(path) for path in files}


def _content(path: Path) -> bytes:
    if path.suffix not in (".sqlite", ".db"):
        return path.read_bytes()
    with sqlite3.connect(path) as database:
        return "\n".join(database.iterdump()).encode()


def test_a_record_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    # A record that lies in no repository: its commit is no matter of the machine either.
    first, second = tmp_path / "first", tmp_path / "elsewhere" / "second"
    for root in (first, second):
        shutil.copytree(RECORD, root)
    run(first, ONE, "--out", str(tmp_path / "one"))
    run(tmp_path, OTHER, "--out", str(tmp_path / "other"), "--record", str(second))
    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
    assert {"dialogue.rdf", "dialogue.jsonld.gz", "dialogue-rdf12.ttl"} < one.keys()


def test_rdf_of_others_gives_the_same_bytes_everywhere(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for file in (tmp_path / "a.trig", tmp_path / "b" / "a.trig"):
        file.write_text(f"@prefix e: <http://e.org/> . {DATA}", encoding="utf-8")
    run(tmp_path, ONE, "--out", str(tmp_path / "one"), "a.trig")
    run(tmp_path / "b", OTHER, "--out", str(tmp_path / "other"), "a.trig")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    (tmp_path / "a.trig").write_text("<e:a> <e:p> 1 .", encoding="utf-8")
    run(tmp_path, ONE, "--out", str(tmp_path / "one"), "a.trig")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")
