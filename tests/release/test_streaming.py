"""A release of much RDF: what it takes in memory grows by little with each triple.

A million triples are measured by `tests/benchmark_release.py`; here as many as show how it grows.
"""

from pathlib import Path

import benchmark_release
import generated

from app.release.bundle import bundle

FEW, MANY = 20_000, 80_000
AT_MOST = 900
"""Bytes a triple, which leaves a million below a gigabyte."""
FORMATS = "trig", "turtle", "ntriples", "rdfxml", "context", "jsonld"


def test_memory_grows_by_the_text_of_a_triple_and_not_by_its_objects(tmp_path: Path) -> None:
    memory = {}
    for triples in (FEW, MANY):
        file = generated.write(tmp_path / f"{triples}.nt", triples)
        cost = benchmark_release.build(
            file, tmp_path / f"release-{triples}", "--check", "--formats", ",".join(FORMATS)
        )
        memory[triples] = cost.memory
    assert (memory[MANY] - memory[FEW]) / (MANY - FEW) < AT_MOST


def test_the_share_that_is_done_grows_until_all_is(tmp_path: Path) -> None:
    file = generated.write(tmp_path / "a.nt", FEW)
    shares: list[float] = []
    bundle([file], "http://e.org/", tmp_path / "out", shares.append, formats=None, prove=True)
    assert shares == sorted(shares)
    assert (len(shares) > 20, shares[-1]) == (True, 1)
