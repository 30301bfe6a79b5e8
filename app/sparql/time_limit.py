"""The time that a client gives its answer."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from app import errors

T = TypeVar("T")


async def within(seconds: float | None, answer: Awaitable[T]) -> T:
    """Return an answer, or give it up after so many seconds; None leaves the limit to others.

    Raises Rejected with these seconds where they were too few, and as `answer` does.
    """
    if seconds is None:
        return await answer
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await answer
    except TimeoutError:
        if not limit.expired():
            raise
        raise errors.query_timeout(seconds) from None
