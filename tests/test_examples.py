"""The second record, in `examples/`, and the page that tells how it was made.

The files of `docs/your-own-record.md` are written and its commands run, in their order.
"""

import os
import re
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml

from app.namespaces import DLG
from app.record import inference
from app.record.record import read_record
from app.validation.check import Severity, check

from .test_documentation import commands, printed, run
from .test_readme import clone  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "visegrad"
PAGE = (ROOT / "docs/your-own-record.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"([^\n]*)\n\n```(console|trig)\n(.*?)```", PAGE, re.S)
ID = "https://example.org/visegrad/id/"
BUILDING = "Building a release of the record; it is kept for the next time.\n"


def test_the_second_record_keeps_every_rule() -> None:
    findings = check(read_record(EXAMPLE), as_of=date(2026, 11, 29))
    assert [str(f) for f in findings if f.severity >= Severity.VIOLATION] == []
    # What is left to find out; a warning of another kind would be news.
    assert {f.shape.short for f in findings} == {
        "dsh:Conference-number",
        "dsh:Declaration-version",
        "dsh:Document-label",
        # Names inflected in Croatian, and a first meeting that is called so in words.
        "dsh:Quote-names",
        "dsh:State-isFocusOf",
        "dsh:Topic-matched",
    }


def test_the_second_record_concludes_by_the_rules_of_the_program() -> None:
    store = ox.Store()
    store.extend(inference.dataset(read_record(EXAMPLE)))
    rows = store.query(
        """SELECT ?conference ?begins ?host ?next WHERE {
          ?conference a dlg:Conference ; dlg:begins ?begins ; dlg:hostState/skos:notation ?host .
          OPTIONAL { ?conference dlg:nextEdition ?next }
        } ORDER BY ?begins""",
        prefixes={"dlg": str(DLG), "skos": "http://www.w3.org/2004/02/skos/core#"},
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert [[getattr(term, "value", "").removeprefix(ID) for term in row] for row in rows] == [
        ["conference/visegrad-1990", "1990-04-01", "CSK", ""],
        ["conference/visegrad-1", "1991-02-15", "HUN", "conference/visegrad-2"],
        ["conference/visegrad-2", "1991-10-06", "POL", ""],
    ]


def test_the_second_record_speaks_of_itself_alone() -> None:
    ours = ("https://w3id.org/dialogue/id/", "https://w3id.org/dialogue/dataset")
    files = [p for p in EXAMPLE.rglob("*") if p.is_file() and "build" not in p.parts]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert [path for path, text in texts.items() if any(iri in text for iri in ours)] == []
    persons = [p for p, text in texts.items() if "dlg:Person" in text or "/person/x" in text]
    assert persons == []


def test_every_command_of_the_page_prints_what_is_shown(
    clone: Path,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    mine = tmp_path_factory.mktemp("own")
    first = next(text for _, language, text in BLOCKS if language == "console")
    assert commands(first) == [
        "make setup",
        'export PATH="$PWD/.venv/bin:$PATH" PROGRAM="$PWD"',
    ]
    path = f"{clone}/.venv/bin:{os.environ['PATH']}"
    ran = 0
    for words, language, text in BLOCKS:
        folder = mine / "visegrad" if (mine / "visegrad").is_dir() else mine
        if language == "trig":
            (name,) = re.findall(r"`(data/[\w./-]+\.trig)`", words)
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif text != first:
            block = f"$ export PROGRAM={clone}\n{text}"
            # That a release is made and kept is said once.
            told = run(block, folder, path).replace(BUILDING, "")
            assert told == printed(text)
            ran += len(commands(text))
    assert ran > 15
    # What the page builds up is part of the example.
    for name in ("sources/docslib-30-years.trig", "publishers/docslib.trig"):
        made = (mine / "visegrad/data" / name).read_text(encoding="utf-8")
        told = (EXAMPLE / "data" / name).read_text(encoding="utf-8")
        assert set(made.splitlines()) <= set(told.splitlines())


def test_the_workflow_of_a_new_record_runs_what_ours_runs_on_the_second() -> None:
    template = ROOT / "ontology/templates/example/.github/workflows/check.yml.j2"
    steps = yaml.safe_load(template.read_text(encoding="utf-8"))["jobs"]["record"]["steps"]
    theirs = [step["run"] for step in steps if step.get("run", "").startswith("dialogue ")]
    assert theirs == [
        "dialogue format --check",
        "dialogue check --format github",
        "dialogue build --out build/release",
    ]
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text(encoding="utf-8"))
    ours = [step.get("run", "") for step in workflow["jobs"]["record"]["steps"]]
    assert [
        f".venv/bin/{command.replace(' --out build/release', '')} --record examples/visegrad"
        + (" --out build/visegrad" if "build" in command else "")
        for command in theirs
    ] == [run for run in ours if "examples/visegrad" in run]
