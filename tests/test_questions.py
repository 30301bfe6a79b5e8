"""Questions that the record answers: each with its whole answer, the same on two engines.

`tests/questions/<question>.rq` begins with the question in English; `<question>.csv` is its whole
answer (SPARQL 1.1 Query Results CSV). The order of rows counts where the query orders them.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from app import manifest
from app.record.record import read_record
from app.release import build

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = sorted((ROOT / "tests/questions").glob("*.rq"))
Rows = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "release"
    build.build(read_record(ROOT), folder)
    return folder


@pytest.fixture(scope="module")
def store(released: Path) -> ox.Store:
    loaded = ox.Store()
    loaded.bulk_load(path=str(released / manifest.DATASET), format=ox.RdfFormat.N_QUADS)
    return loaded


@pytest.fixture(scope="module")
def dataset(released: Path) -> rdflib.Dataset:
    loaded = rdflib.Dataset()
    loaded.parse(released / manifest.DATASET, format="nquads")
    return loaded


@pytest.fixture(scope="module")
def prefixes(released: Path) -> Mapping[str, str]:
    return manifest.read(released).prefixes


def rows(text: str) -> Rows:
    return [tuple(row) for row in csv.reader(io.StringIO(text))]


def same(found: Rows, wanted: Rows, query: str) -> None:
    ordered = "ORDER BY" in query
    assert found[0] == wanted[0]
    assert (found if ordered else sorted(found)) == (wanted if ordered else sorted(wanted))


def test_there_is_an_answer_to_every_question() -> None:
    assert QUESTIONS
    assert [q.with_suffix(".csv").is_file() for q in QUESTIONS] == [True] * len(QUESTIONS)
    assert len(list((ROOT / "tests/questions").glob("*.csv"))) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_oxigraph_gives_the_whole_answer(
    question: Path, store: ox.Store, prefixes: dict[str, str]
) -> None:
    query = question.read_text("utf-8")
    assert query.startswith("# ")
    assert query.splitlines()[0].endswith("?")
    found = store.query(query, prefixes=prefixes)
    assert isinstance(found, ox.QuerySolutions)
    text = (found.serialize(format=ox.QueryResultsFormat.CSV) or b"").decode()
    same(rows(text), rows(question.with_suffix(".csv").read_text("utf-8")), query)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_rdflib_gives_the_same_answer(
    question: Path, dataset: rdflib.Dataset, prefixes: dict[str, str]
) -> None:
    query = question.read_text("utf-8")
    text = dataset.query(query, initNs=prefixes).serialize(format="csv") or b""
    same(rows(text.decode()), rows(question.with_suffix(".csv").read_text("utf-8")), query)
