"""Answers that several wait for: each has the time that it was given."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from shop import DATA, MANY, lay

from app.engine.engine import Answer, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.rdf.formats import CSV
from app.settings import load
from app.sparql.answers import Answers, WholeAnswer
from app.web.cache import ByteCache

# It computes for longer than the engine takes to see that time is up.
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ex:number ?x . ?b ex:number ?y FILTER(STRLEN(?y) < 4) }"
LINES = b"n\r\n3000000\r\n"


def at_once(folder: Path, seconds: Sequence[float]) -> tuple[list[object], dict[str, int]]:
    """Return what each is told who asks at the same time, with so many seconds, and the engine's
    own count of how queries ended."""

    def told(outcome: WholeAnswer | Answer | BaseException) -> object:
        if isinstance(outcome, WholeAnswer):
            return outcome.content.body
        return outcome.kind if isinstance(outcome, Rejected) else outcome

    async def run() -> tuple[list[object], dict[str, int]]:
        engine = Engine(lay(folder, DATA + MANY), load())
        await engine.start()
        answers = Answers(engine, ByteCache(10_000))
        query, tags = Query(HEAVY, {Kind.BINDINGS: CSV}), {Kind.BINDINGS: '"heavy"'}
        now = asyncio.get_running_loop().time()
        try:
            outcomes = await asyncio.gather(
                *(answers.run(query, tags, now + more) for more in seconds), return_exceptions=True
            )
            return [told(outcome) for outcome in outcomes], dict(engine.counts().outcomes)
        finally:
            await engine.stop()

    return asyncio.run(run())


def test_who_has_time_left_is_answered_when_that_of_the_first_is_up(tmp_path: Path) -> None:
    told, outcomes = at_once(tmp_path / "release", [0, 300, 0, 300])
    assert told == ["query-timeout", LINES, "query-timeout", LINES]
    # Once more for both who have, and not for who has none.
    assert outcomes == {"query-timeout": 1, "answered": 1}


def test_who_joins_what_goes_on_is_answered_with_the_first(tmp_path: Path) -> None:
    told, outcomes = at_once(tmp_path / "release", [300, 0])
    assert told == [LINES, LINES]
    assert outcomes == {"answered": 1}


def test_what_takes_too_long_for_all_is_refused_to_all_and_tried_once(tmp_path: Path) -> None:
    told, outcomes = at_once(tmp_path / "release", [0, 0, 0])
    assert told == ["query-timeout"] * 3
    assert outcomes == {"query-timeout": 1}
