"""The engines by their names."""

from collections.abc import Callable, Iterable

import pyoxigraph as ox

from app.errors import Fault
from app.validation.engines.base import Outcome
from app.validation.engines.native import Graph, compile_shapes, evaluate


def run(shapes: Iterable[ox.Triple], data: Graph, engine: str) -> Outcome:
    """Return what an engine gives: `native`, or the referee `pyshacl`. Raises Fault for another."""
    engines: dict[str, Callable[[Iterable[ox.Triple], Graph], Outcome]] = {
        "native": _native,
        "pyshacl": _pyshacl,
    }
    if engine not in engines:
        raise Fault(f"{engine}: no engine of this name; there are {', '.join(engines)}")
    return engines[engine](shapes, data)


def _native(shapes: Iterable[ox.Triple], data: Graph) -> Outcome:
    plan = compile_shapes(shapes)
    evaluation = evaluate(plan, data)
    results = tuple(evaluation)
    problems = (*plan.problems, *evaluation.problems)
    return Outcome(results, evaluation.ran, problems, evaluation.notes)


def _pyshacl(shapes: Iterable[ox.Triple], data: Graph) -> Outcome:
    # Loaded by need: it takes longer to load than most files take to check.
    from app.validation.engines import pyshacl

    return pyshacl.validate(shapes, data)
