"""Who answers: the way to the peers, with a note of which of them could be reached.

One peer that does not answer has a fault of its own. When no peer does that was tried
since the last answer of any, the fault may be at this end: a person can be told so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from node.errors import UNREACHABLE, DeliveryError
from node.exchange.context import PeerLink

T = TypeVar("T")


class Reach:
    """A `PeerLink` that goes by way of another one."""

    def __init__(self, link: PeerLink) -> None:
        """Nobody has been tried yet."""
        self._link = link
        self._silent: set[str] = set()

    @property
    def silent(self) -> frozenset[str]:
        """The endpoints that were tried since any last answered, in vain."""
        return frozenset(self._silent)

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        """POST a protobuf body; return the answer's body, at most `limit` bytes."""
        return await self._noted(endpoint, self._link.post(endpoint, path, body, limit=limit))

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        """PUT streamed bytes under a signed request; return the answer's body."""
        return await self._noted(endpoint, self._link.put(endpoint, path, authorization, pieces))

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        """GET a public file; None when the peer does not have it."""
        return await self._noted(endpoint, self._link.get(endpoint, path, limit=limit))

    async def _noted(self, endpoint: str, call: Awaitable[T]) -> T:
        try:
            answer = await call
        except DeliveryError as error:
            if error.code == UNREACHABLE:
                self._silent.add(endpoint)
            else:
                self._silent.clear()
            raise
        self._silent.clear()
        return answer
