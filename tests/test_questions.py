"""Questions that the record answers: each with its whole answer, the same on two engines.

`data/questions/<question>.trig` has a question in words and its query; its whole answer stands in
`tests/questions`: `<question>.csv` (SPARQL 1.1 Query Results CSV), or `<question>.nt` where the
answer is a graph. The order of rows counts where the query orders them.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from app import manifest
from app.namespaces import RDFS, SH
from app.record.record import read_file, read_record
from app.release import build

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "tests" / "questions"
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Question:
    """A question: its name, its words, its query, and the file of its answer."""

    name: str
    words: str
    query: str
    answer: Path


def read(path: Path) -> Question:
    """Return the one question of a file."""
    values = {q.predicate: q.object.value for q in read_file(path).quads}
    graph = SH.construct in values
    query = values[SH.construct if graph else SH.select]
    answer = ANSWERS / f"{path.stem}.{'nt' if graph else 'csv'}"
    return Question(path.stem, values[RDFS.comment], query, answer)


QUESTIONS = [read(path) for path in sorted((ROOT / "data" / "questions").glob("*.trig"))]
BY_NAME = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "release"
    build.build(read_record(ROOT), folder, formats=[])
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


def same(answer: str, question: Question) -> None:
    """Hold an answer to be the whole of what is expected, and nothing else."""
    expected = question.answer.read_text("utf-8")
    if question.answer.suffix == ".nt":
        assert sorted(filter(None, answer.splitlines())) == expected.splitlines()
        return
    found, wanted = rows(answer), rows(expected)
    ordered = "ORDER BY" in question.query
    assert found[0] == wanted[0]
    assert (found if ordered else sorted(found)) == (wanted if ordered else sorted(wanted))


def test_there_is_an_answer_to_every_question_and_no_other() -> None:
    assert len(QUESTIONS) > 60
    assert {question.answer for question in QUESTIONS} == set(ANSWERS.iterdir())


def test_a_question_is_asked_in_words() -> None:
    assert [question.name for question in QUESTIONS if not question.words.endswith("?")] == []


@BY_NAME
def test_oxigraph_gives_the_whole_answer(
    question: Question, store: ox.Store, prefixes: dict[str, str]
) -> None:
    found = store.query(question.query, prefixes=prefixes)
    if isinstance(found, ox.QueryTriples):
        text = found.serialize(format=ox.RdfFormat.N_TRIPLES)
    else:
        assert isinstance(found, ox.QuerySolutions)
        text = found.serialize(format=ox.QueryResultsFormat.CSV)
    same((text or b"").decode(), question)


@BY_NAME
def test_rdflib_gives_the_same_answer(
    question: Question, dataset: rdflib.Dataset, prefixes: dict[str, str]
) -> None:
    form = "nt" if question.answer.suffix == ".nt" else "csv"
    text = dataset.query(question.query, initNs=prefixes).serialize(format=form) or b""
    same(text.decode(), question)
