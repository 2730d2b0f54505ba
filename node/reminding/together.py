"""Lets those who ask the same at the same moment share one answer.

Twenty desks renew themselves at once. Who asks while an answer is being worked out waits
for the next one, together with all others who do: so nobody gets an answer that was begun
before they asked, and no more than one is worked out at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """One question that many ask."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[T] | None = None

    async def ask(self, answer: Callable[[], Awaitable[T]]) -> T:
        """Return an answer that is begun from now on; it is shared, and must not be changed."""
        if self._next is None:
            self._next = asyncio.create_task(self._answer(answer))
        # Who stops waiting does not stop it for the others.
        return await asyncio.shield(self._next)

    async def _answer(self, answer: Callable[[], Awaitable[T]]) -> T:
        async with self._one_at_a_time:
            self._next = None
            return await answer()
