"""The referee: that it leaves the process as it was, and finds what our engine finds."""

import logging
import shutil
from pathlib import Path

import pytest
import rdflib
from pyshacl.constraints.constraint_component import ConstraintComponent

from app.errors import Fault
from app.record import inference
from app.record.record import read_record
from app.validation.check import Options, examine
from app.validation.engines.engine import run
from app.validation.engines.native import Graph

PROJECT = Path(__file__).parents[3]
SHAPES = "@prefix : <urn:> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"


def judged(tmp_path: Path, shapes: str, data: str) -> int:
    (tmp_path / "shapes.ttl").write_text(SHAPES + shapes, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(data, encoding="utf-8")
    files = [tmp_path / "data.ttl"], [tmp_path / "shapes.ttl"]
    checked = examine(*files, Options(engine="pyshacl"))
    return -1 if checked.faults else len(checked.findings)


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    def state() -> tuple[object, ...]:
        loggers = [logging.getLogger(name) for name in ("rdflib.term", "pyshacl-validate")]
        return (
            rdflib.NORMALIZE_LITERALS,
            dict(rdflib.term._toPythonMapping),
            vars(ConstraintComponent)["_format_sparql_based_result_message"],
            [(logger.level, logger.disabled, list(logger.handlers)) for logger in loggers],
        )

    before = state()
    data = "<urn:a> <urn:p> 'x' ."
    shapes = ":S a sh:PropertyShape ; sh:targetNode :a ; sh:path :q ; sh:minCount 1 ."
    assert judged(tmp_path, shapes, data) == 1
    assert judged(tmp_path, shapes.replace(":q", ":p"), data) == 0
    broken = ":S a sh:NodeShape ; sh:targetNode :a ; sh:sparql [ sh:select 'SELECT { ' ] ."
    assert judged(tmp_path, broken, data) == -1
    assert state() == before


def test_a_query_that_would_leave_the_machine_is_refused(tmp_path: Path) -> None:
    query = "SELECT $this { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }"
    shapes = f":S a sh:NodeShape ; sh:targetNode :a ; sh:sparql [ sh:select '{query}' ] ."
    with pytest.raises(Fault, match="SERVICE"):
        judged(tmp_path, shapes, "<urn:a> <urn:p> 'x' .")


def test_both_engines_find_the_same_in_a_record_with_faults(tmp_path: Path) -> None:
    for name in ("ontology", "shapes"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copytree(PROJECT / "tests/cases/base", tmp_path, dirs_exist_ok=True)
    conference = tmp_path / "data/conferences/forum-1.trig"
    text = conference.read_text(encoding="utf-8")
    text = text.replace("dlg:hostState state:PRT", "dlg:hostState state:MAR")
    text = text.replace("dlg:ordinal 1", "dlg:ordinal 2").replace("2015-05-19", "2016-09-19")
    conference.write_text(text, encoding="utf-8")
    record = read_record(tmp_path)
    held = inference.held(inference.quads((*record.data, *record.ontology)))
    graph = Graph([*held, *inference.bounds(held)])
    shapes = [quad.triple for document in record.shapes for quad in document.quads]
    ours, theirs = (
        sorted(
            str((r.focus, r.path, r.value, r.shape, r.component, r.severity))
            for r in run(shapes, graph, engine).results
        )
        for engine in ("native", "pyshacl")
    )
    assert ours == theirs
    assert len(ours) > 5
