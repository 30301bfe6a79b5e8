"""Answers to queries: kept while a release is served, and computed once however many ask."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.engine import Answer, AnswerTruncated, Engine
from app.engine.query import Kind, Query
from app.errors import Rejected
from app.web.cache import ByteCache, Content

# What an answer is called by: an entity tag for each kind that it may turn out to be.
Tags = Mapping[Kind, str]


@dataclass(frozen=True)
class WholeAnswer:
    """An answer that is kept: its media type, its tag and its content; `fresh` if just computed."""

    kind: Kind
    tag: str
    content: Content
    fresh: bool = False


class Answers:
    """The answers of one release's engine."""

    def __init__(self, engine: Engine, cache: ByteCache) -> None:
        self._engine, self._cache = engine, cache

    def find(self, tags: Tags) -> WholeAnswer | None:
        """Return the answer that is here, if there is one: a query has one kind of answer."""
        for kind, tag in tags.items():
            if (content := self._cache.get(tag)) is not None:
                return WholeAnswer(kind, tag, content)
        return None

    async def run(self, query: Query, tags: Tags, deadline: float) -> WholeAnswer | Answer:
        """Return the answer to a query that is called by `tags`.

        `deadline` is on the event loop's clock. A long answer, or one that may differ next time, is
        an answer of the engine's, for this caller alone. Who joins another that asks the same has
        its own time all the same. Raises Rejected.
        """
        if (known := self.find(tags)) is not None:
            return known
        if query.unchanged:
            # Its answer may have no bytes for anybody else.
            return await self._engine.run(query, deadline=deadline)
        key = tuple(tags.values())

        async def work() -> WholeAnswer | _Unshared:
            return await self._compute(query, tags, deadline)

        while True:
            led = not self._cache.flights.is_under_way(key)
            try:
                outcome = await self._cache.flights.join(key, work, _close)
            except Rejected as refused:
                # What was refused to one client is not refused to another, who may have more time.
                more = refused.timed_out and asyncio.get_running_loop().time() < deadline
                if led or not (refused.passing or more):
                    raise
                continue
            if isinstance(outcome, WholeAnswer):
                return outcome
            # It is of one, and the others ask for themselves.
            return outcome.take() or await self._engine.run(query, deadline=deadline)

    async def _compute(
        self, query: Query, tags: Tags, deadline: float
    ) -> "WholeAnswer | _Unshared":
        answer = await self._engine.run(query, deadline=deadline)
        if answer.volatile or answer.length is None:
            return _Unshared(answer)
        try:
            content = Content(await answer.read(), answer.capped)
        except AnswerTruncated as cut:
            # Nothing of it was shown to anybody.
            raise cut.problem from None
        self._cache.put(tags[answer.kind], content)
        return WholeAnswer(answer.kind, tags[answer.kind], content, fresh=True)


class _Unshared:
    """An answer that can be read once."""

    def __init__(self, answer: Answer) -> None:
        self._answer: Answer | None = answer

    def take(self) -> Answer | None:
        """Return the answer to who asks first, None to the others."""
        answer, self._answer = self._answer, None
        return answer


def _close(outcome: WholeAnswer | _Unshared) -> None:
    if isinstance(outcome, _Unshared) and (answer := outcome.take()) is not None:
        task = asyncio.get_running_loop().create_task(answer.close())
        _CLOSING.add(task)
        task.add_done_callback(_CLOSING.discard)


# The event loop holds tasks weakly.
_CLOSING: set[asyncio.Task[None]] = set()
