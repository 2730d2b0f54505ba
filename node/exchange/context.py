"""What the use cases of one node share, and what they ask of the outside.

Time, randomness and the network come in through these interfaces, so that the
simulator can drive the same code under a seeded clock and a bad network.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from node.errors import DeliveryError
from node.exchange.clocks import PeerClocks
from node.exchange.logbook import LogBook
from node.exchange.trust import Trust
from node.store.blobs import BlobStore
from node.store.db import Runner, Store
from protocol.ids import NodeId


class Clock(Protocol):
    """The time."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""


class Randomness(Protocol):
    """A source of unpredictable bytes (os.urandom, or a seeded one in the simulator)."""

    def __call__(self, size: int, /) -> bytes: ...


class PeerLink(Protocol):
    """The way to a peer's node. Every method raises `DeliveryError` on failure."""

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        """POST a protobuf body; return the answer's body, at most `limit` bytes."""

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        """PUT streamed bytes under a signed request; return the answer's body."""

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        """GET a public file; None when the peer does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One node's parts, as the use cases see them."""

    node_id: NodeId
    transport_seed: bytes
    clock: Clock
    random: Randomness
    store: Store
    blobs: BlobStore
    logbook: LogBook
    trust: Trust
    link: PeerLink
    clocks: PeerClocks
    compute: Runner
    """Runs blocking work on many cores; order does not matter."""
    disk: Runner
    """Runs blocking work on files."""

    def endpoint_of(self, peer: NodeId) -> str:
        """Return the base address of a peer's node, as the directory has it now.

        Raises:
            DeliveryError: the directory has no such member, or no address of it.
        """
        member = self.trust.directory.member(peer)
        if member is None:
            raise DeliveryError("unknown_peer", "the directory has no such member", retryable=True)
        if not member.endpoints:
            raise DeliveryError("no_endpoint", "the member has no address", retryable=True)
        return member.endpoints[0].rstrip("/")
