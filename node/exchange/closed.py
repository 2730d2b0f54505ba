"""Links without a network, for nodes of which everything is invented.

Whatever settings, directory or command say: a training node has no way to a peer's node.
`ClosedLink` reaches nobody. `TownLink` joins training nodes of one process while their
invented past is made, and takes in no other node.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn, Protocol

from node.errors import TRAINING, DeliveryError
from node.exchange.context import PeerLink
from node.exchange.service import PeerService
from protocol.ids import NodeId
from protocol.training import is_training


class ClosedLink:
    """A `PeerLink` that reaches nobody."""

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        """Refuse."""
        del endpoint, path, body, limit
        _refuse()

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        """Refuse."""
        del endpoint, path, authorization, pieces
        _refuse()

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        """Refuse."""
        del endpoint, path, limit
        _refuse()


class Neighbour(Protocol):
    """What the link needs of a node in the same process."""

    @property
    def service(self) -> PeerService: ...


class TownLink(ClosedLink):
    """Reaches the training nodes of this process that were let in."""

    def __init__(self) -> None:
        """Let nobody in yet."""
        self._services: dict[str, PeerService] = {}

    def let_in(self, endpoint: str, node_id: NodeId, node: Neighbour) -> None:
        """Let a node be reached.

        Raises:
            ValueError: it is no training node.
        """
        if not is_training(node_id):
            raise ValueError("only training nodes live here")
        self._services[endpoint] = node.service

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        """Hand the body to the node's service."""
        service = self._of(endpoint)
        is_batch = path == "/hw1/envelopes"
        answer = await (service.envelopes(body) if is_batch else service.requests(body))
        if len(answer) > limit:
            raise DeliveryError("too_large", "the answer is too large", retryable=True)
        return answer

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        """Hand the pieces to the node's service."""
        del path
        return await self._of(endpoint).blobs(authorization, pieces)

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        """Return the node's descriptor; the directory does not change here."""
        del limit
        return await self._of(endpoint).descriptor() if path == "/hw1/descriptor" else None

    def _of(self, endpoint: str) -> PeerService:
        service = self._services.get(endpoint)
        if service is None:
            _refuse()
        return service


def link_of(node_id: NodeId, link: PeerLink) -> PeerLink:
    """Return the link that a node may use."""
    if not is_training(node_id) or isinstance(link, TownLink):
        return link
    return ClosedLink()


def _refuse() -> NoReturn:
    raise DeliveryError(TRAINING, "this is a training home: nothing leaves it", retryable=True)
